#include "syntax/command_text.h"

#include "knowledge/shapes.h"
#include "syntax/yaml.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <unordered_set>
#include <utility>

namespace aethel::shell {
namespace {

constexpr std::size_t npos = std::string_view::npos;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_name_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

template <std::size_t Size>
bool contains_any(std::string_view text, const std::array<std::string_view, Size>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) {
    return memmem(text.data(), text.size(), word.data(), word.size()) != nullptr;
  });
}

template <std::size_t Size>
bool is_one_of(std::string_view word, const std::array<std::string_view, Size>& words) {
  return std::ranges::find(words, word) != words.end();
}

// In programs `compose` alone is a common name of a function.
constexpr std::array<std::string_view, 2> engine_words = {"docker", "podman"};
constexpr std::array<std::string_view, 14> command_words = {
    "docker", "podman",    "COMPOSE_", "cp ",  "touch ", "mkdir", "openssl",
    "mkcert", "git clone", "export ",  "tee ", "mv ",    "ln -s", "Copy-Item"};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Whether a line that nothing marks as code begins like a command.
bool begins_command(std::string_view line) {
  line = trimmed(line);
  while (true) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, space);
    constexpr std::array<std::string_view, 12> commands = {
        "docker", "docker-compose", "podman", "podman-compose", "cd",      "cp",
        "git",    "export",         "mkdir",  "touch",          "openssl", "mkcert"};
    if (is_one_of(word, commands)) return space < line.size();
    const std::size_t equals = word.find('=');
    const bool prefix =
        word == "sudo" ||
        (equals != npos && equals > 0 && std::ranges::all_of(word.substr(0, equals), is_name_part));
    if (!prefix || space >= line.size()) return false;
    line = trimmed(line.substr(space));
  }
}

struct Line {
  std::size_t begin = 0;
  std::size_t end = 0; // without the line break
  std::string_view text;
};

class Lines {
public:
  explicit Lines(std::string_view bytes) : bytes_(bytes) {}
  std::optional<Line> next() {
    if (at_ >= bytes_.size()) return std::nullopt;
    const std::size_t begin = at_;
    const std::size_t stop = std::min(bytes_.find('\n', at_), bytes_.size());
    at_ = stop + 1;
    const std::size_t end = stop > begin && bytes_[stop - 1] == '\r' ? stop - 1 : stop;
    return Line{.begin = begin, .end = end, .text = bytes_.substr(begin, end - begin)};
  }

private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

MappedText mapped(std::string_view bytes, std::size_t begin, std::size_t end) {
  MappedText text;
  text.text.reserve(end - begin);
  text.offsets.reserve(end - begin + 1);
  text.append(bytes.substr(begin, end - begin), begin);
  text.finish(end);
  return text;
}

void append_line(MappedText& text, const Line& line, std::size_t skip) {
  text.append(line.text.substr(skip), line.begin + skip);
  text.push('\n', line.end);
}

// --- make and just: definitions and recipes ---

struct Assignment {
  std::size_t name_end = 0;
  std::size_t value = 0;
  Definition::Form form = Definition::Form::set;
};

std::optional<Assignment> assignment(std::string_view line, std::size_t begin) {
  std::size_t at = begin;
  while (at < line.size() && (is_name_part(line[at]) || line[at] == '.' || line[at] == '-')) ++at;
  if (at == begin) return std::nullopt;
  Assignment result{.name_end = at};
  while (at < line.size() && is_blank(line[at])) ++at;
  for (std::string_view op : {":::=", "::=", ":=", "?=", "+=", "!=", "="}) {
    if (!line.substr(at).starts_with(op)) continue;
    if (op == "?=") result.form = Definition::Form::set_if_unset;
    if (op == "+=") result.form = Definition::Form::append;
    if (op == "!=") return std::nullopt; // the output of a command
    at += op.size();
    while (at < line.size() && is_blank(line[at])) ++at;
    result.value = at;
    return result;
  }
  return std::nullopt;
}

class MakeReader {
public:
  explicit MakeReader(std::string_view bytes) : bytes_(bytes) {}

