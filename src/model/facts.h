// What one file says: a pure function of its path and bytes, so that it can be extracted
// in parallel, cached by content and extracted again alone. Nothing here knows of targets.
#pragma once

#include "model/image_build.h"
#include "model/node.h"
#include "model/package_manifest.h"
#include "model/source.h"
#include "model/workflow.h"
#include "syntax/nginx.h"

#include <memory>
#include <string>
#include <vector>

namespace aethel {

// What a stage takes from another one, or from an image: `COPY --from=name`, `FROM name`.
struct StageUse {
  std::string name;
  Span span;
};

// A stage of a Dockerfile: `FROM base AS name`.
struct BuildStage {
  std::string name;       // empty when the stage has none
  std::string base;       // with the defaults of global ARGs filled in
  bool base_known = true; // false when an ARG without default is in it
  bool has_healthcheck = false;
  Span span;
  std::vector<StageUse> uses;
  std::vector<compose_template::Piece> image; // of FROM; holes are arguments above the first FROM
  std::vector<BuildStep> steps;
};

struct EnvironmentEntry {
  std::string name;
  Text value;             // holes when the dialect interpolates
  bool inherited = false; // `NAME` alone: taken from the environment
  Span name_span;
  Span value_span;
};

// `docker compose -f a -f b up web`, as a script, document or workflow writes it.
struct ComposeInvocation {
  std::vector<std::string> files; // as written; empty for the default files
  bool files_known = true;        // false when one is a variable that the file does not set
  std::string directory;          // relative to the repository; where it runs
  bool directory_known = true;
  std::string project_directory; // as written; empty when not given
  std::vector<std::string> env_files;
  std::vector<std::string> profiles;
  std::string subcommand;
  std::vector<std::string> services;
  std::vector<std::string> variables; // assigned in front of the command
  bool from_root = false;             // `files` are relative to the repository, wherever it runs
  bool document = false;              // somebody is told to run it
  bool mention = false;               // a remark or printed text names it
  Span span;
};

// A command that makes something which the repository then lacks by design.
struct Creation {
  enum class What : std::uint8_t { path, network, volume, secret, config, variable };
  What what;
  std::string name;      // a path as written, or a name
  bool document = false; // somebody is told to do it
  Span span;
};

// A word that shows that something copies a database: "pg_dump", "restic".
struct BackupUse {
  std::string_view tool;  // of knowledge/backup_tools.tsv
  std::string_view store; // what it copies: a product of servers.tsv, or "*"
  Span span;
};

// A dump of a database in a script, whose failure nobody sees: syntax/lost_failures.h.
struct LostDump {
  std::string_view store; // a product of servers.tsv
  std::string command;    // "pg_dump app"
  std::string instead;    // "gzip"
  bool pipe = false;      // otherwise `|| true`
  Span span;
};

// The database that a schema of an object mapper is for.
struct DatabaseSchema {
  std::string provider; // "postgresql"
  Span span;            // where it says so
};

struct Suppression {
  std::vector<std::string> rules; // names or ids; empty means all
  std::string reason;
  Span span;
  std::uint32_t line = 0; // the line that it covers
};

struct FileProblem {
  // A malformed operand of a variable matters only to who needs the operand.
  enum class Effect : std::uint8_t { always, when_operand_is_used };
  std::string message;
  std::uint32_t offset = 0;
  Effect effect = Effect::always;
};

struct FileFacts {
  FileId file;
  std::vector<Node> documents;                // YAML readers: raw, holes without values
  std::vector<EnvironmentEntry> environment;  // dotenv
  std::vector<BuildStage> stages;             // Dockerfile
  std::vector<BuildSetting> build_arguments;  // ARG above the first FROM
  std::vector<ComposeInvocation> invocations; // scripts, documents, workflows
  std::vector<BuildCommand> build_commands;   // scripts, documents, workflows
  std::vector<PackageManifest> manifests;     // package.json
  std::vector<Creation> creations;
  std::vector<BackupUse> backups;
  std::vector<LostDump> lost_dumps;         // scripts
  std::vector<DatabaseSchema> schemas;      // *.prisma
  std::vector<Workflow> workflows;          // .github/workflows: one a file
  std::vector<ActionDefinition> actions;    // action.yml: one a file
  std::shared_ptr<const nginx::File> nginx; // null: not nginx's
  nginx::Dialect nginx_dialect = nginx::Dialect::plain;
  std::vector<Suppression> suppressions;
  std::vector<FileProblem> problems; // what could not be read of it
};

} // namespace aethel
