// Builds of Dockerfiles, as rules ask of them.
#pragma once

#include "link/finding.h"
#include "link/image.h"
#include "link/program.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::rules {

// The stages that a build runs: the one that it asks for, those below it and those that they copy
// from. Others are read by nobody.
std::vector<std::size_t> needed_stages(const Image& image);

// Whether a file is certainly not in the image where the step runs: nothing that was copied before
// brings it, and everything that was copied is known.
enum class Lacks : std::uint8_t { no, unknown, yes };
Lacks lacks_file(const Program& program, const Image& image, const BuildStep* step,
                 std::string_view path);

// What is behind a folder of an image, without '/' in front; nullopt when the path is not below it.
std::optional<std::string_view> below(std::string_view path, std::string_view folder);

// The WORKDIR where the step runs; empty when it is not known.
std::string directory_at(const Image& image, const BuildStep* step);

// The file of the repository that a context brought to a path of the image before the step.
std::string source_before(const Program& program, const Image& image, const BuildStep* step,
                          std::string_view path);

// Whether RUN is given files of the context by a mount.
bool has_bind_mount(const Program& program, const BuildStep& step);

// Whether a script, recipe or workflow makes the path, or something above it.
bool is_made(const Program& program, std::string_view path);

// The Dockerfile lies in a folder that says "test" or "example".
bool is_sample(std::string_view path);

// Adds those that the finding has not yet.
void add_targets(Finding& finding, std::span<const TargetIndex> targets);

// The text of a RUN in one line, or its words with blanks between.
std::string command_text(const BuildStep& step);

// Whether `word` stands in the text with nothing around it that names are made of.
bool has_name(std::string_view text, std::string_view word);

} // namespace aethel::rules