  CommandText read() {
    Lines lines(bytes_);
    while (auto line = lines.next()) {
      const bool recipe = in_rule_ && line->text.starts_with('\t');
      std::vector<Line> logical{*line};
      while (logical.back().text.ends_with('\\')) {
        auto more = lines.next();
        if (!more) break;
        logical.push_back(*more);
      }
      if (recipe)
        add_recipe(logical, 1);
      else
        read_line(logical);
    }
    return std::move(result_);
  }

private:
  void add_recipe(const std::vector<Line>& logical, std::size_t skip) {
    Block block{.dialect = Dialect::make,
                .shell = one_shell_ && follows_ ? Block::Shell::same : Block::Shell::fresh};
    const std::string_view first = logical.front().text;
    while (skip < first.size() && (is_blank(first[skip]) || first[skip] == '@' ||
                                   first[skip] == '-' || first[skip] == '+'))
      ++skip;
    for (const Line& line : logical) append_line(block.text, line, &line == &logical[0] ? skip : 0);
    block.text.finish(logical.back().end);
    result_.blocks.push_back(std::move(block));
    follows_ = true;
  }

  void read_line(const std::vector<Line>& logical) {
    const std::string_view line = logical.front().text;
    std::size_t at = 0;
    while (at < line.size() && is_blank(line[at])) ++at;
    const std::string_view rest = line.substr(at);
    if (rest.empty() || rest.starts_with('#')) return;
    const auto word = [&](std::string_view keyword) {
      return rest.starts_with(keyword) &&
             (rest.size() == keyword.size() || !is_name_part(rest[keyword.size()]));
    };
    if (in_define_) {
      in_define_ = !word("endef");
    } else if (word("define")) {
      in_define_ = true;
    } else if (word("ifeq") || word("ifneq") || word("ifdef") || word("ifndef")) {
      ++conditions_;
    } else if (word("endif")) {
      conditions_ -= conditions_ > 0;
    } else if (!word("else")) {
      for (std::string_view keyword : {"override", "private", "export"})
        if (line.substr(at).starts_with(keyword) && at + keyword.size() < line.size() &&
            is_blank(line[at + keyword.size()])) {
          at += keyword.size();
          while (at < line.size() && is_blank(line[at])) ++at;
        }
      if (const auto found = assignment(line, at))
        define(logical, at, *found, Definition::When::always);
      else
        read_rule(logical);
    }
  }

  void define(const std::vector<Line>& logical, std::size_t name, const Assignment& found,
              Definition::When when) {
    const Line& first = logical.front();
    Definition definition{.name = std::string(first.text.substr(name, found.name_end - name)),
                          .form = found.form,
                          .when = conditions_ > 0 ? Definition::When::on_condition : when};
    for (const Line& line : logical) {
      std::string_view text = line.text;
      std::size_t begin = &line == &logical[0] ? found.value : 0;
      if (&line != &logical[0])
        while (begin < text.size() && is_blank(text[begin])) ++begin;
      if (&line != &logical.back()) text.remove_suffix(1);
      if (&line == &logical.back()) text = text.substr(0, std::max(begin, text.find(" #")));
      while (text.size() > begin && is_blank(text.back())) text.remove_suffix(1);
      if (!definition.value.text.empty()) definition.value.push(' ', line.begin);
      definition.value.append(text.substr(std::min(begin, text.size())), line.begin + begin);
    }
    definition.value.finish(logical.back().end);
    result_.definitions.push_back(std::move(definition));
  }

  void read_rule(const std::vector<Line>& logical) {
    const std::string_view line = logical.front().text;
    const std::size_t colon = line.find(':');
    if (colon == npos) return;
    in_rule_ = true;
    follows_ = false;
    if (line.starts_with(".ONESHELL")) one_shell_ = true;
    std::size_t at = colon + 1;
    while (at < line.size() && is_blank(line[at])) ++at;
    if (const auto found = assignment(line, at)) {
      define(logical, at, *found, Definition::When::on_condition);
      return;
    }
    const std::size_t command = line.find(';', colon);
    if (command != npos) add_recipe(logical, command + 1);
  }

