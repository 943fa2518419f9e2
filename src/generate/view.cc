#include "generate/view.h"

#include "config/part.h"
#include "knowledge/versions.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>

namespace aethel::generate {
namespace {

std::string or_else(const Located& text, std::string_view fallback) {
  return text.value.empty() ? std::string(fallback) : text.value;
}

Value text_or_false(const Located& text) {
  return text.value.empty() ? Value(false) : Value(text.value);
}

Value number_or_false(const LocatedNumber& number) {
  return number.value ? Value(std::to_string(*number.value)) : Value(false);
}

std::string number_or(const LocatedNumber& number, std::int64_t fallback) {
  return std::to_string(number.value_or(fallback));
}

// The variable in .env.production with the password of a database's owner.
std::string owner_password(std::string_view store) {
  std::string name(store);
  for (char& c : name)
    c = c == '-' ? '_' : 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name + "_OWNER_PASSWORD";
}

std::pair<std::string, std::string> split_secret(std::string_view name) {
  const std::size_t slash = name.find('/');
  return {std::string(name.substr(0, slash)), std::string(name.substr(slash + 1))};
}

std::string json_words(const std::vector<Located>& words) {
  std::string out = "[";
  for (const Located& word : words) out += (out.size() > 1 ? ", " : "") + json_text(word.value);
  return out + "]";
}

// JSON where compose reads it: a dollar of the value is no variable.
std::string compose_text(std::string_view text) {
  std::string out;
  for (const char c : json_text(text)) {
    if (c == '$') out += '$';
    out += c;
  }
  return out;
}

Value with_value(Value entry, const std::string& text) {
  return entry.set("value", text)
      .set("quoted", json_text(text))
      .set("in_compose", compose_text(text));
}

std::string join_folder(std::string_view folder, std::string_view name) {
  return folder.empty() || folder == "." ? "./" + std::string(name)
                                         : std::string(folder) + "/" + std::string(name);
}

// Names of buckets are the world's: the account makes them this product's own.
std::string bucket_name(const Product& product, const Environment& environment,
                        std::string_view store) {
  return fmt::format("{}-{}-{}-{}", product.name.value, environment.name.value, store,
                     or_else(environment.account, product.account.value));
}

class Viewer {
public:
  explicit Viewer(const Product& product) : product_(product) {}

  Value run() {
    Value view = Value::object();
    const std::string& repository = product_.repository.value;
    const std::size_t slash = repository.find('/');
    const bool gateway = product_.routing.value != "ingress";
    view.set("name", product_.name.value)
        .set("product", product_.name.value) // where an entry of a list has a name of its own
        .set("title", or_else(product_.title, product_.name.value))
        .set("repository", repository)
        .set("owner", repository.substr(0, slash))
        .set("repository_name", repository.substr(slash + 1))
        .set("email", product_.email.value)
        .set("gateway", gateway)
        .set("ingress", !gateway)
        .set("account", product_.account.value)
        .set("region", product_.region.value)
        .set("zone", product_.zone.value)
        .set("ecr", product_.registry.value == "ecr")
        .set("registry", registry());
    versions(view);
    stores(view);
    collect_secrets();
    alerts(view);
    Value services = Value::list();
    for (const Service& each : product_.services) services.push(service(each, nullptr));
    view.set("services", std::move(services))
        .set("has_analysis", std::ranges::any_of(product_.services, [](const Service& each) {
               return each.kind == ServiceKind::web && each.has_metrics;
             }));
    environments(view);
    secrets(view);
    view.mark_ends();
    return view;
  }

private:
  struct Secret {
    std::string name;
    bool system = false; // of the infrastructure, not of the product's services
    bool store = false;
    std::string supplier;
    LocatedNumber random, rotate;
    std::vector<std::pair<std::string, std::string>> consumers; // service, variable
  };

  std::string registry() const {
    if (product_.registry.value != "ecr") return product_.registry.value;
    return fmt::format("{}.dkr.ecr.{}.amazonaws.com/{}", product_.account.value,
                       product_.region.value, product_.name.value);
  }

