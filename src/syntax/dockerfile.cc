#include "syntax/dockerfile.h"

#include "knowledge/shapes.h"

#include <algorithm>
#include <array>
#include <map>

namespace aethel::dockerfile {
namespace {

using compose_template::Form;
using compose_template::Piece;

constexpr int nesting_limit = 32;
// Of a resolved text. `ARG A=$A$A` doubles with every line.
constexpr std::size_t length_limit = 4096;

template <std::size_t Size>
bool is_one_of(std::string_view word, const std::array<std::string_view, Size>& words) {
  return std::ranges::find(words, word) != words.end();
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_part(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return result;
}

bool valid_stage_name(std::string_view name) {
  return !name.empty() && is_letter(name[0]) &&
         std::ranges::all_of(name, [](char c) { return is_name_part(c) || c == '-' || c == '.'; });
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

MappedText part_of(const MappedText& text, std::size_t begin, std::size_t end) {
  MappedText part;
  part.text = text.text.substr(begin, end - begin);
  const auto from = text.offsets.begin() + static_cast<std::ptrdiff_t>(begin);
  part.offsets.assign(from, from + static_cast<std::ptrdiff_t>(end - begin + 1));
  return part;
}

// Bytes that follow in the text may stand on the next line: the end is behind the last byte.
Range place(const MappedText& text, std::size_t begin, std::size_t end) {
  return {.begin = text.offsets[begin],
          .end = end > begin ? text.offsets[end - 1] + 1 : text.offsets[begin]};
}

// A word with quotes, escapes and variables (shell/lex.go). A modifier that is not evaluated
// here (`#`, `%`, `/`) leaves a plain hole with the modifier as its operand_range.
class WordReader {
public:
  WordReader(const MappedText& text, char escape) : text_(text.text), map_(text), escape_(escape) {}

  std::vector<Piece> read() { return read_to('\0', 0); }
  std::optional<Range> bad_substitution() const { return bad_; }

private:
  void push(std::vector<Piece>& pieces, std::size_t begin, std::size_t end) {
    const Range range = place(map_, begin, end);
    if (!pieces.empty() && pieces.back().kind == compose_template::Kind::literal &&
        pieces.back().range.end == range.begin) {
      pieces.back().text += text_.substr(begin, end - begin);
      pieces.back().range.end = range.end;
    } else {
      pieces.push_back({.range = range, .text = std::string(text_.substr(begin, end - begin))});
    }
  }

  std::vector<Piece> read_to(char stop, int depth) {
    std::vector<Piece> pieces;
    char quote = '\0';
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (quote == '\0' && stop != '\0' && c == stop) return pieces;
      if (c == quote) {
        quote = '\0';
        ++at_;
      } else if (quote == '\0' && (c == '\'' || c == '"')) {
        quote = c;
        ++at_;
      } else if (c == '$' && quote != '\'') {
        read_dollar(pieces, depth);
      } else if (c == escape_ && quote != '\'') {
        read_escape(pieces, quote);
      } else {
        push(pieces, at_, at_ + 1);
        ++at_;
      }
    }
    return pieces;
  }

  void read_escape(std::vector<Piece>& pieces, char quote) {
    const std::size_t next = at_ + 1;
    if (next >= text_.size()) {
      at_ = next;
      return;
    }
    const bool escapes =
        quote == '\0' || text_[next] == '"' || text_[next] == '$' || text_[next] == escape_;
    push(pieces, escapes ? next : at_, next + 1);
    at_ = next + 1;
  }

  std::size_t name_end(std::size_t at) const {
    if (at < text_.size() && is_digit(text_[at])) {
      while (at < text_.size() && is_digit(text_[at])) ++at;
      return at;
    }
    if (at < text_.size() && std::string_view("@*#?-$!0").contains(text_[at])) return at + 1;
    while (at < text_.size() && is_name_part(text_[at])) ++at;
    return at;
  }

  Piece hole(std::size_t begin, std::size_t end, std::size_t name, std::size_t stop) const {
    return {.kind = compose_template::Kind::hole,
            .range = place(map_, begin, end),
            .text = std::string(text_.substr(name, stop - name)),
            .name_range = place(map_, name, stop)};
  }

  void bad(std::vector<Piece>& pieces, std::size_t begin) {
    const std::size_t end = std::min(begin + 2, text_.size());
    if (!bad_) bad_ = place(map_, begin, end);
    push(pieces, begin, end);
    at_ = end;
  }

  void read_dollar(std::vector<Piece>& pieces, int depth) {
    const std::size_t begin = at_;
    if (begin + 1 >= text_.size() || text_[begin + 1] != '{') {
      const std::size_t stop = name_end(begin + 1);
      if (stop == begin + 1) {
        push(pieces, begin, stop);
      } else {
        pieces.push_back(hole(begin, stop, begin + 1, stop));
      }
      at_ = stop;
      return;
    }
    const std::size_t name = begin + 2;
    const std::size_t stop = name_end(name);
    if (stop == name || stop >= text_.size() || depth >= nesting_limit) {
      bad(pieces, begin);
      return;
    }
    if (text_[stop] == '}') {
      pieces.push_back(hole(begin, stop + 1, name, stop));
      at_ = stop + 1;
      return;
    }
    const bool colon = text_[stop] == ':';
    const std::size_t op = stop + (colon ? 1 : 0);
    const char c = op < text_.size() ? text_[op] : '\0';
    if (c == '\0' || unclosed_ || !std::string_view(colon ? "-+?" : "-+?#%/").contains(c)) {
      bad(pieces, begin);
      return;
    }
    at_ = op + 1;
    std::vector<Piece> operand = read_to('}', depth + 1);
    if (at_ >= text_.size()) {
      unclosed_ = true;
      bad(pieces, begin);
      return;
    }
    Piece piece = hole(begin, at_ + 1, name, stop);
    const bool evaluated = c == '-' || c == '+' || c == '?';
    piece.operand_range = place(map_, evaluated ? op + 1 : stop, at_);
    if (evaluated) {
      piece.operand = std::move(operand);
      piece.form = c == '-'   ? (colon ? Form::default_if_empty : Form::default_if_unset)
                   : c == '+' ? (colon ? Form::alternate_if_filled : Form::alternate_if_set)
                              : (colon ? Form::required_if_empty : Form::required_if_unset);
    }
    pieces.push_back(std::move(piece));
    ++at_;
  }

  std::string_view text_;
  const MappedText& map_;
  char escape_;
  std::size_t at_ = 0;
  std::optional<Range> bad_;
  // An operand ran to the end of the word, which is refused as a whole then: to look for operands
  // again behind each failed one would take time exponential in their depth.
  bool unclosed_ = false;
};

// Values of the arguments before the first FROM, in order: a default sees those above it.
class Globals {
public:
  void add(const Argument& argument, const compose_template::Lookup& given) {
    auto value = given(argument.name);
    if (!value && argument.value) value = evaluate(*argument.value);
    values_[argument.name] = std::move(value);
  }

  // nullopt when a variable that matters has no value.
  std::optional<std::string> evaluate(const std::vector<Piece>& pieces) const {
    std::string result;
    if (!append(result, pieces)) return std::nullopt;
    return result;
  }

private:
  bool append(std::string& result, const std::vector<Piece>& pieces) const {
    for (const Piece& piece : pieces) {
      if (piece.kind == compose_template::Kind::literal)
        result += piece.text;
      else if (!append_hole(result, piece))
        return false;
      if (result.size() > length_limit) return false;
    }
    return true;
  }

  bool append_hole(std::string& result, const Piece& hole) const {
    const auto found = values_.find(hole.text);
    const bool declared = found != values_.end();
    const std::optional<std::string> value =
        declared ? found->second : std::optional<std::string>();
    const bool filled = value && !value->empty();
    switch (hole.form) {
    case Form::plain:
      // A modifier that is not evaluated, or a value that only the builder knows.
      if (hole.operand_range.end > hole.operand_range.begin) return false;
      if (!value && (declared || is_one_of(hole.text, platform_arguments))) return false;
      break;
    case Form::default_if_unset:
      if (!value) return append(result, hole.operand);
      break;
    case Form::default_if_empty:
      if (!filled) return append(result, hole.operand);
      break;
    case Form::required_if_unset:
      if (!value) return false;
      break;
    case Form::required_if_empty:
      if (!filled) return false;
      break;
    case Form::alternate_if_set: return !value || append(result, hole.operand);
    case Form::alternate_if_filled: return !filled || append(result, hole.operand);
    }
    if (value) result += *value;
    return true;
  }

  std::map<std::string, std::optional<std::string>, std::less<>> values_;
};

std::optional<std::string> no_value(std::string_view) { return std::nullopt; }

class Reader {
public:
  Reader(std::string_view bytes, Limits limits) : bytes_(bytes), limits_(limits) {}

  File read() {
    if (bytes_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < bytes_.size()) {
      if (file_.instructions.size() >= limits_.instructions) {
        problem(Problem::Kind::too_long, range_of(at_, bytes_.size()));
        break;
      }
      read_line();
    }
    if (!file_.stages.empty()) file_.stages.back().end_instruction = file_.instructions.size();
    file_.escape = escape_;
    return std::move(file_);
  }

private:
  struct Line {
    std::size_t begin; // behind leading white space for the first line of an instruction
    std::size_t end;   // without the line break
  };

  void problem(Problem::Kind kind, Range range) {
    file_.problems.push_back({.kind = kind, .range = range});
  }

  Line next_line() {
    const std::size_t begin = at_;
    const std::size_t stop = std::min(bytes_.find('\n', at_), bytes_.size());
    at_ = std::min(stop + 1, bytes_.size());
    std::size_t end = stop;
    while (end > begin && bytes_[end - 1] == '\r') --end;
    return {.begin = begin, .end = end};
  }

  bool is_comment(const Line& line) const {
    const std::size_t first = skip_space(bytes_.substr(0, line.end), line.begin);
    return first < line.end && bytes_[first] == '#';
  }

  void add_comment(const Line& line) {
    file_.comments.push_back(
        range_of(skip_space(bytes_.substr(0, line.end), line.begin), line.end));
  }

  // Where the line goes on in the next: before an escape at its end that is not escaped itself.
  std::optional<std::size_t> continuation(const Line& line) const {
    std::size_t end = line.end;
    while (end > line.begin && (bytes_[end - 1] == ' ' || bytes_[end - 1] == '\t')) --end;
    if (end == line.begin || bytes_[end - 1] != escape_) return std::nullopt;
    if (end - 1 > line.begin && bytes_[end - 2] == escape_) return std::nullopt;
    return end - 1;
  }

  void read_line() {
    Line line = next_line();
    line.begin = std::min(skip_space(bytes_, line.begin), line.end);
    if (directives_possible_ && read_directive(line)) return;
    if (line.begin == line.end) return;
    if (is_comment(line)) {
      add_comment(line);
      return;
    }
    MappedText text;
    std::size_t end = line.end;
    auto stop = continuation(line);
    append(text, line.begin, stop.value_or(line.end));
    while (stop && at_ < bytes_.size()) {
      const Line more = next_line();
      if (is_comment(more)) {
        add_comment(more);
        continue;
      }
      if (skip_space(bytes_.substr(0, more.end), more.begin) >= more.end) continue;
      stop = continuation(more);
      append(text, more.begin, stop.value_or(more.end));
      end = more.end;
    }
    text.finish(end);
    read_instruction(text, end);
  }

  void append(MappedText& text, std::size_t begin, std::size_t end) const {
    text.append(bytes_.substr(begin, end - begin), begin);
  }

  // ^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$ in the first lines, without a gap.
  bool read_directive(const Line& line) {
    directives_possible_ = false;
    const std::string_view text = bytes_.substr(line.begin, line.end - line.begin);
    if (!text.starts_with('#')) return false;
    const std::size_t name = skip_space(text, 1);
    std::size_t stop = name;
    while (stop < text.size() && (is_letter(text[stop]) || (stop > name && is_digit(text[stop]))))
      ++stop;
    const std::size_t equals = skip_space(text, stop);
    if (stop == name || equals >= text.size() || text[equals] != '=') return false;
    const std::size_t value = skip_space(text, equals + 1);
    std::size_t end = text.size();
    while (end > value && is_space(text[end - 1])) --end;
    Directive directive{.name = knowledge::lower(text.substr(name, stop - name)),
                        .value = std::string(text.substr(value, end - value)),
                        .range = range_of(line.begin, line.end)};
    if (value == end || !is_any_directive(directive.name)) return false;
    directives_possible_ = true;
    const bool again = std::ranges::find(file_.directives, directive.name, &Directive::name) !=
                       file_.directives.end();
    const bool escape = directive.name == "escape";
    const bool valid = !escape || directive.value == "\\" || directive.value == "`";
    if (again || !valid) problem(Problem::Kind::bad_directive, directive.range);
    if (escape && valid && !again) escape_ = directive.value[0];
    file_.directives.push_back(std::move(directive));
    return true;
  }

  static bool is_any_directive(std::string_view name) {
    return name == "syntax" || name == "escape" || name == "check";
  }

  void read_instruction(const MappedText& text, std::size_t end) {
    const std::string_view line = text.text;
    const std::size_t begin = skip_space(line, 0);
    if (begin >= line.size()) return;
    std::size_t stop = begin;
    while (stop < line.size() && (!is_space(line[stop]) || line[stop] == '\n')) ++stop;
    Instruction instruction{.name = upper(line.substr(begin, stop - begin)),
                            .name_range = place(text, begin, stop),
                            .range = {text.offsets[begin], static_cast<std::uint32_t>(end)}};
    std::size_t at = read_flags(text, stop, instruction.flags);
    at = skip_space(line, at);
    std::size_t last = line.size();
    while (last > at && is_space(line[last - 1])) --last;
    instruction.arguments = part_of(text, at, last);
    if (instruction.name == "ONBUILD") {
      const std::string_view inner = instruction.arguments.text;
      instruction.trigger = upper(inner.substr(0, inner.find_first_of(" \t\v\f\r")));
    }
    const bool known = is_one_of(instruction.name, instruction_names);
    if (!known) problem(Problem::Kind::unknown_instruction, instruction.name_range);
    if (known && instruction.arguments.text.empty())
      problem(Problem::Kind::missing_arguments, instruction.range);

    const std::string& holder =
        instruction.trigger.empty() ? instruction.name : instruction.trigger;
    if ((holder == "ADD" || holder == "COPY" || holder == "RUN") && line.contains("<<"))
      read_here_documents(text, instruction);

    if (instruction.name == "FROM") {
      read_from(instruction);
    } else {
      if (!file_.stages.empty()) instruction.stage = file_.stages.size() - 1;
      if (instruction.name == "ARG")
        read_arguments(instruction);
      else if (known && !instruction.stage)
        problem(Problem::Kind::no_stage, instruction.name_range);
    }
    file_.instructions.push_back(std::move(instruction));
  }

  // Words that begin with "--", with quotes and backslashes; ends at the first other word.
  static std::size_t read_flags(const MappedText& text, std::size_t at, std::vector<Flag>& flags) {
    const std::string_view line = text.text;
    while (true) {
      const std::size_t begin = skip_space(line, at);
      if (!line.substr(begin).starts_with("--")) return begin;
      std::string word;
      char quote = '\0';
      std::size_t stop = begin;
      for (; stop < line.size(); ++stop) {
        const char c = line[stop];
        if (quote == '\0' && is_space(c)) break;
        if (c == quote) {
          quote = '\0';
        } else if (quote == '\0' && (c == '\'' || c == '"')) {
          quote = c;
        } else if (c == '\\') {
          if (stop + 1 < line.size()) word += line[++stop];
        } else {
          word += c;
        }
      }
      at = stop;
      if (word == "--") return stop;
      const std::size_t equals = std::min(word.find('='), word.size());
      flags.push_back({.name = word.substr(2, equals - std::min<std::size_t>(equals, 2)),
                       .value = equals < word.size() ? word.substr(equals + 1) : std::string(),
                       .range = place(text, begin, stop)});
    }
  }

  // Words ^(\d*)<<(-?)([^<]*)$ of the line; since BuildKit 0.22 (moby/buildkit#5817) blanks may
  // stand before the delimiter. BuildKit's lexer groups quotes here, with '\\' for escape whatever
  // the directive says; with an open quote it finds no here document.
  void read_here_documents(const MappedText& text, Instruction& instruction) {
    struct Pending {
      std::string delimiter;
      bool tabs;
    };
    std::vector<Pending> pending;
    const std::string_view line = text.text;
    std::optional<bool> apart; // "<<" or "<<-" alone: the next word is the delimiter; with tabs?
    for (std::size_t at = 0; at < line.size();) {
      at = skip_space(line, at);
      const std::size_t begin = at;
      std::string plain; // without quotes and escapes
      char quote = '\0';
      for (; at < line.size() && (quote != '\0' || !is_space(line[at])); ++at) {
        const char c = line[at];
        if (c == quote) {
          quote = '\0';
        } else if (quote == '\0' && (c == '\'' || c == '"')) {
          quote = c;
        } else if (c == '\\' && quote != '\'' && at + 1 < line.size()) {
          plain += line[++at];
        } else {
          plain += c;
        }
      }
      if (quote != '\0') return;
      std::string_view word = plain;
      if (apart) {
        if (!word.empty() && !word.contains('<'))
          pending.push_back({.delimiter = plain, .tabs = *apart});
        apart.reset();
        continue;
      }
      while (!word.empty() && is_digit(word[0])) word.remove_prefix(1);
      if (!word.starts_with("<<") || !std::string_view("<0123456789").contains(line[begin]))
        continue;
      word.remove_prefix(2);
      const bool tabs = word.starts_with('-');
      if (tabs) word.remove_prefix(1);
      if (word.empty()) apart = tabs;
      if (word.empty() || word.contains('<')) continue;
      pending.push_back({.delimiter = std::string(word), .tabs = tabs});
    }
    for (const Pending& document : pending) {
      const std::size_t begin = at_;
      std::size_t end = bytes_.size();
      bool terminated = false;
      while (at_ < bytes_.size()) {
        const Line content = next_line();
        std::string_view possible = bytes_.substr(content.begin, content.end - content.begin);
        while (document.tabs && possible.starts_with('\t')) possible.remove_prefix(1);
        if (possible != document.delimiter) continue;
        terminated = true;
        end = content.begin;
        instruction.range.end = static_cast<std::uint32_t>(content.end);
        break;
      }
      instruction.here_documents.push_back(
          {.delimiter = document.delimiter, .body = range_of(begin, end)});
      if (!terminated) {
        problem(Problem::Kind::unterminated_here_document, instruction.range);
        instruction.range.end = static_cast<std::uint32_t>(bytes_.size());
        return;
      }
    }
  }

  struct Word {
    std::size_t begin;
    std::size_t end;
  };

  static std::vector<Word> words_of(std::string_view text) {
    std::vector<Word> words;
    for (std::size_t at = skip_space(text, 0); at < text.size(); at = skip_space(text, at)) {
      const std::size_t begin = at;
      while (at < text.size() && !is_space(text[at])) ++at;
      words.push_back({.begin = begin, .end = at});
    }
    return words;
  }

  std::vector<Piece> pieces_of(const MappedText& text) {
    WordReader reader(text, escape_);
    std::vector<Piece> pieces = reader.read();
    if (const auto bad = reader.bad_substitution()) problem(Problem::Kind::bad_substitution, *bad);
    return pieces;
  }

  void read_from(Instruction& instruction) {
    if (!file_.stages.empty()) file_.stages.back().end_instruction = file_.instructions.size();
    instruction.stage = file_.stages.size();
    const MappedText& text = instruction.arguments;
    const auto words = words_of(text.text);
    Stage stage{.range = instruction.range, .first_instruction = file_.instructions.size() + 1};
    const auto word = [&](std::size_t i) {
      return std::string_view(text.text).substr(words[i].begin, words[i].end - words[i].begin);
    };
    const bool named = words.size() >= 2 && upper(word(1)) == "AS";
    if (!words.empty() && words.size() != 1 && !(words.size() == 3 && named))
      problem(Problem::Kind::bad_from, place(text, words[1].begin, words.back().end));
    if (named && words.size() >= 3) {
      stage.name = knowledge::lower(word(2));
      stage.name_range = place(text, words[2].begin, words[2].end);
      if (!valid_stage_name(stage.name)) problem(Problem::Kind::bad_stage_name, stage.name_range);
    }
    for (const Flag& flag : instruction.flags)
      if (flag.name == "platform") stage.platform = flag.value;
    if (!words.empty()) {
      stage.image = pieces_of(part_of(text, words[0].begin, words[0].end));
      stage.image_range = place(text, words[0].begin, words[0].end);
      if (file_.stages.empty())
        for (const Argument& argument : file_.arguments) globals_.add(argument, no_value);
      const auto base = globals_.evaluate(stage.image);
      if (base) stage.base = *base;
      stage.base_known = base ? Stage::Known::yes : Stage::Known::no;
      const auto earlier = stages_.find(knowledge::lower(stage.base));
      if (earlier != stages_.end()) stage.base_stage = earlier->second;
    }
    if (!stage.name.empty()) stages_[stage.name] = file_.stages.size();
    file_.stages.push_back(std::move(stage));
  }

  // NAME and NAME=value, with quotes and escapes around blanks.
  void read_arguments(const Instruction& instruction) {
    const MappedText& text = instruction.arguments;
    const std::string_view line = text.text;
    for (std::size_t at = skip_space(line, 0); at < line.size(); at = skip_space(line, at)) {
      const std::size_t begin = at;
      char quote = '\0';
      for (; at < line.size() && (quote != '\0' || !is_space(line[at])); ++at) {
        if (line[at] == quote)
          quote = '\0';
        else if (quote == '\0' && (line[at] == '\'' || line[at] == '"'))
          quote = line[at];
        else if (line[at] == escape_ && quote != '\'' && at + 1 < line.size())
          ++at;
      }
      const std::size_t end = std::min(at, line.size());
      const std::size_t equals = std::min(line.substr(0, end).find('=', begin), end);
      if (equals == begin) continue;
      Argument argument{.name = std::string(line.substr(begin, equals - begin)),
                        .name_range = place(text, begin, equals),
                        .stage = instruction.stage};
      argument.value_range = place(text, equals, equals);
      if (equals < end) {
        argument.value = pieces_of(part_of(text, equals + 1, end));
        argument.value_range = place(text, equals + 1, end);
      }
      file_.arguments.push_back(std::move(argument));
    }
  }

  std::string_view bytes_;
  Limits limits_;
  std::size_t at_ = 0;
  char escape_ = '\\';
  bool directives_possible_ = true;
  Globals globals_;
  std::map<std::string, std::size_t, std::less<>> stages_;
  File file_;
};

} // namespace

File parse(std::string_view bytes, Limits limits) { return Reader(bytes, limits).read(); }

const Stage* find_stage(const File& file, std::string_view name) {
  const std::string wanted = knowledge::lower(name);
  const auto named =
      std::ranges::find(file.stages.rbegin(), file.stages.rend(), wanted, &Stage::name);
  if (!wanted.empty() && named != file.stages.rend()) return &*named;
  if (wanted.empty() || wanted.size() > 6 || !std::ranges::all_of(wanted, is_digit)) return nullptr;
  std::size_t index = 0;
  for (const char c : wanted) index = index * 10 + static_cast<std::size_t>(c - '0');
  return index < file.stages.size() ? &file.stages[index] : nullptr;
}

namespace {

void skip_blanks(std::string_view text, std::size_t& at) {
  while (at < text.size() && (is_space(text[at]) || text[at] == '\n')) ++at;
}

void push_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// A string of JSON from its opening quote; false when it is none.
bool read_json_string(std::string_view text, std::size_t& at, std::string& value) {
  if (at >= text.size() || text[at] != '"') return false;
  for (++at; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      ++at;
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20) return false;
    if (c != '\\') {
      value += c;
      continue;
    }
    if (++at >= text.size()) return false;
    constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
    if (const std::size_t simple = from.find(text[at]); simple != std::string_view::npos) {
      value += to[simple];
      continue;
    }
    if (text[at] != 'u' || at + 4 >= text.size()) return false;
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i) {
      const char digit = text[++at];
      const bool letter = is_letter(digit) && (digit | 0x20) <= 'f';
      if (!is_digit(digit) && !letter) return false;
      code = code * 16 +
             static_cast<std::uint32_t>(is_digit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
    }
    push_utf8(value, code);
  }
  return false;
}

Word word_of(const MappedText& text, std::size_t begin, std::size_t end, char escape) {
  return {.pieces = WordReader(part_of(text, begin, end), escape).read(),
          .written = text.text.substr(begin, end - begin),
          .range = place(text, begin, end)};
}

// The end of a word in which quotes and escapes may hold blanks.
std::size_t quoted_end(std::string_view line, std::size_t at, char escape) {
  char quote = '\0';
  for (; at < line.size() && (quote != '\0' || !is_space(line[at])); ++at) {
    if (line[at] == quote)
      quote = '\0';
    else if (quote == '\0' && (line[at] == '\'' || line[at] == '"'))
      quote = line[at];
    else if (line[at] == escape && quote != '\'' && at + 1 < line.size())
      ++at;
  }
  return std::min(at, line.size());
}

// What the scope says of the variables that matter.
class Evaluation {
public:
  explicit Evaluation(const Scope& scope) : scope_(scope) {}

