#include "link/steps/walk.h"

namespace aethel::steps {

// --- simple commands ---

void Interpreter::Walk::simple(const Command& command, Machine& machine) {
  if (is_test(command)) {
    (void)test(command, machine);
    return;
  }
  std::vector<std::pair<std::string, Values>> assigned;
  for (const Word& word : command.assignments) assigned.push_back(assignment(word, machine));
  if (command.words.empty())
    for (auto& [name, values] : assigned) machine.state.variables[name] = std::move(values);
  std::vector<Field> fields;
  for (const Word& word : command.words)
    for (Field& field : expand(word, machine)) fields.push_back(std::move(field));
  const bool quiet = std::ranges::any_of(command.redirections, [](const Redirection& each) {
    return (each.descriptor == 2 || each.descriptor == -2) &&
           shell::bare(each.target) == "/dev/null";
  });
  if (quiet || command.negated) ++soft_;
  for (const Redirection& each : command.redirections)
    if (each.kind == Redirection::Kind::read)
      for (const Field& field : expand(each.target, machine)) need("input", field, "<", machine);
  here_ = nullptr;
  for (const Redirection& each : command.redirections)
    if (each.kind == Redirection::Kind::here_document) here_ = &each;
  if (!fields.empty()) dispatch(fields, machine);
  here_ = nullptr;
  redirect(command, machine);
  if (quiet || command.negated) --soft_;
}

std::pair<std::string, Values> Interpreter::Walk::assignment(const Word& word, Machine& machine) {
  Word value = word;
  std::string& text = value.parts[0].text;
  const std::size_t equals = text.find('=');
  std::string name = text.substr(0, equals);
  const bool append = name.ends_with('+');
  if (append) name.pop_back();
  text.erase(0, equals + 1);
  if (!word.list.empty() || append) return {name, std::nullopt};
  value.parts[0].quoted = Quoted::yes; // neither split nor a pattern
  return {name, concatenated(value.parts, machine)};
}

void Interpreter::Walk::redirect(const Command& command, Machine& machine) {
  for (const Redirection& each : command.redirections) {
    if (each.kind != Redirection::Kind::write && each.kind != Redirection::Kind::append) continue;
    for (const Field& field : expand(each.target, machine)) {
      if (field.values)
        for (const std::string& text : *field.values)
          if (const auto path = path_of(text, machine.state);
              path && path->contains('/') && is_in_workspace(*path))
            add_use("write", std::string(parent_path(*path)), ">", span_of(field.range),
                    machine.state);
      create(field, machine);
    }
  }
}

Span Interpreter::Walk::span_of(Range range) const {
  const MappedText& text = parsed_->text;
  if (text.offsets.empty() || range.end >= text.offsets.size()) return {parsed_->file, {}};
  return {parsed_->file, text.file_range(range)};
}

void Interpreter::Walk::add_use(std::string_view role, const std::string& path,
                                std::string_view command, Span span, State& state) {
  const Answer answer = state.world.exists(path);
  uses_->paths.push_back({.role = role,
                          .path = path,
                          .command = std::string(command),
                          .span = span,
                          .answer = answer,
                          .soft = soft_ > 0,
                          .empty_workspace = state.empty_workspace});
  // Said once: what comes behind would only repeat it.
  if (answer == Answer::no) state.world.doubt(path);
}

Answer Interpreter::Walk::need(std::string_view role, const Field& field, std::string_view command,
                               Machine& machine) {
  if (!field.values) return Answer::maybe;
  Answer all = Answer::yes;
  for (const std::string& text : *field.values) {
    const auto path = path_of(text, machine.state);
    if (!path) {
      all = both(all, Answer::maybe);
      continue;
    }
    all = both(all, machine.state.world.exists(*path));
    add_use(role, *path, command, span_of(field.range), machine.state);
  }
  return all;
}

// The folder that holds all that a text of which only the beginning is known can name.
std::optional<std::string> Interpreter::Walk::known_folder(const Field& field, const State& state) {
  const std::size_t slash = field.prefix.rfind('/');
  if (slash != std::string::npos) return path_of(field.prefix.substr(0, slash + 1), state);
  if (field.prefix.empty() && !field.glob) return std::nullopt;
  return state.directory;
}

void Interpreter::Walk::create(const Field& field, Machine& machine, Made made) {
  World& world = machine.state.world;
  if (!field.values) {
    const auto folder = known_folder(field, machine.state);
    if (folder)
      world.may_hold_more(*folder);
    else
      world.may_create_anything();
    return;
  }
  for (const std::string& text : *field.values) {
    const auto path = path_of(text, machine.state);
    if (!path) {
      if (!machine.state.directory && !text.empty() && !is_url(text))
        world.may_create_name(file_name(text));
      continue;
    }
    if (field.values->size() > 1) {
      world.may_create(*path);
      if (made == Made::filled) world.may_hold_more(*path);
    } else if (made == Made::file) {
      world.create_file(*path);
    } else {
      world.create_directory(*path);
      if (made == Made::filled) world.may_hold_more(*path);
    }
  }
}

void Interpreter::Walk::remove(const Field& field, Machine& machine) {
  World& world = machine.state.world;
  if (!field.values) {
    if (const auto folder = known_folder(field, machine.state)) world.unknown_below(*folder);
    // What a variable names is taken to be its own, not what somebody needs.
    return;
  }
  for (const std::string& text : *field.values)
    if (const auto path = path_of(text, machine.state)) {
      if (field.values->size() > 1)
        world.may_remove(*path);
      else
        world.remove(*path);
    }
}

void Interpreter::Walk::dispatch(std::span<const Field> fields, Machine& machine) {
  if (--budget_ <= 0 || nesting_ >= nesting_limit) {
    machine.state.world.unknown_below("");
    return;
  }
  ++nesting_;
  dispatch_named(fields, machine);
  --nesting_;
}

void Interpreter::Walk::dispatch_named(std::span<const Field> fields, Machine& machine) {
  State& state = machine.state;
  const std::string name = one(fields[0]);
  const auto rest = fields.subspan(1);
  if (name.empty()) {
    if (!fields[0].values || fields[0].values->size() != 1) state.world.may_create_anything();
    return;
  }
  if (const auto function = functions_.find(name); function != functions_.end())
    return call(function->second.first, function->second.second, rest, machine);
  if (name.contains('/') || name.starts_with(workspace_mark)) return program(fields, machine);
  if (is_any(name, "cd", "pushd", "popd")) return change_directory(name, rest, machine);
  if (is_any(name, "source", ".")) return source(rest, machine);
  if (is_any(name, "exit", "exec") && (name == "exit" || rest.empty())) {
    if (name == "exit") machine.ended = Ended::shell;
    return;
  }
  if (name == "return") {
    machine.ended = Ended::function;
    return;
  }
  if (is_any(name, "break", "continue")) {
    machine.ended = name == "break" ? Ended::loop : Ended::next;
    return;
  }
  if (is_any(name, "export", "local", "declare", "typeset", "readonly"))
    return declare(rest, machine);
  if (is_any(name, "read", "getopts", "unset", "mapfile", "readarray")) {
    for (const Field& field : rest)
      if (const std::string text = one(field); !text.empty() && !text.starts_with('-'))
        state.variables[text] = std::nullopt;
    return;
  }
  if (name == "eval") {
    for (const Field& field : rest)
      if (!field.values) return state.world.unknown_below("");
    state.world.may_create_anything();
    return;
  }
  if (is_any(name, "bash", "sh", "zsh", "dash", "ksh", "ash")) return shell_command(rest, machine);
  if (is_any(name, "npm", "pnpm", "yarn", "bun")) return package_command(name, rest, machine);
  if (is_any(name, "make", "gmake")) return make(rest, machine);
  if (name == "git" && git_changes_tree(rest, machine)) return;
  if (name == "find") return find(rest, machine);
  if (name == "tar" || name == "bsdtar") return tar(rest, machine);
  if (is_any(name, "python", "python3", "python2", "node", "ruby", "php", "perl", "deno", "tsx",
             "ts-node", "Rscript", "julia"))
    return interpreted(name, rest, machine);
  by_table(name, rest, machine);
}

// --- what the table knows ---

void Interpreter::Walk::by_table(const std::string& name, std::span<const Field> rest,
                                 Machine& machine) {
  std::string label = name;
  const CommandEffects* front = nullptr;
  const CommandEffects* effects = nullptr;
  const auto directory = machine.state.directory;
  if (knowledge::has_subcommands(name)) {
    front = knowledge::effects_before_subcommand(name);
    // Options in front of the subcommand.
    std::size_t at = 0;
    while (at < rest.size() && one(rest[at]).starts_with('-') && one(rest[at]).size() > 1) {
      const std::string word = one(rest[at]);
      const std::size_t equals = word.find('=');
      const auto* option = front == nullptr ? nullptr : front->option(word.substr(0, equals));
      if (option != nullptr) {
        Field value;
        if (equals != std::string::npos)
          value = {.values = std::vector{word.substr(equals + 1)}, .range = rest[at].range};
        else if (at + 1 < rest.size())
          value = rest[++at];
        if (option->role == Role::chdir) enter(value, name, machine);
      }
      if (at + 1 == rest.size() && is_any(word, "--version", "--help", "-v", "-V", "-h")) break;
      ++at;
    }
    // `-chdir=${{ x }}`
    if (at < rest.size() && !rest[at].values && rest[at].prefix.starts_with("-")) {
      if (rest[at].prefix.contains("dir=")) machine.state.directory.reset();
      ++at;
    }
    rest = rest.subspan(at);
    const std::string first = rest.empty() ? std::string() : one(rest[0]);
    if (rest.empty() || first.starts_with('-')) {
      machine.state.directory = directory;
      return;
    }
    if (first == "compose") { // `docker compose -f file up`
      std::size_t behind = 1;
      while (behind + 1 < rest.size() && one(rest[behind]).starts_with('-'))
        behind += is_any(one(rest[behind]), "-f", "--file", "-p", "--project-name", "--profile",
                         "--env-file", "--project-directory", "--progress", "--parallel", "--ansi")
                      ? 2
                      : 1;
      if (behind < rest.size() && behind > 1) {
        const std::string sub = "compose " + one(rest[behind]);
        if (const auto* found = knowledge::effects_of(name, sub);
            found != nullptr && found->sub != "*") {
          effects = found;
          label += " " + sub;
          rest = rest.subspan(behind + 1);
        }
      }
    }
    if (effects == nullptr && rest.size() > 1)
      if (const std::string second = one(rest[1]); !second.empty()) {
        const CommandEffects* two = knowledge::effects_of(name, first + " " + second);
        if (two != nullptr && two->sub != "*") {
          effects = two;
          label += " " + first + " " + second;
          rest = rest.subspan(2);
        }
      }
    if (effects == nullptr && !first.empty()) {
      effects = knowledge::effects_of(name, first);
      label += " " + first;
      if (effects != nullptr) rest = rest.subspan(1);
    }
  } else {
    effects = knowledge::effects_of(name);
  }
  if (effects == nullptr)
    unknown_program(fields_with_paths(rest), machine);
  else
    apply(*effects, front, label, rest, machine);
  machine.state.directory = directory;
}

std::span<const Field> Interpreter::Walk::fields_with_paths(std::span<const Field> fields) {
  return fields;
}

void Interpreter::Walk::unknown_program(std::span<const Field>, Machine& machine) {
  machine.state.world.may_create_anything();
}

void Interpreter::Walk::enter(const Field& field, std::string_view command, Machine& machine) {
  if (!field.values || field.values->size() != 1) {
    machine.state.directory.reset();
    return;
  }
  const auto path = path_of(field.values->front(), machine.state);
  if (path) add_use("directory", *path, command, span_of(field.range), machine.state);
  machine.state.directory = path;
}

void Interpreter::Walk::apply(const CommandEffects& effects, const CommandEffects* front,
                              const std::string& label, std::span<const Field> rest,
                              Machine& machine) {
  std::vector<std::pair<Role, Field>> given;
  std::vector<Field> operands;
  bool options = true, uncertain = false;
  Ways ways;
  const auto runs_at = [&](std::size_t i) {
    return i < effects.operands.size() && effects.operands[i] == Role::run;
  };
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const std::string word = one(rest[i]);
    const std::string& begin = rest[i].values ? word : rest[i].prefix;
    const bool option = options && begin.size() > 1 && begin[0] == '-';
    if (!option) {
      if (runs_at(operands.size())) {
        // `env NAME=value command`, `npx package@version`
        if (is_assignment(word) && is_any(label, "env", "cross-env")) continue;
        std::vector<Field> command(rest.begin() + i, rest.end());
        for (const auto& [role, field] : given) // `env -C folder command`
          if (role == Role::chdir) enter(field, label, machine);
        run_wrapped(label, std::move(command), machine);
        return;
      }
      if (!rest[i].values && rest[i].many && rest[i].prefix.empty()) uncertain = true;
      operands.push_back(rest[i]);
      continue;
    }
    if (word == "--") {
      options = false;
      continue;
    }
    if (label == "command" && is_any(word, "-v", "-V")) return; // asks whether there is one
    notice(label, word, ways);
    if (ways.patient) uncertain = true;
    const std::size_t equals = begin.find('=');
    const std::string option_name = begin.substr(0, equals);
    const auto* known = effects.option(option_name);
    if (known == nullptr && front != nullptr) known = front->option(option_name);
    if (known != nullptr) {
      if (equals != std::string::npos) {
        given.emplace_back(known->role, tail(rest[i], equals + 1));
      } else if (i + 1 < rest.size()) {
        given.emplace_back(known->role, rest[++i]);
      }
      continue;
    }
    if (equals != std::string::npos || begin.starts_with("--")) {
      if (!effects.is_flag(option_name)) uncertain = true;
      continue;
    }
    // Letters in one word; the last one may have a value.
    for (std::size_t letter = 1; letter < begin.size(); ++letter) {
      const auto* value = effects.option(std::string("-") + begin[letter]);
      if (value == nullptr) continue;
      if (letter + 1 < begin.size())
        given.emplace_back(value->role, tail(rest[i], letter + 1));
      else if (!rest[i].values)
        given.emplace_back(value->role, tail(rest[i], letter + 1));
      else if (i + 1 < rest.size())
        given.emplace_back(value->role, rest[++i]);
      break;
    }
  }
  if (uncertain) ++soft_;
  effect(effects, label, given, operands, ways, machine);
  if (uncertain) --soft_;
}

