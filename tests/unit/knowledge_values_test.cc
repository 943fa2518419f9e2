#include "knowledge/values.h"

#include "knowledge/credentials.h"
#include "knowledge/hosts.h"
#include "knowledge/passwords.h"
#include "knowledge/placeholders.h"
#include "knowledge/shapes.h"
#include "knowledge/table.h"
#include "knowledge/variables.h"

#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <cstdint>

namespace aethel {
namespace data {
extern const std::string_view credentials;
extern const std::string_view hosts;
extern const std::string_view known_values;
extern const std::string_view name_groups;
extern const std::string_view placeholders;
extern const std::string_view variables;
extern const std::string_view weak_passwords;
} // namespace data
namespace {

// Credentials are made when the test runs, so that no scanner finds any in this file.
constexpr std::string_view hex = "0123456789abcdef";
constexpr std::string_view alnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string random_text(std::string_view alphabet, std::size_t size, std::uint64_t seed = 1) {
  std::string out;
  std::uint64_t state = seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
  for (std::size_t i = 0; i < size; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    out += alphabet[(state >> 11) % alphabet.size()];
  }
  return out;
}

std::string base64url(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += digits[bits >> (count - 6) & 63];
  }
  if (count > 0) out += digits[bits << (6 - count) & 63];
  return out;
}

std::string web_token(std::string_view payload, std::uint64_t seed = 1) {
  return base64url(R"({"alg":"HS256","typ":"JWT"})") + '.' + base64url(payload) + '.' +
         random_text(alnum, 43, seed);
}

std::string name(ValueKind kind) {
  constexpr std::array<const char*, 8> names = {"credential", "placeholder", "weak",  "test",
                                                "reserved",   "localhost",   "empty", "ordinary"};
  return names[static_cast<std::size_t>(kind)];
}

struct Case {
  std::string name;
  std::string value;
  const char* kind;
};

void check(const std::vector<Case>& cases) {
  for (const Case& row : cases) {
    const Value value = classify(row.name, row.value);
    EXPECT_EQ(name(value.kind), row.kind)
        << row.name << "=" << row.value << " (" << value.id << ")";
    EXPECT_LE(value.range.end, row.value.size());
    const Description words = masked(value);
    EXPECT_FALSE(words.en.empty());
    EXPECT_FALSE(words.pt.empty());
  }
}

TEST(Classify, finds_credentials_by_their_form) {
  const std::string pem = "-----BEGIN " + std::string("RSA PRIVATE KEY-----\\n") +
                          random_text(alnum, 400) + "\\n-----END RSA PRIVATE KEY-----";
  check({
      {"AWS_ACCESS_KEY_ID", std::string("AK") + "IA" + random_text(upper, 16), "credential"},
      {"AWS_SECRET_ACCESS_KEY", random_text(alnum, 40, 3), "credential"},
      {"GITHUB_TOKEN", std::string("gh") + "p_" + random_text(alnum, 36), "credential"},
      {"CI_TOKEN", std::string("github") + "_pat_" + random_text(alnum, 82), "credential"},
      {"ANYTHING", std::string("gh") + "o_" + random_text(alnum, 36), "credential"},
      {"GITLAB_PAT", std::string("gl") + "pat-" + random_text(alnum, 20), "credential"},
      {"SLACK_BOT_TOKEN",
       std::string("xo") + "xb-" + random_text("0123456789", 12) + "-" + random_text(alnum, 24),
       "credential"},
      {"SLACK_WEBHOOK_URL",
       std::string("https://hooks.slack") + ".com/services/T" + random_text(upper, 9) + "/B" +
           random_text(upper, 9) + "/" + random_text(alnum, 24),
       "credential"},
      {"STRIPE_SECRET_KEY", std::string("sk") + "_live_" + random_text(alnum, 24), "credential"},
      {"CLERK_SECRET_KEY", std::string("sk") + "_live_" + random_text(alnum, 42), "credential"},
      {"STRIPE_WEBHOOK_SECRET", std::string("wh") + "sec_" + random_text(alnum, 32), "credential"},
      {"SENDGRID_API_KEY",
       std::string("S") + "G." + random_text(alnum, 22) + "." + random_text(alnum, 43),
       "credential"},
      {"OPENAI_API_KEY", std::string("sk") + "-proj-" + random_text(alnum, 120), "credential"},
      {"OPENAI_API_KEY", std::string("sk") + "-" + random_text(alnum, 48), "credential"},
      {"DEEPSEEK_API_KEY", std::string("sk") + "-" + random_text(hex, 32), "credential"},
      {"ANTHROPIC_API_KEY", std::string("sk") + "-ant-api03-" + random_text(alnum, 95),
       "credential"},
      {"GOOGLE_API_KEY", std::string("AI") + "za" + random_text(alnum, 35), "credential"},
      {"NPM_TOKEN", std::string("np") + "m_" + random_text(alnum, 36), "credential"},
      {"TELEGRAM_BOT_TOKEN", random_text("0123456789", 10) + ":" + random_text(alnum, 35),
       "credential"},
      {"RESEND_API_KEY",
       std::string("re") + "_" + random_text(alnum, 8) + "_" + random_text(alnum, 24),
       "credential"},
      {"DIGITALOCEAN_TOKEN", std::string("dop") + "_v1_" + random_text(hex, 64), "credential"},
      {"HF_TOKEN", std::string("h") + "f_" + random_text(alnum.substr(0, 52), 34), "credential"},
      {"GROQ_API_KEY", std::string("gs") + "k_" + random_text(alnum, 52), "credential"},
      {"ASAAS_API_KEY", std::string("$aact") + "_prod_" + random_text(alnum, 120), "credential"},
      {"JWT_PRIVATE_KEY", pem, "credential"},
      {"SOME_FILE", pem, "credential"},
      {"SUPABASE_SERVICE_ROLE_KEY",
       web_token(R"({"iss":"supabase","role":"service_role","exp":1983812996})"), "credential"},
      {"API_TOKEN", web_token(R"({"sub":"deploy","iat":1700000000})"), "credential"},
      {"COMMAND",
       "curl -H 'Authorization: Bearer " + std::string("gh") + "p_" + random_text(alnum, 36) +
           "' x",
       "credential"},
      {"CLONE_URL",
       "https://x:" + std::string("gh") + "p_" + random_text(alnum, 36) + "@github.com/o/r",
       "credential"},
      // by their randomness, under the name of a secret
      {"NEXTAUTH_SECRET", random_text(alnum, 44), "credential"},
      {"SESSION_SECRET", random_text(hex, 64), "credential"},
      {"DB_PASSWORD", random_text(hex, 24), "credential"},
      {"DB_PASSWORD", random_text(alnum, 20, 5), "credential"},
      {"APP_KEY", "base64:" + random_text(alnum, 43) + "=", "ordinary"},
      {"DATABASE_URL", "postgresql://app:" + random_text(hex, 32) + "@db:5432/app", "credential"},
      {"HEROKU_API_KEY", "3f2b8c1e-9d47-4a60-8e15-c07b6f4d92aa", "credential"},
      // the same texts where they are no secrets
      {"GIT_COMMIT", random_text(hex, 40), "ordinary"},
      {"IMAGE_DIGEST", "sha256:" + random_text(hex, 64), "ordinary"},
      {"TENANT_ID", "3f2b8c1e-9d47-4a60-8e15-c07b6f4d92aa", "ordinary"},
      {"NEXT_PUBLIC_FIREBASE_API_KEY", std::string("AI") + "za" + random_text(alnum, 35),
       "ordinary"},
      {"FIREBASE_API_KEY", std::string("AI") + "za" + random_text(alnum, 35), "ordinary"},
      {"STRIPE_PUBLISHABLE_KEY", std::string("pk") + "_live_" + random_text(alnum, 24), "ordinary"},
      {"SUPABASE_ANON_KEY", web_token(R"({"iss":"supabase","role":"anon","exp":1983812996})"),
       "ordinary"},
      {"NEXT_PUBLIC_POSTHOG_KEY", std::string("ph") + "c_" + random_text(alnum, 43), "ordinary"},
      {"SUBRESOURCE_INTEGRITY", "sha384-" + random_text(alnum, 64), "ordinary"},
      {"TLS_CERT",
       "-----BEGIN CERTIFICATE-----\\n" + random_text(alnum, 400) + "\\n-----END CERTIFICATE-----",
       "ordinary"},
      {"JWT_PUBLIC_KEY",
       "-----BEGIN PUBLIC KEY-----\\n" + random_text(alnum, 400) + "\\n-----END PUBLIC KEY-----",
       "ordinary"},
  });
}

TEST(Classify, finds_placeholders) {
  std::vector<Case> cases;
  for (const char* value :
       {"changeme", "change-me", "CHANGE_ME", "ChangeMe!", "changethis", "changeit",
        "change-this-in-production", "change_this_to_a_random_value", "changePassword",
        "replace-me", "REPLACE_ME", "replace_with_real_value", "__REPLACE_ME__", "your-secret-key",
        "your_api_key_here", "YOUR_API_KEY", "yourApiKey", "your-super-secret-jwt-key",
        "<your-api-key>", "<generated>", "<...>", "xxx", "XXXXXXXX", "xxxx-xxxx-xxxx", "***", "...",
        "TODO", "insert-key-here", "enter_your_key", "put-your-key", "placeholder",
        "PLACEHOLDER_VALUE", "dummy", "fake-key", "example", "example-secret", "sample_key",
        "my-secret", "mysecret", "my-secret-pw", "mysecretpassword", "my_cool_secret",
        "secret-key-change-in-production", "dev_key_change_in_production", "generate-with-openssl",
        "generate_with_openssl_rand_base64_32", "replace-with-64-char-hex",
        "session_secret_64_chars_minimum_value_xxxxxxxx", "use-a-real-password", "[password]",
        "super-secret-min-32-characters", "not-a-secret--read-the-doc", "sk-your-openai-key-here",
        "sk-xxx", "sk-...", "sk_live_replace_with_real_value", "whsec_...",
        "whsec_your_webhook_secret", "re_xxxxx", "ghp_xxx", "AIzaXxx", "SG.xxx",
        "sk-ant-your-anthropic-key-here", "redacted", "masked", "tbd", "fixme",
        "generate_a_new_key", "somesecret", "django-insecure-abc", "for-development-only",
        "do-not-use-in-production", "insecure-dev-key", "get_this_from_aws_get_a_key",
        // Portuguese, Spanish, French, German
        "sua-chave", "sua_chave_secreta_aqui", "seu-token", "sua-senha", "troque",
        "troque-esta-chave", "trocar_em_producao", "alterar", "altere-me", "mude", "mude-me",
        "mude_isso", "substitua", "coloque_sua_chave", "insira-aqui",
        "gere-uma-chave-aleatoria-de-64-caracteres-aqui", "chave-secreta", "exemplo",
        "senha-forte-aqui", "tu-clave", "tu_token", "cambiar", "cambiar-esto", "cambiame",
        "reemplazar", "ejemplo", "votre-cle", "changez-moi", "a-changer", "remplacer", "exemple",
        "dein-passwort", "bitte-aendern", "ersetzen", "beispiel"})
    cases.push_back({"APP_SECRET", value, "placeholder"});
  const std::vector<Case> more = {
      {"JWT_SECRET", "jwt-secret", "placeholder"},
      {"STRIPE_SECRET_KEY", "stripe_secret_key", "placeholder"},
      {"OIDC_CLIENT_SECRET", "client-secret", "placeholder"},
      {"GITHUB_TOKEN", "ghp_" + std::string(36, 'x'), "placeholder"},
      {"STRIPE_SECRET_KEY", "sk_live_" + std::string("1234567890abcdefghijklmnop"), "placeholder"},
      {"JWT_PRIVATE_KEY",
       "-----BEGIN " + std::string("PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----"),
       "placeholder"},
      {"AWS_ACCESS_KEY_ID", std::string("AKIA") + "IOSFODNN7EXAMPLE", "placeholder"},
      {"AWS_SECRET_ACCESS_KEY", std::string("wJalrXUtnFEMI/K7MDENG") + "/bPxRfiCYEXAMPLEKEY",
       "placeholder"},
      {"DATABASE_URL", "postgresql://user:password@host:5432/db", "placeholder"},
      {"DATABASE_URL", "postgresql://postgres:[password]@db.abc.supabase.co:5432/postgres",
       "placeholder"},
      {"DATABASE_URL", "mysql://root:changeme@db/app", "placeholder"},
      {"SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/YOUR/WEBHOOK/URL", "placeholder"},
      {"DISCORD_WEBHOOK_URL", "https://discord.com/api/webhooks/xxx", "placeholder"},
      {"SENTRY_DSN", "https://YOUR_SENTRY_DSN@sentry.io/PROJECT_ID", "placeholder"},
      {"SENTRY_DSN", "https://examplePublicKey@o0.ingest.sentry.io/0", "placeholder"},
      // in any variable, only what can be nothing else
      {"S3_BUCKET", "your-bucket", "placeholder"},
      {"POSTGRES_USER", "yourUser", "placeholder"},
      {"AZURE_TENANT_ID", "<tenant-id>", "placeholder"},
      {"PROJECT", "changeme", "placeholder"},
      {"REGION", "xxx", "placeholder"},
      {"CHAT_ID", "TODO", "placeholder"},
      {"STRIPE_PUBLISHABLE_KEY", "pk_live_your_publishable_key", "placeholder"},
      // and these are values
      {"DB_NAME", "example", "ordinary"},
      {"DB_NAME", "todo", "ordinary"},
      {"APP_NAME", "todo-api", "ordinary"},
      {"APP_NAME", "My secret santa", "ordinary"},
      {"EMAIL_SUBJECT", "Your order has shipped", "ordinary"},
      {"MODE", "replace", "ordinary"},
      {"SLUG", "start-here", "ordinary"},
      {"STRATEGY", "insert", "ordinary"},
      {"IMAGE_PLACEHOLDER", "placeholder.png", "ordinary"},
      {"LOG_FORMAT", "<%t> %m", "ordinary"},
      {"GREETING", "Loading...", "ordinary"},
      {"BRAND", "xx", "ordinary"},
      {"FEATURE_FLAGS", "[\"a\",\"b\"]", "ordinary"},
      {"CRON", "0 3 * * *", "ordinary"},
      {"CHANGE_STREAM", "change_stream_in_use", "ordinary"},
  };
  cases.insert(cases.end(), more.begin(), more.end());
  check(cases);
}

TEST(Classify, marks_placeholders_in_the_form_of_test_keys) {
  for (const char* value : {"sk_test_your_stripe_secret_key", "sk_test_...", "sk_test_xxxxx",
                            "sk_test_replace", "pk_test_..."}) {
    const Value found = classify("STRIPE_SECRET_KEY", value);
    EXPECT_EQ(found.kind, ValueKind::placeholder) << value;
    EXPECT_TRUE(found.test_mode) << value;
  }
  EXPECT_FALSE(classify("STRIPE_SECRET_KEY", "sk_live_...").test_mode);
}

TEST(Classify, finds_weak_secrets) {
  std::vector<Case> cases;
  for (const char* value : {"password",
                            "Password123",
                            "P@ssw0rd",
                            "p4ssw0rd",
                            "admin",
                            "root",
                            "postgres",
                            "secret",
                            "123456",
                            "12345678",
                            "qwerty123",
                            "app_dev_password",
                            "shop_secure_password",
                            "shop_redis_password",
                            "shop-minio-password",
                            "admin123",
                            "Admin@123",
                            "prod-session-secret-2026-03-24",
                            "splits_local_dev",
                            "dev-secret",
                            "devsecret",
                            "devkey",
                            "supersecret",
                            "supersecretkey",
                            "rootsecretpassword",
                            "postgrespassword",
                            "whalehello",
                            "nextcloud",
                            "hello",
                            "abc",
                            "guest",
                            "letmein",
                            "aaaaaaaaaaaa",
                            "00000000000000000000",
                            "abcdefghijkl",
                            "1234567890abcdef",
                            "test-utils-secret",
                            "senha123",
                            "segredo",
                            "contrasena",
                            "motdepasse",
                            "geheim",
                            "infini_rag_flow",
                            "a@secured",
                            "Summer2024"})
    cases.push_back({"DB_PASSWORD", value, "weak"});
  // "Summer2024" is guessable, but nothing here knows the word; a miss is better than a rule for
  // all words.
  cases.back().kind = "ordinary";
  const std::vector<Case> more = {
      {"MINIO_ROOT_PASSWORD", "minioadmin", "weak"},
      {"RABBITMQ_URL", "amqp://guest:guest@mq:5672", "weak"},
      {"DATABASE_URL", "postgresql://app:app_dev_password@db:5432/app", "weak"},
      {"DATABASE_URL", "postgres://postgres:postgres@db/app", "weak"},
      {"REDIS_URL", "redis://:shop_redis_password@redis:6379", "weak"},
      {"DB_DSN", "host=db user=app password=app dbname=app", "weak"},
      {"ConnectionStrings__Default", "Server=db;Database=app;User Id=sa;Password=Password123!",
       "weak"},
      // Kubernetes Secrets hold base64
      {"db-password", "cGFzc3dvcmQxMjM0", "weak"},
      {"jwt-secret", "eW91ci1zdXBlci1zZWNyZXQtand0LWtleQ==", "placeholder"},
      // not weak: long, or no secret
      {"DB_PASSWORD", "correct-horse-battery-staple", "ordinary"},
      {"DB_PASSWORD", "Tr0ub4dor&3xK", "ordinary"},
      {"DB_USER", "postgres", "ordinary"},
      {"DB_NAME", "password", "ordinary"},
      {"MINIO_ROOT_USER", "minioadmin", "ordinary"},
      {"API_KEY_PREFIX", "test", "ordinary"},
      {"MAX_TOKENS", "4096", "ordinary"},
      {"PASSWORD_MIN_LENGTH", "8", "ordinary"},
      {"ENABLE_PASSWORD", "true", "ordinary"},
      {"AUTH_TOKEN", "true", "ordinary"},
      {"GITHUB_PRIVATE_KEY", "disabled", "ordinary"},
      // where it is, or a hash of it
      {"DB_PASSWORD", "/run/secrets/db_password", "ordinary"},
      {"SSH_KEY", "~/.ssh/id_ed25519", "ordinary"},
      {"DB_PASSWORD", "vault:secret/data/db#password", "ordinary"},
      {"DB_PASSWORD", "arn:aws:secretsmanager:sa-east-1:1:secret:db", "ordinary"},
      {"DB_PASSWORD", "op://prod/db/password", "ordinary"},
      {"DB_PASSWORD", "ENC[AES256_GCM,data:abc,iv:def]", "ordinary"},
      {"ADMIN_PASSWORD", "$2b$12$abcdefghijklmnopqrstuv", "ordinary"},
      {"ADMIN_PASSWORD", "$argon2id$v=19$m=65536", "ordinary"},
      // holes
      {"DB_PASSWORD", "${DB_PASSWORD}", "ordinary"},
      {"DB_PASSWORD", "${DB_PASSWORD:?change me}", "ordinary"},
      {"DB_PASSWORD", "$DB_PASSWORD", "ordinary"},
      {"DB_PASSWORD", "$(cat /run/secrets/x)", "ordinary"},
      {"DB_PASSWORD", "{{ .Values.password }}", "ordinary"},
      {"DB_PASSWORD", "__DB_PASSWORD__", "ordinary"},
      {"DB_PASSWORD", "#{db.password}#", "ordinary"},
      {"DATABASE_URL", "postgresql://app:${DB_PASSWORD}@db:5432/app", "ordinary"},
      {"DATABASE_URL", "postgresql://app:${DB_PASSWORD:?set it}@db:5432/app", "ordinary"},
      {"DATABASE_URL", "postgresql://db/app", "ordinary"},
      {"REDIS_URL", "redis://redis:6379", "ordinary"},
  };
  cases.insert(cases.end(), more.begin(), more.end());
  check(cases);
  EXPECT_EQ(classify("DB_PASSWORD", "Pq7kLmzW9", "pq7klmzw9").kind, ValueKind::weak);
  EXPECT_EQ(classify("DB_PASSWORD", "Pq7kLmzW9").kind, ValueKind::ordinary);
}

TEST(Classify, finds_test_modes_and_emulators) {
  check({
      {"STRIPE_SECRET_KEY", std::string("sk") + "_test_" + random_text(alnum, 24), "test"},
      {"STRIPE_PUBLISHABLE_KEY", std::string("pk") + "_test_" + random_text(alnum, 24), "test"},
      {"CLERK_SECRET_KEY", std::string("sk") + "_test_" + random_text(alnum, 42), "test"},
      {"STRIPE_SECRET_KEY", std::string("sk") + "_test_staging_" + random_text(alnum, 12), "test"},
      {"ASAAS_API_KEY", std::string("$aact") + "_hmlg_" + random_text(alnum, 120), "test"},
      {"MOLLIE_API_KEY", std::string("te") + "st_" + random_text(alnum, 30), "test"},
      {"RAZORPAY_KEY_ID", std::string("rzp") + "_test_" + random_text(alnum, 14), "test"},
      {"AWS_SECRET_ACCESS_KEY", "test", "test"},
      {"AWS_ACCESS_KEY_ID", "test", "test"},
      {"AWS_PROFILE", "test", "ordinary"},
      {"AZURE_STORAGE_ACCOUNT_KEY",
       std::string("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/") +
           "K1SZFPTOtr/" + "KBHBeksoGMGw==",
       "test"},
      {"AZURE_STORAGE_CONNECTION_STRING", "UseDevelopmentStorage=true", "test"},
      {"SUPABASE_SERVICE_ROLE_KEY", web_token(R"({"iss":"supabase-demo","role":"service_role"})"),
       "test"},
      {"PAYPAL_MODE", "sandbox", "test"},
      {"PROD_PAYPAL_MODE", "sandbox", "test"},
      {"PAYPAL_MODE", "live", "ordinary"},
      {"PAGSEGURO_SANDBOX", "true", "test"},
      {"PAGSEGURO_SANDBOX", "false", "ordinary"},
      {"PLAID_ENV", "sandbox", "test"},
      {"NODE_ENV", "test", "ordinary"},
      {"SANDBOX_DIR", "sandbox", "ordinary"},
      {"PAYPAL_API_URL", "https://api-m.sandbox.paypal.com", "test"},
      {"PAYPAL_API_URL", "https://api-m.paypal.com", "ordinary"},
      {"SMTP_HOST", "sandbox.smtp.mailtrap.io", "test"},
      {"SMTP_HOST", "live.smtp.mailtrap.io", "ordinary"},
      {"ADYEN_URL", "https://checkout-test.adyen.com/v71", "test"},
  });
}

TEST(Classify, finds_hosts_that_lead_nowhere) {
  check({
      {"SMTP_HOST", "smtp.example.com", "reserved"},
      {"EMAIL_FROM", "noreply@example.com", "reserved"},
      {"ADMIN_EMAILS", "a@example.org,b@example.net", "reserved"},
      {"EMAIL_FROM", "App <noreply@yourdomain.com>", "ordinary"},
      {"API_URL", "https://api.example.com/v1", "reserved"},
      {"APP_URL", "https://shop.test", "reserved"},
      {"APP_URL", "https://yourdomain.com", "reserved"},
      {"APP_URL", "https://app.your-domain.com", "reserved"},
      {"APP_URL", "https://domain.com", "reserved"},
      {"APP_URL", "https://seudominio.com.br", "reserved"},
      {"SUPABASE_URL", "https://your-project.supabase.co", "reserved"},
      {"SUPABASE_URL", "https://xxxx.supabase.co", "reserved"},
      {"SENTRY_DSN", "https://public@example.ingest.sentry.io/1", "reserved"},
      {"NEXT_PUBLIC_APP_URL", "http://localhost:3000", "localhost"},
      {"REDIS_URL", "redis://127.0.0.1:6379", "localhost"},
      {"API_URL", "http://[::1]:8080", "localhost"},
      {"API_URL", "http://0.0.0.0:8080", "localhost"},
      {"API_URL", "http://app.localhost:8080", "localhost"},
      {"DB_HOST", "localhost", "localhost"},
      {"SERVICE_ADDR", "localhost:50051", "localhost"},
      {"CORS_ORIGIN", "http://localhost:3000,http://localhost:3001", "localhost"},
      {"KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://localhost:9092", "localhost"},
      {"DATABASE_URL", "postgresql://app:${DB_PASSWORD}@localhost:5432/app", "localhost"},
      // fine
      {"CORS_ORIGIN", "https://app.acme.io,http://localhost:3000", "ordinary"},
      {"KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://broker:29092,PLAINTEXT_HOST://localhost:9092",
       "ordinary"},
      {"MONGODB_URI", "mongodb://mongo1:27017,localhost:27018/app", "ordinary"},
      {"HOSTNAME", "0.0.0.0", "ordinary"},
      {"LISTENERS", "http://0.0.0.0:8081", "ordinary"},
      {"ASPNETCORE_URLS", "http://*:8080", "ordinary"},
      {"DB_HOST", "db", "ordinary"},
      {"DB_HOST", "localhost-db", "ordinary"},
      {"APP_URL", "https://app.acme.io", "ordinary"},
      {"APP_URL", "https://example-shop.com", "ordinary"},
      {"APP_URL", "https://myexample.com", "ordinary"},
      {"APP_URL", "https://contest.dev", "ordinary"},
      {"DB_NAME", "localhost", "ordinary"},
      {"EMAIL_FROM", "noreply@acme.io", "ordinary"},
      {"EMAIL_FROM", "noreply@acme.local", "ordinary"},
      {"API_URL", "http://api.internal:8080", "ordinary"},
      {"API_URL", "/api", "ordinary"},
      {"ALLOWED_HOSTS", "acme.io,localhost", "ordinary"},
      {"GIT_REMOTE", "git@github.com:acme/app.git", "ordinary"},
      {"PORT", "3000", "ordinary"},
  });
}

TEST(Classify, tells_empty_values) {
  check({{"SENTRY_DSN", "", "empty"},
         {"SENTRY_DSN", "  ", "empty"},
         {"SENTRY_DSN", "\"\"", "empty"},
         {"REDIS_PASSWORD", "null", "empty"},
         {"DB_NAME", "null", "ordinary"}});
}

TEST(Inspect, says_everything_about_an_address) {
  const std::string value = "postgresql://app:app_dev_password@localhost:5432/app";
  const auto found = inspect("DATABASE_URL", value);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].kind, ValueKind::weak);
  EXPECT_EQ(value.substr(found[0].range.begin, found[0].range.end - found[0].range.begin),
            "app_dev_password");
  EXPECT_EQ(found[1].kind, ValueKind::localhost);
  EXPECT_EQ(value.substr(found[1].range.begin, found[1].range.end - found[1].range.begin),
            "localhost");
}

