#include "config/part_reader.h"

#include "base/nearest.h"
#include "config/check.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace aethel {
namespace {

constexpr std::string_view environment_names[] = {"production", "staging", "local"};

class Checker {
public:
  Checker(const Product& product, const ReportProblem& report)
      : product_(product), report_(report) {
    for (const Store& store : product_.stores) {
      names_.insert(store.name.value);
      if (store.kind == StoreKind::bucket)
        buckets_.push_back(store.name.value);
      else
        sources_.insert(store.name.value + "/url");
    }
    for (const Service& service : product_.services) {
      names_.insert(service.name.value);
      services_.push_back(service.name.value);
      if (!service.host.value.empty()) host_names_.insert(service.host.value);
    }
    for (const SecretSource& secret : product_.secrets) sources_.insert(secret.name.value);
    for (const Environment& environment : product_.environments)
      for (const auto& [name, host] : environment.hosts) host_names_.insert(name.value);
  }

  void run() {
    for (const Environment& environment : product_.environments) check(environment);
    for (const SecretSource& secret : product_.secrets) check(secret);
    for (const Service& service : product_.services) check(service);
    for (const Store& store : product_.stores)
      for (const Service& service : product_.services)
        if (store.name.value == service.name.value)
          report_(store.name.range,
                  fmt::format("\"{}\" is the name of a service, too", store.name.value),
                  "both would be the same name on the network: rename one");
    check_registry();
  }

private:
  void check(const Environment& environment) {
    if (std::ranges::find(environment_names, environment.name.value) == std::end(environment_names))
      report_(environment.name.range,
              fmt::format("unknown environment \"{}\"", environment.name.value),
              suggest(environment.name.value, environment_names));
    for (const auto& [name, host] : environment.hosts) {
      const auto [first, fresh] = hosts_.try_emplace(host.value, environment.name.value);
      if (!fresh)
        report_(host.range, fmt::format("the host \"{}\" is given twice", host.value),
                fmt::format("{} has it already", first->second));
      const std::string& zone = product_.zone.value;
      if (environment.name.value != "local" && !zone.empty() && !host.value.empty() &&
          host.value != zone && !host.value.ends_with("." + zone))
        report_(host.range,
                fmt::format("the host \"{}\" is not in the zone \"{}\"", host.value, zone),
                "only hosts of the zone get a record and a certificate");
    }
  }

  void check(const SecretSource& secret) {
    const bool both = secret.random.value && !secret.supplier.value.empty();
    if (both)
      report_(secret.name.range,
              fmt::format("\"{}\" is random and has a supplier", secret.name.value),
              "a secret has one producer: keep one of them");
    else if (!secret.random.value && secret.supplier.value.empty())
      report_(secret.name.range, fmt::format("nothing produces \"{}\"", secret.name.value),
              "give it a `supplier`, or `random: 48`");
    if (secret.random.value.value_or(16) < 16)
      report_(secret.random.range, "a random secret has at least 16 characters", {});
    const std::string path = secret.name.value.substr(0, secret.name.value.find('/'));
    for (const Store& store : product_.stores)
      if (store.kind != StoreKind::bucket && secret.name.value == store.name.value + "/url")
        report_(secret.name.range,
                fmt::format("\"{}\" is made with the store \"{}\"", secret.name.value, path),
                "a secret has one producer: take this entry out");
  }

