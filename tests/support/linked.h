// A small repository as text, linked.
#pragma once

#include "link/passes.h"
#include "support/txtar.h"

#include <gtest/gtest.h>
#include <memory>

namespace aethel::testing {

struct LinkedText {
  std::unique_ptr<MemoryFiles> files;
  Report report;
};

inline LinkedText link_text(const Txtar& archive, unsigned threads = 1) {
  LinkedText linked;
  linked.files = std::make_unique<MemoryFiles>();
  for (const auto& [path, bytes] : archive.files) linked.files->write(path, bytes);
  // A fixed day: what ends on a date must not change the tests.
  auto report =
      link_program(*linked.files, {.threads = threads, .today = *parse_date("2026-11-25")});
  EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().message);
  if (report) linked.report = std::move(*report);
  return linked;
}

} // namespace aethel::testing
