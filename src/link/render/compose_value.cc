#include "link/render/compose_value.h"

#include "front/support/compose_text.h"
#include "front/support/go_yaml.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace aethel::compose {

bool is_string(const Node& node) {
  return node.is_scalar() && node.type == ScalarType::string && node.tag != timestamp_tag;
}

bool is_integer(const Node& node) { return node.is_scalar() && node.type == ScalarType::integer; }

std::optional<bool> as_boolean(const Node& node) {
  if (!node.is_scalar() || node.type != ScalarType::boolean) return std::nullopt;
  const std::string text = node.value();
  return text == "true" || text == "True" || text == "TRUE";
}

std::optional<std::int64_t> as_integer(const Node& node) {
  if (!is_integer(node)) return std::nullopt;
  const go_yaml::Value value = go_yaml::resolve(node.value());
  if (value.kind == go_yaml::Value::Kind::integer) return value.integer;
  return std::nullopt;
}

std::optional<double> as_number(const Node& node) {
  if (!node.is_scalar()) return std::nullopt;
  if (node.type != ScalarType::integer && node.type != ScalarType::number) return std::nullopt;
  const go_yaml::Value value = go_yaml::resolve(node.value());
  using enum go_yaml::Value::Kind;
  switch (value.kind) {
  case integer: return static_cast<double>(value.integer);
  case unsigned_integer: return static_cast<double>(value.unsigned_integer);
  case number: return value.number;
  default: return std::nullopt;
  }
}

bool is_known(const Text& text) {
  return std::ranges::none_of(text.pieces(), [](const Piece& piece) {
    return piece.hole && piece.hole->from == Hole::From::nothing && piece.hole->value.empty() &&
           (piece.hole->form == Hole::Form::plain || piece.hole->is_required());
  });
}

bool awaits_variable(const Node& node) {
  return std::ranges::any_of(node.text.pieces(), [](const Piece& piece) {
    return piece.hole && piece.hole->is_required() && piece.hole->from == Hole::From::nothing;
  });
}

std::string go_text(const Node& node) {
  switch (node.kind) {
  case NodeKind::null: return "<nil>";
  case NodeKind::sequence: {
    std::string text = "[";
    for (const Node& item : node.items) text += (text.size() > 1 ? " " : "") + go_text(item);
    return text + "]";
  }
  case NodeKind::mapping: {
    std::map<std::string_view, const Node*> sorted;
    for (const Member& member : node.members) sorted.emplace(member.key, &member.value);
    std::string text = "map[";
    for (const auto& [key, value] : sorted)
      text += (text.size() > 4 ? " " : "") + std::string(key) + ":" + go_text(*value);
    return text + "]";
  }
  case NodeKind::scalar: break;
  }
  const std::string raw = node.value();
  if (node.tag == timestamp_tag) return go_yaml::print_timestamp(raw);
  switch (node.type) {
  case ScalarType::string: return raw;
  case ScalarType::boolean: return as_boolean(node).value_or(false) ? "true" : "false";
  case ScalarType::integer: {
    const go_yaml::Value value = go_yaml::resolve(raw);
    if (value.kind == go_yaml::Value::Kind::unsigned_integer)
      return fmt::format("{}", value.unsigned_integer);
    return fmt::format("{}", value.integer);
  }
  case ScalarType::number: return go_yaml::print(as_number(node).value_or(0));
  }
  return raw;
}

std::string fingerprint(const Node& node) {
  switch (node.kind) {
  case NodeKind::null: return "n";
  case NodeKind::scalar: {
    const std::string text = go_text(node);
    const char type = node.tag == timestamp_tag ? 't' : "sifb"[static_cast<int>(node.type)];
    return fmt::format("{}{}:{}", type, text.size(), text);
  }
  case NodeKind::sequence: {
    std::string text = fmt::format("l{}:", node.items.size());
    for (const Node& item : node.items) text += fingerprint(item);
    return text;
  }
  case NodeKind::mapping: {
    std::map<std::string_view, const Node*> sorted;
    for (const Member& member : node.members) sorted.emplace(member.key, &member.value);
    std::string text = fmt::format("m{}:", sorted.size());
    for (const auto& [key, value] : sorted)
      text += fmt::format("{}:{}", key.size(), key) + fingerprint(*value);
    return text;
  }
  }
  return {};
}

bool same(const Node& left, const Node& right) {
  if (left.kind != right.kind) return false;
  switch (left.kind) {
  case NodeKind::null: return true;
  case NodeKind::scalar:
    return left.type == right.type && (left.tag == timestamp_tag) == (right.tag == timestamp_tag) &&
           go_text(left) == go_text(right);
  case NodeKind::sequence: return std::ranges::equal(left.items, right.items, same);
  case NodeKind::mapping:
    return left.members.size() == right.members.size() && fingerprint(left) == fingerprint(right);
  }
  return false;
}

void make_string(Node& node) {
  if (!node.is_scalar()) return;
  set_text(node, go_text(node));
  node.type = ScalarType::string;
  node.tag.clear();
}

