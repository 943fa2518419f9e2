// `aetheld backup show BACKUP`: its manifest and its proofs; with the private key its contents.
#include "daemon/settings.h"
#include "daemon/terminal.h"
#include "daemon/verb.h"

#include "backup/catalog.h"
#include "base/counted.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace aethel::daemon::verbs {
namespace {

struct Options {
  std::string backup = "latest";
  bool contents = false;
};

// A name may hold anything: bytes of another encoding, what a terminal takes for a command.
std::string printable(const std::string& name) {
  const std::string text =
      nlohmann::json(name).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return text.substr(1, text.size() - 2);
}

Exit run(const Options& options, const Common& common) {
  auto opened = open_repository(common);
  if (!opened) return print_failure(opened.error());
  const Settings& settings = opened->settings;
  const backup::Repository& repository = opened->repository;
  auto found = repository.find(options.backup, opened->settings.database());
  if (!found) return print_failure(found.error()), Exit::failed;
  const backup::Manifest& manifest = found->manifest;
  auto reports = repository.reports(manifest.id);
  if (!reports) return print_failure(reports.error()), Exit::failed;
  std::optional<backup::Catalog> catalog;
  if (options.contents) {
    auto key = service_key(settings);
    if (!key) return print_failure(key.error()), Exit::usage;
    auto data_key = repository.data_key(manifest, *key);
    if (!data_key) return print_failure(data_key.error()), Exit::failed;
    const backup::StreamInfo* const stream = manifest.stream("catalog");
    if (stream == nullptr) return print_failure({.message = "it has no catalog"}), Exit::failed;
    auto text = backup::read_stream(*opened->store, manifest.id, *stream, *data_key,
                                    std::uint64_t{1} << 30);
    if (!text) return print_failure(text.error()), Exit::failed;
    auto read = backup::read_catalog(*text);
    if (!read) return print_failure(read.error()), Exit::failed;
    catalog = std::move(*read);
  }
  if (common.json) {
    nlohmann::ordered_json all = {{"id", manifest.id},
                                  {"database", manifest.database},
                                  {"environment", manifest.environment},
                                  {"program", manifest.program},
                                  {"server", manifest.server},
                                  {"started", backup::time_text(manifest.started)},
                                  {"finished", backup::time_text(manifest.finished)},
                                  {"tables", manifest.tables},
                                  {"rows", manifest.rows},
                                  {"stored", manifest.stored()},
                                  {"notes", manifest.notes},
                                  {"held", found->held}};
    all["reports"] = nlohmann::ordered_json::array();
    for (const std::string& each : *reports)
      all["reports"].push_back(nlohmann::ordered_json::parse(each));
    if (catalog) all["catalog"] = nlohmann::ordered_json::parse(backup::write_catalog(*catalog));
    fmt::print("{}\n", all.dump(1));
    return Exit::done;
  }
  fmt::print("{}\n", bold(manifest.id));
  const auto line = [](std::string_view name, const std::string& value) {
    fmt::print("  {:<12} {}\n", name, value);
  };
  line("database",
       manifest.database + (manifest.environment.empty() ? "" : " (" + manifest.environment + ")"));
  line("server", "PostgreSQL " + manifest.server);
  line("made",
       fmt::format("{}, in {}, by {}", backup::time_text(manifest.finished),
                   duration_text(static_cast<std::uint64_t>(
                       1000 * std::max<std::int64_t>(0, manifest.finished - manifest.started))),
                   manifest.program));
  line("contents", counted(manifest.rows, "row") + " of " + counted(manifest.tables, "table"));
  for (const backup::StreamInfo& each : manifest.streams)
    line(each.name,
         fmt::format("{} in {} of {}{}", size_text(each.bytes),
                     counted(each.objects.size(), "object"),
                     each.objects.size() > 1 ? "together " : "", size_text(each.stored())));
  if (found->held) {
    const auto reason = repository.hold_reason(manifest.id);
    line("held", reason && !reason->empty() ? printable(*reason) : "until it is released");
  }
  for (const std::string& note : manifest.notes) line("note", note);
  for (const std::string& each : *reports) {
    const auto report = nlohmann::ordered_json::parse(each);
    const bool passed = report.value("passed", false);
    line("drill", fmt::format("{} {}", report.value("finished", ""),
                              passed ? green(fmt::format("passed L{}", report.value("level", 0)))
                                     : red("failed: " + report.value("failure", ""))));
  }
  if (catalog) {
    fmt::print("\n{}\n", bold(fmt::format("  {:<48} {:>12}  {}", "relation", "rows", "digest")));
    for (const backup::Relation& each : catalog->relations)
      if (each.kind != backup::RelationKind::sequence)
        fmt::print("  {:<48} {:>12}  {}\n", printable(each.schema + "." + each.name),
                   each.digest.rows, each.digest.text());
  }
  return Exit::done;
}

std::function<Exit()> declare(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("BACKUP", options->backup, "its id or the beginning of it; default: latest");
  app.add_flag("--contents", options->contents,
               "its tables with their digests; takes the private key");
  return [options, &common] { return run(*options, common); };
}

} // namespace

extern constinit const Verb show;
constinit const Verb show{"show", "one backup: what it is, what its drills said",
                          "aetheld backup show latest --contents", declare};

} // namespace aethel::daemon::verbs