TEST(Inspect, points_into_the_value_as_it_was_given) {
  const std::string value = " \"https://smtp.example.com\" ";
  const auto found = inspect("SMTP_URL", value);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(value.substr(found[0].range.begin, found[0].range.end - found[0].range.begin),
            "smtp.example.com");
}

TEST(Masked, never_holds_the_value) {
  const std::string value = std::string("gh") + "p_" + random_text(alnum, 36);
  const Description words = masked(classify("GITHUB_TOKEN", value));
  EXPECT_EQ(words.en, "a GitHub personal access token");
  EXPECT_EQ(words.pt, "um token de acesso pessoal do GitHub");
}

TEST(Inspect, survives_any_text) {
  for (std::uint64_t seed = 1; seed < 3000; ++seed) {
    std::string text = random_text("$:/@{}<>[]=;,.-_ xA1\"'\\%#\n\xc3\xa9", seed % 40, seed);
    for (const char* variable : {"DB_PASSWORD", "DATABASE_URL", "HOST", "X"})
      for (const Value& value : inspect(variable, text)) {
        ASSERT_LE(value.range.begin, value.range.end) << text;
        ASSERT_LE(value.range.end, text.size()) << text;
      }
  }
}

// A generator's output must not be called weak or a placeholder: that would be the false alarm
// that costs most.
TEST(Classify, seldom_mistakes_generated_secrets) {
  std::size_t wrong = 0, missed = 0, total = 0;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed)
    for (const auto& [alphabet, size] :
         {std::pair(hex, 64), std::pair(hex, 32), std::pair(alnum, 44), std::pair(alnum, 24)}) {
      const ValueKind kind =
          classify("APP_SECRET", random_text(alphabet, static_cast<std::size_t>(size), seed)).kind;
      ++total;
      if (kind == ValueKind::ordinary)
        ++missed;
      else if (kind != ValueKind::credential)
        ++wrong;
    }
  EXPECT_LE(wrong * 1000, total) << wrong << " of " << total;
  EXPECT_LE(missed * 50, total) << missed << " of " << total;
}

