// `aethel files [PATH]`: what discovery sees, so that "why is this not read" has an answer.
#include "commands/support/terminal.h"

#include "base/counted.h"
#include "link/discover.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

namespace aethel::commands {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string path;
  std::string format = "text";
  unsigned threads = 0;
  bool skipped = false;
  bool query = false;
};

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print(const Json& json) {
  // Names need not be UTF-8; JSON must be.
  print(json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
}

void write_text(const Tree& tree, bool skipped) {
  std::string text;
  if (skipped) {
    std::map<SkipReason, std::uint32_t> counts;
    for (const Skipped& item : tree.skipped()) {
      text += std::string(name_of(item.reason)) + '\t' + item.path;
      if (item.path.ends_with('/') && item.files > 0)
        text += " (" + counted(item.files, "file") + ')';
      text += '\n';
      ++counts[item.reason];
    }
    for (const auto& [reason, count] : counts)
      text += std::to_string(count) + ' ' + std::string(name_of(reason)) + '\n';
  } else {
    for (const TreeEntry& entry : tree.entries())
      if (entry.is_ours()) text += std::string(entry.path) + '\n';
  }
  print(text);
}

void write_json(const Tree& tree) {
  Json files = Json::array(), skipped = Json::array();
  for (const TreeEntry& entry : tree.entries())
    files.push_back({{"path", entry.path},
                     {"type", name_of(entry.type)},
                     {"class", name_of(entry.file_class)},
                     {"tracked", static_cast<bool>(entry.tracked)},
                     {"executable", static_cast<bool>(entry.executable)},
                     {"content", static_cast<bool>(entry.content_known)}});
  for (const Skipped& item : tree.skipped())
    skipped.push_back(
        {{"path", item.path}, {"reason", name_of(item.reason)}, {"files", item.files}});
  print(Json{{"schema", 1},
             {"kind", tree.kind() == TreeKind::git ? "git" : "folder"},
             {"files", std::move(files)},
             {"skipped", std::move(skipped)}});
}

// One path a line on standard input; whether it exists, and the line that ignores it.
void answer(const Tree& tree, bool json) {
  Json answers = Json::array();
  for (std::string path; std::getline(std::cin, path);) {
    const Existence existence = tree.exists(path);
    const bool directory = path.ends_with('/');
    const auto reason =
        tree.ignored(join_path("", path), directory ? PathKind::directory : PathKind::file);
    const std::string rule =
        reason ? reason->file + ':' + std::to_string(reason->line) : std::string();
    if (json)
      answers.push_back({{"path", path}, {"exists", name_of(existence)}, {"ignored", rule}});
    else
      print(std::string(name_of(existence)) + '\t' + path + (rule.empty() ? "" : '\t' + rule) +
            '\n');
  }
  if (json) print(Json{{"schema", 1}, {"answers", std::move(answers)}});
}

Exit run(const Options& options) {
  auto root = open_root(options.path.empty() ? std::nullopt : std::optional(options.path));
  if (!root) {
    print_failure(root.error());
    return Exit::usage;
  }
  const auto tree = discover(*root->files, {.threads = options.threads, .git = root->git});
  if (!tree) {
    print_failure(tree.error());
    return Exit::usage;
  }
  if (options.query)
    answer(*tree, options.format == "json");
  else if (options.format == "json")
    write_json(*tree);
  else
    write_text(*tree, options.skipped);
  return Exit::clean;
}

std::function<Exit()> declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("PATH", options->path,
                 "folder to list (default: the repository around the current folder)");
  app.add_flag("--skipped", options->skipped, "what is not read instead, with the reason");
  app.add_flag("--query", options->query,
               "read paths from standard input; say whether each exists and what ignores it");
  app.add_option("--format", options->format, "format of the list")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app.add_option("--threads", options->threads, "number of threads (default: one a processor)");
  app.footer("examples:\n"
             "  aethel files --skipped\n"
             "  echo .env | aethel files --query");
  return [options] { return run(*options); };
}

} // namespace

extern constinit const Command files;
constinit const Command files{"files", "list the files that are read, or those that are skipped",
                              declare};

} // namespace aethel::commands
