// A shell program as a tree: lists, pipelines, subshells, groups, branches, loops, functions. What
// a word can become is for whoever walks it; see link/steps. bash and POSIX sh; the words come
// from shell_words.h. Where only single commands matter (documents, roots), shell_commands.h scans
// without a tree.
// Source: POSIX.1-2024 XCU 2.10
// (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html), bash's manual 3.2.
#pragma once

#include "syntax/shell_words.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::shell {

struct Command;

struct Arm { // `if` and `elif` with its condition, `else` without; an arm of `case`
  std::vector<Command> condition;
  std::vector<Word> patterns; // of `case`
  std::vector<Command> body;
};

struct Command {
  enum class Kind : std::uint8_t {
    simple,   // words, assignments in front of them, redirections; may be a test or `(( ))`
    pipeline, // parts
    chain,    // parts, with joints[i] in front of parts[i + 1]
    subshell, // parts, as all below
    group,
    branch,  // arms
    loop,    // `while`, `until`: one arm
    each,    // `for` and `select`: name, words; one arm
    choice,  // `case`: words[0], arms
    function // name; parts: its body
  };
  Kind kind = Kind::simple;
  bool negated = false; // `!`
  bool until = false;   // of a loop
  std::string name;
  std::vector<Word> words;
  std::vector<Word> assignments; // `NAME=value`, `NAME+=value`, `NAME=(list)`, whole
  std::vector<Redirection> redirections;
  std::vector<Command> parts;
  std::vector<Joint> joints;
  std::vector<Arm> arms;
  Range range;
};

struct Program {
  std::vector<Command> commands;
  // A construct that does not close, a word that closes nothing, too deep or too long: what was
  // read is a guess.
  bool complete = true;
};

constexpr std::size_t deepest_program = 48;     // constructs in one another
constexpr std::size_t longest_program = 20'000; // commands

// Never fails.
Program parse_program(std::string_view text, Dialect dialect = Dialect::posix);

// The text of a word without quotes or expansions: a reserved word, a literal name; else empty.
std::string_view bare(const Word& word);

} // namespace aethel::shell
