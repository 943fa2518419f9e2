#include "link/steps/walk.h"

namespace aethel::steps {

// --- words ---

Values Interpreter::Walk::values_of(const Part& part, Machine& machine) {
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

Values Interpreter::Walk::variable(const std::string& name, const Machine& machine) {
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

Values Interpreter::Walk::concatenated(const std::vector<Part>& parts, Machine& machine) {
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

std::vector<Field> Interpreter::Walk::expand(const Word& word, Machine& machine) {
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
std::vector<Field> Interpreter::Walk::brace_fields(const std::string& text, Range range) {
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
      open.push_back(next.substr(0, begin) + inside.substr(at, comma - at) + next.substr(end + 1));
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
Values Interpreter::Walk::substitution(const Part& part, Machine& machine) {
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

Values Interpreter::Walk::printed(const std::vector<Command>& commands, Machine& machine) {
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

Values Interpreter::Walk::printed_by(const Command& command, Machine& machine) {
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
std::optional<std::string> Interpreter::Walk::path_of(std::string_view text, const State& state) {
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

} // namespace aethel::steps