void Interpreter::Walk::notice(std::string_view label, std::string_view word, Ways& ways) {
  const bool letters = word.size() > 1 && word[0] == '-' && word[1] != '-';
  const auto has = [&](std::string_view any) {
    return letters && word.find_first_of(any, 1) != std::string_view::npos;
  };
  if (label == "curl") {
    ways.remote = ways.remote || has("O") || is_any(word, "--remote-name", "--remote-name-all");
    ways.elsewhere = ways.elsewhere || has("J") || word == "--remote-header-name";
  } else if (label == "wget") {
    ways.elsewhere =
        ways.elsewhere || (has("rmpxEK") && word[1] != 'n') ||
        is_any(word, "--recursive", "--mirror", "--page-requisites", "--force-directories",
               "--content-disposition", "--trust-server-names", "--adjust-extension");
  } else if (is_any(label, "cp", "aws s3 cp")) {
    ways.recursive = ways.recursive || has("rRa") || is_any(word, "--recursive", "--archive");
    ways.elsewhere = ways.elsewhere || (label == "cp" && has("T")) ||
                     is_any(word, "--parents", "--no-target-directory");
  } else if (is_any(label, "mv", "ln", "git mv")) {
    ways.keeps = ways.keeps || (label == "mv" && has("nui")) ||
                 is_any(word, "--no-clobber", "--update", "--interactive", "--dry-run");
    ways.elsewhere = ways.elsewhere || has("T") || word == "--no-target-directory";
  } else if (label == "install") {
    ways.folders = ways.folders || has("d") || word == "--directory";
  } else if (label == "tail") {
    ways.patient = ways.patient || has("F") || word == "--retry";
  }
}

