#include "link/baseline_file.h"

#include "base/nearest.h"
#include "config/scalar.h"
#include "model/source.h"
#include "syntax/yaml.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <set>
#include <span>
#include <tuple>

namespace aethel {
namespace {

constexpr yaml::Limits limits = {.depth = 16, .nodes = 2'000'000};
constexpr std::uint32_t most_equal = 1'000'000;
constexpr std::string_view top_keys[] = {"version", "findings"};
constexpr std::string_view keys[] = {"rule",        "path",  "name",    "title",
                                     "fingerprint", "count", "expires", "reason"};

bool is_fingerprint(std::string_view text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class Reader {
public:
  Reader(std::string_view bytes, std::string_view path) : bytes_(bytes), path_(path) {}

  Result<Baseline> read() {
    const yaml::Stream stream = yaml::parse(bytes_, limits);
    if (!stream.problems.empty())
      return wrong(stream.problems.front().at,
                   fmt::format("not valid YAML: {}", stream.problems.front().message));
    if (stream.documents.empty() || stream.documents.front()->root == nullptr)
      return wrong(0, "is empty", "begin with `version: 1`; `--update-baseline` writes it");
    if (stream.documents.size() > 1)
      return wrong(stream.documents[1]->range.begin, "more than one document");
    const yaml::Node& root = *stream.documents.front()->root;
    if (root.kind != yaml::Kind::mapping)
      return wrong(root.range.begin, "a baseline must be a mapping",
                   "begin with `version: 1`; `--update-baseline` writes it");
    if (auto good = check_keys(root, top_keys); !good) return std::unexpected(good.error());
    const yaml::Node* version = yaml::find(root, "version");
    if (version == nullptr)
      return wrong(root.range.begin, "\"version\" is missing", "write `version: 1`");
    if (version->kind != yaml::Kind::scalar || version->value != "1")
      return wrong(version->range.begin, "this version is not known to this aethel",
                   "it reads `version: 1`");
    const yaml::Node* findings = yaml::find(root, "findings");
    if (findings == nullptr)
      return wrong(root.range.begin, "\"findings\" is missing", "write `findings: []` for none");
    if (findings->kind != yaml::Kind::sequence)
      return wrong(findings->range.begin, "\"findings\" must be a list",
                   "write `findings: []` for none");
    Baseline baseline;
    std::set<std::string, std::less<>> seen;
    for (const yaml::Node* item : findings->items) {
      auto entry = read_entry(*item);
      if (!entry) return std::unexpected(entry.error());
      if (!seen.insert(entry->fingerprint).second)
        return wrong(item->range.begin,
                     fmt::format("fingerprint \"{}\" is given twice", entry->fingerprint),
                     "keep one of the entries; `count` says how many findings it stands for");
      baseline.entries.push_back(std::move(*entry));
    }
    return baseline;
  }

private:
  std::unexpected<Failure> wrong(std::uint32_t at, std::string message,
                                 std::string hint = {}) const {
    const Source source{std::string(path_), std::string(bytes_)};
    const Place place =
        source.place(std::min<std::uint32_t>(at, static_cast<std::uint32_t>(bytes_.size())));
    return fail(Failure{.message = std::move(message),
                        .path = std::string(path_),
                        .line = place.line,
                        .column = place.column,
                        .hint = std::move(hint)});
  }

  Result<void> check_keys(const yaml::Node& mapping,
                          std::span<const std::string_view> known) const {
    std::set<std::string_view> seen;
    for (const yaml::Pair& pair : mapping.pairs) {
      const yaml::Node& key = *pair.key;
      if (key.kind != yaml::Kind::scalar) return wrong(key.range.begin, "a key must be a text");
      if (std::ranges::find(known, key.value) == known.end())
        return wrong(key.range.begin, fmt::format("unknown key \"{}\"", key.value),
                     did_you_mean(key.value, known));
      if (!seen.insert(key.value).second)
        return wrong(key.range.begin, fmt::format("\"{}\" is given twice", key.value));
    }
    return {};
  }

  Result<BaselineEntry> read_entry(const yaml::Node& node) const {
    if (node.kind != yaml::Kind::mapping)
      return wrong(node.range.begin, "an entry of \"findings\" must be a mapping",
                   "it has the keys rule, path, name, title, fingerprint, count, expires, reason");
    if (auto good = check_keys(node, keys); !good) return std::unexpected(good.error());
    BaselineEntry entry;
    for (const yaml::Pair& pair : node.pairs) {
      const std::string_view key = pair.key->value;
      const yaml::Node& value = *pair.value;
      if (value.kind != yaml::Kind::scalar)
        return wrong(value.range.begin, fmt::format("\"{}\" must be a text on one line", key));
      if (key == "rule") entry.rule = value.value;
      if (key == "path") entry.path = value.value;
      if (key == "name") entry.name = value.value;
      if (key == "title") entry.title = value.value;
      if (key == "reason") entry.reason = value.value;
      if (key == "fingerprint") {
        if (!is_fingerprint(value.value))
          return wrong(value.range.begin, "\"fingerprint\" must be 16 hexadecimal digits",
                       "copy it from the report of `--format json`, without a \"-1\" at its end");
        entry.fingerprint = value.value;
      }
      if (key == "count") {
        const char* end = value.value.data() + value.value.size();
        const auto [at, error] = std::from_chars(value.value.data(), end, entry.count);
        if (error != std::errc{} || at != end || entry.count == 0 || entry.count > most_equal)
          return wrong(value.range.begin,
                       fmt::format("\"count\" must be a number from 1 to {}", most_equal));
      }
      if (key == "expires") {
        entry.expires = parse_date(value.value);
        if (!entry.expires)
          return wrong(value.range.begin, "\"expires\" must be a date such as 2027-01-31");
      }
    }
    if (entry.fingerprint.empty())
      return wrong(node.range.begin, "\"fingerprint\" is missing",
                   "it says which finding is meant; `--format json` prints it");
    if (entry.rule.empty())
      return wrong(node.range.begin, "\"rule\" is missing",
                   "name the rule, so that a reader knows what is let pass");
    return entry;
  }

  std::string_view bytes_, path_;
};

// Paths and names may be of any bytes; the file is UTF-8. They are for readers only: what counts
// is the fingerprint.
std::string scalar(std::string_view text) {
  if (is_utf8(text)) return write_scalar(text, Context::block);
  std::string plain(text);
  for (char& c : plain)
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  return write_scalar(plain, Context::block);
}

} // namespace

Result<Baseline> read_baseline(std::string_view bytes, std::string_view path) {
  return Reader(bytes, path).read();
}

std::string write_baseline(Baseline baseline) {
  std::ranges::sort(baseline.entries, {}, [](const BaselineEntry& entry) {
    return std::tuple(std::string_view(entry.path), std::string_view(entry.rule),
                      std::string_view(entry.name), std::string_view(entry.fingerprint));
  });
  std::string out =
      "# Findings that were there before: with --baseline, `aethel audit` fails on new ones only.\n"
      "# --update-baseline writes this file. It keeps `reason` and `expires`, the last day on\n"
      "# which an entry holds, but no comments.\n"
      "version: 1\n";
  out += baseline.entries.empty() ? "findings: []\n" : "findings:\n";
  for (const BaselineEntry& entry : baseline.entries) {
    out += fmt::format("  - rule: {}\n", scalar(entry.rule));
    if (!entry.path.empty()) out += fmt::format("    path: {}\n", scalar(entry.path));
    if (!entry.name.empty()) out += fmt::format("    name: {}\n", scalar(entry.name));
    if (!entry.title.empty()) out += fmt::format("    title: {}\n", scalar(entry.title));
    out += fmt::format("    fingerprint: {}\n", scalar(entry.fingerprint));
    if (entry.count != 1) out += fmt::format("    count: {}\n", entry.count);
    if (entry.expires) out += fmt::format("    expires: {}\n", format_date(*entry.expires));
    if (!entry.reason.empty()) out += fmt::format("    reason: {}\n", scalar(entry.reason));
  }
  return out;
}

} // namespace aethel