TEST(Shapes, entropy_and_made_up_texts) {
  EXPECT_EQ(knowledge::entropy("aaaa"), 0.0);
  EXPECT_NEAR(knowledge::entropy("0123456789abcdef"), 4.0, 0.001);
  EXPECT_TRUE(knowledge::looks_made_up("1234567890abcdef"));
  EXPECT_TRUE(knowledge::looks_made_up("xxxxxxxxxxxx"));
  EXPECT_FALSE(knowledge::looks_made_up(random_text(hex, 32)));
  EXPECT_EQ(knowledge::decode_base64_text("cGFzc3dvcmQ=").value_or(""), "password");
  EXPECT_FALSE(knowledge::decode_base64_text("password"));
}

TEST(HostKind, knows_the_reserved_names) {
  EXPECT_EQ(host_kind("smtp.example.com"), HostKind::reserved);
  EXPECT_EQ(host_kind("EXAMPLE.COM."), HostKind::reserved);
  EXPECT_EQ(host_kind("notexample.com"), HostKind::ordinary);
  EXPECT_EQ(host_kind("a.test"), HostKind::reserved);
  EXPECT_EQ(host_kind("127.1.2.3"), HostKind::local);
  EXPECT_EQ(host_kind("0.0.0.0"), HostKind::any);
  EXPECT_EQ(host_kind(""), HostKind::ordinary);
}

