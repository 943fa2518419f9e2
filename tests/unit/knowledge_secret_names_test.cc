#include "knowledge/secret_names.h"

#include "knowledge/table.h"

#include <gtest/gtest.h>

namespace aethel {
namespace data {
extern const std::string_view secret_names;
}
namespace {

TEST(NameWords, splits_at_separators_and_humps) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(name_words("OPENAI_API_KEY"), (Words{"openai", "api", "key"}));
  EXPECT_EQ(name_words("openaiAPIKey"), (Words{"openai", "api", "key"}));
  EXPECT_EQ(name_words("spring.datasource.password"), (Words{"spring", "datasource", "password"}));
  EXPECT_EQ(name_words("PGPASSWORD"), (Words{"pg", "password"}));
  EXPECT_EQ(name_words("XE_GR_AUTHTOKEN"), (Words{"xe", "gr", "auth", "token"}));
  EXPECT_EQ(name_words("ConnectionStrings__Default"), (Words{"connection", "strings", "default"}));
  EXPECT_EQ(name_words("dbPassword"), (Words{"db", "password"}));
  EXPECT_EQ(name_words(""), Words{});
  EXPECT_EQ(name_words("__"), Words{});
}

TEST(NameKind, finds_secrets) {
  for (const char* name : {"DB_PASSWORD",
                           "POSTGRES_PASSWORD",
                           "PGPASSWORD",
                           "MYSQL_ROOT_PASSWORD",
                           "SMTP_PASS",
                           "DB_PASS",
                           "DB_PWD",
                           "EMAIL_HOST_PASSWORD",
                           "RABBITMQ_DEFAULT_PASS",
                           "GF_SECURITY_ADMIN_PASSWORD",
                           "ME_CONFIG_MONGODB_ADMINPASSWORD",
                           "REDIS_PASSWORD",
                           "PIHOLE_PW",
                           "SSH_PASSPHRASE",
                           "JWT_SECRET",
                           "JWT_SECRETS",
                           "NEXTAUTH_SECRET",
                           "AUTH_SECRET",
                           "SECRET",
                           "TOKEN",
                           "PASSWORD",
                           "API_KEY",
                           "SESSION_SECRET",
                           "SECRET_KEY",
                           "SECRET_KEY_BASE",
                           "DJANGO_SECRET_KEY",
                           "APP_KEY",
                           "APP_KEYS",
                           "APP_SECRET",
                           "STRIPE_SECRET_KEY",
                           "STRIPE_WEBHOOK_SECRET",
                           "STRIPE_API_KEY",
                           "OPENAI_API_KEY",
                           "OPENAI_APIKEY",
                           "ANTHROPIC_API_KEY",
                           "GOOGLE_AI_KEY",
                           "AWS_SECRET_ACCESS_KEY",
                           "S3_SECRET_KEY",
                           "DO_ACCESS_KEY_SECRET",
                           "GITHUB_TOKEN",
                           "HF_TOKEN",
                           "SLACK_BOT_TOKEN",
                           "TWILIO_AUTH_TOKEN",
                           "TELEGRAM_BOT_TOKEN",
                           "SUPABASE_SERVICE_ROLE_KEY",
                           "INTERNAL_SERVICE_KEY",
                           "MASTER_ENCRYPTION_KEY",
                           "AUTH_MFA_ENCRYPTION_KEY",
                           "RAILS_MASTER_KEY",
                           "JWT_PRIVATE_KEY",
                           "VAPID_PRIVATE_KEY",
                           "SSH_PRIVATE_KEY",
                           "GOOGLE_CREDENTIALS",
                           "AZURE_CREDENTIALS",
                           "RABBITMQ_ERLANG_COOKIE",
                           "NEW_RELIC_LICENSE_KEY",
                           "PAGERDUTY_ROUTING_KEY",
                           "CRON_SECRET",
                           "KV_REST_API_TOKEN",
                           "BINANCE_SECRET",
                           "LAUNCHPAD_RPC_SHARED_SECRET",
                           "JOB_HMAC_GLOBAL_SECRET",
                           "AUTH_SALT",
                           "AZURE_STORAGE_ACCOUNT_KEY",
                           "PASSWORD_RESET_SECRET",
                           "RESET_TOKEN_SECRET",
                           "VERIFY_TOKEN",
                           "db-password",
                           "jwt-secret",
                           "dbPassword",
                           "clientSecret",
                           "adminPassword",
                           "apiKey",
                           "spring.datasource.password",
                           "GOOGLE_CLIENT_SECRET",
                           "STRIPE_SECRET_KEY_TEST",
                           "API_KEY_2",
                           "SENTRY_AUTH_TOKEN",
                           "NO_REPLY_SMTP_PASSWORD",
                           "BLOB_READ_WRITE_TOKEN",
                           "CSRF_SECRET",
                           "SENHA",
                           "BANCO_SENHA",
                           "DB_PASSWORD_PROD"})
    EXPECT_EQ(name_kind(name), NameKind::secret) << name;
}

TEST(NameKind, finds_addresses_that_may_hold_a_password) {
  for (const char* name : {"DATABASE_URL",
                           "DATABASE_URI",
                           "DIRECT_DATABASE_URL",
                           "DIRECT_URL",
                           "SHADOW_DATABASE_URL",
                           "POSTGRES_URL",
                           "POSTGRES_PRISMA_URL",
                           "POSTGRES_URL_NON_POOLING",
                           "PG_URL",
                           "MYSQL_URL",
                           "MONGO_URL",
                           "MONGODB_URI",
                           "REDIS_URL",
                           "REDIS_TLS_URL",
                           "AMQP_URL",
                           "RABBITMQ_URL",
                           "CLOUDAMQP_URL",
                           "CELERY_BROKER_URL",
                           "CELERY_RESULT_BACKEND",
                           "CLICKHOUSE_URL",
                           "SQLALCHEMY_DATABASE_URI",
                           "DATABASE_DSN",
                           "SPRING_DATASOURCE_URL",
                           "SMTP_URL",
                           "EMAIL_SERVER",
                           "MAILER_DSN",
                           "MESSENGER_TRANSPORT_DSN",
                           "AZURE_STORAGE_CONNECTION_STRING",
                           "ConnectionStrings__Default",
                           "ConnectionStrings__DefaultConnection",
                           "SLACK_WEBHOOK_URL",
                           "DISCORD_WEBHOOK_URL",
                           "DATABASE_URL_STAGING",
                           "PROD_DATABASE_URL",
                           "DATA_SOURCE_NAME",
                           "RENDER_STAGING_DEPLOY_HOOK_URL",
                           "KV_URL",
                           "databaseUrl"})
    EXPECT_EQ(name_kind(name), NameKind::url_with_credentials) << name;
}

TEST(NameKind, keeps_silent_about_everything_else) {
  for (const char* name : {"",
                           "PATH",
                           "PWD",
                           "OLDPWD",
                           "HOME",
                           "PORT",
                           "NODE_ENV",
                           "KEY",
                           "DB_USER",
                           "DB_NAME",
                           "SENTRY_DSN",
                           "NEXT_PUBLIC_SENTRY_DSN",
                           "NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY",
                           "NEXT_PUBLIC_POSTHOG_KEY",
                           "VITE_API_KEY",
                           "REACT_APP_TOKEN",
                           "EXPO_PUBLIC_API_KEY",
                           "STRIPE_PUBLISHABLE_KEY",
                           "SUPABASE_ANON_KEY",
                           "JWT_PUBLIC_KEY",
                           "VAPID_PUBLIC_KEY",
                           "RECAPTCHA_SITE_KEY",
                           "AWS_ACCESS_KEY_ID",
                           "MINIO_ACCESS_KEY",
                           "DO_ACCESS_KEY_ID",
                           "POSTGRES_PASSWORD_FILE",
                           "MYSQL_ROOT_PASSWORD_FILE",
                           "SSH_PRIVATE_KEY_PATH",
                           "GOOGLE_APPLICATION_CREDENTIALS",
                           "AWS_SHARED_CREDENTIALS_FILE",
                           "API_KEY_PREFIX",
                           "API_KEY_RATE_LIMIT_MAX",
                           "API_KEY_HEADER",
                           "TOKEN_EXPIRY",
                           "JWT_EXPIRES_IN",
                           "JWT_SECRET_EXPIRES_IN",
                           "ACCESS_TOKEN_EXPIRE_MINUTES",
                           "API_AUTH_TOKEN_TTL_MINUTES",
                           "PASSWORD_MIN_LENGTH",
                           "MIN_PASSWORD_LENGTH",
                           "PASSWORD_HASH_ROUNDS",
                           "AUTH_BCRYPT_SALT_ROUNDS",
                           "SECRET_NAME",
                           "TLS_SECRET_NAME",
                           "SECRET_ARN",
                           "IMAGE_PULL_SECRET",
                           "imagePullSecrets",
                           "existingSecret",
                           "tlsSecret",
                           "API_CSRF_COOKIE_NAME",
                           "CSRF_TOKEN",
                           "id-token",
                           "MAX_TOKENS",
                           "TOKENIZERS_PARALLELISM",
                           "PAD_TOKEN",
                           "NEXT_TOKEN",
                           "ALLOW_EMPTY_PASSWORD",
                           "MYSQL_ALLOW_EMPTY_PASSWORD",
                           "MYSQL_RANDOM_ROOT_PASSWORD",
                           "USE_TOKEN",
                           "REQUIRE_PASSWORD",
                           "ENABLE_BASIC_AUTH",
                           "persist-credentials",
                           "CORS_ALLOW_CREDENTIALS",
                           "NGINX_PROXY_PASS",
                           "BYPASS",
                           "COMPASS_URL",
                           "CACHE_KEY",
                           "PRIMARY_KEY",
                           "PARTITION_KEY",
                           "S3_OBJECT_KEY",
                           "PROOF_MANIFEST_KMS_KEY",
                           "RABBITMQ_ROUTING_KEY",
                           "PUSHER_APP_KEY",
                           "FIREBASE_API_KEY",
                           "ASTRA_DB_KEYSPACE",
                           "SEGMENT_WRITE_KEY",
                           "ALGOLIA_SEARCH_API_KEY",
                           "API_URL",
                           "WEBHOOK_URL",
                           "NEXTAUTH_URL",
                           "AUTH_URL",
                           "STRIPE_SUCCESS_URL",
                           "SUPABASE_URL",
                           "TWILIO_ACCOUNT_SID",
                           "KEYBOARD",
                           "MONKEY",
                           "PASSENGERS",
                           "SECRETARY",
                           "EMAIL_SERVER_HOST",
                           "DATABASE_URL_FILE",
                           "REDIS_HOST",
                           "SECRETS",
                           "VAPID_PUBLIC",
                           "SSL_KEY",
                           "tls.key"})
    EXPECT_EQ(name_kind(name), NameKind::no) << name;
}

TEST(IsPublicName, is_decided_by_the_prefix) {
  EXPECT_TRUE(is_public_name("NEXT_PUBLIC_API_KEY"));
  EXPECT_TRUE(is_public_name("VITE_TOKEN"));
  EXPECT_TRUE(is_public_name("REACT_APP_SECRET"));
  EXPECT_FALSE(is_public_name("ALLOW_EMPTY_PASSWORD"));
  EXPECT_FALSE(is_public_name("STRIPE_SECRET_KEY"));
}

TEST(SecretNameTable, is_well_formed) {
  const knowledge::Table table(data::secret_names);
  EXPECT_GT(table.rows().size(), 200u);
  EXPECT_LT(data::secret_names.size(), 65536u);
}

} // namespace
} // namespace aethel
