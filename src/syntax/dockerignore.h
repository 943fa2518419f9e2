// .dockerignore: which files of a build context never reach the builder. As moby's patternmatcher
// 0.6 and its ignorefile package read it, which BuildKit and the classic builder share: not Git's
// rules. A pattern is about the whole path from the context's root, and the last one that matches
// the path or a folder above it decides.
// Source: https://docs.docker.com/build/concepts/context/#dockerignore-files and
// https://github.com/moby/patternmatcher.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

class DockerIgnore {
public:
  DockerIgnore() = default;
  // Never fails. At most 10,000 patterns of 4,096 bytes; what is beyond makes the file unknown.
  explicit DockerIgnore(std::string_view bytes);

  enum class Answer : std::uint8_t { kept, excluded, unknown };
  struct Match {
    Answer answer = Answer::kept;
    std::uint32_t line = 0; // 1-based; of the pattern that decided; 0: none did
  };
  // `path` is relative to the context, normalised. `unknown` when a pattern is none that Docker
  // accepts (then the build fails), or one that works by accident as a regular expression.
  Match match(std::string_view path) const;
  // Whether something below the folder, which is excluded itself, may be taken back.
  bool may_keep_below(std::string_view folder) const;
  bool empty() const { return patterns_.empty() && !unknown_; }
  bool unknown() const { return unknown_; }

private:
  struct Token {
    enum class Kind : std::uint8_t {
      literal,
      any,      // ?
      star,     // *
      folders,  // **/ before something: any number of whole folders
      anything, // ** at the end
      set       // [a-z]
    };
    Kind kind = Kind::literal;
    char32_t character = 0;
    bool negative = false;
    std::u32string ranges; // pairs of bounds
  };
  struct Pattern {
    std::vector<Token> tokens;
    std::string suffix; // of `**` and literals: compared with the end of the path
    bool is_suffix = false;
    bool exception = false;
    std::uint32_t line = 0;
    std::string literal; // of an exception: up to its first special character
  };

  static std::optional<Pattern> compile(std::string_view bytes);
  static bool matches(const Pattern& pattern, std::string_view path);

  std::vector<Pattern> patterns_;
  bool unknown_ = false;
};

} // namespace aethel
