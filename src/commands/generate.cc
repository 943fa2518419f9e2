// `aethel generate [PATH]`: writes production infrastructure from aethel.yaml.
#include "commands/support/terminal.h"
#include "commands/support/write_file.h"

#include "base/nearest.h"
#include "generate/env_file.h"
#include "generate/plan.h"
#include "generate/view.h"
#include "link/configuration.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <sys/random.h>

namespace aethel::commands {
namespace {

using generate::Step;
using Action = Step::Action;

constexpr std::uint64_t size_limit = 16 << 20;

struct Options {
  CommonOptions common;
  std::string path;
  std::string out;
  std::vector<std::string> only;
  std::vector<std::string> adopt;
  bool check = false;
  bool diff = false;
  bool view = false;
  bool env_file = false;
};

constexpr std::string_view example_path = ".env.production.example";
constexpr std::string_view env_path = ".env.production";

std::string_view said(Action action, bool portuguese) {
  constexpr std::array<std::string_view, 12> en = {"unchanged",
                                                   "new",
                                                   "changed",
                                                   "merged with your changes",
                                                   "removed",
                                                   "adopted",
                                                   "yours, kept",
                                                   "replaced, removed",
                                                   "yours, replaced, kept",
                                                   "deleted by you, kept so",
                                                   "no longer generated, changed by you, kept",
                                                   "in conflict with your changes"};
  constexpr std::array<std::string_view, 12> pt = {"igual",
                                                   "novo",
                                                   "alterado",
                                                   "unido às suas alterações",
                                                   "removido",
                                                   "adotado",
                                                   "seu, mantido",
                                                   "substituído, removido",
                                                   "seu, substituído, mantido",
                                                   "apagado por você, mantido assim",
                                                   "não é mais gerado, alterado por você, mantido",
                                                   "em conflito com suas alterações"};
  return (portuguese ? pt : en)[static_cast<std::size_t>(action)];
}

Result<Product> product_of(const Vfs& files) {
  auto bytes = files.read(configuration_path, size_limit);
  if (!bytes)
    return fail({.message = "there is no aethel.yaml to generate from",
                 .path = std::string(configuration_path),
                 .hint = "`aethel init` writes a first one"});
  auto config = read_configuration(*bytes);
  if (!config) return std::unexpected(config.error());
  const auto missing = generate::missing_of(config->product);
  if (missing.empty()) return std::move(config->product);
  // All in one message: nobody should be asked for one thing after the other.
  std::string message =
      fmt::format("{} needed and absent:", missing.size() == 1 ? "one thing is" : "things are");
  std::size_t width = 0;
  for (const auto& each : missing) width = std::max(width, each.key.size());
  for (const auto& each : missing)
    message += fmt::format("\n  {:<{}}  {}{}", each.key, width, each.doc,
                           each.example.empty() ? "" : "  e.g. " + each.example);
  return fail({.message = std::move(message), .path = std::string(configuration_path)});
}

void states_below(const Vfs& files, const std::string& folder, std::vector<std::string>& found) {
  const auto entries = files.list(folder);
  if (!entries) return;
  for (const DirectoryEntry& entry : *entries) {
    const std::string path = join_path(folder, entry.name);
    if (entry.type == FileType::directory)
      states_below(files, path, found);
    else if (entry.type == FileType::regular && path.ends_with(".base"))
      found.push_back(path.substr(generate::state_folder.size() + 1,
                                  path.size() - generate::state_folder.size() - 6));
  }
}

std::optional<std::string> bytes_of(const Vfs& files, const std::string& path) {
  auto bytes = files.read(path, size_limit);
  if (!bytes) return {};
  return std::move(*bytes);
}

// An absolute path, or one from the current folder.
std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

bool check_parts(const std::vector<std::string>& only) {
  const auto parts = generate::template_parts();
  for (const std::string& part : only) {
    if (std::ranges::find(parts, part) != parts.end()) continue;
    print_failure({.message = fmt::format("no part \"{}\"", part),
                   .hint = fmt::format("there are {}", fmt::join(parts, ", "))});
    return false;
  }
  return true;
}

void print_steps(const std::vector<Step>& steps, bool portuguese) {
  std::size_t same = 0;
  for (const Step& step : steps) {
    if (step.action == Action::keep) {
      ++same;
      continue;
    }
    fmt::print("{:<28} {}\n", said(step.action, portuguese), step.path);
    for (const generate::Conflict& conflict : step.conflicts) {
      fmt::print("  {}:{}\n", step.path, conflict.line);
      const auto side = [](char mark, std::string_view text) {
        for (const std::string_view line : generate::lines_of(text))
          fmt::print("    {} {}{}", mark, line, line.ends_with('\n') ? "" : "\n");
      };
      side('|', conflict.base);
      side('<', conflict.mine);
      side('>', conflict.theirs);
    }
  }
  fmt::print(stderr, "{} {}, {} {}\n", steps.size(), portuguese ? "arquivos" : "files", same,
             portuguese ? "iguais" : "unchanged");
}

Result<void> write_steps(const std::string& root, const std::vector<Step>& steps) {
  std::error_code error;
  std::filesystem::create_directories(root, error); // of --out
  if (error) return fail({.message = "cannot be made: " + error.message(), .path = root});
  // Everything that can be known is known before the first byte is written.
  for (const Step& step : steps) {
    if (changes_file(step))
      if (auto good = check_writable(root, step.path); !good) return good;
    if (step.base)
      if (auto good = check_writable(root, generate::state_path(step.path)); !good) return good;
  }
  for (const Step& step : steps) {
    const Mode mode = step.executable ? Mode::executable : Mode::plain;
    if (step.after) {
      if (auto done = write_below(root, step.path, *step.after, mode); !done) return done;
    } else if (removes_file(step)) {
      if (auto done = remove_below(root, step.path); !done) return done;
    }
    // The state last: a run that was cut off finds its own file and goes on.
    const std::string state = generate::state_path(step.path);
    auto done = step.base ? write_below(root, state, *step.base) : remove_below(root, state);
    if (!done) return done;
  }
  return {};
}

// From the kernel; every character with the same chance.
std::string random_text(std::size_t length) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr unsigned even = 256 / letters.size() * letters.size();
  std::string text;
  while (text.size() < length) {
    std::array<unsigned char, 256> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) continue;
    for (const unsigned char byte : bytes)
      if (byte < even && text.size() < length) text += letters[byte % letters.size()];
  }
  return text;
}