  std::string_view bytes_;
  CommandText result_;
  int conditions_ = 0;
  bool in_rule_ = false;
  bool in_define_ = false;
  bool one_shell_ = false;
  bool follows_ = false; // the block before is of the same rule
};

// The literal in `"x"`, 'x' or env_var_or_default("X", "x").
std::optional<Range> just_literal(std::string_view value) {
  const bool lookup = value.starts_with("env_var_or_default(") || value.starts_with("env(");
  const std::size_t from = lookup ? value.find(',') : 0;
  if (from == npos) return std::nullopt;
  const std::size_t open = value.find_first_of("'\"", from);
  if (open == npos || (!lookup && open != 0)) return std::nullopt;
  const std::size_t close = value.find(value[open], open + 1);
  if (close == npos) return std::nullopt;
  const std::string_view rest = trimmed(value.substr(close + 1));
  if (!(rest.empty() || rest.starts_with('#') || (lookup && rest.starts_with(')'))))
    return std::nullopt;
  return range_of(open + 1, close);
}

CommandText read_just(std::string_view bytes) {
  CommandText result;
  Lines lines(bytes);
  bool one_shell = false, first = false, in_recipe = false, continues = false;
  while (auto line = lines.next()) {
    const std::string_view text = line->text;
    if (trimmed(text).empty()) continue;
    if (!is_blank(text[0])) {
      std::size_t at = text.starts_with("export ") ? 7 : 0;
      const auto found = assignment(text, at);
      in_recipe = continues = one_shell = false;
      first = true;
      if (found && text.substr(found->name_end, found->value - found->name_end).contains(":=")) {
        if (const auto value = just_literal(text.substr(found->value)))
          result.definitions.push_back(
              {.name = std::string(text.substr(at, found->name_end - at)),
               .value = mapped(bytes, line->begin + found->value + value->begin,
                               line->begin + found->value + value->end),
               .form = text[found->value] == 'e' ? Definition::Form::set_if_unset
                                                 : Definition::Form::set});
      } else {
        in_recipe = text.contains(':') && text[0] != '#' && text[0] != '[';
      }
      continue;
    }
    if (!in_recipe) continue;
    std::size_t skip = 0;
    while (skip < text.size() && (is_blank(text[skip]) || text[skip] == '@')) ++skip;
    if (first && text.substr(skip).starts_with("#!")) one_shell = true;
    if (continues || (one_shell && !first)) {
      Block& block = result.blocks.back();
      block.text.offsets.pop_back();
      append_line(block.text, *line, skip);
      block.text.finish(line->end);
    } else {
      Block block{.dialect = Dialect::just};
      append_line(block.text, *line, skip);
      block.text.finish(line->end);
      result.blocks.push_back(std::move(block));
    }
    first = false;
    continues = text.ends_with('\\');
  }
  return result;
}

CommandText read_procfile(std::string_view bytes) {
  CommandText result;
  Lines lines(bytes);
  while (auto line = lines.next()) {
    const std::size_t colon = line->text.find(':');
    if (colon == npos || line->text.starts_with('#')) continue;
    result.blocks.push_back({.text = mapped(bytes, line->begin + colon + 1, line->end)});
  }
  return result;
}

// --- JSON ---

void push_utf8(MappedText& out, unsigned value, std::size_t offset) {
  if (value < 0x80) {
    out.push(static_cast<char>(value), offset);
  } else if (value < 0x800) {
    out.push(static_cast<char>(0xC0u | value >> 6), offset);
    out.push(static_cast<char>(0x80u | (value & 0x3Fu)), offset);
  } else {
    out.push(static_cast<char>(0xE0u | value >> 12), offset);
    out.push(static_cast<char>(0x80u | (value >> 6 & 0x3Fu)), offset);
    out.push(static_cast<char>(0x80u | (value & 0x3Fu)), offset);
  }
}

// The string whose opening quote is at `at`; moves behind it. Comments of JSON with comments
// are the caller's.
MappedText json_string(std::string_view bytes, std::size_t& at) {
  MappedText out;
  for (++at; at < bytes.size() && bytes[at] != '"'; ++at) {
    if (bytes[at] != '\\' || at + 1 >= bytes.size()) {
      out.push(bytes[at], at);
      continue;
    }
    const std::size_t offset = at++;
    constexpr std::string_view names = "bfnrt";
    constexpr std::string_view values = "\b\f\n\r\t";
    if (bytes[at] == 'u') {
      unsigned value = 0;
      std::size_t digits = 0;
      while (digits < 4 && at + 1 < bytes.size() &&
             std::isxdigit(static_cast<unsigned char>(bytes[at + 1]))) {
        const char digit = static_cast<char>(bytes[++at] | 0x20);
        value = value * 16 + static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        ++digits;
      }
      push_utf8(out, value, offset);
    } else {
      const std::size_t index = names.find(bytes[at]);
      out.push(index == npos ? bytes[at] : values[index], offset);
    }
  }
  out.finish(at);
  if (at < bytes.size()) ++at;
  return out;
}

// Strings below a key that holds commands; elsewhere only what begins like a command.
CommandText read_json(std::string_view bytes) {
  CommandText result;
  std::vector<bool> commands{false}; // of the containers that are open
  bool key_of_commands = false;
  for (std::size_t at = 0; at < bytes.size();) {
    const char c = bytes[at];
    if (c == '{' || c == '[') {
      commands.push_back(commands.back() || key_of_commands);
      key_of_commands = false;
      ++at;
    } else if (c == '}' || c == ']') {
      if (commands.size() > 1) commands.pop_back();
      key_of_commands = false;
      ++at;
    } else if (c == '/' && bytes.substr(at).starts_with("//")) {
      at = std::min(bytes.find('\n', at), bytes.size());
    } else if (c == '"') {
      MappedText text = json_string(bytes, at);
      while (at < bytes.size() && (is_blank(bytes[at]) || bytes[at] == '\n')) ++at;
      if (at < bytes.size() && bytes[at] == ':') {
        constexpr std::array<std::string_view, 12> keys = {"scripts",
                                                           "script",
                                                           "tasks",
                                                           "command",
                                                           "commands",
                                                           "run",
                                                           "initializeCommand",
                                                           "onCreateCommand",
                                                           "postCreateCommand",
                                                           "postStartCommand",
                                                           "postAttachCommand",
                                                           "updateContentCommand"};
        key_of_commands = is_one_of(text.text, keys);
      } else if (text.text.contains(' ') && contains_any(text.text, command_words)) {
        if (commands.back() || key_of_commands)
          result.blocks.push_back({.text = std::move(text)});
        else if (begins_command(text.text))
          result.blocks.push_back({.text = std::move(text), .context = Context::mention});
        else if (text.text.starts_with('!')) { // a cell of a notebook
          text.text[0] = ' ';
          result.blocks.push_back({.text = std::move(text), .context = Context::document});
        }
      }
    } else {
      ++at;
    }
  }
  return result;
}

// --- YAML ---

class YamlReader {
public:
  explicit YamlReader(std::string_view bytes) : bytes_(bytes) {}

