// The strings of compose files: typed as go-yaml types them, with the variables as holes.
#pragma once

#include "front/support/yaml_node.h"
#include "model/text.h"
#include "syntax/compose_template.h"

namespace aethel {

// Compose's reading of scalars. Strings carry holes without values; numbers, booleans and
// timestamps (tag "tag:yaml.org,2002:timestamp") keep their raw text.
extern const YamlDialect compose_dialect;

inline constexpr std::string_view timestamp_tag = "tag:yaml.org,2002:timestamp";

// Pieces of a template as Text. `place` maps a range of the template's text to a span.
template <class Place>
Text template_text(const std::vector<compose_template::Piece>& pieces, const Place& place) {
  std::vector<Piece> result;
  for (const compose_template::Piece& piece : pieces) {
    if (piece.kind == compose_template::Kind::literal) {
      result.push_back({.literal = piece.text, .hole = {}, .span = place(piece.range)});
      continue;
    }
    auto hole = std::make_shared<Hole>();
    hole->name = piece.text;
    hole->form = static_cast<Hole::Form>(piece.form);
    hole->span = place(piece.range);
    if (piece.form != compose_template::Form::plain)
      hole->operand = std::make_shared<const Text>(template_text(piece.operand, place));
    result.push_back({.literal = {}, .hole = hole, .span = hole->span});
  }
  return Text(std::move(result));
}

} // namespace aethel
