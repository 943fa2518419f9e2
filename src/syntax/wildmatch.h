// Git's patterns over paths, shared by .gitignore and .gitattributes. As git 2.52 and its
// documentation have it: older ones take `foo**/bar` for `foo` before a leading `**/`.
#pragma once

#include <cstdint>
#include <string_view>

namespace aethel {

enum class Slashes : std::uint8_t {
  ordinary, // `*` crosses them: patterns over one name
  separate  // only `**` crosses them: patterns over a path
};

// Bytes, not characters, as in git: `?` is half of an "é". Never exponential, whatever the
// pattern: only the last `*` and the last `**` can give back what they took.
bool wildmatch(std::string_view pattern, std::string_view text, Slashes slashes);

enum class PathKind : std::uint8_t { file, directory };

// One line of an ignore or attribute file. Views into the text that it was read from.
class PathPattern {
public:
  explicit PathPattern(std::string_view line);

  bool negative() const { return negative_; }
  std::string_view text() const { return text_; } // without "!" and the last "/"
  // `path` is relative to the directory of the file that holds the pattern.
  bool matches(std::string_view path, PathKind kind) const;

private:
  std::string_view text_;
  std::uint32_t literal_ = 0; // bytes before the first special character
  bool negative_ = false;
  bool only_directories_ = false;
  bool name_only_ = false; // no slash inside: matches at any depth
  bool suffix_ = false;    // `*.log`: a comparison is enough
};

} // namespace aethel
