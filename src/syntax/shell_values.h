// What the words of a command stand for, without running it. Internal to shell_commands.
#pragma once

#include "syntax/shell_commands.h"
#include "syntax/shell_words.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::shell {

// A string with marks for what is not text, and the offset in the file of each byte.
namespace mark {
inline constexpr char unknown = '\1';
inline constexpr char script_directory = '\2';
inline constexpr char repository = '\3';
inline constexpr char clone = '\4';
inline constexpr char home = '\5';
inline constexpr char field = '\6'; // words end here
} // namespace mark

struct Marked {
  std::string text;
  std::vector<std::uint32_t> offsets;
  shell_commands::Argument::Certainty certainty = shell_commands::Argument::Certainty::fixed;

  void push(char c, std::uint32_t offset) {
    text += c;
    offsets.push_back(offset);
  }
};

// The values that a word can have. Never empty: an unknown word is one unknown mark.
using Values = std::vector<Marked>;

inline constexpr std::size_t value_limit = 8;
inline constexpr std::size_t length_limit = 4096;

struct Field {
  Values values;
  Range used; // the word in the file
  Quoted quoted = Quoted::no;
};

class Scope {
public:
  // Definitions of make or just, and the environment of the block.
  void define(const std::vector<Definition>& definitions);
  // Forgets what a shell assigned.
  void reset();
  void enter(const Block& block);

  enum class When : std::uint8_t { always, on_condition };
  void assign(const std::string& name, Values values, When when);
  void append(const std::string& name, const Values& values, When when);
  void export_name(const std::string& name) { exported_.insert(name); }
  void export_all() { export_all_ = true; }

  // The value that commands see, or null: exported here or set by the environment.
  const Values* exported(const std::string& name);

  // One or more values; fields are separated where the shell would split.
  Values expand(const Word& word, const MappedText& text);
  Values expand(const std::vector<Part>& parts, const MappedText& text);

  std::optional<shell_commands::Path> directory = shell_commands::Path{};

private:
  const Values* lookup(const std::string& name);
  Values expand_part(const Part& part, const MappedText& text);
  Values variable(const Part& part, const MappedText& text);
  Values substitution(const MappedText& text);
  Values definition_value(const MappedText& value);

  std::map<std::string, Values, std::less<>> variables_;
  std::map<std::string, Values, std::less<>> environment_;
  std::map<std::string, std::vector<Definition>, std::less<>> definitions_;
  std::map<std::string, Values, std::less<>> expanded_; // definitions, when first used
  std::set<std::string, std::less<>> exported_;
  const Environment* entered_ = nullptr;
  Dialect dialect_ = Dialect::posix;
  bool export_all_ = false;
  int depth_ = 0;
};

MappedText part_of(const MappedText& text, Range range);
Values one_value(std::string_view text, std::uint32_t offset);
bool is_known(const Marked& value);
// The text when there is only one and nothing in it is unknown; else "\1".
std::string_view only(const Values& values);
std::vector<Marked> split_fields(const Marked& value);

shell_commands::Argument argument(const Values& values, Range used);
shell_commands::Argument argument(const Field& field);

// The text of a field when it is known, "\1" when not, and "" behind the last.
std::string_view field_text(std::span<const Field> fields, std::size_t at);
Range place_of(std::span<const Field> fields);
// Drops words that begin with '-', with the value of those in `values` (" -a --all ").
std::span<const Field> skip_flags(std::span<const Field> fields, std::string_view values);

Marked marked(const shell_commands::Path& path, std::uint32_t offset);
shell_commands::Path path_of(std::string_view marked_text);
// `path` as seen from `directory`; nullopt when that is unknown and needed.
std::optional<shell_commands::Path> join(const std::optional<shell_commands::Path>& directory,
                                         const shell_commands::Path& path);

} // namespace aethel::shell
