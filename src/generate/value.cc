#include "generate/value.h"

#include <algorithm>
#include <fmt/format.h>

namespace aethel::generate {
namespace {

void write(const Value& value, std::size_t indent, std::string& out) {
  const std::string inner(indent + 2, ' ');
  const auto line = [&](bool first) { out += (first ? "\n" : ",\n") + inner; };
  switch (value.kind()) {
  case Value::Kind::truth: out += value.truth() ? "true" : "false"; return;
  case Value::Kind::text: out += json_text(value.text()); return;
  case Value::Kind::list:
    out += '[';
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      line(i == 0);
      write(value.items()[i], indent + 2, out);
    }
    if (!value.items().empty()) out += "\n" + std::string(indent, ' ');
    out += ']';
    return;
  case Value::Kind::object:
    out += '{';
    for (std::size_t i = 0; i < value.members().size(); ++i) {
      line(i == 0);
      out += json_text(value.members()[i].first) + ": ";
      write(value.members()[i].second, indent + 2, out);
    }
    if (!value.members().empty()) out += "\n" + std::string(indent, ' ');
    out += '}';
    return;
  }
}

} // namespace

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

Value& Value::set(std::string name, Value value) {
  const auto found = std::ranges::find(members_, name, &Member::first);
  if (found != members_.end())
    found->second = std::move(value);
  else
    members_.emplace_back(std::move(name), std::move(value));
  return *this;
}

const Value* Value::find(std::string_view name) const {
  const auto found = std::ranges::find(members_, name, &Member::first);
  return found == members_.end() ? nullptr : &found->second;
}

std::string_view Value::text_of(std::string_view name) const {
  const Value* found = find(name);
  return found == nullptr ? std::string_view() : std::string_view(found->text_);
}

void Value::mark_ends() {
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].kind_ == Kind::object)
      items_[i].set("first", i == 0).set("last", i + 1 == items_.size());
    items_[i].mark_ends();
  }
  for (Member& member : members_) member.second.mark_ends();
}

std::string to_json(const Value& value) {
  std::string out;
  write(value, 0, out);
  return out + "\n";
}

} // namespace aethel::generate