  static void versions(Value& view) {
    Value numbers = Value::object(), images = Value::object();
    for (const Version& each : aethel::versions()) {
      numbers.set(std::string(each.name), each.version);
      if (!each.image.empty())
        images.set(std::string(each.name), fmt::format("{}:{}", each.image, each.version));
    }
    view.set("versions", std::move(numbers)).set("images", std::move(images));
  }

  void stores(Value& view) const {
    Value databases = Value::list(), caches = Value::list(), buckets = Value::list();
    for (const Store& store : product_.stores) {
      Value entry = Value::object();
      entry.set("name", store.name.value)
          .set("version", or_else(store.version, store.kind == StoreKind::postgres ? "18" : "9"))
          .set("size", text_or_false(store.size))
          .set("storage", number_or_false(store.storage))
          .set("owner_password", owner_password(store.name.value));
      Value& list = store.kind == StoreKind::postgres ? databases
                    : store.kind == StoreKind::valkey ? caches
                                                      : buckets;
      list.push(std::move(entry));
    }
    view.set("has_database", !databases.items().empty())
        .set("has_cache", !caches.items().empty())
        .set("has_bucket", !buckets.items().empty())
        .set("databases", std::move(databases))
        .set("caches", std::move(caches))
        .set("buckets", std::move(buckets));
  }

  Secret& secret(std::string name) {
    const auto found = std::ranges::find(secrets_, name, &Secret::name);
    if (found != secrets_.end()) return *found;
    secrets_.push_back({.name = std::move(name)});
    return secrets_.back();
  }

  void system_secret(std::string name, std::string supplier, std::int64_t random = 0,
                     std::int64_t rotate = 0) {
    Secret& entry = secret(std::move(name));
    entry.system = true;
    // One that aethel.yaml gives a source has that source.
    if (entry.store || !entry.supplier.empty() || entry.random.value) return;
    entry.supplier = std::move(supplier);
    if (random > 0) entry.random.value = random;
    if (rotate > 0) entry.rotate.value = rotate;
  }

  void collect_secrets() {
    for (const StoreKind kind : {StoreKind::postgres, StoreKind::valkey})
      for (const Store& store : product_.stores)
        if (store.kind == kind) secret(store.name.value + "/url").store = true;
    for (const SecretSource& source : product_.secrets) {
      Secret& entry = secret(source.name.value);
      entry.supplier = source.supplier.value;
      entry.random = source.random;
      entry.rotate = source.rotate;
    }
    const std::string owner =
        product_.repository.value.substr(0, product_.repository.value.find('/'));
    const std::string applications =
        fmt::format("https://github.com/organizations/{}/settings/applications", owner);
    system_secret("grafana/admin_user", "", 12);
    system_secret("grafana/admin_password", "", 32, 180);
    system_secret("grafana/github_client_id", applications);
    system_secret("grafana/github_client_secret", applications);
    system_secret("alertmanager/smtp_password", "the mail provider");
    if (!product_.page.value.empty())
      system_secret(product_.page.value, "the page receiver of alerts");
    if (!product_.chat.value.empty())
      system_secret(product_.chat.value, "the chat receiver of alerts");
    if (!product_.heartbeat.value.empty())
      system_secret(product_.heartbeat.value, "the heartbeat receiver of alerts");
    system_secret("backup/service_key", "`aethel backup init`");
    system_secret("backup/signing_key", "`aethel backup init`");
  }

  void alerts(Value& view) const {
    Value alerts = Value::object();
    const std::pair<std::string_view, const Located*> receivers[] = {
        {"page", &product_.page}, {"chat", &product_.chat}, {"heartbeat", &product_.heartbeat}};
    for (const auto& [name, text] : receivers) {
      if (text->value.empty()) {
        alerts.set(std::string(name), false);
        continue;
      }
      const auto [path, key] = split_secret(text->value);
      alerts.set(std::string(name), Value::object().set("path", path).set("key", key));
    }
    alerts.set("email", or_else(product_.alert_email, product_.email.value));
    view.set("alerts", std::move(alerts));
  }

  const Store* store_named(std::string_view name) const {
    for (const Store& store : product_.stores)
      if (store.name.value == name) return &store;
    return nullptr;
  }

