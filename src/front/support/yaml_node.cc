#include "front/support/yaml_node.h"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>
#include <unordered_set>

namespace aethel {
namespace {

constexpr std::size_t depth_limit = 500;
constexpr std::string_view reset_tag = "!reset";
constexpr std::string_view override_tag = "!override";

ScalarStyle style_of(yaml::Style style) {
  switch (style) {
  case yaml::Style::single_quoted: return ScalarStyle::single_quoted;
  case yaml::Style::double_quoted: return ScalarStyle::double_quoted;
  case yaml::Style::literal: return ScalarStyle::literal;
  case yaml::Style::folded: return ScalarStyle::folded;
  case yaml::Style::plain: break;
  }
  return ScalarStyle::plain;
}

bool is_merge_key(const yaml::Node& key) {
  return key.kind == yaml::Kind::scalar && key.style == yaml::Style::plain && key.value == "<<" &&
         (key.tag.empty() || key.tag == "tag:yaml.org,2002:merge");
}

class Converter {
public:
  Converter(const Source& source, FileId file, const YamlDialect& dialect,
            std::vector<FileProblem>& problems)
      : source_(source), file_(file), dialect_(dialect), problems_(problems) {}

  // False when the document is too large, expanded: it is dropped as a whole.
  bool convert(const yaml::Node& root, Node& node) {
    value(root, node);
    if (!stopped_) return true;
    problems_.push_back({.message = stop_message_, .offset = root.range.begin});
    return false;
  }

private:
  void problem(const yaml::Node& at, std::string message) {
    problems_.push_back({.message = std::move(message), .offset = at.range.begin});
  }

  void stop(std::string message) {
    if (!stopped_) stop_message_ = std::move(message);
    stopped_ = true;
  }

  // Go's guard: with more than 100 alias nodes of more than 1000, their share may be 0.99 in
  // small documents and falls to 0.10 in large ones.
  void count(bool first_visit) {
    ++expanded_;
    if (alias_depth_ > 0) ++from_aliases_;
    if (first_visit && ++visits_ > dialect_.visits)
      stop(fmt::format("more than {} nodes", dialect_.visits));
    if (expanded_ > dialect_.expanded)
      stop(fmt::format("more than {} nodes after expanding aliases", dialect_.expanded));
    if (from_aliases_ > 100 && expanded_ > 1000) {
      const double total = static_cast<double>(expanded_);
      const double allowed =
          total <= 400'000 ? 0.99 : std::max(0.10, 0.99 - 0.89 * (total - 400'000) / 3'600'000);
      if (static_cast<double>(from_aliases_) / total > allowed) stop("excessive use of aliases");
    }
  }

  void value(const yaml::Node& yaml, Node& node) {
    const bool again = !yaml.anchor.empty() && !anchored_.insert(&yaml).second;
    count(alias_depth_ == 0 || again);
    if (++depth_ > depth_limit) stop(fmt::format("nested deeper than {} levels", depth_limit));
    if (again) ++alias_depth_;
    if (yaml.tag == override_tag) ++overrides_;
    if (!stopped_) content(yaml, node);
    if (yaml.tag == override_tag) --overrides_;
    if (again) --alias_depth_;
    --depth_;
  }

  // Below an override tags say nothing: compose-go takes what stands there as it is.
  bool is_reset(const yaml::Node& yaml) const { return overrides_ == 0 && yaml.tag == reset_tag; }

  void content(const yaml::Node& yaml, Node& node) {
    node.origin.written = {file_, yaml.range};
    node.tag = yaml.tag;
    switch (yaml.kind) {
    case yaml::Kind::scalar: {
      node.style = style_of(yaml.style);
      node.kind = NodeKind::scalar;
      ScalarReading reading{source_, file_, yaml, problems_};
      dialect_.scalar(reading, node);
      break;
    }
    case yaml::Kind::sequence:
      node.kind = NodeKind::sequence;
      for (const yaml::Node* item : yaml.items) {
        if (is_reset(*item)) continue;
        value(*item, node.items.emplace_back());
        if (stopped_) return;
      }
      break;
    case yaml::Kind::mapping:
      node.kind = NodeKind::mapping;
      mapping(yaml, node);
      break;
    }
  }

