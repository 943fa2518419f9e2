#include "config/part.h"

namespace aethel::parts {
namespace {

constexpr Field fields[] = {
    {.name = "supplier", .doc = "Where a person gets it: an address, or a sentence."},
    {.name = "random",
     .form = Form::number,
     .doc = "Made by Terraform: that many random characters, at least 16."},
    {.name = "rotate", .form = Form::number, .doc = "Days after which it is due to be replaced."},
};

void add(const FieldValue& value, Product& product) {
  for (const FieldValue& each : value.children)
    product.secrets.push_back({.name = each.key,
                               .supplier = each.one("supplier"),
                               .random = each.count("random"),
                               .rotate = each.count("rotate")});
}

} // namespace

extern constinit const Part secrets;
constinit const Part secrets{
    .field = {.name = "secrets",
              .form = Form::secrets,
              .doc = "Where each secret that services take comes from, by path/key. The addresses "
                     "of stores need no entry: STORE/url is made with the store.",
              .fields = fields},
    .add = add};

} // namespace aethel::parts
