#include "syntax/shell_words.h"

#include "syntax/mapped_text.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace aethel::shell {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr int nesting_limit = 32;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }

class Lexer {
public:
  Lexer(std::string_view text, Dialect dialect, std::size_t limit, Detail detail)
      : text_(text), dialect_(dialect), limit_(limit), structure_(detail == Detail::structure),
        budget_(16 * text.size() + 4096) {}

  std::vector<Item> run() {
    while (at_ < text_.size() && items_.size() < limit_) step();
    end_command(Joint::sequence);
    return std::move(items_);
  }

  std::vector<Part> parts() { return read_operand(0, text_.size(), Quoted::no); }

private:
  bool is(Dialect dialect) const { return dialect_ == dialect; }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool here(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  char escape() const { return is(Dialect::batch) ? '^' : is(Dialect::powershell) ? '`' : '\\'; }
  // How far a construct may reach that begins here.
  std::size_t reach() { return is(Dialect::document) ? line_end() : text_.size(); }
  std::size_t line_end() {
    if (at_ >= next_line_ || next_line_ == 0)
      next_line_ = std::min(text_.find('\n', at_), npos - 1);
    return std::min(next_line_, text_.size());
  }

  void step() {
    const char c = peek();
    if (c == '\n' && in_test()) {
      ++at_;
    } else if (c == '\n') {
      end_command(Joint::sequence);
      ++at_;
      skip_here_documents();
    } else if (is_blank(c)) {
      ++at_;
    } else if (continuation()) {
      // consumed
    } else if (comment()) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == ';') {
      end_command(Joint::sequence);
      if (structure_ && (peek(1) == ';' || peek(1) == '&')) {
        const std::size_t begin = at_;
        at_ += here(";;&") ? 3 : 2;
        items_.push_back({.kind = Item::Kind::end_arm, .range = range_of(begin, at_)});
        return;
      }
      ++at_;
    } else if (c == '&' && peek(1) == '>') {
      ++at_;
      read_redirection();
      if (!command_.redirections.empty()) command_.redirections.back().descriptor = -2;
    } else if (in_test() &&
               (here("&&") || here("||") || c == '(' || c == ')' || c == '<' || c == '>')) {
      const std::size_t begin = at_;
      at_ += here("&&") || here("||") ? 2 : 1;
      push_operator(begin);
    } else if (c == '&' || c == '|') {
      const bool twice = peek(1) == c;
      end_command(c == '|' ? (twice ? Joint::either : Joint::pipe)
                           : (twice ? Joint::both : Joint::sequence));
      at_ += twice || here("|&") ? 2 : 1;
    } else if (c == '(' && arithmetic()) {
      // consumed
    } else if (structure_ && (here("<(") || here(">("))) {
      read_process_substitution();
    } else if (c == '(' || c == ')') {
      end_command(Joint::sequence);
      items_.push_back({.kind = c == '(' ? Item::Kind::open_subshell : Item::Kind::close_subshell,
                        .range = range_of(at_, at_ + 1)});
      if (structure_) items_.back().before = std::exchange(command_.before, Joint::sequence);
      ++at_;
    } else if (redirects()) {
      read_redirection();
    } else {
      read_argument();
    }
  }

  bool continuation() {
    if (peek() != escape()) return false;
    const std::size_t length = peek(1) == '\n' ? 2 : peek(1) == '\r' && peek(2) == '\n' ? 3 : 0;
    at_ += length;
    return length > 0;
  }

  bool comment() const {
    if (is(Dialect::batch)) {
      if (!command_.words.empty()) return false;
      const char after = peek(3);
      const auto letter = [&](std::size_t i, char low) { return (peek(i) | 0x20) == low; };
      return here("::") || (letter(0, 'r') && letter(1, 'e') && letter(2, 'm') &&
                            (after == '\0' || after == '\n' || is_blank(after)));
    }
    return peek() == '#';
  }

