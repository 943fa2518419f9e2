#include "config/part.h"

namespace aethel::parts {
namespace {

constexpr std::string_view routings[] = {"gateway", "ingress"};

constexpr Field fields[] = {
    {.name = "name",
     .form = Form::label,
     .required = true,
     .doc = "Begins the name of everything that is made: clusters, buckets, roles, secrets.",
     .example = "shop"},
    {.name = "title", .doc = "For people: dashboards and pages. Default: the name."},
    {.name = "repository",
     .form = Form::repository,
     .required = true,
     .doc = "The repository on GitHub, as OWNER/NAME.",
     .example = "acme/shop"},
    {.name = "registry",
     .required = true,
     .doc = "Where images are pushed: `ecr`, or a prefix such as ghcr.io/acme.",
     .example = "ecr"},
    {.name = "routing",
     .form = Form::choice,
     .doc = "How requests reach services: the Gateway API (default), or Ingress.",
     .choices = routings},
    {.name = "email",
     .form = Form::email,
     .required = true,
     .doc = "Whom certificate authorities and clouds write to.",
     .example = "ops@acme.example"},
    {.name = "replaces",
     .form = Form::paths,
     .doc = "Files that started production before. `generate` leaves them where they are until "
            "--adopt names them; then it removes them."},
};

void add(const FieldValue& value, Product& product) {
  product.name = value.one("name");
  product.title = value.one("title");
  product.repository = value.one("repository");
  product.registry = value.one("registry");
  product.routing = value.one("routing");
  product.email = value.one("email");
  for (const FieldValue& each : value.list("replaces")) product.replaces.push_back(each.text);
}

} // namespace

extern constinit const Part product;
constinit const Part product{.field = {.name = "product",
                                       .form = Form::mapping,
                                       .required = true,
                                       .doc = "What is produced, and from where.",
                                       .fields = fields},
                             .add = add};

} // namespace aethel::parts
