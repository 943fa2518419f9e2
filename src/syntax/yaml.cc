#include "syntax/yaml.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <map>
#include <yaml.h>

namespace aethel::yaml {
namespace {

bool is_marker(std::string_view line, std::string_view marker) {
  if (!line.starts_with(marker)) return false;
  return line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r' ||
         line[3] == '\n';
}

// `---` at the start of a line ends whatever stands before it, even an open quote or block
// scalar (YAML 1.1, 9.1.2): splitting there needs no parser.
std::vector<Range> split_documents(std::string_view bytes) {
  std::vector<Range> chunks;
  std::uint32_t begin = 0;
  bool content = false; // something other than comments, directives and blank lines
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t newline = bytes.find('\n', at);
    const std::size_t end = newline == std::string_view::npos ? bytes.size() : newline + 1;
    const std::string_view line = bytes.substr(at, end - at);
    if (is_marker(line, "---")) {
      if (content) {
        chunks.push_back({begin, static_cast<std::uint32_t>(at)});
        begin = static_cast<std::uint32_t>(at);
      }
      content = true;
    } else if (!content) {
      const std::size_t first = line.find_first_not_of(" \t\r\n");
      content = first != std::string_view::npos && line[first] != '#' && line[first] != '%' &&
                !is_marker(line, "...");
    }
    at = end;
  }
  chunks.push_back({begin, static_cast<std::uint32_t>(bytes.size())});
  return chunks;
}

// libyaml counts characters; everything else here counts bytes.
class ByteOffsets {
public:
  ByteOffsets(std::string_view text, std::uint32_t base) : base_(base) {
    size_ = static_cast<std::uint32_t>(text.size());
    if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
      return;
    for (std::uint32_t i = 0; i < text.size(); ++i)
      if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) offsets_.push_back(i);
    offsets_.push_back(size_);
  }
  std::uint32_t operator()(const yaml_mark_t& mark) const {
    if (offsets_.empty()) return base_ + std::min(static_cast<std::uint32_t>(mark.index), size_);
    return base_ + offsets_[std::min(mark.index, offsets_.size() - 1)];
  }

private:
  std::uint32_t base_;
  std::uint32_t size_;
  std::vector<std::uint32_t> offsets_;
};

struct EventHolder {
  yaml_event_t event{};
  EventHolder() = default;
  EventHolder(const EventHolder&) = delete;
  EventHolder& operator=(const EventHolder&) = delete;
  ~EventHolder() { yaml_event_delete(&event); }
};

class Builder {
public:
  Builder(std::string_view stream, Range chunk, const Limits& limits)
      : stream_(stream), chunk_(chunk), limits_(limits),
        offsets_(stream.substr(chunk.begin, chunk.end - chunk.begin), chunk.begin),
        document_(std::make_unique<Document>()) {
    document_->range = chunk;
  }

  std::unique_ptr<Document> build(std::vector<Problem>& problems) {
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) return nullptr;
    struct Deleter {
      yaml_parser_t* parser;
      ~Deleter() { yaml_parser_delete(parser); }
    } deleter{&parser};
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &parser, reinterpret_cast<const unsigned char*>(stream_.data()) + chunk_.begin,
        chunk_.end - chunk_.begin);
    for (;;) {
      EventHolder holder;
      if (yaml_parser_parse(&parser, &holder.event) == 0) {
        problems.push_back(parser_problem(parser));
        return nullptr;
      }
      if (holder.event.type == YAML_STREAM_END_EVENT) break;
      if (!accept(holder.event)) {
        problems.push_back(problem_);
        return nullptr;
      }
    }
    collect_comments();
    return std::move(document_);
  }