  bool is_store(std::string_view name, StoreKind kind) const {
    const Store* store = store_named(name);
    return store != nullptr && store->kind == kind;
  }

  const Service* service_named(std::string_view name) const {
    for (const Service& each : product_.services)
      if (each.name.value == name) return &each;
    return nullptr;
  }

  bool uses(const Service& service, StoreKind kind) const {
    return std::ranges::any_of(service.uses, [&](const Located& use) {
      const Store* store = store_named(use.value);
      return store != nullptr && store->kind == kind;
    });
  }

  // As it is everywhere, or in one environment.
  Value service(const Service& from, const Environment* environment) {
    Value to = Value::object();
    const std::string& name = from.name.value;
    const std::string context = or_else(from.context, ".");
    const std::string port = from.port.value ? std::to_string(*from.port.value) : std::string();
    to.set("name", name)
        .set("kind", from.kind == ServiceKind::web         ? "web"
                     : from.kind == ServiceKind::websocket ? "websocket"
                                                           : "worker")
        .set("web", from.kind == ServiceKind::web)
        .set("websocket", from.kind == ServiceKind::websocket)
        .set("worker", from.kind == ServiceKind::worker)
        .set("port", number_or_false(from.port))
        .set("image", fmt::format("{}/{}", registry(), name))
        .set("build",
             Value::object()
                 .set("context", context)
                 .set("dockerfile", or_else(from.dockerfile, join_folder(context, "Dockerfile")))
                 .set("target", text_or_false(from.build_target)))
        .set("host", text_or_false(from.host));
    const Value live = text_or_false(from.live);
    to.set("health",
           Value::object()
               .set("startup", from.startup.value.empty() ? live : Value(from.startup.value))
               .set("live", live)
               .set("ready", from.ready.value.empty() ? live : Value(from.ready.value)));
    if (from.has_metrics)
      to.set("metrics", Value::object()
                            .set("path", or_else(from.metrics_path, "/metrics"))
                            .set("port", from.metrics_port.value
                                             ? Value(std::to_string(*from.metrics_port.value))
                                             : number_or_false(from.port)));
    else
      to.set("metrics", false);
    to.set("cpu", or_else(from.cpu, "250m"))
        .set("memory", or_else(from.memory, "512Mi"))
        .set("min", number_or(from.minimum, 2))
        .set("max", number_or(from.maximum, std::max<std::int64_t>(6, from.minimum.value_or(2))))
        .set("target_cpu", from.target_cpu.value || !from.connections.value
                               ? Value(number_or(from.target_cpu, 70))
                               : Value(false))
        .set("connections", number_or_false(from.connections))
        .set("migrate", from.migrate.empty()
                            ? Value(false)
                            : Value::object().set("command", json_words(from.migrate)));
    // Where no role of the machine opens the buckets, keys do, unless the service has its own.
    to.set("bucket_keys",
           uses(from, StoreKind::bucket) &&
               std::ranges::none_of(from.environment, [](const EnvironmentValue& variable) {
                 return variable.name.value.starts_with("AWS_") &&
                        variable.name.value.contains("ACCESS_KEY");
               }));
    Value used = Value::list(), used_services = Value::list();
    for (const Located& use : from.uses) {
      used.push(Value::object().set("name", use.value));
      if (const Service* other = service_named(use.value))
        used_services.push(
            Value::object().set("name", use.value).set("port", number_or_false(other->port)));
    }
    to.set("uses", std::move(used))
        .set("uses_database", uses(from, StoreKind::postgres))
        .set("uses_cache", uses(from, StoreKind::valkey))
        .set("uses_bucket", uses(from, StoreKind::bucket))
        .set("uses_services", std::move(used_services));
    variables(from, environment, to);
    if (environment != nullptr && !from.host.value.empty())
      for (const auto& [host_name, host] : environment->hosts)
        if (host_name.value == from.host.value) to.set("hostname", host.value);
    return to;
  }