  // (( x > 1 ))
  bool arithmetic() {
    if (peek(1) != '(' || (!structure_ && !command_.words.empty())) return false;
    const std::size_t close = closing(at_ + 2, '(', ')', 0);
    if (close == npos || close + 1 >= text_.size() || text_[close + 1] != ')') return false;
    const std::size_t begin = std::exchange(at_, close + 2);
    if (structure_) push_operator(begin);
    return true;
  }

  // Between `[[` and `]]`, where operators of lists are operators of the test.
  bool in_test() const { return structure_ && test_; }
  void note_test(const Word& word) {
    if (word.parts.size() != 1 || word.parts[0].quoted == Quoted::yes) return;
    if (word.parts[0].text == "[[") test_ = true;
    if (word.parts[0].text == "]]") test_ = false;
  }

  // What stands between `begin` and here, as a word that says nothing.
  void push_operator(std::size_t begin) {
    Word word;
    word.range = range_of(begin, at_);
    push(word.parts, Part::Kind::unknown, Quoted::yes, begin, at_);
    note_range(begin, at_);
    command_.words.push_back(std::move(word));
  }

  // `<(command)`: the name of a pipe.
  void read_process_substitution() {
    const std::size_t begin = at_;
    const std::size_t close = closing(at_ + 2, '(', ')', 0);
    at_ = close == npos ? text_.size() : close + 1;
    push_operator(begin);
  }

  // At '<' or '>', or at digits before one.
  bool redirects() const {
    std::size_t i = 0;
    while (is_digit(peek(i))) ++i;
    const bool test = !command_.words.empty() && command_.words[0].parts.size() == 1 &&
                      command_.words[0].parts[0].text == "[[";
    const bool arrow =
        is(Dialect::document) && at_ > 0 && (text_[at_ - 1] == '-' || text_[at_ - 1] == '=');
    if (test || arrow) return false;
    if (peek(i) == '<' && i == 0 && placeholder_end() != npos) return false;
    return peek(i) == '<' || peek(i) == '>';
  }

  void read_redirection() {
    Redirection redirection;
    for (; is_digit(peek()); ++at_)
      redirection.descriptor =
          std::min(std::max(redirection.descriptor, 0) * 10 + (peek() - '0'), 1000);
    if (peek() == '>') {
      redirection.kind = Redirection::Kind::write;
      ++at_;
      if (peek() == '>') {
        redirection.kind = Redirection::Kind::append;
        ++at_;
      } else if (peek() == '|') {
        ++at_;
      }
    } else if (here("<<<")) {
      redirection.kind = Redirection::Kind::here_string;
      at_ += 3;
    } else if (here("<<")) {
      redirection.kind = Redirection::Kind::here_document;
      at_ += peek(2) == '-' ? 3 : 2;
    } else {
      ++at_;
      if (peek() == '>') ++at_;
    }
    if (peek() == '(') return; // process substitution: its commands follow as a subshell
    while (is_blank(peek())) ++at_;
    if (peek() == '&') { // >&2
      ++at_;
      while (is_digit(peek()) || peek() == '-') ++at_;
      return;
    }
    const std::size_t begin = at_;
    redirection.target = read_word();
    if (at_ == begin) return;
    note_range(begin, at_);
    if (redirection.kind == Redirection::Kind::here_document)
      pending_.push_back({.item = items_.size(),
                          .redirection = command_.redirections.size(),
                          .delimiter = delimiter(redirection.target)});
    command_.redirections.push_back(std::move(redirection));
  }

  static std::string delimiter(const Word& word) {
    std::string result;
    for (const Part& part : word.parts) result += part.text;
    return result;
  }

