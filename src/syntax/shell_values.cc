#include "syntax/shell_values.h"

#include "base/files.h"

#include <algorithm>

namespace aethel::shell {
namespace {

using shell_commands::Anchor;
using shell_commands::Argument;
using shell_commands::Path;

constexpr std::size_t npos = std::string_view::npos;
constexpr int depth_limit = 16;

bool is_anchor(char c) { return c >= mark::script_directory && c <= mark::home; }

Values unknown(std::uint32_t offset = 0) { return one_value({&mark::unknown, 1}, offset); }

// Every combination; unknown when there are too many or they are too long.
Values concatenate(const Values& left, const Values& right) {
  Values result;
  for (const Marked& first : left) {
    for (const Marked& second : right) {
      if (result.size() >= value_limit || first.text.size() + second.text.size() > length_limit)
        return unknown(first.offsets.empty() ? 0 : first.offsets[0]);
      Marked value = first;
      value.text += second.text;
      value.offsets.insert(value.offsets.end(), second.offsets.begin(), second.offsets.end());
      value.certainty = std::max(first.certainty, second.certainty);
      result.push_back(std::move(value));
    }
  }
  return result;
}

void add_values(Values& values, const Values& more) {
  for (const Marked& value : more) {
    const bool present =
        std::ranges::any_of(values, [&](const Marked& known) { return known.text == value.text; });
    if (!present && values.size() < value_limit) values.push_back(value);
  }
}

Values open(Values values) {
  for (Marked& value : values) value.certainty = Argument::Certainty::open;
  return values;
}

// Where the shell splits an unquoted expansion.
Values with_fields(Values values) {
  for (Marked& value : values)
    for (char& c : value.text)
      if (c == ' ' || c == '\t' || c == '\n') c = mark::field;
  return values;
}

Values joined(Values values) {
  for (Marked& value : values) std::ranges::replace(value.text, mark::field, ' ');
  return values;
}

Marked directory_name(const Marked& value) {
  Marked result = value;
  const std::size_t slash = value.text.rfind('/');
  if (slash == npos) {
    const bool stays = value.text.size() == 1 && is_anchor(value.text[0]);
    if (stays || !is_known(value)) return stays ? result : unknown()[0];
    return one_value(".", value.offsets.empty() ? 0 : value.offsets[0])[0];
  }
  result.text.resize(slash);
  result.offsets.resize(slash);
  return result;
}

} // namespace

MappedText part_of(const MappedText& text, Range range) {
  MappedText part;
  part.text = text.text.substr(range.begin, range.end - range.begin);
  part.offsets.assign(text.offsets.begin() + range.begin, text.offsets.begin() + range.end + 1);
  return part;
}

Values one_value(std::string_view text, std::uint32_t offset) {
  Marked value;
  for (const char c : text) value.push(c, offset);
  return {std::move(value)};
}

bool is_known(const Marked& value) { return !value.text.contains(mark::unknown); }

std::string_view only(const Values& values) {
  if (values.size() == 1 && is_known(values[0])) return values[0].text;
  return {&mark::unknown, 1};
}

std::vector<Marked> split_fields(const Marked& value) {
  std::vector<Marked> fields;
  bool inside = false;
  for (std::size_t i = 0; i < value.text.size(); ++i) {
    if (value.text[i] == mark::field) {
      inside = false;
      continue;
    }
    if (!inside) fields.push_back({.text = {}, .offsets = {}, .certainty = value.certainty});
    inside = true;
    fields.back().push(value.text[i], value.offsets[i]);
  }
  return fields;
}

Path path_of(std::string_view text) {
  Path path;
  if (text.empty()) return path;
  switch (text[0]) {
  case mark::script_directory: path.anchor = Anchor::script_directory; break;
  case mark::repository: path.anchor = Anchor::repository; break;
  case mark::clone: path.anchor = Anchor::clone; break;
  case mark::home: path.anchor = Anchor::home; break;
  default: path.text = text; return path;
  }
  text.remove_prefix(1);
  while (text.starts_with('/')) text.remove_prefix(1);
  path.text = text;
  return path;
}

Marked marked(const Path& path, std::uint32_t offset) {
  Marked value;
  switch (path.anchor) {
  case Anchor::working_directory: break;
  case Anchor::script_directory: value.push(mark::script_directory, offset); break;
  case Anchor::repository: value.push(mark::repository, offset); break;
  case Anchor::clone: value.push(mark::clone, offset); break;
  case Anchor::home: value.push(mark::home, offset); break;
  }
  const bool anchored = !value.text.empty();
  if (anchored && !path.text.empty()) value.push('/', offset);
  for (const char c : path.text) value.push(c, offset);
  if (value.text.empty()) value.push('.', offset);
  return value;
}

std::optional<Path> join(const std::optional<Path>& directory, const Path& path) {
  if (path.anchor != Anchor::working_directory || path.text.starts_with('/'))
    return Path{.anchor = path.anchor, .text = join_path("", path.text)};
  if (!directory) return std::nullopt;
  return Path{.anchor = directory->anchor, .text = join_path(directory->text, path.text)};
}

Argument argument(const Values& values, Range used) {
  Argument result{.range = used, .written = used};
  bool all_known = true;
  for (const Marked& value : values) {
    // A second anchor makes no path.
    const bool anchored_later =
        value.text.size() > 1 && std::ranges::any_of(value.text.substr(1), is_anchor);
    if (!is_known(value) || anchored_later) {
      all_known = false;
      const std::size_t last = value.text.find_last_of(std::string{
          mark::unknown, mark::script_directory, mark::repository, mark::clone, mark::home});
      std::string_view tail = std::string_view(value.text).substr(last + 1);
      result.tail = tail.starts_with('/') ? tail.substr(1) : std::string_view();
      std::ranges::replace(result.tail, mark::field, ' ');
      continue;
    }
    Path path = path_of(value.text);
    // What no shell has split is one text: the list in `X=(a b)`, the value in `X=$Y`.
    std::ranges::replace(path.text, mark::field, ' ');
    if (std::ranges::find(result.values, path) == result.values.end())
      result.values.push_back(std::move(path));
    result.certainty = std::max(result.certainty, value.certainty);
    const auto& offsets = value.offsets;
    const bool in_one_piece = !offsets.empty() && offsets.back() >= offsets.front() &&
                              offsets.back() - offsets.front() <= 2 * offsets.size() &&
                              values.size() == 1;
    if (in_one_piece) result.written = {.begin = offsets.front(), .end = offsets.back() + 1};
  }
  if (!all_known) result.certainty = Argument::Certainty::open;
  if (!result.values.empty()) result.tail.clear();
  return result;
}

Argument argument(const Field& field) { return argument(field.values, field.used); }

std::string_view field_text(std::span<const Field> fields, std::size_t at) {
  return at < fields.size() ? only(fields[at].values) : std::string_view();
}

Range place_of(std::span<const Field> fields) {
  const std::uint32_t begin = fields.front().used.begin;
  return {.begin = begin, .end = std::max(begin, fields.back().used.end)};
}

std::span<const Field> skip_flags(std::span<const Field> fields, std::string_view values) {
  while (!fields.empty() && field_text(fields, 0).starts_with('-')) {
    const std::string flag = " " + std::string(field_text(fields, 0)) + " ";
    const std::size_t drop = values.contains(flag) ? 2 : 1;
    fields = fields.subspan(std::min(drop, fields.size()));
    if (flag == " -- ") break;
  }
  return fields;
}

void Scope::define(const std::vector<Definition>& definitions) {
  for (const Definition& definition : definitions)
    definitions_[definition.name].push_back(definition);
}

void Scope::reset() {
  variables_.clear();
  exported_.clear();
  export_all_ = false;
}

void Scope::enter(const Block& block) {
  dialect_ = block.dialect;
  directory = Path{};
  if (!block.directory.empty())
    directory = block.directory.contains("${{") || block.directory.contains("{{")
                    ? std::optional<Path>()
                    : join(Path{}, {.text = block.directory});
  if (entered_ == block.environment.get()) return;
  entered_ = block.environment.get();
  environment_.clear();
  std::vector<const Environment*> chain;
  for (const Environment* at = entered_; at; at = at->outer.get()) chain.push_back(at);
  for (auto at = chain.rbegin(); at != chain.rend(); ++at)
    for (const Definition& variable : (*at)->variables)
      environment_[variable.name] = definition_value(variable.value);
}

void Scope::assign(const std::string& name, Values values, When when) {
  Values& known = variables_[name];
  if (when == When::always) known.clear();
  add_values(known, joined(std::move(values)));
  if (export_all_) exported_.insert(name);
}

void Scope::append(const std::string& name, const Values& values, When when) {
  const Values* known = lookup(name);
  assign(name, concatenate(known ? *known : one_value("", 0), values), when);
}

const Values* Scope::exported(const std::string& name) {
  if (exported_.contains(name)) {
    const auto found = variables_.find(name);
    if (found != variables_.end()) return &found->second;
  }
  const auto found = environment_.find(name);
  return found == environment_.end() ? nullptr : &found->second;
}

// A definition of make, or a value of a workflow's `env`. Quotes in it are the shell's.
Values Scope::definition_value(const MappedText& value) {
  if (++depth_ > depth_limit) {
    --depth_;
    return unknown();
  }
  Values result = expand(parts(value.text, dialect_), value);
  --depth_;
  return joined(std::move(result));
}

const Values* Scope::lookup(const std::string& name) {
  if (const auto found = variables_.find(name); found != variables_.end()) return &found->second;
  if (const auto found = expanded_.find(name); found != expanded_.end()) return &found->second;
  if (const auto found = definitions_.find(name); found != definitions_.end()) {
    expanded_[name] = unknown(); // while it is being expanded
    Values values;
    for (const Definition& definition : found->second) {
      Values value = definition_value(definition.value);
      switch (definition.form) {
      case Definition::Form::append:
        if (!values.empty())
          value =
              concatenate(concatenate(values, one_value(" ", definition.value.offsets[0])), value);
        break;
      case Definition::Form::set_if_unset:
        if (!values.empty()) continue;
        value = open(std::move(value));
        break;
      case Definition::Form::set: break;
      }
      if (definition.when == Definition::When::always) values.clear();
      add_values(values, value);
    }
    return &(expanded_[name] = std::move(values));
  }
  const auto found = environment_.find(name);
  return found == environment_.end() ? nullptr : &found->second;
}

Values Scope::expand(const Word& word, const MappedText& text) {
  Values result = expand(word.parts, text);
  const bool tilde = !word.parts.empty() && word.parts[0].kind == Part::Kind::literal &&
                     word.parts[0].quoted == Quoted::no &&
                     (word.parts[0].text == "~" || word.parts[0].text.starts_with("~/"));
  if (tilde)
    for (Marked& value : result)
      if (value.text.starts_with('~')) value.text[0] = mark::home;
  return result;
}

Values Scope::expand(const std::vector<Part>& parts, const MappedText& text) {
  Values result = one_value("", 0);
  for (const Part& part : parts) result = concatenate(result, expand_part(part, text));
  return result;
}

Values Scope::expand_part(const Part& part, const MappedText& text) {
  const std::uint32_t offset = text.offsets[part.range.begin];
  if (depth_ > depth_limit) return unknown(offset);
  switch (part.kind) {
  case Part::Kind::literal: {
    if (part.text.size() > length_limit) return unknown(offset);
    Marked value;
    for (std::size_t i = 0; i < part.text.size(); ++i) {
      const char c = part.text[i];
      const bool backslash =
          c == '\\' && (dialect_ == Dialect::batch || dialect_ == Dialect::powershell);
      value.push(c > '\0' && c <= mark::field ? '?'
                 : backslash                  ? '/'
                                              : c,
                 text.offsets[part.range.begin + i]);
    }
    return {std::move(value)};
  }
  case Part::Kind::variable: return variable(part, text);
  case Part::Kind::substitution: {
    ++depth_;
    Values values = substitution(part_of(text, part.range));
    --depth_;
    return part.quoted == Quoted::yes ? joined(std::move(values)) : with_fields(std::move(values));
  }
  case Part::Kind::unknown: break;
  }
  if (part.text.contains("github.workspace")) return one_value({&mark::repository, 1}, offset);
  if (const std::size_t env = part.text.find("env."); env != npos && part.text.starts_with("${{")) {
    std::string name = part.text.substr(env + 4);
    name.resize(std::min(name.find_first_of(" }"), name.size()));
    if (const auto found = environment_.find(name); found != environment_.end())
      return found->second;
  }
  return unknown(offset);
}

Values Scope::variable(const Part& part, const MappedText& text) {
  const std::uint32_t offset = text.offsets[part.range.begin];
  const std::string& name = part.text;
  const bool quoted = part.quoted == Quoted::yes && part.form != Part::Form::list;
  if (const Values* known = lookup(name)) return quoted ? joined(*known) : with_fields(*known);
  if (name == "PWD" || name == "CURDIR")
    return directory ? Values{marked(*directory, offset)} : unknown(offset);
  if (name == "0" || name == "BASH_SOURCE") {
    Marked value;
    value.push(mark::script_directory, offset);
    value.push('/', offset);
    value.push(mark::unknown, offset);
    return {std::move(value)};
  }
  if (name == "~dp0") {
    Values value = one_value({&mark::script_directory, 1}, offset);
    value[0].push('/', offset);
    return value;
  }
  if (name == "PSScriptRoot" || name == "justfile_directory()")
    return one_value({&mark::script_directory, 1}, offset);
  if (name == "GITHUB_WORKSPACE" || name == "CI_PROJECT_DIR")
    return one_value({&mark::repository, 1}, offset);
  if (name == "HOME") return one_value({&mark::home, 1}, offset);
  if (part.form == Part::Form::with_default) {
    ++depth_;
    Values value = open(expand(part.operand, text));
    --depth_;
    return quoted ? joined(std::move(value)) : with_fields(std::move(value));
  }
  return unknown(offset);
}

// $(dirname "$0"), $(cd "$(dirname "$0")/.." && pwd), $(git rev-parse --show-toplevel), and
// `$(test && echo a || echo b)`.
Values Scope::substitution(const MappedText& text) {
  const std::uint32_t offset = text.offsets[0];
  if (text.text.size() > length_limit) return unknown(offset);
  std::optional<Path> at = directory;
  Values printed;
  Values result = unknown(offset);
  for (const Item& item : split(text.text, Dialect::posix, 16)) {
    if (item.kind != Item::Kind::command || item.words.empty()) continue;
    if (item.before == Joint::pipe) return unknown(offset);
    std::vector<Values> words;
    for (const Word& word : item.words) words.push_back(joined(expand(word, text)));
    while (words.size() > 2 &&
           (only(words[1]) == "--" || only(words[1]) == "-f" || only(words[1]) == "-P"))
      words.erase(words.begin() + 1);
    const std::string_view name = only(words[0]);
    if (name == "echo") {
      Values line = one_value("", offset);
      for (std::size_t i = 1; i < words.size(); ++i) {
        if (i > 1) line = concatenate(line, one_value(" ", offset));
        line = concatenate(line, words[i]);
      }
      add_values(printed, line);
    } else if (name == "cd" && words.size() == 2) {
      const Argument target = argument(words[1], {});
      at = target.values.size() == 1 ? join(at, target.values[0]) : std::nullopt;
    } else if (name == "pwd") {
      result = at ? Values{marked(*at, offset)} : unknown(offset);
    } else if (name == "dirname" && words.size() == 2) {
      result.clear();
      for (const Marked& value : words[1]) result.push_back(directory_name(value));
    } else if ((name == "realpath" || name == "readlink") && words.size() == 2) {
      result = words[1];
    } else if (name == "git" && text.text.contains("--show-toplevel")) {
      result = one_value({&mark::repository, 1}, offset);
    }
  }
  return printed.empty() ? result : printed;
}

} // namespace aethel::shell
