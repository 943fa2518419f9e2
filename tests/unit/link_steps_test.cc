// tests/shell/*.txt: blocks of shell as workflows have them, each over a small tree, with the
// answer for each path that the block needs, and for some that are there, or not, behind it.
#include "link/discover.h"
#include "link/steps/interpret.h"
#include "syntax/shell_program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace aethel::steps {
namespace {

struct Block {
  std::string name;
  std::vector<std::pair<std::string, std::string>> tree;
  std::string script;
  std::vector<std::string> expected; // sorted
  std::vector<std::pair<std::string, std::string>> after;
};

// "== name", "file: path [content]", "| line of the script", "yes path", "after yes path".
std::vector<Block> read_blocks(const std::filesystem::path& path) {
  std::vector<Block> blocks;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("== ")) {
      blocks.push_back({.name = line.substr(3)});
    } else if (blocks.empty() || line.empty() || line.starts_with("#")) {
      continue;
    } else if (line.starts_with("file: ")) {
      const std::string rest = line.substr(6);
      const std::size_t blank = rest.find(' ');
      blocks.back().tree.emplace_back(rest.substr(0, blank),
                                      blank == std::string::npos ? "x" : rest.substr(blank + 1));
    } else if (line.starts_with("|")) {
      blocks.back().script += line.size() > 2 ? line.substr(2) + "\n" : "\n";
    } else if (line.starts_with("after ")) {
      const std::size_t blank = line.find(' ', 6);
      blocks.back().after.emplace_back(line.substr(6, blank - 6), line.substr(blank + 1));
    } else {
      blocks.back().expected.push_back(line);
    }
  }
  return blocks;
}

TEST(Steps, answers_for_each_path) {
  std::size_t count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(AETHEL_SOURCE_DIR) + "/tests/shell")) {
    if (entry.path().extension() != ".txt") continue;
    for (Block& block : read_blocks(entry.path())) {
      ++count;
      MemoryFiles files;
      for (auto& [path, bytes] : block.tree) {
        std::string content;
        for (std::size_t i = 0; i < bytes.size(); ++i)
          if (bytes[i] == '\\' && i + 1 < bytes.size() && bytes[i + 1] == 'n') {
            content += '\n';
            ++i;
          } else if (bytes[i] == '\\' && i + 1 < bytes.size() && bytes[i + 1] == 't') {
            content += '\t';
            ++i;
          } else {
            content += bytes[i];
          }
        files.write(path, content);
      }
      auto tree = discover(files, {.threads = 1});
      ASSERT_TRUE(tree);
      std::vector<std::string> paths;
      for (const TreeEntry& each : tree->entries()) paths.emplace_back(each.path);
      const Sources sources(files, paths);
      MappedText text;
      text.append(block.script, 0);
      text.finish(block.script.size());
      Interpreter interpreter(*tree, sources);
      State state{.world = World(*tree, World::Content::repository)};
      Uses uses;
      interpreter.run({.text = &text, .file = {}}, state, uses);
      std::vector<std::string> found;
      for (const PathUse& use : uses.paths)
        found.push_back(std::string(use.soft ? "soft " : "") + std::string(name_of(use.answer)) +
                        " " + (use.path.empty() ? "." : use.path));
      for (const NameUse& use : uses.names)
        found.push_back(std::string(use.soft ? "soft " : "") + std::string(name_of(use.answer)) +
                        " " + (use.kind == "make-target" ? "make:" : "script:") + use.name);
      std::ranges::sort(found);
      found.erase(std::unique(found.begin(), found.end()), found.end());
      std::ranges::sort(block.expected);
      EXPECT_EQ(found, block.expected) << entry.path().filename() << ": " << block.name << "\n"
                                       << block.script;
      for (const auto& [answer, path] : block.after)
        EXPECT_EQ(name_of(state.world.exists(path)), answer) << block.name << ": " << path << "\n"
                                                             << block.script;
    }
  }
  EXPECT_GE(count, 150U);
}

TEST(ShellProgram, hostile_input_is_bounded) {
  std::string deep, loops;
  for (int i = 0; i < 5000; ++i) deep += "( { if ";
  for (int i = 0; i < 5000; ++i) loops += "case x in a) ";
  EXPECT_FALSE(shell::parse_program(deep).complete);
  EXPECT_FALSE(shell::parse_program(loops).complete);
  EXPECT_FALSE(shell::parse_program("fi; done ) esac ;; }").complete);
  EXPECT_TRUE(shell::parse_program("if a; then b; fi; (c) && { d; } | e").complete);
}

} // namespace
} // namespace aethel::steps
