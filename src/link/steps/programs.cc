#include "link/steps/walk.h"

namespace aethel::steps {

// --- commands that the table cannot tell ---

void Interpreter::Walk::change_directory(std::string_view name, std::span<const Field> rest,
                                         Machine& machine) {
  State& state = machine.state;
  const auto before = state.directory;
  while (!rest.empty() && is_any(one(rest[0]), "-P", "-L", "-q", "--")) rest = rest.subspan(1);
  if (name == "popd") {
    if (machine.pushed.empty()) {
      state.directory.reset();
      return;
    }
    state.directory = machine.pushed.back();
    machine.pushed.pop_back();
    return;
  }
  if (name == "pushd") machine.pushed.push_back(before);
  if (rest.empty())
    state.directory = name == "cd" ? std::optional<std::string>("~") : std::nullopt;
  else if (one(rest[0]) == "-")
    state.directory = machine.previous;
  else
    enter(rest[0], name, machine);
  machine.previous = before;
}

void Interpreter::Walk::declare(std::span<const Field> rest, Machine& machine) {
  for (const Field& field : rest) {
    if (!field.values) {
      const std::size_t equals = field.prefix.find('=');
      if (equals != std::string::npos)
        machine.state.variables[field.prefix.substr(0, equals)] = std::nullopt;
      continue;
    }
    std::string name;
    std::vector<std::string> values;
    for (const std::string& text : *field.values) {
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos || text.starts_with('-')) break;
      name = text.substr(0, equals);
      values.push_back(text.substr(equals + 1));
    }
    if (!name.empty()) machine.state.variables[name] = std::move(values);
  }
}

void Interpreter::Walk::call(const Command* function, const Parsed* home,
                             std::span<const Field> rest, Machine& machine) {
  if (script_depth_ >= script_limit || function->parts.empty()) {
    machine.state.world.may_create_anything();
    return;
  }
  ++script_depth_;
  const auto arguments = std::exchange(arguments_, texts(rest));
  const auto parameters = set_parameters(machine, rest);
  const Parsed* outer = std::exchange(parsed_, home);
  const Span place = place_;
  execute(function->parts[0], machine);
  parsed_ = outer;
  place_ = place;
  if (machine.ended == Ended::function) machine.ended = Ended::no;
  restore_parameters(machine, parameters);
  arguments_ = arguments;
  --script_depth_;
}

std::optional<std::vector<std::string>> Interpreter::Walk::texts(std::span<const Field> fields) {
  std::vector<std::string> result;
  for (const Field& field : fields) {
    if (!field.values || field.values->size() != 1) return std::nullopt;
    result.push_back(field.values->front());
  }
  return result;
}

Interpreter::Walk::Parameters Interpreter::Walk::set_parameters(Machine& machine,
                                                                std::span<const Field> rest) {
  Parameters before;
  bool known = true;
  for (std::size_t i = 0; i < 9; ++i) {
    const std::string name = std::to_string(i + 1);
    if (const auto found = machine.state.variables.find(name);
        found != machine.state.variables.end())
      before[name] = found->second;
    if (i < rest.size() && rest[i].many) known = false;
    if (!known)
      machine.state.variables[name] = std::nullopt;
    else
      machine.state.variables[name] =
          i < rest.size() ? rest[i].values : Values(std::vector<std::string>{""});
  }
  return before;
}

void Interpreter::Walk::restore_parameters(Machine& machine, const Parameters& before) {
  for (std::size_t i = 0; i < 9; ++i) {
    const std::string name = std::to_string(i + 1);
    const auto found = before.find(name);
    if (found == before.end())
      machine.state.variables.erase(name);
    else
      machine.state.variables[name] = found->second;
  }
}

// A program named by its path.
void Interpreter::Walk::program(std::span<const Field> fields, Machine& machine) {
  const auto path = path_of(one(fields[0]), machine.state);
  const std::string name(file_name(one(fields[0])));
  if (path && is_in_workspace(*path)) {
    add_use("script", *path, "", span_of(fields[0].range), machine.state);
    if (is_any(name, "gradlew", "mvnw")) return by_table(name, fields.subspan(1), machine);
    // Programs that a package manager put there are known by their names.
    if (path->contains("node_modules/.bin/") || path->contains("vendor/bin/") ||
        path->contains("venv/bin/")) {
      std::vector<Field> renamed(fields.begin(), fields.end());
      renamed[0].values = std::vector{name};
      return dispatch(renamed, machine);
    }
    return file(*path, fields.subspan(1), machine);
  }
  // `/usr/bin/env bash`, `/bin/sh x`
  if (path &&
      is_any(parent_path(*path), "/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin")) {
    std::vector<Field> renamed(fields.begin(), fields.end());
    renamed[0].values = std::vector{name};
    return dispatch(renamed, machine);
  }
  machine.state.world.may_create_anything();
}