private:
  struct Open {
    Node* node;
    const Node* key = nullptr;
  };

  Problem parser_problem(const yaml_parser_t& parser) const {
    std::string message = parser.problem != nullptr ? parser.problem : "malformed YAML";
    std::uint32_t at = chunk_.begin;
    if (parser.error == YAML_READER_ERROR) {
      at += static_cast<std::uint32_t>(
          std::min<std::size_t>(parser.problem_offset, chunk_.end - chunk_.begin));
      message = parser.problem_value > 0
                    ? fmt::format("{} (0x{:02x})", message, parser.problem_value)
                    : message;
    } else {
      at = offsets_(parser.problem_mark);
      if (parser.context != nullptr) message = fmt::format("{}: {}", parser.context, message);
    }
    return {.at = at, .message = message};
  }

  bool reject(const yaml_mark_t& mark, std::string message) {
    problem_ = Problem{.at = offsets_(mark), .message = std::move(message)};
    return false;
  }

  // Anchor and tag stand before the node in its event's range.
  std::uint32_t skip_properties(std::uint32_t at, std::uint32_t end) const {
    while (at < end && (stream_[at] == '&' || stream_[at] == '!')) {
      while (at < end && std::strchr(" \t\r\n", stream_[at]) == nullptr) ++at;
      while (at < end) {
        if (stream_[at] == '#')
          while (at < end && stream_[at] != '\n') ++at;
        else if (std::strchr(" \t\r\n", stream_[at]) != nullptr)
          ++at;
        else
          break;
      }
    }
    return at;
  }

  Node* make(const yaml_event_t& event, Kind kind, const yaml_char_t* anchor,
             const yaml_char_t* tag) {
    Node& node = document_->nodes.emplace_back();
    node.kind = kind;
    const std::uint32_t end = offsets_(event.end_mark);
    std::uint32_t begin = offsets_(event.start_mark);
    if (anchor != nullptr || tag != nullptr) {
      // An empty node after its properties ends where it begins.
      begin = std::min(skip_properties(begin, kind == Kind::scalar ? end : chunk_.end),
                       std::max(begin, end));
    }
    node.range = {begin, end};
    if (anchor != nullptr) node.anchor = reinterpret_cast<const char*>(anchor);
    if (tag != nullptr) node.tag = reinterpret_cast<const char*>(tag);
    return &node;
  }

  bool place(const Node* node, const yaml_mark_t& mark) {
    if (open_.empty()) {
      if (document_->root != nullptr) return reject(mark, "more than one root node");
      document_->root = node;
      return true;
    }
    Open& parent = open_.back();
    if (parent.node->kind == Kind::sequence)
      parent.node->items.push_back(node);
    else if (parent.key == nullptr)
      parent.key = node;
    else {
      parent.node->pairs.push_back({parent.key, node});
      parent.key = nullptr;
    }
    return true;
  }

  bool accept(const yaml_event_t& event) {
    if (document_->nodes.size() > limits_.nodes)
      return reject(event.start_mark, fmt::format("more than {} nodes", limits_.nodes));
    switch (event.type) {
    case YAML_SCALAR_EVENT: {
      const auto& scalar = event.data.scalar;
      Node* node = make(event, Kind::scalar, scalar.anchor, scalar.tag);
      node->value.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
      node->style = style(scalar.style);
      scalars_.push_back(node->range);
      if (!node->anchor.empty()) anchors_[node->anchor] = node;
      return place(node, event.start_mark);
    }
    case YAML_SEQUENCE_START_EVENT:
      return start(event, Kind::sequence, event.data.sequence_start.anchor,
                   event.data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
      return start(event, Kind::mapping, event.data.mapping_start.anchor,
                   event.data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: {
      Node* node = open_.back().node;
      open_.pop_back();
      close(node, event);
      // Registered only now: an alias inside its own anchor is a cycle, and stays undefined.
      if (!node->anchor.empty()) anchors_[node->anchor] = node;
      return true;
    }
    case YAML_ALIAS_EVENT: {
      const std::string name = reinterpret_cast<const char*>(event.data.alias.anchor);
      const auto found = anchors_.find(name);
      if (found == anchors_.end())
        return reject(event.start_mark, fmt::format("unknown anchor \"{}\"", name));
      return place(found->second, event.start_mark);
    }
    default: return true;
    }
  }

  bool start(const yaml_event_t& event, Kind kind, const yaml_char_t* anchor,
             const yaml_char_t* tag) {
    if (open_.size() >= limits_.depth)
      return reject(event.start_mark, fmt::format("nested deeper than {} levels", limits_.depth));
    Node* node = make(event, kind, anchor, tag);
    if (!place(node, event.start_mark)) return false;
    open_.push_back({node});
    return true;
  }

  // The end event of a block collection stands at the next token, lines further down.
  void close(Node* node, const yaml_event_t& event) {
    const bool flow = node->range.begin < stream_.size() &&
                      (stream_[node->range.begin] == '{' || stream_[node->range.begin] == '[');
    if (flow) {
      node->range.end = offsets_(event.end_mark);
      return;
    }
    std::uint32_t end = node->range.begin;
    // Aliases point elsewhere; only nodes that follow count.
    auto extend = [&](const Node* child) {
      if (child->range.begin >= node->range.begin) end = std::max(end, child->range.end);
    };
    for (const Node* item : node->items) extend(item);
    for (const Pair& pair : node->pairs) {
      extend(pair.key);
      extend(pair.value);
    }
    node->range.end = end;
  }

  static Style style(yaml_scalar_style_t style) {
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: return Style::single_quoted;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: return Style::double_quoted;
    case YAML_LITERAL_SCALAR_STYLE: return Style::literal;
    case YAML_FOLDED_SCALAR_STYLE: return Style::folded;
    default: return Style::plain;
    }
  }

  void collect_comments() {
    std::size_t next = 0;
    for (std::uint32_t at = chunk_.begin; at < chunk_.end;) {
      while (next < scalars_.size() && scalars_[next].end <= at) ++next;
      if (next < scalars_.size() && at >= scalars_[next].begin) {
        at = scalars_[next].end;
        continue;
      }
      const char c = stream_[at];
      if (c == '#' && (at == chunk_.begin || std::strchr(" \t\r\n", stream_[at - 1]) != nullptr)) {
        std::uint32_t end = at;
        while (end < chunk_.end && stream_[end] != '\n') ++end;
        const std::uint32_t next_line = end;
        if (end > at && stream_[end - 1] == '\r') --end;
        document_->comments.push_back({{at, end}});
        at = next_line;
      } else {
        ++at;
      }
    }
  }

  std::string_view stream_;
  Range chunk_;
  Limits limits_;
  ByteOffsets offsets_;
  std::unique_ptr<Document> document_;
  std::vector<Open> open_;
  std::vector<Range> scalars_;
  std::map<std::string, const Node*, std::less<>> anchors_;
  Problem problem_;
};

} // namespace

