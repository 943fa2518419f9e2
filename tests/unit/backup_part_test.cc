#include "backup/part.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>

namespace aethel::backup {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// As pg_restore 18 prints it, of names with blanks that read like others.
constexpr std::string_view list = R"(;
; Archive created at 2026-11-27 10:20:00 UTC
;     Dumped from database version: 18.6
;
6; 2615 16402 SCHEMA - my shop owner
7; 2615 16403 SCHEMA - shop owner
2635; 0 0 COMMENT - SCHEMA shop owner
2636; 0 0 ACL - SCHEMA shop owner
230; 1255 16446 FUNCTION shop nothing() owner
228; 1259 16472 TABLE my shop parts owner
229; 1259 16475 TABLE my shop low owner
227; 1259 16461 TABLE my shop things owner
222; 1259 16405 TABLE shop customers owner
2637; 0 0 ACL shop TABLE customers owner
221; 1259 16404 SEQUENCE shop customers_id_seq owner
2638; 0 0 SEQUENCE OWNED BY shop customers_id_seq owner
2639; 0 0 ACL shop SEQUENCE customers_id_seq owner
226; 1259 16450 MATERIALIZED VIEW shop names owner
225; 1259 16433 TABLE shop orders owner
2640; 0 0 COMMENT shop TABLE orders owner
2641; 0 0 COMMENT shop COLUMN orders.id owner
2642; 0 0 ACL shop COLUMN orders.id owner
224; 1259 16418 TABLE shop orders of owner
2643; 0 0 COMMENT shop COLUMN "orders of".id owner
223; 1259 16417 SEQUENCE shop orders of_id_seq owner
2445; 0 0 TABLE ATTACH my shop low owner
2446; 2604 16408 DEFAULT shop customers id owner
2628; 0 16475 TABLE DATA my shop low owner
2627; 0 16461 TABLE DATA my shop things owner
2622; 0 16405 TABLE DATA shop customers owner
2625; 0 16433 TABLE DATA shop orders owner
2624; 0 16418 TABLE DATA shop orders of owner
2644; 0 0 SEQUENCE SET shop customers_id_seq owner
2645; 0 0 SEQUENCE SET shop orders of_id_seq owner
2459; 2606 16466 CONSTRAINT my shop things things_pkey owner
2452; 2606 16414 CONSTRAINT shop customers customers_pkey owner
2455; 2606 16427 CONSTRAINT shop orders of orders of_pkey owner
2457; 2606 16438 CONSTRAINT shop orders orders_pkey owner
2460; 1259 16478 INDEX my shop parts_id_idx owner
2453; 1259 16444 INDEX shop of note owner
2458; 1259 16444 INDEX shop pair owner
2647; 0 0 COMMENT shop INDEX pair owner
2463; 3381 16445 STATISTICS shop linked owner
2615; 2618 16448 RULE shop customers never owner
2467; 2620 16447 TRIGGER shop orders is nothing owner
2466; 2606 16467 FK CONSTRAINT my shop things things_customer_fkey owner
2465; 2606 16439 FK CONSTRAINT shop orders of customer owner
2646; 0 0 COMMENT shop CONSTRAINT "of customer" ON orders owner
2464; 2606 16428 FK CONSTRAINT shop orders of orders of_customer_fkey owner
2618; 3256 16449 POLICY shop customers all_of owner
2617; 0 16405 ROW SECURITY shop customers owner
2619; 6104 16480 PUBLICATION - told owner
2620; 6106 16481 PUBLICATION TABLE shop told orders owner
2626; 0 16450 MATERIALIZED VIEW DATA shop names owner
)";

constexpr std::string_view schema = R"(CREATE FUNCTION shop.nothing() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
CREATE INDEX trick ON shop.customers USING btree (id);
RETURN NEW; END $$;

ALTER TABLE shop."orders of" ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME shop."orders of_id_seq"
    START WITH 1
);

ALTER SEQUENCE shop.customers_id_seq OWNED BY shop.customers.id;

CREATE INDEX parts_id_idx ON ONLY "my shop".parts USING btree (id);

CREATE INDEX "of note" ON shop."orders of" USING btree (note);

CREATE UNIQUE INDEX pair ON shop.orders USING btree (id, customer) WHERE (id > 3);

CREATE STATISTICS shop.linked ON id, customer FROM shop.orders;

ALTER TABLE ONLY "my shop".things
    ADD CONSTRAINT things_customer_fkey FOREIGN KEY (customer) REFERENCES shop.customers(id);

ALTER TABLE ONLY shop.orders
    ADD CONSTRAINT "of customer" FOREIGN KEY (customer) REFERENCES shop.customers(id);

ALTER TABLE ONLY shop."orders of"
    ADD CONSTRAINT "orders of_customer_fkey" FOREIGN KEY (customer) REFERENCES shop.customers(id);
)";

Catalog catalog() {
  Catalog out;
  for (const auto& [in, name] : {std::pair("my shop", "low"),
                                 {"my shop", "things"},
                                 {"shop", "customers"},
                                 {"shop", "orders"},
                                 {"shop", "orders of"}})
    out.relations.push_back({.schema = in, .name = name});
  out.relations.push_back(
      {.schema = "shop", .name = "names", .kind = RelationKind::materialized_view});
  out.relations.push_back(
      {.schema = "shop", .name = "customers_id_seq", .kind = RelationKind::sequence});
  out.schema = schema;
  return out;
}

