// Durations, sizes and command lines as the Go libraries behind compose read them:
// go-str2duration 2, go-units 0.5, go-shellwords 1.0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::compose {

// Nanoseconds. Units ns, us, ms, s, m, h, d, w.
std::optional<std::int64_t> parse_duration(std::string_view text);
// time.Duration's String: "1m30s".
std::string print_duration(std::int64_t nanoseconds);

// "512m", "1.5 GiB", "-1": powers of 1024.
std::optional<std::int64_t> parse_bytes(std::string_view text);

struct CommandWord {
  std::string text;
  std::size_t begin = 0; // in the line, with quotes
  std::size_t end = 0;
};

// Words of a shell line. What follows an unquoted ; & | < > is dropped, as compose does it;
// nullopt for an unbalanced line.
std::optional<std::vector<CommandWord>> split_command(std::string_view line);

} // namespace aethel::compose
