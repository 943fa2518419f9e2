// References meet symbols. Every reference leaves this pass with an outcome; `undefined`
// needs a closed world and a look at everything that may make the thing elsewhere.
#include "link/passes.h"

#include "base/nearest.h"
#include "config/match.h"
#include "knowledge/shapes.h"
#include "link/given_variables.h"
#include "link/network.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

namespace aethel {
namespace {

// What the shell or the CI always has.
constexpr std::string_view ambient_variables[] = {"PWD",
                                                  "HOME",
                                                  "USER",
                                                  "PATH",
                                                  "SHELL",
                                                  "HOSTNAME",
                                                  "LOGNAME",
                                                  "LANG",
                                                  "TERM",
                                                  "TMPDIR",
                                                  "UID",
                                                  "GID",
                                                  "DISPLAY",
                                                  "CI",
                                                  "XDG_RUNTIME_DIR",
                                                  "SSH_AUTH_SOCK",
                                                  "XAUTHORITY",
                                                  "USERPROFILE",
                                                  "APPDATA",
                                                  "COMPOSE_PROJECT_NAME",
                                                  "COMPOSE_FILE",
                                                  "COMPOSE_PROFILES",
                                                  "DOCKER_HOST"};

bool has_extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size()) return false;
  const std::string_view extension = name.substr(dot + 1);
  // `conf.d` and `v1.2` name folders.
  if (extension == "d" || extension.size() > 10) return false;
  return std::ranges::any_of(extension, [](unsigned char c) { return std::isalpha(c) != 0; });
}