Stream parse(std::string_view bytes, Limits limits) {
  Stream stream;
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) {
    stream.problems.push_back(
        {.at = 0, .message = "UTF-16 is not supported; save the file as UTF-8"});
    return stream;
  }
  if (bytes.size() > 0x7fffffff) {
    stream.problems.push_back({.at = 0, .message = "larger than 2 GiB"});
    return stream;
  }
  const std::uint32_t skip = bytes.starts_with("\xef\xbb\xbf") ? 3 : 0;
  for (Range chunk : split_documents(bytes.substr(skip))) {
    chunk.begin += skip;
    chunk.end += skip;
    if (auto document = Builder(bytes, chunk, limits).build(stream.problems))
      stream.documents.push_back(std::move(document));
  }
  return stream;
}

const Node* find(const Node& mapping, std::string_view key) {
  for (auto pair = mapping.pairs.rbegin(); pair != mapping.pairs.rend(); ++pair)
    if (pair->key->kind == Kind::scalar && pair->key->value == key) return pair->value;
  return nullptr;
}

// Walks the raw bytes beside the value. Only the characters that styles add (quotes,
// escapes, indentation, folded line ends) are skipped, so the walk never needs to guess.
std::uint32_t locate(std::string_view bytes, const Node& node, std::size_t offset) {
  const std::uint32_t end =
      std::min<std::uint32_t>(node.range.end, static_cast<std::uint32_t>(bytes.size()));
  std::uint32_t at = std::min(node.range.begin, end);
  const std::string& value = node.value;
  offset = std::min(offset, value.size());
  const bool block = node.style == Style::literal || node.style == Style::folded;
  if (block) {
    while (at < end && bytes[at] != '\n') ++at; // the header line
    if (at < end) ++at;
  } else if (node.style != Style::plain && at < end) {
    ++at; // the opening quote
  }
  auto skip_blank = [&] {
    while (at < end && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r')) ++at;
  };
  bool line_start = block;
  for (std::size_t i = 0;; ++i) {
    if (i < value.size() && value[i] == '\n') {
      if (i == offset) return at;
      if (node.style == Style::double_quoted && at + 1 < end && bytes[at] == '\\' &&
          bytes[at + 1] == 'n') {
        at += 2;
        continue;
      }
      while (at < end && bytes[at] != '\n') ++at;
      if (at < end) ++at;
      line_start = true;
      continue;
    }
    if (line_start && i < value.size()) {
      // Indentation: everything blank that the value does not have here.
      std::size_t blanks = 0;
      while (i + blanks < value.size() && value[i + blanks] == ' ') ++blanks;
      std::uint32_t text = at;
      while (text < end && bytes[text] == ' ') ++text;
      if (blanks == 0 || text - at >= blanks) at = text - static_cast<std::uint32_t>(blanks);
      line_start = false;
    }
    if (i >= value.size()) return std::min(at, end);
    const char c = value[i];
    if (at < end && bytes[at] != c && !block) {
      if (c == ' ') { // a folded line end
        const std::uint32_t before = at;
        skip_blank();
        if (at < end && bytes[at] == '\n') {
          if (i == offset) return before;
          ++at;
          skip_blank();
          continue;
        }
        at = before;
      }
      if (node.style == Style::double_quoted && bytes[at] == '\\') {
        if (at + 1 < end && (bytes[at + 1] == '\n' || bytes[at + 1] == '\r')) { // escaped line end
          at += bytes[at + 1] == '\r' ? 3 : 2;
          skip_blank();
        }
        if (at < end && bytes[at] == '\\') {
          if (i == offset) return at;
          const char kind = at + 1 < end ? bytes[at + 1] : '\0';
          at += kind == 'x' ? 4 : kind == 'u' ? 6 : kind == 'U' ? 10 : 2;
          // One escape may stand for several bytes of UTF-8.
          while (i + 1 < value.size() && (static_cast<unsigned char>(value[i + 1]) & 0xc0) == 0x80)
            ++i;
          continue;
        }
      } else if (node.style == Style::plain || node.style == Style::double_quoted ||
                 node.style == Style::single_quoted) {
        skip_blank();
        while (at < end && bytes[at] == '\n') {
          ++at;
          skip_blank();
        }
      }
    } else if (block && at < end && bytes[at] == '\n' && c == ' ') {
      if (i == offset) return at;
      ++at;
      line_start = true;
      continue;
    }
    if (i == offset) return std::min(at, end);
    if (node.style == Style::single_quoted && c == '\'' && at + 1 < end && bytes[at + 1] == '\'')
      ++at;
    if (node.style == Style::double_quoted && c == '\\' && at + 1 < end && bytes[at] == '\\') ++at;
    if (at < end) ++at;
  }
}

MappedText mapped_value(std::string_view bytes, const Node& node) {
  MappedText text;
  const std::size_t end = std::min<std::size_t>(node.range.end, bytes.size());
  std::size_t at = std::min<std::size_t>(node.range.begin, end);
  const bool block = node.style == Style::literal || node.style == Style::folded;
  if (block) at = std::min(std::min(bytes.find('\n', at), end) + 1, end);
  bool line_start = block;
  for (const char c : node.value) {
    if (line_start && c != ' ')
      while (at < end && bytes[at] == ' ') ++at;
    line_start = false;
    const bool breaks = c == ' ' || c == '\n';
    if (at < end && breaks && bytes[at] == '\r') ++at;
    if (at < end && breaks && bytes[at] == '\n') {
      text.push(c, at++);
      line_start = true;
      continue;
    }
    if (node.style == Style::double_quoted && at + 1 < end && bytes[at] == '\\') {
      text.push(c, at);
      at += 2;
      continue;
    }
    // Elsewhere the value and the bytes agree but for quotes and line folding.
    std::size_t ahead = at;
    while (ahead < end && ahead < at + 256 && bytes[ahead] != c) ++ahead;
    if (ahead < end && bytes[ahead] == c) at = ahead;
    text.push(c, at);
    if (at < end) ++at;
  }
  text.finish(at);
  return text;
}

} // namespace aethel::yaml
