#include "link/rules/support/step_outputs.h"

#include "syntax/shell_program.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace aethel {
namespace {

using shell::Command;
using shell::Part;
using shell::Redirection;
using shell::Word;

constexpr std::string_view file_variable = "GITHUB_OUTPUT";
constexpr int deepest = 16;

// They write what they are told to write, and know nothing of GITHUB_OUTPUT.
constexpr std::string_view plain_commands[] = {
    "echo",    "printf",    "true",      "false",   ":",        "cd",     "pwd",      "set",
    "shopt",   "export",    "local",     "declare", "readonly", "unset",  "exit",     "return",
    "break",   "continue",  "shift",     "read",    "test",     "[",      "[[",       "((",
    "let",     "wait",      "sleep",     "date",    "uname",    "whoami", "hostname", "basename",
    "dirname", "realpath",  "cat",       "head",    "tail",     "sort",   "uniq",     "cut",
    "tr",      "wc",        "rev",       "paste",   "grep",     "egrep",  "sed",      "awk",
    "jq",      "yq",        "ls",        "find",    "mkdir",    "touch",  "cp",       "mv",
    "rm",      "ln",        "chmod",     "chown",   "stat",     "du",     "df",       "md5sum",
    "sha1sum", "sha256sum", "sha512sum", "base64",  "openssl",  "tar",    "gzip",     "gunzip",
    "zip",     "unzip",     "curl",      "wget",    "git",      "docker", "aws",      "kubectl",
    "helm",    "seq",       "mktemp",    "diff",    "cmp",      "column", "id",       "type",
    "which",   "umask",     "ulimit",    "nproc",   "env"};

bool is_plain(std::string_view name) {
  return std::ranges::find(plain_commands, name) != std::end(plain_commands);
}

bool is_name_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

std::size_t count_of(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
    ++count;
  return count;
}

class Reader {
public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<std::vector<std::string>> run() {
    // Commands of old, which print a line that the runner reads.
    if (text_.contains("set-output")) return {};
    const shell::Program program = shell::parse_program(text_);
    if (!program.complete) return {};
    list(program.commands, 0);
    // Where its name stands elsewhere, another word may have it.
    if (!known_ || mentions_ != count_of(text_, file_variable)) return {};
    if (loose_ && !delimited_) return {};
    return std::move(names_);
  }

private:
  void list(const std::vector<Command>& commands, int depth) {
    for (const Command& command : commands) this->command(command, depth);
  }

  void command(const Command& command, int depth) {
    if (depth > deepest) {
      known_ = false;
      return;
    }
    const bool outer = writes_;
    for (const Redirection& redirection : command.redirections) {
      words({redirection.target}, depth);
      const bool output = mentions(redirection.target);
      mentions_ += output ? 1 : 0;
      if (output && (redirection.kind == Redirection::Kind::write ||
                     redirection.kind == Redirection::Kind::append))
        writes_ = true;
      else if (output)
        known_ = false;
    }
    words(command.words, depth);
    words(command.assignments, depth);
    if (command.kind == Command::Kind::simple) simple(command);
    list(command.parts, depth + 1);
    for (const shell::Arm& arm : command.arms) {
      list(arm.condition, depth + 1);
      list(arm.body, depth + 1);
    }
    // A pipe and a function give what is written another way.
    if (writes_ &&
        (command.kind == Command::Kind::pipeline || command.kind == Command::Kind::function))
      known_ = false;
    writes_ = outer;
  }

  static bool mentions(const Word& word) {
    return std::ranges::any_of(word.parts, [](const Part& part) {
      return part.kind == Part::Kind::variable && part.text == file_variable;
    });
  }

  void words(const std::vector<Word>& all, int depth) {
    for (const Word& word : all) {
      for (const Part& part : word.parts) this->part(part, depth);
      words(word.list, depth);
    }
  }

  void part(const Part& part, int depth) {
    for (const Part& inner : part.operand) this->part(inner, depth);
    if (part.kind != Part::Kind::substitution) return;
    std::string_view inner = part.text;
    if (inner.starts_with("$((")) return;
    if (inner.starts_with("$(") && inner.ends_with(')'))
      inner = inner.substr(2, inner.size() - 3);
    else if (inner.size() > 1 && inner.starts_with('`') && inner.ends_with('`'))
      inner = inner.substr(1, inner.size() - 2);
    const shell::Program program = shell::parse_program(inner);
    if (!program.complete) known_ = false;
    const bool outer = std::exchange(writes_, false); // its output is a word
    list(program.commands, depth + 1);
    writes_ = outer;
  }

  void simple(const Command& command) {
    if (command.words.empty()) return;
    const std::string_view name = shell::bare(command.words.front());
    if (!is_plain(name)) {
      known_ = false;
      return;
    }
    // `env` alone prints variables; before a command it runs it.
    if (name == "env" && (command.words.size() > 1 || writes_)) known_ = false;
    if (!writes_) return;
    if (name == "cat") {
      for (const Redirection& redirection : command.redirections)
        if (redirection.kind == Redirection::Kind::here_document) {
          lines(
              text_.substr(redirection.body.begin, redirection.body.end - redirection.body.begin));
          return;
        }
      loose_ = true;
    } else if (name == "echo" || name == "printf") {
      std::size_t first = 1;
      while (first < command.words.size() && shell::bare(command.words[first]).starts_with('-'))
        ++first;
      if (first >= command.words.size()) return;
      const Word& word = command.words[first];
      lines(text_.substr(word.range.begin, word.range.end - word.range.begin));
    } else if (name != "true" && name != ":" && name != "[" && name != "[[" && name != "test" &&
               name != "set" && name != "exit") {
      // What a program prints.
      loose_ = true;
    }
  }

  // `name=` and `name<<` at the beginning of lines.
  void lines(std::string_view text) {
    for (std::size_t at = 0; at <= text.size();) {
      std::size_t end = std::min(text.find('\n', at), text.size());
      if (const std::size_t escaped = text.find("\\n", at); escaped < end) end = escaped;
      std::string_view line = text.substr(at, end - at);
      at = end + (text.substr(std::min(end, text.size())).starts_with("\\n") ? 2 : 1);
      while (!line.empty() && (line.front() == '"' || line.front() == '\'' || line.front() == ' ' ||
                               line.front() == '\t'))
        line.remove_prefix(1);
      if (line.empty()) continue;
      std::size_t length = 0;
      while (length < line.size() && is_name_byte(line[length])) ++length;
      const std::string_view rest = line.substr(length);
      if (length > 0 && rest.starts_with("<<")) {
        delimited_ = true;
        names_.emplace_back(line.substr(0, length));
      } else if (length > 0 && rest.starts_with('=')) {
        names_.emplace_back(line.substr(0, length));
      } else {
        loose_ = true;
      }
    }
  }

  std::string_view text_;
  std::vector<std::string> names_;
  std::size_t mentions_ = 0;
  bool writes_ = false; // into the file, at this place
  bool known_ = true;
  bool loose_ = false;     // a line that names no output itself
  bool delimited_ = false; // lines between delimiters are a value
};

} // namespace

std::optional<std::vector<std::string>> outputs_written(const WorkflowStep& step) {
  if (!step.run || step.script.text.empty() || step.script.text.size() > 20'000) return {};
  if (step.shell) {
    const std::string shell = step.shell->written();
    if (!shell.starts_with("bash") && !shell.starts_with("sh")) return {};
  }
  return Reader(step.script.text).run();
}

} // namespace aethel