  // A body ends at a line that holds nothing but the delimiter. Indentation before it is
  // accepted for `<<` as well: texts of documents and workflows are indented as a whole.
  void skip_here_documents() {
    for (const Pending& pending : pending_) {
      const std::size_t begin = at_;
      std::size_t end = text_.size();
      for (std::size_t line = at_; line < text_.size();) {
        const std::size_t stop = std::min(text_.find('\n', line), text_.size());
        std::string_view content = text_.substr(line, stop - line);
        while (!content.empty() && is_blank(content.front())) content.remove_prefix(1);
        while (!content.empty() && is_blank(content.back())) content.remove_suffix(1);
        if (content == pending.delimiter) {
          end = line;
          at_ = std::min(stop + 1, text_.size());
          break;
        }
        line = stop + 1;
      }
      if (end == text_.size()) at_ = text_.size();
      if (pending.item < items_.size() &&
          pending.redirection < items_[pending.item].redirections.size())
        items_[pending.item].redirections[pending.redirection].body = range_of(begin, end);
    }
    pending_.clear();
  }

  void note_range(std::size_t begin, std::size_t end) {
    if (command_.words.empty() && command_.redirections.empty())
      command_.range.begin = static_cast<std::uint32_t>(begin);
    command_.range.end = static_cast<std::uint32_t>(end);
  }

  void end_command(Joint next) {
    test_ = false;
    if (!command_.words.empty() || !command_.redirections.empty()) {
      items_.push_back(std::move(command_));
      command_ = {};
      command_.before = next;
    } else if (next != Joint::sequence || command_.before == Joint::sequence) {
      command_.before = next;
    }
  }

  void read_argument() {
    const std::size_t begin = at_;
    if (is(Dialect::batch) && command_.words.empty() && peek() == '@') ++at_;
    Word word = read_word();
    if (at_ == begin) { // a byte that begins nothing
      ++at_;
      return;
    }
    const bool plain = word.parts.size() == 1 && word.parts[0].kind == Part::Kind::literal &&
                       word.parts[0].quoted == Quoted::no;
    if (plain && peek() == '(' && !is(Dialect::batch) && !is(Dialect::powershell)) {
      if (word.parts[0].text.ends_with('=')) {
        read_list(word);
      } else if (command_.words.size() <= 1 && function_parentheses()) {
        const Joint before = command_.before;
        command_ = {};
        items_.push_back({.kind = Item::Kind::function, .words = {word}, .range = word.range});
        if (structure_) items_.back().before = before;
        return;
      }
    }
    note_range(begin, at_);
    note_test(word);
    command_.words.push_back(std::move(word));
  }

  bool function_parentheses() {
    std::size_t i = 1;
    while (is_blank(peek(i))) ++i;
    if (peek(i) != ')') return false;
    at_ += i + 1;
    return true;
  }

  void read_list(Word& word) {
    ++at_;
    while (at_ < text_.size() && peek() != ')') {
      if (is_blank(peek()) || peek() == '\n') {
        ++at_;
      } else if (continuation()) {
        // consumed
      } else if (peek() == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        const std::size_t begin = at_;
        Word element = read_word();
        if (at_ == begin) {
          ++at_;
          continue;
        }
        word.list.push_back(std::move(element));
      }
    }
    if (at_ < text_.size()) ++at_;
    word.range.end = static_cast<std::uint32_t>(at_);
  }

  bool ends_word(char c) const {
    switch (c) {
    case '\n':
    case '&':
    case '|':
    case '(':
    case ')':
    case '<':
    case '>': return true;
    case ';': return !is(Dialect::batch);
    default: return is_blank(c);
    }
  }