bool Interpreter::Walk::is_shell_script(std::string_view path, std::string_view bytes) {
  if (bytes.starts_with("#!")) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    const std::string_view words[] = {"/sh",  "/bash", "/dash", "/zsh", "/ash",
                                      "/ksh", " sh",   " bash", " zsh", " dash"};
    return std::ranges::any_of(words, [&](std::string_view word) { return line.contains(word); });
  }
  return path.ends_with(".sh") || path.ends_with(".bash") || !file_name(path).contains('.');
}

// Runs a script of the repository in a shell of its own.
void Interpreter::Walk::file(const std::string& path, std::span<const Field> arguments,
                             Machine& machine) {
  const Parsed* script = script_of(path, machine.state.world);
  if (script == nullptr || script_depth_ >= script_limit ||
      std::ranges::find(running_, path) != running_.end()) {
    machine.state.world.may_create_anything();
    return;
  }
  Machine inner{.state = machine.state};
  inner.state.variables["0"] = std::vector{std::string(workspace_mark) + "/" + path};
  inner.state.variables["BASH_SOURCE"] = inner.state.variables["0"];
  (void)set_parameters(inner, arguments);
  ++script_depth_;
  running_.push_back(path);
  const auto outer_arguments = std::exchange(arguments_, texts(arguments));
  const auto functions = std::exchange(functions_, {});
  execute(*script, inner);
  functions_ = functions;
  arguments_ = outer_arguments;
  running_.pop_back();
  --script_depth_;
  machine.state.world = std::move(inner.state.world);
  if (!script->program.complete) machine.state.world.may_create_anything();
}

void Interpreter::Walk::source(std::span<const Field> rest, Machine& machine) {
  if (rest.empty()) return;
  const auto path = path_of(one(rest[0]), machine.state);
  if (!path) {
    // Its variables and functions are not known: nor is what follows from them.
    machine.state.world.may_create_anything();
    return;
  }
  if (is_in_workspace(*path))
    add_use("script", *path, "source", span_of(rest[0].range), machine.state);
  const Parsed* script = script_of(*path, machine.state.world);
  if (script == nullptr || script_depth_ >= script_limit ||
      std::ranges::find(running_, *path) != running_.end()) {
    // An environment file or `activate` makes nothing.
    if (!path->ends_with("/activate") && !file_name(*path).contains("env"))
      machine.state.world.may_create_anything();
    return;
  }
  ++script_depth_;
  running_.push_back(*path);
  const auto self = machine.state.variables["BASH_SOURCE"];
  machine.state.variables["BASH_SOURCE"] = std::vector{std::string(workspace_mark) + "/" + *path};
  execute(*script, machine);
  machine.state.variables["BASH_SOURCE"] = self;
  if (machine.ended == Ended::function) machine.ended = Ended::no;
  running_.pop_back();
  --script_depth_;
}

const Parsed* Interpreter::Walk::script_of(std::string_view path, const World& world) {
  const auto committed = world.committed(path);
  if (!committed) return nullptr;
  const auto found = scripts_.find(*committed);
  if (found != scripts_.end()) return found->second.get();
  const Source* bytes = load(*committed);
  if (bytes == nullptr || bytes->bytes().size() > (1u << 18) ||
      !is_shell_script(*committed, bytes->bytes()))
    return nullptr;
  auto parsed = std::make_unique<Parsed>();
  parsed->file = sources_.find(*committed);
  parsed->text.append(bytes->bytes(), 0);
  parsed->text.finish(bytes->bytes().size());
  parsed->program = shell::parse_program(parsed->text.text);
  return scripts_.emplace(*committed, std::move(parsed)).first->second.get();
}

const Source* Interpreter::Walk::load(std::string_view path) const {
  const FileId file = sources_.find(path);
  if (!file) return nullptr;
  const auto source = sources_.load(file);
  return source ? *source : nullptr;
}

