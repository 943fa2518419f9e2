#include "link/steps/walk.h"

namespace aethel::steps {

void Interpreter::Walk::run(const Script& script, State& state, Uses& uses) {
  uses_ = &uses;
  budget_ = command_limit;
  functions_.clear();
  Parsed& parsed = keep(*script.text, script.file);
  Machine machine{.state = std::move(state)};
  execute(parsed, machine);
  if (!parsed.program.complete || budget_ <= 0) machine.state.world.unknown_below("");
  state = std::move(machine.state);
  if (script_depth_ == 0) kept_.clear();
}

void Interpreter::Walk::need(std::string_view role, std::string_view path, Span span, State& state,
                             Uses& uses) {
  uses_ = &uses;
  add_use(role, std::string(path), "", span, state);
}

// --- programs ---

Parsed& Interpreter::Walk::keep(const MappedText& text, FileId file) {
  kept_.push_back(std::make_unique<Parsed>(
      Parsed{.text = text, .file = file, .program = shell::parse_program(text.text)}));
  return *kept_.back();
}

void Interpreter::Walk::execute(const Parsed& parsed, Machine& machine) {
  const Parsed* outer = std::exchange(parsed_, &parsed);
  list(parsed.program.commands, machine);
  parsed_ = outer;
}

void Interpreter::Walk::list(const std::vector<Command>& commands, Machine& machine) {
  for (const Command& command : commands) {
    if (machine.ended != Ended::no) return;
    execute(command, machine);
  }
}

void Interpreter::Walk::execute(const Command& command, Machine& machine) {
  if (--budget_ <= 0 || nesting_ >= nesting_limit) {
    machine.state.world.unknown_below("");
    machine.state.directory.reset();
    return;
  }
  ++nesting_;
  switch (command.kind) {
  case Command::Kind::simple: simple(command, machine); break;
  case Command::Kind::pipeline:
    for (const Command& part : command.parts) apart({&part, 1}, machine);
    break;
  case Command::Kind::chain: chain(command, machine); break;
  case Command::Kind::subshell:
    apart(command.parts, machine);
    redirect(command, machine);
    break;
  case Command::Kind::group:
    list(command.parts, machine);
    redirect(command, machine);
    break;
  case Command::Kind::branch: branch(command.arms, 0, machine); break;
  case Command::Kind::loop: loop(command, machine); break;
  case Command::Kind::each: each(command, machine); break;
  case Command::Kind::choice: choice(command, machine); break;
  case Command::Kind::function: functions_[command.name] = {&command, parsed_}; break;
  }
  --nesting_;
}

// In a shell of its own: what it does to files stays.
void Interpreter::Walk::apart(std::span<const Command> commands, Machine& machine) {
  const auto directory = machine.state.directory, previous = machine.previous;
  const auto variables = machine.state.variables;
  const auto pushed = machine.pushed;
  for (const Command& command : commands) {
    if (machine.ended != Ended::no) break;
    execute(command, machine);
  }
  machine.ended = Ended::no;
  machine.state.directory = directory;
  machine.state.variables = variables;
  machine.previous = previous;
  machine.pushed = pushed;
}

void Interpreter::Walk::softly(const std::vector<Command>& commands, Machine& machine) {
  ++soft_;
  list(commands, machine);
  --soft_;
}

// --- conditions ---

void Interpreter::Walk::believe(const Verdict& verdict, bool truth, Machine& machine) {
  for (const std::string& path : verdict.doubted) machine.state.world.doubt(path);
  if (verdict.path.empty()) return;
  const Answer answer = truth ? verdict.when_true : verdict.when_false;
  if (answer != Answer::maybe) machine.state.world.assume(verdict.path, answer);
}

Verdict Interpreter::Walk::condition(const std::vector<Command>& commands, Machine& machine) {
  if (commands.empty()) return {};
  for (std::size_t i = 0; i + 1 < commands.size(); ++i) {
    ++soft_;
    execute(commands[i], machine);
    --soft_;
  }
  return judge(commands.back(), machine);
}

// Runs a command whose outcome decides something.
Verdict Interpreter::Walk::judge(const Command& command, Machine& machine) {
  if (nesting_ >= nesting_limit) return {};
  if (command.kind == Command::Kind::simple && is_test(command)) return test(command, machine);
  if (command.kind == Command::Kind::simple && command.words.size() == 1 &&
      is_any(shell::bare(command.words[0]), "true", ":", "false")) {
    const bool truth = (shell::bare(command.words[0]) != "false") != command.negated;
    return {.truth = truth ? Answer::yes : Answer::no, .is_test = true};
  }
  if (command.kind == Command::Kind::chain &&
      std::ranges::all_of(command.parts, [](const Command& part) { return is_test(part); })) {
    Verdict result{.is_test = true};
    for (std::size_t i = 0; i < command.parts.size(); ++i) {
      const Verdict part = test(command.parts[i], machine);
      if (!part.path.empty()) result.doubted.push_back(part.path);
      result.doubted.insert(result.doubted.end(), part.doubted.begin(), part.doubted.end());
      result.truth = i == 0                                 ? part.truth
                     : command.joints[i - 1] == Joint::both ? both(result.truth, part.truth)
                                                            : either(result.truth, part.truth);
    }
    // What is decided needs no doubt; else each test may be the one that decides.
    if (result.truth != Answer::maybe) result.doubted.clear();
    return result;
  }
  ++soft_;
  ++nesting_;
  // Tests among other commands: whatever they name may be there where they lead.
  Verdict result;
  collect_tested(command, machine, result.doubted);
  execute(command, machine);
  --nesting_;
  --soft_;
  return result;
}

void Interpreter::Walk::collect_tested(const Command& command, Machine& machine,
                                       std::vector<std::string>& paths) {
  if (command.kind == Command::Kind::simple && is_test(command)) {
    const Verdict verdict = test(command, machine);
    if (!verdict.path.empty()) paths.push_back(verdict.path);
    paths.insert(paths.end(), verdict.doubted.begin(), verdict.doubted.end());
  } else if (command.kind == Command::Kind::simple) {
    // `if ls certs/*.pem`, `if grep -q x file`: what is asked about may be there.
    for (std::size_t i = 1; i < command.words.size(); ++i)
      for (const Field& field : expand(command.words[i], machine))
        if (const std::string text = one(field); !text.empty() && !text.starts_with('-'))
          if (auto path = path_of(text, machine.state)) paths.push_back(*path);
  }
  if (command.kind == Command::Kind::chain || command.kind == Command::Kind::pipeline)
    for (const Command& part : command.parts)
      if (part.kind != Command::Kind::chain) collect_tested(part, machine, paths);
}

bool Interpreter::Walk::is_test(const Command& command) {
  return command.kind == Command::Kind::simple && !command.words.empty() &&
         is_any(shell::bare(command.words[0]), "[", "[[", "test");
}

Verdict Interpreter::Walk::test(const Command& command, Machine& machine) {
  Verdict result{.is_test = true};
  std::vector<Field> fields;
  for (std::size_t i = 1; i < command.words.size(); ++i)
    for (Field& field : expand(command.words[i], machine)) fields.push_back(std::move(field));
  if (!fields.empty() && is_any(one(fields.back()), "]", "]]")) fields.pop_back();
  std::size_t at = 0;
  bool negated = command.negated;
  while (at < fields.size() && one(fields[at]) == "!") {
    negated = !negated;
    ++at;
  }
  const auto rest = std::span(fields).subspan(at);
  if (rest.size() == 2 && is_path_test(rest[0])) {
    test_path(one(rest[0]), rest[1], machine, result);
  } else if (rest.size() == 2 && is_any(one(rest[0]), "-n", "-z")) {
    if (rest[1].values && rest[1].values->size() == 1) {
      const bool empty = rest[1].values->front().empty();
      result.truth = empty == (one(rest[0]) == "-z") ? Answer::yes : Answer::no;
    }
  } else if (rest.size() == 3 && is_any(one(rest[1]), "=", "==", "!=") && rest[0].values &&
             rest[2].values && rest[0].values->size() == 1 && rest[2].values->size() == 1) {
    const bool same = rest[0].values->front() == rest[2].values->front();
    result.truth = same == (one(rest[1]) != "!=") ? Answer::yes : Answer::no;
  } else {
    for (std::size_t i = 0; i + 1 < rest.size(); ++i)
      if (is_path_test(rest[i]))
        if (auto path = path_of(one(rest[i + 1]), machine.state)) result.doubted.push_back(*path);
  }
  if (negated) {
    result.truth = opposite(result.truth);
    std::swap(result.when_true, result.when_false);
  }
  return result;
}

bool Interpreter::Walk::is_path_test(const Field& field) {
  const std::string text = one(field);
  return text.size() == 2 && test_operators.contains(" " + text + " ");
}

void Interpreter::Walk::test_path(std::string_view what, const Field& field, const Machine& machine,
                                  Verdict& result) {
  const auto path = path_of(one(field), machine.state);
  if (!path) return;
  const Answer there = machine.state.world.exists(*path);
  const Answer folder = machine.state.world.is_directory(*path);
  result.path = *path;
  result.when_true = Answer::yes;
  // `! -x file` does not say that it is absent.
  result.when_false = is_any(what, "-e", "-f", "-d") ? Answer::no : Answer::maybe;
  result.truth = there;
  if (there != Answer::yes) return;
  if (what == "-f")
    result.truth = opposite(folder);
  else if (what == "-d")
    result.truth = folder;
  else if (what != "-e")
    result.truth = Answer::maybe;
  if (result.truth == Answer::no) result.when_false = Answer::maybe;
}

// --- constructs ---

void Interpreter::Walk::chain(const Command& command, Machine& machine) {
  // Whether the failure of the part is caught: by an `||` behind it.
  const auto caught = [&](std::size_t i) {
    return std::ranges::any_of(std::span(command.joints).subspan(i),
                               [](Joint joint) { return joint == Joint::either; });
  };
  const auto attempt = [&](std::size_t i, Machine& on) {
    const Command& part = command.parts[i];
    const bool soft = i < command.joints.size() && caught(i);
    if (is_test(part)) return judge(part, on);
    if (soft) ++soft_;
    Verdict result;
    if (part.kind == Command::Kind::simple && part.words.size() == 1 &&
        is_any(shell::bare(part.words[0]), "true", "false", ":"))
      result = judge(part, on);
    else
      execute(part, on);
    if (soft) --soft_;
    return result;
  };
  Verdict left = attempt(0, machine);
  for (std::size_t i = 1; i < command.parts.size() && machine.ended == Ended::no; ++i) {
    const bool and_then = command.joints[i - 1] == Joint::both;
    if (left.truth == (and_then ? Answer::no : Answer::yes)) continue;
    // A command in front of `&&` is taken to succeed.
    if (left.truth != Answer::maybe || (and_then && !left.is_test)) {
      left = attempt(i, machine);
      continue;
    }
    Machine other = machine;
    believe(left, and_then, other);
    const Verdict right = attempt(i, other);
    believe(left, !and_then, machine);
    join(machine, other);
    left = {.truth = Answer::maybe, .is_test = left.is_test || right.is_test};
  }
}

void Interpreter::Walk::branch(const std::vector<Arm>& arms, std::size_t at, Machine& machine) {
  if (at >= arms.size() || nesting_ >= nesting_limit) return;
  const Arm& arm = arms[at];
  if (arm.condition.empty()) return list(arm.body, machine); // else
  ++nesting_;
  const Verdict verdict = condition(arm.condition, machine);
  if (verdict.truth == Answer::yes) {
    list(arm.body, machine);
  } else if (verdict.truth == Answer::no) {
    branch(arms, at + 1, machine);
  } else {
    Machine other = machine;
    believe(verdict, true, other);
    list(arm.body, other);
    believe(verdict, false, machine);
    branch(arms, at + 1, machine);
    join(machine, other);
  }
  --nesting_;
}

void Interpreter::Walk::body_once(const Arm& arm, Machine& machine) {
  Machine other = machine;
  list(arm.body, other);
  if (other.ended == Ended::loop || other.ended == Ended::next) other.ended = Ended::no;
  join(machine, other);
}

void Interpreter::Walk::loop(const Command& command, Machine& machine) {
  redirect(command, machine);
  softly(command.arms[0].condition, machine);
  std::vector<std::string> tested;
  for (const Command& part : command.arms[0].condition) collect_tested(part, machine, tested);
  for (const std::string& path : tested) machine.state.world.doubt(path);
  body_once(command.arms[0], machine);
}

void Interpreter::Walk::each(const Command& command, Machine& machine) {
  redirect(command, machine);
  std::vector<std::string> values;
  bool known = !command.until && !command.name.empty();
  for (const Word& word : command.words)
    for (const Field& field : expand(word, machine)) {
      if (!field.values || field.values->size() != 1) known = false;
      if (known) values.push_back(field.values->front());
    }
  if (!known || values.size() > rounds_limit) {
    machine.state.variables[command.name] = std::nullopt;
    return body_once(command.arms[0], machine);
  }
  for (const std::string& value : values) {
    machine.state.variables[command.name] = std::vector{value};
    list(command.arms[0].body, machine);
    if (machine.ended == Ended::next) machine.ended = Ended::no;
    if (machine.ended == Ended::loop) {
      machine.ended = Ended::no;
      return;
    }
    if (machine.ended != Ended::no) return;
  }
}

void Interpreter::Walk::choice(const Command& command, Machine& machine) {
  Values values;
  if (!command.words.empty())
    if (const auto fields = expand(command.words[0], machine); fields.size() == 1)
      values = fields[0].values;
  const Machine before = machine;
  bool first = true, otherwise = true;
  for (const Arm& arm : command.arms) {
    Answer fits = Answer::no;
    for (const Word& pattern : arm.patterns) {
      const std::string_view text = shell::bare(pattern);
      if (text == "*") {
        fits = Answer::yes;
      } else if (!values || values->size() != 1 || text.empty() ||
                 text.find_first_of("*?[") != std::string_view::npos) {
        fits = either(fits, Answer::maybe);
      } else if (text == values->front()) {
        fits = Answer::yes;
      }
    }
    if (fits == Answer::no) continue;
    Machine other = before;
    list(arm.body, other);
    if (first)
      machine = std::move(other);
    else
      join(machine, other);
    first = false;
    if (fits == Answer::yes) {
      otherwise = false;
      break;
    }
  }
  if (first)
    machine = before;
  else if (otherwise)
    join(machine, before);
}

Interpreter::Interpreter(const Tree& tree, const Sources& sources,
                         std::function<Values(std::string_view)> expression)
    : walk_(std::make_unique<Walk>(tree, sources, std::move(expression))) {}

Interpreter::~Interpreter() = default;

void Interpreter::run(const Script& script, State& state, Uses& uses) {
  walk_->run(script, state, uses);
}

void Interpreter::need(std::string_view role, std::string_view path, Span span, State& state,
                       Uses& uses) {
  walk_->need(role, path, span, state, uses);
}

} // namespace aethel::steps