void set_text(Node& node, std::string value) {
  if (node.text.value() == value) return;
  const auto& pieces = node.text.pieces();
  if (const Hole* hole = node.text.single_hole()) {
    auto changed = std::make_shared<Hole>(*hole);
    changed->value = std::move(value);
    node.text = Text({{.literal = {}, .hole = std::move(changed), .span = pieces[0].span}});
    return;
  }
  node.text = Text(std::move(value), pieces.empty() ? node.origin.written : pieces[0].span);
}

Text concatenate(const Text& left, const Text& right) {
  std::vector<Piece> pieces = left.pieces();
  pieces.insert(pieces.end(), right.pieces().begin(), right.pieces().end());
  return Text(std::move(pieces));
}

Node part_of(const Node& string, std::size_t offset, std::size_t length) {
  Node part{.kind = NodeKind::scalar,
            .style = string.style,
            .text = string.text.slice(offset, length),
            .origin = string.origin};
  const auto& pieces = part.text.pieces();
  if (!pieces.empty() && pieces.front().span.file &&
      pieces.front().span.file == pieces.back().span.file &&
      pieces.front().span.range.begin <= pieces.back().span.range.end)
    part.origin.written = {pieces.front().span.file,
                           {pieces.front().span.range.begin, pieces.back().span.range.end}};
  return part;
}

Parts::Parts(const Node& string) : string_(string) {
  std::size_t at = 0;
  for (const Piece& piece : string.text.pieces()) {
    starts_.push_back(at);
    at += piece.hole ? piece.hole->value.size() : piece.literal.size();
  }
}

Node Parts::part(std::size_t offset, std::size_t length) const {
  // From the first piece that may belong to it, empty ones at its edge too.
  const auto first = std::ranges::lower_bound(starts_, offset);
  const auto last = std::ranges::upper_bound(starts_, offset + length);
  const std::size_t begin = static_cast<std::size_t>(first - starts_.begin());
  const std::size_t from = begin > 0 ? begin - 1 : 0;
  const std::size_t to = static_cast<std::size_t>(last - starts_.begin());
  const auto& pieces = string_.text.pieces();
  if (from >= to) return part_of(string_, offset, length);
  Node near{.kind = NodeKind::scalar, .style = string_.style, .origin = string_.origin};
  near.text = Text(std::vector<Piece>(pieces.begin() + static_cast<std::ptrdiff_t>(from),
                                      pieces.begin() + static_cast<std::ptrdiff_t>(to)));
  return part_of(near, offset - starts_[from], length);
}

Node added(std::string value, const Origin& cause, ScalarType type) {
  return Node::scalar(std::move(value), cause.with(Operation::tool_default, cause.written), type);
}

namespace {

void add_step(Node& node, Operation operation, Span span,
              std::map<const OriginStep*, std::shared_ptr<const OriginStep>>& made) {
  auto& step = made[node.origin.last.get()];
  if (!step) step = std::make_shared<OriginStep>(operation, span, node.origin.last);
  node.origin.last = step;
  for (Member& member : node.members) add_step(member.value, operation, span, made);
  for (Node& item : node.items) add_step(item, operation, span, made);
}

} // namespace

void add_step(Node& node, Operation operation, Span span) {
  // Nodes that came the same way share their steps.
  std::map<const OriginStep*, std::shared_ptr<const OriginStep>> made;
  add_step(node, operation, span, made);
}

Node key_value(const Member& member) {
  Node item{.kind = NodeKind::scalar,
            .text = Text(member.key, member.key_span),
            .origin = member.value.origin};
  if (member.value.is_null()) {
    item.origin.written = member.key_span;
    return item;
  }
  Node value = member.value;
  if (value.is_scalar())
    make_string(value);
  else
    value.text = Text(go_text(value), value.origin.written);
  item.text = concatenate(concatenate(item.text, Text("=")), value.text);
  return item;
}

Member split_key_value(const Node& item) {
  const std::string text = item.value();
  const std::size_t equals = text.find('=');
  const Node key = part_of(item, 0, std::min(equals, text.size()));
  Member member{.key = text.substr(0, equals), .key_span = key.origin.written, .value = {}};
  member.value.origin = item.origin;
  if (equals != std::string::npos) member.value = part_of(item, equals + 1);
  return member;
}

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Member& member : node.members) count += count_nodes(member.value);
  for (const Node& item : node.items) count += count_nodes(item);
  return count;
}

MappingBuilder::MappingBuilder(Node mapping) : mapping_(std::move(mapping)) {
  for (std::size_t i = 0; i < mapping_.members.size(); ++i)
    index_.emplace(mapping_.members[i].key, i);
}

void MappingBuilder::set(Member member) {
  const auto [found, added] = index_.try_emplace(member.key, mapping_.members.size());
  if (added)
    mapping_.members.push_back(std::move(member));
  else
    mapping_.members[found->second].value = std::move(member.value);
}

} // namespace aethel::compose
