// docker/build-push-action in workflows: which context it passes to which Dockerfile.
// Source: https://github.com/docker/build-push-action#inputs
#include "front/reader.h"

#include "base/files.h"
#include "front/support/image_action.h"
#include "syntax/yaml.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace aethel::readers {
namespace {

constexpr std::size_t npos = std::string_view::npos;

bool claims(std::string_view path) {
  const bool yaml = path.ends_with(".yml") || path.ends_with(".yaml");
  const std::string_view folder = ".github/workflows/";
  return yaml && (path.starts_with(folder) || path.contains("/.github/workflows/"));
}

bool accepts(std::string_view, std::string_view bytes) {
  return bytes.contains("docker/build-push-action");
}

// Literal variables of `env:` of the workflow and the job.
using Environment = std::map<std::string, std::string, std::less<>>;

void add_environment(const yaml::Node& holder, Environment& environment) {
  const yaml::Node* env = yaml::find(holder, "env");
  if (env == nullptr || env->kind != yaml::Kind::mapping) return;
  for (const yaml::Pair& pair : env->pairs)
    if (pair.value->kind == yaml::Kind::scalar && !is_open(pair.value->value))
      environment[pair.key->value] = pair.value->value;
}

// Expressions become their values, or `*`.
std::string filled(std::string_view text, const Environment& environment) {
  std::string result;
  while (true) {
    const std::size_t open = text.find("${{");
    const std::size_t close = open == npos ? npos : text.find("}}", open);
    if (close == npos) break;
    result += text.substr(0, open);
    const std::string_view name = trimmed(text.substr(open + 3, close - open - 3));
    const auto found =
        name.starts_with("env.") ? environment.find(name.substr(4)) : environment.end();
    result += found != environment.end() ? found->second : "*";
    text = text.substr(close + 2);
  }
  return result + std::string(text);
}

// The placeholders of docker/metadata-action: `{{version}}`.
std::string without_placeholders(std::string_view text) {
  std::string result;
  while (true) {
    const std::size_t open = text.find("{{");
    const std::size_t close = open == npos ? npos : text.find("}}", open);
    if (close == npos) break;
    result += std::string(text.substr(0, open)) + "*";
    text = text.substr(close + 2);
  }
  return result + std::string(text);
}

// `type=sha,prefix=v` -> "prefix"
std::string_view attribute(std::string_view line, std::string_view name,
                           std::string_view otherwise) {
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find(',', at), line.size());
    const std::string_view part = trimmed(line.substr(at, end - at));
    if (part.starts_with(name) && part.size() > name.size() && part[name.size()] == '=')
      return part.substr(name.size() + 1);
    at = end + 1;
  }
  return otherwise;
}

// The tags that a rule of docker/metadata-action makes, and whether `latest` comes with them.
// Source: https://github.com/docker/metadata-action#tags-input
std::string tag_of(const std::string& line, const Environment& environment, bool& latest) {
  const std::string_view type = attribute(line, "type", line.contains('=') ? "" : "raw");
  const std::string_view suffix = attribute(line, "suffix", "");
  std::string prefix(attribute(line, "prefix", type == "sha" ? "sha-" : ""));
  std::string tag = "*";
  if (type == "raw")
    tag = line.contains('=') ? std::string(attribute(line, "value", "*")) : line;
  else if (type == "edge")
    tag = "edge";
  else if (type == "schedule")
    tag = attribute(line, "pattern", "nightly");
  else if (type == "semver" || type == "pep440")
    tag = attribute(line, "pattern", "*");
  else if (type == "ref" && attribute(line, "event", "") == "pr" && !line.contains("prefix="))
    prefix = "pr-";
  if (type == "semver" || type == "pep440" || type == "match" ||
      (type == "ref" && attribute(line, "event", "") == "tag"))
    latest = true;
  return filled(prefix, environment) + without_placeholders(filled(tag, environment)) +
         filled(suffix, environment);
}