bool Interpreter::Walk::is_assignment(std::string_view text) {
  const std::size_t equals = text.find('=');
  return equals != std::string_view::npos && equals > 0 && !text.starts_with('-') &&
         !text.substr(0, equals).contains('/');
}

// The field behind its first bytes.
Field Interpreter::Walk::tail(const Field& field, std::size_t from) {
  Field result = field;
  if (result.values)
    for (std::string& text : *result.values) text.erase(0, std::min(from, text.size()));
  result.prefix.erase(0, std::min(from, result.prefix.size()));
  if (field.range.end - field.range.begin > from)
    result.range.begin += static_cast<std::uint32_t>(from);
  return result;
}

void Interpreter::Walk::run_wrapped(const std::string& label, std::vector<Field> command,
                                    Machine& machine) {
  std::string name = one(command[0]);
  if (is_any(label, "npx", "bunx", "pnpx", "poetry run", "pipenv run", "uv run", "pdm run",
             "rye run", "hatch run", "bundle exec")) {
    // A package, perhaps with a version and a scope: `@angular/cli@17`.
    const std::size_t at = name.find('@', 1);
    if (label.starts_with("npx") || label.starts_with("bunx") || label.starts_with("pnpx")) {
      if (at != std::string::npos) name.erase(at);
      if (name.starts_with('@'))
        name.erase(0, name.find('/') == std::string::npos ? 0 : name.find('/') + 1);
      if (name.empty() || name.contains('/')) return machine.state.world.may_create_anything();
      command[0].values = std::vector{name};
    }
    if (functions_.contains(name)) return machine.state.world.may_create_anything();
  }
  dispatch(command, machine);
}

