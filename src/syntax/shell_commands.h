// What scripts, recipes, workflows and documents start with compose, and what they make:
// the evidence for roots (which files are used together, from which directory, under which
// project and profiles) and for things that a repository rightly does not hold (a file that
// a script copies or writes, a network or a secret that somebody is told to create).
// A scanner, not a shell: it follows literal variables, `cd`, subshells and strings that are
// handed to another shell, and says "unknown" for the rest.
#pragma once

#include "base/range.h"
#include "syntax/command_text.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::shell_commands {

using shell::Context;
using Host = shell::Block::Host;

// What a path is relative to.
enum class Anchor : std::uint8_t {
  working_directory, // where the script, recipe or block is started
  script_directory,  // $(dirname "$0"), %~dp0
  repository,        // $(git rev-parse --show-toplevel), $GITHUB_WORKSPACE
  clone,             // what `git clone` made just before (Fact::Kind::clone); often this repository
  home
};

struct Path {
  Anchor anchor = Anchor::working_directory;
  std::string text; // "" is the anchor itself; absolute with a '/' in front
  friend bool operator==(const Path&, const Path&) = default;
};

struct Argument {
  // `open`: other values are possible (`${X:-default}`, one branch not understood).
  enum class Certainty : std::uint8_t { fixed, open };
  std::vector<Path> values; // what it can be; empty when unknown
  std::string tail;         // then: what follows its last unknown part, without '/' in front
  Certainty certainty = Certainty::fixed;
  Range range;   // the word of the command, with quotes
  Range written; // where its text stands: in the word, or in an assignment
};

struct Variable {
  std::string name;
  Argument value;
};

struct Invocation {
  enum class Tool : std::uint8_t {
    docker_compose,    // docker compose
    docker_compose_v1, // docker-compose
    podman_compose,    // both spellings
    docker_stack,      // docker stack deploy: `files` are those of -c
    docker_bake        // docker buildx bake: `services` are its targets
  };
  // Whether a variable that is not known may hold further options.
  enum class Options : std::uint8_t { known, maybe_more };
  Tool tool = Tool::docker_compose;
  Context context = Context::script;
  Host host = Host::here;
  Options options = Options::known;
  Range range; // from the program's name to the last word; may lie in an assignment in part
  std::vector<Argument> files;     // -f; else COMPOSE_FILE when that is set for the command
  std::vector<Argument> profiles;  // --profile; else COMPOSE_PROFILES
  std::vector<Argument> env_files; // --env-file; else COMPOSE_ENV_FILES
  std::optional<Argument> project_directory;
  std::optional<Argument> project_name; // -p; else COMPOSE_PROJECT_NAME
  std::string subcommand;               // empty when unknown
  std::vector<Argument> services;       // named after it
  std::vector<Variable> variables;      // assigned in front of the command
  std::optional<Path> directory;        // in effect; nullopt when unknown
};

// An image that is built: `docker build -f docker/web.Dockerfile --target web .`
struct Build {
  Context context = Context::script;
  Host host = Host::here;
  Invocation::Options options = Invocation::Options::known;
  Range range;
  std::optional<Argument> folder; // the build context; "-" is the standard input
  std::optional<Argument> file;
  std::optional<Argument> target;
  std::vector<Argument> tags;
  std::vector<Argument> arguments; // NAME=value, or NAME
  std::vector<Argument> contexts;  // NAME=where
  std::optional<Path> directory;   // in effect; nullopt when unknown
};

struct Fact {
  enum class Kind : std::uint8_t {
    copy, // and `ln`, `install`
    move,
    touch,
    make_directory,
    write, // redirections, tee, openssl -out, mkcert, curl -o, ...
    create_network,
    create_volume,
    create_secret,
    create_config,
    clone,
    assign, // NAME=value
    export_variable
  };
  Kind kind = Kind::write;
  Context context = Context::script;
  Host host = Host::here;
  std::string name;  // of a variable
  Argument argument; // what is made: the target, the name of an object, the variable's value
  Argument source;   // of copy and move; the URL of a clone
  Range range;       // the command
  std::optional<Path> directory;
};

struct Commands {
  std::vector<Invocation> invocations;
  std::vector<Build> builds;
  std::vector<Fact> facts;
};

// Never fails. At once when none of a few words occurs (shell::may_hold_commands).
Commands scan(std::string_view bytes, shell::Language language);

} // namespace aethel::shell_commands
