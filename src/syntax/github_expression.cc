#include "syntax/github_expression.h"

#include "knowledge/shapes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <limits>

namespace aethel::github {
namespace {

constexpr std::size_t length_limit = 21'000;
constexpr int depth_limit = 50;
constexpr int comparison_limit = 200;
constexpr std::size_t npos = std::string_view::npos;

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

bool is_boundary(char c) { return is_space(c) || std::string_view("([)],.!><=&|").contains(c); }

// As JavaScript's Number(): surrounding blanks, "" is 0, hexadecimal, octal and binary forms.
double to_number(std::string_view text) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  if (text.empty()) return 0;
  if (text.size() > 2 && text[0] == '0') {
    const int base = text[1] == 'x' || text[1] == 'X'   ? 16
                     : text[1] == 'o' || text[1] == 'O' ? 8
                     : text[1] == 'b' || text[1] == 'B' ? 2
                                                        : 0;
    if (base != 0) {
      double value = 0;
      for (const char c : text.substr(2)) {
        const char f = folded(c);
        const int digit = f >= '0' && f <= '9' ? f - '0' : f >= 'a' && f <= 'f' ? f - 'a' + 10 : 99;
        if (digit >= base) return nan;
        value = value * base + digit;
      }
      return value;
    }
  }
  std::string_view digits = text;
  const bool negative = digits.front() == '-';
  if (negative || digits.front() == '+') digits.remove_prefix(1);
  if (digits == "Infinity")
    return negative ? -std::numeric_limits<double>::infinity()
                    : std::numeric_limits<double>::infinity();
  if (digits.empty() || (digits.front() != '.' && (digits.front() < '0' || digits.front() > '9')))
    return nan;
  if (digits == ".") return nan;
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size()) return nan;
  if (error == std::errc::result_out_of_range)
    value = digits.find("e-") != npos || digits.find("E-") != npos
                ? 0
                : std::numeric_limits<double>::infinity();
  else if (error != std::errc())
    return nan;
  return negative ? -value : value;
}

std::string to_text(double value) {
  if (value == 0) return "0";
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{:.15g}", value);
}

// --- words ---

struct Token {
  enum class Kind : std::uint8_t { end, symbol, number, text, name };
  Kind kind = Kind::end;
  std::string text; // of a symbol: itself
  double number = 0;
  Range range;
};

class Lexer {
public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<Token> run(std::optional<Problem>& problem) {
    while (at_ < source_.size() && !problem) {
      const char c = source_[at_];
      if (is_space(c)) {
        ++at_;
        continue;
      }
      begin_ = at_;
      next(c, problem);
    }
    if (!problem) {
      begin_ = at_ = source_.size();
      add(Token::Kind::end, "");
    }
    return std::move(tokens_);
  }

private:
  void next(char c, std::optional<Problem>& problem) {
    const bool after_value =
        !tokens_.empty() &&
        (tokens_.back().kind == Token::Kind::name || tokens_.back().text == "]" ||
         tokens_.back().text == ")" || tokens_.back().text == "*") &&
        tokens_.back().kind != Token::Kind::text;
    if (c == '\'') return text(problem);
    if (c == '-' || c == '+' || (c >= '0' && c <= '9') || (c == '.' && !after_value))
      return number(problem);
    for (const std::string_view symbol :
         {"!=", "==", "<=", ">=", "&&", "||", "(", ")", "[", "]", ",", ".", "!", "<", ">", "*"})
      if (source_.substr(at_).starts_with(symbol)) {
        at_ += symbol.size();
        return add(Token::Kind::symbol, std::string(symbol));
      }
    name(problem);
  }

  void add(Token::Kind kind, std::string text, double number = 0) {
    tokens_.push_back({kind, std::move(text), number, range()});
  }

  Range range() const {
    return {static_cast<std::uint32_t>(begin_), static_cast<std::uint32_t>(at_)};
  }

  void fail(std::optional<Problem>& problem, Problem::Kind kind) {
    problem = Problem{kind, std::string(source_.substr(begin_, at_ - begin_)), range()};
  }

  void text(std::optional<Problem>& problem) {
    std::string value;
    for (++at_; at_ < source_.size(); ++at_) {
      if (source_[at_] == '\'') {
        if (at_ + 1 >= source_.size() || source_[at_ + 1] != '\'') {
          ++at_;
          return add(Token::Kind::text, std::move(value));
        }
        ++at_;
      }
      value += source_[at_];
    }
    fail(problem, Problem::Kind::unclosed_text);
  }

  void number(std::optional<Problem>& problem) {
    ++at_;
    while (at_ < source_.size() && (!is_boundary(source_[at_]) || source_[at_] == '.')) ++at_;
    const std::string_view word = source_.substr(begin_, at_ - begin_);
    const double value = to_number(word);
    if (std::isnan(value)) return fail(problem, Problem::Kind::unexpected);
    add(Token::Kind::number, std::string(word), value);
  }

  void name(std::optional<Problem>& problem) {
    ++at_;
    while (at_ < source_.size() && !is_boundary(source_[at_])) ++at_;
    const std::string_view word = source_.substr(begin_, at_ - begin_);
    const auto letter = [](char c) { return (folded(c) >= 'a' && folded(c) <= 'z') || c == '_'; };
    const bool legal = letter(word.front()) && std::ranges::all_of(word, [&](char c) {
                         return letter(c) || (c >= '0' && c <= '9') || c == '-';
                       });
    if (!legal) return fail(problem, Problem::Kind::unexpected);
    add(Token::Kind::name, std::string(word));
  }