void Interpreter::Walk::effect(const CommandEffects& effects, const std::string& label,
                               std::vector<std::pair<Role, Field>>& given,
                               std::vector<Field>& operands, Ways ways, Machine& machine) {
  State& state = machine.state;
  const auto directory = state.directory;
  for (const auto& [role, field] : given)
    if (role == Role::chdir) enter(field, label, machine);
  std::vector<Role> roles = effects.operands;
  // `sed -i '' ...`, `sed -i .bak ...` of BSD and macOS.
  if (is_any(label, "sed", "gsed") && operands.size() > 1 && operands[0].values &&
      is_any(one(operands[0]), "", ".bak", ".old", ".orig", ".tmp", ".backup"))
    operands.erase(operands.begin());
  if (is_any(label, "awk", "gawk", "mawk", "nawk") && awk_writes(given, operands))
    state.world.may_create_anything();
  if (label == "git clone" && operands.size() == 1) clone_folder(operands[0], machine);
  if (label == "ln" && operands.size() == 1) { // a link with its name, here
    const std::string target = one(operands[0]);
    if (target.empty())
      may_fill_here(machine);
    else
      create({.values = std::vector{std::string(file_name(target))}}, machine, Made::filled);
  }
  const bool script =
      std::ranges::any_of(given, [](const auto& each) { return each.first == Role::script; });
  if (script && !roles.empty() && roles[0] == Role::text) roles.erase(roles.begin());
  bool last = effects.last && roles.size() >= 2;
  // `cp -t folder a b`
  const bool folder_given =
      last && std::ranges::any_of(given, [](const auto& each) { return each.first == Role::fill; });
  if (folder_given) {
    last = false;
    roles.pop_back();
  }
  const Field* context = nullptr;
  std::vector<Field> sources;
  bool dockerfile = false;
  for (const auto& [role, field] : given)
    if (role == Role::dockerfile) dockerfile = true;
  const auto use = [&](Role role, const Field& field) {
    switch (role) {
    case Role::skip:
    case Role::text:
    case Role::script:
    case Role::soft:
    case Role::run:
    case Role::chdir: break;
    case Role::shell:
    case Role::any: state.world.may_create_anything(); break;
    case Role::read:
    case Role::file:
    case Role::dir:
      // unzip reads patterns itself, and adds ".zip".
      if (label == "unzip" && (one(field).find_first_of("*?[") != std::string::npos ||
                               !file_name(one(field)).contains('.')))
        break;
      (void)need("read", field, label, machine);
      break;
    case Role::create: create(field, machine); break;
    case Role::mkdir: create(field, machine, Made::folder); break;
    case Role::fill: create(field, machine, Made::filled); break;
    case Role::remove: remove(field, machine); break;
    case Role::move: (void)need("read", field, label, machine); break;
    case Role::into: into(field, sources, label, ways, machine); break;
    case Role::context: context = &field; break;
    case Role::dockerfile:
      if (one(field) != "-") (void)need("dockerfile", field, label, machine);
      break;
    case Role::manifest:
      if (field.values)
        for (const std::string& text : *field.values)
          for (const std::string_view part : knowledge::words(text, ","))
            if (part.find_first_of("*?[") == std::string_view::npos) // kubectl reads patterns
              (void)need("manifest",
                         {.values = std::vector{std::string(part)}, .range = field.range}, label,
                         machine);
      break;
    case Role::kustomize:
      if (field.values)
        for (const std::string& text : *field.values)
          if (!is_url(text) && !text.contains("?ref=") && !text.starts_with("github.com/") &&
              !text.contains("//"))
            (void)need("kustomize", {.values = std::vector{text}, .range = field.range}, label,
                       machine);
      break;
    case Role::url:
      if (ways.elsewhere && (ways.remote || label == "wget"))
        may_fill_here(machine);
      else if (ways.remote || label == "wget")
        download(field, given, label, machine);
      break;
    }
  };
  for (const auto& [role, field] : given) use(role, field);
  for (std::size_t i = 0; i < operands.size(); ++i) {
    Role role = Role::skip;
    const std::size_t fixed = roles.size() - (last ? 1 : 0);
    if (last && operands.size() > 1 && i + 1 == operands.size())
      role = roles.back();
    else if (i < fixed)
      role = roles[i];
    else if (effects.rest && fixed > 0)
      role = roles[fixed - 1];
    if (role == Role::text && i > 0) role = Role::skip;
    if (ways.folders) role = Role::mkdir;
    if (role != Role::into && role != Role::fill) sources.push_back(operands[i]);
    use(role, operands[i]);
    if (role == Role::move && !ways.keeps) moved_.push_back(operands[i]);
  }
  for (const Field& field : std::exchange(moved_, {})) remove(field, machine);
  if (context != nullptr && !is_any(one(*context), "-") && !is_url(one(*context))) {
    if (need("context", *context, label, machine) == Answer::yes && !dockerfile)
      default_dockerfile(*context, label, machine);
  }
  for (const std::string_view fill : effects.fills)
    create({.values = std::vector{std::string(fill)}}, machine, Made::filled);
  for (const std::string_view name : effects.names_made) state.world.may_create_name(name);
  if (effects.anything) state.world.may_create_anything();
  if (label == "unzip" &&
      std::ranges::none_of(given, [](const auto& each) { return each.first == Role::fill; }))
    may_fill_here(machine);
  state.directory = directory;
}

