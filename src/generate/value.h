// What templates see: texts, truths, lists and objects with named members, in order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aethel::generate {

class Value {
public:
  enum class Kind : std::uint8_t { truth, text, list, object };
  using Member = std::pair<std::string, Value>;

  Value() = default; // false
  Value(bool truth) : truth_(truth) {}
  Value(std::string text) : kind_(Kind::text), text_(std::move(text)) {}
  Value(std::string_view text) : Value(std::string(text)) {}
  Value(const char* text) : Value(std::string(text)) {}
  static Value list() { return of(Kind::list); }
  static Value object() { return of(Kind::object); }

  Kind kind() const { return kind_; }
  bool truth() const { return truth_; }
  const std::string& text() const { return text_; }
  const std::vector<Value>& items() const { return items_; }
  const std::vector<Member>& members() const { return members_; }
  std::vector<Value>& items() { return items_; }

  Value& set(std::string name, Value value); // adds, or replaces
  void push(Value value) { items_.push_back(std::move(value)); }
  const Value* find(std::string_view name) const;
  std::string_view text_of(std::string_view name) const; // "" when absent or no text

  // `first` and `last` in every object of every list, for separators.
  void mark_ends();

private:
  static Value of(Kind kind) {
    Value value;
    value.kind_ = kind;
    return value;
  }
  Kind kind_ = Kind::truth;
  bool truth_ = false;
  std::string text_;
  std::vector<Value> items_;
  std::vector<Member> members_;
};

// A string of JSON, with its quotes: YAML and HCL read it as well.
std::string json_text(std::string_view text);

// JSON, indented by two spaces.
std::string to_json(const Value& value);

} // namespace aethel::generate
