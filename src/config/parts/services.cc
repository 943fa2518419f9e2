#include "config/part.h"

namespace aethel::parts {
namespace {

constexpr std::string_view kinds[] = {"web", "websocket", "worker"};

constexpr Field build[] = {
    {.name = "context", .form = Form::path, .doc = "The folder of the build. Default: the root."},
    {.name = "dockerfile",
     .form = Form::path,
     .doc = "Relative to the root. Default: Dockerfile in the context."},
    {.name = "target", .doc = "The stage of the Dockerfile. Default: the last."},
};

constexpr Field health[] = {
    {.name = "startup", .form = Form::http_path, .doc = "Default: as `live`."},
    {.name = "live",
     .form = Form::http_path,
     .required = true,
     .doc = "Answers as long as the process works; asks no other service.",
     .example = "/livez"},
    {.name = "ready", .form = Form::http_path, .doc = "Default: as `live`."},
};

constexpr Field metrics[] = {
    {.name = "path", .form = Form::http_path, .doc = "Default: /metrics."},
    {.name = "port", .form = Form::port, .doc = "Default: the port of the service."},
};

constexpr Field resources[] = {
    {.name = "cpu", .form = Form::quantity, .doc = "What is requested. Default: 250m."},
    {.name = "memory", .form = Form::quantity, .doc = "Request and limit. Default: 512Mi."},
};

constexpr Field scaling[] = {
    {.name = "min", .form = Form::number, .doc = "Fewest replicas in production. Default: 2."},
    {.name = "max", .form = Form::number, .doc = "Most replicas in production. Default: 6."},
    {.name = "cpu", .form = Form::number, .doc = "Percent of the request. Default: 70."},
    {.name = "connections",
     .form = Form::number,
     .doc = "Open connections a replica, for a websocket service."},
};

constexpr Field fields[] = {
    {.name = "kind",
     .form = Form::choice,
     .doc = "web (default), websocket (long connections), worker (no port).",
     .choices = kinds},
    {.name = "build", .form = Form::mapping, .doc = "How its image is built.", .fields = build},
    {.name = "port", .form = Form::port, .doc = "Where it listens."},
    {.name = "host",
     .form = Form::label,
     .doc = "A name in `hosts` of each environment, when the internet may reach it."},
    {.name = "health", .form = Form::mapping, .doc = "Routes of its probes.", .fields = health},
    {.name = "metrics",
     .form = Form::mapping,
     .doc = "Where Prometheus asks it.",
     .fields = metrics},
    {.name = "resources",
     .form = Form::mapping,
     .doc = "What a replica needs.",
     .fields = resources},
    {.name = "scaling", .form = Form::mapping, .doc = "How many replicas.", .fields = scaling},
    {.name = "uses", .form = Form::labels, .doc = "Stores and services that it asks."},
    {.name = "migrate",
     .form = Form::words,
     .doc = "The command of its image that migrates the database, word by word."},
    {.name = "environment",
     .form = Form::variables,
     .doc = "Its variables: a text, {secret: path/key}, or {build: text} for one that the build "
            "takes. Texts may hold ${host.NAME}, ${service.NAME}, ${bucket.NAME}, ${environment} "
            "and ${region}."},
};

ServiceKind kind_named(std::string_view name) {
  if (name == "websocket") return ServiceKind::websocket;
  if (name == "worker") return ServiceKind::worker;
  return ServiceKind::web;
}

const FieldValue& part(const FieldValue& value, std::string_view name) {
  static const FieldValue none;
  const FieldValue* found = value.find(name);
  return found == nullptr ? none : *found;
}

std::vector<Located> texts(const std::vector<FieldValue>& list) {
  std::vector<Located> result;
  for (const FieldValue& each : list) result.push_back(each.text);
  return result;
}

EnvironmentValue variable(const FieldValue& value) {
  using From = EnvironmentValue::From;
  EnvironmentValue result{.name = value.key, .text = value.text};
  for (const FieldValue& each : value.children) {
    result.from = each.field == "secret"  ? From::secret
                  : each.field == "build" ? From::build
                                          : From::config;
    result.text = each.text;
  }
  return result;
}

void add(const FieldValue& value, Product& product) {
  for (const FieldValue& each : value.children) {
    const FieldValue& image = part(each, "build");
    const FieldValue& probes = part(each, "health");
    const FieldValue& numbers = part(each, "scaling");
    const FieldValue* scraped = each.find("metrics");
    Service service{.name = each.key,
                    .kind = kind_named(each.one("kind").value),
                    .context = image.one("context"),
                    .dockerfile = image.one("dockerfile"),
                    .build_target = image.one("target"),
                    .port = each.count("port"),
                    .host = each.one("host"),
                    .startup = probes.one("startup"),
                    .live = probes.one("live"),
                    .ready = probes.one("ready"),
                    .has_metrics = scraped != nullptr,
                    .metrics_path = part(each, "metrics").one("path"),
                    .metrics_port = part(each, "metrics").count("port"),
                    .cpu = part(each, "resources").one("cpu"),
                    .memory = part(each, "resources").one("memory"),
                    .minimum = numbers.count("min"),
                    .maximum = numbers.count("max"),
                    .target_cpu = numbers.count("cpu"),
                    .connections = numbers.count("connections"),
                    .uses = texts(each.list("uses")),
                    .migrate = texts(each.list("migrate"))};
    for (const FieldValue& one : each.list("environment"))
      service.environment.push_back(variable(one));
    product.services.push_back(std::move(service));
  }
}

} // namespace

extern constinit const Part services;
constinit const Part services{.field = {.name = "services",
                                        .form = Form::named,
                                        .required = true,
                                        .doc = "The programs of the product.",
                                        .example = "{web: {port: 3000, health: {live: /livez}}}",
                                        .fields = fields},
                              .add = add};

} // namespace aethel::parts
