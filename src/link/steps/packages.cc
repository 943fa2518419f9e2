#include "link/steps/walk.h"

namespace aethel::steps {

// --- make ---

void Interpreter::Walk::make(std::span<const Field> rest, Machine& machine) {
  State& state = machine.state;
  const auto directory = state.directory;
  std::optional<Field> given;
  std::vector<Field> targets;
  bool known = true;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const std::string word = one(rest[i]);
    if (word.empty()) {
      known = known && rest[i].prefix.contains('=');
    } else if (word == "-C" || word == "--directory") {
      if (i + 1 < rest.size()) enter(rest[++i], "make", machine);
    } else if (word.starts_with("-C")) {
      enter(tail(rest[i], 2), "make", machine);
    } else if (word.starts_with("--directory=")) {
      enter(tail(rest[i], 12), "make", machine);
    } else if (is_any(word, "-f", "--file", "--makefile")) {
      if (i + 1 < rest.size()) given = rest[++i];
    } else if (is_any(word, "-j", "-l", "-o", "-W", "-I", "--jobs")) {
      if (i + 1 < rest.size() && !one(rest[i + 1]).empty() &&
          std::ranges::all_of(one(rest[i + 1]), [](char c) { return c >= '0' && c <= '9'; }))
        ++i;
    } else if (word.starts_with("-") || word.contains('=')) {
      // an option, a variable
    } else {
      targets.push_back(rest[i]);
    }
  }
  std::optional<std::string> path;
  if (given) {
    (void)need("read", *given, "make", machine);
    path = path_of(one(*given), state);
  } else if (state.directory && is_in_workspace(*state.directory)) {
    Answer any = Answer::no;
    for (const std::string_view name : {"GNUmakefile", "makefile", "Makefile"}) {
      const std::string candidate = locate(*state.directory, name);
      const Answer there = state.world.exists(candidate);
      any = either(any, there);
      if (there == Answer::yes && !path) path = candidate;
    }
    if (any == Answer::no) {
      path = locate(*state.directory, "Makefile");
      add_use("project", *path, "make", span_of(rest.empty() ? Range{} : rest[0].range), state);
    } else if (any != Answer::yes) {
      path.reset();
    }
  }
  const auto committed = path ? state.world.committed(*path) : std::nullopt;
  const Source* source = committed ? load(*committed) : nullptr;
  if (source != nullptr && known) {
    const Makefile makefile = read_makefile(source->bytes());
    for (const Field& field : targets) {
      const std::string target = one(field);
      if (target.empty()) continue;
      Answer answer = makefile.has(target) ? Answer::yes : Answer::no;
      // A file that is there needs no rule; one with an ending may be made by a built-in one.
      if (answer == Answer::no)
        if (makefile.open || target.contains('.') || target.contains('/') || !state.directory ||
            state.world.exists(locate(*state.directory, target)) != Answer::no ||
            has_source(*state.directory, target))
          answer = Answer::maybe;
      uses_->names.push_back({.kind = "make-target",
                              .name = target,
                              .file = *committed,
                              .command = "make",
                              .span = span_of(field.range),
                              .answer = answer,
                              .soft = soft_ > 0,
                              .known = makefile.targets});
    }
  }
  state.world.may_create_anything();
  state.directory = directory;
}

// `prog.c` for the target `prog`.
bool Interpreter::Walk::has_source(std::string_view directory, const std::string& target) const {
  for (const TreeChild& child : tree_.children(directory))
    if (child.name.starts_with(target + ".")) return true;
  return false;
}

// --- packages ---

