// Who copies a database: dump tools, backup programs and managed backups, wherever something
// that runs names them. A document counts where it speaks of a schedule: a command to be typed by
// hand is no backup.
#include "front/reader.h"

#include "base/files.h"
#include "knowledge/backup_tools.h"
#include "knowledge/command_purposes.h"
#include "syntax/lost_failures.h"

#include <algorithm>
#include <array>

namespace aethel::readers {
namespace {

constexpr std::size_t size_limit = 1u << 20;

bool is_document(std::string_view path) {
  return std::ranges::any_of(std::array<std::string_view, 4>{".md", ".mdx", ".rst", ".adoc"},
                             [&](std::string_view end) { return path.ends_with(end); });
}

bool claims(std::string_view path) {
  const std::string_view name = file_name(path);
  for (const std::string_view end :
       {".sh", ".bash", ".yml", ".yaml", ".tf", ".mk", ".cron", ".timer", ".service", ".ps1"})
    if (name.ends_with(end)) return true;
  for (const std::string_view word : {"Makefile", "justfile", "Justfile", "crontab", "Dockerfile"})
    if (name.starts_with(word)) return true;
  if (is_document(name)) return true;
  // Programs that make backups say so in their names: backup_db.py.
  return name.find("backup") != std::string_view::npos || name.find('.') == std::string_view::npos;
}

bool accepts(std::string_view path, std::string_view bytes) {
  if (bytes.size() > size_limit || bytes.find('\0') != std::string_view::npos) return false;
  if (is_document(path) && bytes.find("cron") == std::string_view::npos &&
      bytes.find("systemd") == std::string_view::npos)
    return false;
  return !find_backup_tools(bytes).empty();
}

// In the lines around it, as in "add to crontab: 0 3 * * * pg_dump ...". A box that nobody ticked
// is a plan.
bool is_scheduled(std::string_view text, Range range) {
  const std::size_t line = text.rfind('\n', range.begin) + 1;
  if (text.substr(line, range.begin - line).contains("[ ]")) return false;
  constexpr std::size_t around = 400;
  const std::size_t from = range.begin > around ? range.begin - around : 0;
  const std::string_view near = text.substr(from, 2 * around);
  return near.contains("cron") || near.contains("systemd") || near.contains("timer");
}

bool is_shell_script(const Source& source) {
  const std::string_view name = file_name(source.path());
  if (name.ends_with(".sh") || name.ends_with(".bash")) return true;
  const std::string_view first = source.bytes().substr(0, source.bytes().find('\n'));
  return first.starts_with("#!") && (first.contains("/bash") || first.contains("/sh") ||
                                     first.ends_with(" bash") || first.ends_with(" sh"));
}

void read_lost_dumps(const Source& source, FileId file, FileFacts& facts) {
  for (shell::LostFailure& lost : shell::lost_failures(source.bytes(), false)) {
    if (knowledge::purpose_of(lost.words) != "dump") continue;
    const std::vector<std::string> words = knowledge::without_wrappers(lost.words);
    const auto tools = find_backup_tools(words.front());
    if (tools.empty()) continue;
    facts.lost_dumps.push_back({.store = tools.front().store,
                                .command = shell::shown(words),
                                .instead = shell::shown(lost.instead),
                                .pipe = lost.how == shell::LostFailure::How::pipe,
                                .span = {file, lost.range}});
  }
}

void read(const Source& source, FileId file, FileFacts& facts) {
  const bool document = is_document(source.path());
  for (const BackupMention& mention : find_backup_tools(source.bytes()))
    if (!document || is_scheduled(source.bytes(), mention.range))
      facts.backups.push_back(
          {.tool = mention.tool, .store = mention.store, .span = {file, mention.range}});
  if (!facts.backups.empty() && is_shell_script(source)) read_lost_dumps(source, file, facts);
}

} // namespace

extern constinit const Reader backups;
constinit const Reader backups{
    .name = "backups", .claims = claims, .accepts = accepts, .read = read};

} // namespace aethel::readers
