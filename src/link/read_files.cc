// Bytes -> facts, in parallel: each claimed file is read once and every reader that
// claims it adds what it says.
#include "link/passes.h"

#include "base/parallel.h"
#include "front/reader.h"

#include <algorithm>
#include <fmt/format.h>

namespace aethel {
namespace {

struct Slot {
  FileFacts facts;
  std::string failure;
  bool used = false;
};

bool says_nothing(const FileFacts& facts) {
  const auto all_empty = [](const auto&... lists) { return (lists.empty() && ...); };
  return facts.nginx == nullptr &&
         all_empty(facts.documents, facts.environment, facts.stages, facts.invocations,
                   facts.build_commands, facts.manifests, facts.creations, facts.workflows,
                   facts.actions, facts.backups, facts.lost_dumps, facts.schemas, facts.problems,
                   facts.suppressions);
}

void read_one(const Sources& sources, FileId file, std::span<const Reader* const> claimed,
              Slot& slot) {
  // Files that are only searched are dropped again: most documents say nothing.
  auto bytes = sources.read(file);
  if (!bytes) {
    slot.failure = bytes.error().message;
    return;
  }
  const std::string& path = sources.path(file);
  const std::string_view head = std::string_view(*bytes).substr(0, 4096);
  std::vector<const Reader*> accepted;
  for (const Reader* reader : claimed)
    if (reader->accepts == nullptr || reader->accepts(path, *bytes)) accepted.push_back(reader);
  (void)head;
  if (accepted.empty()) return;
  const Source probe(path, std::move(*bytes));
  slot.facts.file = file;
  for (const Reader* reader : accepted) reader->read(probe, file, slot.facts);
  slot.used = !says_nothing(slot.facts);
  if (slot.used) (void)sources.load(file);
}

} // namespace

void read_files(Program& program, unsigned threads) {
  const Sources& sources = *program.sources;
  const auto readers = readers::all();
  std::vector<FileId> files;
  std::vector<std::vector<const Reader*>> claims;
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    const TreeEntry& entry = program.tree.entries()[i];
    const bool ours = entry.is_ours();
    const bool nested = entry.file_class == FileClass::nested_repository &&
                        (entry.tracked || program.tree.kind() == TreeKind::folder) &&
                        entry.type == EntryType::file && entry.content_known;
    if (!ours && !nested) continue;
    std::vector<const Reader*> claimed;
    for (const Reader* reader : readers)
      if ((ours || reader->in_nested) && reader->claims(sources.path({i})))
        claimed.push_back(reader);
    if (claimed.empty()) continue;
    files.push_back({i});
    claims.push_back(std::move(claimed));
  }
  std::vector<Slot> slots(files.size());
  parallel_for(files.size(), threads,
               [&](std::size_t i) { read_one(sources, files[i], claims[i], slots[i]); });
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::string& path = sources.path(files[i]);
    if (!slots[i].failure.empty())
      program.not_analysed.push_back({.path = path, .reason = slots[i].failure});
    if (!slots[i].used) continue;
    for (const FileProblem& problem : slots[i].facts.problems) {
      const Source* source = sources.loaded(files[i]);
      program.not_analysed.push_back(
          {.path = path,
           .reason = problem.message,
           .line = source != nullptr ? source->place(problem.offset).line : 0});
    }
    program.facts.push_back(std::move(slots[i].facts));
  }
}

} // namespace aethel
