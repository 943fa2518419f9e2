#include "link/image.h"

#include "knowledge/shapes.h"
#include "syntax/gitignore.h"
#include "syntax/wildmatch.h"

#include <algorithm>

namespace aethel {
namespace {

constexpr int depth_limit = 8;
// Stages looked into for one file: each may copy from all others.
constexpr int stage_limit = 200;
thread_local int stages_left = 0;

using dockerfile::Value;

// BuildKit sets these for every stage that asks for them.
constexpr std::string_view given_arguments[] = {"BUILDPLATFORM", "BUILDOS",        "BUILDARCH",
                                                "BUILDVARIANT",  "TARGETPLATFORM", "TARGETOS",
                                                "TARGETARCH",    "TARGETVARIANT",  "TARGETSTAGE"};

bool is_given(std::string_view name) {
  return std::ranges::find(given_arguments, name) != std::end(given_arguments);
}

std::string_view after_slash(std::string_view path) {
  return path.starts_with('/') ? path.substr(1) : path;
}

bool has_wildcard(std::string_view path) {
  return path.find_first_of("*?[\\") != std::string_view::npos;
}

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<std::size_t>(c - '0');
  return value;
}

} // namespace

std::string clean_absolute(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.push_back(part);
    else if (!parts.empty())
      parts.pop_back();
  }
  std::string result;
  for (const std::string_view part : parts) result += '/' + std::string(part);
  return result.empty() ? "/" : result;
}

std::optional<std::size_t> stage_named(const FileFacts& dockerfile, std::string_view name,
                                       std::size_t before) {
  const std::string wanted = knowledge::lower(name);
  const std::size_t end = std::min(before, dockerfile.stages.size());
  for (std::size_t i = end; i-- > 0;)
    if (!wanted.empty() && dockerfile.stages[i].name == wanted) return i;
  const bool digits = !wanted.empty() && wanted.size() < 6 &&
                      std::ranges::all_of(wanted, [](char c) { return c >= '0' && c <= '9'; });
  if (digits && number(wanted) < end) return number(wanted);
  return std::nullopt;
}

// --- the context ---

BuildContext::BuildContext(const Program& program, const ImageBuild& build)
    : program_(&program), folder_(build.context) {
  // BuildKit looks beside the Dockerfile first.
  for (const std::string& path :
       {build.dockerfile + ".dockerignore", join_path(build.context, ".dockerignore")}) {
    const FileId file = program.sources->find(path);
    if (!file) continue;
    const auto source = program.sources->load(file);
    if (!source) continue;
    ignore_file_ = path;
    ignore_id_ = file;
    ignore_ = std::make_shared<const DockerIgnore>((*source)->bytes());
    break;
  }
}

std::string BuildContext::in_repository(std::string_view path) const {
  return join_path(folder_, after_slash(clean_absolute(path)));
}

BuildContext::Found BuildContext::find(std::string_view path) const {
  const std::string inner(after_slash(clean_absolute(path)));
  if (inner.empty()) return {.presence = Presence::present};
  const std::string full = in_repository(path);
  if (is_outside(full)) return {};
  switch (program_->tree.exists(full)) {
  case Existence::ignored_by_design: return {.presence = Presence::ignored};
  case Existence::outside:
  case Existence::submodule:
  case Existence::unknown: return {};
  case Existence::absent: return {.presence = Presence::absent};
  case Existence::file:
  case Existence::directory: break;
  }
  if (!ignore_ || ignore_->empty()) return {.presence = Presence::present};
  const DockerIgnore::Match match = ignore_->match(inner);
  if (match.answer == DockerIgnore::Answer::unknown) return {};
  if (match.answer == DockerIgnore::Answer::kept) return {.presence = Presence::present};
  // A folder of which something is taken back is made for it.
  if (ignore_->may_keep_below(inner)) return {};
  Found found{.presence = Presence::excluded};
  const Source* source = program_->sources->loaded(ignore_id_);
  if (source != nullptr) {
    const std::string_view line = source->line(match.line);
    const auto begin = static_cast<std::uint32_t>(line.data() - source->bytes().data());
    found.excluded_by = {ignore_id_, {begin, begin + static_cast<std::uint32_t>(line.size())}};
  }
  return found;
}

// --- a stage ---

