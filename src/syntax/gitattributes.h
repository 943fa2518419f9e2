// .gitattributes, as far as it says what a file is: whose it is, where its content lies.
#pragma once

#include "syntax/wildmatch.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

enum class Attribute : std::uint8_t {
  unspecified,
  yes, // `name`, `name=true`; for a filter: lfs
  no   // `-name`, `name=false`; for a filter: another one or none
};

struct Attributes {
  Attribute vendored = Attribute::unspecified;      // linguist-vendored
  Attribute generated = Attribute::unspecified;     // linguist-generated
  Attribute documentation = Attribute::unspecified; // linguist-documentation
  Attribute lfs = Attribute::unspecified;           // filter=lfs
  Attribute text = Attribute::unspecified;          // no: binary
  friend bool operator==(const Attributes&, const Attributes&) = default;
};

// All attribute files of a working tree. Paths are relative to its top.
class AttributeRules {
public:
  AttributeRules();
  // The file of the top first: only it may define macros (`[attr]asset -text filter=lfs`).
  void add(std::string_view directory, std::string_view bytes);
  Attributes of(std::string_view path) const;
  // True when no file can have any attribute above: most repositories.
  bool empty() const { return files_.empty(); }

private:
  struct Setting {
    Attribute Attributes::* attribute;
    Attribute value;
  };
  struct Line {
    std::string text; // what the pattern points into
    std::vector<Setting> settings;
  };
  void parse_states(std::string_view states, std::vector<Setting>& settings) const;

  std::map<std::string, std::vector<Setting>, std::less<>> macros_;
  std::map<std::string, std::vector<Line>, std::less<>> files_;
};

// The three-line text that stands for a file in Git LFS.
bool is_lfs_pointer(std::string_view bytes);

} // namespace aethel