void Interpreter::Walk::shell_command(std::span<const Field> rest, Machine& machine) {
  while (!rest.empty()) {
    const std::string word = one(rest[0]);
    if (!word.starts_with('-') && !word.starts_with('+')) break;
    rest = rest.subspan(1);
    // `-s`: what follows are arguments of the text that comes through the pipe.
    if (!word.starts_with("--") && word.ends_with('s')) {
      rest = {};
      break;
    }
    if (word == "-" || word == "--") break;
    if (word.ends_with('c') && !word.starts_with("--")) {
      // The text of another shell.
      if (rest.empty() || !rest[0].values || rest[0].values->size() != 1)
        return machine.state.world.may_create_anything();
      return run_text(rest[0].values->front(), rest[0].range, machine);
    }
    if (is_any(word, "-o", "+o", "-O", "+O") && !rest.empty()) rest = rest.subspan(1);
  }
  if (rest.empty()) {
    if (here_ != nullptr && here_->body.end > here_->body.begin &&
        here_->body.end < parsed_->text.offsets.size()) {
      const Parsed& inner = keep(shell::part_of(parsed_->text, here_->body), parsed_->file);
      here_ = nullptr;
      Machine copy = machine;
      execute(inner, copy);
      machine.state.world = std::move(copy.state.world);
      return;
    }
    machine.state.world.may_create_anything(); // a pipe
    return;
  }
  if (!rest[0].values || rest[0].values->size() != 1)
    return machine.state.world.may_create_anything();
  const auto path = path_of(one(rest[0]), machine.state);
  if (!path) return machine.state.world.may_create_anything();
  if (is_in_workspace(*path))
    add_use("script", *path, "bash", span_of(rest[0].range), machine.state);
  file(*path, rest.subspan(1), machine);
}

// Places in a text that was quoted are those of the whole word.
void Interpreter::Walk::run_text(const std::string& text, Range range, Machine& machine) {
  MappedText mapped;
  const Span span = span_of(range);
  for (const char c : text) mapped.push(c, span.range.begin);
  mapped.finish(span.range.end);
  const Parsed& inner = keep(mapped, span.file);
  Machine copy = machine;
  execute(inner, copy);
  machine.state.world = std::move(copy.state.world);
}

void Interpreter::Walk::tar(std::span<const Field> rest, Machine& machine) {
  std::string letters;
  std::optional<Field> archive, folder;
  int folders = 0;
  std::vector<Field> operands;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const std::string word = one(rest[i]);
    if (word.starts_with("--")) {
      if (word.starts_with("--file=")) archive = tail(rest[i], 7);
      if (word.starts_with("--directory")) ++folders;
      if (word.starts_with("--directory=")) folder = tail(rest[i], 12);
      if (word == "--file" && i + 1 < rest.size()) archive = rest[++i];
      if (word == "--directory" && i + 1 < rest.size()) folder = rest[++i];
      if (word == "--extract" || word == "--get") letters += 'x';
      if (word == "--create") letters += 'c';
      if (word == "--list") letters += 't';
      if (is_any(word, "--exclude", "--transform", "--xform", "--strip-components", "--owner",
                 "--group", "--use-compress-program", "--exclude-from", "--files-from", "--newer",
                 "--after-date", "--mtime", "--mode", "--format", "--label", "--sort",
                 "--checkpoint-action", "--warning", "--blocking-factor", "--suffix",
                 "--to-command", "--listed-incremental", "--add-file"))
        ++i;
    } else if (word.starts_with('-') || i == 0) {
      letters += word.starts_with('-') ? word.substr(1) : word;
      if (word.contains('f') && i + 1 < rest.size()) archive = rest[++i];
      if (word.ends_with('C') && i + 1 < rest.size()) {
        folder = rest[++i];
        ++folders;
      }
      if (is_any(word, "-T", "-X", "-I", "-H", "-b", "-g", "-N", "-V", "-s") && i + 1 < rest.size())
        ++i;
    } else {
      operands.push_back(rest[i]);
    }
  }
  const bool extract = letters.contains('x');
  if (archive && !is_any(one(*archive), "-", "/dev/stdin")) {
    if (extract || letters.contains('t'))
      (void)need("read", *archive, "tar", machine);
    else
      create(*archive, machine);
  }
  if (extract) {
    if (folder)
      create(*folder, machine, Made::filled);
    else
      may_fill_here(machine);
    return;
  }
  if (!letters.contains('c') || folders > 1) return; // each holds for what follows it
  const auto directory = machine.state.directory;
  if (folder) enter(*folder, "tar", machine);
  for (const Field& field : operands)
    if (!one(field).starts_with('@')) (void)need("read", field, "tar", machine);
  machine.state.directory = directory;
}