Image::Image(const Program& program, const ImageBuild& build, const FileFacts& dockerfile,
             std::size_t stage)
    : program_(&program), build_(&build), dockerfile_(&dockerfile), context_(program, build) {
  chain_ = {stage};
  while (true) {
    const BuildStage& bottom = dockerfile.stages[chain_.front()];
    const auto below = bottom.base_known ? stage_named(dockerfile, bottom.base, chain_.front())
                                         : std::optional<std::size_t>();
    // A number after FROM is an image.
    if (!below || dockerfile.stages[*below].name.empty()) break;
    chain_.insert(chain_.begin(), *below);
  }
  // Arguments above the first FROM, for FROM and for stages that ask for them.
  std::map<std::string, Value, std::less<>> globals;
  const dockerfile::Scope global = [&](std::string_view name) -> Value {
    const auto found = globals.find(name);
    if (found != globals.end()) return found->second;
    return is_given(name) ? Value{.state = Value::State::unknown, .text = {}} : Value{};
  };
  for (const BuildSetting& setting : dockerfile.build_arguments) {
    Value value;
    if (setting.value) {
      const auto text = dockerfile::evaluate(setting.value->pieces, global);
      value = text ? Value{.state = Value::State::known, .text = *text}
                   : Value{.state = Value::State::unknown, .text = {}};
    }
    if (!build.arguments_known) value.state = Value::State::unknown;
    for (const auto& [name, given] : build.arguments)
      if (name == setting.name)
        value = given ? Value{.state = Value::State::known, .text = *given}
                      : Value{.state = Value::State::unknown, .text = {}};
    globals[setting.name] = value;
  }
  base_ = dockerfile::evaluate(dockerfile.stages[chain_.front()].image, global);
  if (base_ && base_->empty()) base_.reset();
  if (base_ == "scratch") directory_ = "/";
  for (const std::size_t index : chain_) {
    arguments_.clear();
    for (const auto& [name, value] : globals) arguments_["\n" + name] = value;
    read_stage(index);
  }
}

std::optional<Image> Image::of(const Program& program, const ImageBuild& build) {
  const FileId file = program.sources->find(build.dockerfile);
  const FileFacts* facts = file ? program.facts_of(file) : nullptr;
  if (facts == nullptr || facts->stages.empty()) return std::nullopt;
  std::size_t stage = facts->stages.size() - 1;
  if (build.target) {
    const auto named = stage_named(*facts, *build.target, facts->stages.size());
    if (!named) return std::nullopt;
    stage = *named;
  }
  return Image(program, build, *facts, stage);
}

// ENV wins over ARG.
Value Image::lookup(std::string_view name) const {
  if (const auto found = environment_.find(name); found != environment_.end()) return found->second;
  if (const auto found = arguments_.find(name); found != arguments_.end()) return found->second;
  // The image below may set it.
  return {.state = base_ == "scratch" ? Value::State::unset : Value::State::unknown, .text = {}};
}

Value Image::variable(std::string_view name) const {
  const auto found = environment_.find(name);
  return found != environment_.end() ? found->second : Value{};
}

std::optional<std::string> Image::evaluate(const BuildWord& word) const {
  const auto found = evaluated_.find(&word);
  return found != evaluated_.end() ? found->second : std::nullopt;
}

void Image::read_stage(std::size_t index) {
  using Kind = BuildStep::Kind;
  const dockerfile::Scope scope = [&](std::string_view name) { return lookup(name); };
  std::size_t order = 0;
  for (const BuildStep& step : dockerfile_->stages[index].steps) {
    ++order;
    switch (step.kind) {
    case Kind::argument:
      for (const BuildSetting& setting : step.settings) {
        Value value;
        if (setting.value) {
          const auto text = dockerfile::evaluate(setting.value->pieces, scope);
          value = text ? Value{.state = Value::State::known, .text = *text}
                       : Value{.state = Value::State::unknown, .text = {}};
        } else if (const auto global = arguments_.find("\n" + setting.name);
                   global != arguments_.end()) {
          value = global->second;
        } else if (is_given(setting.name)) {
          value.state = Value::State::unknown;
        }
        if (!build_->arguments_known) value.state = Value::State::unknown;
        for (const auto& [name, given] : build_->arguments)
          if (name == setting.name)
            value = given ? Value{.state = Value::State::known, .text = *given}
                          : Value{.state = Value::State::unknown, .text = {}};
        arguments_[setting.name] = value;
      }
      break;
    case Kind::environment: {
      // All of one line see what was before it.
      std::vector<std::pair<std::string, Value>> settings;
      for (const BuildSetting& setting : step.settings) {
        const auto text = setting.value ? dockerfile::evaluate(setting.value->pieces, scope)
                                        : std::optional<std::string>();
        settings.emplace_back(setting.name,
                              text ? Value{.state = Value::State::known, .text = *text}
                                   : Value{.state = Value::State::unknown, .text = {}});
      }
      for (auto& [name, value] : settings) environment_[name] = std::move(value);
      break;
    }
    case Kind::directory: {
      const auto text = step.words.empty() ? std::optional<std::string>()
                                           : dockerfile::evaluate(step.words[0].pieces, scope);
      if (!text)
        directory_.reset();
      else if (text->starts_with('/'))
        directory_ = clean_absolute(*text);
      else if (directory_)
        directory_ = clean_absolute(*directory_ + '/' + *text);
      break;
    }
    case Kind::copy: read_copy(step, order); break;
    case Kind::user:
    case Kind::expose:
      for (const BuildWord& word : step.words)
        evaluated_[&word] = dockerfile::evaluate(word.pieces, scope);
      break;
    default: break;
    }
  }
}

