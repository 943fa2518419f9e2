// The commands that a file holds, whatever the file is: a script, a recipe of a Makefile, a
// script of package.json, a step of a workflow, a code block of a document, a string that a
// program hands to a shell. Each block is what one shell would read, with its place.
#pragma once

#include "syntax/mapped_text.h"
#include "syntax/shell_words.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::shell {

enum class Language : std::uint8_t {
  shell,
  make,
  just,
  batch,
  powershell,
  procfile,
  json, // package.json and the like: every string value
  yaml, // workflows and task files: `run`, `script`, `cmds` ...
  markdown,
  text,   // also reStructuredText and AsciiDoc
  source, // strings in programs
  none
};

// By the name of the file, or `#!`.
Language language_of(std::string_view path, std::string_view bytes);

enum class Context : std::uint8_t {
  script,   // something runs it
  program,  // a string in source code, perhaps run
  document, // a code block: somebody is told to run it
  mention   // inline code, printed text, comments
};

// A variable that make, just or a workflow defines.
struct Definition {
  enum class Form : std::uint8_t { set, set_if_unset, append };
  std::string name;
  MappedText value;
  Form form = Form::set;
  enum class When : std::uint8_t { always, on_condition } when = When::always;
};

struct Environment {
  std::shared_ptr<const Environment> outer;
  std::vector<Definition> variables;
};

struct Block {
  enum class Shell : std::uint8_t {
    fresh,
    same
  }; // `same`: goes on in the shell of the block before
  enum class Host : std::uint8_t { here, elsewhere };
  MappedText text;
  Dialect dialect = Dialect::posix;
  Context context = Context::script;
  Shell shell = Shell::fresh;
  Host host = Host::here;
  std::string directory; // of `working-directory:`, as written
  std::shared_ptr<const Environment> environment;
};

struct CommandText {
  std::vector<Block> blocks;
  std::vector<Definition> definitions; // of the file as a whole, in order
};

// Never fails. Blocks without any word of interest may be left out.
CommandText command_text(std::string_view bytes, Language language);

// Whether a file can hold anything that shell_commands.h reports: a search for a few words.
bool may_hold_commands(std::string_view bytes, Language language);

} // namespace aethel::shell