  CommandText read() {
    const yaml::Stream stream = yaml::parse(bytes_);
    for (const auto& document : stream.documents)
      if (document->root) visit(*document->root, {}, 0);
    return std::move(result_);
  }

private:
  struct Scope {
    std::string directory;
    std::shared_ptr<const Environment> environment;
    Dialect dialect = Dialect::posix;
    Block::Host host = Block::Host::here;
  };

  static std::string scalar(const yaml::Node* node) {
    return node && node->kind == yaml::Kind::scalar ? node->value : std::string();
  }

  static Dialect dialect_of(std::string_view shell, Dialect otherwise) {
    if (shell.empty()) return otherwise;
    if (shell.starts_with("pwsh") || shell.starts_with("powershell")) return Dialect::powershell;
    return shell.starts_with("cmd") ? Dialect::batch : Dialect::posix;
  }

  void enter(const yaml::Node& mapping, Scope& scope) {
    for (const std::string_view key : {"env", "variables", "environment"}) {
      const yaml::Node* values = yaml::find(mapping, key);
      if (!values || values->kind != yaml::Kind::mapping) continue;
      auto environment = std::make_shared<Environment>();
      environment->outer = scope.environment;
      for (const yaml::Pair& pair : values->pairs)
        if (pair.value->kind == yaml::Kind::scalar)
          environment->variables.push_back(
              {.name = pair.key->value, .value = yaml::mapped_value(bytes_, *pair.value)});
      scope.environment = std::move(environment);
    }
    const yaml::Node* defaults = yaml::find(mapping, "defaults");
    const yaml::Node* run =
        defaults && defaults->kind == yaml::Kind::mapping ? yaml::find(*defaults, "run") : nullptr;
    for (const yaml::Node* place : {run, &mapping}) {
      if (!place || place->kind != yaml::Kind::mapping) continue;
      for (const std::string_view key : {"working-directory", "workingDirectory", "dir"})
        if (const std::string directory = scalar(yaml::find(*place, key)); !directory.empty())
          scope.directory = directory;
      scope.dialect = dialect_of(scalar(yaml::find(*place, "shell")), scope.dialect);
    }
    if (scalar(yaml::find(mapping, "uses")).contains("ssh")) scope.host = Block::Host::elsewhere;
  }

