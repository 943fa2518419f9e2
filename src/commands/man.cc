// `aethel man`: the manual page, written from the commands themselves.
#include "commands/support/terminal.h"
#include "commands/support/usage.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace aethel::commands {
namespace {

// Text as roff: a hyphen that can be copied, no accidental request at the start of a line.
std::string roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    line_start = c == '\n';
  }
  return out;
}

std::string option_heading(const UsageOption& option) {
  std::string out;
  for (const std::string& name : option.names) {
    if (!out.empty()) out += ", ";
    out += option.argument ? "\\fI" + roff(name) + "\\fR" : "\\fB" + roff(name) + "\\fR";
  }
  if (!option.argument && !option.choices.empty() && option.value != "RULE")
    out += roff(fmt::format(" {}", fmt::join(option.choices, "|")));
  else if (!option.argument && !option.value.empty())
    out += " \\fI" + roff(option.value) + "\\fR";
  if (option.repeatable) out += " ...";
  return out;
}

std::string options(const Usage& usage) {
  std::string out;
  for (const UsageOption& option : usage.options) {
    if (!usage.path.empty() && option.names.back() == "--help")
      continue; // said once, of the program
    out += ".TP\n" + option_heading(option) + "\n" + roff(option.summary) + "\n";
  }
  return out;
}

std::string command(const Usage& usage) {
  std::string synopsis = "\\fBaethel " + roff(usage.path) + "\\fR [\\fIoption\\fR ...]";
  for (const UsageOption& option : usage.options)
    if (option.argument)
      synopsis += option.required ? " \\fI" + roff(option.names.front()) + "\\fR"
                                  : " [\\fI" + roff(option.names.front()) + "\\fR]";
  std::string out = ".SS aethel " + roff(usage.path) + "\n" + synopsis + "\n.PP\n" +
                    roff(usage.summary) + "\n" + options(usage);
  if (!usage.footer.empty()) out += ".PP\n.EX\n" + roff(usage.footer) + "\n.EE\n";
  for (const Usage& below : usage.commands) out += command(below);
  return out;
}

std::string manual(const Usage& program, const std::string& version) {
  std::string out = ".TH AETHEL 1 \"\" \"" + version +
                    "\" \"User Commands\"\n"
                    ".SH NAME\naethel \\- " +
                    roff(program.summary.substr(program.summary.find(' ') + 1)) +
                    "\n"
                    ".SH SYNOPSIS\n\\fBaethel\\fR \\fIcommand\\fR [\\fIoption\\fR ...]\n"
                    ".SH DESCRIPTION\n"
                    "A compiler checks a file; a linker finds the symbol that no file defines. "
                    "\\fBaethel\\fR links a whole\n"
                    "repository and reports each reference that nothing satisfies, each value that "
                    "is not real and each\n"
                    "capability that is missing. It needs no network, changes nothing unless it is "
                    "told to, and prints the same\n"
                    "bytes for the same repository.\n"
                    ".SH OPTIONS\n";
  out += options(program);
  out += ".SH COMMANDS\n";
  for (const Usage& each : program.commands) out += command(each);
  if (!program.footer.empty())
    out += ".SH EXAMPLES AND EXIT CODES\n.EX\n" + roff(program.footer) + "\n.EE\n";
  out += ".SH ENVIRONMENT\n"
         ".TP\n\\fBNO_COLOR\\fR\nno colour, when it is not empty\n"
         ".TP\n\\fBLC_ALL\\fR, \\fBLC_MESSAGES\\fR, \\fBLANG\\fR\nthe language of messages; "
         "Portuguese when the first that is set begins with \"pt\"\n"
         ".SH FILES\n"
         ".TP\n\\fIaethel.yaml\\fR\nwhat a repository says about itself: targets, stages, what it "
         "gets from outside, what is accepted and why\n";
  return out;
}

std::function<Exit()> declare(CLI::App& app) {
  app.footer("examples:\n"
             "  aethel man | man -l -\n"
             "  aethel man > ~/.local/share/man/man1/aethel.1");
  return [] {
    std::vector<std::function<Exit()>> runners;
    const std::unique_ptr<CLI::App> program = make_app(runners);
    std::fputs(manual(usage_of(*program), program->version()).c_str(), stdout);
    return Exit::clean;
  };
}

} // namespace

extern constinit const Command man;
constinit const Command man{"man", "print the manual page", declare};

} // namespace aethel::commands
