#include "model/text.h"

#include <algorithm>

namespace aethel {
namespace {

void collect(const Text& text, std::vector<const Hole*>& holes) {
  for (const Piece& piece : text.pieces()) {
    if (!piece.hole) continue;
    holes.push_back(piece.hole.get());
    if (piece.hole->operand) collect(*piece.hole->operand, holes);
  }
}

bool literal_prefix_differs(const Text& left, const Text& right, bool from_end) {
  auto edge = [&](const Text& text) -> std::string {
    std::string edge_text;
    const auto& pieces = text.pieces();
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const Piece& piece = from_end ? pieces[pieces.size() - 1 - i] : pieces[i];
      if (piece.hole) break;
      edge_text = from_end ? piece.literal + edge_text : edge_text + piece.literal;
    }
    if (from_end) std::ranges::reverse(edge_text);
    return edge_text;
  };
  const std::string a = edge(left), b = edge(right);
  const std::size_t common = std::min(a.size(), b.size());
  return a.substr(0, common) != b.substr(0, common);
}

} // namespace

Text::Text(std::string literal, Span span) {
  if (!literal.empty())
    pieces_.push_back({.literal = std::move(literal), .hole = {}, .span = span});
}

Text::Text(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

bool Text::has_holes() const {
  return std::ranges::any_of(pieces_, [](const Piece& piece) { return piece.hole != nullptr; });
}

std::string Text::value() const {
  std::string result;
  for (const Piece& piece : pieces_) result += piece.hole ? piece.hole->value : piece.literal;
  return result;
}

std::string Text::written() const {
  std::string result;
  for (const Piece& piece : pieces_) {
    if (!piece.hole)
      result += piece.literal;
    else if (piece.hole->form == Hole::Form::expression)
      result += "${{" + piece.hole->name + "}}";
    else
      result += "${" + piece.hole->name + "}";
  }
  return result;
}

std::vector<const Hole*> Text::holes() const {
  std::vector<const Hole*> result;
  collect(*this, result);
  return result;
}

const Hole* Text::single_hole() const {
  return pieces_.size() == 1 ? pieces_.front().hole.get() : nullptr;
}

// A hole belongs to a slice when any byte of its value does, with those bytes as its value;
// an empty hole when it lies inside.
Text Text::slice(std::size_t offset, std::size_t length) const {
  std::vector<Piece> result;
  const std::size_t end = length == std::string::npos ? length : offset + length;
  std::size_t at = 0;
  for (const Piece& piece : pieces_) {
    const std::size_t size = piece.hole ? piece.hole->value.size() : piece.literal.size();
    const std::size_t begin = std::max(at, offset);
    const std::size_t stop = std::min(at + size, end);
    if (piece.hole) {
      if (begin < stop || (size == 0 && at >= offset && at <= end)) result.push_back(piece);
      if (begin < stop && stop - begin < size) {
        auto cut = std::make_shared<Hole>(*piece.hole);
        cut->value = piece.hole->value.substr(begin - at, stop - begin);
        result.back().hole = std::move(cut);
      }
    } else if (begin < stop) {
      Piece part = piece;
      part.literal = piece.literal.substr(begin - at, stop - begin);
      if (piece.span.range.end - piece.span.range.begin == size) {
        part.span.range.begin += static_cast<std::uint32_t>(begin - at);
        part.span.range.end = part.span.range.begin + static_cast<std::uint32_t>(stop - begin);
      }
      result.push_back(std::move(part));
    }
    at += size;
  }
  return Text(std::move(result));
}

Match equal(const Text& left, const Text& right) {
  if (!left.has_holes() && !right.has_holes())
    return left.value() == right.value() ? Match::yes : Match::no;
  // The same variables in the same places are equal whatever they hold, as long as the
  // operands agree too.
  const auto same = [](const Piece& a, const Piece& b) {
    if (!a.hole || !b.hole) return !a.hole && !b.hole && a.literal == b.literal;
    if (a.hole->name != b.hole->name || a.hole->form != b.hole->form) return false;
    if (!a.hole->operand || !b.hole->operand) return a.hole->operand == b.hole->operand;
    return equal(*a.hole->operand, *b.hole->operand) == Match::yes;
  };
  if (std::ranges::equal(left.pieces(), right.pieces(), same)) return Match::yes;
  if (literal_prefix_differs(left, right, false) || literal_prefix_differs(left, right, true))
    return Match::no;
  return Match::maybe;
}

} // namespace aethel