  void visit(const yaml::Node& node, const Scope& outer, int depth) {
    if (depth > 100 || !seen_.insert(&node).second) return;
    if (node.kind == yaml::Kind::sequence) {
      for (const yaml::Node* item : node.items)
        if (item->kind != yaml::Kind::scalar) visit(*item, outer, depth + 1);
      return;
    }
    if (node.kind == yaml::Kind::scalar) return;
    Scope scope = outer;
    enter(node, scope);
    for (const yaml::Pair& pair : node.pairs) {
      const std::string& key = pair.key->value;
      constexpr std::array<std::string_view, 20> keys = {"run",
                                                         "script",
                                                         "scripts",
                                                         "before_script",
                                                         "after_script",
                                                         "commands",
                                                         "cmd",
                                                         "cmds",
                                                         "sh",
                                                         "shell",
                                                         "bash",
                                                         "pwsh",
                                                         "entry",
                                                         "command",
                                                         "powershell",
                                                         "inlineScript",
                                                         "init",
                                                         "before",
                                                         "ansible.builtin.shell",
                                                         "ansible.builtin.command"};
      // `command` belongs to CircleCI's `run` and to Gitpod's `tasks`; in compose and Kubernetes
      // it runs in a container.
      const bool commands = is_one_of(key, keys) && (key != "command" || in_run_);
      const bool outer_run = in_run_;
      in_run_ = is_one_of(key, std::array<std::string_view, 3>{"run", "tasks", "steps"});
      if (commands) add(*pair.value, key, scope);
      if (pair.value->kind != yaml::Kind::scalar) visit(*pair.value, scope, depth + 1);
      in_run_ = outer_run;
    }
  }

  void add(const yaml::Node& node, std::string_view key, const Scope& scope) {
    // A job's lines share one shell; each command of a task file has its own.
    const bool shared = key != "cmds" && key != "cmd";
    bool first = true;
    const auto push = [&](const yaml::Node& value) {
      if (value.kind != yaml::Kind::scalar) return;
      const Dialect dialect =
          key == "pwsh" || key == "powershell" ? Dialect::powershell : scope.dialect;
      result_.blocks.push_back(
          {.text = yaml::mapped_value(bytes_, value),
           .dialect = dialect,
           .shell = first || !shared ? Block::Shell::fresh : Block::Shell::same,
           .host = scope.host,
           .directory = scope.directory,
           .environment = scope.environment});
      first = false;
    };
    if (node.kind == yaml::Kind::sequence) {
      for (const yaml::Node* item : node.items) push(*item);
    } else {
      push(node);
    }
  }

  std::string_view bytes_;
  CommandText result_;
  std::unordered_set<const yaml::Node*> seen_;
  bool in_run_ = false;
};

// --- documents ---

bool is_console(std::string_view info) {
  return info == "console" || info == "shell-session" || info == "shellsession" ||
         info == "sh-session" || info == "terminal";
}

// Bytes before the command on a line with a prompt; npos without one.
std::size_t prompt_end(std::string_view line, std::string_view info) {
  std::size_t at = 0;
  while (at < line.size() && is_blank(line[at])) ++at;
  const std::string_view rest = line.substr(at);
  for (const std::string_view prompt : {"$ ", "❯ ", "➜ ", "% "})
    if (rest.starts_with(prompt)) return at + prompt.size();
  if ((is_console(info) && rest.starts_with("# ") && begins_command(rest.substr(2))) ||
      ((is_console(info) || info == "powershell" || info == "cmd") && rest.starts_with("> ")))
    return at + 2;
  // user@host:~/x$ and PS C:\x> and C:\x>
  const std::string_view head = rest.substr(0, 100);
  for (const std::string_view end : {"$ ", "# ", "> "}) {
    const std::size_t found = head.find(end);
    if (found == npos || found == 0) continue;
    const std::string_view before = head.substr(0, found);
    const std::size_t spaces = static_cast<std::size_t>(std::ranges::count(before, ' '));
    const bool unix_prompt = end != "> " && before.contains('@') && spaces <= 1 &&
                             (before.contains(':') || before.ends_with(']') || spaces == 0);
    const bool windows_prompt =
        end == "> " && (before == "PS" || before.starts_with("PS ") ||
                        (before.size() > 2 && before.substr(1, 2) == ":\\"));
    if (unix_prompt || windows_prompt) return at + found + 2;
  }
  return npos;
}

class DocumentReader {
public:
  DocumentReader(std::string_view bytes, Language language) : bytes_(bytes), language_(language) {}

  CommandText read() {
    Lines lines(bytes_);
    while (auto line = lines.next()) {
      if (fence_length_ > 0)
        read_fenced(*line);
      else if (language_ != Language::markdown || !open_fence(*line))
        read_prose(*line);
    }
    close();
    return std::move(result_);
  }

private:
  static std::size_t content(std::string_view line) {
    std::size_t at = 0;
    while (at < line.size() && (is_blank(line[at]) || line[at] == '>')) ++at;
    return at;
  }