Interpreter::Walk::PackageOptions Interpreter::Walk::package_options(std::string_view tool,
                                                                     std::span<const Field> rest,
                                                                     Machine& machine) {
  PackageOptions options;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const std::string word = one(rest[i]);
    if (word == "--") break;
    if (!rest[i].values || rest[i].values->size() != 1) {
      if (rest[i].many || rest[i].prefix.starts_with("-")) options.unknown = true;
      options.words.push_back(rest[i]);
      continue;
    }
    const bool ran = options.words.size() >= 2; // what comes behind is the script's
    if (!word.starts_with('-')) {
      options.words.push_back(rest[i]);
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    Field value;
    const auto take = [&] {
      if (equals != std::string::npos)
        value = tail(rest[i], equals + 1);
      else if (i + 1 < rest.size())
        value = rest[++i];
    };
    if (word == "--if-present") {
      options.if_present = true;
    } else if (is_any(word, "--frozen-lockfile", "--immutable")) {
      options.frozen = true;
    } else if (is_any(word, "--no-frozen-lockfile", "--no-immutable", "--frozen-lockfile=false")) {
      options.frozen = false;
    } else if (is_any(word, "-g", "--global")) {
      options.global = true;
    } else if ((tool == "npm" && is_any(name, "--prefix", "-C")) ||
               (tool == "pnpm" && is_any(name, "-C", "--dir", "--prefix") && !ran) ||
               (tool == "yarn" && name == "--cwd") || (tool == "bun" && name == "--cwd")) {
      take();
      enter(value, tool, machine);
    } else if ((tool == "npm" && is_any(name, "-w", "--workspace")) ||
               (tool == "pnpm" && is_any(name, "--filter", "-F", "--filter-prod")) ||
               (tool == "bun" && name == "--filter")) {
      take();
      if (!options.workspace.empty()) options.some_workspaces = true;
      options.workspace = one(value);
      if (options.workspace.empty()) options.some_workspaces = true;
    } else if ((tool == "npm" && is_any(name, "-ws", "--workspaces")) ||
               (tool == "pnpm" && is_any(name, "-r", "--recursive")) ||
               (tool == "pnpm" && is_any(name, "-w", "--workspace-root"))) {
      options.some_workspaces = true;
    } else if (is_any(name, "--cache", "--registry", "--loglevel", "--omit", "--include",
                      "--network-timeout", "--network-concurrency", "--reporter", "--otp",
                      "--access", "--tag", "--store-dir", "--modules-folder", "--cache-folder",
                      "--mutex", "--config", "--userconfig", "--script-shell", "--env-file",
                      "--concurrency", "--workspace-concurrency", "--lockfile-dir", "--lockfile",
                      "--package-lock") &&
               equals == std::string::npos && !ran && name != "--package-lock") {
      ++i;
    }
  }
  return options;
}

void Interpreter::Walk::package_command(const std::string& tool, std::span<const Field> rest,
                                        Machine& machine) {
  State& state = machine.state;
  const auto directory = state.directory;
  PackageOptions options = package_options(tool, rest, machine);
  package_command_here(tool, options, machine);
  state.directory = directory;
}

void Interpreter::Walk::package_command_here(const std::string& tool, PackageOptions& options,
                                             Machine& machine) {
  State& state = machine.state;
  std::vector<Field>& words = options.words;
  const std::string sub = words.empty() ? "" : one(words[0]);
  const bool only_options = words.empty();
  if (!only_options && sub.empty()) { // a variable names it
    state.world.may_create_anything();
    return;
  }
  if (is_any(sub, "-v", "--version") || (only_options && tool == "npm")) return;
  const bool install = (only_options && tool == "yarn") ||
                       is_any(sub, "ci", "install", "i", "clean-install", "add", "install-test",
                              "cit", "it", "update", "up", "upgrade", "remove", "uninstall",
                              "rebuild", "dedupe", "link", "import");
  if (only_options && tool != "yarn") return;
  if (install) return install_packages(tool, sub, options, machine);
  if (is_any(sub, "exec", "x", "dlx")) {
    if (words.size() > 1)
      run_wrapped("npx", {words.begin() + 1, words.end()}, machine);
    else
      state.world.may_create_anything();
    return;
  }
  if (tool == "yarn" && is_any(sub, "workspace", "workspaces")) {
    if (sub == "workspace" && words.size() > 2) {
      options.workspace = one(words[1]);
      std::vector<Field> inner(words.begin() + 2, words.end());
      words = std::move(inner);
      return package_command_here(tool, options, machine);
    }
    state.world.may_create_anything();
    return;
  }
  std::string name;
  Range range = words[0].range;
  bool named = true; // nothing but a script can be meant
  if (is_any(sub, "run", "run-script", "rum", "urn")) {
    if (words.size() < 2) return;
    name = one(words[1]);
    range = words[1].range;
    if (name.empty()) {
      state.world.may_create_anything();
      return;
    }
    if (tool == "bun" || tool == "yarn" || tool == "pnpm")
      named = name.contains(':') && !name.contains('/') && !name.contains('.');
    // bun, yarn and pnpm run programs of packages too; in Berry `run a:b` also finds the script
    // of any workspace.
    if (tool == "pnpm") named = true;
    if (tool == "yarn" && name.contains(':')) named = !some_package_has(name);
    if (tool == "yarn" && !name.contains(':')) named = false;
  } else if (is_any(sub, "test", "t", "tst", "start", "stop") && tool != "bun") {
    name = is_any(sub, "t", "tst") ? "test" : sub;
  } else if (tool == "npm") {
    if (is_any(sub, "pack", "create", "init", "version")) state.world.may_create_anything();
    return; // the others make nothing
  } else if (is_builtin(tool, sub)) {
    if (is_any(sub, "pack", "create", "init", "version", "deploy", "build", "x", "publish", "patch",
               "set", "plugin"))
      state.world.may_create_anything();
    return;
  } else {
    name = sub;
    named = name.contains(':') && !name.contains('/') && !name.contains('.') &&
            (tool == "pnpm" || (tool == "yarn" && !some_package_has(name)));
  }
  script_of_package(tool, name, range, named, options, machine);
}

