#include "link/rules/support/commands.h"

#include <algorithm>

namespace aethel::rules {
namespace {

constexpr int nesting_limit = 4;

std::string_view last_part(std::string_view path) {
  return path.substr(path.find_last_of("/\\") + 1);
}

bool is_shell(std::string_view program) {
  const std::string_view name = last_part(program);
  return name == "sh" || name == "bash" || name == "ash" || name == "dash" || name == "zsh";
}

CommandWord word_of(const shell::Word& word, const MappedText& line, FileId file) {
  CommandWord result;
  for (const shell::Part& part : word.parts) {
    if (part.kind == shell::Part::Kind::literal)
      result.text += part.text;
    else
      result.known = false;
  }
  result.parts = word.parts;
  if (word.range.end < line.offsets.size() && word.range.begin < word.range.end)
    result.span = {file, {line.offsets[word.range.begin], line.offsets[word.range.end - 1] + 1}};
  return result;
}

bool is_assignment(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  return std::ranges::all_of(text.substr(0, equals), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

MappedText mapped(const CommandWord& word) {
  MappedText text;
  const Range range = word.span.range;
  const bool plain = range.end - range.begin == word.text.size();
  for (std::size_t i = 0; i < word.text.size(); ++i)
    text.push(word.text[i], range.begin + (plain ? i : 0));
  text.finish(range.end);
  return text;
}

// A text with holes: their values, each byte at its place.
MappedText mapped(const Text& text, FileId& file) {
  MappedText line;
  std::uint32_t end = 0;
  for (const Piece& piece : text.pieces()) {
    const std::string bytes = piece.hole ? piece.hole->value : piece.literal;
    const bool plain = !piece.hole && piece.span.range.end - piece.span.range.begin == bytes.size();
    if (piece.span.file) file = piece.span.file;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      line.push(bytes[i], piece.span.range.begin + (plain ? i : 0));
    end = piece.span.range.end;
  }
  line.finish(end);
  return line;
}

bool is_filled(const Text& text) {
  return std::ranges::none_of(text.holes(), [](const Hole* hole) {
    return hole->from == Hole::From::nothing && !hole->has_default();
  });
}

CommandWord word_of(const Node& node) {
  return {.text = node.value(), .span = node.origin.written, .known = is_filled(node.text)};
}

void append(const MappedText& line, FileId file, int depth, std::vector<SimpleCommand>& result);

void append(SimpleCommand command, FileId file, int depth, std::vector<SimpleCommand>& result) {
  const auto& words = command.words;
  if (words.size() >= 3 && is_shell(words[0].text) && depth < nesting_limit)
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
      const std::string_view flag = words[i].text;
      if (!flag.starts_with('-') || flag.starts_with("--")) break;
      if (!flag.ends_with('c')) continue;
      if (!words[i + 1].known) break;
      append(mapped(words[i + 1]), file, depth + 1, result);
      return;
    }
  result.push_back(std::move(command));
}

void append(const MappedText& line, FileId file, int depth, std::vector<SimpleCommand>& result) {
  for (const shell::Item& item : shell::split(line.text, shell::Dialect::posix, 2'000)) {
    if (item.kind != shell::Item::Kind::command) continue;
    SimpleCommand command;
    switch (item.before) {
    case shell::Joint::sequence: command.before = SimpleCommand::Joint::sequence; break;
    case shell::Joint::both: command.before = SimpleCommand::Joint::both; break;
    case shell::Joint::either: command.before = SimpleCommand::Joint::either; break;
    case shell::Joint::pipe: command.before = SimpleCommand::Joint::pipe; break;
    }
    bool front = true;
    for (const shell::Word& word : item.words) {
      CommandWord read = word_of(word, line, file);
      // Words of the shell in front of a command; conditions stay to be seen.
      if (front && (read.text == "then" || read.text == "else" || read.text == "do" ||
                    read.text == "{" || read.text == "!"))
        continue;
      if (front && read.text == "elif") read.text = "if";
      if (front && is_assignment(read.text)) {
        command.assignments.push_back(std::move(read));
        continue;
      }
      front = false;
      command.words.push_back(std::move(read));
    }
    if (command.words.empty() && command.assignments.empty()) continue;
    append(std::move(command), file, depth, result);
  }
}

} // namespace

Command command_of(const BuildStep& step) {
  Command command{.shell = !step.exec_form, .file = step.span.file, .span = step.span};
  if (step.exec_form)
    for (const BuildWord& word : step.words)
      command.words.push_back({.text = word.written, .span = word.span});
  else
    command.line = step.text;
  return command;
}

std::optional<Command> health_check_of(const Process& process) {
  if (!process.has_healthcheck) return std::nullopt;
  const Node* test = process.node->at({"healthcheck", "test"});
  if (test == nullptr) return std::nullopt;
  Command command{.span = test->origin.written};
  command.file = command.span.file;
  const auto line = [&](const Node& node) {
    command.shell = true;
    command.line = mapped(node.text, command.file);
    command.known = is_filled(node.text);
    command.span = node.origin.written;
  };
  if (test->is_scalar()) {
    line(*test);
    return command;
  }
  if (test->items.size() < 2) return std::nullopt;
  const std::string kind = test->items[0].value();
  if (kind == "CMD-SHELL") {
    line(test->items[1]);
    return command;
  }
  if (kind != "CMD") return std::nullopt;
  for (std::size_t i = 1; i < test->items.size(); ++i) {
    command.words.push_back(word_of(test->items[i]));
    command.known = command.known && command.words.back().known;
  }
  command.span = command.words.front().span;
  if (!command.file) command.file = command.span.file;
  return command;
}

std::optional<Command> command_of(const Process& process, std::string_view key) {
  const Node* node = process.node->find(key);
  if (node == nullptr || node->is_null()) return std::nullopt;
  Command command{.file = node->origin.written.file, .span = node->origin.written};
  if (node->is_scalar()) {
    // Compose splits a line into words; no shell sees it.
    FileId file;
    const MappedText text = mapped(node->text, file);
    if (file) command.file = file;
    command.known = is_filled(node->text);
    for (const shell::Item& item : shell::split(text.text, shell::Dialect::posix, 1'000))
      for (const shell::Word& word : item.words)
        command.words.push_back(word_of(word, text, command.file));
    return command;
  }
  for (const Node& item : node->items) {
    command.words.push_back(word_of(item));
    command.known = command.known && command.words.back().known;
  }
  return command;
}

std::vector<SimpleCommand> simple_commands(const MappedText& line, FileId file) {
  std::vector<SimpleCommand> result;
  append(line, file, 0, result);
  return result;
}

std::vector<SimpleCommand> simple_commands(const Command& command) {
  std::vector<SimpleCommand> result;
  if (command.shell) {
    append(command.line, command.file, 0, result);
  } else if (!command.words.empty()) {
    append(SimpleCommand{.words = command.words}, command.file, 0, result);
  }
  return result;
}

std::string_view program_of(const SimpleCommand& command) {
  if (command.words.empty() || !command.words[0].known) return {};
  return last_part(command.words[0].text);
}

std::string file_at(const Program& program, const Process& process, const Image* image,
                    std::string_view path) {
  const std::string wanted = clean_absolute(path);
  const Mount* nearest = nullptr;
  for (const Mount& mount : process.mounts) {
    const std::string target = clean_absolute(mount.target);
    const bool covers = target == "/" || wanted == target ||
                        (wanted.starts_with(target) && wanted[target.size()] == '/');
    if (covers && (nearest == nullptr || mount.target.size() >= nearest->target.size()))
      nearest = &mount;
  }
  if (nearest != nullptr) {
    if (nearest->type != Mount::Type::bind) return {};
    const std::string target = clean_absolute(nearest->target);
    const std::string rest = target == "/"      ? wanted.substr(1)
                             : wanted == target ? std::string()
                                                : wanted.substr(target.size() + 1);
    std::string file = join_path(nearest->path, rest);
    return program.tree.exists(file) == Existence::file ? file : std::string();
  }
  return image != nullptr ? image->source_of(wanted) : std::string();
}

const ImageBuild* build_of(const Program& program, const Process& process) {
  if (!process.build || process.build->remote || process.build->inline_dockerfile) return nullptr;
  const Build& build = *process.build;
  const std::string context = build.path == "." ? std::string() : build.path;
  for (const ImageBuild& made : program.builds)
    if (made.by == ImageBuild::By::compose && made.context == context &&
        made.dockerfile == build.dockerfile_path &&
        std::ranges::find(made.targets, process.target) != made.targets.end() &&
        made.target == (build.target ? std::optional(build.target->value()) : std::nullopt))
      return &made;
  return nullptr;
}

} // namespace aethel::rules
