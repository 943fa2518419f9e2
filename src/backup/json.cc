#include "backup/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <vector>

namespace aethel::backup {
namespace {

using nlohmann::json;

const json& value(const void* at) { return *static_cast<const json*>(at); }
const json nothing = json::object();

} // namespace

struct JsonReader::Shared {
  json root;
  std::string what;
  std::optional<std::string> mistake;
};

Result<JsonReader> JsonReader::parse(std::string_view bytes, std::string_view what) {
  auto shared = std::make_shared<Shared>();
  shared->what = what;
  // Deep nesting would be deep recursion: no document of ours has more than a few levels.
  bool too_deep = false;
  // A name that stands twice in an object would be one value for this reader, another for the next.
  std::vector<std::set<std::string>> names;
  std::optional<std::string> twice;
  shared->root = json::parse(
      bytes,
      [&](int level, json::parse_event_t event, json& parsed) {
        too_deep = too_deep || level > 32;
        if (event == json::parse_event_t::object_start) names.emplace_back();
        if (event == json::parse_event_t::object_end) names.pop_back();
        if (event == json::parse_event_t::key &&
            !names.back().insert(parsed.get<std::string>()).second)
          twice = parsed.get<std::string>();
        return !too_deep && !twice;
      },
      false);
  if (twice) return fail(fmt::format("{} is refused: \"{}\" stands in it twice", what, *twice));
  if (shared->root.is_discarded() || too_deep || !shared->root.is_object())
    return fail(fmt::format("{} is not the JSON that it should be", what));
  const void* const at = &shared->root;
  return JsonReader(std::move(shared), at);
}

const void* JsonReader::find(std::string_view name, std::string_view type,
                             bool (*is)(const void*)) const {
  const json& here = value(at_);
  const auto found = here.find(name);
  if (found == here.end()) {
    refuse(fmt::format("it lacks \"{}\"", name));
    return nullptr;
  }
  if (!is(&*found)) {
    refuse(fmt::format("its \"{}\" is no {}", name, type));
    return nullptr;
  }
  return &*found;
}

std::string JsonReader::text(std::string_view name) const {
  const void* const at =
      find(name, "text", [](const void* each) { return value(each).is_string(); });
  return at == nullptr ? std::string() : value(at).get<std::string>();
}

std::uint64_t JsonReader::number(std::string_view name) const {
  const void* const at =
      find(name, "number", [](const void* each) { return value(each).is_number_unsigned(); });
  return at == nullptr ? 0 : value(at).get<std::uint64_t>();
}

bool JsonReader::boolean(std::string_view name) const {
  const void* const at =
      find(name, "yes or no", [](const void* each) { return value(each).is_boolean(); });
  return at != nullptr && value(at).get<bool>();
}

std::vector<std::string> JsonReader::texts(std::string_view name) const {
  const void* const at =
      find(name, "list", [](const void* each) { return value(each).is_array(); });
  std::vector<std::string> out;
  if (at == nullptr) return out;
  for (const json& each : value(at)) {
    if (each.is_string()) {
      out.push_back(each.get<std::string>());
    } else {
      refuse(fmt::format("its \"{}\" has an entry that is no text", name));
    }
  }
  return out;
}

std::vector<JsonReader> JsonReader::list(std::string_view name) const {
  const void* const at =
      find(name, "list", [](const void* each) { return value(each).is_array(); });
  std::vector<JsonReader> out;
  if (at == nullptr) return out;
  for (const json& each : value(at)) {
    if (each.is_object()) {
      out.push_back(JsonReader(shared_, &each));
    } else {
      refuse(fmt::format("its \"{}\" has an entry that is no object", name));
    }
  }
  return out;
}

JsonReader JsonReader::object(std::string_view name) const {
  const void* const at =
      find(name, "object", [](const void* each) { return value(each).is_object(); });
  return JsonReader(shared_, at == nullptr ? &nothing : at);
}

bool JsonReader::has(std::string_view name) const { return value(at_).contains(name); }

std::vector<std::string> JsonReader::names() const {
  std::vector<std::string> out;
  for (const auto& [name, each] : value(at_).items()) out.push_back(name);
  return out;
}

void JsonReader::refuse(std::string message) const {
  if (!shared_->mistake) shared_->mistake = std::move(message);
}

Result<void> JsonReader::done() const {
  if (!shared_->mistake) return {};
  return fail(fmt::format("{} is refused: {}", shared_->what, *shared_->mistake));
}

} // namespace aethel::backup
