#include "link/render/compose_paths.h"

#include "base/files.h"
#include "link/render/compose_canonical.h"
#include "link/render/compose_path.h"
#include "link/render/compose_value.h"

#include <algorithm>
#include <array>

namespace aethel::compose {
namespace {

enum class Kind : std::uint8_t {
  path,          // stays when it is empty
  maybe_unix,    // empty means the directory itself; a Windows path is absolute
  context,       // a build context may be a URL or a service
  mount,         // the source of a bind
  driver_options // the device of a local volume that is a bind
};

struct Rule {
  std::string_view pattern;
  Kind kind;
};

constexpr std::array rules = std::to_array<Rule>({
    {"W.build.context", Kind::context},
    {"W.build.additional_contexts.*", Kind::context},
    {"W.build.ssh.*", Kind::maybe_unix},
    {"C.env_file.*.path", Kind::path},
    {"C.label_file.*", Kind::path},
    {"W.extends.file", Kind::path},
    {"S.develop.watch.*.path", Kind::path},
    {"C.volumes.*", Kind::mount},
    {"configs.*.file", Kind::maybe_unix},
    {"secrets.*.file", Kind::maybe_unix},
    {"volumes.*", Kind::driver_options},
});

bool is_drive(std::string_view path) { return path.size() >= 2 && path[1] == ':'; }
bool is_separator(char c) { return c == '/' || c == '\\'; }

bool is_windows_absolute(std::string_view path) {
  if (is_drive(path)) return path.size() > 2 && is_separator(path[2]);
  return path.size() >= 2 && is_separator(path[0]) && is_separator(path[1]);
}

bool is_remote_context(std::string_view value) {
  static constexpr std::array prefixes = {"https://",    "http://", "git://",  "ssh://",
                                          "github.com/", "git@",    "service:"};
  return value.find("://") != std::string_view::npos ||
         std::ranges::any_of(prefixes,
                             [&](const char* prefix) { return value.starts_with(prefix); });
}

using Change = std::function<void(Node&)>;

void apply(Context* context, Node& node, Kind kind, const Change& change) {
  switch (kind) {
  case Kind::path:
    if (is_string(node)) {
      const std::string value = node.value();
      if (!value.empty() && !value.starts_with('/') && !value.starts_with('~')) change(node);
    }
    return;
  case Kind::maybe_unix:
    if (is_string(node) && !is_absolute(node.value())) change(node);
    return;
  case Kind::context:
    if (is_string(node) && !is_remote_context(node.value()))
      apply(context, node, Kind::path, change);
    return;
  case Kind::mount: {
    const Node* type = node.find("type");
    if (type == nullptr || !is_string(*type) || type->value() != "bind") return;
    Node* source = node.find("source");
    if (source != nullptr)
      apply(context, *source, Kind::maybe_unix, change);
    else if (context != nullptr && node.tag != unresolved_tag)
      context->reject(node.origin.written,
                      "invalid mount config for type \"bind\": the source must not be empty");
    return;
  }
  case Kind::driver_options: {
    const Node* driver = node.find("driver");
    Node* options = node.find("driver_opts");
    if (driver == nullptr || driver->value() != "local" || options == nullptr) return;
    const Node* o = options->find("o");
    Node* device = options->find("device");
    if (o != nullptr && device != nullptr && is_string(*o) && o->value() == "bind")
      apply(context, *device, Kind::maybe_unix, change);
    return;
  }
  }
}

void walk(Context* context, Node& node, const Path& path, const Change& change) {
  for (const Rule& rule : rules)
    if (path.matches(rule.pattern)) return apply(context, node, rule.kind, change);
  for (Member& member : node.members) walk(context, member.value, Path(path, member.key), change);
  for (Node& item : node.items) walk(context, item, Path(path, list_item), change);
}

// The new text keeps the pieces of the old one that stand at its end.
void rebase(Node& node, std::string_view directory) {
  const std::string value = node.value();
  const std::string joined = join_clean(directory, value);
  if (joined == value) return;
  std::size_t end = value.size();
  while (end > 0 && value[end - 1] == '/') --end;
  std::size_t common = 0;
  while (common < end && common < joined.size() &&
         value[end - 1 - common] == joined[joined.size() - 1 - common])
    ++common;
  if (common == 0) return set_text(node, joined);
  const Text kept = node.text.slice(end - common, common);
  const Text before(joined.substr(0, joined.size() - common));
  node.text = before.empty() ? kept : concatenate(before, kept);
}

} // namespace

bool is_absolute(std::string_view path) {
  return path.starts_with('/') || path.starts_with('~') || is_windows_absolute(path);
}

std::string join_clean(std::string_view directory, std::string_view path) {
  std::string joined = join_path(directory, path);
  return joined.empty() ? "." : joined;
}

std::string seen_from(std::string_view path, std::string_view directory) {
  std::string seen = relative_path(path == "." ? "" : path, directory == "." ? "" : directory);
  while (seen.size() > 1 && seen.ends_with('/')) seen.pop_back();
  return seen.empty() ? "." : seen;
}

void resolve_paths(Context& context, Node& model, std::string_view directory) {
  walk(&context, model, Path(), [&](Node& node) { rebase(node, directory); });
}

void for_each_path(Node& model, const std::function<void(Node&)>& change) {
  walk(nullptr, model, Path(), change);
}

} // namespace aethel::compose
