// YAML trees as model nodes, for every reader of YAML: aliases expanded within a budget,
// merge keys applied, duplicate keys named, tags and places kept. What a scalar means is the
// dialect's affair.
#pragma once

#include "model/facts.h"
#include "model/node.h"
#include "model/source.h"
#include "syntax/yaml.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace aethel {

struct ScalarReading {
  const Source& source;
  FileId file;
  const yaml::Node& yaml;
  std::vector<FileProblem>& problems;
};

struct YamlDialect {
  // Sets kind, type and text of a node whose origin and style are set already.
  void (*scalar)(ScalarReading& reading, Node& node);
  // Whether a scalar as key is a string; others are named as problems. Null: all are.
  bool (*string_key)(const yaml::Node& key) = nullptr;
  // Nodes of one document, visited and after expansion. compose-go stops at 100,000 visits,
  // and go-yaml when nearly all nodes come from aliases; the second number is ours.
  std::size_t visits = 100'000;
  std::size_t expanded = 300'000;
};

struct YamlDocuments {
  std::vector<Node> documents; // without those that hold nothing at all
  std::vector<FileProblem> problems;
  std::vector<Range> comments;
};

YamlDocuments read_yaml_documents(const Source& source, FileId file, const YamlDialect& dialect);

// A scalar's value as literal text; its span leaves quotes out where the bytes allow it.
Text literal_text(FileId file, const yaml::Node& scalar);

} // namespace aethel