Exit write_env_file(const OpenedRoot& opened, const std::string& root,
                    const std::map<std::string, generate::GeneratedFile>& generated,
                    bool portuguese) {
  const auto example = generated.find(std::string(example_path));
  if (example == generated.end()) {
    print_failure({.message = fmt::format("no {} is generated", example_path)});
    return Exit::usage;
  }
  // Secrets must not get where `git add` takes them.
  auto tree = discover(*opened.files, {.git = opened.git});
  if (!tree) return print_failure(tree.error()), Exit::usage;
  const bool tracked = tree->find(env_path) != nullptr && tree->find(env_path)->tracked;
  if (tracked || (!opened.root.work_tree.empty() && !tree->ignored(env_path, PathKind::file))) {
    print_failure({.message = tracked ? "git tracks it: secrets would be committed"
                                      : "git does not ignore it: secrets could be committed",
                   .path = std::string(env_path),
                   .hint = fmt::format("write \"{}\" into .gitignore first", env_path)});
    return Exit::usage;
  }
  const auto files = disk_files(root);
  auto made = generate::make_env_file(
      example->second.bytes, bytes_of(*files, std::string(env_path)).value_or(""), random_text);
  if (!made) return print_failure(made.error()), Exit::internal;
  if (auto done = write_below(root, env_path, made->text, Mode::secret); !done)
    return print_failure(done.error()), Exit::usage;
  // Names only.
  fmt::print("{}: {} {}, {} {}\n", env_path, made->made.size(), portuguese ? "novos" : "new",
             made->kept.size(), portuguese ? "mantidos" : "kept");
  for (const std::string& name : made->open)
    fmt::print("  {} {}\n", portuguese ? "preencha" : "fill in", name);
  return Exit::clean;
}

