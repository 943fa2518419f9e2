// Checks as a text of aethel.yaml says them.
#pragma once

#include "config/config.h"
#include "platform/check_kind.h"
#include "support/test_peer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace aethel::platform {

inline Result<std::vector<HealthCheck>>
configure(const std::string& checks, const std::map<std::string, std::string>& world = {}) {
  const std::string text = "serve:\n  checks:\n" + checks;
  ConfigResult read = read_config(text);
  if (!read.ok())
    return fail({.message = read.problems.front().message,
                 .path = "aethel.yaml",
                 .line = read.problems.front().line,
                 .hint = read.problems.front().hint});
  const auto wrong = [text](const Range& range, std::string message, std::string hint) {
    const auto line = 1 + std::ranges::count(text.substr(0, range.begin), '\n');
    return Failure{.message = std::move(message),
                   .path = "aethel.yaml",
                   .line = static_cast<std::uint32_t>(line),
                   .hint = std::move(hint)};
  };
  return configured_checks(
      read.config.running.checks,
      {.secret = [world, wrong](const SecretPlace& place) -> Result<std::string> {
         const auto found = world.find(place.variable.value);
         if (found == world.end())
           return std::unexpected(wrong(place.variable.range, "it is not set", ""));
         return found->second;
       },
       .wrong = wrong});
}

inline CheckResult look(const std::string& keys,
                        const std::map<std::string, std::string>& world = {}) {
  auto checks = configure("    it: {" + keys + "}\n", world);
  if (!checks) return fail("NOT CONFIGURED: " + checks.error().message);
  return checks->front().run();
}

inline std::string said(const CheckResult& result) {
  return fmt::format("{}: {}", name_of(result.health()), result.message());
}

inline std::string at(const char* scheme, const TestPeer& peer) {
  return fmt::format("url: \"{}://127.0.0.1:{}/\"", scheme, peer.port());
}

} // namespace aethel::platform
