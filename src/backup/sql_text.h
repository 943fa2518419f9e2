// Where quotes are open in SQL as pg_dump writes it, line by line: what stands in the body of a
// function or in a comment's text is no statement, whatever it looks like.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aethel::backup {

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

} // namespace aethel::backup