  std::string_view source_;
  std::size_t at_ = 0, begin_ = 0;
  std::vector<Token> tokens_;
};

// --- grammar ---

class Parser {
public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Parsed run() {
    if (peek().kind == Token::Kind::end)
      return {.root = {}, .problem = Problem{Problem::Kind::empty, "", peek().range}};
    Expression root = expression();
    if (!problem_ && peek().kind != Token::Kind::end) fail(Problem::Kind::unexpected);
    if (problem_) return {.root = {}, .problem = std::move(problem_)};
    return {.root = std::move(root), .problem = {}};
  }

private:
  using Kind = Expression::Kind;

  const Token& peek() const { return tokens_[at_]; }
  bool at_symbol(std::string_view symbol) const {
    return peek().kind == Token::Kind::symbol && peek().text == symbol;
  }
  bool take(std::string_view symbol) {
    if (problem_ || !at_symbol(symbol)) return false;
    ++at_;
    return true;
  }

  void fail(Problem::Kind kind) {
    if (problem_) return;
    if (kind == Problem::Kind::unexpected && peek().kind == Token::Kind::end)
      kind = Problem::Kind::unexpected_end;
    problem_ = Problem{kind, peek().text, peek().range};
  }

  class Deeper {
  public:
    explicit Deeper(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > depth_limit) parser_.fail(Problem::Kind::too_deep);
    }
    ~Deeper() { --parser_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

  private:
    Parser& parser_;
  };

  static Range joined(const Range& from, const Range& to) { return {from.begin, to.end}; }

  Expression expression() {
    const Deeper deeper(*this);
    if (problem_) return {};
    return list(Kind::disjunction);
  }

  Expression list(Kind kind) {
    const bool either = kind == Kind::disjunction;
    const std::string_view symbol = either ? "||" : "&&";
    const auto operand = [&] { return either ? list(Kind::conjunction) : equality(); };
    Expression first = operand();
    if (problem_ || !at_symbol(symbol)) return first;
    const Deeper deeper(*this);
    Expression result{.kind = kind, .range = first.range};
    result.parts.push_back(std::move(first));
    while (take(symbol)) result.parts.push_back(operand());
    result.range = joined(result.range, result.parts.back().range);
    return result;
  }

  // One level of left-associative comparisons.
  template <class Operand, class Find>
  Expression comparisons(const Operand& operand, const Find& find) {
    Expression left = operand();
    for (int count = 0; !problem_; ++count) {
      const auto found = find();
      if (!found) break;
      if (count == comparison_limit) {
        fail(Problem::Kind::too_many);
        break;
      }
      ++at_;
      Expression right = operand();
      Expression both{.kind = Kind::comparison, .comparison = *found};
      both.range = joined(left.range, right.range);
      both.parts.push_back(std::move(left));
      both.parts.push_back(std::move(right));
      left = std::move(both);
    }
    return left;
  }

  Expression equality() {
    return comparisons([&] { return order(); },
                       [&]() -> std::optional<Operator> {
                         if (at_symbol("==")) return Operator::equal;
                         if (at_symbol("!=")) return Operator::not_equal;
                         return {};
                       });
  }

  Expression order() {
    return comparisons([&] { return unary(); },
                       [&]() -> std::optional<Operator> {
                         if (at_symbol("<")) return Operator::less;
                         if (at_symbol("<=")) return Operator::less_equal;
                         if (at_symbol(">")) return Operator::greater;
                         if (at_symbol(">=")) return Operator::greater_equal;
                         return {};
                       });
  }

  Expression unary() {
    if (!at_symbol("!")) return indexed();
    const Deeper deeper(*this);
    const Range start = peek().range;
    if (!take("!")) return {};
    Expression result{.kind = Kind::negation};
    result.parts.push_back(unary());
    result.range = joined(start, result.parts.back().range);
    return result;
  }

  Expression indexed() {
    bool may_index = false;
    Expression result = primary(may_index);
    const int before = depth_;
    while (!problem_ && may_index) {
      Expression part;
      if (take("[")) {
        if (at_symbol("*")) {
          part = {.kind = Kind::star, .range = peek().range};
          ++at_;
        } else {
          part = expression();
        }
        if (!take("]")) fail(Problem::Kind::unexpected);
      } else if (take(".")) {
        if (peek().kind == Token::Kind::name)
          part = {.kind = Kind::text, .text = peek().text, .range = peek().range};
        else if (at_symbol("*"))
          part = {.kind = Kind::star, .range = peek().range};
        else
          fail(Problem::Kind::unexpected);
        if (!problem_) ++at_;
      } else {
        break;
      }
      if (++depth_ > depth_limit) fail(Problem::Kind::too_deep);
      if (problem_) break;
      Expression both{.kind = Kind::index};
      both.range = joined(result.range, tokens_[at_ - 1].range);
      both.parts.push_back(std::move(result));
      both.parts.push_back(std::move(part));
      result = std::move(both);
    }
    depth_ = before;
    return result;
  }