  bool append(std::string& result, const std::vector<Piece>& pieces) const {
    for (const Piece& piece : pieces) {
      if (piece.kind == compose_template::Kind::literal)
        result += piece.text;
      else if (!append_hole(result, piece))
        return false;
      if (result.size() > length_limit) return false;
    }
    return true;
  }

private:
  bool append_hole(std::string& result, const Piece& hole) const {
    const Value value = scope_(hole.text);
    if (value.state == Value::State::unknown) return false;
    const bool set = value.state == Value::State::known;
    const bool filled = set && !value.text.empty();
    switch (hole.form) {
    case Form::plain:
      if (hole.operand_range.end > hole.operand_range.begin) return false;
      break;
    case Form::default_if_unset:
      if (!set) return append(result, hole.operand);
      break;
    case Form::default_if_empty:
      if (!filled) return append(result, hole.operand);
      break;
    case Form::required_if_unset:
      if (!set) return false;
      break;
    case Form::required_if_empty:
      if (!filled) return false;
      break;
    case Form::alternate_if_set: return !set || append(result, hole.operand);
    case Form::alternate_if_filled: return !filled || append(result, hole.operand);
    }
    result += value.text;
    return true;
  }

  const Scope& scope_;
};

} // namespace

std::optional<std::vector<JsonString>> exec_form(const MappedText& arguments) {
  const std::string_view text = arguments.text;
  std::vector<JsonString> strings;
  std::size_t at = 0;
  skip_blanks(text, at);
  if (at >= text.size() || text[at] != '[') return std::nullopt;
  ++at;
  skip_blanks(text, at);
  const bool none = at < text.size() && text[at] == ']';
  while (!none) {
    skip_blanks(text, at);
    JsonString string;
    const std::size_t begin = at;
    if (!read_json_string(text, at, string.value)) return std::nullopt;
    string.range = place(arguments, begin + 1, at - 1);
    strings.push_back(std::move(string));
    skip_blanks(text, at);
    if (at >= text.size()) return std::nullopt;
    if (text[at] == ']') break;
    if (text[at++] != ',') return std::nullopt;
  }
  ++at;
  skip_blanks(text, at);
  if (at != text.size()) return std::nullopt;
  return strings;
}

std::vector<Word> words(const File& file, const Instruction& instruction) {
  const MappedText& text = instruction.arguments;
  std::vector<Word> result;
  if (const auto strings = exec_form(text)) {
    for (const JsonString& string : *strings) {
      // Variables count in a list, too. Where escapes were in it, all of it is one place.
      MappedText inner;
      const bool same = string.range.end - string.range.begin == string.value.size();
      for (std::size_t i = 0; i < string.value.size(); ++i)
        inner.push(string.value[i], string.range.begin + (same ? i : 0));
      inner.finish(string.range.end);
      result.push_back({.pieces = WordReader(inner, file.escape).read(),
                        .written = string.value,
                        .range = string.range});
    }
    return result;
  }
  const std::string_view line = text.text;
  for (std::size_t at = skip_space(line, 0); at < line.size(); at = skip_space(line, at)) {
    const std::size_t begin = at;
    while (at < line.size() && !is_space(line[at])) ++at;
    result.push_back(word_of(text, begin, at, file.escape));
  }
  return result;
}

Word whole(const File& file, const Instruction& instruction) {
  return word_of(instruction.arguments, 0, instruction.arguments.text.size(), file.escape);
}

std::vector<Setting> settings(const File& file, const Instruction& instruction) {
  const MappedText& text = instruction.arguments;
  const std::string_view line = text.text;
  std::vector<Setting> result;
  for (std::size_t at = skip_space(line, 0); at < line.size(); at = skip_space(line, at)) {
    const std::size_t begin = at;
    at = quoted_end(line, at, file.escape);
    const std::size_t equals = std::min(line.substr(0, at).find('=', begin), at);
    if (equals == begin) continue;
    Setting setting{.name = std::string(line.substr(begin, equals - begin)),
                    .name_range = place(text, begin, equals)};
    if (equals < at) {
      setting.value = word_of(text, equals + 1, at, file.escape);
    } else if (instruction.name == "ENV" && result.empty()) {
      // The old form: the rest of the line is the value.
      const std::size_t value = skip_space(line, at);
      setting.value = word_of(text, value, line.size(), file.escape);
      at = line.size();
    }
    result.push_back(std::move(setting));
  }
  return result;
}

std::optional<std::string> evaluate(const std::vector<Piece>& pieces, const Scope& scope) {
  std::string result;
  if (!Evaluation(scope).append(result, pieces)) return std::nullopt;
  return result;
}

std::optional<std::string> resolve(const File& file, const std::vector<Piece>& image,
                                   const compose_template::Lookup& given) {
  Globals globals;
  for (const Argument& argument : file.arguments) {
    if (argument.stage) break;
    globals.add(argument, given);
  }
  return globals.evaluate(image);
}

std::string_view describe(Problem::Kind kind) {
  switch (kind) {
  case Problem::Kind::bad_directive:
    return "parser directive that is repeated or has an unknown value";
  case Problem::Kind::unknown_instruction: return "unknown instruction";
  case Problem::Kind::missing_arguments: return "instruction without arguments";
  case Problem::Kind::bad_from: return "FROM takes an image, or an image, AS and a name";
  case Problem::Kind::bad_stage_name: return "invalid name of a stage";
  case Problem::Kind::bad_substitution: return "variable that cannot be read";
  case Problem::Kind::unterminated_here_document: return "here document without its end";
  case Problem::Kind::no_stage: return "only ARG may stand before the first FROM";
  case Problem::Kind::too_long: return "too many instructions, the rest was not read";
  }
  return "";
}

} // namespace aethel::dockerfile
