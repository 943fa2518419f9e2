// A first product part of aethel.yaml from what the linker knows of a repository: for `aethel
// init`.
#pragma once

#include "link/program.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aethel::generate {

// A mapping in the order in which it is written; a leaf has a value as YAML on one line.
struct Draft {
  std::string key;
  std::string value;
  std::string evidence; // written behind it as a comment
  std::vector<Draft> children;

  Draft& child(std::string_view name); // made when absent
  // By a path with dots: "services.web.port". The value is YAML on one line.
  void set(std::string_view path, std::string new_value, std::string new_evidence = {});
  const Draft* find(std::string_view path) const;
};

struct Inferred {
  Draft root;
  // What of the target became nothing of the product, and why: for comments.
  std::vector<std::string> left_out;
};

// From the target that production starts, or the likeliest one. `repository`: OWNER/NAME of the
// remote on GitHub, with where it was read; empty when there is none.
Inferred infer_product(const Program& program, std::string_view directory_name,
                       std::string_view repository, std::string_view repository_evidence);

// Sources of secrets that no variable takes any more, because an answer gave it another one.
void drop_unused_secrets(Inferred& inferred);

// With a comment behind each line that has evidence.
std::string write_draft(const Inferred& inferred);

// OWNER/NAME of a remote on GitHub in the text of .git/config; empty when there is none.
std::string github_repository(std::string_view git_config);

} // namespace aethel::generate