bool Interpreter::Walk::is_builtin(std::string_view tool, std::string_view sub) {
  if (tool == "bun")
    return is_any(sub, "test", "build", "pm", "create", "init", "upgrade", "outdated", "publish",
                  "patch", "audit", "info", "why");
  return is_any(sub, "config", "audit", "cache", "dlx", "outdated", "list", "ls", "la", "why",
                "pack", "publish", "create", "init", "version", "info", "view", "store", "env",
                "root", "bin", "prune", "fetch", "deploy", "setup", "login", "logout", "whoami",
                "node", "npm", "set", "policies", "plugin", "constraints", "dedupe", "patch",
                "patch-commit", "licenses", "link", "unlink", "check", "help", "self-update",
                "approve-builds", "doctor", "search", "tag", "owner", "team", "generate-lock-entry",
                "autoclean", "global", "access", "explain", "server", "cat-file", "cat-index",
                "find-hash", "get");
}

// A script with a colon in its name may be of any workspace (Yarn 2 and later).
bool Interpreter::Walk::some_package_has(std::string_view script) {
  for (const TreeEntry& entry : tree_.entries()) {
    if (file_name(entry.path) != "package.json" || !entry.is_ours()) continue;
    if (const Package* package = package_at(entry.path))
      if (!package->readable || package->script(script) != nullptr) return true;
  }
  return false;
}

const Package* Interpreter::Walk::package_at(std::string_view path) {
  const auto found = packages_.find(path);
  if (found != packages_.end()) return &found->second;
  const Source* source = load(path);
  if (source == nullptr) return nullptr;
  return &packages_.emplace(std::string(path), read_package(source->bytes())).first->second;
}

// The manifest that a tool finds from a folder: there or above. `no` when there is none.
Answer Interpreter::Walk::manifest(const State& state, std::string& path) const {
  if (!state.directory || !is_in_workspace(*state.directory)) return Answer::maybe;
  for (std::string_view folder = *state.directory;; folder = parent_path(folder)) {
    path = locate(folder, "package.json");
    const Answer there = state.world.exists(path);
    if (there != Answer::no) return there;
    if (folder.empty()) return Answer::no;
  }
}

// The manifest of a workspace by its name or folder.
std::optional<std::string> Interpreter::Walk::workspace(const State& state, std::string_view name) {
  if (name.find_first_of("*!^.{[") != std::string_view::npos && !name.starts_with("./"))
    return std::nullopt;
  std::optional<std::string> result;
  for (const TreeEntry& entry : tree_.entries()) {
    if (file_name(entry.path) != "package.json" || !entry.is_ours()) continue;
    const Package* package = package_at(entry.path);
    if (package == nullptr || package->name != name) continue;
    if (result) return std::nullopt;
    result = entry.path;
  }
  if (!result && state.directory) {
    const std::string path = locate(locate(*state.directory, name), "package.json");
    if (state.world.committed(path)) result = path;
  }
  return result;
}