  bool open_fence(const Line& line) {
    std::size_t at = content(line.text);
    // A list item may begin with a fence.
    for (const std::string_view mark : {"- ", "* "})
      if (line.text.substr(at).starts_with(mark)) at = content(line.text.substr(at + 2)) + at + 2;
    const std::string_view rest = line.text.substr(std::min(at, line.text.size()));
    if (!rest.starts_with("```") && !rest.starts_with("~~~")) return false;
    const std::size_t length = std::min(rest.find_first_not_of(rest[0]), rest.size());
    std::string_view info = trimmed(rest.substr(length));
    if (rest[0] == '`' && info.contains('`')) return false;
    close();
    fence_ = rest[0];
    fence_length_ = length;
    quoted_ = line.text.substr(0, at).contains('>');
    while (!info.empty() && (info[0] == '{' || info[0] == '.')) info.remove_prefix(1);
    info_ = info.substr(0, std::min(info.find_first_of(" \t,{}:"), info.size()));
    std::ranges::transform(info_, info_.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return true;
  }

  void read_fenced(const Line& line) {
    const std::size_t at = quoted_ ? content(line.text) : 0;
    const std::string_view rest = trimmed(line.text.substr(at));
    if (rest.size() >= fence_length_ && rest.find_first_not_of(fence_) == npos) {
      close();
      return;
    }
    lines_.push_back({.begin = line.begin + at, .end = line.end, .text = line.text.substr(at)});
  }

  // What one run of lines of code holds.
  void close() {
    fence_length_ = 0;
    std::vector<Line> lines = std::exchange(lines_, {});
    const std::string info = std::exchange(info_, {});
    if (lines.empty()) return;
    constexpr std::array<std::string_view, 17> shells = {
        "",        "bash",          "sh",           "shell",      "zsh",
        "console", "shell-session", "shellsession", "sh-session", "terminal",
        "text",    "txt",           "plaintext",    "fish",       "cli",
        "command", "commandline"};
    Dialect dialect = Dialect::document;
    if (info == "bat" || info == "batch" || info == "cmd" || info == "dos")
      dialect = Dialect::batch;
    else if (info == "powershell" || info == "ps1" || info == "pwsh" || info == "ps")
      dialect = Dialect::powershell;
    else if (info == "make" || info == "makefile")
      return add_makefile(lines);
    else if (!is_one_of(info, shells))
      return;
    Block block{.dialect = dialect, .context = Context::document};
    const bool prompts = std::ranges::any_of(
        lines, [&](const Line& line) { return prompt_end(line.text, info) != npos; });
    bool continues = false;
    for (const Line& line : lines) {
      const std::size_t prompt = prompts ? prompt_end(line.text, info) : 0;
      if (prompt == npos && !continues) continue;
      append_line(block.text, line, prompt == npos ? 0 : prompt);
      continues = line.text.ends_with('\\');
    }
    add(std::move(block), lines.back().end);
  }

  void add_makefile(const std::vector<Line>& lines) {
    for (const Line& line : lines) {
      if (!line.text.starts_with('\t')) continue;
      const std::size_t begin = std::min(line.text.find_first_not_of("\t @-+"), line.text.size());
      Block block{.dialect = Dialect::make, .context = Context::document};
      append_line(block.text, line, begin);
      add(std::move(block), line.end);
    }
  }

  void add(Block block, std::size_t end) {
    block.text.finish(end);
    if (contains_any(block.text.text, command_words)) result_.blocks.push_back(std::move(block));
  }

  // Lines outside fences: indented code, lines with a prompt, inline code.
  void read_prose(const Line& line) {
    const std::size_t indent = line.text.find_first_not_of(" \t");
    const bool code =
        language_ == Language::text || (indent != npos && (indent >= 4 || line.text[0] == '\t'));
    const bool continues = !lines_.empty() && lines_.back().text.ends_with('\\');
    if (continues || prompt_end(line.text, {}) != npos ||
        (code && begins_command(line.text) && !trimmed(line.text).starts_with("touch "))) {
      lines_.push_back(line);
      return;
    }
    close();
    read_inline(line);
  }

  void read_inline(const Line& line) {
    const std::string_view text = line.text;
    for (std::size_t at = text.find('`'); at != npos; at = text.find('`', at)) {
      const std::size_t open = std::min(text.find_first_not_of('`', at), text.size());
      std::size_t close = text.find('`', open);
      std::size_t after = close;
      while (close != npos) {
        after = std::min(text.find_first_not_of('`', close), text.size());
        if (after - close == open - at) break;
        close = text.find('`', after);
      }
      if (close == npos) {
        at = open;
        continue;
      }
      std::size_t begin = open;
      const std::string_view inside = text.substr(open, close - open);
      if (const std::size_t prompt = prompt_end(inside, {}); prompt != npos) begin += prompt;
      if (begins_command(text.substr(begin, close - begin))) {
        Block block{.dialect = Dialect::document, .context = Context::mention};
        block.text.append(text.substr(begin, close - begin), line.begin + begin);
        add(std::move(block), line.begin + close);
      }
      at = after;
    }
  }

  std::string_view bytes_;
  Language language_;
  CommandText result_;
  std::vector<Line> lines_;
  std::string info_;
  std::size_t fence_length_ = 0;
  char fence_ = 0;
  bool quoted_ = false;
};

// --- strings in programs ---

class SourceReader {
public:
  explicit SourceReader(std::string_view bytes) : bytes_(bytes) {}

