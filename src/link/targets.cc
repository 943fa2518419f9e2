// Roots by rank: what is really started. Declared in aethel.yaml, then what commands in
// scripts, documents and workflows start, then convention.
#include "link/passes.h"

#include <algorithm>
#include <map>
#include <set>

namespace aethel {
namespace {

constexpr std::string_view default_names[] = {"compose.yaml", "compose.yml", "docker-compose.yml",
                                              "docker-compose.yaml"};
constexpr std::string_view override_names[] = {"compose.override.yml", "compose.override.yaml",
                                               "docker-compose.override.yml",
                                               "docker-compose.override.yaml"};

bool is_default(std::string_view path) {
  return std::ranges::find(default_names, file_name(path)) != std::end(default_names);
}

bool is_override(std::string_view path) {
  return std::ranges::find(override_names, file_name(path)) != std::end(override_names);
}

bool is_compose_document(const FileFacts& facts) {
  return std::ranges::any_of(facts.documents,
                             [](const Node& document) { return document.is_mapping(); });
}

// `stop`, `logs` or `build` name a set of files, but do not say who starts it. A subcommand that
// is a variable may be any.
constexpr std::string_view starting_subcommands[] = {"",       "up",    "run",     "start", "scale",
                                                     "create", "watch", "restart", "deploy"};

bool starts(const ComposeInvocation& call) {
  return std::ranges::find(starting_subcommands, call.subcommand) != std::end(starting_subcommands);
}

// A layer is never started alone: it adds to services, or depends on services, that it does not
// define. One that uses networks that it does not declare is a layer where there is something
// to lay it on; else the names are wrong.
enum class Base : std::uint8_t { absent, present };

bool is_layer(const FileFacts& facts, Base base) {
  for (const Node& document : facts.documents) {
    const Node* services = document.find("services");
    if (services == nullptr || services->members.empty())
      return document.find("include") == nullptr;
    if (document.find("include") != nullptr) return false;
    const auto declared = [&](std::string_view section, const std::string& name) {
      const Node* mapping = document.find(section);
      return mapping != nullptr && mapping->find(name) != nullptr;
    };
    for (const Member& service : services->members) {
      if (!service.value.is_mapping()) {
        if (service.value.is_null()) return true;
        continue;
      }
      if (service.value.find("image") == nullptr && service.value.find("build") == nullptr &&
          service.value.find("extends") == nullptr && service.value.find("provider") == nullptr)
        return true;
      for (const std::string_view key : {"depends_on", "networks"}) {
        if (key == "networks" && base == Base::absent) continue;
        const Node* list = service.value.find(key);
        if (list == nullptr) continue;
        const std::string_view section = key == "networks" ? "networks" : "services";
        auto missing = [&](const std::string& name) {
          return !declared(section, name) && !(section == "networks" && name == "default");
        };
        for (const Member& member : list->members)
          if (missing(member.key)) return true;
        for (const Node& item : list->items)
          if (item.is_scalar() && !item.text.has_holes() && missing(item.value())) return true;
      }
    }
  }
  return false;
}

class Finder {
public:
  explicit Finder(Program& program) : program_(program) {}

  void run() {
    collect_files();
    declared();
    commands();
    conventions();
    workflows();
    std::ranges::sort(program_.targets, {}, &Target::id);
  }

private:
  void collect_files() {
    for (const FileFacts& facts : program_.facts) {
      if (!is_compose_document(facts)) continue;
      const std::string& path = program_.sources->path(facts.file);
      files_.insert(path);
      folders_[std::string(parent_path(path))].push_back(path);
      // What another project includes or extends is part of that project.
      for (const Node& document : facts.documents) note_parts(document, path);
    }
  }

  void note_parts(const Node& document, const std::string& path) {
    const std::string_view folder = parent_path(path);
    auto note = [&](const Node& node) {
      if (!node.is_scalar() || node.text.has_holes()) return;
      std::string part = join_path(folder, node.value());
      if (part != path) parts_.insert(std::move(part));
    };
    if (const Node* include = document.find("include"))
      for (const Node& entry : include->items) {
        note(entry);
        if (const Node* paths = entry.find("path")) {
          note(*paths);
          for (const Node& item : paths->items) note(item);
        }
      }
    if (const Node* services = document.find("services"))
      for (const Member& service : services->members)
        if (const Node* file = service.value.at({"extends", "file"})) note(*file);
  }

  Target* add(Rank rank, std::vector<std::string> files, std::string directory) {
    std::string id = "compose:";
    for (std::size_t i = 0; i < files.size(); ++i) id += (i == 0 ? "" : "+") + files[i];
    if (directory != parent_path(files.front())) id += "@" + (directory.empty() ? "." : directory);
    for (Target& present : program_.targets)
      if (present.id == id) {
        present.rank = std::min(present.rank, rank);
        return &present;
      }
    for (const std::string& file : files) used_.insert(file);
    program_.targets.push_back({.id = std::move(id),
                                .kind = "compose",
                                .rank = rank,
                                .files = std::move(files),
                                .directory = std::move(directory)});
    return &program_.targets.back();
  }