// A checkout of something else, or the changes of somebody.
bool Interpreter::Walk::git_changes_tree(std::span<const Field> rest, Machine& machine) {
  const auto found = std::ranges::find_if(rest, [](const Field& field) {
    return is_any(one(field), "checkout", "switch", "pull", "merge", "reset", "rebase",
                  "cherry-pick", "am", "apply", "stash", "restore", "revert", "worktree",
                  "read-tree", "subtree", "filter-branch");
  });
  if (found == rest.end() || (found != rest.begin() && !one(rest[0]).starts_with('-')))
    return false;
  if (is_any(one(*found), "checkout", "switch")) {
    const auto behind = std::span(found + 1, rest.end());
    const auto makes = [](const Field& field) {
      return is_any(one(field), "-b", "-B", "-c", "-C");
    };
    const auto operands = std::ranges::count_if(
        behind, [](const Field& field) { return !field.values || !one(field).starts_with('-'); });
    // A new branch at the same place, unless a place is named.
    if (operands == 1 && std::ranges::any_of(behind, makes)) return true;
  }
  machine.state.world.unknown_below("");
  machine.state.world.may_create_anything();
  return true;
}

// What `-exec` starts may make anything, but for a few that make nothing.
void Interpreter::Walk::find(std::span<const Field> rest, Machine& machine) {
  World& world = machine.state.world;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const std::string word = one(rest[i]);
    if (is_any(word, "-fprint", "-fprint0", "-fprintf", "-fls")) world.may_create_anything();
    if (!is_any(word, "-exec", "-execdir", "-ok", "-okdir")) continue;
    const std::string program = i + 1 < rest.size() ? one(rest[i + 1]) : std::string();
    if (!is_any(program, "chmod", "chown", "chgrp", "rm", "grep", "ls", "cat", "echo", "printf",
                "stat", "file", "wc", "head", "tail", "du", "md5sum", "sha256sum", "basename",
                "dirname", "test"))
      world.may_create_anything();
  }
}

// Programs in other languages: they may make anything, but the file that they run must be there.
void Interpreter::Walk::interpreted(const std::string& name, std::span<const Field> rest,
                                    Machine& machine) {
  World& world = machine.state.world;
  constexpr std::string_view ends[] = {".py",  ".js", ".mjs", ".cjs", ".ts", ".mts",
                                       ".tsx", ".rb", ".php", ".pl",  ".R",  ".jl"};
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const std::string word = one(rest[i]);
    if (word.empty()) break;
    if (is_any(word, "--version", "-V", "-v", "--help")) return;
    if (word == "-m" && name.starts_with("python") && i + 1 < rest.size()) {
      const std::string module = one(rest[i + 1]);
      const auto behind = rest.subspan(i + 1);
      if (module == "venv" && behind.size() > 1) {
        for (const Field& field : behind.subspan(1))
          if (!one(field).starts_with('-')) create(field, machine, Made::filled);
        return;
      }
      if (module == "pip" || knowledge::effects_of(module) != nullptr)
        return dispatch(behind, machine);
      break;
    }
    if (is_any(word, "-c", "-e", "-p", "-r", "--eval", "--print") && i + 1 < rest.size()) {
      if (word == "-r" && name != "php") { // node -r module
        ++i;
        continue;
      }
      const std::string text = one(rest[i + 1]);
      const std::string_view writers[] = {
          "open(",    "write",    "mkdir",      "makedirs",    "subprocess", "system",
          "exec",     "spawn",    "shutil",     "copy",        "save",       "dump(",
          "download", "retrieve", "extract",    "touch",       "rename",     "move",
          "symlink",  "run(",     "call(",      "main(",       "create",     "generate",
          "build",    "to_",      "require('.", "require(\".", "fs.",        "import("};
      if (rest[i + 1].values && std::ranges::none_of(writers, [&](std::string_view word_of_it) {
            return text.contains(word_of_it);
          }))
        return;
      break;
    }
    if (word.starts_with('-')) continue;
    if (name == "deno" && is_any(word, "run", "test", "task", "fmt", "lint", "check")) continue;
    if (std::ranges::any_of(ends, [&](std::string_view end) { return word.ends_with(end); }))
      (void)need("script", rest[i], name, machine);
    break;
  }
  world.may_create_anything();
}

} // namespace aethel::steps