void Interpreter::Walk::may_fill_here(Machine& machine) {
  if (machine.state.directory)
    machine.state.world.may_hold_more(*machine.state.directory);
  else
    machine.state.world.may_create_anything();
}

void Interpreter::Walk::default_dockerfile(const Field& context, const std::string& label,
                                           Machine& machine) {
  for (const std::string& text : *context.values) {
    const auto path = path_of(text, machine.state);
    if (!path) continue;
    const std::string docker = locate(*path, "Dockerfile"), other = locate(*path, "Containerfile");
    if (!label.starts_with("docker") && machine.state.world.exists(other) != Answer::no) continue;
    add_use("dockerfile", docker, label, span_of(context.range), machine.state);
  }
}

void Interpreter::Walk::into(const Field& target, const std::vector<Field>& sources,
                             std::string_view label, Ways ways, Machine& machine) {
  World& world = machine.state.world;
  const std::string text = one(target);
  const auto path = path_of(text, machine.state);
  if (!path) return create(target, machine, Made::filled);
  if (ways.elsewhere) { // cp -T, cp --parents
    world.may_create(*path);
    return world.may_hold_more(*path);
  }
  const bool recursive = ways.recursive;
  const Answer there = world.exists(*path);
  const Answer folder = there == Answer::no ? Answer::no : world.is_directory(*path);
  const bool is_folder = text.ends_with('/') || text == "." || text == ".." || sources.size() > 1 ||
                         folder == Answer::yes;
  const auto is_directory = [&](const Field& source) {
    const auto from = path_of(one(source), machine.state);
    return from ? world.is_directory(*from) : Answer::maybe;
  };
  if (is_folder) {
    for (const Field& source : sources) {
      const std::string from = one(source);
      if (from.empty() || from.ends_with("/.") || from == ".") {
        world.may_hold_more(*path);
        continue;
      }
      std::string_view name = from;
      while (name.ends_with('/')) name.remove_suffix(1);
      const std::string made = locate(*path, file_name(name));
      if (!recursive && label == "cp")
        world.create_file(made);
      else if (is_directory(source) == Answer::no)
        world.create_file(made);
      else
        world.fill(made);
      // `cp -r dist/ public` copies the content with other tools.
      if (from.ends_with('/')) world.may_hold_more(*path);
    }
    return;
  }
  if (folder == Answer::maybe && there != Answer::no) {
    world.may_create(*path);
    world.may_hold_more(*path);
    return;
  }
  const bool file = sources.size() == 1 && is_directory(sources[0]) == Answer::no;
  if (file || (sources.size() == 1 && label == "cp" && !recursive))
    world.create_file(*path);
  else {
    world.create_directory(*path);
    world.may_hold_more(*path);
  }
}