  Word read_word() {
    Word word;
    word.range.begin = static_cast<std::uint32_t>(at_);
    while (at_ < text_.size()) {
      const char c = peek();
      if (const std::size_t end = placeholder_end(); end != npos) {
        push(word.parts, Part::Kind::unknown, Quoted::no, at_, end);
        at_ = end;
        continue;
      }
      if (ends_word(c)) break;
      if (continuation()) continue;
      if (c == escape() && at_ + 1 < text_.size()) {
        push(word.parts, Part::Kind::literal, Quoted::yes, at_ + 1, at_ + 2);
        at_ += 2;
      } else if (c == '"' || (c == '\'' && !is(Dialect::batch))) {
        read_quoted(word.parts, c);
      } else if (!read_expansion(word.parts, Quoted::no)) {
        push(word.parts, Part::Kind::literal, Quoted::no, at_, at_ + 1);
        ++at_;
      }
    }
    word.range.end = static_cast<std::uint32_t>(at_);
    return word;
  }

  void push(std::vector<Part>& parts, Part::Kind kind, Quoted quoted, std::size_t begin,
            std::size_t end) {
    if (kind == Part::Kind::literal && !parts.empty()) {
      Part& last = parts.back();
      if (last.kind == kind && last.quoted == quoted && last.range.end == begin) {
        last.text += text_.substr(begin, end - begin);
        last.range.end = static_cast<std::uint32_t>(end);
        return;
      }
    }
    parts.push_back({.kind = kind,
                     .quoted = quoted,
                     .text = std::string(text_.substr(begin, end - begin)),
                     .range = range_of(begin, end)});
  }

  void push_variable(std::vector<Part>& parts, Quoted quoted, Range name, std::size_t begin,
                     std::size_t end, Part::Form form = Part::Form::plain) {
    parts.push_back({.kind = Part::Kind::variable,
                     .quoted = quoted,
                     .form = form,
                     .text = std::string(text_.substr(name.begin, name.end - name.begin)),
                     .range = range_of(begin, end)});
  }

  void read_quoted(std::vector<Part>& parts, char quote) {
    const std::size_t begin = at_;
    const std::size_t size = parts.size();
    const std::size_t end = reach();
    if (quote == '\'') {
      const std::size_t close = text_.find('\'', at_ + 1);
      if (close < end) {
        push(parts, Part::Kind::literal, Quoted::yes, at_ + 1, close);
        at_ = close + 1;
        return;
      }
    } else {
      ++at_;
      push(parts, Part::Kind::literal, Quoted::yes, at_, at_); // "" is a word
      while (at_ < end && peek() != '"') {
        const char next = peek(1);
        const bool escapes =
            is(Dialect::powershell) || next == '"' || next == '\\' || next == '$' || next == '`';
        if (peek() == escape() && next == '\n') {
          at_ += 2;
        } else if (peek() == escape() && escapes && at_ + 1 < end) {
          push(parts, Part::Kind::literal, Quoted::yes, at_ + 1, at_ + 2);
          at_ += 2;
        } else if (!read_expansion(parts, Quoted::yes)) {
          push(parts, Part::Kind::literal, Quoted::yes, at_, at_ + 1);
          ++at_;
        }
      }
      if (at_ < end && peek() == '"') {
        ++at_;
        return;
      }
      // Each one costs a second reading.
      if (end == text_.size() && ++unclosed_ > 16) return;
    }
    parts.resize(size);
    at_ = begin;
    next_line_ = 0;
    push(parts, Part::Kind::literal, Quoted::no, at_, at_ + 1);
    ++at_;
  }

  // <name> and [options] in documents.
  std::size_t placeholder_end() const {
    if (!is(Dialect::document) || (peek() != '<' && peek() != '[')) return npos;
    const char close = peek() == '<' ? '>' : ']';
    if (!is_name_start(peek(1)) && peek(1) != '-') return npos;
    for (std::size_t i = 1; i < 64; ++i) {
      const char c = peek(i);
      if (c == close) return is_blank(peek(i - 1)) ? npos : at_ + i + 1;
      if (c == '\0' || c == '\n' || c == '<') break;
    }
    return npos;
  }

