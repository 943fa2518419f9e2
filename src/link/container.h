// What the file system of a process holds, as far as the repository shows it: bind mounts, compose
// configs and secrets, and what its Dockerfile copies. Volumes, commands of the build and scripts
// of the start can make anything, and say "unknown".
#pragma once

#include "link/program.h"
#include "model/nginx.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aethel {

// The last stage of a build with those that it is built on, from the base image on.
struct BuiltImage {
  std::string base; // empty: not known
  struct Copy {
    std::vector<std::string> sources; // in the repository; of another stage or a URL: empty
    std::string target;               // absolute
    bool into_folder = false;
    Span span;
  };
  std::vector<Copy> copies;
  std::vector<std::pair<std::string, std::optional<std::string>>> environment;
  std::vector<std::pair<std::uint32_t, Span>> exposed;
  std::vector<std::string> runs; // what RUN runs, as written
  std::string command;           // ENTRYPOINT and CMD as written
  std::string healthcheck;       // of HEALTHCHECK, as written
  Span healthcheck_span;
  FileId file;
};

// Reads the Dockerfile of a service; nothing when it cannot be read.
std::optional<BuiltImage> built_image(const Program& program, std::string_view dockerfile,
                                      std::string_view context, std::string_view stage);
std::optional<BuiltImage> built_image(const Program& program, const Process& process);

class Container {
public:
  Container(const Program& program, const Process& process);

  const Process& process() const { return process_; }
  const std::optional<BuiltImage>& built() const { return built_; }
  // The image that is run, or that the build begins with; empty when not known.
  const std::string& base() const { return base_; }

  ContainerFile find(std::string_view path) const;
  struct Listing {
    std::vector<std::pair<std::string, std::string>> files; // in the container, in the repository
    bool complete = true;                                   // false: other files may be there
  };
  // The files below a folder that are known.
  Listing below(std::string_view folder) const;
  // All files of the repository that are brought, each where it is.
  std::vector<std::pair<std::string, std::string>> brought() const;
  // The value of a variable: nullopt when it is not set, an empty optional inside when it is set to
  // something unknown.
  std::optional<std::optional<std::string>> variable(std::string_view name) const;
  // Whether a start script, an entry point or a command of ours may make files.
  bool runs_own_scripts() const;
  // The command line, words joined with blanks; empty when it is the image's.
  std::string command() const;

private:
  struct Piece {
    std::string target;
    std::string source; // in the repository; empty when not known
    bool known = true;  // false: a volume or the like
    bool missing = false;
    bool copied = false;
    Span span;
  };
  const Piece* covering(std::string_view path) const;
  // A folder that only a document says how to make is the finding of the mount; a file in a folder
  // that is there may well be made by hand.
  enum class Told : std::uint8_t { by_scripts, by_documents };
  bool is_created(std::string_view path, Told told) const;

  const Program& program_;
  const Process& process_;
  std::optional<BuiltImage> built_;
  std::string base_;
  std::vector<Piece> pieces_; // copies first: later ones win
};

} // namespace aethel