  Expression primary(bool& may_index) {
    const Token token = peek();
    if (problem_) return {};
    switch (token.kind) {
    case Token::Kind::number:
      ++at_;
      return {.kind = Kind::number, .number = token.number, .range = token.range};
    case Token::Kind::text:
      ++at_;
      return {.kind = Kind::text, .text = token.text, .range = token.range};
    case Token::Kind::name: ++at_; return named(token, may_index);
    case Token::Kind::symbol:
      if (take("(")) {
        Expression inner = expression();
        if (!take(")")) fail(Problem::Kind::unexpected);
        may_index = true;
        return inner;
      }
      break;
    case Token::Kind::end: break;
    }
    fail(Problem::Kind::unexpected);
    return {};
  }

  Expression named(const Token& token, bool& may_index) {
    if (token.text == "true" || token.text == "false")
      return {.kind = Kind::boolean, .boolean = token.text == "true", .range = token.range};
    if (token.text == "null") return {.kind = Kind::null, .range = token.range};
    if (token.text == "NaN")
      return {.kind = Kind::number,
              .number = std::numeric_limits<double>::quiet_NaN(),
              .range = token.range};
    if (token.text == "Infinity")
      return {.kind = Kind::number,
              .number = std::numeric_limits<double>::infinity(),
              .range = token.range};
    may_index = true;
    if (!take("(")) return {.kind = Kind::context, .text = token.text, .range = token.range};
    Expression call{.kind = Kind::call, .text = token.text, .range = token.range};
    while (!problem_ && !take(")")) {
      call.parts.push_back(expression());
      if (!at_symbol(")") && !take(",")) fail(Problem::Kind::unexpected);
    }
    if (!problem_) call.range = joined(token.range, tokens_[at_ - 1].range);
    return call;
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::optional<Problem> problem_;
};

// --- names that may be used ---

struct Function {
  std::string_view name; // in lower case
  std::size_t least, most;
};
constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();
// Everywhere. https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
constexpr std::array<Function, 8> functions = {{{"case", 3, any_number},
                                                {"contains", 2, 2},
                                                {"endswith", 2, 2},
                                                {"format", 1, 255},
                                                {"fromjson", 1, 1},
                                                {"join", 1, 2},
                                                {"startswith", 2, 2},
                                                {"tojson", 1, 1}}};
constexpr std::array<std::string_view, 5> special_functions = {"always", "cancelled", "failure",
                                                               "hashfiles", "success"};
constexpr std::array<std::string_view, 12> contexts = {"env",     "github", "inputs",   "job",
                                                       "jobs",    "matrix", "needs",    "runner",
                                                       "secrets", "steps",  "strategy", "vars"};

class Checker {
public:
  explicit Checker(const std::vector<std::string_view>& allowed) {
    for (const std::string_view each : allowed) {
      const std::size_t open = each.find('(');
      if (open == npos) {
        contexts_.push_back(knowledge::lower(each));
        continue;
      }
      const std::size_t comma = each.find(',', open);
      const auto bound = [](std::string_view word) {
        std::size_t value = any_number;
        std::from_chars(word.data(), word.data() + word.size(), value);
        return value;
      };
      functions_.push_back({knowledge::lower(each.substr(0, open)),
                            bound(each.substr(open + 1, comma - open - 1)),
                            bound(each.substr(comma + 1, each.size() - comma - 2))});
    }
  }

  void visit(const Expression& expression) {
    if (expression.kind == Expression::Kind::context) context(expression);
    if (expression.kind == Expression::Kind::call) call(expression);
    for (const Expression& part : expression.parts) visit(part);
  }

  std::vector<Problem> problems;

private:
  void context(const Expression& expression) {
    const std::string name = knowledge::lower(expression.text);
    if (std::ranges::find(contexts_, name) != contexts_.end()) return;
    const bool known = std::ranges::find(contexts, name) != contexts.end();
    problems.push_back({known ? Problem::Kind::unavailable_context : Problem::Kind::unknown_context,
                        expression.text, expression.range});
  }

  void call(const Expression& expression) {
    const std::string name = knowledge::lower(expression.text);
    const Range word{expression.range.begin,
                     expression.range.begin + static_cast<std::uint32_t>(expression.text.size())};
    const auto found = std::ranges::find(functions, name, &Function::name);
    std::size_t least = 0, most = 0;
    if (found != functions.end()) {
      least = found->least;
      most = found->most;
    } else if (const auto own = std::ranges::find(functions_, name, &Special::name);
               own != functions_.end()) {
      least = own->least;
      most = own->most;
    } else {
      const bool known = std::ranges::find(special_functions, name) != special_functions.end();
      problems.push_back(
          {known ? Problem::Kind::unavailable_function : Problem::Kind::unknown_function,
           expression.text, word});
      return;
    }
    if (expression.parts.size() < least)
      problems.push_back({Problem::Kind::too_few_arguments, expression.text, word});
    else if (expression.parts.size() > most)
      problems.push_back({Problem::Kind::too_many_arguments, expression.text, word});
    else if (name == "case" && expression.parts.size() % 2 == 0)
      problems.push_back({Problem::Kind::even_arguments, expression.text, word});
  }