  bool read_expansion(std::vector<Part>& parts, Quoted quoted) {
    const char c = peek();
    if (is(Dialect::batch)) return (c == '%' || c == '!') && read_batch_variable(parts, quoted);
    if (here("{{")) return read_braces(parts, quoted);
    if (c == '{' && is(Dialect::program)) return read_field(parts, quoted);
    if (c == '`' && !is(Dialect::powershell)) {
      std::size_t close = at_ + 1;
      const std::size_t end = std::min(reach(), at_ + budget_);
      while (close < end && text_[close] != '`') close += text_[close] == '\\' ? 2 : 1;
      budget_ -= std::min(budget_, close - at_);
      if (close >= end) return false;
      push(parts, Part::Kind::substitution, quoted, at_ + 1, close);
      at_ = close + 1;
      return true;
    }
    if (c != '$') return false;
    if (is(Dialect::make)) {
      if (peek(1) == '$') {
        ++at_;
        if (read_dollar(parts, quoted)) return true;
        push(parts, Part::Kind::literal, quoted, at_, at_ + 1);
        ++at_;
        return true;
      }
      return read_make_variable(parts, quoted);
    }
    return read_dollar(parts, quoted);
  }

  // On this line, within what a template expression may be long.
  std::size_t find_near(std::string_view what, std::size_t ahead) {
    return text_.substr(0, std::min(line_end(), at_ + 4096)).find(what, at_ + ahead);
  }

  bool unknown(std::vector<Part>& parts, Quoted quoted, std::size_t end) {
    push(parts, Part::Kind::unknown, quoted, at_, end);
    at_ = end;
    return true;
  }

  // {{ x }}: just's variables; elsewhere a template of another tool.
  bool read_braces(std::vector<Part>& parts, Quoted quoted) {
    const std::size_t close = find_near("}}", 2);
    if (close == npos) return false;
    std::size_t begin = at_ + 2, end = close;
    while (begin < end && is_blank(text_[begin])) ++begin;
    while (end > begin && is_blank(text_[end - 1])) --end;
    if (!is(Dialect::just)) return unknown(parts, quoted, close + 2);
    push_variable(parts, quoted, range_of(begin, end), at_, close + 2);
    at_ = close + 2;
    return true;
  }

  bool read_field(std::vector<Part>& parts, Quoted quoted) {
    std::size_t i = 1;
    while (is_name_part(peek(i)) || peek(i) == '.') ++i;
    return i > 1 && peek(i) == '}' && unknown(parts, quoted, at_ + i + 1);
  }

  bool read_batch_variable(std::vector<Part>& parts, Quoted quoted) {
    const char mark = peek();
    if (mark == '%' && (is_digit(peek(1)) || peek(1) == '*')) {
      push_variable(parts, quoted, range_of(at_ + 1, at_ + 2), at_, at_ + 2);
      at_ += 2;
      return true;
    }
    if (here("%~")) { // %~dp0
      std::size_t i = 2;
      while (is_name_start(peek(i))) ++i;
      if (!is_digit(peek(i))) return false;
      push_variable(parts, quoted, range_of(at_ + 1, at_ + i + 1), at_, at_ + i + 1);
      at_ += i + 1;
      return true;
    }
    std::size_t i = 1;
    while (is_name_part(peek(i))) ++i;
    if (i == 1) return false;
    if (peek(i) == mark) {
      push_variable(parts, quoted, range_of(at_ + 1, at_ + i), at_, at_ + i + 1);
      at_ += i + 1;
      return true;
    }
    if (peek(i) != ':') return false; // %X:a=b%
    const std::size_t close = find_near(std::string_view(&mark, 1), i);
    return close != npos && unknown(parts, quoted, close + 1);
  }