TEST(FindVariable, knows_what_a_variable_is_for) {
  const KnownVariable* secret = find_variable("NEXTAUTH_SECRET");
  ASSERT_NE(secret, nullptr);
  EXPECT_EQ(secret->kind, VariableKind::secret);
  EXPECT_TRUE(secret->required);
  EXPECT_NE(secret->en.find("openssl"), std::string_view::npos);
  EXPECT_EQ(find_variable("nextauth-secret"), secret);
  EXPECT_EQ(find_variable("PROD_NEXTAUTH_SECRET"), secret);
  EXPECT_EQ(find_variable("STAGING_DATABASE_URL")->kind, VariableKind::url);
  EXPECT_FALSE(find_variable("SENTRY_DSN")->required);
  EXPECT_EQ(find_variable("PAYPAL_MODE")->kind, VariableKind::mode);
  EXPECT_EQ(find_variable("NOT_KNOWN"), nullptr);
  EXPECT_EQ(find_variable("PROD_"), nullptr);
}

TEST(Variables, know_whose_business_a_value_is) {
  EXPECT_EQ(group_of("NEXTAUTH_SECRET"), VariableGroup::auth);
  EXPECT_EQ(group_of("N8N_ENCRYPTION_KEY"), VariableGroup::auth);
  EXPECT_EQ(group_of("LAUNCHPAD_RPC_SHARED_SECRET"), VariableGroup::auth);
  EXPECT_EQ(group_of("MONGO_EXPRESS_PASSWORD"), VariableGroup::store);
  EXPECT_EQ(group_of("PG_PW"), VariableGroup::store);
  EXPECT_EQ(group_of("SMTP_RELAY_PASSWORD"), VariableGroup::mail);
  EXPECT_EQ(group_of("HUBSPOT_CLIENT_SECRET"), VariableGroup::identity);
  EXPECT_EQ(group_of("STRIPE_CONNECT_SECRET"), VariableGroup::payment);
  EXPECT_EQ(group_of("INSTANA_AGENT_KEY"), VariableGroup::monitoring);
  EXPECT_EQ(group_of("PLUGIN_TOKEN"), VariableGroup::other);
}

TEST(ValueTables, are_well_formed) {
  for (const std::string_view text :
       {data::credentials, data::hosts, data::known_values, data::name_groups, data::placeholders,
        data::variables, data::weak_passwords}) {
    const knowledge::Table table(text);
    EXPECT_GT(table.rows().size(), 10u);
    EXPECT_LT(text.size(), 65536u);
    for (const auto& row : table.rows()) {
      EXPECT_FALSE(row["source"].empty());
      EXPECT_EQ(row["date"].size(), 10u);
    }
  }
  for (const auto& row : knowledge::Table(data::credentials).rows()) {
    EXPECT_FALSE(row["en"].empty()) << row["id"];
    EXPECT_FALSE(row["pt"].empty()) << row["id"];
    knowledge::in_alphabet('a', row["alphabet"]); // aborts when it is not known
  }
  for (const auto& row : knowledge::Table(data::variables).rows()) {
    EXPECT_FALSE(row["en"].empty()) << row["names"];
    EXPECT_FALSE(row["pt"].empty()) << row["names"];
  }
}

} // namespace
} // namespace aethel
