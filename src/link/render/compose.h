// One compose project as `docker compose -f a -f b config` would load it: files
// interpolated, extended, included, merged, and brought to the long forms. The result is
// the same model as compose-go's (docs/compose-conformance.md), with the origin of every value.
// Source: https://github.com/compose-spec/compose-spec and compose-go 2.16.
#pragma once

#include "model/facts.h"
#include "model/node.h"
#include "model/sources.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace aethel {

struct ComposeRequest {
  std::vector<std::string> files; // relative to the repository, in order; not empty
  std::string directory;          // the project directory, relative to the repository
  std::vector<std::string>
      env_files; // for interpolation; empty: `.env` of the directory when it is there
  std::vector<std::pair<std::string, std::string>> environment; // wins over env files
  std::vector<std::string> profiles = {"*"};
  std::string
      name; // of the project; empty: COMPOSE_PROJECT_NAME, then `name:`, then the directory's
  std::string root_name; // what the root of the repository is called, when that is the directory
};

// A file that the project asks for, whether it is there or not.
struct ComposeFileUse {
  enum class Role : std::uint8_t {
    root,
    extends,
    include,
    env_file,
    include_env_file,
    interpolation
  };
  Role role;
  Text text;        // as written
  std::string path; // relative to the repository, or leading outside it
  Origin origin;
  std::string service; // empty at top level
  bool required = true;
  bool known = true; // false when a variable without value is part of it
};

struct ComposeProblem {
  enum class Kind : std::uint8_t {
    rejected,         // compose refuses the project
    undefined_name,   // so it does, for a name or a cycle that rules report by themselves
    missing_file,     // likewise
    missing_variable, // a required variable: whoever starts the project gives it
    unknown_key,
    unreadable // a file that could not be read here; the world is open
  };
  Kind kind;
  std::string message; // lowercase, English: shown under "not analysed"
  Span span;
  // It follows from which keys there are, whatever a variable may hold.
  bool of_keys = false;
  // Of an unknown key: the mapping that has it ("services.web", empty at the top), the key, and a
  // known one that was probably meant.
  std::string where = {}, key = {}, near = {};
};

struct ComposeProject {
  // Mapping with name, services, networks, volumes, configs, secrets, models, x-*: long
  // forms, scalars with their types; paths relative to the repository when inside, else as
  // they are. Environment of a service: mapping NAME -> scalar, or null when it is inherited;
  // entries of env files are NOT merged in (see env_file_variables).
  Node root;
  std::vector<ComposeFileUse> uses;
  std::vector<ComposeProblem> problems;
  // Variables that env files give to a service, in order of precedence (last wins).
  struct FileVariable {
    std::string service;
    EnvironmentEntry entry;
    Origin origin; // written: in the env file; step: the env_file entry
  };
  std::vector<FileVariable> env_file_variables;
  // Every variable that some file of the project interpolates, each occurrence.
  struct VariableUse {
    std::shared_ptr<const Hole> hole;
    std::string where; // dotted path of the value: "services.web.environment.KEY"
    Origin origin;
  };
  std::vector<VariableUse> variables;
  std::vector<FileId> files; // all that were read, sorted
};

// Facts of a file by number; null when no reader claimed it (it is read on the spot then).
using FactsOf = std::function<const FileFacts*(FileId)>;

ComposeProject render_compose(const Sources& sources, const FactsOf& facts,
                              const ComposeRequest& request);

// The canonical JSON of `docker compose config --format json`, for `aethel render` and the
// conformance tests: keys sorted, env files merged into environments, paths relative to the
// project directory ("./x").
std::string compose_json(const ComposeProject& project, const ComposeRequest& request);

} // namespace aethel
