#include "syntax/shell_program.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace aethel::shell {
namespace {

bool is_assignment(const Word& word) {
  if (word.parts.empty()) return false;
  const Part& first = word.parts[0];
  if (first.kind != Part::Kind::literal || first.quoted == Quoted::yes) return false;
  std::size_t i = 0;
  const std::string& text = first.text;
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  while (i < text.size() && (letter(text[i]) || (i > 0 && text[i] >= '0' && text[i] <= '9'))) ++i;
  if (i == 0 || i >= text.size()) return false;
  return text[i] == '=' || (text[i] == '+' && i + 1 < text.size() && text[i + 1] == '=');
}

class Builder {
public:
  explicit Builder(std::vector<Item> items) : items_(std::move(items)) {}

  Program run() {
    program_.complete = items_.size() < longest_program;
    settle();
    program_.commands = list({});
    return std::move(program_);
  }

private:
  using Ends = std::initializer_list<std::string_view>;

  // --- the cursor: an item, and a word of it ---

  bool done() const { return item_ >= items_.size(); }
  bool at(Item::Kind kind) const { return !done() && items_[item_].kind == kind; }
  std::size_t words() const { return done() ? 0 : items_[item_].words.size(); }
  std::string_view word() const {
    return at(Item::Kind::command) && word_ < words() ? bare(items_[item_].words[word_])
                                                      : std::string_view();
  }
  bool at_any(Ends ends) const {
    const std::string_view here = word();
    return !here.empty() && std::ranges::find(ends, here) != ends.end();
  }
  void next_item() {
    ++item_;
    word_ = 0;
    settle();
  }
  // Past an item whose words are all taken. Its redirections are taken by who took the last word.
  void settle() {
    while (at(Item::Kind::command) && word_ > 0 && word_ >= words()) {
      ++item_;
      word_ = 0;
    }
  }
  // A reserved word; the redirections behind it when it is the last one of its item.
  void take(Command* owner = nullptr) {
    Item& item = items_[item_];
    if (owner != nullptr) owner->range.end = item.words[word_].range.end;
    ++word_;
    if (word_ == item.words.size()) {
      if (owner != nullptr)
        std::ranges::move(item.redirections, std::back_inserter(owner->redirections));
      ++item_;
      word_ = 0;
    }
  }
  bool expect(std::string_view wanted, Command* owner = nullptr) {
    if (word() == wanted) {
      take(owner);
      return true;
    }
    program_.complete = false;
    return false;
  }
  Joint joint() const { return done() || word_ > 0 ? Joint::sequence : items_[item_].before; }
  std::uint32_t begin() const {
    if (done()) return 0;
    const Item& item = items_[item_];
    return word_ < item.words.size() ? item.words[word_].range.begin : item.range.begin;
  }

  // --- the grammar ---

  bool ends_list(Ends ends) const {
    return done() || at(Item::Kind::close_subshell) || at(Item::Kind::end_arm) || at_any(ends);
  }

  std::vector<Command> list(Ends ends) {
    std::vector<Command> result;
    while (!done()) {
      if (ends_list(ends)) {
        if (!ends.size() && depth_ == 0) { // closes nothing
          program_.complete = false;
          next_item();
          continue;
        }
        break;
      }
      if (at_any({"then", "do", "done", "fi", "esac", "else", "elif", "}"})) {
        program_.complete = false;
        if (depth_ > 0) break; // whoever is above may wait for it
        take();
        continue;
      }
      const std::size_t item = item_, word = word_;
      result.push_back(chain());
      if (item == item_ && word == word_) { // nothing taken: never again at the same place
        program_.complete = false;
        next_item();
      }
    }
    return result;
  }

  Command chain() {
    Command first = pipeline();
    if (joint() != Joint::both && joint() != Joint::either) return first;
    Command result{.kind = Command::Kind::chain, .range = first.range};
    result.parts.push_back(std::move(first));
    while (!done() && (joint() == Joint::both || joint() == Joint::either) && !ends_list({})) {
      result.joints.push_back(joint());
      result.parts.push_back(pipeline());
      result.range.end = std::max(result.range.end, result.parts.back().range.end);
    }
    if (result.parts.size() == 1) return std::move(result.parts[0]);
    return result;
  }

  Command pipeline() {
    bool negated = false;
    while (at_any({"!", "time"})) {
      if (word() == "!") negated = !negated;
      take();
    }
    Command first = command();
    first.negated = negated;
    if (joint() != Joint::pipe) return first;
    first.negated = false;
    Command result{.kind = Command::Kind::pipeline, .negated = negated, .range = first.range};
    result.parts.push_back(std::move(first));
    while (!done() && joint() == Joint::pipe && !ends_list({})) {
      result.parts.push_back(command());
      result.range.end = std::max(result.range.end, result.parts.back().range.end);
    }
    if (result.parts.size() == 1) return std::move(result.parts[0]);
    return result;
  }

  Command command() {
    Command result;
    if (done()) return result;
    result.range.begin = begin();
    result.range.end = items_[item_].range.end;
    if (depth_ >= deepest_program) {
      program_.complete = false;
      next_item();
      return result;
    }
    ++depth_;
    if (at(Item::Kind::open_subshell))
      subshell(result);
    else if (at(Item::Kind::function))
      function(result);
    else if (at(Item::Kind::command))
      reserved(result);
    --depth_;
    return result;
  }

