#include "knowledge/servers.h"

#include "knowledge/table.h"

#include <gtest/gtest.h>

namespace aethel {
namespace data {
extern const std::string_view servers;
}
namespace {

const Server& server(std::string_view image) {
  const auto parsed = parse_image(image);
  EXPECT_TRUE(parsed) << image;
  const Server* found = find_server(*parsed);
  EXPECT_NE(found, nullptr) << image;
  static const Server none;
  return found ? *found : none;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : " ") + std::string(word);
  return out;
}

// "on app:pw@shop root:?" - what is not known is "?".
std::string said(std::string_view image, std::vector<Given> given,
                 std::vector<std::string_view> command = {}) {
  const Access found = access(server(image), given, command);
  std::string out = found.authentication == Access::Authentication::on    ? "on"
                    : found.authentication == Access::Authentication::off ? "off"
                                                                          : "unknown";
  for (const Account& account : found.accounts)
    out += " " + account.user.value_or("?") + ":" + account.password.value_or("?");
  if (found.database) out += " @" + *found.database;
  return out;
}

TEST(FindServer, knows_families_and_copies) {
  EXPECT_EQ(server("postgres:16-alpine").product, "postgresql");
  EXPECT_EQ(server("postgis/postgis:16-3.4").product, "postgresql");
  EXPECT_EQ(server("pgvector/pgvector:pg17").product, "postgresql");
  EXPECT_EQ(server("public.ecr.aws/docker/library/redis:7").product, "redis");
  EXPECT_EQ(server("valkey/valkey:9").product, "valkey");
  EXPECT_EQ(server("quay.io/minio/minio").product, "minio");
  EXPECT_EQ(server("postgres").port, 5432u);
  EXPECT_EQ(find_server(parse_image("nginx").value()), nullptr);
  EXPECT_EQ(find_server(parse_image("acme/postgres").value()), nullptr);
  EXPECT_EQ(find_server(parse_image("prometheuscommunity/postgres-exporter").value()), nullptr);
}

TEST(Access, options_of_postgres_change_no_account_unless_they_name_a_file) {
  const std::vector<Given> given = {{"POSTGRES_USER", "shop"}, {"POSTGRES_PASSWORD", "pw"}};
  EXPECT_EQ(said("postgres:18", given, {"postgres", "-c", "max_connections=200"}),
            "on shop:pw @shop");
  EXPECT_EQ(said("postgres:18", given, {"postgres", "-c", "hba_file=/etc/hba"}),
            "unknown shop:pw @shop");
  EXPECT_EQ(said("postgres:18", given, {"postgres", "-c", "config_file=/etc/shop.conf"}),
            "unknown shop:pw @shop");
}

TEST(Access, a_script_that_writes_the_password_down_demands_one) {
  const std::string_view writes = "printf 'requirepass %s\\n' \"$P\" >/tmp/r.conf\n"
                                  "exec valkey-server /tmp/r.conf";
  EXPECT_EQ(said("valkey/valkey:9", {}, {"sh", "-c", writes}), "on");
  const std::string_view may = "[ -z \"$P\" ] || echo \"requirepass $P\" >/tmp/r.conf\n"
                               "exec valkey-server /tmp/r.conf";
  EXPECT_EQ(said("valkey/valkey:9", {}, {"sh", "-c", may}), "unknown");
}

TEST(Speaks, compares_schemes) {
  EXPECT_TRUE(speaks(server("postgres"), "postgresql+asyncpg"));
  EXPECT_TRUE(speaks(server("postgres"), "POSTGRES"));
  EXPECT_FALSE(speaks(server("postgres"), "mysql"));
  EXPECT_TRUE(speaks(server("redis"), "rediss"));
  EXPECT_TRUE(speaks(server("mariadb"), "mysql+pymysql"));
}

TEST(MissingVariables, names_the_group_that_is_not_met) {
  const auto missing = [](std::string_view image, std::vector<Given> given) {
    return joined(missing_variables(server(image), given));
  };
  EXPECT_EQ(missing("postgres", {}), "POSTGRES_PASSWORD POSTGRES_HOST_AUTH_METHOD=trust");
  EXPECT_EQ(missing("postgres", {{"POSTGRES_PASSWORD", ""}}),
            "POSTGRES_PASSWORD POSTGRES_HOST_AUTH_METHOD=trust");
  EXPECT_EQ(missing("postgres", {{"POSTGRES_PASSWORD", "x"}}), "");
  EXPECT_EQ(missing("postgres", {{"POSTGRES_PASSWORD", std::nullopt}}), "");
  EXPECT_EQ(missing("postgres", {{"POSTGRES_PASSWORD", "${DB_PASSWORD}"}}), "");
  EXPECT_EQ(missing("postgres", {{"POSTGRES_PASSWORD_FILE", "/run/secrets/db"}}), "");
  EXPECT_EQ(missing("postgres", {{"POSTGRES_HOST_AUTH_METHOD", "trust"}}), "");
  EXPECT_EQ(missing("postgres", {{"POSTGRES_HOST_AUTH_METHOD", "md5"}}),
            "POSTGRES_PASSWORD POSTGRES_HOST_AUTH_METHOD=trust");
  EXPECT_EQ(missing("mysql:8.4", {{"MYSQL_ALLOW_EMPTY_PASSWORD", "true"}}), "");
  EXPECT_EQ(missing("mysql:8.4", {{"MYSQL_PASSWORD", "x"}}),
            "MYSQL_ROOT_PASSWORD MYSQL_ALLOW_EMPTY_PASSWORD MYSQL_RANDOM_ROOT_PASSWORD");
  EXPECT_EQ(missing("mariadb", {{"MYSQL_RANDOM_ROOT_PASSWORD", "yes"}}), "");
  EXPECT_EQ(missing("mongo", {}), "");
  EXPECT_EQ(missing("mongo", {{"MONGO_INITDB_ROOT_USERNAME", "a"}}), "MONGO_INITDB_ROOT_PASSWORD");
  EXPECT_EQ(
      missing("mongo", {{"MONGO_INITDB_ROOT_USERNAME", "a"}, {"MONGO_INITDB_ROOT_PASSWORD", "b"}}),
      "");
  EXPECT_EQ(missing("redis", {}), "");
  EXPECT_EQ(missing("rabbitmq", {}), "");
  EXPECT_EQ(missing("bitnami/redis", {}), "REDIS_PASSWORD ALLOW_EMPTY_PASSWORD=yes");
  EXPECT_EQ(missing("bitnami/redis", {{"ALLOW_EMPTY_PASSWORD", "true"}}), "");
  EXPECT_EQ(missing("mcr.microsoft.com/mssql/server:2022-latest", {{"SA_PASSWORD", "x"}}),
            "ACCEPT_EULA");
}

TEST(Access, of_postgresql) {
  EXPECT_EQ(said("postgres", {{"POSTGRES_PASSWORD", "pw"}}), "on postgres:pw @postgres");
  EXPECT_EQ(said("postgres", {{"POSTGRES_USER", "app"}, {"POSTGRES_PASSWORD", "pw"}}),
            "on app:pw @app");
  EXPECT_EQ(said("postgres",
                 {{"POSTGRES_USER", "app"}, {"POSTGRES_PASSWORD", "pw"}, {"POSTGRES_DB", "shop"}}),
            "on app:pw @shop");
  EXPECT_EQ(said("postgres", {{"POSTGRES_PASSWORD", std::nullopt}}), "on postgres:? @postgres");
  EXPECT_EQ(said("postgres", {{"POSTGRES_PASSWORD_FILE", "/run/secrets/x"}}),
            "on postgres:? @postgres");
  EXPECT_EQ(said("postgres", {{"POSTGRES_USER", std::nullopt}, {"POSTGRES_PASSWORD", "pw"}}),
            "on ?:pw");
  EXPECT_EQ(said("postgres", {{"POSTGRES_HOST_AUTH_METHOD", "trust"}, {"POSTGRES_PASSWORD", "pw"}}),
            "off @postgres");
  EXPECT_EQ(
      said("postgres", {{"POSTGRES_HOST_AUTH_METHOD", std::nullopt}, {"POSTGRES_PASSWORD", "pw"}}),
      "unknown postgres:pw @postgres");
  EXPECT_EQ(said("postgres", {}), "unknown @postgres");
  EXPECT_EQ(said("bitnami/postgresql", {{"POSTGRESQL_USERNAME", "app"},
                                        {"POSTGRESQL_PASSWORD", "pw"},
                                        {"POSTGRESQL_DATABASE", "shop"}}),
            "on app:pw @shop");
  EXPECT_EQ(said("bitnami/postgresql", {{"ALLOW_EMPTY_PASSWORD", "yes"}}), "off @postgres");
  EXPECT_EQ(
      said("bitnami/postgresql", {{"ALLOW_EMPTY_PASSWORD", "yes"}, {"POSTGRES_PASSWORD", "pw"}}),
      "on postgres:pw @postgres");
}

TEST(Access, of_mysql_and_mariadb) {
  EXPECT_EQ(said("mysql", {{"MYSQL_ROOT_PASSWORD", "r"}}), "on root:r");
  EXPECT_EQ(said("mysql", {{"MYSQL_ROOT_PASSWORD", "r"},
                           {"MYSQL_USER", "app"},
                           {"MYSQL_PASSWORD", "pw"},
                           {"MYSQL_DATABASE", "shop"}}),
            "on app:pw root:r @shop");
  EXPECT_EQ(said("mysql", {{"MYSQL_ROOT_PASSWORD", "r"}, {"MYSQL_USER", "app"}}), "on root:r");
  EXPECT_EQ(said("mysql", {{"MYSQL_ALLOW_EMPTY_PASSWORD", "true"}}), "on root:");
  EXPECT_EQ(said("mysql", {{"MYSQL_ALLOW_EMPTY_PASSWORD", "true"}, {"MYSQL_ROOT_PASSWORD", "r"}}),
            "on root:r");
  EXPECT_EQ(said("mariadb",
                 {{"MARIADB_ROOT_PASSWORD", "r"}, {"MYSQL_USER", "app"}, {"MYSQL_PASSWORD", "pw"}}),
            "on app:pw root:r");
}

TEST(Access, of_mongodb) {
  EXPECT_EQ(said("mongo", {}), "off @test");
  EXPECT_EQ(
      said("mongo", {{"MONGO_INITDB_ROOT_USERNAME", "root"}, {"MONGO_INITDB_ROOT_PASSWORD", "pw"}}),
      "on root:pw @test");
  EXPECT_EQ(said("mongo", {}, {"mongod", "--auth"}), "on @test");
  EXPECT_EQ(said("mongo", {}, {"--config", "/etc/mongo.yaml"}), "unknown @test");
  EXPECT_EQ(server("mongo").auth_database, "admin");
}

TEST(Access, of_redis) {
  EXPECT_EQ(said("redis", {}), "off");
  EXPECT_EQ(said("redis", {{"REDIS_PASSWORD", "pw"}}), "off"); // the image does not read it
  EXPECT_EQ(said("redis", {}, {"redis-server", "--appendonly", "yes"}), "off");
  EXPECT_EQ(said("redis", {}, {"redis-server", "--requirepass", "pw"}), "on default:pw");
  EXPECT_EQ(said("redis", {}, {"redis-server --requirepass pw --appendonly yes"}), "on default:pw");
  EXPECT_EQ(said("redis", {}, {"sh", "-c", "redis-server --requirepass \"pw\""}), "on default:pw");
  EXPECT_EQ(said("redis", {{"REDIS_PASSWORD", "pw"}},
                 {"sh", "-c", "redis-server --requirepass $REDIS_PASSWORD"}),
            "on default:pw");
  EXPECT_EQ(said("redis", {{"REDIS_PASSWORD", std::nullopt}},
                 {"redis-server", "--requirepass", "$(REDIS_PASSWORD)"}),
            "on default:?");
  EXPECT_EQ(said("redis", {}, {"redis-server", "--requirepass", "${REDIS_PASSWORD}"}),
            "on default:?");
  EXPECT_EQ(said("redis", {}, {"redis-server", "--requirepass", ""}), "off");
  EXPECT_EQ(said("redis", {}, {"redis-server", "--requirepass"}), "unknown");
  EXPECT_EQ(said("redis", {}, {"redis-server", "--requirepass", "--appendonly", "yes"}), "unknown");
  EXPECT_EQ(said("redis", {}, {"redis-server", "/etc/redis/redis.conf"}), "unknown");
  EXPECT_EQ(said("redis", {}, {"/etc/redis/redis.conf"}), "unknown");
  EXPECT_EQ(said("valkey/valkey", {{"VALKEY_EXTRA_FLAGS", "--requirepass pw"}}), "on default:pw");
  EXPECT_EQ(said("valkey/valkey", {{"VALKEY_EXTRA_FLAGS", std::nullopt}}), "unknown");
  EXPECT_EQ(said("redis/redis-stack", {{"REDIS_ARGS", "--requirepass pw"}}), "on default:pw");
  EXPECT_EQ(said("bitnami/redis", {{"REDIS_PASSWORD", "pw"}}), "on default:pw");
  EXPECT_EQ(said("bitnami/redis", {{"ALLOW_EMPTY_PASSWORD", "yes"}}), "off");
}

TEST(Access, of_others) {
  EXPECT_EQ(said("rabbitmq:4-management", {}), "on guest:guest @/");
  EXPECT_EQ(said("rabbitmq", {{"RABBITMQ_DEFAULT_USER", "app"},
                              {"RABBITMQ_DEFAULT_PASS", "pw"},
                              {"RABBITMQ_DEFAULT_VHOST", "v"}}),
            "on app:pw @v");
  EXPECT_EQ(said("minio/minio", {}), "on minioadmin:minioadmin");
  EXPECT_EQ(said("minio/minio", {{"MINIO_ROOT_USER", "app"}, {"MINIO_ROOT_PASSWORD", "password"}}),
            "on app:password");
  EXPECT_EQ(said("elasticsearch:7.17.0", {}), "off");
  EXPECT_EQ(said("elasticsearch:8.19.0", {{"xpack.security.enabled", "false"}}), "off");
  EXPECT_EQ(said("elasticsearch:8.19.0", {{"ELASTIC_PASSWORD", "pw"}}), "on elastic:pw");
  EXPECT_EQ(said("neo4j", {{"NEO4J_AUTH", "neo4j/pw"}}), "on neo4j:pw @neo4j");
  EXPECT_EQ(said("neo4j", {{"NEO4J_AUTH", "none"}}), "off @neo4j");
  EXPECT_EQ(said("clickhouse/clickhouse-server",
                 {{"CLICKHOUSE_USER", "app"}, {"CLICKHOUSE_PASSWORD", "pw"}}),
            "on app:pw @default");
  EXPECT_EQ(said("clickhouse/clickhouse-server", {}), "unknown @default");
  EXPECT_EQ(said("memcached", {}), "off");
}

TEST(ServerTable, is_well_formed) {
  const knowledge::Table table(data::servers);
  EXPECT_GT(table.rows().size(), 30u);
  for (const auto& row : table.rows()) {
    EXPECT_FALSE(row["product"].empty()) << row["pattern"];
    EXPECT_FALSE(row["schemes"].empty()) << row["pattern"];
    EXPECT_TRUE(row["source"].starts_with("https://")) << row["pattern"];
    EXPECT_TRUE(parse_date(row["date"])) << row["pattern"];
  }
}

} // namespace
} // namespace aethel
