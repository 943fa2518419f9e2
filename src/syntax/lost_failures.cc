#include "syntax/lost_failures.h"

#include <algorithm>

namespace aethel::shell {
namespace {

using Kind = Command::Kind;

constexpr int deepest_text = 3; // of `sh -c` in one another

std::string text_of(const Word& word) {
  std::string text;
  for (const Part& part : word.parts) {
    if (part.kind == Part::Kind::literal)
      text += part.text;
    else if (!text.ends_with('\1'))
      text += '\1';
  }
  return text;
}

std::vector<std::string> words_of(const Command& command) {
  std::vector<std::string> words;
  for (const Word& word : command.words) words.push_back(text_of(word));
  return words;
}

std::string_view program_of(const Command& command) {
  return command.kind == Kind::simple && !command.words.empty() ? bare(command.words.front())
                                                                : std::string_view();
}

class Reader {
public:
  Reader(std::string_view text, std::vector<LostFailure>& found, int depth)
      : found_(found), depth_(depth), kept_(text.contains("PIPESTATUS")) {}

  void run(const std::vector<Command>& commands, bool& pipefail) {
    for (const Command& command : commands) one(command, pipefail);
  }

private:
  // Ends well whatever came before, and keeps no trace of it.
  static bool forgets(const Command& command) {
    if (command.negated) return false;
    if (command.kind == Kind::group || command.kind == Kind::subshell)
      return !command.parts.empty() && std::ranges::all_of(command.parts, forgets);
    if (command.kind != Kind::simple || command.words.empty()) return false;
    const std::string_view program = bare(command.words.front());
    if (program == "exit" || program == "return")
      return command.words.size() > 1 && bare(command.words[1]) == "0";
    if (program != "true" && program != ":" && program != "echo" && program != "printf")
      return false;
    // Words on the terminal are no trace, a file is.
    return std::ranges::all_of(command.redirections, [](const Redirection& redirection) {
      const std::string target = text_of(redirection.target);
      return target == "/dev/null" || target == "/dev/stderr";
    });
  }

  void one(const Command& command, bool& pipefail) {
    switch (command.kind) {
    case Kind::simple: simple(command, pipefail); return;
    case Kind::chain: chain(command, pipefail); return;
    case Kind::pipeline: pipeline(command, pipefail); return;
    case Kind::subshell: {
      bool inner = pipefail;
      run(command.parts, inner);
      return;
    }
    case Kind::function: {
      bool inner = pipefail;
      run(command.parts, inner);
      return;
    }
    case Kind::group: run(command.parts, pipefail); return;
    case Kind::branch:
    case Kind::choice:
    case Kind::loop:
    case Kind::each:
      for (const Arm& arm : command.arms) run(arm.body, pipefail);
      return;
    }
  }

  void simple(const Command& command, bool& pipefail) {
    const std::string_view program = program_of(command);
    if (program == "set") {
      for (std::size_t i = 1; i < command.words.size(); ++i)
        if (bare(command.words[i]) == "pipefail") {
          const std::string before = text_of(command.words[i - 1]);
          pipefail = !before.starts_with('+');
        }
      return;
    }
    nested(command);
  }

  // `docker exec db sh -c "pg_dump app | gzip > /app.gz"`
  void nested(const Command& command) {
    if (depth_ >= deepest_text) return;
    for (std::size_t i = 0; i + 2 < command.words.size(); ++i) {
      std::string_view name = bare(command.words[i]);
      name = name.substr(name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1);
      if (name != "sh" && name != "bash" && name != "ash" && name != "dash") continue;
      const std::string option = text_of(command.words[i + 1]);
      if (!option.starts_with('-') || !option.ends_with('c')) continue;
      const Word& word = command.words[i + 2];
      if (word.parts.size() != 1 || word.parts.front().kind != Part::Kind::literal) return;
      std::vector<LostFailure> inner;
      bool pipefail = false;
      const Program program = parse_program(word.parts.front().text);
      if (program.complete)
        Reader(word.parts.front().text, inner, depth_ + 1).run(program.commands, pipefail);
      for (LostFailure& each : inner) {
        each.range = command.range;
        found_.push_back(std::move(each));
      }
      return;
    }
  }

  void lose(const Command& command, LostFailure::How how, const Command& instead) {
    if (command.negated) return;
    if (command.kind == Kind::pipeline) {
      if (!command.parts.empty()) lose(command.parts.front(), how, instead);
      return;
    }
    if (command.kind == Kind::group || command.kind == Kind::subshell) {
      if (command.parts.size() == 1) lose(command.parts.front(), how, instead);
      return;
    }
    if (command.kind != Kind::simple || command.words.empty()) return;
    found_.push_back({.how = how,
                      .words = words_of(command),
                      .instead = words_of(instead),
                      .range = command.range});
  }

  void chain(const Command& command, bool& pipefail) {
    const std::vector<Command>& parts = command.parts;
    std::vector<bool> lost(parts.size());
    for (std::size_t i = 1; i < parts.size() && i <= command.joints.size(); ++i) {
      if (command.joints[i - 1] != Joint::either) continue;
      if (!std::all_of(parts.begin() + static_cast<std::ptrdiff_t>(i), parts.end(), forgets))
        continue;
      // Of `a && b || true` each may have failed; of `a || b || true` both have.
      for (std::size_t k = 0; k < i; ++k) {
        if (lost[k] || forgets(parts[k])) continue;
        // In `a || b || true` b is another way to the same end, and a's failure is provided for.
        if (k + 1 < i && command.joints[k] == Joint::either) continue;
        lost[k] = true;
        lose(parts[k], LostFailure::How::alternative, parts[i]);
      }
      break;
    }
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (!lost[i] || parts[i].kind != Kind::pipeline) one(parts[i], pipefail);
  }

  void pipeline(const Command& command, bool& pipefail) {
    if (!pipefail && !kept_ && !command.negated)
      for (std::size_t i = 0; i + 1 < command.parts.size(); ++i)
        lose(command.parts[i], LostFailure::How::pipe, command.parts.back());
    // Each part runs in a shell of its own.
    for (const Command& part : command.parts) {
      bool inner = pipefail;
      one(part, inner);
    }
  }

  std::vector<LostFailure>& found_;
  int depth_;
  bool kept_;
};

} // namespace

std::vector<LostFailure> lost_failures(std::string_view text, bool pipefail) {
  std::vector<LostFailure> found;
  // Most texts hold neither a pipe nor an alternative.
  if (!text.contains('|')) return found;
  const Program program = parse_program(text);
  if (!program.complete) return found;
  Reader(text, found, 0).run(program.commands, pipefail);
  std::ranges::sort(found, {}, [](const LostFailure& each) { return each.range.begin; });
  return found;
}

std::string shown(const std::vector<std::string>& words) {
  constexpr std::size_t longest = 48;
  std::string text;
  for (const std::string& word : words) {
    std::string clear;
    for (const char c : word) {
      if (c != '\1' && c != '\n')
        clear += c;
      else if (!clear.ends_with("..."))
        clear += "...";
    }
    if (text.size() + clear.size() > longest) return text + (text.empty() ? "..." : " ...");
    text += (text.empty() ? "" : " ") + clear;
  }
  return text;
}

} // namespace aethel::shell