void Interpreter::Walk::script_of_package(const std::string& tool, const std::string& name,
                                          Range range, bool named, PackageOptions& options,
                                          Machine& machine) {
  State& state = machine.state;
  std::string path;
  Answer there = Answer::maybe;
  if (options.some_workspaces || options.unknown) {
    state.world.may_create_anything();
    return;
  }
  if (!options.workspace.empty()) {
    const auto found = workspace(state, options.workspace);
    if (!found) {
      state.world.may_create_anything();
      return;
    }
    path = *found;
    there = state.world.exists(path);
  } else {
    there = manifest(state, path);
    if (there == Answer::no)
      add_use("project", locate(*state.directory, "package.json"), tool, span_of(range), state);
  }
  const auto committed = there == Answer::yes ? state.world.committed(path) : std::nullopt;
  const Package* package = committed ? package_at(*committed) : nullptr;
  if (package == nullptr || !package->readable) {
    state.world.may_create_anything();
    return;
  }
  const PackageScript* script = package->script(name);
  Answer answer = script != nullptr ? Answer::yes : Answer::no;
  if (answer == Answer::no) {
    // `npm start` runs server.js when there is no script.
    const bool server =
        name == "start" && state.world.exists(locate(parent_path(path), "server.js")) != Answer::no;
    const bool restarts = name == "restart" || name == "env";
    if (!named || server || restarts || options.if_present) answer = Answer::maybe;
  }
  std::vector<std::string> known;
  for (const PackageScript& each : package->scripts) known.push_back(each.name);
  uses_->names.push_back({.kind = "package-script",
                          .name = name,
                          .file = *committed,
                          .command = tool,
                          .span = span_of(range),
                          .answer = answer,
                          .soft = soft_ > 0,
                          .known = std::move(known)});
  if (script == nullptr) {
    // A program of a package by its name, when the tool runs those.
    if (answer == Answer::maybe && !options.if_present && tool != "npm" &&
        knowledge::effects_of(name) != nullptr && options.words.size() >= 1) {
      const bool run = is_any(one(options.words[0]), "run", "run-script");
      return dispatch(std::span<const Field>(options.words).subspan(run ? 1 : 0), machine);
    }
    if (answer == Answer::maybe) state.world.may_create_anything();
    return;
  }
  run_package_script(*package, path, *committed, name, machine);
}

void Interpreter::Walk::run_package_script(const Package& package, const std::string& path,
                                           const std::string& committed, const std::string& name,
                                           Machine& machine) {
  const std::string key = committed + "\n" + name;
  if (script_depth_ >= script_limit || std::ranges::find(running_, key) != running_.end()) {
    machine.state.world.may_create_anything();
    return;
  }
  ++script_depth_;
  running_.push_back(key);
  const auto functions = std::exchange(functions_, {});
  for (const std::string& each : {"pre" + name, name, "post" + name}) {
    const PackageScript* script = package.script(each);
    if (script == nullptr || script->text.offsets.empty()) continue;
    const Parsed& parsed = keep(script->text, sources_.find(committed));
    Machine inner{.state = machine.state};
    inner.state.directory = std::string(parent_path(path));
    execute(parsed, inner);
    machine.state.world = std::move(inner.state.world);
  }
  functions_ = functions;
  running_.pop_back();
  --script_depth_;
}

void Interpreter::Walk::install_packages(const std::string& tool, const std::string& sub,
                                         PackageOptions& options, Machine& machine) {
  State& state = machine.state;
  state.world.may_create_name("node_modules");
  if (options.global) return;
  const Range range = options.words.empty() ? Range{} : options.words[0].range;
  const bool whole = options.words.size() <= 1;
  const bool needs_lock = (tool == "npm" && is_any(sub, "ci", "clean-install", "cit")) ||
                          (tool == "pnpm" && options.frozen && is_any(sub, "install", "i"));
  std::string path;
  const Answer there = whole ? manifest(state, path) : Answer::maybe;
  if (there == Answer::no && options.workspace.empty() && !options.unknown) {
    add_use("project", locate(*state.directory, "package.json"), tool, span_of(range), state);
  } else if (needs_lock && !options.unknown && state.directory &&
             is_in_workspace(*state.directory)) {
    lock_file(tool, range, state);
  }
  if (!needs_lock)
    for (const std::string_view name :
         {"package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lockb", "bun.lock"})
      state.world.may_create_name(name);
  if (there == Answer::yes && whole) {
    const auto committed = state.world.committed(path);
    const Package* package = committed ? package_at(*committed) : nullptr;
    if (package != nullptr)
      for (const std::string_view name : {"preinstall", "install", "postinstall", "prepare"})
        if (package->script(name) != nullptr) {
          ++soft_; // its trouble is not this command's
          run_package_script(*package, path, *committed, std::string(name), machine);
          --soft_;
        }
  }
}

void Interpreter::Walk::lock_file(std::string_view tool, Range range, State& state) {
  std::vector<std::string_view> names{"pnpm-lock.yaml"};
  if (tool == "npm") names = {"package-lock.json", "npm-shrinkwrap.json"};
  Answer any = Answer::no;
  for (std::string_view folder = *state.directory;; folder = parent_path(folder)) {
    for (const std::string_view name : names)
      any = either(any, state.world.exists_if_committed(locate(folder, name)));
    if (folder.empty()) break;
  }
  uses_->paths.push_back(
      {.role = "lock-file",
       .path = locate(*state.directory, names[0]),
       .command = std::string(tool) == "npm" ? "npm ci" : "pnpm install --frozen-lockfile",
       .span = span_of(range),
       .answer = any,
       .soft = soft_ > 0,
       .empty_workspace = state.empty_workspace});
}

} // namespace aethel::steps
