#include "link/container.h"

#include "base/glob.h"
#include "syntax/dockerfile.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace aethel {
namespace {

// Words of an instruction: blanks apart, quotes kept together and taken off.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      open = true;
    } else if (c == '\\' && i + 1 < text.size()) {
      word += text[++i];
      open = true;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (open) words.push_back(std::exchange(word, {}));
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (open) words.push_back(word);
  return words;
}

// `["a", "b"]` or words.
std::vector<std::string> list_of(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos || text[first] != '[') return words_of(text);
  std::string plain(text.substr(first + 1));
  if (const std::size_t close = plain.rfind(']'); close != std::string::npos) plain.resize(close);
  std::vector<std::string> words;
  std::size_t at = 0;
  while ((at = plain.find('"', at)) != std::string::npos) {
    const std::size_t end = plain.find('"', at + 1);
    if (end == std::string::npos) break;
    words.push_back(plain.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return words;
}

std::string absolute(std::string_view folder, std::string_view path) {
  const std::string joined =
      path.starts_with('/') ? join_path("", path.substr(1)) : join_path(folder, path);
  return "/" + std::string(joined.starts_with('/') ? joined.substr(1) : joined);
}

bool is_below(std::string_view path, std::string_view folder) {
  if (folder == "/") return true;
  return path == folder ||
         (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

std::string_view rest_of(std::string_view path, std::string_view folder) {
  std::string_view rest = path.substr(folder == "/" ? 0 : folder.size());
  while (rest.starts_with('/')) rest.remove_prefix(1);
  return rest;
}

// Stages that others copy from, each read once: a file may copy from one in every line.
using Stages = std::map<std::size_t, BuiltImage>;

class StageReader {
public:
  StageReader(const Program& program, FileId file, const dockerfile::File& parsed,
              std::string_view context, BuiltImage& image, Stages& stages)
      : program_(program), file_(file), parsed_(parsed), context_(context), image_(image),
        stages_(stages) {}

  void read(std::size_t index, unsigned depth = 0) {
    const dockerfile::Stage& stage = parsed_.stages[index];
    if (stage.base_stage && *stage.base_stage < index && depth < 50)
      read(*stage.base_stage, depth + 1);
    else if (stage.base_known == dockerfile::Stage::Known::yes)
      image_.base = stage.base;
    for (std::size_t i = stage.first_instruction;
         i < stage.end_instruction && i < parsed_.instructions.size(); ++i)
      instruction(parsed_.instructions[i]);
  }

private:
  void instruction(const dockerfile::Instruction& each) {
    const std::string& text = each.arguments.text;
    if (each.name == "WORKDIR")
      folder_ = absolute(folder_, text);
    else if (each.name == "ENV")
      environment(text);
    else if (each.name == "EXPOSE")
      exposed(each);
    else if (each.name == "RUN")
      image_.runs.push_back(text);
    else if (each.name == "COPY" || each.name == "ADD")
      copy(each);
    else if (each.name == "HEALTHCHECK") {
      image_.healthcheck = text;
      image_.healthcheck_span = {file_, each.range};
    } else if (each.name == "ENTRYPOINT")
      image_.command = text;
    else if (each.name == "CMD")
      image_.command += (image_.command.empty() ? "" : " ") + text;
  }

  void environment(const std::string& text) {
    const std::vector<std::string> words = words_of(text);
    auto set = [&](std::string name, std::string value) {
      std::erase_if(image_.environment, [&](const auto& one) { return one.first == name; });
      const bool known = value.find('$') == std::string::npos;
      image_.environment.emplace_back(std::move(name), known ? std::optional(value) : std::nullopt);
    };
    if (!words.empty() && words.front().find('=') == std::string::npos) {
      if (words.size() > 1) set(words[0], text.substr(text.find(words[1], words[0].size())));
      return;
    }
    for (const std::string& word : words)
      if (const std::size_t equals = word.find('='); equals != std::string::npos)
        set(word.substr(0, equals), word.substr(equals + 1));
  }

  void exposed(const dockerfile::Instruction& each) {
    for (std::string word : words_of(each.arguments.text)) {
      if (word.starts_with('$')) {
        std::string_view name = std::string_view(word).substr(1);
        if (name.starts_with('{')) name = name.substr(1, name.find('}') - 1);
        const auto found = std::ranges::find_if(
            image_.environment, [&](const auto& one) { return one.first == name && one.second; });
        if (found == image_.environment.end()) {
          image_.exposed.emplace_back(0, Span{file_, each.range});
          continue;
        }
        word = *found->second;
      }
      std::uint32_t port = 0;
      std::from_chars(word.data(), word.data() + word.size(), port);
      image_.exposed.emplace_back(port, Span{file_, each.range}); // 0: not known
    }
  }

  void copy(const dockerfile::Instruction& each) {
    std::vector<std::string> words = list_of(each.arguments.text);
    if (words.size() < 2) return;
    BuiltImage::Copy copy{.span = {file_, each.range}};
    std::string target = std::move(words.back());
    words.pop_back();
    copy.into_folder = target.ends_with('/') || target == "." || words.size() > 1;
    if (target.find('$') != std::string::npos) return;
    copy.target = absolute(folder_, target);
    const auto from =
        std::ranges::find_if(each.flags, [](const auto& flag) { return flag.name == "from"; });
    for (const std::string& word : words) {
      if (word.find("://") != std::string::npos || word.starts_with("<<") ||
          word.find('$') != std::string::npos)
        continue;
      if (from == each.flags.end())
        sources(join_path(context_, word.starts_with('/') ? word.substr(1) : word), copy);
      else if (const dockerfile::Stage* stage = dockerfile::find_stage(parsed_, from->value))
        from_stage(static_cast<std::size_t>(stage - parsed_.stages.data()), word, copy);
    }
    image_.copies.push_back(std::move(copy));
  }

  // A file that an earlier stage took from the repository as it is.
  void from_stage(std::size_t index, const std::string& word, BuiltImage::Copy& copy) const {
    if (depth_ > 20 || index >= parsed_.stages.size()) return;
    const auto [found, fresh] = stages_.try_emplace(index);
    BuiltImage& earlier = found->second;
    if (fresh) { // in a circle it is still empty
      StageReader reader(program_, file_, parsed_, context_, earlier, stages_);
      reader.depth_ = depth_ + 1;
      reader.read(index);
    }
    const std::string path = absolute("/", word);
    for (auto each = earlier.copies.rbegin(); each != earlier.copies.rend(); ++each)
      for (const std::string& source : each->sources) {
        const bool folder = program_.tree.exists(source) == Existence::directory;
        const std::string target =
            !folder && each->into_folder ? absolute(each->target, file_name(source)) : each->target;
        if (!is_below(path, target)) continue;
        const std::string there = join_path(source, rest_of(path, target));
        if (program_.tree.exists(there) != Existence::file) continue;
        copy.sources.push_back(there);
        return;
      }
  }

  void sources(const std::string& path, BuiltImage::Copy& copy) const {
    if (path.find_first_of("*?[") == std::string::npos) {
      copy.sources.push_back(path);
      return;
    }
    for (const TreeChild& child : program_.tree.children(parent_path(path)))
      if (const std::string each = join_path(parent_path(path), child.name); glob_match(path, each))
        copy.sources.push_back(each);
    copy.into_folder = true;
  }

  const Program& program_;
  FileId file_;
  const dockerfile::File& parsed_;
  std::string_view context_;
  BuiltImage& image_;
  Stages& stages_;
  std::string folder_ = "/";
  unsigned depth_ = 0; // of copies from stages
};

bool is_filled(const Text& text) {
  return std::ranges::none_of(text.holes(), [](const Hole* hole) {
    return hole->from == Hole::From::nothing && !hole->has_default();
  });
}

} // namespace

std::optional<BuiltImage> built_image(const Program& program, std::string_view dockerfile,
                                      std::string_view context, std::string_view stage) {
  const FileId file = program.sources->find(dockerfile);
  if (!file) return {};
  const auto source = program.sources->load(file);
  if (!source) return {};
  const dockerfile::File parsed = dockerfile::parse((*source)->bytes());
  if (parsed.stages.empty()) return {};
  std::size_t index = parsed.stages.size() - 1;
  if (!stage.empty()) {
    const dockerfile::Stage* found = dockerfile::find_stage(parsed, stage);
    if (found == nullptr) return {};
    index = static_cast<std::size_t>(found - parsed.stages.data());
  }
  BuiltImage image{.file = file};
  Stages stages;
  StageReader(program, file, parsed, context, image, stages).read(index);
  return image;
}

std::optional<BuiltImage> built_image(const Program& program, const Process& process) {
  if (!process.build || process.build->remote || process.build->inline_dockerfile) return {};
  if (process.build->target && !is_filled(*process.build->target)) return {};
  return built_image(program, process.build->dockerfile_path, process.build->path,
                     process.build->target ? process.build->target->value() : std::string());
}

Container::Container(const Program& program, const Process& process)
    : program_(program), process_(process), built_(built_image(program, process)) {
  if (built_)
    base_ = built_->base;
  else if (process.image && is_filled(*process.image) && !process.build)
    base_ = process.image->value();
  if (built_)
    for (const BuiltImage::Copy& copy : built_->copies) {
      if (copy.sources.empty()) {
        pieces_.push_back(
            {.target = copy.target, .known = false, .copied = true, .span = copy.span});
        continue;
      }
      for (const std::string& source : copy.sources) {
        const bool folder = program.tree.exists(source) == Existence::directory;
        // The content of a folder is copied, a file into the folder or under the new name.
        const std::string target =
            !folder && copy.into_folder ? absolute(copy.target, file_name(source)) : copy.target;
        pieces_.push_back({.target = target,
                           .source = source,
                           .missing = program.tree.exists(source) == Existence::absent,
                           .copied = true,
                           .span = copy.span});
      }
    }
  for (const Mount& mount : process.mounts) {
    std::string target = absolute("", mount.target);
    Piece piece{.target = std::move(target), .span = mount.origin.written};
    piece.known = mount.type == Mount::Type::bind && is_filled(mount.source) &&
                  !mount.path.starts_with('/') && !mount.path.starts_with('~') &&
                  !is_outside(mount.path);
    if (piece.known) {
      piece.source = mount.path;
      const Existence there = program.tree.exists(mount.path);
      piece.missing = there == Existence::absent;
      piece.known = there != Existence::ignored_by_design && there != Existence::unknown;
    }
    pieces_.push_back(std::move(piece));
  }
  if (const Node* tmpfs = process.node->find("tmpfs"))
    for (const Node& item : tmpfs->items) {
      const std::string value = item.value();
      pieces_.push_back({.target = absolute("", value.substr(0, value.find(':'))),
                         .known = false,
                         .span = item.origin.written});
    }
  for (const std::string_view section : {"configs", "secrets"}) {
    const Node* list = process.node->find(section);
    const Node* all = program.projects[process.target].root.find(section);
    if (list == nullptr) continue;
    for (const Node& item : list->items) {
      const Node* source = item.is_mapping() ? item.find("source") : &item;
      if (source == nullptr || !source->is_scalar()) continue;
      const Node* target = item.is_mapping() ? item.find("target") : nullptr;
      std::string path = target != nullptr ? target->value() : source->value();
      if (!path.starts_with('/')) path = (section == "secrets" ? "/run/secrets/" : "/") + path;
      Piece piece{.target = absolute("", path), .known = false, .span = source->origin.written};
      const Node* definition = all != nullptr ? all->find(source->value()) : nullptr;
      if (const Node* file = definition != nullptr ? definition->find("file") : nullptr;
          file != nullptr && is_filled(file->text)) {
        piece.source = join_path("", file->value());
        const Existence there = program.tree.exists(piece.source);
        piece.known = there == Existence::file || there == Existence::absent;
        piece.missing = there == Existence::absent;
      }
      pieces_.push_back(std::move(piece));
    }
  }
}

const Container::Piece* Container::covering(std::string_view path) const {
  // Mounts hide copies, deeper mounts shallower ones, later copies earlier ones.
  const Piece* best = nullptr;
  for (const Piece& piece : pieces_) {
    if (!is_below(path, piece.target)) continue;
    if (best == nullptr || (best->copied && !piece.copied)) {
      best = &piece;
      continue;
    }
    if (piece.copied != best->copied) continue;
    if (piece.copied) {
      // Copies add to what is there: the last one that has the file.
      const Existence there =
          piece.known ? program_.tree.exists(join_path(piece.source, rest_of(path, piece.target)))
                      : Existence::unknown;
      if (there != Existence::absent || piece.target.size() >= best->target.size()) best = &piece;
    } else if (piece.target.size() >= best->target.size()) {
      best = &piece;
    }
  }
  return best;
}

bool Container::is_created(std::string_view path, Told told) const {
  for (const FileFacts& facts : program_.facts) {
    for (const Creation& creation : facts.creations) {
      if (creation.document && told == Told::by_scripts) continue;
      if (creation.what != Creation::What::path || creation.name.empty() ||
          creation.name.find('$') != std::string::npos)
        continue;
      const std::string made = join_path("", creation.name);
      for (std::string_view part = path; !part.empty(); part = parent_path(part)) {
        if (!part.ends_with(made)) continue;
        const std::string_view folder = part.substr(0, part.size() - made.size());
        if (folder.empty() || folder.ends_with('/')) return true;
      }
    }
  }
  return false;
}

ContainerFile Container::find(std::string_view path) const {
  const Piece* piece = covering(path);
  using Where = ContainerFile::Where;
  if (piece == nullptr || (piece->copied && piece->known && piece->target != path)) {
    if (piece != nullptr) {
      const std::string there = join_path(piece->source, rest_of(path, piece->target));
      const Existence existence = program_.tree.exists(there);
      if (existence == Existence::file || existence == Existence::directory)
        return {Where::repository, there, piece->span};
      if (existence != Existence::absent) return {Where::ignored, there, piece->span};
    }
    if (process_.build || base_.empty() || runs_own_scripts()) return {Where::unknown, {}, {}};
    return {Where::image, {}, {}};
  }
  if (!piece->known)
    return {piece->source.empty() ? Where::unknown : Where::ignored, piece->source, piece->span};
  if (piece->missing)
    return {is_created(piece->source, Told::by_scripts) ? Where::ignored : Where::missing_mount,
            piece->source, piece->span};
  const std::string there = join_path(piece->source, rest_of(path, piece->target));
  switch (program_.tree.exists(there)) {
  case Existence::file:
  case Existence::directory: return {Where::repository, there, piece->span};
  case Existence::absent:
    return {is_created(there, Told::by_documents) ? Where::ignored : Where::absent, there,
            piece->span};
  case Existence::ignored_by_design: return {Where::ignored, there, piece->span};
  default: return {Where::unknown, there, piece->span};
  }
}

Container::Listing Container::below(std::string_view folder) const {
  Listing listing;
  auto add = [&](const std::string& target, const std::string& source) {
    const auto same =
        std::ranges::find_if(listing.files, [&](const auto& one) { return one.first == target; });
    if (same == listing.files.end())
      listing.files.emplace_back(target, source);
    else
      same->second = source;
  };
  const Piece* cover = nullptr; // the deepest mount of the folder or of one above it
  for (const Piece& piece : pieces_)
    if (!piece.copied && is_below(folder, piece.target) &&
        (cover == nullptr || piece.target.size() >= cover->target.size()))
      cover = &piece;
  if (cover == nullptr && (process_.build || base_.empty() || runs_own_scripts()))
    listing.complete = false;
  for (const Piece& piece : pieces_) {
    const bool above = is_below(folder, piece.target);
    if (!above && !is_below(piece.target, folder)) continue;
    if (piece.copied && cover != nullptr && above) continue;
    if (above && !piece.copied && &piece != cover) continue;
    if (!piece.known || piece.missing) {
      listing.complete = false;
      continue;
    }
    const std::string source =
        above ? join_path(piece.source, rest_of(folder, piece.target)) : piece.source;
    const std::string target(above ? std::string(folder) : piece.target);
    switch (program_.tree.exists(source)) {
    case Existence::file: add(target, source); break;
    case Existence::directory:
      for (const TreeEntry& entry : program_.tree.under(source))
        if (entry.type == EntryType::file)
          add(absolute(target, entry.path.substr(source.empty() ? 0 : source.size() + 1)),
              std::string(entry.path));
      // What Git ignores there is on the machine, and unknown.
      if (program_.tree.ignored(join_path(source, "x.conf"), PathKind::file))
        listing.complete = false;
      break;
    case Existence::absent: break;
    default: listing.complete = false;
    }
  }
  std::ranges::sort(listing.files);
  return listing;
}

std::vector<std::pair<std::string, std::string>> Container::brought() const {
  return below("/").files;
}

std::optional<std::optional<std::string>> Container::variable(std::string_view name) const {
  if (const Variable* variable = process_.variable(name)) {
    if (variable->given == Variable::Given::inherited || !is_filled(variable->value))
      return std::optional<std::string>();
    return std::optional(variable->value.value());
  }
  if (built_)
    for (const auto& [each, value] : built_->environment)
      if (each == name) return value;
  return {};
}

bool Container::runs_own_scripts() const {
  if (process_.node->find("entrypoint") != nullptr) return true;
  if (std::ranges::any_of(process_.mounts, [](const Mount& mount) {
        return mount.target.starts_with("/docker-entrypoint") || mount.target.ends_with(".sh");
      }))
    return true;
  if (const Node* configs = process_.node->find("configs"))
    for (const Node& item : configs->items)
      if (const Node* target = item.is_mapping() ? item.find("target") : nullptr;
          target != nullptr && target->value().starts_with("/docker-entrypoint"))
        return true;
  const std::string line = command();
  return line.find("&&") != std::string::npos || line.find(';') != line.rfind(';') ||
         line.find(".sh") != std::string::npos || line.find("sh -c") != std::string::npos;
}

std::string Container::command() const {
  const Node* node = process_.node->find("command");
  std::string line;
  if (node == nullptr) return built_ ? built_->command : line;
  if (node->is_scalar()) line = node->value();
  for (const Node& item : node->items) line += (line.empty() ? "" : " ") + item.value();
  return line;
}

} // namespace aethel