  struct Special {
    std::string name;
    std::size_t least, most;
  };
  std::vector<std::string> contexts_;
  std::vector<Special> functions_;
};

// --- three-valued comparison ---

Truth negated(Truth truth) {
  return truth == Truth::maybe ? truth : truth == Truth::yes ? Truth::no : Truth::yes;
}

Truth truth_of(bool value) { return value ? Truth::yes : Truth::no; }

bool has_other_letters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// Letters outside ASCII have upper cases that we do not know.
Truth same_text(std::string_view left, std::string_view right) {
  if (left == right || knowledge::lower(left) == knowledge::lower(right)) return Truth::yes;
  return has_other_letters(left) && has_other_letters(right) ? Truth::maybe : Truth::no;
}

bool is_primitive(Value::Kind kind) {
  return kind != Value::Kind::any && kind != Value::Kind::array && kind != Value::Kind::object;
}

// The number that a known primitive counts as.
double number_of(const Value& value) {
  switch (value.kind()) {
  case Value::Kind::null: return 0;
  case Value::Kind::boolean: return value.boolean() ? 1 : 0;
  case Value::Kind::number: return value.number();
  case Value::Kind::text: return to_number(value.text());
  default: return std::numeric_limits<double>::quiet_NaN();
  }
}

std::string text_of(const Value& value) {
  switch (value.kind()) {
  case Value::Kind::boolean: return value.boolean() ? "true" : "false";
  case Value::Kind::number: return to_text(value.number());
  case Value::Kind::text: return value.text();
  case Value::Kind::array: return "Array";
  case Value::Kind::object: return "Object";
  default: return {};
  }
}

// A value as text of which a part is known.
Value as_text(const Value& value) {
  if (value.kind() == Value::Kind::text) return value;
  if (value.known() && is_primitive(value.kind())) return Value::text(text_of(value));
  return Value::some(Value::Kind::text);
}

} // namespace

Parsed parse(std::string_view source) {
  if (source.size() > length_limit)
    return {.root = {},
            .problem = Problem{
                Problem::Kind::too_long, "", {0, static_cast<std::uint32_t>(source.size())}}};
  std::optional<Problem> problem;
  std::vector<Token> tokens = Lexer(source).run(problem);
  if (problem) return {.root = {}, .problem = std::move(problem)};
  return Parser(std::move(tokens)).run();
}

std::vector<Problem> check(const Expression& expression,
                           const std::vector<std::string_view>& allowed) {
  Checker checker(allowed);
  checker.visit(expression);
  return std::move(checker.problems);
}

bool has_status_function(const Expression& expression) {
  if (expression.kind == Expression::Kind::call) {
    const std::string name = knowledge::lower(expression.text);
    if (name == "success" || name == "failure" || name == "always" || name == "cancelled")
      return true;
  }
  return std::ranges::any_of(expression.parts, has_status_function);
}

Value Value::boolean(bool value) {
  Value result(Kind::boolean);
  result.boolean_ = value;
  return result;
}

Value Value::number(double value) {
  Value result(Kind::number);
  result.number_ = value;
  return result;
}

Value Value::text(std::string value) {
  Value result(Kind::text);
  result.text_ = std::move(value);
  return result;
}

Value Value::some(Kind kind) {
  Value result(kind);
  result.known_ = kind == Kind::null;
  result.open_ = true;
  return result;
}

Value Value::text_like(std::string prefix, std::string suffix, std::vector<std::string> not_equal) {
  Value result = some(Kind::text);
  result.text_ = std::move(prefix);
  result.suffix_ = std::move(suffix);
  if (!not_equal.empty()) {
    auto parts = std::make_shared<Parts>();
    parts->not_equal = std::move(not_equal);
    result.parts_ = std::move(parts);
  }
  return result;
}

Value Value::one_of(std::vector<std::string> texts) {
  std::ranges::sort(texts);
  const auto repeated = std::ranges::unique(texts);
  texts.erase(repeated.begin(), repeated.end());
  if (texts.size() == 1) return text(texts.front());
  Value result = some(Kind::text);
  if (texts.empty()) return result;
  auto parts = std::make_shared<Parts>();
  parts->one_of = std::move(texts);
  result.parts_ = std::move(parts);
  return result;
}

Value Value::array(std::vector<Value> items) {
  Value result(Kind::array);
  result.known_ = std::ranges::all_of(items, &Value::known);
  auto parts = std::make_shared<Parts>();
  parts->items = std::move(items);
  result.parts_ = std::move(parts);
  return result;
}

Value Value::object(std::vector<std::pair<std::string, Value>> members, World world) {
  Value result(Kind::object);
  result.open_ = world == World::open;
  result.known_ = !result.open_ && std::ranges::all_of(members, [](const auto& member) {
    return member.second.known();
  });
  auto parts = std::make_shared<Parts>();
  parts->members = std::move(members);
  result.parts_ = std::move(parts);
  return result;
}

Value Value::object_of(Value each) {
  Value result = some(Kind::object);
  auto parts = std::make_shared<Parts>();
  parts->each = std::make_shared<const Value>(std::move(each));
  result.parts_ = std::move(parts);
  return result;
}

const Value* Value::member(std::string_view name) const {
  if (!parts_) return nullptr;
  for (const auto& [key, value] : parts_->members)
    if (same_text(key, name) == Truth::yes) return &value;
  return parts_->each.get();
}

const std::vector<std::pair<std::string, Value>>& Value::members() const {
  static const std::vector<std::pair<std::string, Value>> none;
  return parts_ ? parts_->members : none;
}

const std::vector<Value>& Value::items() const {
  static const std::vector<Value> none;
  return parts_ ? parts_->items : none;
}