  void check(const Service& service) {
    const std::string& name = service.name.value;
    if (std::ranges::find(taken_names, name) != std::end(taken_names))
      report_(service.name.range, fmt::format("a service cannot be called \"{}\"", name),
              "what is generated has one of that name");
    const bool listens = service.port.value.has_value();
    if (service.kind != ServiceKind::worker && product_.present && !listens)
      report_(service.name.range, fmt::format("service \"{}\" has no port", name),
              "write `port: 3000`, or `kind: worker`");
    if (service.kind == ServiceKind::worker && listens)
      report_(service.port.range, fmt::format("the worker \"{}\" has a port", name),
              "write `kind: web`, or take the port out");
    if (service.minimum.value && service.maximum.value &&
        *service.minimum.value > *service.maximum.value)
      report_(service.minimum.range, fmt::format("`min` of \"{}\" is more than `max`", name), {});
    if (service.connections.value && service.kind != ServiceKind::websocket)
      report_(service.connections.range,
              fmt::format("\"{}\" scales on connections and is no websocket service", name),
              "write `kind: websocket`, or `cpu: 70`");
    if (!service.host.value.empty()) check_host(service);
    for (const Located& use : service.uses) {
      if (use.value.empty() || (names_.contains(use.value) && use.value != name)) continue;
      report_(use.range,
              fmt::format("\"{}\" uses \"{}\", which is no store and no other service", name,
                          use.value),
              did_you_mean(use.value, names_));
    }
    if (!service.migrate.empty() && std::ranges::none_of(service.uses, [&](const Located& use) {
          return std::ranges::any_of(product_.stores, [&](const Store& store) {
            return store.name.value == use.value && store.kind == StoreKind::postgres;
          });
        }))
      report_(service.migrate.front().range,
              fmt::format("\"{}\" migrates, and uses no database", name),
              "name the store in `uses`");
    for (const EnvironmentValue& variable : service.environment) check(variable);
  }

  void check_host(const Service& service) {
    // One without any host is asked for them; see generate/view.h.
    for (const Environment& environment : product_.environments)
      if (!environment.hosts.empty() &&
          std::ranges::none_of(environment.hosts, [&](const auto& each) {
            return each.first.value == service.host.value;
          }))
        report_(service.host.range,
                fmt::format("{} has no host \"{}\"", environment.name.value, service.host.value),
                fmt::format("add it to `hosts` of {}", environment.name.value));
  }

  void check(const EnvironmentValue& variable) {
    if (variable.from == EnvironmentValue::From::secret) {
      if (variable.name.value.find_first_of(".-") != std::string::npos)
        report_(variable.name.range,
                fmt::format("\"{}\" cannot name a secret variable", variable.name.value),
                "env files and shells take letters, digits and _");
      if (!variable.text.value.empty() && !sources_.contains(variable.text.value)) {
        const std::string near = did_you_mean(variable.text.value, sources_);
        report_(variable.text.range, fmt::format("nothing produces \"{}\"", variable.text.value),
                near.empty() ? "add it under `secrets`" : near);
      }
      return;
    }
    const std::string& text = variable.text.value;
    for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 2)) {
      const std::size_t end = text.find('}', at);
      if (end == std::string::npos) {
        report_(variable.text.range, fmt::format("\"${{\" of {} has no end", variable.name.value),
                {});
        return;
      }
      check_hole(variable, text.substr(at + 2, end - at - 2));
    }
  }

  void check_hole(const EnvironmentValue& variable, const std::string& hole) {
    if (hole == "environment" || hole == "region") return;
    const auto within = [&](const auto& names, std::string_view kind) {
      const std::string name = hole.substr(kind.size());
      if (std::ranges::find(names, name) != names.end()) return;
      report_(variable.text.range,
              fmt::format("there is no {} \"{}\"", kind.substr(0, kind.size() - 1), name),
              did_you_mean(name, names));
    };
    if (hole.starts_with("host."))
      within(host_names_, "host.");
    else if (hole.starts_with("service."))
      within(services_, "service.");
    else if (hole.starts_with("bucket."))
      within(buckets_, "bucket.");
    else
      report_(variable.text.range, fmt::format("unknown \"${{{}}}\"", hole),
              "known are ${host.NAME}, ${service.NAME}, ${bucket.NAME}, ${environment}, ${region}");
  }

  void check_registry() {
    const std::string& registry = product_.registry.value;
    if (registry.empty() || registry == "ecr" || registry.contains('/') || registry.contains('.'))
      return;
    report_(product_.registry.range, fmt::format("\"{}\" is not a registry", registry),
            "write `ecr`, or a prefix such as ghcr.io/acme");
  }

  const Product& product_;
  const ReportProblem& report_;
  std::set<std::string> names_, sources_, host_names_;
  std::vector<std::string> services_, buckets_;
  std::map<std::string, std::string> hosts_;
};

} // namespace

void check_product(const Product& product, const ReportProblem& report) {
  Checker(product, report).run();
}

} // namespace aethel
