// Scripts, recipes, workflows, documents and programs: what they start with compose, and
// what they make that the repository then lacks by design.
#include "front/reader.h"

#include "base/files.h"
#include "syntax/env_writes.h"
#include "syntax/shell_commands.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

namespace aethel::readers {
namespace {

namespace sc = shell_commands;

// Only files that people or machines take commands from; source code is for its own readers.
bool claims(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view end : {".sh", ".bash", ".zsh", ".ps1", ".bat", ".cmd", ".md", ".mdx",
                                     ".rst", ".adoc", ".mk", ".just"})
    if (name.ends_with(end)) return true;
  for (const std::string_view word :
       {"Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", "Procfile", "Taskfile.yml",
        "Taskfile.yaml", "package.json", "composer.json", "Jenkinsfile", "README", "INSTALL"})
    if (name == word) return true;
  if (path.find(".github/") != std::string_view::npos || name == ".gitlab-ci.yml" ||
      name == "action.yml" || name == "action.yaml")
    return name.ends_with(".yml") || name.ends_with(".yaml");
  if (name.starts_with("docker-compose") || name.starts_with("compose."))
    return name.ends_with(".yml") || name.ends_with(".yaml");
  // Programs without an extension: install, deploy, bin/up.
  return name.find('.') == std::string_view::npos && path.find("/.") == std::string_view::npos &&
         !path.starts_with('.');
}

bool accepts(std::string_view path, std::string_view bytes) {
  return shell::may_hold_commands(bytes, shell::language_of(path, bytes));
}

// A literal path from the repository's root, or one from where the command runs.
struct Located {
  std::string text;
  bool known = true;
};

Located text_of(const sc::Argument& argument) {
  if (argument.values.empty()) return {.text = {}, .known = false};
  return {.text = argument.values.front().text, .known = true};
}

// The folder that a path starts in, relative to the repository; nothing when unknown.
std::optional<std::string> folder_of(const std::optional<sc::Path>& path, std::string_view home) {
  if (!path) return {};
  switch (path->anchor) {
  case sc::Anchor::repository:
  case sc::Anchor::clone: return join_path("", path->text);
  case sc::Anchor::script_directory: return join_path(home, path->text);
  case sc::Anchor::home: return {};
  case sc::Anchor::working_directory:
    return path->text.empty() ? std::optional<std::string>() : path->text;
  }
  return {};
}

ComposeInvocation invocation_of(const sc::Invocation& call, FileId file, std::string_view home) {
  ComposeInvocation result{.subcommand = call.subcommand, .span = {file, call.range}};
  result.mention = call.context == shell::Context::mention;
  result.document =
      call.context == shell::Context::document || call.context == shell::Context::mention;
  bool rooted = false;
  for (const sc::Argument& argument : call.files) {
    const Located located = text_of(argument);
    result.files_known = result.files_known && located.known;
    // `-f $(dirname "$0")/compose.yaml`: the folder of the script, wherever it runs.
    if (located.known && argument.values.front().anchor == sc::Anchor::script_directory) {
      result.files.push_back(join_path(home, located.text));
      rooted = true;
    } else if (located.known && argument.values.front().anchor == sc::Anchor::repository) {
      result.files.push_back(join_path("", located.text));
      rooted = true;
    } else {
      result.files.push_back(located.text);
    }
  }
  const auto folder = rooted ? std::optional<std::string>("") : folder_of(call.directory, home);
  result.directory_known = folder.has_value();
  if (folder) result.directory = *folder;
  result.from_root = rooted;
  if (call.project_directory) result.project_directory = text_of(*call.project_directory).text;
  for (const sc::Argument& each : call.env_files)
    if (const Located located = text_of(each); located.known)
      result.env_files.push_back(located.text);
  for (const sc::Argument& each : call.profiles)
    if (const Located located = text_of(each); located.known)
      result.profiles.push_back(located.text);
  for (const sc::Argument& each : call.services)
    if (const Located located = text_of(each); located.known)
      result.services.push_back(located.text);
  for (const sc::Variable& each : call.variables) result.variables.push_back(each.name);
  return result;
}

// `NAME=value` or `NAME`.
std::pair<std::string, std::optional<std::string>> setting(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return {text, std::nullopt};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

// A path from the repository's root when the argument says so by itself.
std::string rooted_text(const sc::Argument& argument, std::string_view home, bool& rooted) {
  if (argument.values.empty()) return {};
  const sc::Path& path = argument.values.front();
  rooted = path.anchor == sc::Anchor::script_directory || path.anchor == sc::Anchor::repository;
  if (!rooted) return path.text;
  return join_path(path.anchor == sc::Anchor::script_directory ? home : "", path.text);
}

BuildCommand build_of(const sc::Build& call, FileId file, std::string_view home) {
  BuildCommand result{.span = {file, call.range}};
  result.options_known = call.options == sc::Invocation::Options::known;
  result.document = call.context != shell::Context::script;
  result.elsewhere = call.host != sc::Host::here;
  const auto fixed = [](const sc::Argument& argument) {
    return argument.values.size() == 1 && argument.certainty == sc::Argument::Certainty::fixed;
  };
  bool rooted = false, file_rooted = false;
  if (call.folder) {
    result.context = rooted_text(*call.folder, home, rooted);
    result.context_known =
        fixed(*call.folder) && call.folder->values.front().anchor != sc::Anchor::home;
    result.context_span = {file, call.folder->written};
  }
  if (call.file) {
    result.file = rooted_text(*call.file, home, file_rooted);
    // Nothing behind `--file=` is a value that was not understood.
    result.file_known = fixed(*call.file) && !call.file->values.front().text.empty() &&
                        call.file->values.front().anchor != sc::Anchor::home;
    result.file_span = {file, call.file->written};
  }
  // Either both are relative to where it runs, or both are not.
  const bool mixed = call.file && file_rooted != rooted;
  result.from_root = rooted;
  if (call.target) {
    result.target_known = fixed(*call.target);
    if (result.target_known) result.target = text_of(*call.target).text;
    result.target_span = {file, call.target->written};
  }
  for (const sc::Argument& each : call.arguments) {
    if (const Located located = text_of(each); located.known)
      result.arguments.push_back(setting(located.text));
    else
      result.options_known = false;
  }
  for (const sc::Argument& each : call.contexts)
    if (const Located located = text_of(each); located.known)
      result.contexts.push_back(setting(located.text).first);
  for (const sc::Argument& each : call.tags)
    if (fixed(each)) result.tags.push_back(text_of(each).text);
  if (const auto folder = folder_of(call.directory, home))
    result.directory = *folder;
  else
    result.directory_known = rooted;
  if (mixed) result.directory_known = false;
  return result;
}

std::optional<Creation::What> what_of(sc::Fact::Kind kind) {
  using Kind = sc::Fact::Kind;
  switch (kind) {
  case Kind::copy:
  case Kind::move:
  case Kind::touch:
  case Kind::make_directory:
  case Kind::write:
  case Kind::clone: return Creation::What::path;
  case Kind::create_network: return Creation::What::network;
  case Kind::create_volume: return Creation::What::volume;
  case Kind::create_secret: return Creation::What::secret;
  case Kind::create_config: return Creation::What::config;
  case Kind::assign:
  case Kind::export_variable: return Creation::What::variable;
  }
  return {};
}

// `mv a.json web/` makes web/a.json and nothing else there; what a pattern or a variable stands for
// is not known, and the content of a folder (`cp -r a/. web/`, `a/` for some) lies in it by itself.
std::string placed(std::string made, const sc::Fact& fact) {
  if (fact.kind != sc::Fact::Kind::copy && fact.kind != sc::Fact::Kind::move) return made;
  if (!made.ends_with('/') || fact.source.certainty != sc::Argument::Certainty::fixed ||
      fact.source.values.size() != 1)
    return made;
  const std::string_view name = file_name(fact.source.values.front().text);
  const bool plain = std::ranges::all_of(name, [](char c) {
    return c > ' ' && std::string_view("*?[{$\\~").find(c) == std::string_view::npos;
  });
  if (name.empty() || name == "." || name == ".." || !plain) return made;
  return made + std::string(name);
}

// Variables that are written down for who starts the project: as good as exported ones.
void read_env_writes(const Source& source, FileId file, FileFacts& facts) {
  using shell::Language;
  const Language language = shell::language_of(source.path(), source.bytes());
  const bool document = language == Language::markdown;
  if (!document && language != Language::shell && language != Language::yaml &&
      language != Language::make && language != Language::just)
    return;
  const auto writer = document ? shell::Writer::document : shell::Writer::script;
  for (const shell::EnvWrite& each : shell::env_writes(source.bytes(), writer))
    facts.creations.push_back({.what = Creation::What::variable,
                               .name = each.name,
                               .document = document,
                               .span = {file, each.range}});
}

void read(const Source& source, FileId file, FileFacts& facts) {
  const auto found = sc::scan(source.bytes(), shell::language_of(source.path(), source.bytes()));
  const std::string_view home = parent_path(source.path());
  for (const sc::Invocation& call : found.invocations)
    if (call.tool != sc::Invocation::Tool::docker_bake)
      facts.invocations.push_back(invocation_of(call, file, home));
  // `--env-file /etc/shop/prod.env`: what is in it is on that machine.
  for (const sc::Invocation& call : found.invocations)
    for (const sc::Argument& each : call.env_files) {
      // `config` only looks.
      if (call.subcommand != "up" && call.subcommand != "run" && call.subcommand != "start" &&
          call.subcommand != "create" && call.subcommand != "restart" &&
          call.subcommand != "deploy")
        continue;
      const Located located = text_of(each);
      if (located.known && !located.text.starts_with('/') && !located.text.starts_with('~') &&
          !located.text.contains('$') && !located.text.starts_with(".."))
        continue;
      facts.creations.push_back({.what = Creation::What::variable,
                                 .name = "*",
                                 .document = call.context != shell::Context::script,
                                 .span = {file, call.range}});
    }
  for (const sc::Build& call : found.builds) {
    if (call.context == shell::Context::mention) continue;
    BuildCommand build = build_of(call, file, home);
    if (!build.directory_known && call.directory && call.directory->text.empty() &&
        call.directory->anchor == sc::Anchor::working_directory) {
      // A step of a workflow begins at the root, a recipe of make beside its file.
      const std::string_view name = file_name(source.path());
      if (source.path().starts_with(".github/workflows/") || name == ".gitlab-ci.yml") {
        build.directory_known = true;
      } else if (name == "Makefile" || name == "makefile" || name == "GNUmakefile") {
        build.directory = home;
        build.directory_known = true;
      }
    }
    facts.build_commands.push_back(std::move(build));
  }
  read_env_writes(source, file, facts);
  for (const sc::Fact& fact : found.facts) {
    const auto what = what_of(fact.kind);
    if (!what) continue;
    Creation creation{.what = *what, .name = fact.name, .span = {file, fact.range}};
    creation.document =
        fact.context != shell::Context::script && fact.context != shell::Context::program;
    if (*what != Creation::What::variable) {
      if (fact.argument.values.empty()) continue;
      creation.name = placed(fact.argument.values.front().text, fact);
      if (const auto folder = folder_of(fact.directory, home);
          folder && *what == Creation::What::path && !folder->starts_with('/'))
        creation.name = join_path(*folder, creation.name);
    }
    facts.creations.push_back(std::move(creation));
  }
}

} // namespace

extern constinit const Reader commands;
constinit const Reader commands{
    .name = "commands", .claims = claims, .accepts = accepts, .read = read};

} // namespace aethel::readers