  void subshell(Command& result) {
    result.kind = Command::Kind::subshell;
    next_item();
    result.parts = list({});
    if (at(Item::Kind::close_subshell)) {
      result.range.end = items_[item_].range.end;
      next_item();
      // `( ... ) > file`
      if (at(Item::Kind::command) && words() == 0 && joint() == Joint::sequence) {
        std::ranges::move(items_[item_].redirections, std::back_inserter(result.redirections));
        next_item();
      }
    } else {
      program_.complete = false;
    }
  }

  void function(Command& result) {
    result.kind = Command::Kind::function;
    const Word& name = items_[item_].words[0];
    if (!name.parts.empty()) result.name = name.parts[0].text;
    next_item();
    body_of_function(result);
  }

  void body_of_function(Command& result) {
    if (done()) {
      program_.complete = false;
      return;
    }
    result.parts.push_back(command());
    result.range.end = std::max(result.range.end, result.parts.back().range.end);
  }

  void reserved(Command& result) {
    const std::string_view first = word();
    if (first == "{") {
      result.kind = Command::Kind::group;
      take();
      result.parts = list({"}"});
      expect("}", &result);
    } else if (first == "if") {
      branch(result);
    } else if (first == "while" || first == "until") {
      result.kind = Command::Kind::loop;
      result.until = first == "until";
      take();
      result.arms.emplace_back();
      result.arms[0].condition = list({"do"});
      expect("do");
      result.arms[0].body = list({"done"});
      expect("done", &result);
    } else if (first == "for" || first == "select") {
      each(result);
    } else if (first == "case") {
      choice(result);
    } else if (first == "function" && word_ + 1 < words()) {
      result.kind = Command::Kind::function;
      take();
      result.name = std::string(word());
      take();
      body_of_function(result);
    } else {
      simple(result);
    }
  }

  void branch(Command& result) {
    result.kind = Command::Kind::branch;
    take();
    for (bool more = true; more;) {
      Arm arm;
      arm.condition = list({"then"});
      more = expect("then");
      arm.body = list({"elif", "else", "fi"});
      result.arms.push_back(std::move(arm));
      if (word() == "elif") {
        take();
        continue;
      }
      if (word() == "else") {
        take();
        result.arms.emplace_back();
        result.arms.back().body = list({"fi"});
      }
      break;
    }
    expect("fi", &result);
  }

  void each(Command& result) {
    result.kind = Command::Kind::each;
    take();
    if (at(Item::Kind::command) && word_ < words()) {
      result.name = std::string(word()); // empty for `(( ))`
      take();
    }
    if (word() == "in") {
      const std::size_t item = item_;
      take();
      if (item_ == item) {
        Item& rest = items_[item_];
        result.words.assign(std::make_move_iterator(rest.words.begin() + word_),
                            std::make_move_iterator(rest.words.end()));
        next_item();
      }
    } else {
      result.until = true; // no list: the arguments, or arithmetic
    }
    result.arms.emplace_back();
    expect("do");
    result.arms[0].body = list({"done"});
    expect("done", &result);
  }

  void choice(Command& result) {
    result.kind = Command::Kind::choice;
    take();
    if (at(Item::Kind::command) && word_ < words()) {
      result.words.push_back(items_[item_].words[word_]);
      take();
    }
    if (!expect("in")) return;
    while (!done() && word() != "esac") {
      if (at(Item::Kind::end_arm)) {
        next_item();
        continue;
      }
      const std::size_t item = item_;
      if (at(Item::Kind::open_subshell)) next_item();
      Arm arm;
      while (at(Item::Kind::command)) {
        for (; word_ < words(); ++word_) arm.patterns.push_back(items_[item_].words[word_]);
        next_item();
      }
      if (!at(Item::Kind::close_subshell)) {
        program_.complete = false;
        if (item == item_) next_item();
        continue;
      }
      next_item();
      arm.body = list({"esac"});
      if (at(Item::Kind::close_subshell)) { // not ours
        program_.complete = false;
        next_item();
      }
      result.arms.push_back(std::move(arm));
    }
    expect("esac", &result);
  }

  void simple(Command& result) {
    Item& item = items_[item_];
    bool front = true;
    for (; word_ < item.words.size(); ++word_) {
      Word& each = item.words[word_];
      front = front && is_assignment(each);
      result.range.end = std::max(result.range.end, each.range.end);
      (front ? result.assignments : result.words).push_back(std::move(each));
    }
    result.redirections = std::move(item.redirections);
    result.range.end = std::max(result.range.end, item.range.end);
    next_item();
  }

  std::vector<Item> items_;
  std::size_t item_ = 0, word_ = 0;
  std::size_t depth_ = 0;
  Program program_;
};

} // namespace

std::string_view bare(const Word& word) {
  if (word.parts.size() != 1) return {};
  const Part& part = word.parts[0];
  if (part.kind != Part::Kind::literal || part.quoted == Quoted::yes) return {};
  return part.text;
}

Program parse_program(std::string_view text, Dialect dialect) {
  return Builder(split(text, dialect, longest_program, Detail::structure)).run();
}

} // namespace aethel::shell