const std::vector<std::string>& Value::choices() const {
  static const std::vector<std::string> none;
  return parts_ ? parts_->one_of : none;
}

namespace {

// What holds of each choice holds of the value.
template <class Ask> Truth over(const std::vector<std::string>& choices, const Ask& ask) {
  Truth least = Truth::yes, most = Truth::no;
  for (const std::string& choice : choices) {
    const Truth truth = ask(Value::text(choice));
    least = std::min(least, truth);
    most = std::max(most, truth);
  }
  return least == most ? least : Truth::maybe;
}

} // namespace

Truth Value::truth() const {
  switch (kind_) {
  case Kind::any: return Truth::maybe;
  case Kind::null: return Truth::no;
  case Kind::boolean: return known_ ? truth_of(boolean_) : Truth::maybe;
  case Kind::number: return known_ ? truth_of(number_ != 0 && !std::isnan(number_)) : Truth::maybe;
  case Kind::text:
    if (!text_.empty() || !suffix_.empty()) return Truth::yes;
    if (known_) return Truth::no;
    if (!choices().empty())
      return over(choices(), [](const Value& choice) { return choice.truth(); });
    return parts_ && std::ranges::find(parts_->not_equal, "") != parts_->not_equal.end()
               ? Truth::yes
               : Truth::maybe;
  case Kind::array:
  case Kind::object: return Truth::yes;
  }
  return Truth::maybe;
}

Value Value::either(const Value& left, const Value& right) {
  if (left.kind_ != right.kind_) return any();
  if (left.known_ && right.known_ && is_primitive(left.kind_) && text_of(left) == text_of(right))
    return left;
  if (left.kind_ == Kind::text) {
    std::size_t same = 0;
    while (same < left.text_.size() && same < right.text_.size() &&
           left.text_[same] == right.text_[same])
      ++same;
    return text_like(left.text_.substr(0, same));
  }
  return some(left.kind_);
}

Truth equal(const Value& left, const Value& right) {
  using Kind = Value::Kind;
  if (left.kind_ == Kind::any || right.kind_ == Kind::any) return Truth::maybe;
  if (!left.choices().empty())
    return over(left.choices(), [&](const Value& choice) { return equal(choice, right); });
  if (!right.choices().empty())
    return over(right.choices(), [&](const Value& choice) { return equal(left, choice); });
  if (!is_primitive(left.kind_) || !is_primitive(right.kind_)) {
    // Two are equal only when they are one and the same.
    if (left.kind_ != right.kind_) return Truth::no;
    return left.parts_ && left.parts_ == right.parts_ ? Truth::yes : Truth::maybe;
  }
  if (left.known_ && right.known_) {
    if (left.kind_ == right.kind_ && left.kind_ == Kind::text)
      return same_text(left.text_, right.text_);
    if (left.kind_ == Kind::null && right.kind_ == Kind::null) return Truth::yes;
    return truth_of(number_of(left) == number_of(right));
  }
  if (left.kind_ != Kind::text || right.kind_ != Kind::text) {
    // A text that is no number is unequal to whatever is one. `refs/...` never is.
    for (const Value* each : {&left, &right})
      if (each->kind_ == Kind::text && !each->text_.empty()) {
        const char first = each->text_.front();
        if (!is_space(first) && first != '+' && first != '-' && first != '.' && first != 'I' &&
            (first < '0' || first > '9'))
          return Truth::no;
      }
    return Truth::maybe;
  }
  const Value& fixed = left.known_ ? left : right;
  const Value& open = left.known_ ? right : left;
  const std::string open_prefix = knowledge::lower(open.text_),
                    open_suffix = knowledge::lower(open.suffix_);
  if (!fixed.known_) {
    const std::string a = knowledge::lower(left.text_), b = knowledge::lower(right.text_);
    const std::size_t common = std::min(a.size(), b.size());
    if (a.substr(0, common) != b.substr(0, common) && !has_other_letters(a) &&
        !has_other_letters(b))
      return Truth::no;
    return Truth::maybe;
  }
  const std::string text = knowledge::lower(fixed.text_);
  if (has_other_letters(text)) return Truth::maybe;
  if (text.size() < open_prefix.size() + open_suffix.size()) return Truth::no;
  if (!text.starts_with(open_prefix) || !text.ends_with(open_suffix)) return Truth::no;
  if (open.parts_)
    for (const std::string& other : open.parts_->not_equal)
      if (knowledge::lower(other) == text) return Truth::no;
  return Truth::maybe;
}

class Evaluator {
public:
  explicit Evaluator(const Scope& scope) : scope_(scope) {}

  Value visit(const Expression& expression) {
    using Kind = Expression::Kind;
    switch (expression.kind) {
    case Kind::null: return Value::null();
    case Kind::boolean: return Value::boolean(expression.boolean);
    case Kind::number: return Value::number(expression.number);
    case Kind::text: return Value::text(expression.text);
    case Kind::context:
      return scope_.context ? scope_.context(knowledge::lower(expression.text)) : Value::any();
    case Kind::call: return call(expression);
    case Kind::index: return index(expression);
    case Kind::star: return Value::any();
    case Kind::negation: {
      const Truth truth = visit(expression.parts.front()).truth();
      return boolean_of(negated(truth));
    }
    case Kind::conjunction:
    case Kind::disjunction: return logical(expression);
    case Kind::comparison: return comparison(expression);
    }
    return Value::any();
  }

private:
  static Value boolean_of(Truth truth) {
    return truth == Truth::maybe ? Value::some(Value::Kind::boolean)
                                 : Value::boolean(truth == Truth::yes);
  }

