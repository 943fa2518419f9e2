// Loading of one model: files interpolated, included, extended, merged and made canonical
// in compose-go's order (loader/loader.go).
#pragma once

#include "link/render/compose_context.h"
#include "link/render/compose_merge.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::compose {

// Paths that `!reset` and `!override` take out of what was there before.
using Resets = std::vector<std::vector<std::string>>;

// Takes the tags out of a raw document, and the nodes that are reset.
Resets take_resets(Node& document);
void apply_resets(const Resets& resets, Node& model);

// A model that is loaded on its own: the project, or something that it includes.
struct Scope {
  std::string working_directory; // prefix of its paths, relative to the including scope
  std::string directory;         // where it looks for files, relative to the repository
  const Variables* variables = nullptr;
  std::shared_ptr<const OriginStep> arrival; // the includes that brought it, outermost first
  std::vector<std::string> chain;            // the files that include each other, up to here

  struct Base {
    Node services;
    Resets resets;
  };
  std::map<std::string, std::unique_ptr<Base>> bases; // of `extends: {file:}`
};

class Loader {
public:
  explicit Loader(Context& context) : context_(context) {}

  // `files` relative to the repository. Missing ones are reported by who names them.
  Node load(Scope& scope, const std::vector<std::string>& files);

private:
  enum class Mode : std::uint8_t { project, base };
  struct Current { // the document that is being loaded
    Scope& scope;
    std::string file;
    const Resets& resets;
  };

  Resets load_file(Scope& scope, const std::string& file, Mode mode, Node& model);
  void add_document(Scope& scope, const std::string& file, Mode mode, Node document, Resets& resets,
                    Node& model);

  void apply_includes(const Current& current, Node& document);
  void apply_include(const Current& current, Node& entry, Node& document);
  void import_sections(const Current& current, Node imported, Node& document);

  using Trail = std::vector<std::pair<std::string, std::string>>; // (file, service)
  void apply_extends(const Current& current, Node& document);
  void extend(const Current& current, Node& services, const std::string& name, Trail trail,
              const Resets& resets);
  Scope::Base* base_of(const Current& current, const Node& file, const std::string& service);

  Context& context_;
  std::map<std::string, Node> included_; // models by what determines them
};

} // namespace aethel::compose