  void mapping(const yaml::Node& yaml, Node& node) {
    std::unordered_map<std::string, std::size_t> index;
    const yaml::Node* merge = nullptr;
    for (const yaml::Pair& pair : yaml.pairs) {
      if (is_merge_key(*pair.key)) {
        if (merge != nullptr) problem(*pair.key, "mapping key \"<<\" already defined");
        merge = pair.value;
        continue;
      }
      if (pair.key->kind != yaml::Kind::scalar) {
        problem(*pair.key, "a key is not a scalar");
        continue;
      }
      if (dialect_.string_key != nullptr && !dialect_.string_key(*pair.key))
        problem(*pair.key, fmt::format("the key \"{}\" is not a string", pair.key->value));
      const auto [found, added] = index.try_emplace(pair.key->value, node.members.size());
      if (!added) {
        const Place first = source_.place(node.members[found->second].key_span.range.begin);
        problem(*pair.key, fmt::format("mapping key \"{}\" already defined at line {}",
                                       pair.key->value, first.line));
        node.members[found->second].value = Node{};
      } else {
        node.members.push_back(
            {.key = pair.key->value, .key_span = {file_, pair.key->range}, .value = {}});
      }
      Node& slot = node.members[found->second].value;
      if (is_reset(*pair.value)) {
        count(true);
        slot.origin.written = {file_, pair.value->range};
        slot.tag = reset_tag;
        keep_words(*pair.value, slot);
      } else {
        value(*pair.value, slot);
      }
      if (stopped_) return;
    }
    if (merge != nullptr) merge_key(*merge, node, index);
  }

  // A value that is reset is null, but its words stay: compose takes the project's name from
  // them all the same.
  void keep_words(const yaml::Node& yaml, Node& node) {
    if (yaml.kind != yaml::Kind::scalar) return;
    std::vector<FileProblem> ignored;
    ScalarReading reading{source_, file_, yaml, ignored};
    Node scalar;
    dialect_.scalar(reading, scalar);
    node.text = std::move(scalar.text);
  }

  void merge_key(const yaml::Node& yaml, Node& node,
                 std::unordered_map<std::string, std::size_t>& index) {
    // The whole mapping is reset: nothing is merged, and its path is remembered.
    if (yaml.tag == reset_tag || yaml.tag == override_tag) node.tag = override_tag;
    if (yaml.tag == reset_tag) return;
    if (yaml.kind == yaml::Kind::mapping) return merge_mapping(yaml, node, index);
    if (yaml.kind == yaml::Kind::sequence)
      for (const yaml::Node* item : yaml.items) {
        if (item->kind != yaml::Kind::mapping) break;
        merge_mapping(*item, node, index);
        if (item == yaml.items.back()) return;
      }
    if (yaml.kind == yaml::Kind::sequence && yaml.items.empty()) return;
    problem(yaml, "map merge requires a mapping or a sequence of mappings as the value");
  }

  // Keys that are there win. A `!reset` takes away the key of its own mapping only: what is
  // merged shows through, and still replaces what earlier files say, which is `!override`.
  void merge_mapping(const yaml::Node& yaml, Node& node,
                     std::unordered_map<std::string, std::size_t>& index) {
    Node merged;
    value(yaml, merged);
    if (stopped_) return;
    for (Member& member : merged.members) {
      const auto found = index.find(member.key);
      if (found == index.end()) {
        index.emplace(member.key, node.members.size());
        node.members.push_back(std::move(member));
        continue;
      }
      Node& present = node.members[found->second].value;
      if (present.tag == reset_tag && member.value.tag != reset_tag) {
        present = std::move(member.value);
        present.tag = override_tag;
      } else if (present.tag.empty() &&
                 (member.value.tag == reset_tag || member.value.tag == override_tag)) {
        present.tag = override_tag;
      }
    }
  }

  const Source& source_;
  FileId file_;
  const YamlDialect& dialect_;
  std::vector<FileProblem>& problems_;
  std::unordered_set<const yaml::Node*> anchored_;
  std::size_t visits_ = 0;
  std::size_t expanded_ = 0;
  std::size_t from_aliases_ = 0;
  std::size_t alias_depth_ = 0;
  std::size_t depth_ = 0;
  std::size_t overrides_ = 0; // that the walk is inside of
  bool stopped_ = false;
  std::string stop_message_;
};

} // namespace

YamlDocuments read_yaml_documents(const Source& source, FileId file, const YamlDialect& dialect) {
  YamlDocuments result;
  const yaml::Stream stream = yaml::parse(source.bytes());
  for (const yaml::Problem& problem : stream.problems)
    result.problems.push_back({.message = problem.message, .offset = problem.at});
  for (const auto& document : stream.documents) {
    for (const yaml::Comment& comment : document->comments)
      result.comments.push_back(comment.range);
    if (document->root == nullptr) continue;
    Node node;
    Converter converter(source, file, dialect, result.problems);
    if (converter.convert(*document->root, node)) result.documents.push_back(std::move(node));
  }
  return result;
}

Text literal_text(FileId file, const yaml::Node& scalar) {
  Range range = scalar.range;
  const bool quoted =
      scalar.style == yaml::Style::single_quoted || scalar.style == yaml::Style::double_quoted;
  if (quoted && range.end - range.begin == scalar.value.size() + 2) {
    ++range.begin;
    --range.end;
  }
  return Text(scalar.value, {file, range});
}

} // namespace aethel
