// Where a container listens, as far as the command that it starts says so: through its entry point
// and the scripts of its package to the server that they end in.
#pragma once

#include "knowledge/listeners.h"
#include "link/image.h"
#include "link/program.h"
#include "link/rules/support/commands.h"

#include <optional>
#include <string>
#include <vector>

namespace aethel::rules {

struct Listening {
  enum class Because : std::uint8_t {
    argument,    // the command says so
    environment, // a variable that the same container is given
    product      // nothing says otherwise
  };
  std::uint32_t port = 0;
  Because because = Because::argument;
  Span span;           // what says so: the argument, the variable, the command
  std::string program; // "next start"
  // The container's own loopback, which nobody outside of it reaches.
  bool loopback = false;
  std::vector<Span> through; // the commands on the way, outermost first
};

struct Listeners {
  std::vector<Listening> all;
  bool complete = true; // false: something else may listen, too
};

Listeners listeners_of(const Program& program, const Process& process, const Image* image);

} // namespace aethel::rules