  Value logical(const Expression& expression) {
    const bool both = expression.kind == Expression::Kind::conjunction;
    const Truth stop = both ? Truth::no : Truth::yes;
    std::optional<Value> result; // what it may be if nothing decides for certain
    bool decided = false;
    bool never = false; // some operand is certain to stop, wherever that is
    for (std::size_t i = 0; i < expression.parts.size(); ++i) {
      const Value value = visit(expression.parts[i]);
      const Truth truth = value.truth();
      if (decided) continue;
      never = never || truth == stop;
      const bool last = i + 1 == expression.parts.size();
      if (truth == stop || last) {
        result = result ? Value::either(*result, value) : value;
        decided = truth == stop || last;
      } else if (truth == Truth::maybe) {
        result = result ? Value::either(*result, value) : value;
      }
    }
    // `maybe && false` is falsy whichever operand it ends with.
    if (never && result && result->truth() == Truth::maybe) {
      if (both) return Value::boolean(false);
      return result->kind() == Value::Kind::boolean ? Value::boolean(true) : *result;
    }
    return *result;
  }

  Value comparison(const Expression& expression) {
    const Value left = visit(expression.parts[0]);
    const Value right = visit(expression.parts[1]);
    if (expression.comparison == Operator::equal) return boolean_of(equal(left, right));
    if (expression.comparison == Operator::not_equal)
      return boolean_of(negated(equal(left, right)));
    if (!left.known() || !right.known()) return Value::some(Value::Kind::boolean);
    if (!is_primitive(left.kind()) || !is_primitive(right.kind())) return Value::boolean(false);
    int order = 0;
    if (left.kind() == Value::Kind::text && right.kind() == Value::Kind::text) {
      if (has_other_letters(left.text()) || has_other_letters(right.text()))
        return Value::some(Value::Kind::boolean);
      const auto upper = [](std::string text) {
        for (char& c : text)
          if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        return text;
      };
      order = upper(left.text()).compare(upper(right.text()));
    } else if (left.kind() != Value::Kind::null || right.kind() != Value::Kind::null) {
      const double a = number_of(left), b = number_of(right);
      if (std::isnan(a) || std::isnan(b)) return Value::boolean(false);
      order = a < b ? -1 : a > b ? 1 : 0;
    }
    switch (expression.comparison) {
    case Operator::less: return Value::boolean(order < 0);
    case Operator::less_equal: return Value::boolean(order <= 0);
    case Operator::greater: return Value::boolean(order > 0);
    default: return Value::boolean(order >= 0);
    }
  }

  static std::optional<std::size_t> position(const Value& index) {
    const double number = number_of(index);
    if (std::isnan(number) || number < 0 || number > 1e9) return {};
    return static_cast<std::size_t>(number);
  }

  static Value filtered(std::vector<Value> items) {
    Value result = Value::array(std::move(items));
    result.filtered_ = true;
    return result;
  }

  Value index(const Expression& expression) {
    const Value object = visit(expression.parts[0]);
    const bool star = expression.parts[1].kind == Expression::Kind::star;
    const Value key = star ? Value::null() : visit(expression.parts[1]);
    return access(expression, object, key, star);
  }

  Value access(const Expression& expression, const Value& object, const Value& key, bool star) {
    switch (object.kind()) {
    case Value::Kind::any: return Value::any();
    case Value::Kind::array: {
      // Nothing is known of an array whose items are not.
      if (!object.parts_)
        return object.filtered_ || star ? Value::some(Value::Kind::array) : Value::any();
      if (object.filtered_) {
        std::vector<Value> items;
        for (const Value& item : object.items()) {
          if (item.kind() == Value::Kind::any) return Value::some(Value::Kind::array);
          if (item.kind() == Value::Kind::array || item.kind() == Value::Kind::object) {
            if (star) {
              const Value inner = access(expression, item, key, true);
              if (!inner.parts_) return Value::some(Value::Kind::array);
              items.insert(items.end(), inner.items().begin(), inner.items().end());
            } else if (item.kind() == Value::Kind::array) {
              const auto at = key.known() ? position(key) : std::nullopt;
              if (at && *at < item.items().size()) items.push_back(item.items()[*at]);
            } else if (!key.known()) {
              return Value::some(Value::Kind::array);
            } else if (const Value* found = item.member(text_of(key))) {
              items.push_back(*found);
            } else if (item.is_open()) {
              return Value::some(Value::Kind::array);
            }
          }
        }
        return filtered(std::move(items));
      }
      if (star) return filtered(object.items());
      if (!key.known()) return Value::any();
      const auto at = position(key);
      return at && *at < object.items().size() ? object.items()[*at] : Value::null();
    }
    case Value::Kind::object: {
      if (star) {
        if (object.is_open()) return Value::some(Value::Kind::array);
        std::vector<Value> items;
        for (const auto& [name, value] : object.members()) items.push_back(value);
        return filtered(std::move(items));
      }
      if (!key.known() || !is_primitive(key.kind())) {
        if (object.parts_ && object.parts_->each) return *object.parts_->each;
        return Value::any();
      }
      const std::string name = text_of(key);
      if (const Value* found = object.member(name)) return *found;
      if (object.is_open()) return Value::any();
      if (scope_.missing)
        scope_.missing(expression.parts[0], name, expression.parts[1].range, object);
      return Value::null();
    }
    default: return star ? filtered({}) : Value::null();
    }
  }

