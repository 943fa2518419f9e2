// What something really starts, and what runs in it.
#pragma once

#include "model/node.h"
#include "model/stage.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aethel {

// Why we believe something: words for people and the place that they rest on.
struct Evidence {
  std::string_view message; // id of a phrase of link/phrases.h
  std::string detail;       // its argument
  Span span;
};

// Roots by rank: who says that this is started.
enum class Rank : std::uint8_t { declared, command, convention };

using TargetIndex = std::uint32_t;

// A service that a script names in a compose command: `docker compose -f a.yaml build web`.
struct CommandedService {
  std::string name;
  bool files_named = false; // by `-f`: then no other project can be meant
  Span span;
};

struct Target {
  std::string id;        // "compose:docker-compose.yml+docker-compose.override.yml"
  std::string_view kind; // "compose"
  Rank rank = Rank::convention;
  std::vector<std::string> files; // relative to the repository, in order
  std::string directory;          // working directory of its relative paths
  std::vector<std::string> env_files;
  std::vector<std::string> profiles; // that the command enables; empty: none named
  Stage stage = Stage::unknown;
  std::vector<Evidence> stage_evidence;
  std::vector<Evidence> root_evidence;
  std::vector<CommandedService> commanded;
  // Something of it could not be read: what it lacks is unknown, not undefined.
  bool open_world = false;
};

// How a variable reaches a process.
struct Variable {
  enum class Given : std::uint8_t { inline_value, env_file, inherited };
  std::string name;
  Text value; // empty when inherited
  Given given = Given::inline_value;
  Origin origin;
};

struct Port {
  Text published; // empty: an ephemeral port of the host
  std::uint32_t target = 0;
  std::string host_address; // empty: all
  std::string protocol = "tcp";
  Origin origin;
};

struct Mount {
  enum class Type : std::uint8_t { bind, volume, tmpfs, other };
  Type type = Type::other;
  Text source;      // path or name of the volume; empty when anonymous
  std::string path; // of a bind: relative to the repository, or leading outside
  std::string target;
  bool read_only = false;
  bool create_host_path = true; // Docker makes an empty folder of a missing source
  bool short_form = false;
  Origin origin;
};

struct Dependency {
  enum class Condition : std::uint8_t { started, healthy, completed };
  std::string service;
  Condition condition = Condition::started;
  bool required = true;
  Origin origin;
};

struct Build {
  Text context;
  std::string path; // of the context, relative to the repository; outside or a URL as written
  bool remote = false;
  Text dockerfile;
  std::string dockerfile_path;
  bool inline_dockerfile = false;
  std::optional<Text> target;
  std::vector<Variable> arguments;
  Origin origin;
  Origin dockerfile_origin;
  Origin target_origin;
};

// The hub: a container instance in a target. Rules ask a Process, not raw YAML.
struct Process {
  TargetIndex target = 0;
  std::string name;
  const Node* node = nullptr; // its mapping in the rendered project
  Origin origin;
  std::optional<Text> image;
  Origin image_origin;
  std::optional<Build> build;
  std::vector<Variable> environment; // last one wins, already resolved
  std::vector<Port> ports;
  std::vector<Mount> mounts;
  std::vector<Dependency> depends_on;
  std::vector<std::string> profiles;
  std::vector<std::string> networks;
  std::vector<std::string> aliases; // names under which others reach it
  bool has_healthcheck = false;
  bool healthcheck_disabled = false;

  const Variable* variable(std::string_view wanted) const {
    for (const Variable& each : environment)
      if (each.name == wanted) return &each;
    return nullptr;
  }
};

} // namespace aethel