  CommandText read() {
    Lines lines(bytes_);
    while (auto line = lines.next()) {
      if (!contains_any(line->text, engine_words)) continue;
      if (line->begin < read_to_) continue;
      if (!read_strings(*line) && begins_command(line->text)) {
        Block block{.dialect = Dialect::posix, .context = Context::program};
        append_line(block.text, *line, 0);
        block.text.finish(line->end);
        result_.blocks.push_back(std::move(block));
      }
    }
    return std::move(result_);
  }

private:
  struct Literal {
    std::size_t open = 0;
    std::size_t close = 0; // the closing quote
  };

  std::optional<Literal> literal(std::size_t at, std::size_t end) const {
    while (at < end && bytes_[at] != '"' && bytes_[at] != '\'' && bytes_[at] != '`') ++at;
    if (at >= end) return std::nullopt;
    std::size_t close = at + 1;
    while (close < end && bytes_[close] != bytes_[at]) close += bytes_[close] == '\\' ? 2 : 1;
    if (close >= end) return Literal{.open = at, .close = npos};
    return Literal{.open = at, .close = close};
  }

  bool read_strings(const Line& line) {
    bool any = false;
    std::size_t at = line.begin;
    while (const auto found = literal(at, line.end)) {
      if (found->close == npos) {
        at = found->open + 1; // an apostrophe, or a string of many lines
        continue;
      }
      const std::string_view inside =
          bytes_.substr(found->open + 1, found->close - found->open - 1);
      at = found->close + 1;
      constexpr std::array<std::string_view, 4> programs = {"docker", "docker-compose", "podman",
                                                            "podman-compose"};
      if (is_one_of(inside, programs)) {
        any = true;
        at = read_arguments(*found);
      } else if (contains_any(inside, engine_words)) {
        any = true;
        Block block{.dialect = Dialect::program, .context = Context::program};
        append_literal(block.text, *found);
        block.text.finish(found->close);
        result_.blocks.push_back(std::move(block));
      }
    }
    return any;
  }

  void append_literal(MappedText& text, const Literal& found) const {
    for (std::size_t i = found.open + 1; i < found.close; ++i) {
      if (bytes_[i] == '\\' && i + 1 < found.close) {
        const char c = bytes_[i + 1];
        text.push(c == 'n' ? '\n' : c == 't' ? '\t' : c, i);
        ++i;
      } else {
        text.push(bytes_[i], i);
      }
    }
  }

  // spawn("docker", ["compose", "-f", file, "up"]): a command whose words are given one by one.
  std::size_t read_arguments(const Literal& program) {
    Block block{.dialect = Dialect::program, .context = Context::program};
    append_literal(block.text, program);
    const std::size_t limit = std::min(program.close + 4096, bytes_.size());
    std::size_t at = program.close + 1;
    std::size_t end = at;
    while (at < limit) {
      const char c = bytes_[at];
      if (is_blank(c) || c == '\n' || c == ',' || c == '[') {
        ++at;
      } else if (c == '"' || c == '\'' || c == '`') {
        const auto found = literal(at, limit);
        if (!found || found->close == npos) break;
        block.text.push(' ', found->open);
        block.text.push('\'', found->open);
        append_literal(block.text, *found);
        block.text.push('\'', found->close);
        at = end = found->close + 1;
      } else if (is_name_part(c)) {
        const std::size_t begin = at;
        while (at < limit && (is_name_part(bytes_[at]) || bytes_[at] == '.')) ++at;
        if (at < limit && bytes_[at] == '(') break;
        block.text.push(' ', begin);
        block.text.push('{', begin);
        block.text.append(bytes_.substr(begin, at - begin), begin);
        block.text.push('}', at);
        end = at;
      } else {
        break;
      }
    }
    block.text.finish(end);
    if (block.text.text.contains("compose")) result_.blocks.push_back(std::move(block));
    read_to_ = std::max(read_to_, end);
    return end;
  }