  Value call(const Expression& expression) {
    std::vector<Value> arguments;
    arguments.reserve(expression.parts.size());
    for (const Expression& part : expression.parts) arguments.push_back(visit(part));
    const std::string name = knowledge::lower(expression.text);
    const auto is = [&](std::string_view wanted, std::size_t least) {
      return name == wanted && arguments.size() >= least;
    };
    if (is("contains", 2)) return boolean_of(contains(arguments[0], arguments[1]));
    if (is("startswith", 2)) return boolean_of(begins(arguments[0], arguments[1]));
    if (is("endswith", 2)) return boolean_of(ends(arguments[0], arguments[1]));
    if (is("format", 1)) return format(arguments);
    if (is("join", 1)) return join(arguments);
    if (is("fromjson", 1)) {
      if (!arguments[0].known() || !is_primitive(arguments[0].kind())) return Value::any();
      const auto value = parse_json(text_of(arguments[0]));
      return value ? *value : Value::any();
    }
    if (is("tojson", 1)) return Value::some(Value::Kind::text);
    if (is("case", 3)) {
      std::optional<Value> result;
      for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
        const Truth truth = arguments[i].truth();
        if (truth == Truth::no) continue;
        result = result ? Value::either(*result, arguments[i + 1]) : arguments[i + 1];
        if (truth == Truth::yes) return *result;
      }
      return result ? Value::either(*result, arguments.back()) : arguments.back();
    }
    if (scope_.call) return scope_.call(name, arguments);
    return Value::any();
  }

  static Truth contains(const Value& left, const Value& right) {
    if (!left.choices().empty())
      return over(left.choices(), [&](const Value& choice) { return contains(choice, right); });
    if (left.kind() == Value::Kind::any) return Truth::maybe;
    if (left.kind() == Value::Kind::object) return Truth::no;
    if (left.kind() == Value::Kind::array) {
      if (!left.parts_) return Truth::maybe;
      Truth result = Truth::no;
      for (const Value& item : left.items()) result = std::max(result, equal(right, item));
      return result;
    }
    if (right.kind() == Value::Kind::any) return Truth::maybe;
    if (!is_primitive(right.kind())) return Truth::no;
    const Value text = as_text(left), word = as_text(right);
    if (!word.known()) return Truth::maybe;
    const std::string wanted = knowledge::lower(word.text());
    if (knowledge::lower(text.text()).contains(wanted) ||
        knowledge::lower(text.suffix()).contains(wanted))
      return Truth::yes;
    if (!text.known() || has_other_letters(wanted)) return Truth::maybe;
    return Truth::no;
  }

  static Truth begins(const Value& left, const Value& right) {
    if (!left.choices().empty())
      return over(left.choices(), [&](const Value& choice) { return begins(choice, right); });
    if (left.kind() == Value::Kind::any || right.kind() == Value::Kind::any) return Truth::maybe;
    if (!is_primitive(left.kind()) || !is_primitive(right.kind())) return Truth::no;
    const Value text = as_text(left), word = as_text(right);
    if (!word.known()) return Truth::maybe;
    const std::string have = knowledge::lower(text.text()), wanted = knowledge::lower(word.text());
    if (have.starts_with(wanted)) return Truth::yes;
    if (has_other_letters(wanted)) return Truth::maybe;
    return !text.known() && wanted.starts_with(have) ? Truth::maybe : Truth::no;
  }

  static Truth ends(const Value& left, const Value& right) {
    if (!left.choices().empty())
      return over(left.choices(), [&](const Value& choice) { return ends(choice, right); });
    if (left.kind() == Value::Kind::any || right.kind() == Value::Kind::any) return Truth::maybe;
    if (!is_primitive(left.kind()) || !is_primitive(right.kind())) return Truth::no;
    const Value text = as_text(left), word = as_text(right);
    if (!word.known()) return Truth::maybe;
    const std::string have = knowledge::lower(text.known() ? text.text() : text.suffix());
    const std::string wanted = knowledge::lower(word.text());
    if (have.ends_with(wanted)) return Truth::yes;
    if (has_other_letters(wanted)) return Truth::maybe;
    return !text.known() && wanted.ends_with(have) ? Truth::maybe : Truth::no;
  }

  // Known up to the first argument that is not.
  static Value format(const std::vector<Value>& arguments) {
    if (!arguments[0].known() || !is_primitive(arguments[0].kind()))
      return Value::some(Value::Kind::text);
    const std::string pattern = text_of(arguments[0]);
    std::string prefix, suffix;
    bool open = false;
    const auto add = [&](std::string_view text) { (open ? suffix : prefix) += text; };
    for (std::size_t at = 0; at < pattern.size();) {
      const char c = pattern[at];
      const char next = at + 1 < pattern.size() ? pattern[at + 1] : '\0';
      if ((c == '{' || c == '}') && next == c) {
        add(std::string_view(&c, 1));
        at += 2;
        continue;
      }
      if (c == '}') return Value::any();
      if (c != '{') {
        add(std::string_view(&c, 1));
        ++at;
        continue;
      }
      std::size_t number = 0;
      const char* begin = pattern.data() + at + 1;
      const auto [end, error] = std::from_chars(begin, pattern.data() + pattern.size(), number);
      const std::size_t close = pattern.find('}', at);
      if (error != std::errc() || close == npos || number + 1 >= arguments.size())
        return Value::any();
      const Value value = as_text(arguments[number + 1]);
      if (prefix.size() + suffix.size() > (1u << 20)) return Value::some(Value::Kind::text);
      if (value.known()) {
        add(value.text());
      } else {
        if (!open) prefix += value.prefix();
        open = true;
        suffix = value.suffix();
      }
      at = close + 1;
    }
    return open ? Value::text_like(std::move(prefix), std::move(suffix))
                : Value::text(std::move(prefix));
  }

  static Value join(const std::vector<Value>& arguments) {
    const Value& list = arguments[0];
    if (is_primitive(list.kind())) return as_text(list);
    if (list.kind() == Value::Kind::object) return Value::text("");
    if (!list.known() || (arguments.size() > 1 && !arguments[1].known()))
      return Value::some(Value::Kind::text);
    const std::string separator =
        arguments.size() > 1 && is_primitive(arguments[1].kind()) ? text_of(arguments[1]) : ",";
    std::string result;
    for (std::size_t i = 0; i < list.items().size(); ++i) {
      result += (i == 0 ? "" : separator) + text_of(list.items()[i]);
      if (result.size() > (1u << 20)) return Value::some(Value::Kind::text);
    }
    return Value::text(std::move(result));
  }

  const Scope& scope_;
};

