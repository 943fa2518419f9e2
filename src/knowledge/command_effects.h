// What a command does to files: which of its operands and options name paths that it reads,
// makes or removes. Data with source and date in command_effects.tsv, whose first lines say how
// a row is read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::knowledge {

enum class Role : std::uint8_t {
  skip,       // no path
  text,       // a pattern or program: dropped when an option of role `script` gave it
  script,     // takes the place of the operand of role `text`
  read,       // a file or folder that must be there
  file,       // a file that must be there
  dir,        // a folder that must be there
  soft,       // read when it is there
  create,     // a file that is made
  into,       // made there, or in it when it is a folder
  mkdir,      // a folder that is made
  fill,       // a folder that is made, with content that is not known
  remove,     // gone afterwards
  move,       // read, then gone
  chdir,      // the folder that the command works in
  run,        // this operand and all behind it are a command
  shell,      // a text that a shell runs
  context,    // of an image build: a folder, a URL or `-`
  dockerfile, // of an image build
  manifest,   // of kubectl: a file, a folder, a URL or `-`
  kustomize,  // a folder with a kustomization, or a URL
  url,        // a file of the URL's last part is made where the option `remote` says so
  any         // says where something is made, in a way that only the program reads
};

struct OptionEffect {
  std::string_view name; // "-f", "--file"
  Role role = Role::skip;
};

struct CommandEffects {
  std::vector<std::string_view> names;
  std::string_view sub; // "build", "s3 cp"; empty: whatever follows; "*": any subcommand
  std::vector<OptionEffect> values;    // options with a value
  std::vector<std::string_view> flags; // options without one; "*": all others
  std::vector<Role> operands;
  bool rest = false;                        // the last role but a fixed last one repeats
  bool last = false;                        // operands.back() is for the last operand only
  bool anything = false;                    // may make any file
  std::vector<std::string_view> fills;      // folders below its working directory
  std::vector<std::string_view> names_made; // names of folders or files that it may make anywhere

  const OptionEffect* option(std::string_view wanted) const;
  bool is_flag(std::string_view option) const;
};

// Null when nothing is known of the command. `sub` is one or two words, and ignored by commands
// that have no subcommands.
const CommandEffects* effects_of(std::string_view command, std::string_view sub = {});
// Whether the command has subcommands in the table.
bool has_subcommands(std::string_view command);
// Options in front of the subcommand. Null when there are none.
const CommandEffects* effects_before_subcommand(std::string_view command);

// What an action does to files.
struct ActionEffects {
  bool anything = false;
  std::vector<std::string_view> fills;   // inputs that name folders or files which it makes
  std::vector<std::string_view> creates; // inputs that name files which it makes
  std::vector<std::string_view> names_made;
};
const ActionEffects* effects_of_action(std::string_view action); // "actions/cache", without version

} // namespace aethel::knowledge
