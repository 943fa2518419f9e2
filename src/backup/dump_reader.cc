#include "backup/dump_reader.h"

#include "backup/postgres.h"
#include "backup/sql_text.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace aethel::backup {
namespace {

// A statement of interest is shorter: names have at most 63 bytes, but there may be 1600 columns.
constexpr std::size_t longest = std::size_t{1} << 18;

// schema.name, in the form of Relation::qualified().
bool qualified(std::string_view& text, std::string& out) {
  const auto name = take_name(text);
  if (name) out = quote_name(name->schema) + "." + quote_name(name->name);
  return name.has_value();
}

// 'it''s' or E'..\\..'; advances past it.
bool literal(std::string_view& text, std::string& out) {
  out.clear();
  const bool escaped = text.starts_with('E');
  if (escaped) text.remove_prefix(1);
  if (!text.starts_with('\'')) return false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (escaped && text[i] == '\\' && i + 1 < text.size()) {
      out += text[++i];
    } else if (text[i] != '\'') {
      out += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '\'') {
      out += '\'';
      ++i;
    } else {
      text.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

} // namespace

void DumpReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const void* const found = std::memchr(bytes.data(), '\n', bytes.size());
    if (found == nullptr) {
      const std::size_t room = longest - std::min(longest, pending_.size());
      cut_ = cut_ || bytes.size() > room;
      pending_ += bytes.substr(0, room);
      return;
    }
    const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    if (pending_.empty() && !cut_) {
      line(bytes.substr(0, end), true);
    } else {
      pending_ += bytes.substr(0, end);
      line(pending_, !cut_);
      pending_.clear();
      cut_ = false;
    }
    bytes.remove_prefix(end + 1);
  }
}

void DumpReader::line(std::string_view text, bool whole) {
  if (copying_ != nullptr) {
    if (whole && text == "\\.") {
      copying_ = nullptr;
    } else {
      ++*copying_;
    }
    return;
  }
  constexpr std::string_view copy = "COPY ";
  constexpr std::string_view set = "SELECT pg_catalog.setval(";
  // A name may hold the end of a line.
  std::string several;
  if (!statement_.empty()) {
    several = std::exchange(statement_, {}) + "\n" + std::string(text);
    text = several;
  }
  if (whole && text.size() < longest && (text.starts_with(copy) || text.starts_with(set)) &&
      std::ranges::count(text, '"') % 2 != 0) {
    statement_ = text;
    return;
  }
  std::string name;
  if (whole && text.starts_with(copy) && text.ends_with(" FROM stdin;")) {
    text.remove_prefix(copy.size());
    if (qualified(text, name)) copying_ = &rows_[name];
  } else if (whole && text.starts_with(set)) {
    text.remove_prefix(set.size());
    std::string quoted;
    if (!literal(text, quoted) || !text.starts_with(", ")) return;
    std::string_view inside = quoted;
    if (!qualified(inside, name)) return;
    text.remove_prefix(2);
    SequenceSet value;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value.value);
    if (error != std::errc()) return;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    value.called = text.starts_with(", true)");
    sequences_[name] = value;
  }
}

Result<void> DumpReader::finish() {
  if (copying_ != nullptr) return fail("the dump ends within the rows of a table");
  if (!pending_.empty() || !statement_.empty()) return fail("the dump ends within a line");
  return {};
}

} // namespace aethel::backup
