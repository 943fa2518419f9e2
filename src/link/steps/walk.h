// The walk itself, in parts: lists and constructs (interpret.cc), words (words.cc), simple commands
// and the table of effects (commands.cc), commands that the table cannot tell (programs.cc), make
// and the managers of packages (packages.cc). For these files only.
#pragma once

#include "link/steps/interpret.h"

#include "base/files.h"
#include "knowledge/command_effects.h"
#include "knowledge/table.h"
#include "link/steps/package.h"
#include "syntax/shell_values.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <utility>

namespace aethel::steps {

using knowledge::CommandEffects;
using knowledge::Role;
using shell::Arm;
using shell::Command;
using shell::Joint;
using shell::Part;
using shell::Quoted;
using shell::Redirection;
using shell::Word;

inline constexpr std::size_t most_values = 8;
inline constexpr int command_limit = 4'000; // a step; beyond it everything is unknown
inline constexpr int script_limit = 8;      // scripts and functions in one another
inline constexpr int nesting_limit = 64;    // of anything that recurses
inline constexpr std::size_t rounds_limit = 16;
inline constexpr std::string_view test_operators = " -f -d -e -s -r -w -x -L -h ";

template <typename... Names> bool is_any(std::string_view text, Names... names) {
  return ((text == names) || ...);
}

struct Field {
  Values values;      // all that it can be, or nothing known
  std::string prefix; // what it begins with, when not known
  bool glob = false;
  bool many = false; // may become any number of words
  Range range;
};

// `next`: by `continue`.
enum class Ended : std::uint8_t { no, next, loop, function, shell };

struct Machine { // a State with what is the shell's alone
  State state;
  Ended ended = Ended::no;
  std::optional<std::string> previous; // of `cd -`
  std::vector<std::optional<std::string>> pushed;
};

struct Parsed {
  MappedText text;
  FileId file;
  shell::Program program;
};

// What a test would tell.
struct Verdict {
  Answer truth = Answer::maybe;
  bool is_test = false;
  std::string path; // of a test of one path: what is known of it in each case
  Answer when_true = Answer::maybe, when_false = Answer::maybe;
  std::vector<std::string> doubted;
};

inline std::string one(const Field& field) {
  return field.values && field.values->size() == 1 ? field.values->front() : std::string();
}

inline bool is_url(std::string_view text) {
  return text.contains("://") || text.starts_with("git@") || text.starts_with("oci:");
}

inline Answer both(Answer a, Answer b) { return std::min(a, b); }
inline Answer either(Answer a, Answer b) { return std::max(a, b); }
inline Answer opposite(Answer a) {
  return a == Answer::yes ? Answer::no : a == Answer::no ? Answer::yes : Answer::maybe;
}

inline void join(Machine& left, const Machine& right) {
  if (left.ended != Ended::no && right.ended == Ended::no) {
    left = right;
    return;
  }
  if (right.ended != Ended::no && left.ended == Ended::no) return;
  left.state.world.join(right.state.world);
  if (left.state.directory != right.state.directory) left.state.directory.reset();
  left.state.empty_workspace = left.state.empty_workspace && right.state.empty_workspace;
  for (auto& [name, values] : left.state.variables) {
    const auto other = right.state.variables.find(name);
    if (other == right.state.variables.end() || !other->second || !values) {
      values.reset();
      continue;
    }
    for (const std::string& value : *other->second)
      if (std::ranges::find(*values, value) == values->end()) values->push_back(value);
    if (values->size() > most_values) values.reset();
  }
  for (const auto& [name, values] : right.state.variables)
    if (!left.state.variables.contains(name)) left.state.variables[name] = std::nullopt;
}

class Interpreter::Walk {
public:
  Walk(const Tree& tree, const Sources& sources, std::function<Values(std::string_view)> expression)
      : tree_(tree), sources_(sources), expression_(std::move(expression)) {}
  void run(const Script& script, State& state, Uses& uses);
  void need(std::string_view role, std::string_view path, Span span, State& state, Uses& uses);

private:
  // --- programs ---

