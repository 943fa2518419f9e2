#include "config/add_externs.h"

#include "config/config.h"
#include "config/extern_text.h"
#include "config/match.h"
#include "config/scalar.h"
#include "syntax/yaml.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace aethel {
namespace {

struct Edit {
  Range replaced; // empty: an insertion
  std::string text;
};

std::size_t column_of(std::string_view bytes, std::uint32_t at) {
  const std::size_t newline = at == 0 ? std::string_view::npos : bytes.rfind('\n', at - 1);
  std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  if (begin == 0 && bytes.starts_with("\xef\xbb\xbf")) begin = 3;
  return at - std::min<std::size_t>(begin, at);
}

std::string line_end_of(std::string_view bytes) {
  const std::size_t newline = bytes.find('\n');
  const bool dos = newline != std::string_view::npos && newline > 0 && bytes[newline - 1] == '\r';
  return dos ? "\r\n" : "\n";
}

bool covers(const ExternEntry& entry, const NewExtern& wanted) {
  return (means(entry, wanted.kind, wanted.name) ||
          (entry.kind.value == wanted.kind && entry.name.value == wanted.name)) &&
         (entry.in.value.empty() || entry.in.value == wanted.in);
}

bool same(const NewExtern& a, const NewExtern& b) {
  return a.kind == b.kind && a.name == b.name && (a.in.empty() || a.in == b.in);
}

std::vector<NewExtern> not_covered(std::span<const NewExtern> externs, const Config& config) {
  std::vector<NewExtern> missing;
  for (const NewExtern& candidate : externs) {
    const auto covered = [&](const ExternEntry& entry) { return covers(entry, candidate); };
    const auto repeated = [&](const NewExtern& earlier) { return same(earlier, candidate); };
    if (std::ranges::none_of(config.externs, covered) && std::ranges::none_of(missing, repeated))
      missing.push_back(candidate);
  }
  return missing;
}

bool is_flow(std::string_view bytes, const yaml::Node& node) {
  return node.range.begin < bytes.size() &&
         (bytes[node.range.begin] == '[' || bytes[node.range.begin] == '{');
}

bool is_null(const yaml::Node& node) {
  return node.kind == yaml::Kind::scalar && scalar_kind(node) == ScalarKind::null;
}

// An insertion of whole lines after the line on which `at` stands.
Edit insert_after_line(std::string_view bytes, std::uint32_t at, std::string lines,
                       const std::string& line_end) {
  // Block scalars end where the next line begins.
  const bool line_begins = at > 0 && bytes[at - 1] == '\n';
  const std::size_t newline = bytes.find('\n', at);
  std::size_t end = line_begins ? at : newline + 1;
  if (!line_begins && newline == std::string_view::npos) {
    lines.insert(0, line_end);
    end = bytes.size();
  }
  const auto place = static_cast<std::uint32_t>(end);
  return {.replaced = {place, place}, .text = std::move(lines)};
}

// Before a line `...`, else at the end of the file.
std::uint32_t end_of_document(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (bytes.substr(at).starts_with("...") &&
        (at + 3 == bytes.size() || std::string_view(" \t\r\n").contains(bytes[at + 3])))
      return static_cast<std::uint32_t>(at);
    const std::size_t newline = bytes.find('\n', at);
    at = newline == std::string_view::npos ? bytes.size() : newline + 1;
  }
  return static_cast<std::uint32_t>(bytes.size());
}

// Blank lines at the end of such a scalar can be part of its value.
bool ends_in_block_scalar(const yaml::Node& node) {
  if (node.kind == yaml::Kind::scalar)
    return node.style == yaml::Style::literal || node.style == yaml::Style::folded;
  if (!node.pairs.empty()) return ends_in_block_scalar(*node.pairs.back().value);
  return !node.items.empty() && ends_in_block_scalar(*node.items.back());
}

Edit append_section(std::string_view bytes, const yaml::Node* root,
                    std::span<const NewExtern> entries, Layout layout) {
  const std::uint32_t at = end_of_document(bytes);
  const std::string_view before = bytes.substr(0, at);
  const std::string outer(root == nullptr ? 0 : column_of(bytes, root->range.begin), ' ');
  std::string text;
  if (!before.empty() && before != "\xef\xbb\xbf") {
    if (!before.ends_with('\n')) text += layout.line_end;
    const bool blank = before.ends_with("\n\n") || before.ends_with("\n\r\n");
    if (root != nullptr && !blank && !ends_in_block_scalar(*root)) text += layout.line_end;
  }
  if (root == nullptr) text += "version: 1" + layout.line_end;
  layout.indent = outer + "  ";
  text += outer + "externs:" + layout.line_end + block_entries(entries, layout);
  return {.replaced = {at, at}, .text = std::move(text)};
}

Edit extend_block(std::string_view bytes, const yaml::Node& list,
                  std::span<const NewExtern> entries, Layout layout) {
  const std::size_t column = column_of(bytes, list.range.begin);
  layout.indent.assign(column, ' ');
  const yaml::Node& first = *list.items.front();
  if (first.kind == yaml::Kind::mapping && !is_flow(bytes, first) &&
      first.range.begin > list.range.begin) {
    const std::size_t key = column_of(bytes, first.range.begin);
    if (key > column + 1 && key < column + 9) layout.dash_width = key - column;
  }
  return insert_after_line(bytes, list.range.end, block_entries(entries, layout), layout.line_end);
}

