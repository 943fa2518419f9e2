// `aethel completion SHELL`: a completion script, written from the commands themselves.
#include "commands/support/terminal.h"
#include "commands/support/usage.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <memory>

namespace aethel::commands {
namespace {

std::string last_word(const std::string& path) { return path.substr(path.rfind(' ') + 1); }

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

// Within single quotes of the shell.
std::string quoted(const std::string& text) { return "'" + replaced(text, "'", "'\\''") + "'"; }

template <typename Do> void for_each_command(const Usage& usage, Do&& visit) {
  visit(usage);
  for (const Usage& command : usage.commands) for_each_command(command, visit);
}

std::vector<std::string> words_of(const Usage& usage) {
  std::vector<std::string> words;
  for (const Usage& command : usage.commands) words.push_back(last_word(command.path));
  for (const UsageOption& option : usage.options)
    if (!option.argument) words.insert(words.end(), option.names.begin(), option.names.end());
  return words;
}

std::string bash(const Usage& program) {
  std::string known, values, words, arguments;
  for_each_command(program, [&](const Usage& usage) {
    if (!usage.path.empty())
      known += fmt::format("      {}) command={} ;;\n", quoted(usage.path), quoted(usage.path));
    words += fmt::format("    {}) words={} ;;\n", quoted(usage.path),
                         quoted(fmt::format("{}", fmt::join(words_of(usage), " "))));
    for (const UsageOption& option : usage.options) {
      if (option.value.empty()) continue;
      std::string action = "files=no; words=";
      if (is_path(option))
        action = "files=yes; words=";
      else
        action += quoted(fmt::format("{}", fmt::join(option.choices, " ")));
      if (option.argument) {
        arguments += fmt::format("    {}) {} ;;\n", quoted(usage.path), action);
        continue;
      }
      std::vector<std::string> patterns;
      for (const std::string& name : option.names)
        patterns.push_back(quoted(usage.path + " " + name));
      values += fmt::format("    {}) {} ;;\n", fmt::join(patterns, " | "), action);
    }
  });
  return fmt::format(R"(# bash completion of aethel, written by `aethel completion bash`
_aethel() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} command='' files=no words='' i
  # bash splits --format=json into three words.
  if [[ $current == '=' ]]; then current=''; fi
  if [[ $previous == '=' ]]; then previous=${{COMP_WORDS[COMP_CWORD - 2]}}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${{command:+$command }}${{COMP_WORDS[i]}}" in
{}    esac
  done
  case "$command $previous" in
{}    *)
      case "$command" in
{}      esac
      if [[ $current != -* ]]; then
        local positional=''
        case "$command" in
{}        esac
      fi
      ;;
  esac
  # shellcheck disable=SC2207 # none of our words has a space
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ $files == yes ]]; then
    compopt -o filenames 2> /dev/null
    local path
    while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen -f -- "$current")
  fi
}}
complete -F _aethel aethel
)",
                     known, values, words, arguments);
}

std::string zsh(const Usage& program) {
  // In a specification a colon, a bracket or a backslash of the text is escaped.
  auto text = [](std::string each) {
    for (const std::string_view special : {"\\", ":", "[", "]"})
      each = replaced(std::move(each), special, "\\" + std::string(special));
    return each;
  };
  std::string functions;
  for_each_command(program, [&](const Usage& usage) {
    std::string specifications;
    auto add = [&](const std::string& specification) {
      specifications += " \\\n    " + quoted(specification);
    };
    for (const UsageOption& option : usage.options) {
      std::string value;
      if (!option.value.empty()) {
        value = ":" + text(option.value) + ":";
        if (is_path(option))
          value += "_files";
        else if (!option.choices.empty())
          value += fmt::format("({})", fmt::join(option.choices, " "));
      }
      if (option.argument) {
        add((option.repeatable ? "*" : "") +
            std::string(option.repeatable || option.required ? "" : ":") + value);
        continue;
      }
      for (const std::string& name : option.names)
        add(fmt::format("{}{}{}[{}]{}",
                        option.repeatable ? "*" : fmt::format("({})", fmt::join(option.names, " ")),
                        name, option.value.empty() || !name.starts_with("--") ? "" : "=",
                        text(option.summary), value));
    }
    const std::string function =
        replaced("_aethel " + usage.path, " ", usage.path.empty() ? "" : "_");
    if (usage.commands.empty()) {
      functions += fmt::format("{}() {{\n  _arguments -s{}\n}}\n\n", function, specifications);
      return;
    }
    std::string list, cases;
    for (const Usage& command : usage.commands) {
      list +=
          fmt::format("      {}\n", quoted(last_word(command.path) + ":" + text(command.summary)));
      cases += fmt::format("      {}) _aethel_{} ;;\n", last_word(command.path),
                           replaced(command.path, " ", "_"));
    }
    functions += fmt::format(R"({}() {{
  local curcontext=$curcontext state line
  _arguments -C{} \
    '1:command:->command' \
    '*::argument:->argument'
  case $state in
  command)
    local -a commands=(
{}    )
    _describe command commands
    ;;
  argument)
    case $line[1] in
{}    esac
    ;;
  esac
}}

)",
                             function, specifications, list, cases);
  });
  return "#compdef aethel\n# zsh completion of aethel, written by `aethel completion zsh`\n\n" +
         functions + "_aethel \"$@\"\n";
}

std::string fish(const Usage& program) {
  auto text = [](std::string each) {
    return "'" + replaced(replaced(std::move(each), "\\", "\\\\"), "'", "\\'") + "'";
  };
  std::string out =
      "# fish completion of aethel, written by `aethel completion fish`\ncomplete -c aethel -f\n";
  for_each_command(program, [&](const Usage& usage) {
    std::string when = "__fish_use_subcommand";
    if (!usage.path.empty())
      when = "__fish_seen_subcommand_from " +
             replaced(usage.path, " ", "; and __fish_seen_subcommand_from ");
    for (const Usage& command : usage.commands)
      out += fmt::format("complete -c aethel -n {} -a {} -d {}\n", text(when),
                         last_word(command.path), text(command.summary));
    for (const UsageOption& option : usage.options) {
      out += fmt::format("complete -c aethel -n {}", text(when));
      for (const std::string& name : option.names)
        if (!option.argument)
          out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (is_path(option))
        out += option.argument ? " -F" : " -r -F";
      else if (!option.choices.empty())
        out += fmt::format(" {} {}", option.argument ? "-a" : "-x -a",
                           text(fmt::format("{}", fmt::join(option.choices, " "))));
      else if (!option.value.empty() && !option.argument)
        out += " -x";
      out += " -d " + text(option.summary) + "\n";
    }
  });
  return out;
}

std::function<Exit()> declare(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  app.add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  app.footer("examples:\n"
             "  aethel completion bash > ~/.local/share/bash-completion/completions/aethel\n"
             "  aethel completion zsh > ~/.zfunc/_aethel\n"
             "  aethel completion fish > ~/.config/fish/completions/aethel.fish");
  return [shell] {
    std::vector<std::function<Exit()>> runners;
    const Usage program = usage_of(*make_app(runners));
    const std::string script = *shell == "bash"  ? bash(program)
                               : *shell == "zsh" ? zsh(program)
                                                 : fish(program);
    std::fputs(script.c_str(), stdout);
    return Exit::clean;
  };
}

} // namespace

extern constinit const Command completion;
constinit const Command completion{"completion", "print a completion script for a shell", declare};

} // namespace aethel::commands