  std::string_view bytes_;
  CommandText result_;
  std::size_t read_to_ = 0;
};

// `# docker compose -f a -f b up` in a script or in a compose file: somebody is told to.
void add_comments(std::string_view bytes, CommandText& result) {
  if (!contains_any(bytes, engine_words)) return;
  Lines lines(bytes);
  bool continues = false;
  while (auto line = lines.next()) {
    const std::size_t hash = line->text.find_first_not_of(" \t");
    if (hash == npos || line->text[hash] != '#') {
      continues = false;
      continue;
    }
    std::size_t begin = std::min(line->text.find_first_not_of("# \t", hash), line->text.size());
    if (line->text.substr(begin).starts_with("$ ")) begin += 2;
    const std::string_view rest = line->text.substr(begin);
    if (!continues && !(begins_command(rest) && contains_any(rest, engine_words))) continue;
    if (continues) {
      result.blocks.back().text.offsets.pop_back();
    } else {
      result.blocks.push_back({.dialect = Dialect::document, .context = Context::mention});
    }
    append_line(result.blocks.back().text, *line, begin);
    result.blocks.back().text.finish(line->end);
    continues = rest.ends_with('\\');
  }
}

} // namespace

Language language_of(std::string_view path, std::string_view bytes) {
  const std::string name = knowledge::lower(path.substr(path.rfind('/') + 1));
  const std::size_t dot = name.rfind('.');
  const std::string_view extension =
      dot == npos ? std::string_view() : std::string_view(name).substr(dot + 1);
  const auto any = [](std::string_view what, auto... words) { return ((what == words) || ...); };
  if (name.ends_with("-lock.json") || name.ends_with("-lock.yaml")) return Language::none;
  if (any(extension, "sh", "bash", "zsh", "ksh", "fish", "envrc")) return Language::shell;
  if (any(extension, "mk") || name.starts_with("makefile") || name == "gnumakefile")
    return Language::make;
  if (extension == "just" || name == "justfile" || name == ".justfile") return Language::just;
  if (any(extension, "bat", "cmd")) return Language::batch;
  if (any(extension, "ps1", "psm1")) return Language::powershell;
  if (name.starts_with("procfile")) return Language::procfile;
  if (any(extension, "json", "jsonc", "json5", "ipynb", "code-workspace")) return Language::json;
  if (any(extension, "yml", "yaml")) return Language::yaml;
  if (any(extension, "md", "mdx", "markdown", "mdown")) return Language::markdown;
  if (any(extension, "txt", "rst", "adoc", "asciidoc") || name == "readme") return Language::text;
  if (any(extension, "js", "mjs", "cjs", "ts", "mts", "cts", "jsx", "tsx", "py", "rb", "go", "rs",
          "java", "kt", "kts", "groovy", "gradle", "php", "cs", "pl", "ex", "exs", "lua", "scala",
          "toml", "nix", "bzl") ||
      name.starts_with("jenkinsfile") || any(name, "rakefile", "vagrantfile", "tiltfile"))
    return Language::source;
  if (bytes.starts_with("#!")) {
    const std::string_view line = bytes.substr(0, std::min(bytes.find('\n'), bytes.size()));
    return line.contains("sh") ? Language::shell : Language::source;
  }
  return Language::none;
}

bool may_hold_commands(std::string_view bytes, Language language) {
  switch (language) {
  case Language::none: return false;
  case Language::source: return bytes.contains("compose") && contains_any(bytes, engine_words);
  case Language::json:
  case Language::yaml:
  case Language::markdown:
  case Language::text: return contains_any(bytes, command_words);
  default: return true;
  }
}

CommandText command_text(std::string_view bytes, Language language) {
  if (!may_hold_commands(bytes, language)) return {};
  const auto whole = [&](Dialect dialect) {
    CommandText result;
    const std::size_t begin = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    result.blocks.push_back({.text = mapped(bytes, begin, bytes.size()), .dialect = dialect});
    return result;
  };
  const auto with_comments = [&](CommandText result) {
    add_comments(bytes, result);
    return result;
  };
  switch (language) {
  case Language::shell: return with_comments(whole(Dialect::posix));
  case Language::batch: return whole(Dialect::batch);
  case Language::powershell: return whole(Dialect::powershell);
  case Language::make: return with_comments(MakeReader(bytes).read());
  case Language::just: return with_comments(read_just(bytes));
  case Language::procfile: return read_procfile(bytes);
  case Language::json: return read_json(bytes);
  case Language::yaml: return with_comments(YamlReader(bytes).read());
  case Language::markdown:
  case Language::text: return DocumentReader(bytes, language).read();
  case Language::source: return SourceReader(bytes).read();
  case Language::none: break;
  }
  return {};
}

} // namespace aethel::shell