void Image::read_copy(const BuildStep& step, std::size_t order) {
  if (step.words.size() < 2) return;
  const dockerfile::Scope scope = [&](std::string_view name) { return lookup(name); };
  PlacedCopy copy{.step = &step, .order = order};
  if (step.from.empty()) {
    copy.context = true;
  } else {
    copy.stage = stage_named(*dockerfile_, step.from, dockerfile_->stages.size());
  }
  for (std::size_t i = 0; i + 1 < step.words.size(); ++i) {
    const BuildWord& word = step.words[i];
    if (word.written.starts_with("<<")) continue; // a here document
    const auto text = dockerfile::evaluate(word.pieces, scope);
    if (!text || text->empty()) {
      copy.sources_known = false;
      continue;
    }
    if (step.add && (text->contains("://") || text->starts_with("git@"))) continue;
    // `\[` of a wildcard loses its backslash with the quotes: the word as written still has it.
    copy.sources.push_back({.word = &word,
                            .path = std::string(after_slash(clean_absolute(*text))),
                            .wildcard = has_wildcard(*text) || word.written.contains('\\')});
  }
  const auto destination = dockerfile::evaluate(step.words.back().pieces, scope);
  if (!destination || (!destination->starts_with('/') && !directory_)) {
    copy.destination_known = false;
  } else {
    copy.destination = clean_absolute(
        destination->starts_with('/') ? *destination : *directory_ + '/' + *destination);
    const std::string_view name = file_name(*destination);
    copy.into_folder = step.words.size() > 2 || name.empty() || name == "." || name == ".." ||
                       (directory_ && copy.destination == *directory_);
  }
  copies_.push_back(std::move(copy));
}

std::vector<const BuildStep*> Image::steps(BuildStep::Kind kind) const {
  std::vector<const BuildStep*> result;
  for (const std::size_t index : chain_)
    for (const BuildStep& step : dockerfile_->stages[index].steps)
      if (step.kind == kind) result.push_back(&step);
  return result;
}

const BuildStep* Image::last(BuildStep::Kind kind) const {
  const auto all = steps(kind);
  return all.empty() ? nullptr : all.back();
}

const BuildStep* Image::command() const {
  const BuildStep* found = nullptr;
  for (const std::size_t index : chain_) {
    const BuildStep* own = nullptr;
    bool entry = false;
    for (const BuildStep& step : dockerfile_->stages[index].steps) {
      if (step.kind == BuildStep::Kind::command) own = &step;
      entry = entry || step.kind == BuildStep::Kind::entry_point;
    }
    if (own != nullptr || entry) found = own;
  }
  return found;
}

// --- where files come from ---

std::string Image::trace_item(const PlacedCopy& copy, const PlacedCopy::Item& item,
                              std::string_view path, int depth) const {
  // What lies behind the destination, without '/' in front; nullopt when the copy is elsewhere.
  const auto below = [&](std::string_view folder) -> std::optional<std::string_view> {
    if (folder == "/") return after_slash(path);
    if (path == folder) return std::string_view();
    if (!path.starts_with(folder) || path[folder.size()] != '/') return std::nullopt;
    return path.substr(folder.size() + 1);
  };
  const auto rest = below(copy.destination);
  if (!rest) return {};
  const auto found = [&](const std::string& source) -> std::string {
    if (copy.context) {
      if (context_.find(source).presence != BuildContext::Presence::present) return {};
      std::string full = context_.in_repository(source);
      return program_->tree.exists(full) == Existence::file ? full : std::string();
    }
    return trace_stage(*copy.stage, "/" + source, depth);
  };
  if (item.wildcard) {
    // `package*.json`: a name in one folder.
    if (rest->empty() || rest->contains('/')) return {};
    const std::string_view folder = parent_path(item.path);
    if (has_wildcard(folder) || !wildmatch(file_name(item.path), *rest, Slashes::separate))
      return {};
    return found(folder.empty() ? std::string(*rest)
                                : std::string(folder) + '/' + std::string(*rest));
  }
  // A folder: its content. A file: itself, under its name or another.
  const bool folder = copy.context && program_->tree.exists(context_.in_repository(item.path)) ==
                                          Existence::directory;
  if (folder || !copy.context) {
    const std::string inner = item.path.empty() ? std::string(*rest)
                              : rest->empty()   ? item.path
                                                : item.path + '/' + std::string(*rest);
    if (std::string source = found(inner); !source.empty()) return source;
    if (folder) return {};
  }
  if (*rest == file_name(item.path)) return found(item.path);
  if (rest->empty() && !copy.into_folder) return found(item.path);
  return {};
}

std::string Image::trace_stage(std::size_t stage, std::string_view path, int depth) const {
  if (depth >= depth_limit || --stages_left < 0) return {};
  const auto [place, fresh] = others_.try_emplace(stage);
  if (fresh) place->second = std::make_shared<const Image>(*program_, *build_, *dockerfile_, stage);
  return place->second->trace(path, depth + 1);
}

std::string Image::trace(std::string_view path, int depth) const {
  if (depth == 0) stages_left = stage_limit;
  for (auto copy = copies_.rbegin(); copy != copies_.rend(); ++copy) {
    if (!copy->destination_known || (!copy->context && !copy->stage)) continue;
    for (auto item = copy->sources.rbegin(); item != copy->sources.rend(); ++item)
      if (std::string source = trace_item(*copy, *item, path, depth); !source.empty())
        return source;
  }
  return {};
}

} // namespace aethel
