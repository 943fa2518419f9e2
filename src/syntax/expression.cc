#include "syntax/expression.h"

#include <algorithm>
#include <bitset>
#include <cctype>
#include <cstddef>
#include <optional>
#include <vector>

namespace aethel {
namespace {

constexpr std::size_t program_limit = 4000;
constexpr std::size_t text_limit = 8192;
constexpr unsigned depth_limit = 60;
constexpr std::size_t step_limit = 20'000; // parts that hold nothing can be repeated, too

using Characters = std::bitset<256>;

struct Instruction {
  enum class Kind : std::uint8_t { characters, split, begin, end, word, not_word, match };
  Kind kind = Kind::match;
  Characters characters;
  std::size_t next = 0, other = 0;
};

Characters class_of(char letter) {
  Characters set;
  const bool inverted = std::isupper(static_cast<unsigned char>(letter)) != 0;
  for (int c = 0; c < 256; ++c) {
    bool in = false;
    switch (std::tolower(static_cast<unsigned char>(letter))) {
    case 'd': in = c >= '0' && c <= '9'; break;
    case 'w': in = c == '_' || (c < 128 && std::isalnum(c) != 0); break;
    case 's': in = c == ' ' || (c >= 9 && c <= 13); break;
    default: break;
    }
    set[static_cast<std::size_t>(c)] = in != inverted;
  }
  return set;
}

// Recursive descent into a program of Thompson's; a part is built once for each repetition.
class Compiler {
public:
  Compiler(std::string_view pattern, bool ignore_case)
      : text_(pattern), ignore_case_(ignore_case) {}

  std::optional<std::vector<Instruction>> run() {
    alternatives(0);
    if (at_ != text_.size()) failed_ = true;
    emit({.kind = Instruction::Kind::match});
    if (failed_) return {};
    return std::move(program_);
  }

private:
  std::size_t emit(Instruction instruction) {
    if (program_.size() >= program_limit) {
      failed_ = true;
      return program_.size() - 1;
    }
    instruction.next = program_.size() + 1;
    program_.push_back(instruction);
    return program_.size() - 1;
  }

  void alternatives(unsigned depth) {
    if (depth > depth_limit) {
      failed_ = true;
      return;
    }
    // split -> first, jump to the end; or the next alternative.
    std::vector<std::size_t> jumps;
    for (;;) {
      const std::size_t begin = program_.size();
      sequence(depth);
      if (failed_ || at_ >= text_.size() || text_[at_] != '|') break;
      ++at_;
      insert(begin);
      jumps.push_back(emit({.kind = Instruction::Kind::split}));
      program_[begin].other = program_.size();
    }
    for (const std::size_t jump : jumps)
      program_[jump].next = program_[jump].other = program_.size();
  }

  // Makes room for a split in front of what was built from `begin` on.
  void insert(std::size_t begin) {
    if (program_.size() >= program_limit) {
      failed_ = true;
      return;
    }
    Instruction split{.kind = Instruction::Kind::split};
    program_.insert(program_.begin() + static_cast<std::ptrdiff_t>(begin), split);
    for (std::size_t i = begin + 1; i < program_.size(); ++i) {
      if (program_[i].next >= begin) ++program_[i].next;
      if (program_[i].other >= begin) ++program_[i].other;
    }
    program_[begin].next = program_[begin].other = begin + 1;
  }

  void sequence(unsigned depth) {
    while (!failed_ && at_ < text_.size() && text_[at_] != '|' && text_[at_] != ')') {
      const std::size_t source = at_;
      const std::size_t begin = program_.size();
      atom(depth);
      quantifier(source, begin, depth);
    }
  }

  void quantifier(std::size_t source, std::size_t begin, unsigned depth) {
    if (failed_ || at_ >= text_.size()) return;
    const char c = text_[at_];
    unsigned low = 0, high = 0;
    bool open = false;
    const std::size_t atom_end = at_;
    if (c == '*' || c == '+' || c == '?') {
      ++at_;
      low = c == '+' ? 1 : 0;
      high = 1;
      open = c != '?';
    } else if (c == '{' && counted(low, high, open)) {
    } else {
      return;
    }
    if (at_ < text_.size() && (text_[at_] == '?' || text_[at_] == '+')) {
      if (text_[at_] == '+') failed_ = true; // possessive: not regular
      ++at_;
    }
    const std::size_t after = at_;
    if (low == 0 && high == 0 && !open) {
      program_.resize(begin);
      return;
    }
    // The first copy is there; others are built from the same text.
    std::size_t last = begin;
    auto copy = [&] {
      last = program_.size();
      at_ = source;
      atom(depth);
      if (at_ != atom_end) failed_ = true;
    };
    for (unsigned i = 1; i < low && !failed_; ++i) copy();
    if (open) {
      if (low == 0) insert(last);
      const std::size_t back = emit({.kind = Instruction::Kind::split});
      if (failed_) return;
      program_[back].next = low == 0 ? last + 1 : last;
      program_[back].other = back + 1;
      if (low == 0) program_[last].other = back + 1;
    } else {
      std::vector<std::size_t> skips;
      if (low == 0) {
        insert(last);
        skips.push_back(last);
      }
      for (unsigned i = std::max(low, 1u); i < high && !failed_; ++i) {
        skips.push_back(emit({.kind = Instruction::Kind::split}));
        copy();
      }
      if (failed_) return;
      for (const std::size_t skip : skips) program_[skip].other = program_.size();
    }
    at_ = after;
  }

