#include "link/given_variables.h"

#include "link/stage_words.h"

#include <algorithm>
#include <cctype>

namespace aethel {
namespace {

bool is_workflow(std::string_view path) { return path.starts_with(".github/workflows/"); }

bool is_test(std::string_view path) {
  const auto folder = stage_of_folders(path);
  return (folder && folder->first == Stage::test) || stage_of_name(file_name(path)) == Stage::test;
}

bool is_default_name(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.starts_with("compose.y") || name.starts_with("docker-compose.y");
}

// Whether the command may be about the target. Where it runs is seldom said, so that names of
// files decide.
bool may_mean(const ComposeInvocation& call, const Target& target) {
  if (call.document || call.mention) return false;
  if (!call.files_known ||
      std::ranges::find(call.variables, "COMPOSE_FILE") != call.variables.end())
    return true;
  if (call.files.empty()) return is_default_name(target.files.front());
  return call.files.size() == target.files.size() &&
         std::ranges::equal(
             call.files, target.files, {}, [](const std::string& path) { return file_name(path); },
             [](const std::string& path) { return file_name(path); });
}

void add_started(const Program& program, const FileFacts& facts, std::set<TargetIndex>& started) {
  for (const ComposeInvocation& call : facts.invocations)
    for (TargetIndex target = 0; target < program.targets.size(); ++target)
      if (program.targets[target].kind == "compose" && may_mean(call, program.targets[target]))
        started.insert(target);
}

std::set<std::string, std::less<>> words_of(std::string_view text) {
  std::set<std::string, std::less<>> words;
  const auto part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
  };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && part(text[end])) ++end;
    if (end > at) words.emplace(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

} // namespace

GivenVariables::GivenVariables(const Program& program) : program_(program) {
  for (const FileFacts& facts : program.facts) {
    note_callable(facts);
    for (const Creation& creation : facts.creations)
      if (creation.what == Creation::What::variable && !creation.document)
        given_[creation.name].push_back({&facts, creation.span});
  }
}

void GivenVariables::note_callable(const FileFacts& facts) {
  const std::string& path = program_.sources->path(facts.file);
  const std::string name(file_name(path));
  if (name == "Makefile" || name == "makefile" || name == "GNUmakefile")
    return callable_["make"].push_back(&facts);
  if (name == "justfile" || name == "Justfile") return callable_["just"].push_back(&facts);
  if (name.starts_with("Taskfile.")) return callable_["task"].push_back(&facts);
  if (name == "package.json") {
    for (const char* program : {"npm", "pnpm", "yarn", "bun"}) callable_[program].push_back(&facts);
    return;
  }
  if (name == "action.yml" || name == "action.yaml")
    return callable_[std::string(file_name(parent_path(path)))].push_back(&facts);
  if (is_default_name(path) || path.ends_with(".md")) return;
  callable_[name].push_back(&facts);
}

const Span* GivenVariables::named(TargetIndex target, std::string_view name) const {
  return first(target, name);
}

const Span* GivenVariables::any(TargetIndex target) const {
  const std::string path = join_path(program_.targets[target].directory, ".env");
  return program_.tree.exists(path) == Existence::file ? nullptr : first(target, "*");
}

const Span* GivenVariables::first(TargetIndex target, std::string_view name) const {
  const auto found = given_.find(name);
  if (found == given_.end()) return nullptr;
  for (const Given& given : found->second)
    if (serves(given, target)) return &given.span;
  return nullptr;
}

bool GivenVariables::serves(const Given& given, TargetIndex target) const {
  const std::string& path = program_.sources->path(given.writer->file);
  if (!is_workflow(path)) {
    if (!is_test(path) || program_.targets[target].stage == Stage::test) return true;
    // What a test sets up by other scripts, people start without it.
    std::set<TargetIndex> started;
    add_started(program_, *given.writer, started);
    return started.contains(target);
  }
  // An entry of `env` is for steps. What a step writes may go to another machine, and serve there
  // whoever starts the project.
  const Source* source = program_.sources->loaded(given.span.file);
  if (source == nullptr) return true;
  const std::string_view rest =
      source->bytes().substr(std::min<std::size_t>(given.span.range.end, source->bytes().size()));
  if (!rest.starts_with(':') && !rest.starts_with("\":") && !rest.starts_with("':")) return true;
  const std::set<TargetIndex>& started = started_through(*given.writer);
  return started.empty() || started.contains(target);
}

// What the workflow and the scripts that it names start, as far as they are followed: whatever a
// text names, it may run.
const std::set<TargetIndex>& GivenVariables::started_through(const FileFacts& workflow) const {
  constexpr std::size_t most = 500;
  const auto [place, fresh] = started_.try_emplace(&workflow);
  std::set<TargetIndex>& started = place->second;
  if (!fresh) return started;
  std::set<const FileFacts*> seen{&workflow};
  std::vector<const FileFacts*> open{&workflow};
  while (!open.empty()) {
    const FileFacts& facts = *open.back();
    open.pop_back();
    add_started(program_, facts, started);
    const Source* source = program_.sources->loaded(facts.file);
    if (source == nullptr) continue;
    for (const std::string& word : words_of(source->bytes())) {
      const auto found = callable_.find(word);
      if (found == callable_.end()) continue;
      for (const FileFacts* called : found->second)
        if (seen.size() < most && seen.insert(called).second) open.push_back(called);
    }
  }
  return started;
}

} // namespace aethel
