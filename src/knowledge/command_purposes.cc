#include "knowledge/command_purposes.h"

#include "knowledge/table.h"

#include <algorithm>
#include <array>
#include <utility>

namespace aethel::data {
extern const std::string_view command_purposes;
} // namespace aethel::data

namespace aethel::knowledge {
namespace {

using Words = std::vector<std::string>;

template <class... Names> bool is_any(std::string_view what, Names... names) {
  return ((what == names) || ...);
}

std::string_view base_name(std::string_view word) {
  return word.substr(word.rfind('/') == std::string_view::npos ? 0 : word.rfind('/') + 1);
}

// Subcommands of package managers that are not scripts of package.json.
bool is_own_command(std::string_view word) {
  return is_any(word, "add", "install", "i", "ci", "remove", "publish", "pack", "audit", "outdated",
                "update", "upgrade", "up", "link", "config", "cache", "store", "init", "create",
                "why", "info", "list", "ls", "login", "version", "set", "workspace", "workspaces",
                "import", "rebuild", "prune", "node", "global", "policies", "plugin", "deploy");
}

void drop(Words& words, std::size_t count) {
  words.erase(words.begin(),
              words.begin() + static_cast<std::ptrdiff_t>(std::min(count, words.size())));
}

// Options, and the value of those that are known to have one.
void drop_options(Words& words, std::span<const std::string_view> with_value) {
  while (!words.empty() && words.front().starts_with('-') && words.front() != "--") {
    const bool value = std::ranges::find(with_value, words.front()) != with_value.end();
    drop(words, value ? 2 : 1);
  }
}

constexpr std::array<std::string_view, 12> exec_values = {
    "-u",      "--user", "-e",          "--env", "-w", "--workdir",
    "--index", "-n",     "--namespace", "-c",    "-f", "--profile"};

// `docker exec -i db pg_dump`: what is run in the container.
bool enter_container(Words& words) {
  const std::string_view program = base_name(words.front());
  std::size_t at = 1;
  if (is_any(program, "docker", "podman", "nerdctl") && words.size() > 1 && words[1] == "compose")
    at = 2;
  else if (!is_any(program, "docker", "podman", "nerdctl", "docker-compose", "kubectl", "oc"))
    return false;
  while (at < words.size() && words[at].starts_with('-')) {
    const bool value = std::ranges::find(exec_values, words[at]) != exec_values.end() ||
                       is_any(words[at], "-p", "--env-file", "--context", "--project-name");
    at += value ? 2 : 1;
  }
  if (at >= words.size() || !is_any(words[at], "exec", "run")) return false;
  // `docker run` has too many options with values to find the image.
  if (words[at] == "run" && at == 1) return false;
  drop(words, at + 1);
  drop_options(words, exec_values);
  drop(words, 1); // the container or service
  drop_options(words, exec_values);
  if (!words.empty() && words.front() == "--") drop(words, 1);
  return true;
}

bool unwrap(Words& words) {
  if (words.empty()) return false;
  const std::string_view program = base_name(words.front());
  constexpr std::array<std::string_view, 8> values = {"-u", "--user", "-n", "-k",
                                                      "-s", "-p",     "-w", "-c"};
  if (is_any(program, "sudo", "nice", "ionice", "time", "exec", "command", "env", "nohup",
             "xvfb-run", "dotenv", "cross-env", "stdbuf", "gosu", "su-exec")) {
    drop(words, is_any(program, "gosu", "su-exec") ? 2 : 1);
    drop_options(words, values);
    while (!words.empty() && words.front().find('=') != std::string::npos &&
           !words.front().starts_with('-'))
      drop(words, 1);
    if (!words.empty() && words.front() == "--") drop(words, 1);
    return true;
  }
  if (program == "timeout") {
    drop(words, 1);
    drop_options(words, values);
    drop(words, 1);
    return true;
  }
  if (words.size() < 2) return false;
  if (is_any(program, "npx", "bunx")) {
    drop(words, 1);
    drop_options(words, values);
    return true;
  }
  if (is_any(program, "pnpm", "yarn", "npm", "bun")) {
    std::size_t at = 1;
    while (at < words.size() && words[at].starts_with('-'))
      at += is_any(words[at], "--prefix", "-w", "--workspace", "--filter", "-F", "-C", "--dir",
                   "--cwd")
                ? 2
                : 1;
    if (at >= words.size()) return false;
    if (is_any(words[at], "exec", "dlx", "x")) {
      drop(words, at + 1);
      drop_options(words, values);
      if (!words.empty() && words.front() == "--") drop(words, 1);
      return true;
    }
    if (is_any(words[at], "run", "run-script")) {
      drop(words, at);
      words.front() = "run";
      return false;
    }
    if (is_any(words[at], "test", "t")) {
      drop(words, at - 1);
      words[0] = "run";
      words[1] = "test";
      return false;
    }
    if (program == "npm" || is_own_command(words[at])) return false;
    drop(words, at - 1);
    words[0] = "run";
    return false;
  }
  if (is_any(program, "python", "python3") && words[1] == "-m") {
    drop(words, 2);
    return true;
  }
  if (is_any(program, "python", "python3", "php", "ruby")) {
    if (words[1].starts_with('-')) return false;
    drop(words, 1);
    return true;
  }
  if (is_any(program, "poetry", "uv", "pipenv", "hatch", "rye", "pdm") && words[1] == "run") {
    drop(words, 2);
    drop_options(words, values);
    return true;
  }
  if (program == "bundle" && words[1] == "exec") {
    drop(words, 2);
    return true;
  }
  return enter_container(words);
}

struct Row {
  std::vector<std::string_view> words;
  std::string_view purpose;
};

const std::vector<Row>& rows() {
  static const Table table(data::command_purposes);
  static const std::vector<Row> all = [] {
    std::vector<Row> made;
    for (const auto& row : table.rows())
      made.push_back({.words = words(row["words"]), .purpose = row["purpose"]});
    return made;
  }();
  return all;
}

// Options, and their values, may stand between the words of the pattern.
bool fits(const std::vector<std::string_view>& pattern, const Words& given) {
  if (given.empty() || !matches(pattern.front(), base_name(given.front()))) return false;
  std::size_t at = 1;
  for (std::size_t i = 1; i < pattern.size(); ++i) {
    if (pattern[i].starts_with('-')) { // an option may stand anywhere
      if (std::ranges::find(given, pattern[i]) == given.end()) return false;
      continue;
    }
    while (at < given.size() && given[at].starts_with('-')) ++at;
    // One value of an option: `helm -n prod upgrade`.
    if (at < given.size() && !matches(pattern[i], given[at]) && at > 1 &&
        given[at - 1].starts_with('-'))
      ++at;
    while (at < given.size() && given[at].starts_with('-')) ++at;
    if (at >= given.size() || !matches(pattern[i], given[at])) return false;
    ++at;
  }
  return true;
}

} // namespace

std::vector<std::string> without_wrappers(std::span<const std::string> command) {
  Words words(command.begin(), command.end());
  for (int i = 0; i < 8 && unwrap(words); ++i) {
  }
  return words;
}

std::string_view purpose_of(std::span<const std::string> command) {
  const Words words = without_wrappers(command);
  for (const std::string& word : words)
    if (word.contains("dry-run") || is_any(word, "--help", "--version")) return {};
  const auto purpose = [](const Words& given) -> std::string_view {
    for (const Row& row : rows())
      if (fits(row.words, given)) return row.purpose;
    return {};
  };
  if (const std::string_view found = purpose(words); !found.empty()) return found;
  // `yarn jest`: a script that may as well be a program.
  if (words.size() > 1 && words.front() == "run")
    return purpose(Words(words.begin() + 1, words.end()));
  return {};
}

} // namespace aethel::knowledge
