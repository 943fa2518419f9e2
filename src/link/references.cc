// Targets -> symbols and references: who defines a name, and who asks for it.
#include "link/network.h"
#include "link/nginx.h"
#include "link/passes.h"

#include <algorithm>
#include <cctype>

namespace aethel {
namespace {

// What compose takes as a name; anything else is text that the scanner did not understand.
bool is_service_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  }) && std::isalnum(static_cast<unsigned char>(name.front())) != 0;
}

class Extractor {
public:
  Extractor(Program& program, TargetIndex target)
      : program_(program), target_(target), project_(program.projects[target]) {}

  void run() {
    define("services", "service");
    define("networks", "network");
    define("volumes", "volume");
    define("configs", "config");
    define("secrets", "secret");
    files_of("configs", "config-file");
    files_of("secrets", "secret-file");
    for (const ComposeFileUse& use : project_.uses) file_use(use);
    for (const Process& process : program_.processes_of(target_)) references_of(process);
    for (const CommandedService& each : program_.targets[target_].commanded) {
      Reference& reference = refer("service", each.files_named ? "command" : "default-command",
                                   each.name, Text(each.name), {.written = each.span});
      if (!is_service_name(each.name)) reference.state = OutcomeState::dynamic;
    }
  }

private:
  void define(std::string_view section, std::string_view kind) {
    const Node* mapping = project_.root.find(section);
    if (mapping == nullptr) return;
    for (const Member& member : mapping->members) {
      Origin origin = member.value.origin;
      origin.written = member.key_span;
      const Node* external = member.value.find("external");
      program_.symbols.push_back({.kind = &kind_named(kind),
                                  .name = member.key,
                                  .target = target_,
                                  .origin = origin,
                                  .external = external != nullptr && external->is_scalar() &&
                                              external->value() == "true"});
    }
  }

  Reference& refer(std::string_view kind, std::string_view role, std::string name, Text text,
                   Origin origin) {
    program_.references.push_back({.kind = &kind_named(kind),
                                   .role = role,
                                   .name = std::move(name),
                                   .text = std::move(text),
                                   .target = target_,
                                   .process = process_,
                                   .origin = std::move(origin)});
    return program_.references.back();
  }

  void path(std::string_view role, const Node& node) {
    refer("path", role, join_path("", node.value()), node.text, node.origin);
  }

  void files_of(std::string_view section, std::string_view role) {
    const Node* mapping = project_.root.find(section);
    if (mapping == nullptr) return;
    for (const Member& member : mapping->members)
      if (const Node* file = member.value.find("file")) path(role, *file);
  }

  void file_use(const ComposeFileUse& use) {
    using Role = ComposeFileUse::Role;
    std::string_view role;
    switch (use.role) {
    case Role::extends: role = "extends"; break;
    case Role::include: role = "include"; break;
    case Role::env_file: role = "env-file"; break;
    case Role::include_env_file: role = "env-file"; break;
    default: return; // roots exist; `.env` is optional
    }
    Reference& reference = refer("path", role, use.path, use.text, use.origin);
    reference.process = use.service;
    reference.required = use.required;
    if (!use.known) reference.state = OutcomeState::dynamic;
  }

  void names(const Process& process, std::string_view key, std::string_view kind,
             std::string_view role) {
    const Node* list = process.node->find(key);
    if (list == nullptr) return;
    for (const Member& member : list->members)
      refer(kind, role, member.key, Text(member.key, member.key_span),
            {.written = member.key_span, .last = member.value.origin.last});
    for (const Node& item : list->items) {
      const Node* source = item.is_mapping() ? item.find("source") : &item;
      if (source != nullptr && source->is_scalar())
        refer(kind, role, source->value(), source->text, source->origin);
    }
  }

  void references_of(const Process& process) {
    process_ = process.name;
    for (const Dependency& dependency : process.depends_on)
      refer("service", "depends-on", dependency.service, Text(dependency.service),
            dependency.origin)
          .required = dependency.required;
    if (process.node->find("network_mode") == nullptr)
      names(process, "networks", "network", "networks");
    names(process, "configs", "config", "configs");
    names(process, "secrets", "secret", "secrets");
    if (const Node* build = process.node->find("build")) {
      if (const Node* secrets = build->find("secrets"))
        for (const Node& item : secrets->items)
          if (const Node* source = item.is_mapping() ? item.find("source") : &item)
            refer("secret", "build-secrets", source->value(), source->text, source->origin);
    }
    for (const Mount& mount : process.mounts) {
      if (mount.source.empty()) continue;
      if (mount.type == Mount::Type::volume)
        refer("volume", "volumes", mount.source.value(), mount.source, mount.origin);
      else if (mount.type == Mount::Type::bind)
        refer("path", "bind", mount.path, mount.source, mount.origin);
    }
    if (process.build && !process.build->remote) build(process, *process.build);
    process_.clear();
  }

  void build(const Process& process, const Build& build) {
    refer("path", "build-context", build.path, build.context, build.origin);
    if (!build.inline_dockerfile)
      refer("path", "dockerfile", build.dockerfile_path,
            build.dockerfile.empty() ? Text("Dockerfile") : build.dockerfile,
            build.dockerfile_origin);
    if (build.target && !build.inline_dockerfile)
      refer("build-stage", "build-target", build.target->value(), *build.target,
            build.target_origin)
          .detail = build.dockerfile_path;
    (void)process;
  }

  Program& program_;
  TargetIndex target_;
  const ComposeProject& project_;
  std::string process_;
};

// What nginx passes requests to by the name of a service; addresses are nobody's name.
void upstreams(Program& program) {
  for (const Nginx& nginx : program.nginx)
    for (const NginxTarget& each : nginx_targets(nginx)) {
      if (is_address(each.host) || each.host == "localhost" || each.host.empty()) continue;
      program.references.push_back({.kind = &kind_named("service"),
                                    .role = "upstream",
                                    .name = each.host,
                                    .text = Text(each.host, each.span),
                                    .target = nginx.process->target,
                                    .process = nginx.process->name,
                                    .origin = {.written = each.span}});
    }
}

} // namespace

void extract_references(Program& program) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target)
    Extractor(program, target).run();
  upstreams(program);
}

} // namespace aethel
