#include "link/steps/interpret.h"

#include "base/files.h"
#include "knowledge/command_effects.h"
#include "knowledge/table.h"
#include "link/steps/package.h"
#include "syntax/shell_values.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace aethel::steps {
namespace {

using knowledge::CommandEffects;
using knowledge::Role;
using shell::Arm;
using shell::Command;
using shell::Joint;
using shell::Part;
using shell::Quoted;
using shell::Redirection;
using shell::Word;

constexpr std::size_t most_values = 8;
constexpr int command_limit = 4'000; // a step; beyond it everything is unknown
constexpr int script_limit = 8;      // scripts and functions in one another
constexpr int nesting_limit = 64;    // of anything that recurses
constexpr std::size_t rounds_limit = 16;
constexpr std::string_view test_operators = " -f -d -e -s -r -w -x -L -h ";

template <typename... Names> bool is_any(std::string_view text, Names... names) {
  return ((text == names) || ...);
}

struct Field {
  Values values;      // all that it can be, or nothing known
  std::string prefix; // what it begins with, when not known
  bool glob = false;
  bool many = false; // may become any number of words
  Range range;
};

// `next`: by `continue`.
enum class Ended : std::uint8_t { no, next, loop, function, shell };

struct Machine { // a State with what is the shell's alone
  State state;
  Ended ended = Ended::no;
  std::optional<std::string> previous; // of `cd -`
  std::vector<std::optional<std::string>> pushed;
};

struct Parsed {
  MappedText text;
  FileId file;
  shell::Program program;
};

// What a test would tell.
struct Verdict {
  Answer truth = Answer::maybe;
  bool is_test = false;
  std::string path; // of a test of one path: what is known of it in each case
  Answer when_true = Answer::maybe, when_false = Answer::maybe;
  std::vector<std::string> doubted;
};

std::string one(const Field& field) {
  return field.values && field.values->size() == 1 ? field.values->front() : std::string();
}

bool is_url(std::string_view text) {
  return text.contains("://") || text.starts_with("git@") || text.starts_with("oci:");
}

Answer both(Answer a, Answer b) { return std::min(a, b); }
Answer either(Answer a, Answer b) { return std::max(a, b); }
Answer opposite(Answer a) {
  return a == Answer::yes ? Answer::no : a == Answer::no ? Answer::yes : Answer::maybe;
}

void join(Machine& left, const Machine& right) {
  if (left.ended != Ended::no && right.ended == Ended::no) {
    left = right;
    return;
  }
  if (right.ended != Ended::no && left.ended == Ended::no) return;
  left.state.world.join(right.state.world);
  if (left.state.directory != right.state.directory) left.state.directory.reset();
  left.state.empty_workspace = left.state.empty_workspace && right.state.empty_workspace;
  for (auto& [name, values] : left.state.variables) {
    const auto other = right.state.variables.find(name);
    if (other == right.state.variables.end() || !other->second || !values) {
      values.reset();
      continue;
    }
    for (const std::string& value : *other->second)
      if (std::ranges::find(*values, value) == values->end()) values->push_back(value);
    if (values->size() > most_values) values.reset();
  }
  for (const auto& [name, values] : right.state.variables)
    if (!left.state.variables.contains(name)) left.state.variables[name] = std::nullopt;
}

} // namespace

class Interpreter::Walk {
public:
  Walk(const Tree& tree, const Sources& sources, std::function<Values(std::string_view)> expression)
      : tree_(tree), sources_(sources), expression_(std::move(expression)) {}