  bool read_make_variable(std::vector<Part>& parts, Quoted quoted) {
    const char open = peek(1);
    if (open != '(' && open != '{') {
      if (open == '\0' || open == '\n' || is_blank(open)) return false;
      if (!is_name_start(open)) return unknown(parts, quoted, at_ + 2); // $@ $<
      push_variable(parts, quoted, range_of(at_ + 1, at_ + 2), at_, at_ + 2);
      at_ += 2;
      return true;
    }
    const std::size_t close = closing(at_ + 2, open, open == '(' ? ')' : '}', 0);
    if (close == npos) return false;
    const std::string_view inside = text_.substr(at_ + 2, close - at_ - 2);
    const bool plain = !inside.empty() && std::ranges::all_of(inside, [](char c) {
      return is_name_part(c) || c == '.' || c == '-';
    });
    if (plain) {
      push_variable(parts, quoted, range_of(at_ + 2, close), at_, close + 1);
    } else if (inside.starts_with("shell ")) {
      push(parts, Part::Kind::substitution, quoted, at_ + 8, close);
    } else {
      push(parts, Part::Kind::unknown, quoted, at_, close + 1);
    }
    at_ = close + 1;
    return true;
  }

  bool read_dollar(std::vector<Part>& parts, Quoted quoted) {
    const std::size_t begin = at_;
    const char next = peek(1);
    if (is_name_start(next)) {
      std::size_t i = 1;
      if (is(Dialect::powershell) && (here("$env:") || here("$Env:") || here("$ENV:"))) i = 5;
      const std::size_t name = at_ + i;
      while (is_name_part(peek(i))) ++i;
      push_variable(parts, quoted, range_of(name, at_ + i), begin, at_ + i);
      at_ += i;
      return true;
    }
    if (is_digit(next) || (next != '\0' && std::string_view("@*#?$!-").contains(next))) {
      push_variable(parts, quoted, range_of(at_ + 1, at_ + 2), begin, at_ + 2,
                    next == '@' || next == '*' ? Part::Form::list : Part::Form::plain);
      at_ += 2;
      return true;
    }
    if (next == '(') {
      const std::size_t close = closing(at_ + 2, '(', ')', 0);
      if (close == npos) return unknown(parts, quoted, line_end());
      if (peek(2) == '(' || is(Dialect::powershell)) return unknown(parts, quoted, close + 1);
      push(parts, Part::Kind::substitution, quoted, at_ + 2, close);
      at_ = close + 1;
      return true;
    }
    if (next == '{') return read_braced(parts, quoted);
    if ((next == '\'' || next == '"') && quoted == Quoted::no) {
      ++at_; // $'...' without its escapes
      read_quoted(parts, next);
      return true;
    }
    return false;
  }

  // ${X} ${X:-operand} ${X[@]}; every other form is unknown, and so is ${{ x }}.
  bool read_braced(std::vector<Part>& parts, Quoted quoted) {
    const std::size_t begin = at_;
    if (here("${{")) {
      const std::size_t close = find_near("}}", 3);
      if (close == npos) return false;
      return unknown(parts, quoted, close + 2);
    }
    const std::size_t close = closing(at_ + 2, '{', '}', 0);
    if (close == npos) return false;
    std::size_t name = at_ + 2;
    if (is(Dialect::powershell) && text_.substr(name).starts_with("env:")) name += 4;
    std::size_t stop = name;
    if (is_name_start(text_[name]))
      while (stop < close && is_name_part(text_[stop])) ++stop;
    else if (is_digit(text_[name]) || text_[name] == '@' || text_[name] == '*')
      ++stop;
    const std::string_view rest = text_.substr(stop, close - stop);
    const bool list = rest == "[@]" || rest == "[*]";
    const bool check = rest.starts_with(":?") || rest.starts_with("?");
    const std::size_t op = rest.starts_with(":-") || rest.starts_with(":=") ? 2
                           : rest.starts_with("-") || rest.starts_with("=") ? 1
                                                                            : 0;
    at_ = close + 1;
    if (stop == name || (!rest.empty() && !list && !check && op == 0)) {
      // BASH_SOURCE[0] stands for the script.
      const bool script = text_.substr(name, stop - name) == "BASH_SOURCE" && rest == "[0]";
      if (script)
        push_variable(parts, quoted, range_of(name, stop), begin, at_);
      else
        push(parts, Part::Kind::unknown, quoted, begin, at_);
      return true;
    }
    push_variable(parts, quoted, range_of(name, stop), begin, at_,
                  list     ? Part::Form::list
                  : op > 0 ? Part::Form::with_default
                           : Part::Form::plain);
    if (op > 0 && nesting_ < nesting_limit) {
      std::vector<Part> operand = read_operand(stop + op, close, quoted);
      parts.back().operand = std::move(operand);
      at_ = close + 1;
    }
    return true;
  }

