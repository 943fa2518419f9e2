// package.json: scripts and the names of dependencies.
#include "front/reader.h"

#include "base/files.h"
#include "syntax/yaml.h"

#include <string_view>

namespace aethel::readers {
namespace {

bool claims(std::string_view path) { return file_name(path) == "package.json"; }

MappedText mapped(std::string_view bytes, const yaml::Node& node) {
  MappedText text;
  // One look-up a byte is dear for long lines; scripts without escapes are a copy.
  const std::size_t inner = node.range.end - node.range.begin;
  const bool plain = inner == node.value.size() + 2;
  for (std::size_t i = 0; i < node.value.size(); ++i)
    text.push(node.value[i], plain ? node.range.begin + 1 + i : yaml::locate(bytes, node, i));
  text.finish(node.range.end > node.range.begin ? node.range.end - 1 : node.range.end);
  return text;
}

void read(const Source& source, FileId file, FileFacts& facts) {
  // JSON is YAML, but for what nobody writes here.
  const yaml::Stream stream = yaml::parse(source.bytes());
  if (stream.documents.empty() || stream.documents.front()->root == nullptr) return;
  const yaml::Node& root = *stream.documents.front()->root;
  if (root.kind != yaml::Kind::mapping) return;
  PackageManifest manifest;
  const auto text = [&](std::string_view key) {
    const yaml::Node* node = yaml::find(root, key);
    return node != nullptr && node->kind == yaml::Kind::scalar ? node->value : std::string();
  };
  manifest.name = text("name");
  manifest.manager = text("packageManager");
  manifest.manager.resize(std::min(manifest.manager.find('@'), manifest.manager.size()));
  manifest.has_workspaces = yaml::find(root, "workspaces") != nullptr;
  if (const yaml::Node* scripts = yaml::find(root, "scripts");
      scripts != nullptr && scripts->kind == yaml::Kind::mapping)
    for (const yaml::Pair& pair : scripts->pairs) {
      if (pair.key->kind != yaml::Kind::scalar || pair.value->kind != yaml::Kind::scalar ||
          pair.value->value.size() > 16'384)
        continue;
      MappedText command = mapped(source.bytes(), *pair.value);
      const Range range{.begin = command.offsets.front(), .end = command.offsets.back()};
      manifest.scripts.push_back(
          {.name = pair.key->value, .command = std::move(command), .span = {file, range}});
    }
  for (const std::string_view key :
       {"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"})
    if (const yaml::Node* names = yaml::find(root, key);
        names != nullptr && names->kind == yaml::Kind::mapping)
      for (const yaml::Pair& pair : names->pairs) manifest.dependencies.push_back(pair.key->value);
  facts.manifests.push_back(std::move(manifest));
}

} // namespace

extern constinit const Reader package_manifests;
constinit const Reader package_manifests{
    .name = "package-manifest", .claims = claims, .accepts = nullptr, .read = read};

} // namespace aethel::readers
