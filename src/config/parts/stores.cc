#include "config/part.h"

namespace aethel::parts {
namespace {

constexpr std::string_view kinds[] = {"postgres", "valkey", "bucket"};

constexpr Field fields[] = {
    {.name = "kind",
     .form = Form::choice,
     .required = true,
     .doc = "postgres, valkey (also for clients of Redis), bucket (objects).",
     .example = "postgres",
     .choices = kinds},
    {.name = "version",
     .doc = "The major version, in quotes. Default: the newest that clouds have."},
    {.name = "size", .doc = "The cloud's class of machine, such as db.r7g.large."},
    {.name = "storage", .form = Form::number, .doc = "GiB of a database. Default: 100."},
};

void add(const FieldValue& value, Product& product) {
  for (const FieldValue& each : value.children) {
    const std::string& kind = each.one("kind").value;
    product.stores.push_back({.name = each.key,
                              .kind = kind == "valkey"   ? StoreKind::valkey
                                      : kind == "bucket" ? StoreKind::bucket
                                                         : StoreKind::postgres,
                              .version = each.one("version"),
                              .size = each.one("size"),
                              .storage = each.count("storage")});
  }
}

} // namespace

extern constinit const Part stores;
constinit const Part stores{.field = {.name = "stores",
                                      .form = Form::named,
                                      .doc = "What keeps data. Services name them in `uses`.",
                                      .fields = fields},
                            .add = add};

} // namespace aethel::parts
