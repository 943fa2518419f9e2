#include "link/discover.h"

#include "link/root.h"
#include "support/index_bytes.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <strings.h>

namespace aethel {
namespace {

// A repository in memory: every path of `tracked` is in the index and, unless `absent`, there.
MemoryFiles repository(const std::vector<IndexedFile>& tracked,
                       const std::vector<std::string>& absent = {}) {
  MemoryFiles files;
  files.write(".git/HEAD", "ref: refs/heads/main\n");
  files.write(".git/index", index_bytes(3, tracked));
  for (const IndexedFile& file : tracked)
    if (!file.skip_worktree && file.mode != 0160000 && file.mode != 040000 &&
        std::ranges::find(absent, file.path) == absent.end())
      files.write(file.path, "x");
  return files;
}

Tree tree_of(const Vfs& files, unsigned threads = 1) {
  auto tree = discover(files, {.threads = threads});
  if (!tree) {
    ADD_FAILURE() << tree.error().message;
    return {};
  }
  return std::move(*tree);
}

std::vector<std::string> paths(const Tree& tree) {
  std::vector<std::string> result;
  for (const TreeEntry& entry : tree.entries()) result.emplace_back(entry.path);
  return result;
}

std::map<std::string, std::string> skipped(const Tree& tree) {
  std::map<std::string, std::string> result;
  for (const Skipped& item : tree.skipped()) result[item.path] = name_of(item.reason);
  return result;
}

using Paths = std::vector<std::string>;
using Skips = std::map<std::string, std::string>;

TEST(Discover, tracked_and_untracked_but_not_ignored) {
  MemoryFiles files = repository({{"a.txt"}, {"run.sh", 0100755}, {"src/x.c"}});
  files.write(".gitignore", "*.log\nbuild/\n");
  files.write("new/untracked.txt", "12345");
  files.write("new/tool", "");
  files.make_executable("new/tool");
  files.write("x.log", "");
  files.write("build/out/y", "");
  const Tree tree = tree_of(files);
  EXPECT_EQ(tree.kind(), TreeKind::git);
  EXPECT_EQ(paths(tree),
            (Paths{".gitignore", "a.txt", "new/tool", "new/untracked.txt", "run.sh", "src/x.c"}));
  EXPECT_EQ(skipped(tree), (Skips{{"build/", "ignored"}, {"x.log", "ignored"}}));
  EXPECT_TRUE(tree.find("run.sh")->executable);
  EXPECT_TRUE(tree.find("run.sh")->tracked);
  EXPECT_TRUE(tree.find("new/tool")->executable);
  EXPECT_FALSE(tree.find("new/untracked.txt")->tracked);
  EXPECT_EQ(tree.find("new/untracked.txt")->size, 5u);
  EXPECT_EQ(tree.exists("build/out/y"), Existence::ignored_by_design);
}

TEST(Discover, a_tracked_file_in_an_ignored_directory_counts_its_neighbours_do_not) {
  MemoryFiles files = repository({{".gitignore"}, {"dist/kept.js"}, {"dist/deep/kept.js"}});
  files.write(".gitignore", "dist/\n");
  files.write("dist/.gitignore", "!other.js\n");
  files.write("dist/other.js", "");
  files.write("dist/deep/other.js", "");
  const Tree tree = tree_of(files);
  EXPECT_EQ(paths(tree), (Paths{".gitignore", "dist/deep/kept.js", "dist/kept.js"}));
  EXPECT_EQ(tree.exists("dist/other.js"), Existence::ignored_by_design);
}

TEST(Discover, the_working_tree_decides_what_exists) {
  MemoryFiles files = repository({{"gone"}, {"gone.log"}, {"was-file"}, {"was-dir/x"}, {"dir/y"}},
                                 {"gone", "gone.log", "was-file", "was-dir/x"});
  files.write(".gitignore", "*.log\n");
  files.write("was-file/inside", "");
  files.link("was-dir", "dir");
  const Tree tree = tree_of(files);
  EXPECT_EQ(paths(tree), (Paths{".gitignore", "dir/y", "was-dir", "was-file/inside"}));
  EXPECT_EQ(skipped(tree), (Skips{{"gone", "deleted"},
                                  {"gone.log", "deleted"},
                                  {"was-dir", "symlink"},
                                  {"was-dir/x", "deleted"},
                                  {"was-file", "deleted"}}));
  EXPECT_EQ(tree.exists("gone"), Existence::absent);
  EXPECT_EQ(tree.exists("gone.log"), Existence::absent) << "tracked files are never ignored";
  EXPECT_EQ(tree.exists("was-dir/y"), Existence::file);
}

TEST(Discover, sparse_files_exist_without_content) {
  MemoryFiles files =
      repository({{"a"}, {"docs/b.md", 0100644, true}, {"lib/", 040000, true}, {"lib.txt"}});
  const Tree tree = tree_of(files);
  EXPECT_EQ(paths(tree), (Paths{"a", "docs/b.md", "lib", "lib.txt"}));
  EXPECT_EQ(tree.exists("docs/b.md"), Existence::file);
  EXPECT_FALSE(tree.find("docs/b.md")->content_known);
  EXPECT_EQ(tree.exists("lib"), Existence::directory);
  EXPECT_EQ(tree.exists("lib/x"), Existence::unknown);
  EXPECT_EQ(skipped(tree), (Skips{{"docs/b.md", "sparse"}, {"lib/", "sparse"}}));
}

TEST(Discover, submodules_are_not_entered) {
  MemoryFiles files = repository({{"a"}, {"libs/core", 0160000}, {"libs/empty", 0160000}});
  files.write("libs/core/.git", "gitdir: ../../.git/modules/core\n");
  files.write("libs/core/secret.env", "");
  const Tree tree = tree_of(files);
  EXPECT_EQ(paths(tree), (Paths{"a", "libs/core", "libs/empty"}));
  EXPECT_EQ(tree.exists("libs/empty"), Existence::submodule);
  EXPECT_EQ(skipped(tree), (Skips{{"libs/core/", "submodule"}, {"libs/empty/", "submodule"}}));
}

TEST(Discover, a_repository_inside_is_not_ours) {
  MemoryFiles files = repository({{"a"}, {"mixed/tracked"}});
  for (const std::string where : {"other", "mixed"}) {
    files.write(where + "/.git/HEAD", "");
    files.make_directory(where + "/.git/objects");
    files.make_directory(where + "/.git/refs");
    files.write(where + "/compose.yml", "");
  }
  files.write("not-one/.git/description", "");
  files.write("not-one/b", "");
  const Tree tree = tree_of(files);
  EXPECT_EQ(skipped(tree),
            (Skips{{"mixed/", "nested-repository"}, {"other/", "nested-repository"}}));
  EXPECT_EQ(tree.exists("other/compose.yml"), Existence::unknown);
  EXPECT_EQ(tree.find("mixed/tracked")->file_class, FileClass::nested_repository);
  EXPECT_TRUE(tree.find("not-one/b")->is_ours());
}

TEST(Discover, a_copied_repository_is_told_from_a_package_with_misplaced_workflows) {
  const MemoryFiles files = repository({{"fork/.github/workflows/ci.yml"},
                                        {"fork/LICENSE"},
                                        {"fork/src/a.c"},
                                        {"web/.github/workflows/ci.yml"},
                                        {"web/package.json"}});
  const Tree tree = tree_of(files);
  EXPECT_EQ(tree.find("fork/src/a.c")->file_class, FileClass::nested_repository);
  EXPECT_TRUE(tree.find("web/package.json")->is_ours());
  ASSERT_EQ(tree.skipped().size(), 1u);
  EXPECT_EQ(tree.skipped()[0].files, 3u);
}

TEST(Discover, a_directory_of_gitmodules_is_foreign_even_as_plain_files) {
  MemoryFiles files = repository({{".gitmodules"}, {"libs/x/Dockerfile"}});
  files.write(".gitmodules", "[submodule \"x\"]\n\tpath = libs/x\n\turl = https://example.com/x\n");
  EXPECT_EQ(skipped(tree_of(files)), (Skips{{"libs/x/", "nested-repository"}}));
}

TEST(Discover, vendored_and_generated_by_name_with_witnesses) {
  const MemoryFiles files = repository({{"app/vendor/page.tsx"},
                                        {"go.mod"},
                                        {"vendor/lib/a.go"},
                                        {"vendor.md"},
                                        {"web/.next/server.js"},
                                        {"web/lib.min.js"},
                                        {"web/node_modules/x/index.js"}});
  const Tree tree = tree_of(files);
  EXPECT_TRUE(tree.find("app/vendor/page.tsx")->is_ours());
  EXPECT_EQ(skipped(tree), (Skips{{"vendor/", "vendored"},
                                  {"web/.next/", "generated"},
                                  {"web/lib.min.js", "vendored"},
                                  {"web/node_modules/", "vendored"}}));
}

TEST(Discover, attributes_have_the_last_word) {
  MemoryFiles files = repository({{".gitattributes"},
                                  {"logo.psd"},
                                  {"third_party/ours/x.c"},
                                  {"third_party/y.c"},
                                  {"api/gen.go"},
                                  {"font.bin"}});
  files.write(".gitattributes", "*.psd filter=lfs -text\nthird_party/ours/** -linguist-vendored\n"
                                "api/*.go linguist-generated\n*.bin binary\n");
  const Tree tree = tree_of(files);
  EXPECT_TRUE(tree.find("third_party/ours/x.c")->is_ours());
  EXPECT_TRUE(tree.find("font.bin")->binary);
  EXPECT_EQ(
      skipped(tree),
      (Skips{{"api/gen.go", "generated"}, {"logo.psd", "lfs"}, {"third_party/", "vendored"}}));
}

TEST(Discover, untracked_dependencies_are_not_listed) {
  MemoryFiles files = repository({{"package.json"}});
  files.write("node_modules/x/index.js", "");
  const Tree tree = tree_of(files);
  EXPECT_EQ(paths(tree), (Paths{"node_modules", "package.json"}));
  EXPECT_EQ(skipped(tree), (Skips{{"node_modules/", "vendored"}}));
  EXPECT_EQ(tree.exists("node_modules/x/index.js"), Existence::unknown);
}

TEST(Discover, a_plain_folder_obeys_its_ignore_files_and_knows_empty_directories) {
  MemoryFiles files;
  files.write("a", "");
  files.write(".gitignore", ".env\n");
  files.write(".env", "SECRET=1");
  files.make_directory("data/empty");
  const Tree tree = tree_of(files);
  EXPECT_EQ(tree.kind(), TreeKind::folder);
  EXPECT_EQ(tree.exists("data/empty"), Existence::directory);
  EXPECT_EQ(tree.exists(".env"), Existence::ignored_by_design);
}

TEST(Discover, a_broken_index_is_told_and_everything_is_untracked) {
  MemoryFiles files = repository({{"a"}});
  files.write(".git/index", "DIRC nonsense");
  const Tree tree = tree_of(files);
  EXPECT_EQ(paths(tree), (Paths{"a"}));
  EXPECT_FALSE(tree.find("a")->tracked);
  EXPECT_EQ(skipped(tree), (Skips{{".git/index", "broken-index"}}));
}

TEST(Discover, names_with_spaces_and_other_scripts) {
  const Paths names = {"a b/c d.txt", "relat\xC3\xB3rio.md", "\xE6\x97\xA5\xE6\x9C\xAC.md",
                       "\xFF\xFE.bin"};
  MemoryFiles files = repository({{names[0]}, {names[1]}, {names[2]}, {names[3]}});
  EXPECT_EQ(paths(tree_of(files)), names);
}

// A file system without case: it lists what it was given, and finds any spelling.
class CaselessFiles final : public Vfs {
public:
  explicit CaselessFiles(MemoryFiles files) : files_(std::move(files)) {}
  Result<std::string> read(std::string_view path, std::uint64_t limit) const override {
    return files_.read(real(path), limit);
  }
  FileStatus status(std::string_view path) const override { return files_.status(real(path)); }
  Result<std::vector<DirectoryEntry>> list(std::string_view path) const override {
    return files_.list(real(path));
  }
  Result<std::string> read_link(std::string_view path) const override {
    return files_.read_link(real(path));
  }

private:
  std::string real(std::string_view path) const {
    std::string found;
    while (!path.empty()) {
      const std::string part(path.substr(0, path.find('/')));
      path.remove_prefix(std::min(part.size() + 1, path.size()));
      std::string next = join_path(found, part);
      if (const auto names = files_.list(found))
        for (const DirectoryEntry& entry : *names)
          if (::strcasecmp(entry.name.c_str(), part.c_str()) == 0)
            next = join_path(found, entry.name);
      found = next;
    }
    return found;
  }
  MemoryFiles files_;
};

TEST(Discover, on_a_disk_without_case_the_name_of_the_index_counts) {
  MemoryFiles files = repository({{"README.md"}, {"src/Main.c"}}, {"README.md", "src/Main.c"});
  files.write("Readme.md", "");
  files.write("Src/main.c", "");
  files.write("Src/new.c", "");
  EXPECT_EQ(paths(tree_of(files)), (Paths{"Readme.md", "Src/main.c", "Src/new.c"}));
  EXPECT_EQ(paths(tree_of(CaselessFiles(files))), (Paths{"README.md", "src/Main.c", "src/new.c"}));
}

class ClosedDirectory final : public Vfs {
public:
  ClosedDirectory(const Vfs& files, std::string path) : files_(files), path_(std::move(path)) {}
  Result<std::string> read(std::string_view path, std::uint64_t limit) const override {
    return files_.read(path, limit);
  }
  FileStatus status(std::string_view path) const override { return files_.status(path); }
  Result<std::vector<DirectoryEntry>> list(std::string_view path) const override {
    if (path == path_) return fail("permission denied");
    return files_.list(path);
  }
  Result<std::string> read_link(std::string_view path) const override {
    return files_.read_link(path);
  }

private:
  const Vfs& files_;
  std::string path_;
};

TEST(Discover, what_cannot_be_listed_is_unknown_but_for_tracked_files) {
  const MemoryFiles files = repository({{"a"}, {"closed/b"}});
  const Tree tree = tree_of(ClosedDirectory(files, "closed"));
  EXPECT_EQ(tree.exists("closed"), Existence::directory);
  EXPECT_EQ(tree.exists("closed/b"), Existence::file);
  EXPECT_FALSE(tree.find("closed/b")->content_known);
  EXPECT_EQ(tree.exists("closed/c"), Existence::unknown);
  EXPECT_EQ(skipped(tree), (Skips{{"closed/", "unreadable"}}));
  EXPECT_FALSE(discover(ClosedDirectory(files, ""), {}));
}

TEST(Discover, the_number_of_threads_changes_nothing) {
  std::vector<IndexedFile> tracked;
  for (int i = 0; i < 200; ++i)
    tracked.push_back({"d" + std::to_string(100 + i) + "/e/f" + std::to_string(i)});
  MemoryFiles files = repository(tracked);
  for (int i = 0; i < 50; ++i) files.write("d" + std::to_string(150 + i) + "/u", "");
  const Paths one = paths(tree_of(files, 1));
  EXPECT_EQ(one.size(), 250u);
  EXPECT_EQ(paths(tree_of(files, 2)), one);
  EXPECT_EQ(paths(tree_of(files, 8)), one);
}

TEST(FindRoot, searches_upwards_only_when_no_path_is_given) {
  MemoryFiles machine;
  machine.write("home/me/project/.git/HEAD", "");
  machine.write("home/me/project/web/package.json", "");
  const auto found = find_root(machine, "/home/me/project/web", RootChoice::search);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->directory, "/home/me/project");
  EXPECT_EQ(found->prefix, "");
  const auto given = find_root(machine, "/home/me/project/web", RootChoice::given);
  ASSERT_TRUE(given);
  EXPECT_EQ(given->directory, "/home/me/project/web");
  EXPECT_EQ(given->work_tree, "/home/me/project");
  EXPECT_EQ(given->prefix, "web");
  const auto none = find_root(machine, "/home/me", RootChoice::search);
  ASSERT_TRUE(none);
  EXPECT_EQ(none->directory, "/home/me");
  EXPECT_TRUE(none->git_directory.empty());
  EXPECT_FALSE(find_root(machine, "/home/you", RootChoice::given));
}

TEST(FindRoot, a_git_file_points_elsewhere) {
  MemoryFiles machine;
  machine.write("r/.git/worktrees/w/HEAD", "");
  machine.write("r/.git/worktrees/w/commondir", "../..\n");
  machine.write("w/.git", "gitdir: /r/.git/worktrees/w\n");
  machine.write("r/.git/modules/m/HEAD", "");
  machine.write("r/m/.git", "gitdir: ../.git/modules/m\n");
  machine.write("alone/.git", "gitdir: /nowhere\n");
  const auto worktree = find_root(machine, "/w", RootChoice::search);
  ASSERT_TRUE(worktree);
  EXPECT_EQ(worktree->git_directory, "/r/.git/worktrees/w");
  EXPECT_EQ(worktree->common_directory, "/r/.git");
  EXPECT_EQ(find_root(machine, "/r/m", RootChoice::search)->git_directory, "/r/.git/modules/m");
  EXPECT_EQ(find_root(machine, "/alone", RootChoice::search)->work_tree, "/alone");
}

// Real repositories, when there is a git to make them.
class DiscoverGit : public testing::Test {
protected:
  void SetUp() override {
    if (std::system("git --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no git";
    char name[] = "/tmp/aethel-discover-XXXXXX";
    directory_ = ::mkdtemp(name);
    git("init -q . && git config user.name t && git config user.email t@example.com");
  }
  void TearDown() override {
    if (directory_.empty()) return;
    std::filesystem::remove_all(directory_);
  }
  void git(const std::string& arguments) const {
    const std::string command = "cd '" + directory_ +
                                "' && HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 git " + arguments +
                                " >/dev/null 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << arguments;
  }
  void write(const std::string& path, std::string_view text = "x\n") const {
    const std::filesystem::path full = directory_ + "/" + path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
  }
  Tree tree(const std::string& below = "") const {
    auto root = open_root(directory_ + below);
    EXPECT_TRUE(root);
    auto found = discover(*root->files, {.threads = 2, .git = root->git});
    EXPECT_TRUE(found);
    return std::move(*found);
  }
  std::string directory_;
};

TEST_F(DiscoverGit, index_versions_and_split_indexes) {
  for (const char* path : {"a", "b/c", "b/d", "e f"}) write(path);
  git("add -A");
  for (const char* version : {"2", "4"}) {
    git(std::string("update-index --index-version ") + version);
    EXPECT_EQ(paths(tree()), (Paths{"a", "b/c", "b/d", "e f"}));
    EXPECT_TRUE(tree().find("b/d")->tracked);
  }
  git("update-index --split-index");
  write("g");
  git("add g && git rm -q --cached b/c && git update-index --chmod=+x a");
  const Tree split = tree();
  EXPECT_EQ(paths(split), (Paths{"a", "b/c", "b/d", "e f", "g"}));
  EXPECT_FALSE(split.find("b/c")->tracked);
  EXPECT_TRUE(split.find("g")->tracked);
  EXPECT_TRUE(split.find("a")->executable);
}

TEST_F(DiscoverGit, a_sparse_index) {
  write("top");
  write("in/a");
  write("out/b");
  git("add -A && git commit -qm x && git sparse-checkout set --cone --sparse-index in");
  const Tree found = tree();
  EXPECT_EQ(found.exists("in/a"), Existence::file);
  EXPECT_EQ(found.exists("out"), Existence::directory);
  EXPECT_EQ(found.exists("out/b"), Existence::unknown);
}

TEST_F(DiscoverGit, a_linked_worktree) {
  write("a");
  git("add -A && git commit -qm x && git worktree add -q inner/tree");
  auto root = open_root(directory_ + "/inner/tree");
  ASSERT_TRUE(root);
  const auto found = discover(*root->files, {.git = root->git});
  ASSERT_TRUE(found);
  EXPECT_EQ(paths(*found), (Paths{"a"}));
  EXPECT_TRUE(found->find("a")->tracked);
  EXPECT_EQ(skipped(tree()), (Skips{{"inner/tree/", "nested-repository"}}));
}

TEST_F(DiscoverGit, sha256_objects) {
  std::filesystem::remove_all(directory_ + "/.git");
  git("init -q --object-format=sha256 .");
  write("a/b");
  git("add -A");
  EXPECT_TRUE(tree().find("a/b")->tracked);
}

TEST_F(DiscoverGit, a_part_of_a_repository_keeps_its_rules) {
  write(".gitignore", "*.log\n/web/out/\n/scratch/\n");
  write("web/a");
  write("web/x.log");
  write("web/out/y");
  write("scratch/z");
  git("add web/a");
  const Tree web = tree("/web");
  EXPECT_EQ(paths(web), (Paths{"a"}));
  EXPECT_TRUE(web.find("a")->tracked);
  EXPECT_EQ(web.exists("out/y"), Existence::ignored_by_design);
  EXPECT_EQ(web.exists("../.gitignore"), Existence::outside);
  EXPECT_EQ(paths(tree("/scratch")), (Paths{"z"})) << "named by the user, so it is wanted";
}

TEST_F(DiscoverGit, symlinks_and_fifos) {
  write("a/b");
  std::filesystem::create_symlink("a", directory_ + "/link");
  git("add -A");
  EXPECT_EQ(::system(("mkfifo '" + directory_ + "/pipe'").c_str()), 0);
  const Tree found = tree();
  EXPECT_EQ(found.exists("link/b"), Existence::file);
  EXPECT_EQ(skipped(found)["pipe"], "special-file");
}

} // namespace
} // namespace aethel
