// Dockerfiles, as BuildKit 0.17 reads them (frontend/dockerfile/parser): logical lines with
// their places, here documents skipped, and the stages with their base images.
// Source: https://docs.docker.com/reference/dockerfile
#pragma once

#include "base/range.h"
#include "syntax/compose_template.h"
#include "syntax/mapped_text.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::dockerfile {

inline constexpr std::array<std::string_view, 18> instruction_names = {
    "ADD",    "ARG",   "CMD",         "COPY",  "ENTRYPOINT", "ENV",
    "EXPOSE", "FROM",  "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "RUN",    "SHELL", "STOPSIGNAL",  "USER",  "VOLUME",     "WORKDIR"};

// BuildKit sets these for FROM by itself.
inline constexpr std::array<std::string_view, 8> platform_arguments = {
    "BUILDPLATFORM",  "BUILDOS",  "BUILDARCH",  "BUILDVARIANT",
    "TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT"};

// `--name=value` before the arguments of an instruction.
struct Flag {
  std::string name; // without "--"
  std::string value;
  Range range;
};

struct HereDocument {
  std::string delimiter;
  Range body; // lines between the instruction and the delimiter
};

struct Instruction {
  std::string name; // in upper case
  Range name_range;
  Range range; // to the end of the last line, here documents included
  std::vector<Flag> flags;
  MappedText arguments; // continuation lines joined, comments between them dropped
  std::vector<HereDocument> here_documents;
  std::string trigger;              // the instruction that ONBUILD holds, in upper case
  std::optional<std::size_t> stage; // nullopt before the first FROM
};

// A variable of the build. Those before the first FROM serve FROM alone.
struct Argument {
  std::string name;
  Range name_range;
  std::optional<std::vector<compose_template::Piece>> value; // nullopt without a default
  Range value_range;
  std::optional<std::size_t> stage; // nullopt before the first FROM
};

struct Stage {
  // Whether the defaults of this file say what the image is. `no`: an argument without a
  // default, one of the platform (TARGETARCH), or an expansion that is not evaluated here.
  enum class Known : std::uint8_t { no, yes };
  std::string name; // in lower case; empty without AS
  Range name_range;
  std::vector<compose_template::Piece> image; // as written; holes are global arguments
  Range image_range;
  std::string base; // with the defaults of global arguments
  Known base_known = Known::yes;
  std::optional<std::size_t> base_stage; // when the base is an earlier stage
  std::string platform;                  // of --platform, as written
  Range range;                           // of the FROM
  std::size_t first_instruction = 0;     // behind the FROM
  std::size_t end_instruction = 0;
};

struct Problem {
  enum class Kind : std::uint8_t {
    bad_directive, // `# escape=` with another value, or a directive twice
    unknown_instruction,
    missing_arguments,
    bad_from, // neither one nor three arguments
    bad_stage_name,
    bad_substitution, // `${` that cannot be read
    unterminated_here_document,
    no_stage, // an instruction other than ARG before the first FROM
    too_long  // the rest was not read
  };
  Kind kind = Kind::unknown_instruction;
  Range range;
};

struct Directive {
  std::string name; // in lower case: syntax, escape, check
  std::string value;
  Range range;
};

struct File {
  char escape = '\\';
  std::vector<Directive> directives;
  std::vector<Instruction> instructions;
  std::vector<Argument> arguments;
  std::vector<Stage> stages;
  std::vector<Range> comments; // from '#' to the end of the line, directives not among them
  std::vector<Problem> problems;
};

struct Limits {
  std::size_t instructions = 100'000;
};

// Never fails. What BuildKit rejects is read as far as it makes sense.
File parse(std::string_view bytes, Limits limits = {});

// The stage with the name (in any case) or the number, or null.
const Stage* find_stage(const File& file, std::string_view name);

// A word of an instruction with its variables; quotes and escapes have fallen away.
struct Word {
  std::vector<compose_template::Piece> pieces;
  std::string written;
  Range range;
};

// What stands between blanks in COPY, ADD and EXPOSE, or the strings of a JSON list.
std::vector<Word> words(const File& file, const Instruction& instruction);
// The whole of WORKDIR and USER as one word.
Word whole(const File& file, const Instruction& instruction);

// NAME=value of ENV and ARG, and `ENV NAME value`.
struct Setting {
  std::string name;
  Range name_range;
  std::optional<Word> value; // nullopt: `ARG NAME`
};
std::vector<Setting> settings(const File& file, const Instruction& instruction);

// A string of a JSON list, with its place between the quotes.
struct JsonString {
  std::string value;
  Range range;
};
// `["npm", "start"]` of CMD, ENTRYPOINT, RUN, SHELL and what follows `HEALTHCHECK CMD`. nullopt
// for anything else, which is a line for the shell.
std::optional<std::vector<JsonString>> exec_form(const MappedText& arguments);

// What is known of a variable where an instruction stands.
struct Value {
  enum class State : std::uint8_t { unset, known, unknown } state = State::unset;
  std::string text;
};
using Scope = std::function<Value(std::string_view name)>;
// nullopt when a value that matters is not known. At most 4,096 bytes.
std::optional<std::string> evaluate(const std::vector<compose_template::Piece>& pieces,
                                    const Scope& scope);

// Resolves a text of FROM with values for arguments that the builder is given; they override
// the defaults of the file. nullopt when an argument has no value.
std::optional<std::string> resolve(const File& file,
                                   const std::vector<compose_template::Piece>& image,
                                   const compose_template::Lookup& given);

// English, lowercase, for messages.
std::string_view describe(Problem::Kind kind);

} // namespace aethel::dockerfile
