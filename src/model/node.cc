#include "model/node.h"

#include <algorithm>

namespace aethel {

const Member* Node::find_member(std::string_view key) const {
  const auto found = std::ranges::find(members, key, &Member::key);
  return found == members.end() ? nullptr : &*found;
}

const Node* Node::find(std::string_view key) const {
  const Member* member = find_member(key);
  return member == nullptr ? nullptr : &member->value;
}

Node* Node::find(std::string_view key) {
  const auto found = std::ranges::find(members, key, &Member::key);
  return found == members.end() ? nullptr : &found->value;
}

const Node* Node::at(std::initializer_list<std::string_view> keys) const {
  const Node* node = this;
  for (const std::string_view key : keys) {
    node = node->find(key);
    if (node == nullptr) return nullptr;
  }
  return node;
}

Node& Node::set(std::string key, Span key_span, Node value) {
  if (Node* present = find(key)) {
    *present = std::move(value);
    return *present;
  }
  members.push_back({std::move(key), key_span, std::move(value)});
  return members.back().value;
}

bool Node::erase(std::string_view key) {
  return std::erase_if(members, [&](const Member& member) { return member.key == key; }) != 0;
}

Node Node::scalar(std::string value, Origin origin, ScalarType type) {
  Node node{.kind = NodeKind::scalar, .type = type, .origin = std::move(origin)};
  node.text = Text(std::move(value), node.origin.written);
  return node;
}

Node Node::mapping(Origin origin) {
  return {.kind = NodeKind::mapping, .origin = std::move(origin)};
}

Node Node::sequence(Origin origin) {
  return {.kind = NodeKind::sequence, .origin = std::move(origin)};
}

} // namespace aethel
