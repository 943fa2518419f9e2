#include "knowledge/images.h"

#include "knowledge/table.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <tuple>
#include <vector>

namespace aethel {
namespace data {
extern const std::string_view images;
extern const std::string_view official_images;
} // namespace data
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > 128 || text[0] == '.' || text[0] == '-') return false;
  return std::ranges::all_of(
      text, [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_digest(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const std::string_view hex = text.substr(colon + 1);
  return hex.size() >= 32 &&
         std::ranges::all_of(hex, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool is_path_part(std::string_view text) {
  if (text.empty()) return false;
  if (!std::ranges::all_of(text, [](char c) {
        return is_lower(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
      }))
    return false;
  auto edge = [](char c) { return is_lower(c) || is_digit(c); };
  return edge(text.front()) && edge(text.back()) && text.find("..") == std::string_view::npos;
}

bool is_registry(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
}

// The first part is a registry when it cannot be a name of Docker Hub.
bool names_registry(std::string_view part) {
  return part.find_first_of(".:") != std::string_view::npos || part == "localhost";
}

// Leading numbers of a tag: "v3.12.1-slim" is 3, 12, 1. Empty when it does not begin with one.
std::vector<int> version_of(std::string_view tag) {
  if (tag.starts_with('v')) tag.remove_prefix(1);
  std::vector<int> parts;
  while (!tag.empty() && is_digit(tag[0])) {
    int number = 0;
    const auto [stop, error] = std::from_chars(tag.data(), tag.data() + tag.size(), number);
    if (error != std::errc()) return {}; // a build stamp, no version
    parts.push_back(number);
    tag.remove_prefix(static_cast<std::size_t>(stop - tag.data()));
    if (!tag.starts_with('.')) break;
    tag.remove_prefix(1);
  }
  return parts;
}

// A tag with fewer numbers than the version it is held against floats ("redis:7" is the newest
// 7): it is neither before that version nor of it.
bool is_before(const std::vector<int>& tag, const std::vector<int>& version) {
  const std::size_t common = std::min(tag.size(), version.size());
  for (std::size_t i = 0; i < common; ++i)
    if (tag[i] != version[i]) return tag[i] < version[i];
  return false;
}

bool is_of(const std::vector<int>& tag, const std::vector<int>& version) {
  return tag.size() >= version.size() && std::equal(version.begin(), version.end(), tag.begin());
}

// `alpine` is a word of "16-alpine3.20", `alpine3.2` none.
bool has_word(std::string_view tag, std::string_view word) {
  for (const std::string_view each : knowledge::words(tag, "-_")) {
    if (!each.starts_with(word)) continue;
    const std::string_view rest = each.substr(word.size());
    if (rest.empty() || rest[0] == '.' || (is_digit(rest[0]) && !is_digit(word.back())))
      return true;
  }
  return false;
}

struct Entry {
  std::string_view pattern;
  std::string_view tag;
  bool kept = false; // an exception from wider patterns
  Retirement retirement;
};

RetirementKind kind_named(std::string_view name) {
  if (name == "removed") return RetirementKind::removed;
  if (name == "moved") return RetirementKind::moved;
  if (name == "end-of-life" || name == "kept") return RetirementKind::end_of_life;
  std::abort();
}

const std::vector<Entry>& entries() {
  static const knowledge::Table table(data::images);
  static const std::vector<Entry> all = [] {
    std::vector<Entry> list;
    for (const auto& row : table.rows())
      list.push_back({.pattern = row["pattern"],
                      .tag = row["tag"],
                      .kept = row["kind"] == "kept",
                      .retirement = {.kind = kind_named(row["kind"]),
                                     .since = parse_date(row["since"]).value(),
                                     .pulls = row["pulls"] == "yes",
                                     .whole = row["tag"] == "*",
                                     .replacement = row["replacement"],
                                     .source = row["source"],
                                     .checked = parse_date(row["date"]).value()}});
    return list;
  }();
  return all;
}

std::vector<const Retirement*> all_of(const ImageReference& image) {
  const std::string name = image.name();
  // A copy may survive the original: only the end of support is said of it.
  const std::string original = upstream_name(image);
  std::vector<const Retirement*> found;
  for (const Entry& entry : entries()) {
    const bool here = knowledge::matches(entry.pattern, name);
    if (!here && (original == name || entry.retirement.kind != RetirementKind::end_of_life ||
                  !knowledge::matches(entry.pattern, original)))
      continue;
    if (!tag_satisfies(entry.tag, image)) continue;
    if (entry.kept) return {};
    found.push_back(&entry.retirement);
  }
  return found;
}

} // namespace

std::string ImageReference::name() const { return registry + '/' + repository; }

std::string ImageReference::familiar() const {
  if (registry != "docker.io") return name();
  const std::string_view view = repository;
  return std::string(view.starts_with("library/") ? view.substr(8) : view);
}

bool tag_satisfies(std::string_view rule, const ImageReference& image) {
  for (const std::string_view atom : knowledge::words(rule, ",")) {
    const std::string_view tag = image.tag;
    bool good = false;
    if (atom == "*")
      good = true;
    else if (atom == "latest")
      good = image.is_floating();
    else if (atom == "versioned")
      good = !tag.empty() && tag != "latest";
    else if (atom[0] == '~')
      good = has_word(tag, atom.substr(1));
    else if (atom[0] == '!')
      good = !has_word(tag, atom.substr(1));
    else if (atom[0] == '<')
      good = is_before(version_of(tag), version_of(atom.substr(1)));
    else
      good = is_of(version_of(tag), version_of(atom));
    if (!good) return false;
  }
  return true;
}

std::string upstream_name(const ImageReference& image) {
  const std::string_view repository = image.repository;
  if (image.registry == "mirror.gcr.io") return "docker.io/" + image.repository;
  if (image.registry == "public.ecr.aws" && repository.starts_with("docker/"))
    return "docker.io/" + std::string(repository.substr(7));
  return image.name();
}

std::optional<ImageReference> parse_image(std::string_view text) {
  ImageReference image;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    image.digest = text.substr(at + 1);
    if (!is_digest(image.digest)) return {};
    text = text.substr(0, at);
  }
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos && names_registry(text.substr(0, slash))) {
    image.registry = text.substr(0, slash);
    text.remove_prefix(slash + 1);
    if (!is_registry(image.registry)) return {};
    if (image.registry == "index.docker.io" || image.registry == "registry-1.docker.io")
      image.registry = "docker.io";
  } else {
    image.registry = "docker.io";
  }
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    image.tag = text.substr(colon + 1);
    if (!is_tag(image.tag)) return {};
    text = text.substr(0, colon);
  }
  for (std::string_view rest = text;;) {
    const std::size_t end = rest.find('/');
    if (!is_path_part(rest.substr(0, end))) return {};
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  image.repository = text;
  if (image.registry == "docker.io" && text.find('/') == std::string_view::npos)
    image.repository = "library/" + image.repository;
  return image;
}

std::optional<Retirement> retirement(const ImageReference& image, Date today) {
  const Retirement* worst = nullptr;
  for (const Retirement* each : all_of(image)) {
    if (each->since > today) continue;
    // What cannot be pulled is graver than what has no fixes; of equals, the first day counts.
    const auto rank = [](const Retirement* r) {
      return std::tuple(r->pulls, r->kind, std::chrono::sys_days(r->since));
    };
    if (!worst || rank(each) < rank(worst)) worst = each;
  }
  return worst ? std::optional(*worst) : std::nullopt;
}

std::optional<Retirement> next_retirement(const ImageReference& image, Date today) {
  const Retirement* next = nullptr;
  for (const Retirement* each : all_of(image))
    if (each->since > today && (!next || each->since < next->since)) next = each;
  return next ? std::optional(*next) : std::nullopt;
}

bool is_official_image(std::string_view name) {
  static const knowledge::Table table(data::official_images);
  return std::ranges::any_of(table.rows(), [&](const auto& row) { return row["name"] == name; });
}

} // namespace aethel
