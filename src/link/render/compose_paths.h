// Which values of a model are paths of files, and how they become relative to the
// repository (compose-go's paths/resolve.go).
#pragma once

#include "link/render/compose_context.h"

#include <functional>
#include <string>
#include <string_view>

namespace aethel::compose {

// Makes the paths of a canonical model relative to where `directory` is relative to.
void resolve_paths(Context& context, Node& model, std::string_view directory);

// Calls `change` with every path that resolve_paths would touch: those that are relative.
void for_each_path(Node& model, const std::function<void(Node&)>& change);

// filepath.Join of relative paths: "." for the directory itself.
std::string join_clean(std::string_view directory, std::string_view path);
// A path that Go or Windows calls absolute, or one of the home directory.
bool is_absolute(std::string_view path);
// `path` as seen from `directory`; both are relative to the repository.
std::string seen_from(std::string_view path, std::string_view directory);

} // namespace aethel::compose
