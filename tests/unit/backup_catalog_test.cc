#include "backup/catalog.h"
#include "backup/dump_reader.h"
#include "backup/keys.h"
#include "backup/sql_text.h"

#include <gtest/gtest.h>

namespace aethel::backup {
namespace {

constexpr std::string_view body =
    "CREATE FUNCTION f() RETURNS text\n    LANGUAGE sql\n    AS $_$\nSELECT 'a'\n\n\n--\n-- Dumped "
    "x\nSELECT 'b'\n$_$;\n";

// As pg_dump --create writes it, normalised.
constexpr std::string_view of_a_database = R"(SET statement_timeout = 0;

-- Name: my "shop"; Type: DATABASE; Schema: -; Owner: owner

CREATE DATABASE "my ""shop" WITH TEMPLATE = template0 ENCODING = 'UTF8';

ALTER DATABASE "my ""shop" OWNER TO owner;

\connect -reuse-previous=on "dbname='my ""shop'"

SET statement_timeout = 0;

-- Name: DATABASE "my ""shop"; Type: COMMENT; Schema: -; Owner: owner

COMMENT ON DATABASE "my ""shop" IS 'one

ALTER DATABASE "my ""shop" two';

-- Name: my "shop"; Type: DATABASE PROPERTIES; Schema: -; Owner: owner

ALTER DATABASE "my ""shop" CONNECTION LIMIT = 7;
ALTER DATABASE "my ""shop" SET work_mem TO '7MB';
ALTER ROLE app IN DATABASE "my ""shop" SET search_path TO 'app';

\connect -reuse-previous=on "dbname='my ""shop'"

SET lock_timeout = 0;

-- Name: DATABASE; Type: TABLE; Schema: public; Owner: owner

CREATE TABLE public."DATABASE" (
    id integer
);

-- Name: DATABASE "my ""shop"; Type: ACL; Schema: -; Owner: owner

REVOKE CONNECT,TEMPORARY ON DATABASE "my ""shop" FROM PUBLIC;
GRANT CONNECT ON DATABASE "my ""shop" TO app;

-- Name: TABLE t; Type: ACL; Schema: public; Owner: owner

GRANT SELECT ON TABLE public.t TO app;
)";

TEST(DatabaseStatements, are_those_of_the_database_itself_under_another_name) {
  EXPECT_EQ(database_statements(of_a_database, "copy", true),
            (std::vector<std::string>{
                "COMMENT ON DATABASE \"copy\" IS 'one\n\nALTER DATABASE \"my \"\"shop\" two';",
                "ALTER DATABASE \"copy\" CONNECTION LIMIT = 7;",
                "ALTER DATABASE \"copy\" SET work_mem TO '7MB';",
                "ALTER ROLE app IN DATABASE \"copy\" SET search_path TO 'app';",
                "REVOKE CONNECT,TEMPORARY ON DATABASE \"copy\" FROM PUBLIC;",
                "GRANT CONNECT ON DATABASE \"copy\" TO app;"}));
  EXPECT_EQ(database_statements(of_a_database, "copy", false).size(), 3U) << "nothing of roles";
  EXPECT_TRUE(database_statements("", "copy", true).empty());
  EXPECT_TRUE(database_statements("CREATE DATABASE \"never closed", "copy", true).empty());
}

TEST(Dumps, KeepWhatIsQuoted) {
  const std::string text = "--\n-- Dumped from 18\n--\n\n\nSELECT 1;\n\n\n" + std::string(body);
  EXPECT_EQ(normalise_dump(text), "SELECT 1;\n\n" + std::string(body));
}

TEST(Dumps, AreEqualInAnyOrderOfStatementsButNotOfTheirParts) {
  EXPECT_EQ(compare_dumps("A;\n\nB 'x\n\ny';\n", "B 'x\n\ny';\n\nA;\n"), "");
  EXPECT_NE(compare_dumps("A;\n\nB 'x\n\ny';\n", "A;\n\nB 'y\n\nx';\n"), "");
  // Blocks of one body that stand in the other.
  EXPECT_NE(
      compare_dumps("AS $$a\n\nb$$;\n\nAS $$c\n\nd$$;\n", "AS $$a\n\nd$$;\n\nAS $$c\n\nb$$;\n"),
      "");
  EXPECT_EQ(compare_dumps("A;\n\nB;\n", "A;\n"), "- B;\n");
  EXPECT_EQ(compare_dumps("A;\n", "A;\n\nA;\n"), "+ A;\n");
}

TEST(SqlText, KnowsWhereQuotesAreOpen) {
  const auto open_after = [](std::string_view line) {
    SqlText text;
    text.line(line);
    return text.quoted();
  };
  for (const std::string_view line :
       {"a 'b", "E'\\'", "\"a''", "AS $$", "AS $a1$ $b$ $$", "'' '", "E'a'' b", "f($_$it's"})
    EXPECT_TRUE(open_after(line)) << line;
  for (const std::string_view line :
       {"a 'b'", "'\\'", "E'\\\\'", "\"it's\"", "$$ ' $$", "-- it's", "$1 + $2", "a$$b", "'--'",
        "E'a''' || '\\'", "name'x'", "typE'\\'"})
    EXPECT_FALSE(open_after(line)) << line;
}

TEST(Catalogs, ComeBackWithBytesOfAnyEncoding) {
  Catalog catalog;
  catalog.encoding = "SQL_ASCII";
  catalog.relations.push_back(
      {.schema = "public", .name = "caf\xE9\x80\xFF", .columns = {"\xC3("}});
  catalog.relations.push_back({.schema = "public", .name = "s", .kind = RelationKind::sequence});
  catalog.schema = "COMMENT ON TABLE t IS 'na\xEFve';";
  catalog.tablespace = "fast \"disks\"";
  const std::string text = write_catalog(catalog);
  const auto read = read_catalog(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->relations[0].name, catalog.relations[0].name);
  EXPECT_EQ(read->relations[0].columns, catalog.relations[0].columns);
  EXPECT_EQ(read->schema, catalog.schema);
  EXPECT_EQ(read->tablespace, catalog.tablespace);
  EXPECT_EQ(write_catalog(*read), text);
  // UTF-8 stays readable, and says nothing of bytes.
  catalog.schema = "é 漢";
  catalog.relations.clear();
  EXPECT_NE(write_catalog(catalog).find("é 漢"), std::string::npos);
  EXPECT_EQ(write_catalog(catalog).find("latin1"), std::string::npos);
  EXPECT_EQ(read_catalog(write_catalog(catalog))->schema, catalog.schema);
}

TEST(Catalogs, KeepTheFormsOfColumns) {
  Catalog catalog;
  catalog.relations.push_back({.schema = "public",
                               .name = "t",
                               .columns = {"a", "b", "c"},
                               .forms = {Form::value, Form::int8send, Form::row}});
  catalog.relations.push_back({.schema = "public", .name = "u", .columns = {"a"}});
  const std::string text = write_catalog(catalog);
  EXPECT_NE(text.find(R"("forms":["value","int8send","row"])"), std::string::npos) << text;
  const auto read = read_catalog(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->relations[0].forms, catalog.relations[0].forms);
  EXPECT_TRUE(read->relations[1].forms.empty());

  const auto refused = [&](std::string_view from, std::string_view to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    const auto catalog_of = read_catalog(changed);
    return catalog_of ? std::string() : catalog_of.error().message;
  };
  EXPECT_NE(refused("int8send", "pg_sleep").find("unknown form \"pg_sleep\""), std::string::npos);
  EXPECT_NE(refused(R"("value",)", "").find("without a form"), std::string::npos);
}

TEST(Catalogs, CompareARelationInTheFormsOfItsSource) {
  const std::vector<Relation> source = {
      {.schema = "s", .name = "t", .columns = {"a"}, .forms = {Form::text}},
      {.schema = "s", .name = "u", .columns = {"a"}},
      {.schema = "s", .name = "v", .columns = {"a"}, .forms = {Form::text}}};
  std::vector<Relation> copies = {
      {.schema = "s", .name = "v", .columns = {"a", "b"}, .forms = {Form::value, Form::value}},
      {.schema = "s", .name = "u", .columns = {"a"}, .forms = {Form::value}},
      {.schema = "s", .name = "t", .columns = {"a"}, .forms = {Form::value}}};
  take_forms(copies, source);
  EXPECT_EQ(copies[0].forms, (std::vector{Form::value, Form::value})); // other columns: it differs
  EXPECT_TRUE(copies[1].forms.empty());
  EXPECT_EQ(copies[2].forms, std::vector{Form::text});
}

TEST(DumpReader, ReadsNamesThatHoldTheEndOfALine) {
  DumpReader reader;
  reader.feed("COPY public.\"a\nb\" (\"x\ny\", z) FROM stdin;\n1\t2\n\"\n\\.\n\nSELECT "
              "pg_catalog.setval('public.\"s\nt\"', 7, true);\n");
  ASSERT_TRUE(reader.finish());
  EXPECT_EQ(reader.rows().at("\"public\".\"a\nb\""), 2u);
  EXPECT_EQ(reader.sequences().at("\"public\".\"s\nt\"").value, 7);
  reader.feed("COPY public.\"a\n");
  EXPECT_FALSE(reader.finish());
}

TEST(Hexadecimals, AreReadAsTheyAreWritten) {
  unsigned char bytes[2];
  EXPECT_TRUE(parse_hex("00af", bytes));
  for (const char* text : {"00AF", "00a", "00ag", "0:af", "00af0", ""})
    EXPECT_FALSE(parse_hex(text, bytes)) << text;
}

} // namespace
} // namespace aethel::backup