// Images with tags, as docker/metadata-action puts them together.
std::vector<std::string> metadata_tags(const yaml::Node& step, const Environment& environment) {
  std::vector<std::string> result;
  const yaml::Node* with = yaml::find(step, "with");
  if (with == nullptr || with->kind != yaml::Kind::mapping) return result;
  const auto input = [&](std::string_view name) {
    const yaml::Node* node = yaml::find(*with, name);
    return node != nullptr && node->kind == yaml::Kind::scalar ? node->value : std::string();
  };
  std::vector<std::string> rules = lines_of(input("tags"));
  if (rules.empty())
    rules = {"type=schedule", "type=ref,event=branch", "type=ref,event=tag", "type=ref,event=pr"};
  bool latest = false;
  std::vector<std::string> tags;
  for (const std::string& rule : rules)
    if (!rule.starts_with('#')) tags.push_back(tag_of(rule, environment, latest));
  const std::string flavor = input("flavor");
  if (flavor.contains("latest=false")) latest = false;
  if (flavor.contains("latest=true")) latest = true;
  if (latest) tags.emplace_back("latest");
  for (const std::string& line : lines_of(input("images"))) {
    if (line.starts_with('#') || line.contains("enable=false")) continue;
    std::string image = filled(attribute(line, "name", line), environment);
    for (const std::string& tag : tags) result.push_back(image + ":" + tag);
  }
  return result;
}

BuildCommand build_of(const yaml::Node& step, FileId file) {
  const yaml::Node* uses = yaml::find(step, "uses");
  const yaml::Node* with = yaml::find(step, "with");
  const auto input = [&](std::string_view name) -> std::optional<ImageActionInput> {
    if (with == nullptr || with->kind != yaml::Kind::mapping) return {};
    const yaml::Node* node = yaml::find(*with, name);
    if (node == nullptr || node->kind != yaml::Kind::scalar) return {};
    return ImageActionInput{.text = node->value, .span = {file, node->range}};
  };
  return image_action({file, uses != nullptr ? uses->range : step.range}, input);
}

void read(const Source& source, FileId file, FileFacts& facts) {
  const yaml::Stream stream = yaml::parse(source.bytes());
  if (stream.documents.empty() || stream.documents.front()->root == nullptr) return;
  const yaml::Node* jobs = yaml::find(*stream.documents.front()->root, "jobs");
  if (jobs == nullptr || jobs->kind != yaml::Kind::mapping) return;
  for (const yaml::Pair& job : jobs->pairs) {
    if (job.value->kind != yaml::Kind::mapping) continue;
    const yaml::Node* steps = yaml::find(*job.value, "steps");
    if (steps == nullptr || steps->kind != yaml::Kind::sequence) continue;
    Environment environment;
    add_environment(*stream.documents.front()->root, environment);
    add_environment(*job.value, environment);
    std::map<std::string, std::vector<std::string>, std::less<>> metadata; // by the step's id
    for (const yaml::Node* step : steps->items) {
      if (step->kind != yaml::Kind::mapping) continue;
      const yaml::Node* uses = yaml::find(*step, "uses");
      if (uses == nullptr) continue;
      if (uses->value.starts_with("docker/metadata-action@")) {
        const yaml::Node* id = yaml::find(*step, "id");
        if (id != nullptr) metadata[id->value] = metadata_tags(*step, environment);
      }
      if (!uses->value.starts_with("docker/build-push-action@")) continue;
      BuildCommand build = build_of(*step, file);
      std::vector<std::string> tags;
      for (const std::string& tag : build.tags) {
        bool known = false;
        for (const auto& [id, made] : metadata)
          if (tag.contains("steps." + id + ".outputs.tags")) {
            tags.insert(tags.end(), made.begin(), made.end());
            known = true;
          }
        if (!known) tags.push_back(filled(tag, environment));
      }
      build.tags = std::move(tags);
      facts.build_commands.push_back(std::move(build));
    }
  }
}

} // namespace

extern constinit const Reader image_actions;
constinit const Reader image_actions{
    .name = "image-action", .claims = claims, .accepts = accepts, .read = read};

} // namespace aethel::readers