  void run(const Script& script, State& state, Uses& uses) {
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

  void need(std::string_view role, std::string_view path, Span span, State& state, Uses& uses) {
    uses_ = &uses;
    add_use(role, std::string(path), "", span, state);
  }

private:
  // --- programs ---

  Parsed& keep(const MappedText& text, FileId file) {
    kept_.push_back(std::make_unique<Parsed>(
        Parsed{.text = text, .file = file, .program = shell::parse_program(text.text)}));
    return *kept_.back();
  }

  void execute(const Parsed& parsed, Machine& machine) {
    const Parsed* outer = std::exchange(parsed_, &parsed);
    list(parsed.program.commands, machine);
    parsed_ = outer;
  }

  void list(const std::vector<Command>& commands, Machine& machine) {
    for (const Command& command : commands) {
      if (machine.ended != Ended::no) return;
      execute(command, machine);
    }
  }

  void execute(const Command& command, Machine& machine) {
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
  void apart(std::span<const Command> commands, Machine& machine) {
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

  void softly(const std::vector<Command>& commands, Machine& machine) {
    ++soft_;
    list(commands, machine);
    --soft_;
  }

  // --- conditions ---

  static void believe(const Verdict& verdict, bool truth, Machine& machine) {
    for (const std::string& path : verdict.doubted) machine.state.world.doubt(path);
    if (verdict.path.empty()) return;
    const Answer answer = truth ? verdict.when_true : verdict.when_false;
    if (answer != Answer::maybe) machine.state.world.assume(verdict.path, answer);
  }

  Verdict condition(const std::vector<Command>& commands, Machine& machine) {
    if (commands.empty()) return {};
    for (std::size_t i = 0; i + 1 < commands.size(); ++i) {
      ++soft_;
      execute(commands[i], machine);
      --soft_;
    }
    return judge(commands.back(), machine);
  }

  // Runs a command whose outcome decides something.
  Verdict judge(const Command& command, Machine& machine) {
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

  void collect_tested(const Command& command, Machine& machine, std::vector<std::string>& paths) {
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

  static bool is_test(const Command& command) {
    return command.kind == Command::Kind::simple && !command.words.empty() &&
           is_any(shell::bare(command.words[0]), "[", "[[", "test");
  }

  Verdict test(const Command& command, Machine& machine) {
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

  static bool is_path_test(const Field& field) {
    const std::string text = one(field);
    return text.size() == 2 && test_operators.contains(" " + text + " ");
  }

  void test_path(std::string_view what, const Field& field, const Machine& machine,
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

  void chain(const Command& command, Machine& machine) {
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

  void branch(const std::vector<Arm>& arms, std::size_t at, Machine& machine) {
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

  void body_once(const Arm& arm, Machine& machine) {
    Machine other = machine;
    list(arm.body, other);
    if (other.ended == Ended::loop || other.ended == Ended::next) other.ended = Ended::no;
    join(machine, other);
  }

  void loop(const Command& command, Machine& machine) {
    redirect(command, machine);
    softly(command.arms[0].condition, machine);
    std::vector<std::string> tested;
    for (const Command& part : command.arms[0].condition) collect_tested(part, machine, tested);
    for (const std::string& path : tested) machine.state.world.doubt(path);
    body_once(command.arms[0], machine);
  }

  void each(const Command& command, Machine& machine) {
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

  void choice(const Command& command, Machine& machine) {
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

  // --- words ---

  Values values_of(const Part& part, Machine& machine) {
    switch (part.kind) {
    case Part::Kind::literal: return std::vector{part.text};
    case Part::Kind::variable: {
      Values values = variable(part.text, machine);
      if (part.form == Part::Form::with_default && values && values->size() == 1 &&
          values->front().empty())
        return concatenated(part.operand, machine);
      if (part.form == Part::Form::list) return std::nullopt;
      return values;
    }
    case Part::Kind::substitution: return substitution(part, machine);
    case Part::Kind::unknown:
      if (part.text.starts_with("${{") && part.text.ends_with("}}")) {
        std::string_view inside = part.text;
        inside.remove_prefix(3);
        inside.remove_suffix(2);
        while (inside.starts_with(' ')) inside.remove_prefix(1);
        while (inside.ends_with(' ')) inside.remove_suffix(1);
        if (inside == "github.workspace") return std::vector{std::string(workspace_mark)};
        if (inside == "runner.temp") return std::vector<std::string>{"/runner/temp"};
        if (expression_) return expression_(inside);
      }
      return std::nullopt;
    }
    return std::nullopt;
  }

  Values variable(const std::string& name, const Machine& machine) {
    const auto found = machine.state.variables.find(name);
    if (found != machine.state.variables.end()) return found->second;
    if (name == "GITHUB_WORKSPACE") return std::vector{std::string(workspace_mark)};
    if (name == "PWD") {
      if (!machine.state.directory) return std::nullopt;
      const std::string& directory = *machine.state.directory;
      return std::vector{is_in_workspace(directory) ? std::string(workspace_mark) + "/" + directory
                                                    : directory};
    }
    if (name == "HOME") return std::vector<std::string>{"~"};
    if (name == "RUNNER_TEMP") return std::vector<std::string>{"/runner/temp"};
    if (is_any(name, "GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"))
      return std::vector{"/github/" + name};
    return std::nullopt;
  }

  Values concatenated(const std::vector<Part>& parts, Machine& machine) {
    std::vector<std::string> texts{""};
    for (const Part& part : parts) {
      const Values values = values_of(part, machine);
      if (!values) return std::nullopt;
      std::vector<std::string> next;
      for (const std::string& text : texts)
        for (const std::string& value : *values) next.push_back(text + value);
      if (next.size() > most_values) return std::nullopt;
      texts = std::move(next);
    }
    return texts;
  }

  std::vector<Field> expand(const Word& word, Machine& machine) {
    Field field{.range = word.range};
    if (word.parts.size() == 1 && word.parts[0].kind == Part::Kind::variable &&
        is_any(word.parts[0].text, "@", "*")) {
      if (!arguments_) {
        field.many = true;
        return {field};
      }
      std::vector<Field> result;
      for (const std::string& text : *arguments_)
        result.push_back({.values = std::vector{text}, .range = word.range});
      return result;
    }
    std::vector<std::string> texts{""};
    bool known = true, braces = false, quoted = word.parts.size() > 1;
    for (const Part& part : word.parts) {
      if (part.quoted == Quoted::yes) quoted = true;
      if (part.kind == Part::Kind::literal && part.quoted == Quoted::no) {
        const std::size_t mark = part.text.find_first_of("*?[");
        // `[` alone is a command, `[[` as well.
        const bool pattern = mark != std::string::npos && !is_any(part.text, "[", "[[");
        const std::size_t brace = part.text.find('{');
        if (brace != std::string::npos && part.text.find_first_of(",.", brace) != std::string::npos)
          braces = true;
        if (pattern) {
          field.glob = true;
          for (std::string& text : texts) text += part.text.substr(0, mark);
          known = false;
          break;
        }
      }
      const Values values = values_of(part, machine);
      if (!values) {
        known = false;
        field.many = part.quoted == Quoted::no;
        break;
      }
      std::vector<std::string> next;
      for (const std::string& text : texts)
        for (const std::string& value : *values) next.push_back(text + value);
      if (next.size() > most_values) {
        known = false;
        break;
      }
      texts = std::move(next);
    }
    if (!known) {
      if (texts.size() == 1) field.prefix = texts[0].substr(0, texts[0].find('{'));
      return {field};
    }
    if (braces && texts.size() == 1) return brace_fields(texts[0], word.range);
    // An unquoted variable is split at its blanks.
    if (!quoted && word.parts.size() == 1 && word.parts[0].kind != Part::Kind::literal &&
        texts.size() == 1 && texts[0].find_first_of(" \t\n") != std::string::npos) {
      std::vector<Field> result;
      for (const std::string_view text : knowledge::words(texts[0], " \t\n"))
        result.push_back({.values = std::vector{std::string(text)}, .range = word.range});
      return result;
    }
    field.values = std::move(texts);
    return {field};
  }

  // `{a,b}`, one after the other; ranges are not known.
  static std::vector<Field> brace_fields(const std::string& text, Range range) {
    std::vector<std::string> open{text}, done;
    while (!open.empty() && open.size() + done.size() < 64) {
      const std::string next = std::move(open.back());
      open.pop_back();
      const std::size_t begin = next.find('{');
      const std::size_t end = begin == std::string::npos ? begin : next.find('}', begin);
      if (end == std::string::npos) {
        done.push_back(next);
        continue;
      }
      const std::string inside = next.substr(begin + 1, end - begin - 1);
      if (inside.contains('{') || !inside.contains(',')) {
        if (inside.contains("..") || inside.contains('{')) // unknown
          return {{.values = std::nullopt,
                   .prefix = text.substr(0, text.find('{')),
                   .many = true,
                   .range = range}};
        done.push_back(next);
        continue;
      }
      for (std::size_t at = 0; at <= inside.size();) {
        const std::size_t comma = std::min(inside.find(',', at), inside.size());
        open.push_back(next.substr(0, begin) + inside.substr(at, comma - at) +
                       next.substr(end + 1));
        at = comma + 1;
      }
    }
    if (!open.empty())
      return {{.values = std::nullopt,
               .prefix = text.substr(0, text.find('{')),
               .many = true,
               .range = range}};
    std::ranges::sort(done);
    std::vector<Field> result;
    for (std::string& each : done)
      result.push_back({.values = std::vector{std::move(each)}, .range = range});
    return result;
  }

  // What a command prints, for the few that tell paths; what it does to files is done.
  Values substitution(const Part& part, Machine& machine) {
    if (nesting_ >= nesting_limit || parsed_ == nullptr || --budget_ <= 0) return std::nullopt;
    MappedText text;
    if (part.range.end < parsed_->text.offsets.size() && part.range.begin <= part.range.end)
      text = shell::part_of(parsed_->text, part.range);
    else
      return std::nullopt;
    ++nesting_;
    const Parsed& inner = keep(text, parsed_->file);
    const Parsed* outer = std::exchange(parsed_, &inner);
    const auto directory = machine.state.directory;
    const auto variables = machine.state.variables;
    const Values values = printed(inner.program.commands, machine);
    machine.state.directory = directory;
    machine.state.variables = variables;
    machine.ended = Ended::no;
    parsed_ = outer;
    --nesting_;
    return values;
  }

  Values printed(const std::vector<Command>& commands, Machine& machine) {
    if (commands.size() != 1) {
      softly(commands, machine);
      return std::nullopt;
    }
    const Command& command = commands[0];
    if (command.kind == Command::Kind::chain) { // cd x && pwd
      for (std::size_t i = 0; i + 1 < command.parts.size(); ++i) {
        ++soft_;
        execute(command.parts[i], machine);
        --soft_;
      }
      const bool straight =
          std::ranges::all_of(command.joints, [](Joint joint) { return joint == Joint::both; });
      const Values last = printed_by(command.parts.back(), machine);
      return straight ? last : std::nullopt;
    }
    return printed_by(command, machine);
  }

  Values printed_by(const Command& command, Machine& machine) {
    if (command.kind != Command::Kind::simple || command.words.empty()) {
      ++soft_;
      execute(command, machine);
      --soft_;
      return std::nullopt;
    }
    std::vector<Field> fields;
    for (const Word& word : command.words)
      for (Field& field : expand(word, machine)) fields.push_back(std::move(field));
    if (fields.empty()) return std::nullopt;
    const std::string name = one(fields[0]);
    std::vector<Field> operands;
    for (std::size_t i = 1; i < fields.size(); ++i)
      if (!one(fields[i]).starts_with('-')) operands.push_back(fields[i]);
    const auto marked = [](const std::string& path) {
      return is_in_workspace(path) ? std::string(workspace_mark) + "/" + path : path;
    };
    if (name == "pwd") {
      if (!machine.state.directory) return std::nullopt;
      return std::vector{marked(*machine.state.directory)};
    }
    if (name == "git" && fields.size() == 3 && one(fields[1]) == "rev-parse" &&
        one(fields[2]) == "--show-toplevel" && machine.state.directory &&
        is_in_workspace(*machine.state.directory))
      return std::vector{std::string(workspace_mark)};
    if (name == "mktemp") return std::vector{"/tmp/mktemp." + std::to_string(++temporary_)};
    if (is_any(name, "echo", "printf") && operands.size() == 1 && operands[0].values &&
        !one(operands[0]).contains('%'))
      return operands[0].values;
    if (operands.size() == 1 && operands[0].values &&
        is_any(name, "dirname", "basename", "realpath", "readlink")) {
      std::vector<std::string> results;
      for (const std::string& value : *operands[0].values) {
        const std::size_t slash = value.rfind('/');
        if (name == "dirname") {
          results.push_back(slash == std::string::npos ? "."
                            : slash == 0               ? "/"
                                                       : value.substr(0, slash));
        } else if (name == "basename") {
          results.push_back(slash == std::string::npos ? value : value.substr(slash + 1));
        } else if (const auto path = path_of(value, machine.state)) {
          results.push_back(marked(*path));
        } else {
          return std::nullopt;
        }
      }
      return results;
    }
    ++soft_;
    execute(command, machine);
    --soft_;
    return std::nullopt;
  }

  // Where a text leads as a path; nothing when that is not known or it is none.
  static std::optional<std::string> path_of(std::string_view text, const State& state) {
    if (text.empty() || text == "-" || is_url(text) || text.contains('\n')) return std::nullopt;
    if (text.starts_with(workspace_mark)) {
      text.remove_prefix(workspace_mark.size());
      while (text.starts_with('/')) text.remove_prefix(1);
      return locate("", text);
    }
    if (text.starts_with("/github/workspace/")) return locate("", text.substr(18));
    if (text.starts_with('/') || text.starts_with('~')) return locate("", text);
    if (!state.directory) return std::nullopt;
    return locate(*state.directory, text);
  }

  // --- simple commands ---

  void simple(const Command& command, Machine& machine) {
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

  std::pair<std::string, Values> assignment(const Word& word, Machine& machine) {
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

  void redirect(const Command& command, Machine& machine) {
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

  Span span_of(Range range) const {
    const MappedText& text = parsed_->text;
    if (text.offsets.empty() || range.end >= text.offsets.size()) return {parsed_->file, {}};
    return {parsed_->file, text.file_range(range)};
  }

  void add_use(std::string_view role, const std::string& path, std::string_view command, Span span,
               State& state) {
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

  Answer need(std::string_view role, const Field& field, std::string_view command,
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
  static std::optional<std::string> known_folder(const Field& field, const State& state) {
    const std::size_t slash = field.prefix.rfind('/');
    if (slash != std::string::npos) return path_of(field.prefix.substr(0, slash + 1), state);
    if (field.prefix.empty() && !field.glob) return std::nullopt;
    return state.directory;
  }

  enum class Made : std::uint8_t { file, folder, filled };

  void create(const Field& field, Machine& machine, Made made = Made::file) {
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

  void remove(const Field& field, Machine& machine) {
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

  void dispatch(std::span<const Field> fields, Machine& machine) {
    if (--budget_ <= 0 || nesting_ >= nesting_limit) {
      machine.state.world.unknown_below("");
      return;
    }
    ++nesting_;
    dispatch_named(fields, machine);
    --nesting_;
  }

  void dispatch_named(std::span<const Field> fields, Machine& machine) {
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
    if (is_any(name, "bash", "sh", "zsh", "dash", "ksh", "ash"))
      return shell_command(rest, machine);
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

  void by_table(const std::string& name, std::span<const Field> rest, Machine& machine) {
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
          behind +=
              is_any(one(rest[behind]), "-f", "--file", "-p", "--project-name", "--profile",
                     "--env-file", "--project-directory", "--progress", "--parallel", "--ansi")
                  ? 2
                  : 1;
        if (behind < rest.size() && behind > 1) {
          if (const auto* found = knowledge::effects_of(name, "compose " + one(rest[behind]));
              found != nullptr && found->sub != "*") {
            effects = found;
            label += " compose " + one(rest[behind]);
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

  static std::span<const Field> fields_with_paths(std::span<const Field> fields) { return fields; }

  void unknown_program(std::span<const Field>, Machine& machine) {
    machine.state.world.may_create_anything();
  }

  void enter(const Field& field, std::string_view command, Machine& machine) {
    if (!field.values || field.values->size() != 1) {
      machine.state.directory.reset();
      return;
    }
    const auto path = path_of(field.values->front(), machine.state);
    if (path) add_use("directory", *path, command, span_of(field.range), machine.state);
    machine.state.directory = path;
  }

  void apply(const CommandEffects& effects, const CommandEffects* front, const std::string& label,
             std::span<const Field> rest, Machine& machine) {
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

  static bool is_assignment(std::string_view text) {
    const std::size_t equals = text.find('=');
    return equals != std::string_view::npos && equals > 0 && !text.starts_with('-') &&
           !text.substr(0, equals).contains('/');
  }

  // The field behind its first bytes.
  static Field tail(const Field& field, std::size_t from) {
    Field result = field;
    if (result.values)
      for (std::string& text : *result.values) text.erase(0, std::min(from, text.size()));
    result.prefix.erase(0, std::min(from, result.prefix.size()));
    if (field.range.end - field.range.begin > from)
      result.range.begin += static_cast<std::uint32_t>(from);
    return result;
  }

  void run_wrapped(const std::string& label, std::vector<Field> command, Machine& machine) {
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

  // What options without a value change.
  struct Ways {
    bool remote = false;    // curl -O: a file with the name that the URL says
    bool elsewhere = false; // with a name or in a folder that nobody can tell
    bool recursive = false;
    bool keeps = false;   // mv -n: the source may stay
    bool folders = false; // install -d: all operands are folders
    bool patient = false; // tail -F: waits for the file
  };

  static void notice(std::string_view label, std::string_view word, Ways& ways) {
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

  void effect(const CommandEffects& effects, const std::string& label,
              std::vector<std::pair<Role, Field>>& given, std::vector<Field>& operands, Ways ways,
              Machine& machine) {
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
    const bool folder_given = last && std::ranges::any_of(given, [](const auto& each) {
                                return each.first == Role::fill;
                              });
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

  static void may_fill_here(Machine& machine) {
    if (machine.state.directory)
      machine.state.world.may_hold_more(*machine.state.directory);
    else
      machine.state.world.may_create_anything();
  }

  void default_dockerfile(const Field& context, const std::string& label, Machine& machine) {
    for (const std::string& text : *context.values) {
      const auto path = path_of(text, machine.state);
      if (!path) continue;
      const std::string docker = locate(*path, "Dockerfile"),
                        other = locate(*path, "Containerfile");
      if (!label.starts_with("docker") && machine.state.world.exists(other) != Answer::no) continue;
      add_use("dockerfile", docker, label, span_of(context.range), machine.state);
    }
  }

  void into(const Field& target, const std::vector<Field>& sources, std::string_view label,
            Ways ways, Machine& machine) {
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
    const bool is_folder = text.ends_with('/') || text == "." || text == ".." ||
                           sources.size() > 1 || folder == Answer::yes;
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
  static bool awk_writes(const std::vector<std::pair<Role, Field>>& given,
                         const std::vector<Field>& operands) {
    if (std::ranges::any_of(given, [](const auto& each) { return each.first == Role::script; }))
      return true;
    const std::string text = operands.empty() ? std::string() : one(operands[0]);
    return text.empty() || text.contains("system(") ||
           (text.contains("print") && text.contains('>'));
  }

  // `git clone URL` makes a folder with the last part of the URL as its name.
  void clone_folder(const Field& field, Machine& machine) {
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

  // What `-exec` starts may make anything, but for a few that make nothing.
  static void find(std::span<const Field> rest, Machine& machine) {
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

  // curl -O, wget: a file with the last part of the URL's path as its name.
  void download(const Field& field, const std::vector<std::pair<Role, Field>>& given,
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

  // --- commands that the table cannot tell ---

  void change_directory(std::string_view name, std::span<const Field> rest, Machine& machine) {
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

  void declare(std::span<const Field> rest, Machine& machine) {
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

  void call(const Command* function, const Parsed* home, std::span<const Field> rest,
            Machine& machine) {
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

  static std::optional<std::vector<std::string>> texts(std::span<const Field> fields) {
    std::vector<std::string> result;
    for (const Field& field : fields) {
      if (!field.values || field.values->size() != 1) return std::nullopt;
      result.push_back(field.values->front());
    }
    return result;
  }

  using Parameters = std::map<std::string, Values>;

  static Parameters set_parameters(Machine& machine, std::span<const Field> rest) {
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

  static void restore_parameters(Machine& machine, const Parameters& before) {
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
  void program(std::span<const Field> fields, Machine& machine) {
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

  static bool is_shell_script(std::string_view path, std::string_view bytes) {
    if (bytes.starts_with("#!")) {
      const std::string_view line = bytes.substr(0, bytes.find('\n'));
      const std::string_view words[] = {"/sh",  "/bash", "/dash", "/zsh", "/ash",
                                        "/ksh", " sh",   " bash", " zsh", " dash"};
      return std::ranges::any_of(words, [&](std::string_view word) { return line.contains(word); });
    }
    return path.ends_with(".sh") || path.ends_with(".bash") || !file_name(path).contains('.');
  }

  // Runs a script of the repository in a shell of its own.
  void file(const std::string& path, std::span<const Field> arguments, Machine& machine) {
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

  void source(std::span<const Field> rest, Machine& machine) {
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

  const Parsed* script_of(std::string_view path, const World& world) {
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

  const Source* load(std::string_view path) const {
    const FileId file = sources_.find(path);
    if (!file) return nullptr;
    const auto source = sources_.load(file);
    return source ? *source : nullptr;
  }

  void shell_command(std::span<const Field> rest, Machine& machine) {
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
  void run_text(const std::string& text, Range range, Machine& machine) {
    MappedText mapped;
    const Span span = span_of(range);
    for (const char c : text) mapped.push(c, span.range.begin);
    mapped.finish(span.range.end);
    const Parsed& inner = keep(mapped, span.file);
    Machine copy = machine;
    execute(inner, copy);
    machine.state.world = std::move(copy.state.world);
  }

  void tar(std::span<const Field> rest, Machine& machine) {
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
        if (is_any(word, "-T", "-X", "-I", "-H", "-b", "-g", "-N", "-V", "-s") &&
            i + 1 < rest.size())
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
  bool git_changes_tree(std::span<const Field> rest, Machine& machine) {
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

  // Programs in other languages: they may make anything, but the file that they run must be there.
  void interpreted(const std::string& name, std::span<const Field> rest, Machine& machine) {
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

  // --- make ---

  void make(std::span<const Field> rest, Machine& machine) {
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
  bool has_source(std::string_view directory, const std::string& target) const {
    for (const TreeChild& child : tree_.children(directory))
      if (child.name.starts_with(target + ".")) return true;
    return false;
  }

  // --- packages ---

  struct PackageOptions {
    std::vector<Field> words; // without options
    std::string workspace;
    bool some_workspaces = false; // more than one, or a pattern
    bool if_present = false;
    bool frozen = false;
    bool global = false;
    bool unknown = false;
  };

  PackageOptions package_options(std::string_view tool, std::span<const Field> rest,
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
      } else if (is_any(word, "--no-frozen-lockfile", "--no-immutable",
                        "--frozen-lockfile=false")) {
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

  void package_command(const std::string& tool, std::span<const Field> rest, Machine& machine) {
    State& state = machine.state;
    const auto directory = state.directory;
    PackageOptions options = package_options(tool, rest, machine);
    package_command_here(tool, options, machine);
    state.directory = directory;
  }

  void package_command_here(const std::string& tool, PackageOptions& options, Machine& machine) {
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
      named = tool != "yarn" || true;
    } else if (tool == "npm") {
      if (is_any(sub, "pack", "create", "init", "version")) state.world.may_create_anything();
      return; // the others make nothing
    } else if (is_builtin(tool, sub)) {
      if (is_any(sub, "pack", "create", "init", "version", "deploy", "build", "x", "publish",
                 "patch", "set", "plugin"))
        state.world.may_create_anything();
      return;
    } else {
      name = sub;
      named = name.contains(':') && !name.contains('/') && !name.contains('.') &&
              (tool == "pnpm" || (tool == "yarn" && !some_package_has(name)));
    }
    script_of_package(tool, name, range, named, options, machine);
  }

  static bool is_builtin(std::string_view tool, std::string_view sub) {
    if (tool == "bun")
      return is_any(sub, "test", "build", "pm", "create", "init", "upgrade", "outdated", "publish",
                    "patch", "audit", "info", "why");
    return is_any(sub, "config", "audit", "cache", "dlx", "outdated", "list", "ls", "la", "why",
                  "pack", "publish", "create", "init", "version", "info", "view", "store", "env",
                  "root", "bin", "prune", "fetch", "deploy", "setup", "login", "logout", "whoami",
                  "node", "npm", "set", "policies", "plugin", "constraints", "dedupe", "patch",
                  "patch-commit", "licenses", "link", "unlink", "check", "help", "self-update",
                  "approve-builds", "doctor", "search", "tag", "owner", "team",
                  "generate-lock-entry", "autoclean", "global", "access", "explain", "server",
                  "cat-file", "cat-index", "find-hash", "get");
  }

  // A script with a colon in its name may be of any workspace (Yarn 2 and later).
  bool some_package_has(std::string_view script) {
    for (const TreeEntry& entry : tree_.entries()) {
      if (file_name(entry.path) != "package.json" || !entry.is_ours()) continue;
      if (const Package* package = package_at(entry.path))
        if (!package->readable || package->script(script) != nullptr) return true;
    }
    return false;
  }

  const Package* package_at(std::string_view path) {
    const auto found = packages_.find(path);
    if (found != packages_.end()) return &found->second;
    const Source* source = load(path);
    if (source == nullptr) return nullptr;
    return &packages_.emplace(std::string(path), read_package(source->bytes())).first->second;
  }

  // The manifest that a tool finds from a folder: there or above. `no` when there is none.
  Answer manifest(const State& state, std::string& path) const {
    if (!state.directory || !is_in_workspace(*state.directory)) return Answer::maybe;
    for (std::string_view folder = *state.directory;; folder = parent_path(folder)) {
      path = locate(folder, "package.json");
      const Answer there = state.world.exists(path);
      if (there != Answer::no) return there;
      if (folder.empty()) return Answer::no;
    }
  }

  // The manifest of a workspace by its name or folder.
  std::optional<std::string> workspace(const State& state, std::string_view name) {
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

  void script_of_package(const std::string& tool, const std::string& name, Range range, bool named,
                         PackageOptions& options, Machine& machine) {
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
      const bool server = name == "start" &&
                          state.world.exists(locate(parent_path(path), "server.js")) != Answer::no;
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

  void run_package_script(const Package& package, const std::string& path,
                          const std::string& committed, const std::string& name, Machine& machine) {
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

  void install_packages(const std::string& tool, const std::string& sub, PackageOptions& options,
                        Machine& machine) {
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

  void lock_file(std::string_view tool, Range range, State& state) {
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

  const Tree& tree_;
  const Sources& sources_;
  std::function<Values(std::string_view)> expression_;
  std::vector<std::unique_ptr<Parsed>> kept_;
  std::map<std::string, std::unique_ptr<Parsed>, std::less<>> scripts_;
  std::map<std::string, Package, std::less<>> packages_;
  std::map<std::string, std::pair<const Command*, const Parsed*>, std::less<>> functions_;
  std::optional<std::vector<std::string>> arguments_; // of the function or script at work
  std::vector<std::string> running_;                  // scripts at work
  std::vector<Field> moved_;
  const Parsed* parsed_ = nullptr;
  const Redirection* here_ = nullptr;
  Uses* uses_ = nullptr;
  Span place_;
  int budget_ = command_limit;
  int nesting_ = 0;
  int script_depth_ = 0;
  int soft_ = 0;
  int temporary_ = 0;
};

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
