// The files of templates/, embedded when this is built. templates/README.md says what they are.
#pragma once

#include "base/result.h"
#include "generate/value.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::generate {

struct Template {
  std::string_view part; // "kubernetes"
  std::string_view path; // "infra/k8s/base/service-@service.yaml"
  std::string_view text;
};

namespace templates {
std::span<const Template> all();
}

std::vector<std::string_view> template_parts();

struct GeneratedFile {
  std::string bytes;
  std::string_view part;
  bool executable = false;
};

// By path. Parts: those to write, all when empty. Fails when a template is malformed or two write
// one path: a mistake of whoever wrote them.
Result<std::map<std::string, GeneratedFile>> render_templates(const Value& view,
                                                              std::span<const std::string> parts);

// Names in a template that no value of `view` has anywhere: each would come out as nothing.
std::vector<std::string> unknown_names(const Template& each, const Value& view);

} // namespace aethel::generate