// What was chosen, without numbers and owners.
std::vector<std::string> chosen(const PartEntries& entries) {
  std::vector<std::string> out;
  for (std::string_view rest = entries.list; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    for (int i = 0; i < 3; ++i) line.remove_prefix(line.find(' ') + 1);
    line.remove_suffix(std::string_view(" owner").size());
    out.emplace_back(line);
  }
  return out;
}

TEST(Part, IsATableWithWhatBelongsToItAlone) {
  const auto entries = entries_of({.tables = {"shop.orders"}}, list, catalog(), {"public", "shop"});
  EXPECT_THAT(chosen(entries),
              ElementsAre("TABLE shop orders", "COMMENT shop TABLE orders",
                          "COMMENT shop COLUMN orders.id", "ACL shop COLUMN orders.id",
                          "TABLE DATA shop orders", "CONSTRAINT shop orders orders_pkey",
                          "INDEX shop pair", "COMMENT shop INDEX pair", "STATISTICS shop linked"));
  EXPECT_THAT(entries.left_out,
              ElementsAre("trigger is nothing of shop.orders",
                          "foreign key of customer of shop.orders to shop.customers"));
}

TEST(Part, TellsNamesApartThatBeginAlike) {
  EXPECT_THAT(chosen(entries_of({.tables = {"shop.orders of"}}, list, catalog(), {"shop"})),
              ElementsAre("TABLE shop orders of", "COMMENT shop COLUMN \"orders of\".id",
                          "SEQUENCE shop orders of_id_seq", "TABLE DATA shop orders of",
                          "SEQUENCE SET shop orders of_id_seq",
                          "CONSTRAINT shop orders of orders of_pkey", "INDEX shop of note"));
}

TEST(Part, TakesASequenceAndRowSecurityWithTheTableAndMakesItsSchema) {
  const auto entries = entries_of({.tables = {"shop.customers"}}, list, catalog(), {});
  EXPECT_THAT(chosen(entries),
              ElementsAre("SCHEMA - shop", "TABLE shop customers", "ACL shop TABLE customers",
                          "SEQUENCE shop customers_id_seq",
                          "SEQUENCE OWNED BY shop customers_id_seq",
                          "ACL shop SEQUENCE customers_id_seq", "DEFAULT shop customers id",
                          "TABLE DATA shop customers", "SEQUENCE SET shop customers_id_seq",
                          "CONSTRAINT shop customers customers_pkey",
                          "POLICY shop customers all_of", "ROW SECURITY shop customers"));
  EXPECT_THAT(entries.left_out, ElementsAre("rule never of shop.customers"));
}

TEST(Part, KeepsAForeignKeyBetweenTwoOfItsTables) {
  const auto entries = entries_of({.tables = {"shop.orders", "my shop.things", "shop.customers"}},
                                  list, catalog(), {"shop", "my shop"});
  const auto all = chosen(entries);
  EXPECT_THAT(all, testing::IsSupersetOf({"FK CONSTRAINT shop orders of customer",
                                          "COMMENT shop CONSTRAINT \"of customer\" ON orders",
                                          "FK CONSTRAINT my shop things things_customer_fkey"}));
  EXPECT_THAT(entries.list, Not(HasSubstr("orders of_customer_fkey")));
}

TEST(Part, IsASchemaWithAllThatIsInIt) {
  const auto entries = entries_of({.schemas = {"shop"}}, list, catalog(), {"public"});
  EXPECT_EQ(std::ranges::count(entries.list, '\n'), 38);
  EXPECT_THAT(entries.list, HasSubstr("SCHEMA - shop owner\n"));
  EXPECT_THAT(entries.list, HasSubstr("ACL - SCHEMA shop owner\n"));
  EXPECT_THAT(entries.list, Not(HasSubstr("my shop")));
  EXPECT_THAT(entries.list, Not(HasSubstr("PUBLICATION")));
  EXPECT_THAT(entries.left_out, IsEmpty());
}

TEST(Part, LeavesOutAForeignKeyToAnotherSchema) {
  const auto entries = entries_of({.schemas = {"my shop"}}, list, catalog(), {"my shop"});
  EXPECT_THAT(chosen(entries),
              ElementsAre("TABLE my shop parts", "TABLE my shop low", "TABLE my shop things",
                          "TABLE ATTACH my shop low", "TABLE DATA my shop low",
                          "TABLE DATA my shop things", "CONSTRAINT my shop things things_pkey",
                          "INDEX my shop parts_id_idx"));
  EXPECT_THAT(entries.left_out,
              ElementsAre("foreign key things_customer_fkey of my shop.things to shop.customers"));
}

TEST(Part, OfAListThatIsNoneIsEmpty) {
  for (const std::string_view text :
       {"", ";", "1", "1; ", "1; 2", "1; 2 3", "1; 2 3 ", "1; 2 3 TABLE", "1; 2 3 TABLE ",
        "1; 2 3 TABLE shop", "1; 2 3 FK CONSTRAINT shop "})
    EXPECT_EQ(entries_of({.schemas = {"x"}, .tables = {"shop.orders"}}, text, catalog(), {}).list,
              "")
        << text;
}

} // namespace
} // namespace aethel::backup