  Parsed& keep(const MappedText& text, FileId file);
  void execute(const Parsed& parsed, Machine& machine);
  void list(const std::vector<Command>& commands, Machine& machine);
  void execute(const Command& command, Machine& machine);
  void apart(std::span<const Command> commands, Machine& machine);
  void softly(const std::vector<Command>& commands, Machine& machine);

  // --- conditions ---

  static void believe(const Verdict& verdict, bool truth, Machine& machine);
  Verdict condition(const std::vector<Command>& commands, Machine& machine);
  Verdict judge(const Command& command, Machine& machine);
  void collect_tested(const Command& command, Machine& machine, std::vector<std::string>& paths);
  static bool is_test(const Command& command);
  Verdict test(const Command& command, Machine& machine);
  static bool is_path_test(const Field& field);
  void test_path(std::string_view what, const Field& field, const Machine& machine,
                 Verdict& result);

  // --- constructs ---

  void chain(const Command& command, Machine& machine);
  void branch(const std::vector<Arm>& arms, std::size_t at, Machine& machine);
  void body_once(const Arm& arm, Machine& machine);
  void loop(const Command& command, Machine& machine);
  void each(const Command& command, Machine& machine);
  void choice(const Command& command, Machine& machine);

  // --- words ---

  Values values_of(const Part& part, Machine& machine);
  Values variable(const std::string& name, const Machine& machine);
  Values concatenated(const std::vector<Part>& parts, Machine& machine);
  std::vector<Field> expand(const Word& word, Machine& machine);
  static std::vector<Field> brace_fields(const std::string& text, Range range);
  Values substitution(const Part& part, Machine& machine);
  Values printed(const std::vector<Command>& commands, Machine& machine);
  Values printed_by(const Command& command, Machine& machine);
  static std::optional<std::string> path_of(std::string_view text, const State& state);

  // --- simple commands ---

  void simple(const Command& command, Machine& machine);
  std::pair<std::string, Values> assignment(const Word& word, Machine& machine);
  void redirect(const Command& command, Machine& machine);
  Span span_of(Range range) const;
  void add_use(std::string_view role, const std::string& path, std::string_view command, Span span,
               State& state);
  Answer need(std::string_view role, const Field& field, std::string_view command,
              Machine& machine);
  static std::optional<std::string> known_folder(const Field& field, const State& state);
  enum class Made : std::uint8_t { file, folder, filled };

  void create(const Field& field, Machine& machine, Made made = Made::file);
  void remove(const Field& field, Machine& machine);
  void dispatch(std::span<const Field> fields, Machine& machine);
  void dispatch_named(std::span<const Field> fields, Machine& machine);

  // --- what the table knows ---

  void by_table(const std::string& name, std::span<const Field> rest, Machine& machine);
  static std::span<const Field> fields_with_paths(std::span<const Field> fields);
  void unknown_program(std::span<const Field>, Machine& machine);
  void enter(const Field& field, std::string_view command, Machine& machine);
  void apply(const CommandEffects& effects, const CommandEffects* front, const std::string& label,
             std::span<const Field> rest, Machine& machine);
  static bool is_assignment(std::string_view text);
  static Field tail(const Field& field, std::size_t from);
  void run_wrapped(const std::string& label, std::vector<Field> command, Machine& machine);
  // What options without a value change.
  struct Ways {
    bool remote = false;    // curl -O: a file with the name that the URL says
    bool elsewhere = false; // with a name or in a folder that nobody can tell
    bool recursive = false;
    bool keeps = false;   // mv -n: the source may stay
    bool folders = false; // install -d: all operands are folders
    bool patient = false; // tail -F: waits for the file
  };

  static void notice(std::string_view label, std::string_view word, Ways& ways);