  std::vector<Part> read_operand(std::size_t begin, std::size_t end, Quoted quoted) {
    std::vector<Part> parts;
    const std::string_view whole = text_;
    ++nesting_;
    text_ = text_.substr(0, end);
    at_ = begin;
    while (at_ < end) {
      const char c = peek();
      if (c == '"' || (c == '\'' && quoted == Quoted::no)) {
        read_quoted(parts, c);
      } else if (c == '\\' && at_ + 1 < end) {
        push(parts, Part::Kind::literal, Quoted::yes, at_ + 1, at_ + 2);
        at_ += 2;
      } else if (!read_expansion(parts, quoted)) {
        push(parts, Part::Kind::literal, quoted, at_, at_ + 1);
        ++at_;
      }
    }
    text_ = whole;
    --nesting_;
    return parts;
  }

  // The bracket that closes one opened before `at`, over quotes and nested brackets.
  std::size_t closing(std::size_t at, char open, char close, int depth) {
    const std::size_t end = reach();
    if (depth >= nesting_limit) return npos;
    for (int level = 1; at < end; ++at) {
      if (budget_ == 0) return npos;
      --budget_;
      const char c = text_[at];
      if (c == '\\') {
        ++at;
      } else if (c == '\'') {
        const std::size_t quote = text_.substr(0, end).find('\'', at + 1);
        if (quote == npos) return npos;
        budget_ -= std::min(budget_, quote - at);
        at = quote;
      } else if (c == '"') {
        at = closing_quote(at + 1, end, depth + 1);
        if (at == npos) return npos;
      } else if (c == open) {
        ++level;
      } else if (c == close && --level == 0) {
        return at;
      }
    }
    return npos;
  }

  std::size_t closing_quote(std::size_t at, std::size_t end, int depth) {
    for (; at < end; ++at) {
      if (budget_ == 0) return npos;
      --budget_;
      if (text_[at] == '"') return at;
      if (text_[at] == '\\') {
        ++at;
      } else if (text_[at] == '$' && at + 1 < end &&
                 (text_[at + 1] == '(' || text_[at + 1] == '{')) {
        const char open = text_[at + 1];
        at = closing(at + 2, open, open == '(' ? ')' : '}', depth);
        if (at == npos) return npos;
      }
    }
    return npos;
  }

  struct Pending {
    std::size_t item;
    std::size_t redirection;
    std::string delimiter;
  };

  std::string_view text_;
  Dialect dialect_;
  std::size_t limit_;
  bool structure_;
  bool test_ = false;  // inside [[ ]]
  std::size_t budget_; // bytes that looking for closing brackets may still cost
  std::size_t at_ = 0;
  std::size_t next_line_ = 0; // cached by line_end(): lines may be as long as the text
  int unclosed_ = 0;
  int nesting_ = 0;
  Item command_;
  std::vector<Item> items_;
  std::vector<Pending> pending_;
};

} // namespace

std::vector<Item> split(std::string_view text, Dialect dialect, std::size_t limit, Detail detail) {
  return Lexer(text, dialect, limit, detail).run();
}

std::vector<Part> parts(std::string_view text, Dialect dialect) {
  return Lexer(text, dialect, 0, Detail::commands).parts();
}

} // namespace aethel::shell
