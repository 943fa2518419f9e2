#include "link/rules/support/step_commands.h"

#include "knowledge/command_purposes.h"

#include <algorithm>
#include <array>

namespace aethel {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string_view first_word(std::string_view line) {
  return line.substr(0, line.find_first_of(blanks));
}

bool is_idle(std::string_view line) {
  line = trim(line);
  if (line.empty() || line.starts_with('#')) return true;
  if (line.find_first_of("|>`&;<") != std::string_view::npos || line.contains("$(")) return false;
  constexpr std::array<std::string_view, 12> idle = {"echo", "printf", "true", ":",
                                                     "exit", "sleep",  "set",  "chmod",
                                                     "date", "pwd",    "ls",   "whoami"};
  const std::string_view word = first_word(line);
  if (std::ranges::find(idle, word) == idle.end()) return false;
  // `exit 1` makes a job fail, which may be meant.
  return word != "exit" || trim(line.substr(word.size())).empty() ||
         trim(line.substr(word.size())) == "0";
}

template <typename Each> void each_line(std::string_view text, Each each) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    each(text.substr(at, end - at), at);
    at = end + 1;
  }
}

// The literal value of `env.NAME`, the innermost first.
std::optional<std::string> value_of(const Workflow& workflow, const WorkflowJob& job,
                                    const WorkflowStep& step, std::string_view source) {
  source = trim(source);
  if (!source.starts_with("env.")) return {};
  const std::string_view name = source.substr(4);
  for (const WorkflowMap* map : {&step.env, &job.env, &workflow.env}) {
    const WorkflowEntry* entry = map->find(name);
    if (entry == nullptr) continue;
    if (!entry->value.is_literal()) return {};
    return entry->value.written();
  }
  return {};
}

// Words of one line: quotes taken away, expansions of the shell unknown.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && blanks.find(c) != std::string_view::npos) {
      if (inside) words.push_back(std::move(word));
      word.clear();
      inside = false;
      continue;
    }
    inside = true;
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
    } else if ((c == '$' || c == '`') && quote != '\'') {
      word += '\1';
    } else {
      word += c;
    }
  }
  if (inside) words.push_back(std::move(word));
  return words;
}

} // namespace

bool does_nothing(const WorkflowStep& step) {
  if (step.uses) {
    const std::string uses = step.uses->written();
    const std::string_view name = first_word(uses);
    return std::ranges::any_of(
        std::array<std::string_view, 5>{"actions/checkout@", "actions/setup-node@",
                                        "actions/setup-python@", "actions/setup-java@",
                                        "actions/download-artifact@"},
        [&](std::string_view idle) { return name.starts_with(idle); });
  }
  if (!step.run || step.script.text.empty()) return false;
  bool idle = true;
  each_line(step.script.text,
            [&](std::string_view line, std::size_t) { idle = idle && is_idle(line); });
  return idle;
}

Span first_command(const Workflow& workflow, const WorkflowStep& step) {
  Span span = step.run ? step.run->span : step.span;
  bool found = false;
  each_line(step.script.text, [&](std::string_view line, std::size_t at) {
    const std::string_view text = trim(line);
    if (found || text.empty() || text.starts_with('#')) return;
    found = true;
    const std::size_t begin = at + static_cast<std::size_t>(text.data() - line.data());
    span = {workflow.file, step.script.file_range(range_of(begin, begin + text.size()))};
  });
  return span;
}

std::vector<StepCommand> commands_of(const Workflow& workflow, const WorkflowJob& job,
                                     const WorkflowStep& step) {
  std::vector<StepCommand> commands;
  std::string joined; // lines that end in a backslash go on
  Span span;
  each_line(step.script.text, [&](std::string_view line, std::size_t at) {
    if (joined.empty())
      span = {workflow.file, step.script.file_range(range_of(at, at + line.size()))};
    line = trim(line);
    if (line.starts_with('#')) return;
    if (line.ends_with('\\')) {
      joined += line.substr(0, line.size() - 1);
      return;
    }
    joined += line;
    std::string filled;
    for (std::size_t i = 0; i < joined.size();) {
      const std::size_t open = joined.find("${{", i);
      const std::size_t close = open == std::string::npos ? open : joined.find("}}", open);
      if (close == std::string::npos) {
        filled += joined.substr(i);
        break;
      }
      filled += joined.substr(i, open - i);
      filled +=
          value_of(workflow, job, step, std::string_view(joined).substr(open + 3, close - open - 3))
              .value_or("\1");
      i = close + 2;
    }
    joined.clear();
    // What stands behind these begins another command.
    for (std::size_t i = 0; i < filled.size();) {
      std::size_t end = std::min(filled.find_first_of(";|&", i), filled.size());
      if (auto words = words_of(std::string_view(filled).substr(i, end - i)); !words.empty())
        commands.push_back({.words = std::move(words), .span = span});
      i = end + 1;
    }
  });
  return commands;
}

std::vector<StepFailure> lost_failures_of(const Workflow& workflow, const WorkflowJob& job,
                                          const WorkflowStep& step) {
  std::vector<StepFailure> found;
  if (!step.run || step.script.offsets.size() != step.script.text.size() + 1) return found;
  const std::optional<WorkflowText>& shell = step.shell           ? step.shell
                                             : job.defaults.shell ? job.defaults.shell
                                                                  : workflow.defaults.shell;
  bool pipefail = false;
  if (shell) {
    const std::string written = shell->written();
    if (!written.starts_with("bash") && !written.starts_with("sh")) return found;
    pipefail = written == "bash" || written.contains("pipefail");
  } else {
    for (const WorkflowText& label : job.runs_on)
      if (!label.is_literal() || label.written().contains("windows")) return found;
  }
  // An expression stands for a word or a part of one.
  std::string text = step.script.text;
  for (std::size_t open = text.find("${{"); open != std::string::npos;) {
    const std::size_t close = text.find("}}", open);
    if (close == std::string::npos) return found;
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(open),
              text.begin() + static_cast<std::ptrdiff_t>(close) + 2, '\1');
    open = text.find("${{", close);
  }
  for (shell::LostFailure& lost : shell::lost_failures(text, pipefail)) {
    const std::string_view purpose = knowledge::purpose_of(lost.words);
    const Span span{workflow.file, step.script.file_range(lost.range)};
    found.push_back({.lost = std::move(lost), .purpose = purpose, .span = span});
  }
  return found;
}

std::string option_of(const StepCommand& command, std::string_view option) {
  for (std::size_t i = 0; i < command.words.size(); ++i) {
    const std::string_view word = command.words[i];
    if (word == option) return i + 1 < command.words.size() ? command.words[i + 1] : std::string();
    if (word.starts_with(option) && word.size() > option.size() && word[option.size()] == '=')
      return std::string(word.substr(option.size() + 1));
  }
  return {};
}

} // namespace aethel
