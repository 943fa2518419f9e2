// SQL as pg_dump writes it: its names, and where quotes are open.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aethel::backup {

// Line by line: what stands in the body of a function or in a comment's text is no statement,
// whatever it looks like.
class SqlText {
public:
  // The next line, without its end.
  void line(std::string_view text);
  // Whether the line that comes begins within quotes.
  bool quoted() const { return state_ != State::plain; }

private:
  enum class State : std::uint8_t { plain, literal, escaped, name, dollar };
  State state_ = State::plain;
  std::string tag_; // "$body$"
};

// An identifier as pg_dump writes it, quoted where it has to be; advances past it.
std::optional<std::string> take_identifier(std::string_view& text);

struct SqlName {
  std::string schema, name;
  friend auto operator<=>(const SqlName&, const SqlName&) = default;
};
// schema.name
std::optional<SqlName> take_name(std::string_view& text);

} // namespace aethel::backup
