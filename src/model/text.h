// A string of a configuration file as pieces: literal bytes, or holes that something fills
// when the program is started (a variable of the environment). The words of the file stay
// visible beside the value, because a rule asks about both: `${X:-changeme}` has a value
// and still is a placeholder default.
#pragma once

#include "model/source.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

class Text;

struct Hole {
  // The forms of `${NAME...}`; the *_if_empty variants are those with a colon.
  enum class Form : std::uint8_t {
    plain,               // $X ${X}
    default_if_unset,    // ${X-operand}
    default_if_empty,    // ${X:-operand}
    required_if_unset,   // ${X?operand}
    required_if_empty,   // ${X:?operand}
    alternate_if_set,    // ${X+operand}
    alternate_if_filled, // ${X:+operand}
    expression           // ${{ name }} of GitHub Actions, as written between the braces
  };
  // Where the value came from when the text was rendered.
  enum class From : std::uint8_t {
    nothing,    // the variable is not set: empty
    file,       // an env file that the tool reads for interpolation
    operand,    // the default or the alternate
    environment // the process environment of the declared target
  };

  std::string name;
  Form form = Form::plain;
  std::shared_ptr<const Text> operand; // null for plain
  Span span;                           // the whole `${...}`
  From from = From::nothing;
  std::string value; // as rendered
  Span given;        // where `file` gave it

  bool has_default() const {
    return form == Form::default_if_unset || form == Form::default_if_empty;
  }
  bool is_required() const {
    return form == Form::required_if_unset || form == Form::required_if_empty;
  }
};

struct Piece {
  std::string literal;              // when there is no hole
  std::shared_ptr<const Hole> hole; // when there is one
  Span span;
};

// Three-valued equality of two Texts, and other questions that a hole may leave open.
enum class Match : std::uint8_t { no, maybe, yes };

class Text {
public:
  Text() = default;
  explicit Text(std::string literal, Span span = {});
  explicit Text(std::vector<Piece> pieces);

  const std::vector<Piece>& pieces() const { return pieces_; }
  bool has_holes() const;
  bool empty() const { return pieces_.empty(); }

  // The rendered value: literals and the holes' values.
  std::string value() const;
  // The words as they stand: holes as "${NAME}" without operands. For messages.
  std::string written() const;
  // All holes, those inside operands too, outermost first.
  std::vector<const Hole*> holes() const;
  // Only the hole when the whole text is one hole.
  const Hole* single_hole() const;
  // The part of the text whose value is bytes [offset, offset + length) of value().
  Text slice(std::size_t offset, std::size_t length = std::string::npos) const;

private:
  std::vector<Piece> pieces_;
};

// `yes` when both are equal whatever the holes hold, `no` when no filling makes them equal.
// A hole with a default is open: the environment may say otherwise.
Match equal(const Text& left, const Text& right);

} // namespace aethel
