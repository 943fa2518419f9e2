// Whether the parts of a project fit together (compose-go's loader/validate.go).
#include "link/render/compose_units.h"
#include "link/render/compose_validate.h"
#include "link/render/compose_value.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace aethel::compose {
namespace {

std::string text_at(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value == nullptr || !value->is_scalar() ? "" : value->value();
}

bool declares(const Node& model, std::string_view section, std::string_view name) {
  const Node* resources = model.find(section);
  return resources != nullptr && resources->find(name) != nullptr;
}

bool filled(const Node* node) { return node != nullptr && !node->is_null(); }

class Consistency {
public:
  Consistency(Context& context, const Node& model, const Node& disabled)
      : context_(context), model_(model), disabled_(disabled) {}

  void run() {
    if (const Node* services = model_.find("services"))
      for (const Member& member : services->members)
        if (member.value.is_mapping()) service(member);
    jobs();
    secrets();
    cycles();
  }

private:
  void reject(const Node& at, std::string message,
              ComposeProblem::Kind kind = ComposeProblem::Kind::rejected) {
    context_.reject(at.origin.written, std::move(message), kind);
  }

  void service(const Member& member) {
    const std::string& name = member.key;
    const Node& service = member.value;
    const Node* build = service.find("build");
    const Node* image = service.find("image");
    if (build == nullptr && text_at(service, "image").empty() &&
        service.find("provider") == nullptr)
      context_.problem(
          {.kind = ComposeProblem::Kind::rejected,
           .message = fmt::format(
               "service \"{}\" has neither an image nor a build context specified", name),
           // `image: ${IMAGE}` is empty without the variable.
           .span = image != nullptr ? image->origin.written : member.key_span,
           .of_keys = image == nullptr});
    if (build != nullptr) check_build(name, service, *build);
    const std::string mode = text_at(service, "network_mode");
    const Node* networks = service.find("networks");
    if (!mode.empty() && networks != nullptr && !networks->members.empty())
      reject(service,
             fmt::format("service {} declares mutually exclusive `network_mode` and `networks`",
                         name));
    if (networks != nullptr)
      for (const Member& network : networks->members)
        if (!declares(model_, "networks", network.key))
          context_.reject(
              network.key_span,
              fmt::format("service \"{}\" refers to undefined network {}", name, network.key),
              ComposeProblem::Kind::undefined_name);
    if (const Node* test = service.at({"healthcheck", "test"});
        test != nullptr && !test->items.empty()) {
      const std::string first = test->items.front().value();
      if (first != "CMD" && first != "CMD-SHELL" && first != "NONE")
        reject(*test, "healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"");
    }
    dependencies("service", name, service);
    if (mode.starts_with("service:") && !declares(model_, "services", mode.substr(8)))
      reject(*service.find("network_mode"),
             fmt::format("service \"{}\" not found for network_mode '{}'", mode.substr(8), mode));
    references(name, service, "configs", "config");
    references(name, service, "secrets", "secret");
    if (const Node* models = service.find("models"))
      for (const Member& model : models->members)
        if (!declares(model_, "models", model.key))
          reject(*models,
                 fmt::format("service \"{}\" refers to undefined model {}", name, model.key),
                 ComposeProblem::Kind::undefined_name);
    limits(name, service);
    scale(name, service);
    watch(name, service);
    mounts(name, service);
  }

  void check_build(const std::string& name, const Node& service, const Node& build) {
    if (!text_at(build, "dockerfile").empty() && !text_at(build, "dockerfile_inline").empty())
      reject(
          build,
          fmt::format("service \"{}\" declares mutually exclusive dockerfile and dockerfile_inline",
                      name));
    if (const Node* contexts = build.find("additional_contexts"))
      for (const Member& context : contexts->members) {
        const std::string value = context.value.is_scalar() ? context.value.value() : "";
        if (!value.starts_with("service:")) continue;
        const Node* target = model_.at({"services", value.substr(8)});
        if (target == nullptr) target = disabled_.find(value.substr(8));
        if (target == nullptr || !filled(target->find("build")))
          reject(context.value, fmt::format("service \"{}\" declares unknown or non-buildable "
                                            "service \"{}\" as additional context {}",
                                            name, value.substr(8), context.key));
      }
    const std::string platform = text_at(service, "platform");
    if (const Node* platforms = build.find("platforms");
        platforms != nullptr && !platforms->items.empty() && !platform.empty())
      if (std::ranges::none_of(platforms->items,
                               [&](const Node& item) { return item.value() == platform; }))
        reject(*platforms,
               fmt::format("build.platforms must include the platform \"{}\"", platform));
    if (const Node* secrets = build.find("secrets"))
      for (const Node& secret : secrets->items)
        if (const std::string source = text_at(secret, "source");
            !declares(model_, "secrets", source))
          reject(secret,
                 fmt::format("service \"{}\" refers to undefined build secret {}", name, source),
                 ComposeProblem::Kind::undefined_name);
  }

  void dependencies(std::string_view what, const std::string& name, const Node& service) {
    const Node* depends = service.find("depends_on");
    if (depends == nullptr) return;
    for (const Member& dependency : depends->members) {
      if (declares(model_, "services", dependency.key)) continue;
      if (what == "job" && declares(model_, "jobs", dependency.key)) continue;
      const Node* required = dependency.value.find("required");
      const bool optional = required != nullptr && !as_boolean(*required).value_or(true);
      if (disabled_.find(dependency.key) != nullptr && optional) continue;
      context_.reject(
          dependency.key_span.file ? dependency.key_span : dependency.value.origin.written,
          fmt::format("{} \"{}\" depends on undefined service \"{}\"", what, name, dependency.key),
          ComposeProblem::Kind::undefined_name);
    }
  }

  void references(const std::string& name, const Node& service, std::string_view section,
                  std::string_view noun) {
    const Node* list = service.find(section);
    if (list == nullptr) return;
    for (const Node& item : list->items)
      if (const std::string source = text_at(item, "source"); !declares(model_, section, source))
        reject(item, fmt::format("service \"{}\" refers to undefined {} {}", name, noun, source),
               ComposeProblem::Kind::undefined_name);
  }

  static std::int64_t bytes_of(const Node* node) {
    if (node == nullptr) return 0;
    if (const auto integer = as_integer(*node)) return *integer;
    return is_string(*node) ? parse_bytes(node->value()).value_or(0) : 0;
  }

  // The same limit said twice must be the same: also when one of them is not said.
  void limits(const std::string& name, const Node& service) {
    const auto differ = [&](std::string_view attribute, std::string_view deploy) {
      reject(service,
             fmt::format("services.{}: can't set distinct values on '{}' and 'deploy.resources.{}'",
                         name, attribute, deploy));
    };
    const Node* limits = service.at({"deploy", "resources", "limits"});
    const Node* reservations = service.at({"deploy", "resources", "reservations"});
    const auto number_of = [](const Node* node) {
      return node == nullptr ? 0.0f : static_cast<float>(as_number(*node).value_or(0));
    };
    if (limits != nullptr) {
      const float cpus = number_of(service.find("cpus"));
      if (cpus != 0 && cpus != number_of(limits->find("cpus"))) differ("cpus", "limits.cpus");
      const std::int64_t memory = bytes_of(service.find("mem_limit"));
      if (memory != 0 && memory != bytes_of(limits->find("memory")))
        differ("mem_limit", "limits.memory");
      const Node* pids = service.find("pids_limit");
      const std::int64_t count = pids == nullptr ? 0 : as_integer(*pids).value_or(0);
      const Node* other = limits->find("pids");
      if (count != 0 && count != (other == nullptr ? 0 : as_integer(*other).value_or(0)))
        differ("pids_limit", "limits.pids");
    }
    if (reservations != nullptr) {
      const std::int64_t memory = bytes_of(service.find("mem_reservation"));
      if (memory != 0 && memory != bytes_of(reservations->find("memory")))
        differ("mem_reservation", "reservations.memory");
    }
  }

  void scale(const std::string& name, const Node& service) {
    const Node* scale = service.find("scale");
    const Node* replicas = service.at({"deploy", "replicas"});
    const auto value = [](const Node* node) {
      return node == nullptr ? std::optional<std::int64_t>() : as_integer(*node);
    };
    if (value(scale) && value(replicas) && *value(scale) != *value(replicas))
      reject(*scale,
             fmt::format("services.{}: can't set distinct values on 'scale' and 'deploy.replicas'",
                         name));
    if (value(scale).value_or(0) < 0 || value(replicas).value_or(0) < 0)
      reject(service,
             fmt::format("services.{}: the scale must be greater than or equal to 0", name));
    const std::int64_t count = value(scale) ? *value(scale) : value(replicas).value_or(1);
    if (count > 1 && !text_at(service, "container_name").empty())
      reject(service,
             fmt::format(
                 "services.{}: can't set container_name and scale as container name must be unique",
                 name));
  }

  void watch(const std::string& name, const Node& service) {
    const Node* watch = service.at({"develop", "watch"});
    if (watch == nullptr) return;
    for (const Node& item : watch->items)
      if (const std::string action = text_at(item, "action");
          text_at(item, "target").empty() && action != "rebuild" && action != "restart")
        reject(item,
               fmt::format("services.{}.develop.watch: target is required for non-rebuild actions",
                           name));
  }

  void mounts(const std::string& name, const Node& service) {
    std::set<std::string> targets;
    const auto mount = [&](const Node& at, const std::string& target) {
      if (!targets.insert(target).second)
        reject(at, fmt::format("services.{}: target {} is already mounted", name, target));
    };
    if (const Node* tmpfs = service.find("tmpfs"))
      for (const Node& item : tmpfs->items) {
        const std::string value = item.value();
        mount(item, value.substr(0, value.find(':')));
      }
    const Node* volumes = service.find("volumes");
    if (volumes == nullptr) return;
    for (const Node& item : volumes->items) {
      mount(item, text_at(item, "target"));
      const std::string source = text_at(item, "source");
      if (text_at(item, "type") == "volume" && !source.empty() &&
          !declares(model_, "volumes", source))
        reject(item, fmt::format("service \"{}\" refers to undefined volume {}", name, source),
               ComposeProblem::Kind::undefined_name);
    }
  }

  void jobs() {
    const Node* jobs = model_.find("jobs");
    if (jobs == nullptr) return;
    for (const Member& job : jobs->members) {
      if (declares(model_, "services", job.key) || disabled_.find(job.key) != nullptr)
        context_.reject(job.key_span,
                        fmt::format("\"{}\" is declared both as a service and a job", job.key));
      dependencies("job", job.key, job.value);
    }
  }

  void secrets() {
    const Node* secrets = model_.find("secrets");
    if (secrets == nullptr) return;
    for (const Member& secret : secrets->members) {
      const Node* external = secret.value.find("external");
      if (external != nullptr && as_boolean(*external).value_or(false)) continue;
      if (text_at(secret.value, "file").empty() && text_at(secret.value, "environment").empty())
        context_.reject(
            secret.key_span,
            fmt::format("secret \"{}\" must declare either `file` or `environment`", secret.key));
    }
  }

  enum class Mark : std::uint8_t { open, done };

  void cycles() {
    const Node* services = model_.find("services");
    if (services == nullptr) return;
    std::map<std::string_view, Mark> marks;
    for (const Member& start : services->members) {
      // Depth first with a stack of our own: a chain of dependencies may be long.
      std::vector<std::pair<const Member*, std::size_t>> stack;
      if (!marks.contains(start.key)) {
        stack.emplace_back(&start, 0);
        marks[start.key] = Mark::open;
      }
      while (!stack.empty()) {
        auto& [member, next] = stack.back();
        const Node* depends = member->value.find("depends_on");
        if (depends == nullptr || next >= depends->members.size()) {
          marks[member->key] = Mark::done;
          stack.pop_back();
          continue;
        }
        const Member& dependency = depends->members[next++];
        const Member* target = services->find_member(dependency.key);
        if (target == nullptr) continue;
        const auto [mark, added] = marks.try_emplace(target->key, Mark::open);
        if (added)
          stack.emplace_back(target, 0);
        else if (mark->second == Mark::open)
          context_.reject(
              dependency.value.origin.written,
              fmt::format("dependency cycle detected: {} -> {}", member->key, target->key),
              ComposeProblem::Kind::undefined_name);
      }
    }
  }

  Context& context_;
  const Node& model_;
  const Node& disabled_;
};

} // namespace

void check_consistency(Context& context, const Node& model, const Node& disabled) {
  Consistency(context, model, disabled).run();
}

} // namespace aethel::compose
