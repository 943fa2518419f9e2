// Reads the text that `pg_restore --data-only --file=-` makes of an archive: how many rows each
// table gets, and to what each sequence is set. No server is needed for it.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace aethel::backup {

struct SequenceSet {
  std::int64_t value = 0;
  bool called = false; // the value was given out
  friend bool operator==(const SequenceSet&, const SequenceSet&) = default;
};

class DumpReader {
public:
  void feed(std::string_view bytes);
  // What is open at the end of the text is a mistake.
  Result<void> finish();

  // By qualified name as pg_dump quotes it, in the form of Relation::qualified(): "public"."t".
  const std::map<std::string, std::uint64_t>& rows() const { return rows_; }
  const std::map<std::string, SequenceSet>& sequences() const { return sequences_; }

private:
  void line(std::string_view text, bool whole);
  std::map<std::string, std::uint64_t> rows_;
  std::map<std::string, SequenceSet> sequences_;
  std::string pending_;   // the beginning of a line
  std::string statement_; // its lines so far, when a name goes over several
  bool cut_ = false;      // a line longer than is kept
  std::uint64_t* copying_ = nullptr;
};

} // namespace aethel::backup
