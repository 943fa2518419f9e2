#include "config/part.h"

namespace aethel::parts {
namespace {

constexpr Field fields[] = {
    {.name = "account", .doc = "The number of its own cloud account. Default: that of `cloud`."},
    {.name = "hosts",
     .form = Form::hosts,
     .required = true,
     .doc = "The host of each name that services and `grafana` have.",
     .example = "{web: acme.example, grafana: grafana.acme.example}"},
};

void add(const FieldValue& value, Product& product) {
  for (const FieldValue& each : value.children) {
    Environment environment{.name = each.key, .account = each.one("account")};
    for (const FieldValue& host : each.list("hosts"))
      environment.hosts.emplace_back(host.key, host.text);
    product.environments.push_back(std::move(environment));
  }
}

} // namespace

extern constinit const Part environments;
constinit const Part environments{
    .field = {.name = "environments",
              .form = Form::named,
              .required = true,
              .doc = "Where the product runs: `production`, `staging`, `local`.",
              .example = "{production: {hosts: {web: acme.example}}}",
              .fields = fields},
    .add = add};

} // namespace aethel::parts
