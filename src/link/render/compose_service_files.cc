// `env_file` and `label_file` of services and of their hooks (compose-go's types/project.go).
#include "link/render/compose_env_files.h"
#include "link/render/compose_environment.h"
#include "link/render/compose_value.h"

#include <fmt/format.h>
#include <functional>
#include <set>

namespace aethel::compose {
namespace {

// A path of the model that is relative to the repository, as Sources knows it.
std::string source_path(const std::string& path) { return path == "." ? "" : path; }

class ServiceFiles {
public:
  ServiceFiles(Context& context, const Variables& variables)
      : context_(context), variables_(variables), files_(context) {}

  // What the env files give stays apart from the explicit environment: rules ask which it was.
  void environment(const std::string& service, const Node& container) {
    each_variable(service, container, [&](EnvValue value, Origin origin) {
      context_.project.env_file_variables.push_back(
          {.service = service, .entry = std::move(value.entry), .origin = std::move(origin)});
    });
  }

  // A hook has no such place of its own.
  void hook_environment(const std::string& service, Node& hook) {
    MappingBuilder environment(Node::mapping(hook.origin));
    bool any = false;
    each_variable(service, hook, [&](EnvValue value, Origin origin) {
      any = true;
      environment.set({.key = value.entry.name,
                       .key_span = value.entry.name_span,
                       .value = {.kind = NodeKind::scalar,
                                 .text = std::move(value.entry.value),
                                 .origin = std::move(origin)}});
    });
    if (!any) return;
    if (const Node* own = hook.find("environment"))
      for (const Member& member : own->members) environment.set(member);
    hook.set("environment", hook.origin.written, environment.take());
  }

  void labels(const std::string& service, Node& container) {
    const Node* list = container.find("label_file");
    if (list == nullptr || list->items.empty()) return;
    // Lookups see the labels of earlier files, then those of the same file.
    Variables earlier;
    MappingBuilder labels(Node::mapping(list->origin));
    for (const Node& item : list->items) {
      const EnvFile* file = use(service, item, EnvFormat::dotenv);
      if (file == nullptr) continue;
      Variables scope = earlier;
      Variables here;
      for (const dotenv::Entry& entry : file->content.entries) {
        if (!context_.take_nodes(1)) return;
        const EnvValue value = evaluate(context_, scope, *file, entry);
        if (!value.given) continue;
        here[entry.key] = given(value, *file, entry);
        if (!earlier.contains(entry.key)) scope[entry.key] = here[entry.key];
        labels.set({.key = entry.key,
                    .key_span = value.entry.name_span,
                    .value = {.kind = NodeKind::scalar,
                              .text = value.entry.value,
                              .origin = origin_of(*file, entry, item)}});
      }
      for (auto& [name, variable] : here) earlier[name] = std::move(variable);
    }
    if (const Node* own = container.find("labels"))
      for (const Member& member : own->members) labels.set(member);
    container.set("labels", list->origin.written, labels.take());
  }

private:
  using Found = std::function<void(EnvValue, Origin)>;

  // Lookups see the project's variables, then the explicit environment, then what the files
  // gave so far.
  void each_variable(const std::string& service, const Node& container, const Found& found) {
    const Node* list = container.find("env_file");
    if (list == nullptr || list->items.empty()) return;
    Variables scope = variables_;
    if (const Node* explicit_values = container.find("environment"))
      for (const Member& member : explicit_values->members)
        if (!member.value.is_null())
          scope.try_emplace(member.key, Variable{.value = member.value.value(),
                                                 .from = Hole::From::environment,
                                                 .given = member.value.origin.written});
    std::set<std::string, std::less<>> fixed;
    for (const auto& [name, variable] : scope) fixed.insert(name);
    for (const Node& item : list->items) {
      const EnvFile* file = use(service, item, format_of(item));
      if (file == nullptr) continue;
      for (const dotenv::Entry& entry : file->content.entries) {
        if (!context_.take_nodes(1)) return;
        EnvValue value = evaluate(context_, scope, *file, entry);
        if (!value.given) continue;
        if (!fixed.contains(entry.key)) scope[entry.key] = given(value, *file, entry);
        found(std::move(value), origin_of(*file, entry, item));
      }
    }
  }

  static Variable given(const EnvValue& value, const EnvFile& file, const dotenv::Entry& entry) {
    return {.value = value.entry.value.value(),
            .from = Hole::From::file,
            .given = {file.file, entry.range}};
  }

  static Origin origin_of(const EnvFile& file, const dotenv::Entry& entry, const Node& item) {
    const Origin written{.written = {file.file, entry.range}, .last = item.origin.last};
    return written.with(Operation::env_file, item.origin.written);
  }

  EnvFormat format_of(const Node& item) {
    const Node* format = item.find("format");
    if (format == nullptr || format->value().empty()) return EnvFormat::dotenv;
    if (format->value() == "raw") return EnvFormat::raw;
    context_.reject(format->origin.written,
                    fmt::format("unsupported env_file format \"{}\"", format->value()));
    return EnvFormat::dotenv;
  }

  const EnvFile* use(const std::string& service, const Node& item, EnvFormat format) {
    const Node* path = item.is_mapping() ? item.find("path") : &item;
    if (path == nullptr || !path->is_scalar()) return nullptr;
    const Node* required = item.find("required");
    const std::string file = source_path(path->value());
    const bool must = required == nullptr || as_boolean(*required).value_or(true);
    context_.project.uses.push_back({.role = ComposeFileUse::Role::env_file,
                                     .text = path->text,
                                     .path = file,
                                     .origin = path->origin,
                                     .service = service,
                                     .required = must,
                                     .known = is_known(path->text)});
    if (must && !context_.sources.find(file))
      context_.reject(path->origin.written, fmt::format("env file {} not found", file),
                      ComposeProblem::Kind::missing_file);
    return files_.read(file, format);
  }

  Context& context_;
  const Variables& variables_;
  EnvFiles files_;
};

} // namespace

void resolve_env_files(Context& context, const Variables& variables, Node& model) {
  Node* services = model.find("services");
  if (services == nullptr) return;
  ServiceFiles files(context, variables);
  for (Member& service : services->members) {
    files.environment(service.key, service.value);
    files.labels(service.key, service.value);
    Node* hooks = service.value.find("pre_start");
    if (hooks == nullptr) continue;
    for (Node& hook : hooks->items) {
      files.hook_environment(service.key, hook);
      files.labels(service.key, hook);
    }
  }
}

} // namespace aethel::compose