  void variables(const Service& from, const Environment* environment, Value& to) {
    Value config = Value::list(), local = Value::list(), secrets = Value::list(),
          arguments = Value::list();
    for (const EnvironmentValue& variable : from.environment) {
      const std::string& name = variable.name.value;
      const std::string& text = variable.text.value;
      Value entry = Value::object().set("name", name);
      switch (variable.from) {
      case EnvironmentValue::From::secret: {
        const auto [path, key] = split_secret(text);
        secrets.push(entry.set("path", path).set("key", key).set("secret", text));
        if (environment == nullptr) secret(text).consumers.emplace_back(from.name.value, name);
        break;
      }
      case EnvironmentValue::From::build:
        arguments.push(with_value(
            entry, environment == nullptr ? text : fill_holes(text, product_, *environment)));
        break;
      case EnvironmentValue::From::config:
        // What no environment changes stands in the base.
        if (text.contains("${host.") || text.contains("${environment}") ||
            text.contains("${bucket.")) {
          if (environment != nullptr)
            local.push(with_value(entry, fill_holes(text, product_, *environment)));
        } else {
          const Environment& any =
              environment == nullptr ? product_.environments.front() : *environment;
          config.push(with_value(entry, fill_holes(text, product_, any)));
        }
        break;
      }
    }
    to.set("has_environment",
           config.items().size() + local.items().size() + secrets.items().size() > 0)
        .set("has_config", !config.items().empty())
        .set("has_environment_config", !local.items().empty())
        .set("has_secrets", !secrets.items().empty())
        .set("has_build_arguments", !arguments.items().empty())
        .set("config", std::move(config))
        .set("environment_config", std::move(local))
        .set("secrets", std::move(secrets))
        .set("build_arguments", std::move(arguments));
  }

  void environments(Value& view) {
    Value all = Value::list(), deployed = Value::list();
    for (const Environment& from : product_.environments) {
      const std::string& name = from.name.value;
      const std::string account = or_else(from.account, product_.account.value);
      Value hosts = Value::list(), by_name = Value::object();
      for (const auto& [host_name, host] : from.hosts) {
        hosts.push(Value::object()
                       .set("name", host_name.value)
                       .set("host", host.value)
                       .set("apex", host.value == product_.zone.value));
        by_name.set(host_name.value, host.value);
      }
      Value buckets = Value::list();
      for (const Store& store : product_.stores)
        if (store.kind == StoreKind::bucket)
          buckets.push(Value::object()
                           .set("name", store.name.value)
                           .set("bucket", bucket_name(product_, from, store.name.value)));
      Value services = Value::list();
      for (const Service& each : product_.services) services.push(service(each, &from));
      const Value* grafana = by_name.find("grafana");
      Value to = Value::object();
      to.set("name", name)
          .set("production", name == "production")
          .set("staging", name == "staging")
          .set("local", name == "local")
          .set("deployed", name != "local")
          .set("account", account)
          .set("cluster", fmt::format("{}-{}", product_.name.value, name))
          .set("namespace", product_.name.value)
          .set("hosts", std::move(hosts))
          .set("grafana_host", grafana == nullptr ? Value(false) : *grafana)
          .set("host", std::move(by_name))
          .set("buckets", std::move(buckets))
          .set("services", std::move(services));
      if (name != "local") deployed.push(to);
      all.push(std::move(to));
    }
    view.set("environments", std::move(all)).set("deployed", std::move(deployed));
  }

