#include "daemon/terminal.h"

#include "daemon/settings.h"

#include "base/parallel.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <unistd.h>

namespace aethel::daemon {

void print_failure(const Failure& failure) {
  std::string text = "aetheld: ";
  if (!failure.path.empty()) {
    text += failure.path;
    if (failure.line != 0) text += fmt::format(":{}:{}", failure.line, failure.column);
    text += ": ";
  }
  text += failure.message + "\n";
  if (!failure.hint.empty()) text += "  help: " + failure.hint + "\n";
  std::fputs(text.c_str(), stderr);
}

Exit print_failure(const OpenFailure& failure) {
  print_failure(failure.failure);
  return failure.exit;
}

std::string size_text(std::uint64_t bytes) {
  constexpr const char* units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  auto value = static_cast<double>(bytes);
  int unit = 0;
  while (value >= 999.5 && unit < 5) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes)
                   : fmt::format("{:.{}f} {}", value, value < 9.95 ? 1 : 0, units[unit]);
}

std::string age_text(std::int64_t seconds) {
  if (seconds < 0) seconds = 0;
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 7200) return fmt::format("{} min", seconds / 60);
  if (seconds < 172800) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} d", seconds / 86400);
}

std::string duration_text(std::uint64_t milliseconds) {
  if (milliseconds < 60'000)
    return fmt::format("{:.1f} s", static_cast<double>(milliseconds) / 1000);
  const std::uint64_t seconds = milliseconds / 1000;
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

std::string Reading::text(std::uint64_t done, std::uint64_t total) const {
  std::string text = fmt::format("{} of {} read", size_text(done), size_text(total));
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  if (done == 0 || done >= total || seconds <= 0) return text;
  const double rate = static_cast<double>(done) / seconds;
  return text + fmt::format(" at {}/s, {} left", size_text(static_cast<std::uint64_t>(rate)),
                            duration_text(static_cast<std::uint64_t>(
                                1000 * static_cast<double>(total - done) / rate)));
}

bool wants_color(int descriptor) {
  const char* const term = std::getenv("TERM");
  return ::isatty(descriptor) != 0 && std::getenv("NO_COLOR") == nullptr && term != nullptr &&
         std::string_view(term) != "dumb";
}

namespace {

std::string painted(const char* code, const std::string& text) {
  static const bool color = wants_color(STDOUT_FILENO);
  return color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

} // namespace

std::string bold(const std::string& text) { return painted("1", text); }
std::string red(const std::string& text) { return painted("31", text); }
std::string green(const std::string& text) { return painted("32", text); }

Line::Line(std::function<std::string()> text) {
  if (::isatty(STDERR_FILENO) == 0) return;
  shown_.emplace(std::chrono::milliseconds(250),
                 [own = std::move(text)] { std::fprintf(stderr, "\r\x1b[K%s", own().c_str()); });
}

Line::~Line() {
  if (!shown_) return;
  shown_.reset();
  std::fputs("\r\x1b[K", stderr);
}

} // namespace aethel::daemon
