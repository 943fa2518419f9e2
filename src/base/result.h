// Failures as values. Findings about a repository are data (model/finding.h); a
// Failure is about the run itself: a file that cannot be read, a usage error.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace aethel {

struct Failure {
  std::string message;      // lowercase, no full stop
  std::string path = {};    // empty when no file is concerned
  std::uint32_t line = 0;   // 1-based; 0 when unknown
  std::uint32_t column = 0; // 1-based, in bytes; 0 when unknown
  std::string hint = {};
};

template <class T> using Result = std::expected<T, Failure>;

inline std::unexpected<Failure> fail(std::string message) {
  return std::unexpected(Failure{.message = std::move(message)});
}
inline std::unexpected<Failure> fail(Failure failure) {
  return std::unexpected(std::move(failure));
}

} // namespace aethel
