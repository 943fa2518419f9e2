#include "commands/support/terminal.h"

#include "base/date.h"
#include "base/progress.h"
#include "link/phrases.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace aethel {

void add_common(CLI::App& app, CommonOptions& options) {
  app.add_option("--lang", options.language,
                 "language of messages: en, pt-BR (default: of LC_ALL, LC_MESSAGES, LANG)")
      ->check(CLI::IsMember({"en", "pt-BR", "pt"}));
  app.add_option("--color", options.color, "auto, always, never (NO_COLOR is honoured)")
      ->check(CLI::IsMember({"auto", "always", "never"}));
}

Language language_of(const CommonOptions& options) {
  if (!options.language.empty())
    return options.language.starts_with("pt") ? Language::pt : Language::en;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return std::string_view(value).starts_with("pt") ? Language::pt : Language::en;
  }
  return Language::en;
}

bool wants_color(const CommonOptions& options) {
  if (options.color != "auto") return options.color == "always";
  const char* none = std::getenv("NO_COLOR");
  if (none != nullptr && *none != '\0') return false;
  const char* terminal = std::getenv("TERM");
  if (terminal != nullptr && std::string_view(terminal) == "dumb") return false;
  return ::isatty(STDOUT_FILENO) != 0;
}

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 100;
}

void print_failure(const Failure& failure) {
  std::string text = "aethel: ";
  if (!failure.path.empty()) {
    text += failure.path;
    if (failure.line != 0) text += ":" + std::to_string(failure.line);
    if (failure.line != 0 && failure.column != 0) text += ":" + std::to_string(failure.column);
    text += ": ";
  }
  text += failure.message + "\n";
  if (!failure.hint.empty()) text += "  help: " + failure.hint + "\n";
  std::fputs(text.c_str(), stderr);
}

std::expected<std::unique_ptr<Linked>, Exit> link_path(const LinkRequest& request) {
  LinkOptions options{.threads = request.threads, .today = today()};
  if (!request.today.empty()) {
    const auto date = parse_date(request.today);
    if (!date) {
      print_failure(
          {.message = "--today wants a date such as 2026-12-02, not \"" + request.today + "\""});
      return std::unexpected(Exit::usage);
    }
    options.today = *date;
  }
  auto root = open_root(request.path);
  if (!root) {
    print_failure(root.error());
    return std::unexpected(Exit::usage);
  }
  if (!request.path)
    std::fprintf(
        stderr, "%s\n",
        phrase("searching-root", {{"root", root->root.directory}}, request.language).c_str());
  auto linked = std::make_unique<Linked>();
  linked->root = std::move(*root);
  Progress progress;
  options.git = linked->root.git;
  options.progress = [&](std::string_view stage) { progress.stage(stage); };
  auto report = link_program(*linked->root.files, options);
  if (!report) {
    print_failure(report.error());
    return std::unexpected(Exit::usage);
  }
  linked->report = std::move(*report);
  return linked;
}

} // namespace aethel