// `externs:` and `externs: []` become a list of lines; a comment behind them stays.
Edit open_list(std::string_view bytes, const yaml::Pair& section,
               std::span<const NewExtern> entries, Layout layout) {
  const Range key = section.key->range, value = section.value->range;
  layout.indent.assign(column_of(bytes, key.begin) + 2, ' ');
  Edit edit = insert_after_line(bytes, value.end, block_entries(entries, layout), layout.line_end);
  const std::string_view behind = bytes.substr(value.end, edit.replaced.begin - value.end);
  std::uint32_t begin = value.begin;
  while (begin > key.end && begin < value.end && bytes[begin - 1] == ' ') --begin;
  edit.text.insert(0, behind);
  return {.replaced = {begin, edit.replaced.end}, .text = std::move(edit.text)};
}

Result<Edit> plan(std::string_view bytes, const yaml::Node* root,
                  std::span<const NewExtern> entries) {
  Layout layout{.line_end = line_end_of(bytes), .indent = "  "};
  const bool empty = root == nullptr || (is_null(*root) && root->range.begin == root->range.end);
  if (empty) return append_section(bytes, nullptr, entries, layout);
  if (root->kind != yaml::Kind::mapping) return fail("the file is not a mapping");

  const auto pair = std::ranges::find_if(root->pairs, [](const yaml::Pair& candidate) {
    return candidate.key->kind == yaml::Kind::scalar && candidate.key->value == "externs";
  });
  const bool flow = is_flow(bytes, *root);
  if (pair == root->pairs.end()) {
    if (!flow) return append_section(bytes, root, entries, layout);
    const std::uint32_t at = root->range.begin + 1;
    return Edit{.replaced = {at, at},
                .text = std::string(root->pairs.empty() ? "version: 1, " : "") + "externs: [" +
                        flow_entries(entries, layout) + "], "};
  }

  const yaml::Node& value = *pair->value;
  if (value.range.begin < pair->key->range.end) return fail("\"externs\" is an alias");
  const bool brackets = value.kind == yaml::Kind::sequence && is_flow(bytes, value);
  if (value.kind == yaml::Kind::sequence && !brackets)
    return extend_block(bytes, value, entries, layout);

  const std::string_view inside =
      bytes.substr(value.range.begin, value.range.end - value.range.begin);
  // The bytes are asked too: anchors and tags around the node would be lost.
  const bool nothing = is_null(value) && plain_kind(inside) == ScalarKind::null;
  if (!brackets && !nothing) return fail("\"externs\" is not a list");
  const bool hollow = inside.find_first_not_of("[] ") == std::string_view::npos;
  if (!flow && (nothing || (hollow && value.items.empty())))
    return open_list(bytes, *pair, entries, layout);
  if (brackets) {
    const std::uint32_t at = value.range.begin + 1;
    return Edit{.replaced = {at, at}, .text = flow_entries(entries, layout)};
  }
  return Edit{.replaced = value.range, .text = " [" + flow_entries(entries, layout) + "]"};
}

// Whether the new file says all that the old one said, and the new entries, and no more.
bool is_extension(const ConfigResult& before, const ConfigResult& after, std::size_t added) {
  if (after.problems.size() != before.problems.size()) return false;
  const Config &old = before.config, &now = after.config;
  if (now.targets.size() != old.targets.size() || now.stages.size() != old.stages.size() ||
      now.ignores.size() != old.ignores.size() || now.entries != old.entries + added ||
      now.externs.size() != old.externs.size() + added)
    return false;
  return std::ranges::all_of(old.externs, [&](const ExternEntry& entry) {
    return std::ranges::any_of(now.externs, [&](const ExternEntry& other) {
      return other.kind.value == entry.kind.value && other.name.value == entry.name.value &&
             other.in.value == entry.in.value && other.reason.value == entry.reason.value;
    });
  });
}

} // namespace

Result<std::string> add_externs(std::string_view bytes, std::span<const NewExtern> externs) {
  const ConfigResult before = read_config(bytes);
  const std::vector<NewExtern> entries = not_covered(externs, before.config);
  if (entries.empty()) return std::string(bytes);
  for (const NewExtern& entry : entries)
    for (const std::string* text : {&entry.kind, &entry.name, &entry.in, &entry.reason})
      if (!is_utf8(*text)) return fail("a name that is not UTF-8 cannot stand in aethel.yaml");

  const yaml::Stream stream = yaml::parse(bytes);
  if (!stream.problems.empty()) {
    const ConfigProblem& problem = before.problems.front();
    return fail(
        Failure{.message = problem.message, .line = problem.line, .column = problem.column});
  }
  if (stream.documents.size() > 1) return fail("the file has more than one document");
  const yaml::Node* root = stream.documents.empty() ? nullptr : stream.documents.front()->root;
  Result<Edit> edit = plan(bytes, root, entries);
  if (!edit) return std::unexpected(std::move(edit.error()));

  std::string text(bytes.substr(0, edit->replaced.begin));
  text += edit->text;
  text += bytes.substr(edit->replaced.end);
  // YAML has more ways to write a list than are thought of above. What cannot be shown to be
  // right is not written.
  if (!is_extension(before, read_config(text), entries.size()))
    return fail(Failure{.message = "nothing can be added to \"externs\" as it is written",
                        .hint = "write it as lines that begin with \"- \""});
  return text;
}

} // namespace aethel
