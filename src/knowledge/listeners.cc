#include "knowledge/listeners.h"

#include "knowledge/table.h"

#include <charconv>

namespace aethel {

namespace data {
extern const std::string_view listeners;
}

namespace {

const std::vector<Listener>& entries() {
  static const std::vector<Listener> all = [] {
    static const knowledge::Table table(data::listeners);
    std::vector<Listener> result;
    for (const auto& row : table.rows()) {
      Listener listener{.program = row["program"],
                        .words = knowledge::words(row["words"]),
                        .flags = knowledge::words(row["flags"]),
                        .bind = knowledge::words(row["bind"]),
                        .environment = row["environment"],
                        .host_flags = knowledge::words(row["host_flags"]),
                        .host_environment = row["host_environment"],
                        .others = knowledge::words(row["others"]),
                        .files = knowledge::words(row["files"])};
      const std::string_view port = row["port"];
      std::uint32_t number = 0;
      if (!port.empty() &&
          std::from_chars(port.data(), port.data() + port.size(), number).ec == std::errc())
        listener.port = number;
      if (row["host"] == "any") listener.host = Listener::Host::any;
      if (row["host"] == "loopback") listener.host = Listener::Host::loopback;
      result.push_back(std::move(listener));
    }
    return result;
  }();
  return all;
}

} // namespace

const Listener* find_listener(std::string_view program,
                              std::span<const std::string_view> arguments) {
  for (const Listener& listener : entries()) {
    if (listener.program != program || arguments.size() < listener.words.size()) continue;
    bool fits = true;
    for (std::size_t i = 0; i < listener.words.size(); ++i)
      fits = fits && arguments[i] == listener.words[i];
    if (fits) return &listener;
  }
  return nullptr;
}

} // namespace aethel
