// Which location of a server answers a path.
#include "link/nginx.h"
#include "syntax/expression.h"

#include <algorithm>

namespace aethel {
namespace {

struct Location {
  enum class Kind : std::uint8_t { exact, prefix, prefix_no_expressions, expression };
  Kind kind = Kind::prefix;
  Case letters = Case::distinguished;
  std::string pattern;
  bool known = true;
  std::size_t index = 0;
};

// Nothing for named locations, which no path reaches.
std::optional<Location> location_of(const Nginx& nginx, std::size_t index) {
  const NginxDirective& each = nginx.directives[index];
  if (each.name() != "location" || !each.block || each.words.size() < 2) return {};
  Location location{.index = index};
  const NginxWord* word = &each.words[1];
  std::string_view modifier = word->text;
  std::string_view rest;
  if (each.words.size() >= 3) {
    word = &each.words[2];
    rest = word->text;
  } else if (modifier.starts_with("~*") || modifier.starts_with("^~")) {
    rest = modifier.substr(2); // nginx takes them without a blank, too
    modifier = modifier.substr(0, 2);
  } else if (modifier.starts_with('=') || modifier.starts_with('~')) {
    rest = modifier.substr(1);
    modifier = modifier.substr(0, 1);
  } else {
    rest = modifier;
    modifier = {};
  }
  location.pattern = rest;
  location.known = word->known;
  if (modifier == "=")
    location.kind = Location::Kind::exact;
  else if (modifier == "^~")
    location.kind = Location::Kind::prefix_no_expressions;
  else if (modifier == "~" || modifier == "~*")
    location.kind = Location::Kind::expression;
  else if (!modifier.empty() || rest.starts_with('@'))
    return {};
  if (modifier == "~*") location.letters = Case::ignored;
  return location;
}

class Chooser {
public:
  Chooser(const Nginx& nginx, std::string_view path) : nginx_(nginx), path_(path) {}

  // As ngx_http_core_find_location(): the longest prefix and what is nested in it, then the
  // expressions of this level in their order.
  enum class Result : std::uint8_t { exact, again, declined };
  Result choose(std::size_t block) {
    std::vector<Location> locations;
    for (std::size_t i = block + 1; i < nginx_.directives[block].end; i = nginx_.directives[i].end)
      if (auto location = location_of(nginx_, i)) locations.push_back(std::move(*location));
    const Location* best = nullptr;
    for (const Location& each : locations) {
      if (each.kind == Location::Kind::expression) continue;
      if (!each.known) {
        choice.sure = false;
        continue;
      }
      if (each.kind == Location::Kind::exact) {
        if (each.pattern != path_) continue;
        choice.location = each.index;
        return Result::exact;
      }
      if (path_.starts_with(each.pattern) &&
          (best == nullptr || each.pattern.size() > best->pattern.size()))
        best = &each;
    }
    Result result = Result::declined;
    bool expressions = true;
    if (best != nullptr) {
      choice.location = best->index;
      expressions = best->kind != Location::Kind::prefix_no_expressions;
      result = choose(best->index);
      if (result == Result::declined) result = Result::again;
    }
    if (result == Result::exact || !expressions) return result;
    for (const Location& each : locations) {
      if (each.kind != Location::Kind::expression) continue;
      const Found found =
          each.known ? search_expression(each.pattern, path_, each.letters) : Found::unknown;
      if (found == Found::unknown) choice.sure = false;
      if (found != Found::yes) continue;
      choice.location = each.index;
      choose(each.index);
      return Result::exact;
    }
    return result;
  }

  LocationChoice choice;

private:
  const Nginx& nginx_;
  std::string_view path_;
};

} // namespace

LocationChoice choose_location(const Nginx& nginx, std::size_t server, std::string_view path) {
  Chooser chooser(nginx, path);
  chooser.choose(server);
  return chooser.choice;
}

} // namespace aethel
