#include "backup/sql_text.h"

#include <utility>

namespace aethel::backup {
namespace {

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// "$tag$" at the beginning of `text`; empty when there is none.
std::string_view dollar_tag(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && is_word(text[end])) ++end;
  const bool digit = text.size() > 1 && text[1] >= '0' && text[1] <= '9';
  return end < text.size() && text[end] == '$' && !digit ? text.substr(0, end + 1)
                                                         : std::string_view();
}

} // namespace

// https://www.postgresql.org/docs/current/sql-syntax-lexical.html; dumps set
// standard_conforming_strings, and hold no comment of the form /* */ of their own.
void SqlText::line(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (state_) {
    case State::plain:
      if (c == '-' && text.substr(i).starts_with("--")) return;
      if (c == '"') {
        state_ = State::name;
      } else if (c == '\'') {
        const bool escapes = i > 0 && (text[i - 1] == 'E' || text[i - 1] == 'e') &&
                             (i == 1 || !is_word(text[i - 2]));
        state_ = escapes ? State::escaped : State::literal;
      } else if (c == '$' && (i == 0 || (!is_word(text[i - 1]) && text[i - 1] != '$'))) {
        const std::string_view tag = dollar_tag(text.substr(i));
        if (tag.empty()) break;
        tag_ = tag;
        state_ = State::dollar;
        i += tag.size() - 1;
      }
      break;
    case State::literal:
    case State::escaped:
      // A doubled quote ends one and begins another, which comes to the same - but not for escapes.
      if (state_ == State::escaped && (c == '\\' || text.substr(i).starts_with("''"))) {
        ++i;
      } else if (c == '\'') {
        state_ = State::plain;
      }
      break;
    case State::name:
      if (c == '"') state_ = State::plain;
      break;
    case State::dollar:
      if (c == '$' && text.substr(i).starts_with(tag_)) {
        i += tag_.size() - 1;
        state_ = State::plain;
      }
      break;
    }
  }
}

std::optional<std::string> take_identifier(std::string_view& text) {
  std::string out;
  if (text.starts_with('"')) {
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (text[i] != '"') {
        out += text[i];
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        out += '"';
        ++i;
      } else {
        text.remove_prefix(i + 1);
        return out;
      }
    }
    return {};
  }
  out = text.substr(0, text.find_first_of(". (;,"));
  if (out.empty()) return {};
  text.remove_prefix(out.size());
  return out;
}

std::optional<SqlName> take_name(std::string_view& text) {
  auto schema = take_identifier(text);
  if (!schema || !text.starts_with('.')) return {};
  text.remove_prefix(1);
  auto name = take_identifier(text);
  if (!name) return {};
  return SqlName{std::move(*schema), std::move(*name)};
}

} // namespace aethel::backup
