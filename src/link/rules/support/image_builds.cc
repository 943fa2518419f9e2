#include "link/rules/support/image_builds.h"

#include "link/rules/support/given_values.h"
#include "link/stage_words.h"

#include <algorithm>
#include <cctype>

namespace aethel::rules {
namespace {

bool is_name_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

} // namespace

std::vector<std::size_t> needed_stages(const Image& image) {
  const FileFacts& facts = image.dockerfile();
  std::vector<std::size_t> needed, open = image.chain();
  while (!open.empty()) {
    const std::size_t stage = open.back();
    open.pop_back();
    if (std::ranges::find(needed, stage) != needed.end()) continue;
    needed.push_back(stage);
    for (const StageUse& use : facts.stages[stage].uses)
      if (const auto other = stage_named(facts, use.name, stage)) open.push_back(*other);
    if (facts.stages[stage].base_known)
      if (const auto below = stage_named(facts, facts.stages[stage].base, stage))
        open.push_back(*below);
  }
  std::ranges::sort(needed);
  return needed;
}

namespace {

// Whether the first step runs before the second, both of the image's chain.
bool is_before(const Image& image, const BuildStep* first, const BuildStep* second) {
  for (const std::size_t stage : image.chain())
    for (const BuildStep& step : image.dockerfile().stages[stage].steps) {
      if (&step == second) return false;
      if (&step == first) return true;
    }
  return false;
}

} // namespace

std::optional<std::string_view> below(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.substr(1);
  if (path == folder) return std::string_view();
  if (!path.starts_with(folder) || path[folder.size()] != '/') return std::nullopt;
  return path.substr(folder.size() + 1);
}

std::string directory_at(const Image& image, const BuildStep* step) {
  std::string directory = image.base() == "scratch" ? "/" : "";
  for (const std::size_t stage : image.chain())
    for (const BuildStep& each : image.dockerfile().stages[stage].steps) {
      if (&each == step) return directory;
      if (each.kind != BuildStep::Kind::directory || each.words.empty()) continue;
      const std::string& text = each.words[0].written;
      if (text.contains('$') || text.contains('"'))
        directory.clear();
      else if (text.starts_with('/'))
        directory = clean_absolute(text);
      else if (!directory.empty())
        directory = clean_absolute(directory + '/' + text);
    }
  return directory;
}

Lacks lacks_file(const Program& program, const Image& image, const BuildStep* step,
                 std::string_view path) {
  using Presence = BuildContext::Presence;
  // The image below the first stage holds no files of ours, when it is somebody else's.
  if (!image.base() || image.base()->contains('/')) return Lacks::unknown;
  const std::string_view name = file_name(path);
  for (const PlacedCopy& copy : image.copies()) {
    if (!is_before(image, copy.step, step)) continue;
    if (!copy.destination_known || !copy.sources_known || copy.step->inline_files)
      return Lacks::unknown;
    const auto rest = below(path, copy.destination);
    if (!rest) continue;
    if (!copy.context) return Lacks::unknown;
    if (copy.step->add) return Lacks::unknown; // archives
    for (const PlacedCopy::Item& item : copy.sources) {
      const std::string_view source = file_name(item.path);
      if (item.wildcard) {
        // `package*.json`: the name may fit, so what is there decides.
        const std::string_view folder = parent_path(item.path);
        const std::string inner = join_path(folder, name);
        if (image.context().find(inner).presence != Presence::absent &&
            image.context().find(inner).presence != Presence::excluded)
          return Lacks::unknown;
        continue;
      }
      if (source == name) return Lacks::no; // there, or another finding
      const std::string folder = image.context().in_repository(item.path);
      if (!item.path.empty() && program.tree.exists(folder) != Existence::directory) continue;
      const auto found = image.context().find(join_path(item.path, *rest)).presence;
      if (found == Presence::present) return Lacks::no;
      if (found == Presence::unknown) return Lacks::unknown;
      if (found == Presence::ignored && !image.build().checkout) return Lacks::unknown;
    }
  }
  return Lacks::yes;
}

std::string source_before(const Program& program, const Image& image, const BuildStep* step,
                          std::string_view path) {
  std::string found;
  for (const PlacedCopy& copy : image.copies()) {
    if (!is_before(image, copy.step, step) || !copy.destination_known || !copy.context) continue;
    const auto rest = below(path, copy.destination);
    if (!rest) continue;
    for (const PlacedCopy::Item& item : copy.sources) {
      std::string inner;
      const std::string whole = image.context().in_repository(item.path);
      if (item.wildcard)
        inner = join_path(parent_path(item.path), *rest);
      else if (item.path.empty() || program.tree.exists(whole) == Existence::directory)
        inner = join_path(item.path, *rest);
      else if (file_name(item.path) == *rest)
        inner = item.path;
      if (inner.empty() || image.context().find(inner).presence != BuildContext::Presence::present)
        continue;
      if (item.wildcard && rest->contains('/')) continue;
      std::string file = image.context().in_repository(inner);
      if (program.tree.exists(file) == Existence::file) found = std::move(file);
    }
  }
  return found;
}

bool has_bind_mount(const Program& program, const BuildStep& step) {
  const Source* source = program.sources->loaded(step.span.file);
  if (source == nullptr) return true;
  const std::string_view text =
      source->bytes().substr(step.span.range.begin, step.span.range.end - step.span.range.begin);
  for (std::size_t at = text.find("--mount="); at != std::string_view::npos;
       at = text.find("--mount=", at + 1)) {
    const std::string_view mount = text.substr(at, text.find_first_of(" \t\n", at) - at);
    if (!mount.contains("type=cache") && !mount.contains("type=secret") &&
        !mount.contains("type=ssh") && !mount.contains("type=tmpfs"))
      return true;
  }
  return false;
}

bool is_made(const Program& program, std::string_view path) {
  const std::string_view name = file_name(path);
  for (const FileFacts& facts : program.facts) {
    for (const Creation& creation : facts.creations) {
      if (creation.what != Creation::What::path || creation.document) continue;
      std::string_view made = creation.name;
      while (made.starts_with("./")) made.remove_prefix(2);
      if (made.ends_with('/')) made.remove_suffix(1);
      if (made.empty()) continue;
      for (std::string_view part = path; !part.empty(); part = parent_path(part))
        if (part == made || (part.ends_with(made) && part[part.size() - made.size() - 1] == '/') ||
            (made.ends_with(part) && made[made.size() - part.size() - 1] == '/'))
          return true;
    }
  }
  // `-o bin/web` of compilers, `Set-Content web.conf` of PowerShell.
  for (const FileFacts& facts : program.facts) {
    if (facts.creations.empty() && facts.build_commands.empty() && facts.manifests.empty())
      continue;
    const Source* source = program.sources->loaded(facts.file);
    if (source == nullptr) continue;
    const std::string_view bytes = source->bytes();
    for (std::size_t at = bytes.find(name); at != std::string_view::npos;
         at = bytes.find(name, at + 1)) {
      const std::size_t line = bytes.substr(0, at).rfind('\n') + 1;
      const std::string_view before = bytes.substr(line, at - line);
      constexpr std::string_view makers[] = {" -o ",        "--output", "-out",      "Set-Content",
                                             "Add-Content", "Out-File", "Copy-Item", "New-Item"};
      if (std::ranges::any_of(makers,
                              [&](std::string_view maker) { return before.contains(maker); }))
        return true;
    }
  }
  return false;
}

bool is_sample(std::string_view path) {
  const auto folder = stage_of_folders(path);
  return folder && !is_serious(folder->first);
}

void add_targets(Finding& finding, std::span<const TargetIndex> targets) {
  for (const TargetIndex target : targets)
    if (std::ranges::find(finding.targets, target) == finding.targets.end())
      finding.targets.push_back(target);
}

std::string command_text(const BuildStep& step) {
  if (!step.exec_form) return step.text.text;
  std::string text;
  for (const BuildWord& word : step.words) text += (text.empty() ? "" : " ") + word.written;
  return text;
}

bool has_name(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
    if ((at == 0 || !is_name_byte(text[at - 1])) &&
        (at + word.size() == text.size() || !is_name_byte(text[at + word.size()])))
      return true;
  return false;
}

} // namespace aethel::rules
