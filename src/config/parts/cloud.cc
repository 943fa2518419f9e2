#include "config/part.h"

namespace aethel::parts {
namespace {

constexpr std::string_view providers[] = {"aws"};

constexpr Field fields[] = {
    {.name = "provider",
     .form = Form::choice,
     .doc = "The cloud. Default: aws.",
     .choices = providers},
    {.name = "account",
     .required = true,
     .doc = "The number of the account, in quotes; an environment may have its own.",
     .example = "\"123456789012\""},
    {.name = "region",
     .form = Form::label,
     .required = true,
     .doc = "The region.",
     .example = "us-east-1"},
    {.name = "zone",
     .form = Form::host,
     .required = true,
     .doc = "The DNS zone that all hosts are below, or are.",
     .example = "acme.example"},
};

void add(const FieldValue& value, Product& product) {
  product.provider = value.one("provider");
  product.account = value.one("account");
  product.region = value.one("region");
  product.zone = value.one("zone");
}

} // namespace

extern constinit const Part cloud;
constinit const Part cloud{.field = {.name = "cloud",
                                     .form = Form::mapping,
                                     .required = true,
                                     .doc = "Facts of the cloud account.",
                                     .fields = fields},
                           .add = add};

} // namespace aethel::parts
