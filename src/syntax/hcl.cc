#include "syntax/hcl.h"

#include <algorithm>
#include <utility>

namespace aethel::hcl {
namespace {

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool in_name(char c) { return begins_name(c) || (c >= '0' && c <= '9') || c == '-'; }

class Parser {
public:
  explicit Parser(std::string_view text) : text_(text.substr(0, longest)) {
    file_.complete = text.size() <= longest;
  }

  File run() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    body(file_.body, 0);
    if (at_ < text_.size()) file_.complete = false;
    return std::move(file_);
  }

private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool done() const { return at_ >= text_.size(); }
  bool here(std::string_view word) const { return text_.substr(at_).starts_with(word); }
  Range since(std::size_t begin) const {
    return {.begin = static_cast<std::uint32_t>(begin), .end = static_cast<std::uint32_t>(at_)};
  }

  // Blanks and remarks; ends of lines too when `lines`.
  void skip(bool lines) {
    while (!done()) {
      if (peek() == ' ' || peek() == '\t' || peek() == '\r' || (lines && peek() == '\n')) {
        ++at_;
      } else if (peek() == '#' || here("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (here("/*")) {
        const std::size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  std::string_view name() {
    const std::size_t begin = at_;
    if (begins_name(peek()))
      while (in_name(peek())) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool count() {
    if (++nodes_ <= most_nodes) return true;
    file_.complete = false;
    at_ = text_.size();
    return false;
  }

  // Until `}` or the end of the file.
  void body(Block& block, std::size_t depth) {
    for (;;) {
      skip(true);
      if (done() || peek() == '}') return;
      const std::size_t begin = at_;
      const std::string_view word = name();
      if (word.empty() || !count()) return fail();
      const Range name_range = since(begin);
      skip(false);
      if (peek() == '=' && peek(1) != '=') {
        ++at_;
        skip(false);
        Attribute attribute{.name = std::string(word), .value = {}, .name_range = name_range};
        attribute.value = expression(depth + 1, false);
        block.attributes.push_back(std::move(attribute));
        skip(false);
        if (!done() && peek() != '\n' && peek() != '}') return fail();
        continue;
      }
      Block inner;
      inner.type = word;
      while (peek() != '{') {
        if (peek() == '"') {
          const Expression label = text();
          inner.labels.push_back(label.text);
        } else {
          const std::string_view label = name();
          if (label.empty()) return fail();
          inner.labels.emplace_back(label);
        }
        skip(false);
      }
      inner.range = since(begin);
      while (inner.range.end > inner.range.begin && text_[inner.range.end - 1] == ' ')
        --inner.range.end;
      ++at_;
      if (depth >= deepest) return fail();
      body(inner, depth + 1);
      if (peek() != '}') return fail();
      ++at_;
      block.blocks.push_back(std::move(inner));
    }
  }

  void fail() {
    file_.complete = false;
    at_ = text_.size();
  }

  // One operand, and whatever is computed with it. In brackets lines do not end it.
  Expression expression(std::size_t depth, bool brackets) {
    const std::size_t begin = at_;
    if (depth > deepest || !count()) {
      fail();
      return {};
    }
    Expression result;
    if (peek() == '"')
      result = text();
    else if (here("<<"))
      result = heredoc();
    else if (peek() == '[')
      result = list(depth);
    else if (peek() == '{')
      result = object(depth);
    else
      operand();
    const std::size_t end = at_;
    skip(brackets);
    // `"a" + x`, `cond ? a : b`, `list[0]`
    bool computed = result.kind == Expression::Kind::other;
    while (!done() && !ends_expression(brackets)) {
      computed = true;
      if (!operand_or_operator(depth)) break;
      skip(brackets);
    }
    if (computed) {
      result = {};
      result.range = since(begin);
    } else {
      at_ = end;
      result.range = since(begin);
      skip(brackets);
    }
    return result;
  }

  bool ends_expression(bool brackets) const {
    const char c = peek();
    return c == ',' || c == ']' || c == '}' || c == ')' || (!brackets && c == '\n') ||
           (brackets && (begins_name(c) || c == '"')) || (c == '=' && peek(1) == '>') ||
           (brackets && c == '=' && peek(1) != '=');
  }

  void operand() {
    if (begins_name(peek())) {
      (void)name();
      return;
    }
    while (peek() >= '0' && peek() <= '9') ++at_;
  }

  // Some part of a computed expression. False when nothing moves any more.
  bool operand_or_operator(std::size_t depth) {
    if (peek() == '"') {
      (void)text();
      return true;
    }
    if (here("<<")) {
      (void)heredoc();
      return true;
    }
    if (peek() == '(' || peek() == '[' || peek() == '{') return balanced(depth);
    if (begins_name(peek())) {
      (void)name();
      return true;
    }
    if (done()) return false;
    ++at_; // an operator, a digit, a dot
    // An operand may stand on the next line behind an operator only in brackets.
    return true;
  }

  // Through the bracket that closes, texts in it included.
  bool balanced(std::size_t) {
    std::string open;
    while (!done()) {
      skip(true);
      const char c = peek();
      if (c == '"') {
        (void)text();
        continue;
      }
      if (here("<<") && (begins_name(peek(2)) || peek(2) == '-')) {
        (void)heredoc();
        continue;
      }
      if (c == '(' || c == '[' || c == '{') {
        if (open.size() >= deepest) {
          fail();
          return false;
        }
        open += c;
      }
      if (c == ')' || c == ']' || c == '}') {
        if (open.empty()) return true;
        open.pop_back();
      }
      if (!done()) ++at_;
      if (open.empty()) return true;
    }
    file_.complete = false;
    return false;
  }

  // `"..."` with its escapes; one with `${}` or `%{}` is computed.
  Expression text() {
    Expression result;
    const std::size_t begin = at_++;
    bool known = true;
    while (!done() && peek() != '"' && peek() != '\n') {
      if ((here("$${") || here("%%{"))) {
        result.text += text_.substr(at_ + 1, 2);
        at_ += 3;
      } else if (here("${") || here("%{")) {
        known = false;
        ++at_;
        if (!balanced(0)) break;
      } else if (peek() == '\\') {
        const char c = peek(1);
        result.text += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
        at_ = std::min(at_ + 2, text_.size());
      } else {
        result.text += text_[at_++];
      }
    }
    if (peek() == '"')
      ++at_;
    else
      fail();
    result.range = since(begin);
    if (known)
      result.kind = Expression::Kind::text;
    else
      result.text.clear();
    return result;
  }

  Expression heredoc() {
    Expression result;
    const std::size_t begin = at_;
    at_ += 2;
    if (peek() == '-') ++at_;
    const std::string_view word = name();
    const std::size_t line = text_.find('\n', at_);
    if (word.empty() || line == std::string_view::npos) {
      fail();
      return result;
    }
    for (std::size_t at = line + 1; at <= text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      std::string_view each = text_.substr(at, end - at);
      const std::size_t first = std::min(each.find_first_not_of(" \t"), each.size());
      each.remove_prefix(first);
      while (each.ends_with('\r') || each.ends_with(' ')) each.remove_suffix(1);
      if (each == word) {
        at_ = std::min(at + first + word.size(), text_.size());
        result.range = since(begin);
        const std::string_view inside = text_.substr(line + 1, at - line - 1);
        if (!inside.contains("${") && !inside.contains("%{")) {
          result.kind = Expression::Kind::text;
          result.text = inside;
        }
        return result;
      }
      at = end + 1;
    }
    fail();
    return result;
  }

  Expression list(std::size_t depth) {
    Expression result{.kind = Expression::Kind::list};
    const std::size_t begin = at_++;
    for (;;) {
      skip(true);
      if (done()) break;
      if (peek() == ']') {
        ++at_;
        result.range = since(begin);
        return result;
      }
      const std::size_t before = at_;
      // `[for x in y : z]`
      if (result.items.empty() && here("for ")) return computed(begin);
      result.items.push_back(expression(depth + 1, true));
      skip(true);
      if (peek() == ',')
        ++at_;
      else if (peek() != ']' || at_ == before)
        break;
    }
    fail();
    return result;
  }

  Expression object(std::size_t depth) {
    Expression result{.kind = Expression::Kind::object};
    const std::size_t begin = at_++;
    for (;;) {
      skip(true);
      if (done()) break;
      if (peek() == '}') {
        ++at_;
        result.range = since(begin);
        return result;
      }
      if (result.members.empty() && here("for ")) return computed(begin);
      std::string key;
      if (peek() == '"') {
        key = text().text;
      } else if (peek() == '(') {
        if (!balanced(depth)) break;
      } else {
        key = name();
        if (key.empty()) {
          const std::size_t digits = at_;
          operand();
          key = text_.substr(digits, at_ - digits);
          if (key.empty()) break;
        }
        while (peek() == '.') { // `each.key = ...`
          ++at_;
          (void)name();
          key.clear();
        }
      }
      skip(true);
      if (peek() != '=' && peek() != ':') break;
      ++at_;
      skip(true);
      Member member{.key = std::move(key), .value = {}};
      member.value = expression(depth + 1, false);
      result.members.push_back(std::move(member));
      skip(true);
      if (peek() == ',') ++at_;
    }
    fail();
    return result;
  }

  Expression computed(std::size_t begin) {
    at_ = begin;
    (void)balanced(0);
    Expression result;
    result.range = since(begin);
    return result;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t nodes_ = 0;
  File file_;
};

} // namespace

const Expression* Block::find(std::string_view name) const {
  for (const Attribute& attribute : attributes)
    if (attribute.name == name) return &attribute.value;
  return nullptr;
}

File parse(std::string_view text) { return Parser(text).run(); }

} // namespace aethel::hcl