// Coolify fills them in by their names.
// Source: https://coolify.io/docs/knowledge-base/docker/compose#magic-environment-variables
bool is_made_by_platform(std::string_view name) {
  return std::ranges::any_of(
      std::array<std::string_view, 6>{"SERVICE_FQDN_", "SERVICE_URL_", "SERVICE_PASSWORD_",
                                      "SERVICE_USER_", "SERVICE_BASE64_", "SERVICE_REALBASE64_"},
      [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// Folders that images read at start: an empty one there is never what was meant.
bool is_configuration_target(std::string_view target) {
  if (target.starts_with("/etc/letsencrypt")) return false; // certbot fills it
  return target.starts_with("/etc/") || target.starts_with("/docker-entrypoint-initdb.d") ||
         target.starts_with("/usr/share/nginx/html") || target.starts_with("/usr/local/etc/") ||
         target.starts_with("/run/secrets");
}

class Linker {
public:
  explicit Linker(Program& program) : program_(program), given_(program) {
    for (const FileFacts& facts : program_.facts) {
      const std::string& path = program_.sources->path(facts.file);
      for (const Creation& creation : facts.creations) note_creation(path, creation);
      if (!is_env_example(path)) continue;
      for (const EnvironmentEntry& entry : facts.environment) {
        examples_.try_emplace(entry.name, entry.name_span);
        documented_[std::string(parent_path(path))].push_back(&entry);
      }
    }
    for (const Symbol& symbol : program_.symbols)
      symbols_[{symbol.kind, symbol.target}].push_back(&symbol);
    for (const ComposeProject& project : program_.projects) {
      for (const auto& use : project.variables) interpolated_.insert(use.hole->name);
      for (const Node* name : named_variables(project)) interpolated_.insert(name->value());
    }
  }

  void run() {
    for (TargetIndex target = 0; target < program_.targets.size(); ++target) variables(target);
    for (Reference& reference : program_.references) {
      if (reference.state == OutcomeState::dynamic) continue;
      resolve(reference);
    }
    std::ranges::move(variables_, std::back_inserter(program_.references));
  }

private:
  static bool is_env_example(std::string_view path) {
    const std::string_view name = file_name(path);
    for (const std::string_view word : {"example", "sample", "template", "dist", "defaults", "tpl"})
      if (name.find(word) != std::string_view::npos) return true;
    // A tracked `.env.production` is what somebody copies or passes with `--env-file`.
    return name.starts_with(".env.");
  }

  void note_creation(const std::string& path, const Creation& creation) {
    // What a document tells people to make by hand is a remedy, not a fact, unless it is an
    // env file: copying the example is how every project begins.
    if (creation.document && creation.what == Creation::What::path &&
        file_name(creation.name).find(".env") == std::string_view::npos)
      return;
    if (creation.document && creation.what == Creation::What::variable) {
      told_.try_emplace(creation.name, creation.span);
      return;
    }
    if (creation.what == Creation::What::variable) return; // given_ has it
    auto& place = created_[static_cast<std::size_t>(creation.what)];
    if (creation.what != Creation::What::path) {
      place.try_emplace(creation.name, creation.span);
      return;
    }
    if (creation.name.find('$') != std::string::npos) return;
    // Where the script runs is seldom said: its folder, or any folder above it.
    for (std::string_view folder = parent_path(path);; folder = parent_path(folder)) {
      const std::string made = join_path(folder, creation.name);
      place.try_emplace(made, creation.span);
      // `mkdir -p nginx/ssl/example.org`: and what is above it, below the folder where it runs.
      for (std::string_view part = parent_path(made); part.size() > folder.size();
           part = parent_path(part))
        place.try_emplace(std::string(part), creation.span);
      if (folder.empty()) break;
    }
  }

  const Span* created(Creation::What what, const std::string& name) const {
    const auto& place = created_[static_cast<std::size_t>(what)];
    const auto found = place.find(name);
    return found == place.end() ? nullptr : &found->second;
  }

  // Each machine has an override of its own, which Git ignores and of which there is an example.
  bool has_local_override(TargetIndex target) const {
    const Target& each = program_.targets[target];
    if (each.kind != "compose" || each.files.size() != 1) return false;
    const std::string_view name = file_name(each.files.front());
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos ||
        (name.substr(0, dot) != "compose" && name.substr(0, dot) != "docker-compose"))
      return false;
    const std::string other =
        std::string(name.substr(0, dot)) + ".override" + std::string(name.substr(dot));
    if (!program_.tree.ignored(join_path(each.directory, other), PathKind::file)) return false;
    return std::ranges::any_of(
        std::array<std::string_view, 4>{".example", ".sample", ".dist", ".template"},
        [&](std::string_view end) {
          return program_.tree.exists(join_path(each.directory, other + std::string(end))) ==
                 Existence::file;
        });
  }

  bool open_world(TargetIndex target) const {
    if (program_.targets[target].open_world || has_local_override(target)) return true;
    return std::ranges::any_of(program_.projects[target].problems,
                               [](const ComposeProblem& problem) {
                                 return problem.kind == ComposeProblem::Kind::unreadable;
                               });
  }

  bool is_extern(const Reference& reference) const {
    const FileId file = reference.origin.written.file;
    const std::string path = file ? program_.sources->path(file) : "";
    auto declared = [&](std::string_view name) {
      return find_extern(program_.config,
                         {.kind = reference.kind->name, .name = name, .path = path}) != nullptr;
    };
    return declared(reference.name) || declared(reference.text.written());
  }

  void resolve(Reference& reference) {
    if (is_extern(reference)) {
      reference.state = OutcomeState::external;
      return;
    }
    const bool unfilled = std::ranges::any_of(reference.text.holes(), [](const Hole* hole) {
      return hole->from == Hole::From::nothing && !hole->has_default();
    });
    if (unfilled) {
      reference.state = OutcomeState::dynamic;
      return;
    }
    if (reference.role == "upstream")
      resolve_upstream(reference);
    else if (reference.kind->name == "path")
      resolve_path(reference);
    else if (reference.kind->name == "build-stage")
      resolve_stage(reference);
    else
      resolve_name(reference);
  }

  void resolve_path(Reference& reference) {
    const std::string& path = reference.name;
    const Target& target = program_.targets[reference.target];
    if (target.open_world && target.files.size() == 1) {
      // Relative to the folder of a first file that nobody names.
      reference.state = program_.tree.exists(path) == Existence::absent ? OutcomeState::unknown
                                                                        : OutcomeState::resolved;
      return;
    }
    if (is_outside(path) || path.starts_with('~')) {
      reference.state = OutcomeState::unknown;
      reference.detail = "outside";
      return;
    }
    if (file_name(path) == "stack.env") { // Portainer writes it beside the stack
      reference.state = OutcomeState::external;
      return;
    }
    switch (program_.tree.exists(path)) {
    case Existence::file:
    case Existence::directory:
    case Existence::submodule: reference.state = OutcomeState::resolved; return;
    case Existence::ignored_by_design:
      reference.state = OutcomeState::external;
      reference.detail = "ignored";
      return;
    case Existence::outside:
    case Existence::unknown: reference.state = OutcomeState::unknown; return;
    case Existence::absent: break;
    }
    // A part that a script makes may hold everything below it.
    for (std::string_view part = path; !part.empty(); part = parent_path(part))
      if (const Span* span = created(Creation::What::path, std::string(part))) {
        reference.state = OutcomeState::external;
        reference.evidence = *span;
        return;
      }
    if (reference.role == "bind" && engine_creates(reference)) {
      reference.state = OutcomeState::resolved;
      reference.detail = "created-by-engine";
      return;
    }
    // Copied from the example beside it, as everybody does.
    if (reference.role == "env-file" && has_example(path)) {
      reference.state = OutcomeState::external;
      reference.detail = "example";
      return;
    }
    // `./frontend/dist`: what a package's build puts there.
    if (reference.role == "bind" && is_build_output(path)) {
      reference.state = OutcomeState::external;
      reference.detail = "build-output";
      return;
    }
    if (reference.role == "bind" && holds_what_is_ignored(path)) {
      reference.state = OutcomeState::external;
      reference.detail = "ignored";
      return;
    }
    // There from a folder further up: the file is started with another project directory.
    const std::string& home = target.directory;
    if (!home.empty() && path.size() > home.size() && path.starts_with(home) &&
        path[home.size()] == '/') {
      const std::string_view written = std::string_view(path).substr(home.size() + 1);
      for (std::string_view folder = parent_path(home);; folder = parent_path(folder)) {
        const Existence there = program_.tree.exists(join_path(folder, written));
        if (there == Existence::file || there == Existence::directory) {
          reference.state = OutcomeState::unknown;
          reference.detail = "another-directory";
          return;
        }
        if (folder.empty()) break;
      }
    }
    reference.state = OutcomeState::undefined;
    if (const auto other = program_.tree.exists_ignoring_case(path)) reference.detail = *other;
  }

  // Another service has the folder, or one above it, to write into: what is to be read comes from
  // there, as certificates from certbot.
  bool filled_by_another(const Reference& reference) const {
    if (has_extension(file_name(reference.name))) return false;
    for (const Process& process : program_.processes_of(reference.target)) {
      if (process.name == reference.process) continue;
      for (const Mount& mount : process.mounts) {
        if (mount.type != Mount::Type::bind || mount.read_only || !mount.create_host_path) continue;
        const bool above = reference.name == mount.path ||
                           (reference.name.starts_with(mount.path) && !mount.path.empty() &&
                            reference.name[mount.path.size()] == '/');
        // Where both read the same configuration nobody writes it.
        if (above && !is_configuration_target(mount.target)) return true;
      }
    }
    return false;
  }

  bool has_example(const std::string& path) const {
    const auto beside = documented_.find(std::string(parent_path(path)));
    return beside != documented_.end() && file_name(path).find("env") != std::string_view::npos;
  }

  bool is_build_output(const std::string& path) const {
    const std::string_view name = file_name(path);
    if (name != "dist" && name != "build" && name != "out" && name != ".output") return false;
    const std::string manifest = join_path(parent_path(path), "package.json");
    return program_.tree.exists(manifest) == Existence::file;
  }

  // Git ignores what is to lie in it: each machine has its own.
  bool holds_what_is_ignored(const std::string& folder) const {
    if (has_extension(file_name(folder))) return false;
    for (const std::string_view name : {"fullchain.pem", "privkey.pem", "cert.crt", "cert.key"})
      if (program_.tree.ignored(join_path(folder, name), PathKind::file)) return true;
    return false;
  }

  // Docker makes an empty folder of a missing short-form source: right for data, wrong for
  // what the container only reads.
  bool engine_creates(const Reference& reference) const {
    const Process* process = program_.process(reference.target, reference.process);
    if (process == nullptr) return false;
    if (filled_by_another(reference)) return true;
    for (const Mount& mount : process->mounts) {
      if (mount.type != Mount::Type::bind || mount.path != reference.name) continue;
      if (!mount.create_host_path) return false;
      return !mount.read_only && !has_extension(file_name(mount.path)) &&
             !has_extension(file_name(mount.target)) && !is_configuration_target(mount.target);
    }
    return false;
  }

  void resolve_stage(Reference& reference) {
    const FileId file = program_.sources->find(reference.detail);
    const FileFacts* facts = file ? program_.facts_of(file) : nullptr;
    reference.detail.clear();
    if (facts == nullptr || facts->stages.empty()) {
      reference.state = OutcomeState::unknown; // the missing Dockerfile is its own finding
      return;
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < facts->stages.size(); ++i) {
      if (knowledge::lower(facts->stages[i].name) == knowledge::lower(reference.name) ||
          std::to_string(i) == reference.name) {
        reference.state = OutcomeState::resolved;
        return;
      }
      if (!facts->stages[i].name.empty()) names.push_back(facts->stages[i].name);
    }
    reference.state = OutcomeState::undefined;
    reference.evidence = facts->stages.back().span;
    if (const auto near = nearest(reference.name, names)) reference.detail = *near;
  }

  void resolve_name(Reference& reference) {
    const auto found = symbols_.find({reference.kind, reference.target});
    std::vector<std::string> names;
    if (found != symbols_.end())
      for (const Symbol* symbol : found->second) {
        if (symbol->name == reference.name) {
          reference.state = symbol->external ? OutcomeState::external : OutcomeState::resolved;
          return;
        }
        names.push_back(symbol->name);
      }
    if (open_world(reference.target) ||
        (reference.role == "default-command" && is_service_anywhere(reference))) {
      reference.state = OutcomeState::unknown;
      return;
    }
    reference.state = OutcomeState::undefined;
    if (const auto near = nearest(reference.name, names)) reference.detail = *near;
  }

  // The name of a host, as Docker's resolver has it in the networks of the process.
  void resolve_upstream(Reference& reference) {
    const Process* client = program_.process(reference.target, reference.process);
    if (client == nullptr || has_network_mode(*client)) {
      reference.state = OutcomeState::unknown;
      return;
    }
    const Process* server = process_of_host(program_, *client, reference.name);
    if (server != nullptr) {
      const bool apart = !client->networks.empty() && !server->networks.empty() &&
                         !share_network(*client, *server);
      reference.state = !apart                                   ? OutcomeState::resolved
                        : on_external_network(program_, *client) ? OutcomeState::unknown
                                                                 : OutcomeState::undefined;
      reference.evidence = server->origin.written;
      if (apart) reference.detail = "no-network";
      return;
    }
    if (reference.name.find('.') != std::string::npos ||
        names_extra_host(*client, reference.name)) {
      reference.state = OutcomeState::external;
      return;
    }
    if (open_world(reference.target) || on_external_network(program_, *client) ||
        comes_from_another_project(reference)) {
      reference.state = OutcomeState::unknown;
      return;
    }
    reference.state = OutcomeState::undefined;
    std::vector<std::string> names;
    for (const Process& process : program_.processes_of(reference.target))
      if (process.name != client->name) names.push_back(process.name);
    if (const auto near = nearest(reference.name, names)) reference.detail = *near;
  }

  // A service of another project of the repository that joins networks which are not its own.
  bool comes_from_another_project(const Reference& reference) const {
    return std::ranges::any_of(program_.processes, [&](const Process& process) {
      return process.target != reference.target &&
             std::ranges::find(process.aliases, reference.name) != process.aliases.end() &&
             on_external_network(program_, process);
    });
  }

  // A command without `-f` may run where another project lies.
  bool is_service_anywhere(const Reference& reference) const {
    return std::ranges::any_of(program_.symbols, [&](const Symbol& symbol) {
      return symbol.kind == reference.kind && symbol.name == reference.name;
    });
  }

  // What the example file beside the project calls a variable that the project demands by another
  // name: misspelt at one of the two ends, when nothing takes the name of the example. Long names
  // only, and not those that differ by a number.
  const EnvironmentEntry* misspelt(TargetIndex target, const std::string& name) const {
    const auto found = documented_.find(program_.targets[target].directory);
    if (found == documented_.end() || name.size() < 8) return nullptr;
    auto without_digits = [](std::string text) {
      std::erase_if(text, [](unsigned char c) { return std::isdigit(c) != 0; });
      return text;
    };
    for (const EnvironmentEntry* entry : found->second)
      if (!interpolated_.contains(entry->name) && edit_distance(name, entry->name, 2) <= 2 &&
          without_digits(name) != without_digits(entry->name))
        return entry;
    return nullptr;
  }

  // `--env-file .env.production`, which Git ignores.
  bool takes_ignored_env_file(TargetIndex target) const {
    return std::ranges::any_of(program_.targets[target].env_files, [&](const std::string& path) {
      return program_.tree.exists(path) == Existence::ignored_by_design && !has_example(path);
    });
  }

  // Services take the project's own `.env`, which Git ignores and no example describes: nobody but
  // the machine knows what is in it.
  bool takes_local_env_file(TargetIndex target) const {
    const std::string& directory = program_.targets[target].directory;
    const std::string path = join_path(directory, ".env");
    if (documented_.contains(directory) ||
        program_.tree.exists(path) != Existence::ignored_by_design)
      return false;
    return std::ranges::any_of(program_.references, [&](const Reference& reference) {
      return reference.target == target && reference.role == "env-file" && reference.name == path;
    });
  }

  // Interpolated variables become references of the kind `variable`, one a target and name.
  void variables(TargetIndex target) {
    std::set<std::string> seen;
    std::optional<bool>
        local; // asked of every reference, so once a target and only when it matters
    const auto local_file = [&] {
      if (!local) local = takes_local_env_file(target) || takes_ignored_env_file(target);
      return *local;
    };
    for (const auto& use : program_.projects[target].variables) {
      const Hole& hole = *use.hole;
      if (!seen.insert(hole.name).second) continue;
      Reference reference{.kind = &kind_named("variable"),
                          .role = "interpolation",
                          .name = hole.name,
                          .text = Text(hole.name, hole.span),
                          .target = target,
                          .origin = use.origin,
                          .required = hole.is_required() || hole.form == Hole::Form::plain};
      reference.origin.written = hole.span;
      if (hole.from == Hole::From::file || hole.from == Hole::From::environment) {
        reference.state = OutcomeState::resolved;
        reference.evidence = hole.given;
      } else if (hole.form != Hole::Form::plain && !hole.is_required()) {
        reference.state = OutcomeState::resolved;
      } else {
        outside(reference, hole.is_required(), local_file);
      }
      variables_.push_back(std::move(reference));
    }
    for (const Node* name : named_variables(program_.projects[target])) {
      if (!seen.insert(name->value()).second) continue;
      Reference reference{.kind = &kind_named("variable"),
                          .role = "secret-source",
                          .name = name->value(),
                          .text = Text(name->value(), name->origin.written),
                          .target = target,
                          .origin = name->origin};
      if (const EnvironmentEntry* entry = env_file_entry(target, name->value())) {
        reference.state = OutcomeState::resolved;
        reference.evidence = entry->name_span;
      } else {
        outside(reference, true, local_file);
      }
      variables_.push_back(std::move(reference));
    }
  }

  // `environment:` of secrets and configs: the name of a variable without which compose does not
  // create what takes them.
  // Source: pkg/compose/secrets.go of https://github.com/docker/compose
  static std::vector<const Node*> named_variables(const ComposeProject& project) {
    std::vector<const Node*> names;
    for (const std::string_view section : {"secrets", "configs"})
      if (const Node* all = project.root.find(section))
        for (const Member& each : all->members)
          if (const Node* name = each.value.find("environment");
              name != nullptr && name->is_scalar() && !name->text.has_holes() &&
              !name->value().empty() && name->origin.written.file)
            names.push_back(name);
    return names;
  }

  // Of the env files that compose itself reads.
  const EnvironmentEntry* env_file_entry(TargetIndex target, const std::string& name) const {
    const Target& each = program_.targets[target];
    std::vector<std::string> files = each.env_files;
    if (files.empty()) files.push_back(join_path(each.directory, ".env"));
    for (const std::string& path : files) {
      const FileId file = program_.sources->find(path);
      const FileFacts* facts = file ? program_.facts_of(file) : nullptr;
      if (facts == nullptr) continue;
      for (const EnvironmentEntry& entry : facts->environment)
        if (entry.name == name) return &entry;
    }
    return nullptr;
  }

  // A variable that no file of the project gives.
  template <class LocalFile>
  void outside(Reference& reference, bool required, const LocalFile& local_file) {
    const TargetIndex target = reference.target;
    const std::string& name = reference.name;
    const auto example = examples_.find(name);
    if (is_extern(reference)) {
      reference.state = OutcomeState::external;
    } else if (example != examples_.end()) {
      reference.state = OutcomeState::external;
      reference.evidence = example->second;
    } else if (const EnvironmentEntry* entry = required ? misspelt(target, name) : nullptr) {
      reference.state = OutcomeState::undefined;
      reference.detail = entry->name;
      reference.evidence = entry->name_span;
    } else if (const Span* span = given_.named(target, name)) {
      reference.state = OutcomeState::external;
      reference.evidence = *span;
    } else if (const auto told = told_.find(name); told != told_.end()) {
      reference.state = OutcomeState::external;
      reference.evidence = told->second;
    } else if (const Span* any = given_.any(target)) {
      reference.state = OutcomeState::external;
      reference.evidence = *any;
    } else if (local_file()) {
      reference.state = OutcomeState::external;
      reference.detail = "ignored";
    } else if (required ||
               std::ranges::find(ambient_variables, name) != std::end(ambient_variables) ||
               is_made_by_platform(name)) {
      reference.state = OutcomeState::external;
    } else {
      reference.state = OutcomeState::undefined;
    }
  }

  Program& program_;
  GivenVariables given_;
  std::map<std::pair<const Kind*, TargetIndex>, std::vector<const Symbol*>> symbols_;
  std::array<std::map<std::string, Span>, 6> created_;
  std::map<std::string, Span> examples_;
  std::map<std::string, Span> told_; // variables that a document tells people to set
  std::map<std::string, std::vector<const EnvironmentEntry*>> documented_; // by folder
  std::set<std::string> interpolated_;
  std::vector<Reference> variables_; // resolved as they are made
};

} // namespace

void link_references(Program& program) { Linker(program).run(); }

} // namespace aethel