  void effect(const CommandEffects& effects, const std::string& label,
              std::vector<std::pair<Role, Field>>& given, std::vector<Field>& operands, Ways ways,
              Machine& machine);
  static void may_fill_here(Machine& machine);
  void default_dockerfile(const Field& context, const std::string& label, Machine& machine);
  void into(const Field& target, const std::vector<Field>& sources, std::string_view label,
            Ways ways, Machine& machine);
  static bool awk_writes(const std::vector<std::pair<Role, Field>>& given,
                         const std::vector<Field>& operands);
  void clone_folder(const Field& field, Machine& machine);
  void download(const Field& field, const std::vector<std::pair<Role, Field>>& given,
                std::string_view label, Machine& machine);

  // --- commands that the table cannot tell ---

  void change_directory(std::string_view name, std::span<const Field> rest, Machine& machine);
  void declare(std::span<const Field> rest, Machine& machine);
  void call(const Command* function, const Parsed* home, std::span<const Field> rest,
            Machine& machine);
  static std::optional<std::vector<std::string>> texts(std::span<const Field> fields);
  using Parameters = std::map<std::string, Values>;

  static Parameters set_parameters(Machine& machine, std::span<const Field> rest);
  static void restore_parameters(Machine& machine, const Parameters& before);
  void program(std::span<const Field> fields, Machine& machine);
  static bool is_shell_script(std::string_view path, std::string_view bytes);
  void file(const std::string& path, std::span<const Field> arguments, Machine& machine);
  void source(std::span<const Field> rest, Machine& machine);
  const Parsed* script_of(std::string_view path, const World& world);
  const Source* load(std::string_view path) const;
  void shell_command(std::span<const Field> rest, Machine& machine);
  void run_text(const std::string& text, Range range, Machine& machine);
  void tar(std::span<const Field> rest, Machine& machine);
  bool git_changes_tree(std::span<const Field> rest, Machine& machine);
  static void find(std::span<const Field> rest, Machine& machine);
  void interpreted(const std::string& name, std::span<const Field> rest, Machine& machine);

  // --- make ---

  void make(std::span<const Field> rest, Machine& machine);
  bool has_source(std::string_view directory, const std::string& target) const;

  // --- packages ---

  struct PackageOptions {
    std::vector<Field> words; // without options
    std::string workspace;
    bool some_workspaces = false; // more than one, or a pattern
    bool if_present = false;
    bool frozen = false;
    bool global = false;
    bool unknown = false;
  };

  PackageOptions package_options(std::string_view tool, std::span<const Field> rest,
                                 Machine& machine);
  void package_command(const std::string& tool, std::span<const Field> rest, Machine& machine);
  void package_command_here(const std::string& tool, PackageOptions& options, Machine& machine);
  static bool is_builtin(std::string_view tool, std::string_view sub);
  bool some_package_has(std::string_view script);
  const Package* package_at(std::string_view path);
  Answer manifest(const State& state, std::string& path) const;
  std::optional<std::string> workspace(const State& state, std::string_view name);
  void script_of_package(const std::string& tool, const std::string& name, Range range, bool named,
                         PackageOptions& options, Machine& machine);
  void run_package_script(const Package& package, const std::string& path,
                          const std::string& committed, const std::string& name, Machine& machine);
  void install_packages(const std::string& tool, const std::string& sub, PackageOptions& options,
                        Machine& machine);
  void lock_file(std::string_view tool, Range range, State& state);
  const Tree& tree_;
  const Sources& sources_;
  std::function<Values(std::string_view)> expression_;
  std::vector<std::unique_ptr<Parsed>> kept_;
  std::map<std::string, std::unique_ptr<Parsed>, std::less<>> scripts_;
  std::map<std::string, Package, std::less<>> packages_;
  std::map<std::string, std::pair<const Command*, const Parsed*>, std::less<>> functions_;
  std::optional<std::vector<std::string>> arguments_; // of the function or script at work
  std::vector<std::string> running_;                  // scripts at work
  std::vector<Field> moved_;
  const Parsed* parsed_ = nullptr;
  const Redirection* here_ = nullptr;
  Uses* uses_ = nullptr;
  Span place_;
  int budget_ = command_limit;
  int nesting_ = 0;
  int script_depth_ = 0;
  int soft_ = 0;
  int temporary_ = 0;
};

} // namespace aethel::steps