  void declared() {
    for (const TargetEntry& entry : program_.config.targets) {
      std::vector<std::string> files;
      for (const Located& file : entry.compose) files.push_back(file.value);
      Target* target = add(Rank::declared, std::move(files), entry.directory);
      for (const Located& profile : entry.profiles) target->profiles.push_back(profile.value);
      for (const Located& file : entry.env_files) target->env_files.push_back(file.value);
    }
  }

  // GitHub starts every workflow file that is there.
  void workflows() {
    for (const FileFacts& facts : program_.facts)
      for (const Workflow& workflow : facts.workflows) {
        const std::string& path = program_.sources->path(workflow.file);
        program_.targets.push_back({.id = "workflow:" + path,
                                    .kind = "workflow",
                                    .rank = Rank::command,
                                    .files = {path},
                                    .directory = ""});
      }
  }

  // The default file of a folder and its override, as `docker compose` without -f finds them.
  std::vector<std::string> default_set(const std::string& folder) const {
    std::vector<std::string> set;
    for (const std::string_view name : default_names)
      if (std::string path = join_path(folder, name); files_.contains(path)) {
        set.push_back(std::move(path));
        break;
      }
    if (set.empty()) return set;
    for (const std::string_view name : override_names)
      if (std::string path = join_path(folder, name); files_.contains(path)) {
        set.push_back(std::move(path));
        break;
      }
    return set;
  }

  void commands() {
    for (const FileFacts& facts : program_.facts)
      for (const ComposeInvocation& call : facts.invocations) command(facts, call);
  }

  void command(const FileFacts& facts, const ComposeInvocation& call) {
    if (!call.files_known) return;
    const std::string home(parent_path(program_.sources->path(facts.file)));
    // Where it runs: as far as it says; else the root or the folder of the file that says it.
    std::vector<std::string> folders;
    if (call.from_root) {
      folders = {""};
    } else if (call.directory_known && !call.directory.empty()) {
      folders = {join_path("", call.directory), join_path(home, call.directory)};
    } else {
      folders = {"", home};
    }
    for (const std::string& folder : folders) {
      std::vector<std::string> files;
      if (call.files.empty()) {
        files = default_set(folder);
      } else {
        for (const std::string& file : call.files) {
          std::string path = join_path(folder, file);
          if (!files_.contains(path)) break;
          files.push_back(std::move(path));
        }
        if (files.size() != call.files.size()) files.clear();
      }
      if (files.empty()) continue;
      std::string directory = call.project_directory.empty()
                                  ? std::string(parent_path(files.front()))
                                  : join_path(folder, call.project_directory);
      Target* target = add(Rank::command, std::move(files), std::move(directory));
      if (starts(call) && target->root_evidence.size() < 32) {
        std::string detail = call.subcommand;
        for (const std::string& profile : call.profiles) detail += " --profile " + profile;
        target->root_evidence.push_back({.message = call.mention ? "mentioned-by" : "started-by",
                                         .detail = std::move(detail),
                                         .span = call.span});
      }
      note_services(*target, call);
      if (target->env_files.empty())
        for (const std::string& file : call.env_files)
          if (file.find('$') == std::string::npos)
            target->env_files.push_back(join_path(folder, file));
      for (const std::string& profile : call.profiles)
        if (std::ranges::find(target->profiles, profile) == target->profiles.end())
          target->profiles.push_back(profile);
      return;
    }
  }

  // Only what runs: documents abbreviate. Where COMPOSE_FILE is set, other files are meant.
  static void note_services(Target& target, const ComposeInvocation& call) {
    if (call.document || call.mention || target.commanded.size() >= 256) return;
    if (std::ranges::find(call.variables, "COMPOSE_FILE") != call.variables.end()) return;
    // Takes away what an older version may have left.
    if (call.subcommand == "rm" || call.subcommand == "stop" || call.subcommand == "kill" ||
        call.subcommand == "down")
      return;
    for (const std::string& name : call.services) {
      const auto same = [&](const CommandedService& each) { return each.name == name; };
      if (std::ranges::none_of(target.commanded, same))
        target.commanded.push_back(
            {.name = name, .files_named = !call.files.empty(), .span = call.span});
    }
  }

  void conventions() {
    for (const auto& [folder, paths] : folders_) {
      const std::vector<std::string> base = default_set(folder);
      if (!base.empty() && !parts_.contains(base.front())) add(Rank::convention, base, folder);
      for (const std::string& path : paths) {
        if (is_default(path) || is_override(path) || parts_.contains(path)) continue;
        if (used_.contains(path)) continue;
        const FileFacts* facts = program_.facts_of(program_.sources->find(path));
        if (facts == nullptr) continue;
        if (!is_layer(*facts, base.empty() ? Base::absent : Base::present)) {
          add(Rank::convention, {path}, folder);
        } else if (!base.empty()) {
          // A guess: other layers may belong in between.
          add(Rank::convention, {base.front(), path}, folder)->open_world = true;
        } else {
          // Layered on something that nothing here names.
          add(Rank::convention, {path}, folder)->open_world = true;
        }
      }
    }
  }

  Program& program_;
  std::set<std::string> files_; // compose files
  std::map<std::string, std::vector<std::string>> folders_;
  std::set<std::string> parts_;
  std::set<std::string> used_;
};

} // namespace

void find_targets(Program& program) { Finder(program).run(); }

} // namespace aethel