Value evaluate(const Expression& expression, const Scope& scope) {
  return Evaluator(scope).visit(expression);
}

namespace {

class Json {
public:
  explicit Json(std::string_view text) : text_(text) {}

  std::optional<Value> run() {
    auto value = read(0);
    blanks();
    if (!value || at_ != text_.size()) return {};
    return value;
  }

private:
  void blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  std::optional<Value> read(int depth) {
    blanks();
    if (depth > depth_limit || at_ >= text_.size()) return {};
    if (take("true")) return Value::boolean(true);
    if (take("false")) return Value::boolean(false);
    if (take("null")) return Value::null();
    if (text_[at_] == '"') {
      auto text = string();
      return text ? std::optional(Value::text(std::move(*text))) : std::nullopt;
    }
    if (take("[")) return list(depth);
    if (take("{")) return mapping(depth);
    return number();
  }

  std::optional<Value> list(int depth) {
    std::vector<Value> items;
    blanks();
    if (take("]")) return Value::array(std::move(items));
    do {
      auto item = read(depth + 1);
      if (!item) return {};
      items.push_back(std::move(*item));
      blanks();
    } while (take(","));
    if (!take("]")) return {};
    return Value::array(std::move(items));
  }

  std::optional<Value> mapping(int depth) {
    std::vector<std::pair<std::string, Value>> members;
    blanks();
    if (take("}")) return Value::object(std::move(members));
    do {
      blanks();
      if (at_ >= text_.size() || text_[at_] != '"') return {};
      auto key = string();
      blanks();
      if (!key || !take(":")) return {};
      auto value = read(depth + 1);
      if (!value) return {};
      members.emplace_back(std::move(*key), std::move(*value));
      blanks();
    } while (take(","));
    if (!take("}")) return {};
    return Value::object(std::move(members));
  }

  std::optional<std::string> string() {
    std::string result;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return result;
      }
      if (c != '\\') {
        if (static_cast<unsigned char>(c) < 0x20) return {};
        result += c;
        continue;
      }
      if (++at_ >= text_.size()) return {};
      constexpr std::string_view escapes = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
      if (const std::size_t which = escapes.find(text_[at_]); which != npos) {
        result += meanings[which];
      } else if (text_[at_] == 'u' && at_ + 4 < text_.size()) {
        unsigned code = 0;
        const char* begin = text_.data() + at_ + 1;
        const auto [end, error] = std::from_chars(begin, begin + 4, code, 16);
        if (error != std::errc() || end != begin + 4) return {};
        at_ += 4;
        if (code < 0x80) {
          result += static_cast<char>(code);
        } else if (code < 0x800) {
          result += static_cast<char>(0xc0 | (code >> 6));
          result += static_cast<char>(0x80 | (code & 0x3f));
        } else { // halves of pairs stay as they are: nothing compares them
          result += static_cast<char>(0xe0 | (code >> 12));
          result += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
          result += static_cast<char>(0x80 | (code & 0x3f));
        }
      } else {
        return {};
      }
    }
    return {};
  }

  std::optional<Value> number() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::string_view("+-.0123456789eE").contains(text_[at_])) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.empty() || word.front() == '+' || word.front() == '.') return {};
    const double value = to_number(word);
    if (std::isnan(value)) return {};
    return Value::number(value);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

} // namespace

std::optional<Value> parse_json(std::string_view text) { return Json(text).run(); }

std::string path_of(const Expression& expression) {
  if (expression.kind == Expression::Kind::context) return knowledge::lower(expression.text);
  if (expression.kind != Expression::Kind::index ||
      expression.parts[1].kind != Expression::Kind::text)
    return {};
  std::string path = path_of(expression.parts[0]);
  if (path.empty()) return path;
  return path + "." + knowledge::lower(expression.parts[1].text);
}

} // namespace aethel::github