Exit run(const Options& options) {
  if (!check_parts(options.only)) return Exit::usage;
  const bool portuguese = language_of(options.common) == Language::pt;
  auto opened = open_root(options.path.empty() ? std::nullopt : std::optional(options.path));
  if (!opened) return print_failure(opened.error()), Exit::usage;
  auto product = product_of(*opened->files);
  if (!product) return print_failure(product.error()), Exit::usage;
  const generate::Value view = generate::view_of(*product);
  if (options.view) {
    std::fputs(generate::to_json(view).c_str(), stdout);
    return Exit::clean;
  }
  auto generated = generate::render_templates(view, options.only);
  if (!generated) return print_failure(generated.error()), Exit::internal;

  const std::string root = options.out.empty() ? opened->root.directory : absolute(options.out);
  if (options.env_file) return write_env_file(*opened, root, *generated, portuguese);
  const auto files = disk_files(root);
  std::map<std::string, generate::Present> present;
  for (const auto& [path, file] : *generated) present[path];
  // Of other parts nothing is known in a run of some: what they no longer generate stays.
  std::vector<std::string> states;
  states_below(*files, std::string(generate::state_folder), states);
  for (const std::string& path : states)
    if (options.only.empty() || generated->contains(path)) present[path];
  // Some parts alone take the place of nothing.
  std::vector<std::string> replaces;
  if (options.only.empty() && options.out.empty())
    for (const Located& path : product->replaces) replaces.push_back(join_path("", path.value));
  for (const std::string& path : replaces) present[path];
  for (auto& [path, there] : present) {
    if (auto good = check_folders(root, path); !good)
      return print_failure(good.error()), Exit::usage;
    there.bytes = bytes_of(*files, path);
    there.base = bytes_of(*files, generate::state_path(path));
  }
  std::vector<std::string> adopt;
  for (const std::string& path : options.adopt)
    adopt.push_back(path == "." ? path : join_path("", path));
  const std::vector<Step> steps = generate::plan_steps(*generated, present, adopt, replaces);

  if (options.diff) {
    for (const Step& step : steps) {
      const bool foreign = step.action == Action::foreign || step.action == Action::replaced;
      if (!changes_file(step) && !foreign) continue;
      const std::string after =
          step.action == Action::foreign ? generated->at(step.path).bytes : step.after.value_or("");
      fmt::print("--- a/{}\n+++ b/{}{}\n{}", step.path, step.path,
                 foreign ? (portuguese ? "\t(seu; com --adopt)" : "\t(yours; with --adopt)") : "",
                 generate::unified_diff(step.before, after));
    }
  } else {
    print_steps(steps, portuguese);
  }
  const bool conflict =
      std::ranges::any_of(steps, [](const Step& step) { return step.action == Action::conflict; });
  if (conflict)
    print_failure(
        {.message = portuguese ? "conflitos: nada foi escrito" : "conflicts: nothing was written",
         .hint = portuguese ? "| era, < você, > gerado: altere o seu para um deles e repita"
                            : "| was, < yours, > generated: change yours into one and run again"});
  const bool differs = std::ranges::any_of(steps, generate::changes_file);
  if (options.check) return differs || conflict ? Exit::findings : Exit::clean;
  if (conflict) return Exit::findings;
  if (options.diff) return Exit::clean;
  if (auto done = write_steps(root, steps); !done) return print_failure(done.error()), Exit::usage;
  return Exit::clean;
}

std::function<Exit()> declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("PATH", options->path,
                 "folder with aethel.yaml (default: the repository around the current folder)");
  app.add_option("--only", options->only, "only these parts (repeatable, or a,b)")
      ->type_name("PART")
      ->delimiter(',')
      ->allow_extra_args(false); // a folder may follow
  app.add_option("--out", options->out, "write there instead of PATH")->type_name("DIR");
  app.add_flag("--check", options->check,
               "write nothing; exit 1 when a file is not as it would be written");
  app.add_flag("--diff", options->diff, "write nothing; print what would change");
  app.add_option("--adopt", options->adopt,
                 "take over this file or folder, which was there before; of `replaces`, remove it "
                 "(repeatable)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_flag("--view", options->view, "print what templates may say, as JSON");
  app.add_flag("--env-file", options->env_file,
               "write .env.production only: strong values for what is random; what is there stays");
  add_common(app, options->common);
  app.footer(
      "examples:\n  aethel generate --diff\n  aethel generate --only kubernetes,monitoring\n  "
      "aethel generate --check    in CI\n\nA file that you changed is merged with what is "
      "generated anew, never overwritten.\n.aethel/generated keeps what was generated last: "
      "commit it.\n\nexit codes: 0 done, 1 a difference (--check) or a conflict, 2 usage or "
      "aethel.yaml, 3 internal error");
  return [options] { return run(*options); };
}

} // namespace

extern constinit const Command generate;
constinit const Command generate{"generate", "write production infrastructure from aethel.yaml",
                                 declare};

} // namespace aethel::commands
