// A stage of a Dockerfile as one build makes it: its variables filled in, its files traced to where
// they come from, its base followed through earlier stages to an image. Nothing is run: what a RUN
// makes is unknown.
#pragma once

#include "link/program.h"
#include "syntax/dockerfile.h"
#include "syntax/dockerignore.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// The files of a build context that reach the builder.
class BuildContext {
public:
  BuildContext() = default;
  BuildContext(const Program& program, const ImageBuild& build);

  enum class Presence : std::uint8_t {
    present,
    absent,   // neither there nor ignored by Git
    excluded, // by the ignore file of the build
    ignored,  // Git ignores it: made on each machine
    unknown   // outside, in a submodule, or nobody can say
  };
  struct Found {
    Presence presence = Presence::unknown;
    Span excluded_by; // the line of the ignore file
  };
  // `path` is relative to the context; ".." does not lead out of it, as in BuildKit.
  Found find(std::string_view path) const;
  // The path in the repository.
  std::string in_repository(std::string_view path) const;
  const std::string& ignore_file() const { return ignore_file_; } // empty: there is none

private:
  const Program* program_ = nullptr;
  std::string folder_;
  std::string ignore_file_;
  FileId ignore_id_;
  std::shared_ptr<const DockerIgnore> ignore_;
};

// COPY or ADD with everything filled in.
struct PlacedCopy {
  const BuildStep* step = nullptr;
  struct Item {
    const BuildWord* word = nullptr;
    std::string path; // cleaned, without '/' in front; may hold wildcards
    bool wildcard = false;
  };
  std::vector<Item> sources; // those that are known and are paths
  bool sources_known = true; // all of them
  std::string destination;   // absolute, cleaned
  bool destination_known = true;
  bool into_folder = false;         // the names of files stay
  std::optional<std::size_t> stage; // of --from
  bool context = false;             // from the build context
  std::size_t order = 0;            // among the steps of its stage
};

class Image {
public:
  // `stage`: index into the stages of the Dockerfile.
  Image(const Program& program, const ImageBuild& build, const FileFacts& dockerfile,
        std::size_t stage);
  // The stage that the build asks for; nothing when the Dockerfile was not read or lacks it.
  static std::optional<Image> of(const Program& program, const ImageBuild& build);

  const ImageBuild& build() const { return *build_; }
  const FileFacts& dockerfile() const { return *dockerfile_; }
  const BuildContext& context() const { return context_; }
  std::size_t stage() const { return chain_.back(); }
  // Stages from the one that stands on an image to the one that is built.
  const std::vector<std::size_t>& chain() const { return chain_; }
  // The image below the first stage of the chain; nothing when it is not known.
  const std::optional<std::string>& base() const { return base_; }

  const std::vector<PlacedCopy>& copies() const { return copies_; } // in order, of all the chain
  std::vector<const BuildStep*> steps(BuildStep::Kind kind) const;  // in order, of all the chain
  const BuildStep* last(BuildStep::Kind kind) const;                // null when there is none
  // CMD, unless a stage above it sets ENTRYPOINT anew.
  const BuildStep* command() const;

  // WORKDIR in the end; nothing when the image below decides.
  const std::optional<std::string>& directory() const { return directory_; }
  // Value of a variable of the image; `unset` also when the image below may set it.
  dockerfile::Value variable(std::string_view name) const;
  // What the step's word is, where it stands.
  std::optional<std::string> evaluate(const BuildWord& word) const;

  // The file of the repository that lies at an absolute path of the image, as far as COPY alone
  // decides. Empty: not known.
  std::string source_of(std::string_view path) const { return trace(path, 0); }

private:
  void read_stage(std::size_t index);
  void read_copy(const BuildStep& step, std::size_t order);
  std::string trace(std::string_view path, int depth) const;
  std::string trace_item(const PlacedCopy& copy, const PlacedCopy::Item& item,
                         std::string_view path, int depth) const;
  std::string trace_stage(std::size_t stage, std::string_view path, int depth) const;
  dockerfile::Value lookup(std::string_view name) const;

  const Program* program_;
  const ImageBuild* build_;
  const FileFacts* dockerfile_;
  BuildContext context_;
  std::vector<std::size_t> chain_;
  std::optional<std::string> base_;
  std::vector<PlacedCopy> copies_;
  std::optional<std::string> directory_;
  std::map<std::string, dockerfile::Value, std::less<>> environment_;
  std::map<std::string, dockerfile::Value, std::less<>> arguments_;    // of the stage at work
  std::map<const BuildWord*, std::optional<std::string>> evaluated_;   // USER and EXPOSE
  mutable std::map<std::size_t, std::shared_ptr<const Image>> others_; // made when asked for
};

// The stage that a name means where stage `before` begins: an earlier one with that name or number.
std::optional<std::size_t> stage_named(const FileFacts& dockerfile, std::string_view name,
                                       std::size_t before);

// `/a/./b/../c` is "/a/c"; ".." at the top stays there.
std::string clean_absolute(std::string_view path);

} // namespace aethel
