// The files of a machine at one moment of a job, as far as they can be known without running
// anything: an overlay over the repository's tree. Whether a path exists is yes, no or maybe;
// `no` needs that nothing which ran so far can have made it.
//
// Paths are normalised: relative to the workspace without "./", absolute ones as they are
// ("/tmp/x"), others "~/x" or "../x". Outside of the workspace nothing is `no` unless it was
// removed.
#pragma once

#include "model/tree.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace aethel::steps {

enum class Answer : std::uint8_t { no, maybe, yes };
std::string_view name_of(Answer answer);

// `path` as seen from `directory`, both normalised or as written. "" is the workspace.
std::string locate(std::string_view directory, std::string_view path);
bool is_in_workspace(std::string_view path);

class World {
public:
  enum class Content : std::uint8_t { empty, repository, perhaps, unknown };

  World() = default;
  World(const Tree& tree, Content content) : tree_(&tree) { mounts_[""] = content; }

  Answer exists(std::string_view path) const;
  // As exists(), but a file that Git ignores is not there before something makes it.
  Answer exists_if_committed(std::string_view path) const;
  // Whether a file of this name lies anywhere in the workspace: `**/name`.
  Answer exists_named(std::string_view name) const;
  // Of a path that exists, whether it is a folder: `yes`, `no`, or `maybe` when that is not known.
  Answer is_directory(std::string_view path) const;
  // Whether the bytes of a file are those of the repository. Returns its path there, else nothing.
  std::optional<std::string> committed(std::string_view path) const;

  void create_file(std::string_view path);
  void create_directory(std::string_view path);
  // A folder that is there now and may hold anything.
  void fill(std::string_view directory);
  // May hold more than is known; what is there stays.
  void may_hold_more(std::string_view directory);
  void may_create(std::string_view path);
  void remove(std::string_view path);
  void may_remove(std::string_view path);
  // What is below may be gone or changed: `rm -rf out/*`.
  void unknown_below(std::string_view directory);
  // A file or folder of this name may be made anywhere: "node_modules".
  void may_create_name(std::string_view name);
  // A program ran of which nothing is known.
  void may_create_anything();
  bool anything() const { return anything_; }
  void mount(std::string_view directory, Content content);
  // What a test found out.
  void assume(std::string_view path, Answer answer);
  // A test was made on it whose outcome cannot be told.
  void doubt(std::string_view path);

  void join(const World& other);

private:
  enum class Below : std::uint8_t { inherit, none, more, unknown };
  struct Entry {
    std::optional<Answer> self;
    std::optional<bool> directory;
    Below below = Below::inherit;
  };
  Answer base(std::string_view path) const;
  const std::pair<const std::string, Content>* mount_of(std::string_view path) const;
  void make_parents(std::string_view path);
  void erase_below(std::string_view path);

  const Tree* tree_ = nullptr;
  std::map<std::string, Entry, std::less<>> entries_;
  std::map<std::string, Content, std::less<>> mounts_;
  std::set<std::string, std::less<>> names_;
  bool anything_ = false;
};

} // namespace aethel::steps
