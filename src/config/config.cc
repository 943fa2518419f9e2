#include "config/config.h"

#include "config/check.h"
#include "config/part_reader.h"
#include "config/scalar.h"
#include "config/section.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

namespace aethel {
namespace {

// Aliases may repeat what they name: a file of a few lines can stand for any number of values.
constexpr std::size_t most_values = 100'000;
constexpr yaml::Limits limits = {.depth = 64, .nodes = 500'000};

std::string_view describe(const yaml::Node& node) {
  if (node.kind == yaml::Kind::sequence) return "a list";
  if (node.kind == yaml::Kind::mapping) return "a mapping";
  switch (scalar_kind(node)) {
  case ScalarKind::null: return "nothing";
  case ScalarKind::boolean: return "a boolean";
  case ScalarKind::number: return "a number";
  case ScalarKind::text: return "a text";
  }
  return "nothing";
}

bool is_null(const yaml::Node& node) {
  return node.kind == yaml::Kind::scalar && scalar_kind(node) == ScalarKind::null;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

class Reading {
public:
  explicit Reading(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  void report(Range range, std::string message, std::string hint = {}) {
    result.problems.push_back(
        {.message = std::move(message), .range = range, .hint = std::move(hint)});
  }

  void read_root(const yaml::Node& root) {
    if (is_null(root)) return;
    if (root.kind != yaml::Kind::mapping) {
      report(root.range, fmt::format("aethel.yaml must be a mapping, not {}", describe(root)),
             "begin with `version: 1`");
      return;
    }
    std::map<std::string_view, const Section*> known;
    std::map<std::string_view, const Part*> parts;
    std::vector<std::string_view> names = {"version"};
    for (const Section* section : sections::all()) {
      known[section->name] = section;
      names.push_back(section->name);
    }
    for (const Part* part : parts::all()) {
      parts[part->field.name] = part;
      names.push_back(part->field.name);
    }
    const ReportProblem told = [this](Range range, std::string message, std::string hint) {
      report(range, std::move(message), std::move(hint));
    };
    Product& product = result.config.product;
    for (const yaml::Pair& pair : members(root, names)) {
      if (pair.key->value == "version") {
        read_version(*pair.value);
      } else if (const auto part = parts.find(pair.key->value); part != parts.end()) {
        if (is_null(*pair.value)) continue;
        const FieldValue value = read_part(*part->second, *pair.value, told);
        if (part->second->run != nullptr) {
          part->second->run(value, result.config.running);
        } else {
          product.present = true;
          part->second->add(value, product);
        }
      } else {
        read_section(*known.at(pair.key->value), *pair.value);
      }
    }
    // What is wrong by itself would be wrong twice.
    if (product.present && result.problems.empty()) check_product(product, told);
  }

  ConfigResult result;

private:
  // The pairs whose keys are in `names`, each key once: the first. The others are reported.
  std::vector<yaml::Pair> members(const yaml::Node& mapping,
                                  std::span<const std::string_view> names) {
    std::vector<yaml::Pair> found;
    std::set<std::string_view> seen;
    for (const yaml::Pair& pair : mapping.pairs) {
      const yaml::Node& key = *pair.key;
      if (key.kind != yaml::Kind::scalar) {
        report(key.range, fmt::format("a key must be a text, not {}", describe(key)));
      } else if (!seen.insert(key.value).second) {
        report(key.range, fmt::format("\"{}\" is given twice", key.value),
               "keep one of them: the other is never read");
      } else if (std::ranges::find(names, key.value) == names.end()) {
        report(key.range, fmt::format("unknown key \"{}\"", key.value), suggest(key.value, names));
      } else {
        found.push_back(pair);
      }
    }
    return found;
  }

  void read_version(const yaml::Node& node) {
    if (node.kind != yaml::Kind::scalar || scalar_kind(node) != ScalarKind::number)
      report(node.range, fmt::format("\"version\" must be a number, not {}", describe(node)),
             "write `version: 1`");
    else if (node.value != "1")
      report(node.range, fmt::format("version {} is not known to this aethel", node.value),
             "it reads `version: 1`");
  }

  void read_section(const Section& section, const yaml::Node& node) {
    if (is_null(node)) return; // every entry commented out
    if (node.kind != yaml::Kind::sequence) {
      report(node.range,
             fmt::format("\"{}\" must be a list of entries, not {}", section.name, describe(node)),
             "begin each entry with \"- \"");
      return;
    }
    for (const yaml::Node* item : node.items) read_entry(section, *item);
  }

  void read_entry(const Section& section, const yaml::Node& node) {
    const EntryPlace place{.index = result.config.entries++, .range = node.range};
    if (!count_value(node)) return;
    if (node.kind != yaml::Kind::mapping) {
      report(
          node.range,
          fmt::format("an entry of \"{}\" must be a mapping, not {}", section.name, describe(node)),
          fmt::format("it has the keys {}", list(section)));
      return;
    }
    std::vector<std::string_view> names;
    for (const Key& key : section.keys) names.push_back(key.name);
    Entry entry{.at = place};
    bool complete = true;
    std::set<std::string_view> present;
    for (const yaml::Pair& pair : members(node, names)) {
      const Key& key = *std::ranges::find(section.keys, pair.key->value, &Key::name);
      present.insert(key.name);
      const std::size_t before = result.problems.size();
      entry.values.push_back({.key = key.name, .items = read_value(key, *pair.value)});
      complete &= result.problems.size() == before;
    }
    for (const Key& key : section.keys) {
      if (key.need == Need::optional || present.contains(key.name)) continue;
      // At the first key: a report that marks the whole entry would hide it.
      const Range at = node.pairs.empty() ? node.range : node.pairs.front().key->range;
      report(at, fmt::format("\"{}\" is missing", key.name), std::string(key.absent));
      complete = false;
    }
    if (complete) section.add(entry, result.config);
  }

  static std::string list(const Section& section) {
    std::string names;
    for (const Key& key : section.keys) {
      if (!names.empty()) names += ", ";
      names += key.name;
    }
    return names;
  }

  std::vector<Located> read_value(const Key& key, const yaml::Node& node) {
    std::vector<Located> items;
    if (node.kind != yaml::Kind::sequence || key.count == Count::one) {
      read_item(key, node, items);
      return items;
    }
    for (const yaml::Node* item : node.items) read_item(key, *item, items);
    if (node.items.empty() && key.need == Need::required)
      report(node.range, fmt::format("\"{}\" is empty", key.name), std::string(key.absent));
    return items;
  }

  void read_item(const Key& key, const yaml::Node& node, std::vector<Located>& items) {
    if (!count_value(node)) return;
    if (is_null(node)) {
      report(node.range, fmt::format("\"{}\" is empty", key.name), std::string(key.absent));
    } else if (node.kind != yaml::Kind::scalar || scalar_kind(node) != ScalarKind::text) {
      const bool quotable = node.kind == yaml::Kind::scalar;
      report(node.range, fmt::format("\"{}\" must be a text, not {}", key.name, describe(node)),
             quotable ? fmt::format("write it in quotes: '{}'", node.value) : std::string());
    } else if (is_blank(node.value)) {
      report(node.range, fmt::format("\"{}\" is empty", key.name), std::string(key.absent));
    } else if (auto complaint = check_shape(key.shape, node.value, vocabulary_)) {
      report(node.range, std::move(complaint->message), std::move(complaint->hint));
    } else {
      items.push_back({.value = node.value, .range = node.range});
    }
  }

  bool count_value(const yaml::Node& node) {
    if (++values_ == most_values + 1)
      report(node.range, fmt::format("more than {} values", most_values));
    return values_ <= most_values;
  }

  const Vocabulary& vocabulary_;
  std::size_t values_ = 0;
};

// One sweep for all: a file of mistakes must not cost its square.
void place_problems(std::string_view bytes, std::vector<ConfigProblem>& problems) {
  std::ranges::sort(problems, {}, [](const ConfigProblem& problem) {
    return std::pair(problem.range.begin, std::string_view(problem.message));
  });
  std::uint32_t line = 1, at = bytes.starts_with("\xef\xbb\xbf") ? 3 : 0, line_begin = at;
  for (ConfigProblem& problem : problems) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const std::uint32_t end = std::clamp(problem.range.begin, at, size);
    for (; at < end; ++at) {
      if (bytes[at] != '\n') continue;
      ++line;
      line_begin = at + 1;
    }
    problem.line = line;
    problem.column = end - line_begin + 1;
  }
}

} // namespace

const std::vector<Located>& Entry::some(std::string_view key) const {
  static const std::vector<Located> none;
  const auto found = std::ranges::find(values, key, &Value::key);
  return found == values.end() ? none : found->items;
}

const Located& Entry::one(std::string_view key) const {
  static const Located none;
  const std::vector<Located>& items = some(key);
  return items.empty() ? none : items.front();
}

ConfigResult read_config(std::string_view bytes, const Vocabulary& vocabulary) {
  Reading reading(vocabulary);
  const yaml::Stream stream = yaml::parse(bytes, limits);
  for (const yaml::Problem& problem : stream.problems)
    reading.report({problem.at, problem.at}, fmt::format("not valid YAML: {}", problem.message));
  for (std::size_t i = 0; i < stream.documents.size(); ++i) {
    const yaml::Document& document = *stream.documents[i];
    if (i == 0 && document.root != nullptr) reading.read_root(*document.root);
    if (i == 1)
      reading.report({document.range.begin, document.range.begin}, "more than one document",
                     "only the first is read");
  }
  place_problems(bytes, reading.result.problems);
  return std::move(reading.result);
}

} // namespace aethel
