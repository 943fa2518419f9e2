// Who may call the API: bearer tokens (RFC 6750) of a file, which holds only their digests.
//
//   # name  scopes            SHA-256 of the token                      until (the day is not
//   included) ops     read,run,restore
//   9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 page    read
//   2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae  2027-01-01
//
// The file is read again when it changes; one with a mistake changes nothing but what is printed.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::platform {

inline constexpr std::string_view scopes[] = {"read", "run", "restore"};
bool is_scope(std::string_view text);

struct Token {
  std::string name; // letters, digits, '-', '_' and '.': what the audit calls its holder
  std::vector<std::string> scopes;
  std::string digest;     // hexadecimal
  std::int64_t until = 0; // seconds since 1970; 0: for good

  bool has(std::string_view scope) const;
};

// Mistakes with their line; no digest stands in a message.
Result<std::vector<Token>> parse_tokens(std::string_view text);

// A new one, to be shown once: 256 random bits.
std::string new_token();
std::string token_line(const Token& token);
std::string token_digest(std::string_view token);

class TokenFile {
public:
  // Fails when the file cannot be read or has a mistake.
  static Result<std::unique_ptr<TokenFile>> open(std::string path,
                                                 std::function<void(const Failure&)> complain);
  bool has(std::string_view name);
  // Of whom an Authorization header is. Every token is compared, in constant time.
  std::optional<Token> find(std::string_view authorization, std::int64_t now);

private:
  struct Stamp {
    std::int64_t seconds = 0, nanoseconds = 0, size = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  TokenFile() = default;
  Result<void> read();
  void refresh();

  std::string path_;
  std::function<void(const Failure&)> complain_;
  std::mutex mutex_;
  std::vector<Token> tokens_;
  Stamp stamp_;
  std::string complaint_; // the last: it is said once
  std::chrono::steady_clock::time_point looked_;
};

} // namespace aethel::platform
