// What a Dockerfile says, and who has an image built of it. Facts of the file keep its variables
// open: what they hold is a matter of the build (link/image.h).
#pragma once

#include "model/source.h"
#include "model/target.h"
#include "syntax/compose_template.h"
#include "syntax/mapped_text.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aethel {

// A word of an instruction, with variables of the build.
struct BuildWord {
  std::vector<compose_template::Piece> pieces;
  std::string written;
  Span span;
};

struct BuildSetting { // of ARG and ENV
  std::string name;
  std::optional<BuildWord> value; // nullopt: `ARG NAME`
  Span span;                      // of the name
};

// One instruction of a stage.
struct BuildStep {
  enum class Kind : std::uint8_t {
    argument,    // settings
    environment, // settings
    directory,   // WORKDIR: words[0]
    copy,        // COPY and ADD: sources, then the destination
    run,
    user,   // words[0]
    expose, // words: ports with their protocol
    health_check,
    entry_point,
    command,
    shell,
    other
  };
  Kind kind = Kind::other;
  Span span; // to the end of its last line
  std::vector<BuildSetting> settings;
  std::vector<BuildWord> words;
  // Of copy:
  std::string from; // --from, as written
  Span from_span;
  bool add = false;          // ADD: sources may be addresses
  bool inline_files = false; // here documents are among the sources
  // Of run, health_check, entry_point, command and shell: the words of a JSON list, each literal,
  // or the text for the shell.
  bool exec_form = false;
  bool none = false; // HEALTHCHECK NONE
  MappedText text;   // of the shell form; here documents of RUN are among it
};

// `docker build -f docker/web.Dockerfile .`, as a script, recipe, workflow or document writes it.
struct BuildCommand {
  std::string context; // as written; "-" for the standard input
  std::string file;    // as written; empty for the Dockerfile of the context
  std::optional<std::string> target;
  std::vector<std::pair<std::string, std::optional<std::string>>> arguments;
  std::vector<std::string> contexts; // names of --build-context
  std::vector<std::string> tags;     // as far as they are known
  bool context_known = true, file_known = true, target_known = true;
  bool options_known = true; // false: a variable may hold more of them
  bool document = false;     // somebody is told to run it
  bool elsewhere = false;    // on another machine
  std::string directory;     // relative to the repository; where it runs
  bool directory_known = true;
  bool from_root = false; // `context` is relative to the repository, wherever it runs
  Span span;
  Span file_span, context_span, target_span;
  Span arguments_span; // of an action: the scalar that holds them
};

// An image that something has built: `build:` of a service, `docker build` in a script, an action
// of a workflow.
struct ImageBuild {
  enum class By : std::uint8_t { compose, command, action };
  By by = By::compose;
  std::string context;    // folder, relative to the repository
  std::string dockerfile; // relative to the repository
  std::optional<std::string> target;
  std::vector<std::pair<std::string, std::optional<std::string>>> arguments;
  bool arguments_known = true;
  std::vector<std::string> contexts; // names that `--from` may mean besides stages
  bool contexts_known = true;
  std::vector<TargetIndex> targets; // of compose
  std::string service;              // of compose
  Span span;                        // what says so: the context where it is written
  Span file_span, target_span;
  Span arguments_span;           // of a called one: the scalar that holds them
  std::vector<std::string> tags; // of what is pushed or loaded, as far as they are known
  bool document = false;         // somebody is told to build it so
  // A fresh checkout, in which nothing is that Git ignores unless a step makes it.
  bool checkout = false;
};

} // namespace aethel
