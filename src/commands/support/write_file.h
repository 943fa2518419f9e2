// Writing below a root, for the few commands that write into a repository.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace aethel {

enum class Mode : std::uint8_t {
  plain,
  executable,
  secret // nobody but the owner reads it
};

// Beside the file first, then in its place: a full disk costs nothing that was there. Folders are
// made. `path` is relative to `root` and may lead through no symlink.
Result<void> write_below(const std::string& root, std::string_view path, std::string_view bytes,
                         Mode mode = Mode::plain);

// Removes a file, and the folders above it that became empty.
Result<void> remove_below(const std::string& root, std::string_view path);

// Whether a path lies below the root, through folders only.
Result<void> check_folders(const std::string& root, std::string_view path);

// Whether `write_below` can: told before anything is written.
Result<void> check_writable(const std::string& root, std::string_view path);

} // namespace aethel
