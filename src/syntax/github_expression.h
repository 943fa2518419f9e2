// Expressions of GitHub Actions: `github.ref == 'refs/heads/main' && inputs.dry-run != true`.
// Parsing as GitHub's own parser does, and evaluation over values of which only a part may be
// known: a text with a known beginning, an object that may hold more than we know.
//
// Never fails; bounded: 21,000 bytes (GitHub's limit), nesting of 50 levels (GitHub's limit for
// calls, brackets, `!`, lists of `&&` and `||`), 200 comparisons in a row (ours).
// Sources: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions and
// github.com/actions/languageservices, expressions/src (lexer.ts, parser.ts, result.ts, funcs).
#pragma once

#include "base/range.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aethel::github {

enum class Operator : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };

struct Expression {
  enum class Kind : std::uint8_t {
    null,
    boolean,
    number,
    text,
    context, // `text` is its name
    call,    // `text` is the function's name, `parts` its arguments
    index,   // parts[0][parts[1]]; `.name` has a text as its second part
    star,    // the second part of an index: `.*`
    negation,
    conjunction, // two or more parts
    disjunction,
    comparison
  };
  Kind kind = Kind::null;
  Operator comparison = Operator::equal;
  bool boolean = false;
  double number = 0;
  std::string text;
  std::vector<Expression> parts;
  Range range; // in the source
};

struct Problem {
  enum class Kind : std::uint8_t {
    empty,
    unexpected, // `detail` is the symbol
    unexpected_end,
    unclosed_text,
    too_long,
    too_deep,
    too_many, // ours, not GitHub's: nothing is known of the expression
    // found by check():
    unknown_context,
    unavailable_context, // exists, but not here
    unknown_function,
    unavailable_function,
    too_few_arguments,
    too_many_arguments,
    even_arguments // `case` needs an odd number
  };
  Kind kind;
  std::string detail;
  Range range;
};

struct Parsed {
  std::optional<Expression> root; // absent when there is a problem
  std::optional<Problem> problem;
};

Parsed parse(std::string_view source);

// Contexts and functions that may not be used there. `allowed`: as in workflow_schema.h.
std::vector<Problem> check(const Expression& expression,
                           const std::vector<std::string_view>& allowed);

// Whether `success()`, `failure()`, `always()` or `cancelled()` is called anywhere.
bool has_status_function(const Expression& expression);

enum class Truth : std::uint8_t { no, maybe, yes };

// What is known of a value.
class Value {
public:
  enum class Kind : std::uint8_t { any, null, boolean, number, text, array, object };

  static Value any() { return {}; }
  static Value null() { return Value(Kind::null); }
  static Value boolean(bool value);
  static Value number(double value);
  static Value text(std::string value);
  // Only that it is of the kind.
  static Value some(Kind kind);
  // A text of which the ends are known, and some texts that it is not.
  static Value text_like(std::string prefix, std::string suffix = {},
                         std::vector<std::string> not_equal = {});
  // One of these texts.
  static Value one_of(std::vector<std::string> texts);
  static Value array(std::vector<Value> items);
  // `open`: it may hold more.
  enum class World : std::uint8_t { closed, open };
  static Value object(std::vector<std::pair<std::string, Value>> members,
                      World world = World::closed);
  // Any key gives this.
  static Value object_of(Value each);

  Kind kind() const { return kind_; }
  bool known() const { return known_; } // the whole of it
  bool boolean() const { return boolean_; }
  double number() const { return number_; }
  const std::string& text() const { return text_; } // of a known text
  const std::string& prefix() const { return text_; }
  const std::string& suffix() const { return suffix_; }
  bool is_open() const { return open_; }

  // Without regard to case; null when there is none.
  const Value* member(std::string_view name) const;
  const std::vector<std::pair<std::string, Value>>& members() const;
  const std::vector<Value>& items() const;
  const std::vector<std::string>& choices() const; // of one_of(); empty for other values

  Truth truth() const;
  // What both may be.
  static Value either(const Value& left, const Value& right);

private:
  Value() = default;
  explicit Value(Kind kind) : kind_(kind), known_(true) {}

  struct Parts {
    std::vector<std::pair<std::string, Value>> members;
    std::vector<Value> items;
    std::vector<std::string> not_equal;
    std::vector<std::string> one_of;
    std::shared_ptr<const Value> each;
  };

  friend Truth equal(const Value& left, const Value& right);
  friend class Evaluator;

  Kind kind_ = Kind::any;
  bool known_ = false;
  bool open_ = false;
  bool filtered_ = false; // what `.*` gave
  bool boolean_ = false;
  double number_ = 0;
  std::string text_, suffix_;
  std::shared_ptr<const Parts> parts_;
};

// `==` as GitHub compares: numbers when the types differ, texts without regard to case.
Truth equal(const Value& left, const Value& right);

struct Scope {
  // The value of a context, in lower case.
  std::function<Value(std::string_view)> context;
  // `success`, `failure`, `always`, `cancelled`, `hashFiles`, with arguments evaluated. May be
  // empty: nothing is known.
  std::function<Value(std::string_view, const std::vector<Value>&)> call;
  // Told of a name that a closed object does not have. `object` is the expression of the object.
  std::function<void(const Expression& object, const std::string& name, const Range& range,
                     const Value& value)>
      missing;
};

// Every part is evaluated, those too that GitHub would not reach.
Value evaluate(const Expression& expression, const Scope& scope);

// JSON text as a value; nothing when it is no JSON.
std::optional<Value> parse_json(std::string_view text);

// "github.event.inputs.name" of a chain of names; empty when something else is in it.
std::string path_of(const Expression& expression);

} // namespace aethel::github
