#include "knowledge/url.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

struct Parts {
  const char* text;
  const char* scheme;
  const char* user;
  const char* password; // null: none is written
  const char* hosts;    // "name:port" with blanks between
  const char* path;
  const char* query;
};

TEST(ParseConnection, finds_the_parts_of_addresses) {
  const Parts table[] = {
      {"postgresql://app:pw@db:5432/shop?schema=public", "postgresql", "app", "pw", "db:5432",
       "shop", "schema=public"},
      {"postgres://db/shop", "postgres", "", nullptr, "db", "shop", ""},
      {"postgresql+asyncpg://u:p%40ss@h/d", "postgresql+asyncpg", "u", "p%40ss", "h", "d", ""},
      {"postgresql://u:p@ss@h/d", "postgresql", "u", "p@ss", "h", "d", ""},
      {"redis://:secret@cache:6379/0", "redis", "", "secret", "cache:6379", "0", ""},
      {"redis://cache:6379", "redis", "", nullptr, "cache:6379", "", ""},
      {"rediss://default:@cache", "rediss", "default", "", "cache", "", ""},
      {"mongodb://a:b@h1:27017,h2:27018/app?authSource=admin", "mongodb", "a", "b",
       "h1:27017 h2:27018", "app", "authSource=admin"},
      {"mongodb+srv://a:b@cluster.example.net/app", "mongodb+srv", "a", "b", "cluster.example.net",
       "app", ""},
      {"amqp://guest:guest@mq:5672/%2F", "amqp", "guest", "guest", "mq:5672", "%2F", ""},
      {"http://[::1]:8080/x", "http", "", nullptr, "::1:8080", "x", ""},
      {"https://public@o1.ingest.sentry.io/42", "https", "public", nullptr, "o1.ingest.sentry.io",
       "42", ""},
      {"jdbc:postgresql://db:5432/shop?user=app&password=pw", "postgresql", "app", "pw", "db:5432",
       "shop", "user=app&password=pw"},
      {"jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password=pw", "sqlserver", "sa", "pw",
       "db:1433", "", "databaseName=shop;user=sa;password=pw"},
      {"jdbc:mysql://db/shop", "mysql", "", nullptr, "db", "shop", ""},
      {"sqlite:///data/app.db", "sqlite", "", nullptr, "", "data/app.db", ""},
      {"postgresql://${DB_USER:-app}:${DB_PASSWORD:?set it}@${DB_HOST}:5432/${DB_NAME}",
       "postgresql", "${DB_USER:-app}", "${DB_PASSWORD:?set it}", "${DB_HOST}:5432", "${DB_NAME}",
       ""},
      {"postgresql://postgres:[password]@db.example.co:5432/postgres", "postgresql", "postgres",
       "[password]", "db.example.co:5432", "postgres", ""},
      {"https://h/a?b=c#frag", "https", "", nullptr, "h", "a", "b=c"},
      {"Host=db;Port=5432;Database=shop;Username=app;Password=pw", "", "app", "pw", "db:5432",
       "shop", ""},
      {"Server=tcp:db.example.net,1433;Initial Catalog=shop;User Id=sa;Password=pw;", "", "sa",
       "pw", "db.example.net:1433", "shop", ""},
      {"host=localhost user=gorm password=gorm dbname=gorm port=9920 sslmode=disable", "", "gorm",
       "gorm", "localhost:9920", "gorm", ""},
      {"app:pw@tcp(db:3306)/shop?parseTime=true", "", "app", "pw", "db:3306", "shop",
       "parseTime=true"},
  };
  for (const Parts& row : table) {
    const std::string_view text = row.text;
    const auto url = parse_connection(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(text_at(text, url->scheme), row.scheme) << text;
    EXPECT_EQ(text_at(text, url->user), row.user) << text;
    EXPECT_EQ(url->has_password, row.password != nullptr) << text;
    EXPECT_EQ(text_at(text, url->password), row.password ? row.password : "") << text;
    EXPECT_EQ(text_at(text, url->path), row.path) << text;
    EXPECT_EQ(text_at(text, url->query), row.query) << text;
    std::string hosts;
    for (const auto& host : url->hosts) {
      if (!hosts.empty()) hosts += ' ';
      hosts += text_at(text, host.name);
      if (!text_at(text, host.port).empty()) hosts += ":" + std::string(text_at(text, host.port));
    }
    EXPECT_EQ(hosts, row.hosts) << text;
  }
}

TEST(ParseConnection, takes_no_other_text_for_an_address) {
  for (const char* text :
       {"", "db", "db:5432", "mailto:a@b.c", "://x", "1http://x", "a sentence with host=db",
        "key=value", "a=b;c=d", "https", "C:\\path", "jdbc:h2:mem:test", "data:text/plain,hello",
        "host=db", "p@ss:w0rd", "x://a b/c"})
    EXPECT_FALSE(parse_connection(text)) << text;
}

TEST(ParseHostPort, splits_a_port_off) {
  const auto host = parse_host_port("db:5432");
  ASSERT_TRUE(host);
  EXPECT_EQ(text_at("db:5432", host->name), "db");
  EXPECT_EQ(text_at("db:5432", host->port), "5432");
  EXPECT_TRUE(parse_host_port("localhost"));
  EXPECT_FALSE(parse_host_port("a b"));
  EXPECT_FALSE(parse_host_port("http://a"));
  EXPECT_FALSE(parse_host_port("a:b"));
  EXPECT_FALSE(parse_host_port(""));
}

TEST(QueryValue, is_found_by_name) {
  const std::string_view text = "mongodb://h/app?w=majority&authSource=admin";
  const auto url = parse_url(text);
  ASSERT_TRUE(url);
  EXPECT_EQ(text_at(text, query_value(text, *url, "authsource").value()), "admin");
  EXPECT_FALSE(query_value(text, *url, "auth"));
}

TEST(DecodePercent, leaves_broken_escapes_alone) {
  EXPECT_EQ(decode_percent("a%40b%2"), "a@b%2");
  EXPECT_EQ(decode_percent("%zz"), "%zz");
  EXPECT_EQ(decode_percent("100%"), "100%");
}

TEST(DefaultPort, is_that_of_the_scheme_before_the_driver) {
  EXPECT_EQ(default_port("postgresql+asyncpg"), 5432u);
  EXPECT_EQ(default_port("REDISS"), 6379u);
  EXPECT_EQ(default_port("gopher"), 0u);
}

} // namespace
} // namespace aethel
