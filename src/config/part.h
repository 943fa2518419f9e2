// A part of the product in aethel.yaml is a mapping, or a mapping of named mappings. Its table
// of fields is all there is to say: the reader checks by it, the JSON Schema is written from it,
// `add` makes the value.
#pragma once

#include "config/product.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace aethel {

enum class Form : std::uint8_t {
  text,
  label,      // a DNS label: lower-case letters, digits, hyphens
  host,       // a DNS name
  port,       // 1 to 65535
  number,     // a whole number, at least 1
  count,      // a whole number, or none: 0
  http_path,  // "/livez"
  path,       // inside the repository
  choice,     // one of `choices`
  boolean,    // true or false
  duration,   // "500ms", "5s", "2m", "1h", "30d"
  quantity,   // Kubernetes: "250m", "1Gi"
  email,      // an address
  secret,     // "path/key"
  repository, // "owner/name"
  words,      // a list of texts
  labels,     // a list of labels
  paths,      // a list of files inside the repository
  mapping,    // with `fields`
  named,      // labels, each with a mapping of `fields`
  secrets,    // names of secrets, each with a mapping of `fields`
  hosts,      // names, each with a host
  variables   // names of variables, each with a text, or one of secret, build, config
};

struct Field {
  std::string_view name;
  Form form = Form::text;
  bool required = false; // by `generate`, which asks for what is absent; `audit` does not
  std::string_view doc;  // stands in the schema
  std::string_view example;
  std::span<const std::string_view> choices = {};
  std::span<const Field> fields = {};
};

// What was read for a field: a text, or children.
struct FieldValue {
  std::string_view field;
  Located key; // of an entry of a named form
  Located text;
  LocatedNumber number; // of a boolean: 0 or 1
  std::vector<FieldValue> children;

  const FieldValue* find(std::string_view name) const;
  const Located& one(std::string_view name) const;
  const LocatedNumber& count(std::string_view name) const;
  const std::vector<FieldValue>& list(std::string_view name) const;
};

struct Running;

// One of the two: a part of the product, which `generate` asks for, or of what runs.
struct Part {
  Field field; // its name is the key in aethel.yaml
  void (*add)(const FieldValue& value, Product& product) = nullptr;
  void (*run)(const FieldValue& value, Running& running) = nullptr;
};

namespace parts {
std::span<const Part* const> all();
}

} // namespace aethel