  // `{2}`, `{2,}`, `{2,5}`; anything else is literal.
  bool counted(unsigned& low, unsigned& high, bool& open) {
    std::size_t at = at_ + 1;
    auto number = [&]() -> std::optional<unsigned> {
      unsigned value = 0;
      const std::size_t begin = at;
      while (at < text_.size() && text_[at] >= '0' && text_[at] <= '9' && at - begin < 4)
        value = value * 10 + static_cast<unsigned>(text_[at++] - '0');
      return at == begin ? std::nullopt : std::optional(value);
    };
    const auto first = number();
    if (!first) return false;
    low = high = *first;
    if (at < text_.size() && text_[at] == ',') {
      ++at;
      const auto second = number();
      open = !second;
      if (second) high = *second;
    }
    if (at >= text_.size() || text_[at] != '}') return false;
    if (low > high && !open) failed_ = true;
    at_ = at + 1;
    return true;
  }

  void characters(Characters set) {
    if (ignore_case_)
      for (int c = 'a'; c <= 'z'; ++c) {
        const auto low = static_cast<std::size_t>(c), up = static_cast<std::size_t>(c - 32);
        const bool in = set[low] || set[up];
        set[low] = set[up] = in;
      }
    emit({.kind = Instruction::Kind::characters, .characters = set});
  }

  void literal(char c) {
    Characters set;
    set.set(static_cast<unsigned char>(c));
    characters(set);
  }

  void atom(unsigned depth) {
    if (++steps_ > step_limit) failed_ = true;
    const char c = text_[at_++];
    switch (c) {
    case '.': {
      Characters set;
      set.set();
      set.reset('\n');
      characters(set);
      return;
    }
    case '^': emit({.kind = Instruction::Kind::begin}); return;
    case '$': emit({.kind = Instruction::Kind::end}); return;
    case '(': group(depth); return;
    case '[': set(); return;
    case '\\': escape(); return;
    case '*':
    case '+':
    case '?': failed_ = true; return;
    default: literal(c);
    }
  }

  void group(unsigned depth) {
    if (at_ < text_.size() && text_[at_] == '?') {
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("?:")) {
        at_ += 2;
      } else if ((rest.starts_with("?<") || rest.starts_with("?P<")) && rest.size() > 3 &&
                 rest.substr(0, 3) != "?<=" && rest.substr(0, 3) != "?<!") {
        at_ = text_.find('>', at_);
        if (at_ == std::string_view::npos) {
          at_ = text_.size();
          failed_ = true;
          return;
        }
        ++at_;
      } else {
        failed_ = true;
        return;
      }
    } else if (at_ < text_.size() && text_[at_] == '*') {
      failed_ = true;
      return;
    }
    alternatives(depth + 1);
    if (at_ >= text_.size() || text_[at_] != ')') {
      failed_ = true;
      return;
    }
    ++at_;
  }

  void escape() {
    if (at_ >= text_.size()) {
      failed_ = true;
      return;
    }
    const char c = text_[at_++];
    switch (c) {
    case 'd':
    case 'D':
    case 'w':
    case 'W':
    case 's':
    case 'S': characters(class_of(c)); return;
    case 'b': emit({.kind = Instruction::Kind::word}); return;
    case 'B': emit({.kind = Instruction::Kind::not_word}); return;
    case 'A': emit({.kind = Instruction::Kind::begin}); return;
    case 'z':
    case 'Z': emit({.kind = Instruction::Kind::end}); return;
    case 't': literal('\t'); return;
    case 'n': literal('\n'); return;
    case 'r': literal('\r'); return;
    default:
      if (std::isalnum(static_cast<unsigned char>(c)) != 0)
        failed_ = true;
      else
        literal(c);
    }
  }

