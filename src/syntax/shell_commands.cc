#include "syntax/shell_commands.h"

#include "syntax/shell_build.h"
#include "syntax/shell_compose.h"
#include "syntax/shell_facts.h"
#include "syntax/shell_values.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace aethel::shell_commands {
namespace {

using shell::Block;
using shell::Dialect;
using shell::Field;
using shell::field_text;
using shell::Item;
using shell::Joint;
using shell::Marked;
using shell::only;
using shell::Part;
using shell::Quoted;
using shell::Redirection;
using shell::Scope;
using shell::skip_flags;
using shell::Values;
using shell::Word;

constexpr std::size_t npos = std::string_view::npos;
constexpr int nesting_limit = 8;
constexpr std::size_t invocation_limit = 10'000;
constexpr std::size_t fact_limit = 50'000;

template <class... Words> bool is_any(std::string_view what, Words... words) {
  return ((what == words) || ...);
}

bool is_name(std::string_view text) {
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

// The text of a word that is one literal without quotes; reserved words must be so.
std::string_view bare(const Word& word) {
  const bool one = word.parts.size() == 1 && word.parts[0].kind == Part::Kind::literal &&
                   word.parts[0].quoted == Quoted::no;
  return one ? std::string_view(word.parts[0].text) : std::string_view();
}

struct Assignment {
  std::string name;
  Values values;
  Word value; // without the name
  Range range;
  enum class Form : std::uint8_t { set, append } form = Form::set;
};

// std::stable_sort of libstdc++ 12 warns about itself.
template <class T> void sort_by_place(std::vector<T>& items) {
  std::vector<std::pair<std::uint32_t, std::size_t>> order;
  for (const T& item : items) order.emplace_back(item.range.begin, order.size());
  std::ranges::sort(order);
  std::vector<T> sorted;
  sorted.reserve(items.size());
  for (const auto& [place, index] : order) sorted.push_back(std::move(items[index]));
  items = std::move(sorted);
}

using Fields = std::vector<Field>;

class Scanner {
public:
  Commands scan(const shell::CommandText& text) {
    scope_.define(text.definitions);
    for (const Block& block : text.blocks) {
      if (full()) break;
      if (block.shell == Block::Shell::fresh) {
        // A document goes on from one block to the next; recipes and steps do not.
        if (block.context == Context::script || block.context == Context::program) scope_.reset();
        scope_.enter(block);
        state_ = {};
      }
      context_ = block.context;
      host_ = block.host;
      if (host_ == Host::elsewhere) scope_.directory = std::nullopt;
      run(block.text, block.dialect);
    }
    sort_by_place(result_.invocations);
    sort_by_place(result_.builds);
    sort_by_place(result_.facts);
    return std::move(result_);
  }

private:
  struct State {
    std::vector<std::optional<Path>> pushed;
    std::vector<std::optional<Path>> subshells;
    struct Condition {
      std::optional<Path> directory;
      std::size_t subshells;
    };
    std::vector<Condition> conditions;
    std::optional<Path> previous; // cd -
    std::vector<std::string> clones;
    std::string function;
  };

  bool full() const {
    return result_.invocations.size() >= invocation_limit || result_.facts.size() >= fact_limit;
  }

  void run(const MappedText& text, Dialect dialect) {
    if (nesting_ >= nesting_limit) return;
    ++nesting_;
    const Dialect outer = std::exchange(dialect_, dialect);
    const Item* item_outside = item_;
    const MappedText* text_outside = text_;
    for (const Item& item : shell::split(text.text, dialect)) {
      if (full()) break;
      switch (item.kind) {
      case Item::Kind::open_subshell: state_.subshells.push_back(scope_.directory); break;
      case Item::Kind::close_subshell: close_subshell(); break;
      case Item::Kind::function: state_.function = item.words[0].parts[0].text; break;
      case Item::Kind::end_arm: break;
      case Item::Kind::command: command(item, text); break;
      }
    }
    dialect_ = outer;
    item_ = item_outside;
    text_ = text_outside;
    --nesting_;
  }

  // Another shell: what it does to directories ends with it.
  void run_apart(const MappedText& text, Dialect dialect, Context context, Host host) {
    const auto directory = scope_.directory;
    State state = std::exchange(state_, {});
    const Context outer_context = std::exchange(context_, context);
    const Host outer_host = std::exchange(host_, host);
    if (host == Host::elsewhere && outer_host == Host::here) scope_.directory = std::nullopt;
    run(text, dialect);
    host_ = outer_host;
    context_ = outer_context;
    state_ = std::move(state);
    scope_.directory = directory;
  }

  void close_subshell() {
    const std::size_t base = state_.conditions.empty() ? 0 : state_.conditions.back().subshells;
    if (state_.subshells.size() <= base) return; // the pattern of a `case`
    scope_.directory = std::move(state_.subshells.back());
    state_.subshells.pop_back();
  }

  void open_condition() {
    state_.conditions.push_back(
        {.directory = scope_.directory, .subshells = state_.subshells.size()});
  }

  void close_condition() {
    if (state_.conditions.empty()) return;
    if (scope_.directory != state_.conditions.back().directory) scope_.directory = std::nullopt;
    state_.conditions.pop_back();
  }

  Scope::When when(const Item& item) const {
    const bool conditional =
        !state_.conditions.empty() || item.before == Joint::both || item.before == Joint::either;
    return conditional ? Scope::When::on_condition : Scope::When::always;
  }

  // Text that was put together from several places has no order in the file.
  static Range file_range(const MappedText& text, Range range) {
    const Range result = text.file_range(range);
    return {.begin = result.begin, .end = std::max(result.begin, result.end)};
  }

  void command(const Item& item, const MappedText& text) {
    for (const Word& word : item.words) {
      run_substitutions(word.parts, text);
      for (const Word& element : word.list) run_substitutions(element.parts, text);
    }
    std::span<const Word> words = item.words;
    words = skip_reserved(words, text);
    item_ = &item;
    text_ = &text;

    std::vector<Assignment> assignments;
    if (dialect_ == Dialect::powershell && powershell_assignment(words)) return;
    while (!words.empty()) {
      auto assignment = read_assignment(words[0]);
      if (!assignment) break;
      assignments.push_back(std::move(*assignment));
      words = words.subspan(1);
    }
    if (words.empty()) {
      for (const Assignment& assignment : assignments) keep(assignment, Fact::Kind::assign);
      redirections(item, {});
      return;
    }
    if (builtin(words)) return;
    for (const Assignment& assignment : assignments)
      add_variable(Fact::Kind::assign, assignment.name, value_argument(assignment),
                   assignment.range);

    const auto lines = command_lines(words);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      first_line_ = i == 0;
      simple_command(lines[i], assignments);
    }
    redirections(item, lines.empty() ? Fields{} : lines[0]);
  }

  void run_substitutions(const std::vector<Part>& parts, const MappedText& text) {
    for (const Part& part : parts) {
      if (part.kind == Part::Kind::substitution)
        run_apart(shell::part_of(text, part.range), Dialect::posix, context_, host_);
      run_substitutions(part.operand, text);
    }
  }

  std::span<const Word> skip_reserved(std::span<const Word> words, const MappedText& text) {
    while (!words.empty()) {
      const std::string_view word = bare(words[0]);
      if (is_any(word, "if", "while", "until", "case")) {
        open_condition();
      } else if (is_any(word, "for", "select")) {
        open_condition();
        if (words.size() > 2 && is_name(bare(words[1])) && bare(words[2]) == "in") {
          Values values;
          for (const Word& element : words.subspan(3))
            for (Marked& value : scope_.expand(element, text))
              for (Marked& field : shell::split_fields(value)) values.push_back(std::move(field));
          if (!values.empty() && values.size() <= shell::value_limit)
            scope_.assign(std::string(bare(words[1])), std::move(values), Scope::When::always);
        }
        return {};
      } else if (is_any(word, "fi", "done", "esac")) {
        close_condition();
      } else if (word == "}") {
        state_.function.clear();
      } else if (word == "function" && words.size() > 1) {
        state_.function = bare(words[1]);
        words = words.subspan(1);
      } else if (!is_any(word, "then", "else", "elif", "do", "!", "{", "time")) {
        return words;
      }
      if (word == "case") return {};
      words = words.subspan(1);
    }
    return words;
  }

  // --- variables ---

  std::optional<Assignment> read_assignment(const Word& word) {
    if (word.parts.empty() || word.parts[0].kind != Part::Kind::literal ||
        word.parts[0].quoted == Quoted::yes)
      return std::nullopt;
    const std::string& head = word.parts[0].text;
    std::size_t equals = head.find('=');
    if (equals == npos) return std::nullopt;
    Assignment result;
    std::size_t name_end = equals;
    if (name_end > 0 && head[name_end - 1] == '+') {
      --name_end;
      result.form = Assignment::Form::append;
    }
    result.name = head.substr(0, name_end);
    if (!is_name(result.name)) return std::nullopt;
    result.value = after(word, equals + 1);
    result.values = value_of(word, result.value);
    result.range = file_range(*text_, word.range);
    return result;
  }

  // The word without its first bytes, which stand in its first part.
  static Word after(const Word& word, std::size_t bytes) {
    Word rest = word;
    Part& first = rest.parts[0];
    first.text.erase(0, bytes);
    first.range.begin += static_cast<std::uint32_t>(bytes);
    rest.range.begin = first.range.begin;
    if (first.text.empty()) rest.parts.erase(rest.parts.begin());
    return rest;
  }

  Values value_of(const Word& word, const Word& value) {
    if (word.list.empty()) return scope_.expand(value, *text_);
    Word list{.parts = {}, .list = {}, .range = word.range};
    Values result = shell::one_value("", 0);
    for (const Word& element : word.list) {
      const Values values = scope_.expand(element, *text_);
      // Several values for one element would multiply; the first stands for them.
      Marked& whole = result[0];
      if (!whole.text.empty()) whole.push(shell::mark::field, whole.offsets.back());
      if (whole.text.size() + values[0].text.size() > shell::length_limit)
        return shell::one_value("\1", 0);
      whole.text += values[0].text;
      whole.offsets.insert(whole.offsets.end(), values[0].offsets.begin(), values[0].offsets.end());
    }
    return result;
  }

  Argument value_argument(const Assignment& assignment) const {
    return shell::argument(assignment.values, file_range(*text_, assignment.value.range));
  }

  void keep(const Assignment& assignment, Fact::Kind kind) {
    if (assignment.form == Assignment::Form::append)
      scope_.append(assignment.name, assignment.values, when(*item_));
    else
      scope_.assign(assignment.name, assignment.values, when(*item_));
    if (kind == Fact::Kind::export_variable) scope_.export_name(assignment.name);
    add_variable(kind, assignment.name, value_argument(assignment), assignment.range);
  }

  void add_variable(Fact::Kind kind, const std::string& name, Argument value, Range range) {
    add({.kind = kind, .name = name, .argument = std::move(value), .range = range});
  }

  // `$env:NAME = "value"` and `$name = "value"`.
  bool powershell_assignment(std::span<const Word> words) {
    if (words.empty() || words[0].parts.empty() || words[0].parts[0].kind != Part::Kind::variable)
      return false;
    const Part& name = words[0].parts[0];
    Word value;
    if (words[0].parts.size() > 1 && words[0].parts[1].text.starts_with('=')) {
      value = words[0];
      value.parts.erase(value.parts.begin());
      value = after(value, 1);
    } else if (words.size() > 2 && bare(words[1]) == "=") {
      value = words[2];
    } else {
      return false;
    }
    const std::string_view written = std::string_view(text_->text).substr(name.range.begin);
    const bool exported =
        written.size() > 5 && (written.substr(1, 4) == "env:" || written.substr(1, 4) == "Env:");
    Assignment assignment{.name = name.text,
                          .values = scope_.expand(value, *text_),
                          .value = value,
                          .range = file_range(*text_, item_->range)};
    keep(assignment, exported ? Fact::Kind::export_variable : Fact::Kind::assign);
    return true;
  }

  // export, set, alias and their like: words that are not yet fields.
  bool builtin(std::span<const Word> words) {
    const std::string_view name = bare(words[0]);
    words = words.subspan(1);
    if (is_any(name, "export", "declare", "typeset", "local", "readonly", "setx")) {
      Fact::Kind kind =
          name == "export" || name == "setx" ? Fact::Kind::export_variable : Fact::Kind::assign;
      if (name == "setx") return set_words(words, kind);
      for (const Word& word : words) {
        const std::string_view flag = bare(word);
        if (flag.starts_with('-')) {
          if (flag.contains('x')) kind = Fact::Kind::export_variable;
        } else if (const auto assignment = read_assignment(word)) {
          keep(*assignment, kind);
        } else if (is_name(flag) && kind == Fact::Kind::export_variable) {
          scope_.export_name(std::string(flag));
        }
      }
      return true;
    }
    if (name == "alias") {
      for (const Word& word : words)
        if (const auto assignment = read_assignment(word))
          aliases_[assignment->name] = shell::split_fields(with_fields(assignment->values[0]));
      return true;
    }
    if (!is_any(name, "set", "SET")) return false;
    if (dialect_ == Dialect::batch) {
      if (words.empty()) return true;
      // set NAME=value and set "NAME=value"; the value goes to the end of the line.
      Word word = words[0];
      for (Part& part : word.parts) part.quoted = Quoted::no;
      if (const auto assignment = read_assignment(word))
        keep(*assignment, Fact::Kind::export_variable);
      return true;
    }
    for (const Word& word : words)
      if (bare(word).starts_with('-') && bare(word).contains('a') && !bare(word).contains('x'))
        scope_.export_all();
    if (words.size() >= 3 && bare(words[0]).starts_with('-') && bare(words[0]).contains('x'))
      return set_words(words.subspan(1), Fact::Kind::export_variable); // fish
    return true;
  }

  // NAME value
  bool set_words(std::span<const Word> words, Fact::Kind kind) {
    if (words.size() < 2 || !is_name(bare(words[0]))) return true;
    keep({.name = std::string(bare(words[0])),
          .values = scope_.expand(words[1], *text_),
          .value = words[1],
          .range = file_range(*text_, item_->range)},
         kind);
    return true;
  }

  static Marked with_fields(Marked value) {
    std::ranges::replace(value.text, ' ', shell::mark::field);
    return value;
  }

  // --- words to fields ---

  static std::vector<Word> with_braces(const Word& word) {
    const std::string_view text = bare(word);
    const std::size_t open = text.find('{');
    const std::size_t close = open == npos ? npos : text.find('}', open);
    if (close == npos || !text.substr(open, close - open).contains(',')) return {word};
    std::vector<Word> result;
    for (std::size_t at = open + 1; at <= close && result.size() < 16;) {
      const std::size_t stop = std::min(text.find(',', at), close);
      Word one = word;
      one.parts.clear();
      const auto add = [&](std::size_t begin, std::size_t end) {
        if (begin == end) return;
        Part part = word.parts[0];
        part.text = text.substr(begin, end - begin);
        part.range.begin = word.parts[0].range.begin + static_cast<std::uint32_t>(begin);
        part.range.end = word.parts[0].range.begin + static_cast<std::uint32_t>(end);
        one.parts.push_back(std::move(part));
      };
      add(0, open);
      add(at, stop);
      add(close + 1, text.size());
      result.push_back(std::move(one));
      at = stop + 1;
    }
    return result;
  }

  // The command lines that the words can become; more than one when a variable that holds
  // several words has several values.
  std::vector<Fields> command_lines(std::span<const Word> words) {
    std::vector<Fields> lines(1);
    for (const Word& whole : words) {
      for (const Word& word : with_braces(whole)) {
        const Values values = scope_.expand(word, *text_);
        const Range used = file_range(*text_, word.range);
        const bool quoted = std::ranges::any_of(
            word.parts, [](const Part& part) { return part.quoted == Quoted::yes; });
        const bool splits = std::ranges::any_of(values, [&](const Marked& value) {
          return value.text.contains(shell::mark::field) || (value.text.empty() && !quoted);
        });
        if (!splits) {
          for (Fields& line : lines)
            line.push_back(
                {.values = values, .used = used, .quoted = quoted ? Quoted::yes : Quoted::no});
          continue;
        }
        std::vector<Fields> longer;
        for (const Fields& line : lines) {
          for (const Marked& value : values) {
            if (longer.size() >= shell::value_limit) break;
            longer.push_back(line);
            for (Marked& field : shell::split_fields(value))
              longer.back().push_back({.values = {std::move(field)}, .used = used});
          }
        }
        lines = std::move(longer);
      }
    }
    return lines;
  }

  // --- commands ---

  // The value as text for another shell. Marks become variables with their meaning; bytes that
  // come from elsewhere (an assignment) stand where the word does.
  static MappedText mapped(const Marked& value, Range used) {
    MappedText text;
    std::uint32_t last = used.begin;
    for (std::size_t i = 0; i < value.text.size(); ++i) {
      if (value.offsets[i] >= last && value.offsets[i] < used.end) last = value.offsets[i];
      std::string_view bytes(&value.text[i], 1);
      switch (bytes[0]) {
      case shell::mark::unknown:
      case shell::mark::clone: bytes = "$?"; break;
      case shell::mark::script_directory: bytes = "${PSScriptRoot}"; break;
      case shell::mark::repository: bytes = "${GITHUB_WORKSPACE}"; break;
      case shell::mark::home: bytes = "${HOME}"; break;
      case shell::mark::field: bytes = " "; break;
      default: break;
      }
      for (const char c : bytes) text.push(c, last);
    }
    text.finish(std::max(last, used.end > 0 && value.text.size() > 0 ? last + 1 : last));
    return text;
  }

  void simple_command(std::span<const Field> fields, std::vector<Assignment> assignments) {
    for (int i = 0; i < 16 && !fields.empty(); ++i) {
      const auto rest = without_wrapper(fields, assignments);
      if (rest.size() == fields.size()) break;
      fields = rest;
    }
    if (fields.empty()) return;
    const auto alias = aliases_.find(std::string(field_text(fields, 0)));
    if (alias != aliases_.end()) {
      Fields whole;
      for (const Marked& value : alias->second)
        whole.push_back({.values = {value}, .used = fields[0].used});
      whole.insert(whole.end(), fields.begin() + 1, fields.end());
      dispatch(whole, assignments);
      return;
    }
    dispatch(fields, assignments);
  }

  std::span<const Field> without_wrapper(std::span<const Field> fields,
                                         std::vector<Assignment>& assignments) {
    const std::string_view name = program_name(fields[0]);
    const auto rest = fields.subspan(1);
    if (is_any(name, "sudo", "doas"))
      return without_assignments(skip_flags(rest, " -u -g -h -p -C -r -t -T -U -D "), assignments);
    if (is_any(name, "env", "cross-env", "cross-env-shell"))
      return without_assignments(skip_flags(rest, " -u --unset -C --chdir -S "), assignments);
    if (is_any(name, "exec", "nohup", "setsid", "builtin", "call", "start", "stdbuf", "time", "&"))
      return skip_flags(rest, " -a ");
    if (name == "command" && !field_text(fields, 1).starts_with("-v")) return skip_flags(rest, " ");
    if (name == "nice") return skip_flags(rest, " -n ");
    if (is_any(name, "npx", "bunx")) return skip_flags(rest, " -p --package ");
    if (is_any(name, "pnpm", "yarn", "npm") && is_any(field_text(rest, 0), "exec", "dlx"))
      return skip_flags(rest.subspan(1), " ");
    if (name == "xargs") return skip_flags(rest, " -n -I -P -L -d -a ");
    if (name == "sshpass") return skip_flags(rest, " -p -f -d -P ");
    if (name == "timeout") {
      const auto after = skip_flags(rest, " -s --signal -k --kill-after ");
      return after.empty() ? after : after.subspan(1);
    }
    return fields;
  }

  std::span<const Field> without_assignments(std::span<const Field> fields,
                                             std::vector<Assignment>& assignments) {
    while (!fields.empty()) {
      const std::string_view word = field_text(fields, 0);
      if (word == "\1") { // env "${variables[@]}" command
        fields = fields.subspan(1);
        continue;
      }
      const std::size_t equals = word.find('=');
      if (equals == npos || !is_name(word.substr(0, equals))) break;
      Marked value = fields[0].values[0];
      value.text.erase(0, equals + 1);
      value.offsets.erase(value.offsets.begin(),
                          value.offsets.begin() + static_cast<std::ptrdiff_t>(equals + 1));
      Range range = fields[0].used;
      assignments.push_back({.name = std::string(word.substr(0, equals)),
                             .values = {std::move(value)},
                             .value = {},
                             .range = range});
      fields = fields.subspan(1);
    }
    return fields;
  }

  void dispatch(std::span<const Field> fields, const std::vector<Assignment>& assignments) {
    const std::string_view name = program_name(fields[0]);
    if (first_line_ && is_any(name, "cd", "chdir", "pushd", "popd", "Set-Location", "Push-Location",
                              "Pop-Location", "sl")) {
      change_directory(name, fields.subspan(1));
      return;
    }
    if (compose(fields, assignments) || !first_line_) return;
    if (build(fields)) return;
    if (nested(name, fields)) return;
    if (facts(fields)) return;
    if (compose_within(name, fields, assignments)) return;
    bool any = false;
    for (const Field& field : fields) {
      if (field.quoted == Quoted::no) continue;
      any = true;
      mention(mapped(field.values[0], field.used));
    }
    if (!any && is_any(name, "echo", "printf", "Write-Host"))
      mention(shell::part_of(*text_, item_->range));
  }

  void change_directory(std::string_view name, std::span<const Field> fields) {
    if (is_any(name, "popd", "Pop-Location")) {
      if (state_.pushed.empty()) return;
      scope_.directory = state_.pushed.back();
      state_.pushed.pop_back();
      return;
    }
    while (!fields.empty() &&
           (is_any(field_text(fields, 0), "/d", "/D") ||
            (field_text(fields, 0).starts_with('-') && field_text(fields, 0).size() > 1)))
      fields = fields.subspan(1);
    const auto before = scope_.directory;
    if (is_any(name, "pushd", "Push-Location")) state_.pushed.push_back(before);
    if (fields.empty()) {
      if (name == "cd" && dialect_ != Dialect::batch)
        scope_.directory = Path{.anchor = Anchor::home, .text = ""};
    } else if (field_text(fields, 0) == "-") {
      scope_.directory = state_.previous;
    } else {
      const Argument target = shell::argument(fields[0]);
      const bool one = target.values.size() == 1 && target.certainty == Argument::Certainty::fixed;
      const bool cloned =
          one && target.values[0].anchor == Anchor::working_directory &&
          std::ranges::find(state_.clones, target.values[0].text) != state_.clones.end();
      if (cloned)
        scope_.directory = Path{.anchor = Anchor::clone, .text = ""};
      else
        scope_.directory = one ? shell::join(before, target.values[0]) : std::nullopt;
    }
    state_.previous = before;
  }

  // --- images ---

  bool build(std::span<const Field> fields) {
    auto found = read_build(fields);
    if (!found) return false;
    if (printed_ || result_.builds.size() >= invocation_limit) return true;
    found->context = context_;
    found->host = host_;
    found->directory = scope_.directory;
    result_.builds.push_back(std::move(*found));
    return true;
  }

  // --- compose ---

  bool compose(std::span<const Field> fields, const std::vector<Assignment>& assignments) {
    auto invocation = read_compose(fields);
    if (!invocation) return false;
    const bool known = is_compose_subcommand(invocation->subcommand) ||
                       invocation->tool == Invocation::Tool::docker_stack ||
                       invocation->tool == Invocation::Tool::docker_bake;
    const bool open = invocation->options == Invocation::Options::maybe_more;
    if (!known && open) invocation->subcommand.clear(); // it may be the value of an option
    const bool says_something = known || !invocation->files.empty() ||
                                !invocation->profiles.empty() ||
                                (open && context_ != Context::mention);
    // Else "docker compose is required": words, not a command.
    if (!says_something) return true;
    if (!state_.function.empty() && !known) remember_function(fields);
    if (printed_) invocation->services.clear(); // the words after it are prose
    invocation->context = context_;
    invocation->host = host_;
    invocation->directory = scope_.directory;
    for (const Assignment& assignment : assignments)
      invocation->variables.push_back(
          {.name = assignment.name, .value = shell::argument(assignment.values, assignment.range)});
    if (invocation->files.empty())
      invocation->files =
          paths("COMPOSE_FILE", assignments,
                dialect_ == Dialect::batch || dialect_ == Dialect::powershell ? ";" : ":;");
    if (invocation->profiles.empty())
      invocation->profiles = paths("COMPOSE_PROFILES", assignments, ",");
    if (invocation->env_files.empty())
      invocation->env_files = paths("COMPOSE_ENV_FILES", assignments, ",");
    if (!invocation->project_name) {
      auto names = paths("COMPOSE_PROJECT_NAME", assignments, "");
      if (!names.empty()) invocation->project_name = std::move(names[0]);
    }
    const auto repeats = [&](const Invocation& other) {
      return other.range == invocation->range && same(other.files, invocation->files) &&
             other.subcommand == invocation->subcommand;
    };
    if (first_line_ || std::ranges::none_of(result_.invocations, repeats))
      result_.invocations.push_back(std::move(*invocation));
    return true;
  }

  static bool same(const std::vector<Argument>& left, const std::vector<Argument>& right) {
    return std::ranges::equal(left, right, [](const Argument& a, const Argument& b) {
      return a.values == b.values && a.tail == b.tail;
    });
  }

  // `dc() { docker compose -f x "$@"; }`: a call of `dc` is a call of compose.
  void remember_function(std::span<const Field> fields) {
    std::vector<Marked> words;
    for (const Field& field : fields) {
      if (only(field.values) == "\1") break;
      words.push_back(field.values[0]);
    }
    aliases_[state_.function] = std::move(words);
  }

  // The variable's value at the separators, from the command's own assignments or the
  // environment of the shell.
  std::vector<Argument> paths(const std::string& name, const std::vector<Assignment>& assignments,
                              std::string_view separators) {
    const Values* values = nullptr;
    Range used;
    for (const Assignment& assignment : assignments) {
      if (assignment.name != name) continue;
      values = &assignment.values;
      used = assignment.range;
    }
    if (!values) values = scope_.exported(name);
    if (!values) return {};
    const std::string_view first = (*values)[0].text;
    if (first.empty()) return {};
    if (first.find_first_of(separators) == npos) return {shell::argument(*values, used)};
    std::vector<Argument> result;
    const Marked& whole = (*values)[0];
    // A drive (`C:\x`) is not a list.
    const char separator = first.contains(';') && separators.contains(';') ? ';' : separators[0];
    Marked part{.text = {}, .offsets = {}, .certainty = whole.certainty};
    for (std::size_t i = 0; i <= whole.text.size(); ++i) {
      if (i < whole.text.size() && whole.text[i] != separator) {
        part.push(whole.text[i], whole.offsets[i]);
        continue;
      }
      if (!part.text.empty()) result.push_back(shell::argument(Values{part}, used));
      part.text.clear();
      part.offsets.clear();
    }
    return result;
  }

  // compose behind words that this scanner does not know: `doppler run -- docker compose up`.
  bool compose_within(std::string_view name, std::span<const Field> fields,
                      const std::vector<Assignment>& assignments) {
    if (is_any(name, "echo", "printf", "print", "grep", "which", "type", "hash", "man", "apt",
               "apt-get", "yum", "dnf", "apk", "brew", "pip", "pip3", "cat", "ls", "test", "[",
               "[[", "rm", "chmod", "curl", "wget", "Write-Host", "Write-Output", "command",
               "where", "find", "choco"))
      return false;
    for (std::size_t i = 1; i < fields.size(); ++i) {
      if (fields[i].quoted == Quoted::yes) continue;
      const std::string_view word = program_name(fields[i]);
      if (!is_any(word, "docker", "podman", "docker-compose", "podman-compose")) continue;
      const auto invocation = read_compose(fields.subspan(i));
      if (invocation &&
          (is_compose_subcommand(invocation->subcommand) || !invocation->files.empty()))
        return compose(fields.subspan(i), assignments);
    }
    return false;
  }

  // Text that tells somebody a command: `echo "run docker compose up"`.
  void mention(const MappedText& text) {
    for (std::size_t at = 0; at < text.text.size();) {
      std::size_t found = npos;
      for (const std::string_view words :
           {"docker compose ", "docker-compose ", "podman compose ", "podman-compose "})
        found = std::min(found, text.text.find(words, at));
      if (found == npos) break;
      const auto joins = [&](std::size_t i) {
        return std::isalnum(static_cast<unsigned char>(text.text[i])) ||
               std::string_view("-_/.").contains(text.text[i]);
      };
      // Behind the command, escapes and variables of colour: `up -d${NC}`.
      std::size_t end = found;
      while (end < text.text.size() &&
             !std::string_view("\n\"'`()\\\x1b").contains(text.text[end]) &&
             !(text.text[end] == '$' && joins(end - 1)))
        ++end;
      if (found == 0 || !joins(found - 1)) {
        const bool outer = std::exchange(printed_, true);
        run_apart(shell::part_of(text, range_of(found, end)), Dialect::document, Context::mention,
                  host_);
        printed_ = outer;
      }
      at = std::max(end, found + 1);
    }
  }

  // --- other shells ---

  void run_field(const Field& field, Host host) {
    for (const Marked& value : field.values) {
      run_apart(mapped(value, field.used), Dialect::posix, context_, host);
      break;
    }
  }

  bool nested(std::string_view name, std::span<const Field> fields) {
    const auto rest = fields.subspan(1);
    if (is_any(name, "sh", "bash", "zsh", "dash", "ash", "ksh", "su", "cmd", "powershell",
               "pwsh")) {
      bool any = false;
      for (std::size_t i = 0; i + 1 < rest.size(); ++i) {
        const std::string_view flag = field_text(rest, i);
        const bool runs =
            (flag.starts_with('-') && flag.ends_with('c') && !flag.starts_with("--")) ||
            is_any(flag, "/c", "/C", "-Command", "--command");
        if (!runs) continue;
        run_field(rest[i + 1], host_);
        any = true;
        break;
      }
      if (any) return true;
    }
    if (is_any(name, "eval", "trap", "concurrently", "parallel", "start-server-and-test", "watch",
               "retry", "run-p", "run-s", "wsl")) {
      for (const Field& field : rest)
        if (field.quoted == Quoted::yes) run_field(field, host_);
      return !std::ranges::any_of(
          rest, [](const Field& field) { return program_name(field) == "docker"; });
    }
    if (name == "ssh") {
      auto remote =
          skip_flags(rest, " -p -i -o -l -F -J -L -R -D -W -b -c -E -e -I -m -O -Q -S -w ");
      if (!remote.empty()) remote = remote.subspan(1);
      remote = skip_flags(remote, " -p -i -o -l ");
      if (remote.size() == 1) {
        run_field(remote[0], Host::elsewhere);
      } else if (!remote.empty()) {
        const Host outer = std::exchange(host_, Host::elsewhere);
        const auto directory = std::exchange(scope_.directory, std::nullopt);
        if (nesting_ < nesting_limit) {
          ++nesting_;
          simple_command(remote, {});
          --nesting_;
        }
        scope_.directory = directory;
        host_ = outer;
      }
      return true;
    }
    for (const Field& field : rest) {
      constexpr std::string_view flag = "--command=";
      if (name != "gcloud" || !field.values[0].text.starts_with(flag)) continue;
      const MappedText whole = mapped(field.values[0], field.used);
      run_apart(shell::part_of(whole, range_of(flag.size(), whole.text.size())), Dialect::posix,
                context_, Host::elsewhere);
      return true;
    }
    return false;
  }

  // --- facts ---

  bool facts(std::span<const Field> fields) {
    auto found = read_facts(fields);
    if (!found) return false;
    for (Fact& fact : *found) {
      if (fact.kind == Fact::Kind::clone)
        for (const Path& path : fact.argument.values) state_.clones.push_back(path.text);
      add(std::move(fact));
    }
    return true;
  }

  void add(Fact fact) {
    if (result_.facts.size() >= fact_limit) return;
    fact.context = context_;
    fact.host = host_;
    fact.directory = scope_.directory;
    result_.facts.push_back(std::move(fact));
  }

  void redirections(const Item& item, const Fields& fields) {
    // The commands of the item ran already; `item_` may be that of a nested one by now.
    for (const Redirection& redirection : item.redirections) {
      const bool writes = redirection.kind == Redirection::Kind::write ||
                          redirection.kind == Redirection::Kind::append;
      if (writes) {
        const Field target{.values = scope_.expand(redirection.target, *text_),
                           .used = file_range(*text_, redirection.target.range)};
        if (auto fact = read_redirection(target, fields)) add(std::move(*fact));
      } else if (redirection.kind == Redirection::Kind::here_document && !fields.empty()) {
        const bool remote = std::ranges::any_of(
            fields, [](const Field& field) { return program_name(field) == "ssh"; });
        const std::string_view name = program_name(fields[0]);
        if (remote || is_any(name, "sh", "bash", "zsh", "sudo", "su"))
          run_apart(shell::part_of(*text_, redirection.body), Dialect::posix, context_,
                    remote ? Host::elsewhere : host_);
      }
    }
  }

  Scope scope_;
  State state_;
  std::map<std::string, std::vector<Marked>, std::less<>> aliases_;
  Commands result_;
  Dialect dialect_ = Dialect::posix;
  Context context_ = Context::script;
  Host host_ = Host::here;
  bool first_line_ = true; // of the command lines that one command can become
  bool printed_ = false;   // at work in text that a command prints
  int nesting_ = 0;
  const Item* item_ = nullptr;       // the command at work
  const MappedText* text_ = nullptr; // and the text that it stands in
};

} // namespace

Commands scan(std::string_view bytes, shell::Language language) {
  if (!shell::may_hold_commands(bytes, language)) return {};
  return Scanner().scan(shell::command_text(bytes, language));
}

} // namespace aethel::shell_commands
