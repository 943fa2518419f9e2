// What verbs share when they speak: failures, sizes, ages, progress. Colour and lines that are
// rewritten only on a terminal.
#pragma once

#include "base/parallel.h"
#include "base/result.h"
#include "daemon/verb.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace aethel::daemon {

struct OpenFailure;

void print_failure(const Failure& failure);
Exit print_failure(const OpenFailure& failure);
std::string size_text(std::uint64_t bytes);            // "1.2 GB"
std::string age_text(std::int64_t seconds);            // "3 h", "12 d"
std::string duration_text(std::uint64_t milliseconds); // "4.2 s", "3 min 5 s"
// Of what is read from the store: "1.2 GB of 3.4 GB read at 150 MB/s, 15.0 s left".
class Reading {
public:
  std::string text(std::uint64_t done, std::uint64_t total) const;

private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};
bool wants_color(int descriptor);
std::string bold(const std::string& text);
std::string red(const std::string& text);
std::string green(const std::string& text);

// One line on stderr, rewritten while it lives; nothing where that is no terminal.
class Line {
public:
  explicit Line(std::function<std::string()> text);
  ~Line(); // wipes it
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

private:
  std::optional<Periodic> shown_;
};

} // namespace aethel::daemon
