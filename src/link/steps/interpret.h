// Walks a shell program over a World and tells which paths, package scripts, targets of make and
// lock files its commands need, and whether they are there at that moment. Nothing is run; what
// cannot be known is maybe. What commands do is data: knowledge/command_effects.tsv.
// docs/shell-model.md says what is modelled.
#pragma once

#include "link/steps/world.h"
#include "model/source.h"
#include "model/sources.h"
#include "syntax/mapped_text.h"
#include "syntax/shell_program.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::steps {

// What a variable or expression can be: some texts, or nothing known. A text that begins with
// `workspace_mark` is a path from the workspace.
using Values = std::optional<std::vector<std::string>>;
inline constexpr std::string_view workspace_mark = "\x02";

struct PathUse {
  std::string_view role; // "read", "directory", "script", "dockerfile", "context", "kustomize",
                         // "manifest", "working-directory", "lock-file", "cache-file", "project"
  std::string path;      // normalised
  std::string command;   // "docker build"
  Span span;
  Answer answer = Answer::maybe;
  bool soft = false;            // its absence is expected: `|| true`, `2>/dev/null`, a condition
  bool empty_workspace = false; // nothing was checked out
};

struct NameUse {         // of a script of a package, a target of make
  std::string_view kind; // "package-script", "make-target"
  std::string name;
  std::string file;    // the package.json or Makefile
  std::string command; // "npm run"
  Span span;
  Answer answer = Answer::maybe;
  bool soft = false;
  std::vector<std::string> known; // names that the file has
};

struct Uses {
  std::vector<PathUse> paths;
  std::vector<NameUse> names;
};

struct State {
  World world;
  std::optional<std::string> directory = std::string();
  std::map<std::string, Values, std::less<>> variables;
  bool empty_workspace = false; // no step has checked out anything
};

// A text that a shell reads, with its places. `file` is where the offsets point into.
struct Script {
  const MappedText* text = nullptr;
  FileId file;
};

class Interpreter {
public:
  // `expression` tells what `${{ ... }}` can be; may be null.
  Interpreter(const Tree& tree, const Sources& sources,
              std::function<Values(std::string_view)> expression = nullptr);
  ~Interpreter();

  // Bounded: at most some 20,000 commands and 8 scripts in one another; past that all is maybe.
  void run(const Script& script, State& state, Uses& uses);
  // A path that the surroundings of a script need: `working-directory`.
  void need(std::string_view role, std::string_view path, Span span, State& state, Uses& uses);

private:
  class Walk;
  std::unique_ptr<Walk> walk_;
};

} // namespace aethel::steps