// `print > "file"`: the program names the file.
bool Interpreter::Walk::awk_writes(const std::vector<std::pair<Role, Field>>& given,
                                   const std::vector<Field>& operands) {
  if (std::ranges::any_of(given, [](const auto& each) { return each.first == Role::script; }))
    return true;
  const std::string text = operands.empty() ? std::string() : one(operands[0]);
  return text.empty() || text.contains("system(") || (text.contains("print") && text.contains('>'));
}

// `git clone URL` makes a folder with the last part of the URL as its name.
void Interpreter::Walk::clone_folder(const Field& field, Machine& machine) {
  World& world = machine.state.world;
  std::string text = one(field);
  while (text.ends_with('/')) text.pop_back();
  const std::size_t begin = text.find_last_of("/:");
  std::string name = text.substr(begin == std::string::npos ? 0 : begin + 1);
  if (name.empty() || name.starts_with('.') || !machine.state.directory)
    return world.may_create_anything();
  const std::string bare = locate(*machine.state.directory, name); // with --bare
  world.may_create(bare);
  world.may_hold_more(bare);
  if (name.ends_with(".git")) name.resize(name.size() - 4);
  create({.values = std::vector{name}, .range = field.range}, machine, Made::filled);
}

// curl -O, wget: a file with the last part of the URL's path as its name.
void Interpreter::Walk::download(const Field& field,
                                 const std::vector<std::pair<Role, Field>>& given,
                                 std::string_view label, Machine& machine) {
  if (label == "wget" && !given.empty() && std::ranges::any_of(given, [](const auto& each) {
        return each.first == Role::create || each.first == Role::fill;
      }))
    return;
  std::string text = one(field);
  // wget keeps what is asked for in the name.
  if (!field.values || (label == "wget" && text.contains('?'))) return may_fill_here(machine);
  text = text.substr(0, text.find_first_of("?#"));
  const std::size_t host = text.find("://");
  const std::string_view rest =
      std::string_view(text).substr(host == std::string::npos ? 0 : host + 3);
  const std::string_view name = file_name(rest);
  if (name.empty() || !rest.contains('/'))
    may_fill_here(machine); // index.html
  else
    create({.values = std::vector{std::string(name)}, .range = field.range}, machine);
}

} // namespace aethel::steps