  void set() {
    Characters set;
    bool inverted = false;
    if (at_ < text_.size() && text_[at_] == '^') {
      inverted = true;
      ++at_;
    }
    bool first = true;
    while (at_ < text_.size() && (text_[at_] != ']' || first)) {
      first = false;
      if (text_[at_] == '[' && at_ + 1 < text_.size() &&
          (text_[at_ + 1] == ':' || text_[at_ + 1] == '.' || text_[at_ + 1] == '=')) {
        failed_ = true;
        return;
      }
      char low = text_[at_++];
      if (low == '\\') {
        if (at_ >= text_.size()) break;
        low = text_[at_++];
        if (std::string_view("dDwWsS").find(low) != std::string_view::npos) {
          set |= class_of(low);
          continue;
        }
        if (low == 't')
          low = '\t';
        else if (low == 'n')
          low = '\n';
        else if (low == 'r')
          low = '\r';
        else if (std::isalnum(static_cast<unsigned char>(low)) != 0) {
          failed_ = true;
          return;
        }
      }
      char high = low;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        high = text_[at_ + 1];
        at_ += 2;
        if (high == '\\') {
          if (at_ >= text_.size()) break;
          high = text_[at_++];
          if (std::isalnum(static_cast<unsigned char>(high)) != 0) {
            failed_ = true;
            return;
          }
        }
      }
      if (static_cast<unsigned char>(high) < static_cast<unsigned char>(low)) {
        failed_ = true;
        return;
      }
      for (unsigned c = static_cast<unsigned char>(low); c <= static_cast<unsigned char>(high); ++c)
        set.set(c);
    }
    if (at_ >= text_.size()) {
      failed_ = true;
      return;
    }
    ++at_;
    if (ignore_case_)
      for (std::size_t c = 'a'; c <= 'z'; ++c) set[c] = set[c - 32] = set[c] || set[c - 32];
    if (inverted) set.flip();
    emit({.kind = Instruction::Kind::characters, .characters = set});
  }

  std::string_view text_;
  bool ignore_case_;
  std::size_t at_ = 0;
  std::size_t steps_ = 0;
  bool failed_ = false;
  std::vector<Instruction> program_;
};

class Machine {
public:
  Machine(const std::vector<Instruction>& program, std::string_view text)
      : program_(program), text_(text), seen_(program.size(), text.size() + 1) {}

  bool run() {
    std::vector<std::size_t> now, next;
    for (std::size_t at = 0; at <= text_.size(); ++at) {
      add(0, at, now); // it may begin anywhere
      if (matched_) return true;
      next.clear();
      if (at == text_.size()) break;
      // What `add` marks for the next place must not stop what begins there.
      for (const std::size_t each : now)
        if (program_[each].characters[static_cast<unsigned char>(text_[at])])
          add(program_[each].next, at + 1, next);
      if (matched_) return true;
      now.swap(next);
    }
    return false;
  }

private:
  static bool is_word(char c) {
    return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
  }

  bool at_boundary(std::size_t at) const {
    return (at > 0 && is_word(text_[at - 1])) != (at < text_.size() && is_word(text_[at]));
  }

  void add(std::size_t start, std::size_t at, std::vector<std::size_t>& list) {
    std::vector<std::size_t> stack = {start};
    while (!stack.empty()) {
      const std::size_t each = stack.back();
      stack.pop_back();
      if (seen_[each] == at) continue;
      seen_[each] = at;
      const Instruction& instruction = program_[each];
      switch (instruction.kind) {
      case Instruction::Kind::characters: list.push_back(each); break;
      case Instruction::Kind::split:
        stack.push_back(instruction.other);
        stack.push_back(instruction.next);
        break;
      case Instruction::Kind::begin:
        if (at == 0) stack.push_back(instruction.next);
        break;
      case Instruction::Kind::end:
        if (at == text_.size()) stack.push_back(instruction.next);
        break;
      case Instruction::Kind::word:
        if (at_boundary(at)) stack.push_back(instruction.next);
        break;
      case Instruction::Kind::not_word:
        if (!at_boundary(at)) stack.push_back(instruction.next);
        break;
      case Instruction::Kind::match: matched_ = true; return;
      }
    }
  }

  const std::vector<Instruction>& program_;
  std::string_view text_;
  std::vector<std::size_t> seen_; // the place at which each was last added
  bool matched_ = false;
};

} // namespace

Found search_expression(std::string_view pattern, std::string_view text, Case letters) {
  bool ignore_case = letters == Case::ignored;
  if (pattern.starts_with("(?i)")) {
    ignore_case = true;
    pattern.remove_prefix(4);
  }
  if (text.size() > text_limit || pattern.size() > 4096) return Found::unknown;
  const auto program = Compiler(pattern, ignore_case).run();
  if (!program) return Found::unknown;
  return Machine(*program, text).run() ? Found::yes : Found::no;
}

} // namespace aethel