  void secrets(Value& view) const {
    Value all = Value::list();
    std::vector<std::string> paths;
    std::map<std::string, Value> by_path;
    std::map<std::string, std::set<std::string>> kinds;
    for (const Secret& from : secrets_) {
      const auto [path, key] = split_secret(from.name);
      Value consumers = Value::list();
      for (const auto& [service, variable] : from.consumers)
        consumers.push(Value::object().set("service", service).set("variable", variable));
      Value to = Value::object();
      to.set("name", from.name)
          .set("path", path)
          .set("key", key)
          .set("system", from.system)
          .set("supplier", from.supplier.empty() ? Value(false) : Value(from.supplier))
          .set("random", number_or_false(from.random))
          .set("store", from.store)
          .set("postgres", from.store && is_store(path, StoreKind::postgres))
          .set("owner_password", owner_password(path))
          .set("valkey", from.store && is_store(path, StoreKind::valkey))
          .set("rotate", number_or_false(from.rotate))
          .set("consumers", std::move(consumers));
      const auto [place, fresh] = by_path.try_emplace(path, Value::list());
      if (fresh) paths.push_back(path);
      place->second.push(to);
      if (from.store) kinds[path].insert("store");
      if (from.random.value) kinds[path].insert("random");
      if (!from.supplier.empty()) kinds[path].insert("supplier");
      all.push(std::move(to));
    }
    view.set("secrets", std::move(all));
    Value list = Value::list();
    for (const std::string& path : paths)
      list.push(Value::object()
                    .set("path", path)
                    .set("keys", by_path.at(path))
                    .set("store", kinds[path].contains("store"))
                    .set("random", kinds[path].contains("random"))
                    .set("supplier", kinds[path].contains("supplier")));
    view.set("secret_paths", std::move(list));
  }

  const Product& product_;
  std::vector<Secret> secrets_;
};

} // namespace

std::string fill_holes(std::string_view text, const Product& product,
                       const Environment& environment) {
  std::string out;
  while (true) {
    const std::size_t at = text.find("${");
    const std::size_t end = at == std::string_view::npos ? at : text.find('}', at);
    if (end == std::string_view::npos) return out + std::string(text);
    out += text.substr(0, at);
    const std::string_view hole = text.substr(at + 2, end - at - 2);
    const std::string_view name = hole.substr(std::min(hole.find('.'), hole.size() - 1) + 1);
    if (hole == "environment")
      out += environment.name.value;
    else if (hole == "region")
      out += product.region.value;
    else if (hole.starts_with("host.")) {
      for (const auto& [host_name, host] : environment.hosts)
        if (host_name.value == name) out += host.value;
    } else if (hole.starts_with("service.")) {
      for (const Service& each : product.services)
        if (each.name.value == name) out += fmt::format("{}:{}", name, each.port.value_or(80));
    } else if (hole.starts_with("bucket.")) {
      out += bucket_name(product, environment, name);
    }
    text.remove_prefix(end + 1);
  }
}

Value view_of(const Product& product) { return Viewer(product).run(); }

std::vector<Missing> missing_of(const Product& product) {
  std::vector<Missing> missing;
  // In the order of the tables, with their words.
  const std::map<std::string, bool> present = {
      {"product.name", !product.name.value.empty()},
      {"product.repository", !product.repository.value.empty()},
      {"product.registry", !product.registry.value.empty()},
      {"product.email", !product.email.value.empty()},
      {"cloud.account", !product.account.value.empty()},
      {"cloud.region", !product.region.value.empty()},
      {"cloud.zone", !product.zone.value.empty()},
  };
  for (const Part* part : parts::all())
    for (const Field& field : part->field.fields) {
      const std::string key = fmt::format("{}.{}", part->field.name, field.name);
      if (const auto found = present.find(key); found != present.end() && !found->second)
        missing.push_back(
            {.key = key, .doc = std::string(field.doc), .example = std::string(field.example)});
    }
  const auto want = [&](bool absent, std::string key, std::string_view doc,
                        std::string_view example) {
    if (absent)
      missing.push_back(
          {.key = std::move(key), .doc = std::string(doc), .example = std::string(example)});
  };
  want(product.environments.empty(), "environments", "Where the product runs, with its hosts.",
       "{production: {hosts: {web: acme.example}}}");
  for (const Environment& each : product.environments)
    want(each.hosts.empty(), fmt::format("environments.{}.hosts", each.name.value),
         "The host of each name that services have.", "{web: acme.example}");
  want(product.services.empty(), "services", "The programs of the product.",
       "{web: {port: 3000, health: {live: /livez}}}");
  for (const Service& each : product.services) {
    if (each.kind == ServiceKind::worker) continue;
    want(each.live.value.empty(), fmt::format("services.{}.health.live", each.name.value),
         "The route that answers as long as the process works.", "/livez");
  }
  return missing;
}

} // namespace aethel::generate
