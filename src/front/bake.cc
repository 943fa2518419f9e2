// Bake files: which images `docker buildx bake` builds, of which context, stage and arguments.
// Variables and functions are not evaluated: what they decide is unknown.
// Source: https://docs.docker.com/build/bake/reference/
#include "front/reader.h"

#include "base/files.h"
#include "syntax/hcl.h"

#include <algorithm>
#include <map>
#include <optional>

namespace aethel::readers {
namespace {

using hcl::Block;
using hcl::Expression;

constexpr int deepest_inheritance = 8;

bool claims(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.starts_with("docker-bake.") && name.ends_with(".hcl");
}

class Bake {
public:
  Bake(const Block& file, FileId id) : id_(id) {
    for (const Block& block : file.blocks)
      if (block.type == "target" && !block.labels.empty())
        targets_.insert_or_assign(block.labels[0], &block);
  }

  void read(FileFacts& facts) {
    for (const auto& [name, block] : targets_) {
      // What others inherit from, and what an action fills in, is no image by itself.
      if (name.starts_with('_') || name == "docker-metadata-action" || is_inherited(name)) continue;
      if (find(*block, "matrix") != nullptr || find(*block, "dockerfile-inline") != nullptr)
        continue;
      BuildCommand command{.directory_known = false, .span = {id_, block->range}};
      set(*block, "context", command.context, command.context_known, command.context_span);
      if (command.context.empty()) command.context = ".";
      std::string file;
      set(*block, "dockerfile", file, command.file_known, command.file_span);
      if (file.starts_with("cwd://"))
        command.file_known = false;
      else if (!file.empty()) // relative to the context
        command.file = file.starts_with('/') ? file : join_path(command.context, file);
      std::string stage;
      set(*block, "target", stage, command.target_known, command.target_span);
      if (!stage.empty()) command.target = stage;
      arguments(*block, command, 0);
      if (const Expression* tags = find(*block, "tags"))
        for (const Expression& tag : tags->items)
          if (tag.is_text()) command.tags.push_back(tag.text);
      facts.build_commands.push_back(std::move(command));
    }
  }

private:
  bool is_inherited(const std::string& name) const {
    return std::ranges::any_of(targets_, [&](const auto& entry) {
      const Expression* inherits = entry.second->find("inherits");
      return inherits != nullptr &&
             std::ranges::any_of(inherits->items,
                                 [&](const Expression& each) { return each.text == name; });
    });
  }

  // The attribute of the target, or of the last of those that it inherits from.
  const Expression* find(const Block& block, std::string_view name, int depth = 0) const {
    if (const Expression* own = block.find(name)) return own;
    const Expression* inherits = block.find("inherits");
    if (inherits == nullptr || depth > deepest_inheritance) return nullptr;
    const Expression* found = nullptr;
    for (const Expression& each : inherits->items)
      if (const auto target = targets_.find(each.text); target != targets_.end())
        if (const Expression* theirs = find(*target->second, name, depth + 1)) found = theirs;
    return found;
  }

  void set(const Block& block, std::string_view name, std::string& value, bool& known,
           Span& span) const {
    const Expression* found = find(block, name);
    if (found == nullptr) return;
    span = {id_, found->range};
    known = found->is_text();
    value = found->text;
  }

  void arguments(const Block& block, BuildCommand& command, int depth) const {
    const Expression* inherits = block.find("inherits");
    if (inherits != nullptr && depth < deepest_inheritance)
      for (const Expression& each : inherits->items) {
        const auto target = targets_.find(each.text);
        if (target == targets_.end())
          command.options_known = false;
        else
          arguments(*target->second, command, depth + 1);
      }
    for (const std::string_view name : {"args", "contexts"}) {
      const Expression* given = block.find(name);
      if (given == nullptr) continue;
      if (given->kind != Expression::Kind::object) command.options_known = false;
      for (const auto& [key, value] : given->members)
        if (name == "contexts")
          command.contexts.push_back(key);
        else
          command.arguments.emplace_back(key, value.is_text() ? std::optional(value.text)
                                                              : std::nullopt);
    }
  }

  std::map<std::string, const Block*, std::less<>> targets_;
  FileId id_;
};

void read(const Source& source, FileId file, FileFacts& facts) {
  const hcl::File parsed = hcl::parse(source.bytes());
  if (!parsed.complete) {
    facts.problems.push_back({.message = "this file is no HCL that can be read whole"});
    return;
  }
  Bake(parsed.body, file).read(facts);
}

} // namespace

extern constinit const Reader bake;
constinit const Reader bake{.name = "bake", .claims = claims, .accepts = nullptr, .read = read};

} // namespace aethel::readers
