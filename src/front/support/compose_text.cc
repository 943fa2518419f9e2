#include "front/support/compose_text.h"

#include "front/support/go_yaml.h"

#include <fmt/format.h>

namespace aethel {
namespace {

static_assert(static_cast<int>(Hole::Form::alternate_if_filled) ==
              static_cast<int>(compose_template::Form::alternate_if_filled));

// Finding a place in an escaped or folded scalar walks it from its start: past this many steps
// for all its variables, each gets the place of the whole scalar.
constexpr std::size_t placing_steps = 20'000'000;

std::size_t count(const std::vector<compose_template::Piece>& pieces) {
  std::size_t total = pieces.size();
  for (const auto& piece : pieces) total += count(piece.operand);
  return total;
}

Text with_holes(ScalarReading& reading) {
  const yaml::Node& yaml = reading.yaml;
  if (yaml.value.find('$') == std::string::npos) return literal_text(reading.file, yaml);
  const compose_template::Template parsed = compose_template::parse(yaml.value);
  const bool placed = count(parsed.pieces) * yaml.value.size() <= placing_steps;
  const Text literal = literal_text(reading.file, yaml);
  const Span whole = literal.empty() ? Span{reading.file, yaml.range} : literal.pieces()[0].span;
  const bool verbatim = whole.range.end - whole.range.begin == yaml.value.size();
  const auto place = [&](Range range) -> Span {
    if (verbatim)
      return {reading.file, {whole.range.begin + range.begin, whole.range.begin + range.end}};
    if (!placed) return whole;
    return {reading.file,
            {yaml::locate(reading.source.bytes(), yaml, range.begin),
             yaml::locate(reading.source.bytes(), yaml, range.end)}};
  };
  for (const compose_template::Problem& problem : parsed.problems)
    reading.problems.push_back(
        {.message = fmt::format("invalid interpolation format: {}", describe(problem.kind)),
         .offset = place(problem.range).range.begin,
         .effect = problem.where == compose_template::Problem::Where::text
                       ? FileProblem::Effect::always
                       : FileProblem::Effect::when_operand_is_used});
  return template_text(parsed.pieces, place);
}

// `!!binary`; go-yaml refuses what is no base64.
std::string decode_base64(ScalarReading& reading) {
  static constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : reading.yaml.value) {
    if (c == '\n' || c == '\r' || c == '=') continue;
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) {
      reading.problems.push_back({.message = "!!binary value contains invalid base64 data",
                                  .offset = reading.yaml.range.begin});
      return {};
    }
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

void read_scalar(ScalarReading& reading, Node& node) {
  using Kind = go_yaml::Value::Kind;
  const yaml::Node& yaml = reading.yaml;
  std::string_view tag = yaml.tag;
  if (tag == "!") tag = {}; // go-yaml types it as if it were not there
  const bool ours = tag.starts_with("tag:yaml.org,2002:");
  if (ours) tag.remove_prefix(18);
  const bool quoted = yaml.style != yaml::Style::plain;
  const bool text = ours ? tag == "str" : !tag.empty() || quoted;
  go_yaml::Value value = text ? go_yaml::Value{} : go_yaml::resolve(yaml.value);
  if (ours && tag != "str") {
    const bool fits =
        (tag == "int" && (value.kind == Kind::integer || value.kind == Kind::unsigned_integer)) ||
        (tag == "float" && (value.kind == Kind::number || value.kind == Kind::integer)) ||
        (tag == "bool" && value.kind == Kind::boolean) ||
        (tag == "null" && value.kind == Kind::null) ||
        (tag == "timestamp" && value.kind == Kind::timestamp);
    if (!fits) {
      if (tag != "binary")
        reading.problems.push_back(
            {.message = fmt::format("\"{}\" is not of type !!{}", yaml.value, tag),
             .offset = yaml.range.begin});
      value.kind = Kind::string;
    }
    if (tag == "float" && value.kind == Kind::integer) value.kind = Kind::number;
  }
  if (ours && tag == "binary") {
    node.text = Text(decode_base64(reading), {reading.file, yaml.range});
    return;
  }
  if (value.kind == Kind::string) {
    node.text = with_holes(reading);
    return;
  }
  node.text = literal_text(reading.file, yaml);
  switch (value.kind) {
  case Kind::null: node.kind = NodeKind::null; break;
  case Kind::boolean: node.type = ScalarType::boolean; break;
  case Kind::integer:
  case Kind::unsigned_integer: node.type = ScalarType::integer; break;
  case Kind::number: node.type = ScalarType::number; break;
  case Kind::timestamp: node.tag = timestamp_tag; break;
  case Kind::string: break;
  }
}

bool string_key(const yaml::Node& key) {
  if (key.style != yaml::Style::plain || key.tag == "tag:yaml.org,2002:str") return true;
  return go_yaml::resolve(key.value).kind == go_yaml::Value::Kind::string;
}

} // namespace

constinit const YamlDialect compose_dialect{.scalar = read_scalar, .string_key = string_key};

} // namespace aethel
