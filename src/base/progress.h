// Tells people that a long run is alive: one line, rewritten each second, first after a
// second. Nothing is written when the stream is not a terminal.
#pragma once

#include <memory>
#include <string_view>

namespace aethel {

class Progress {
public:
  Progress();  // on stderr
  ~Progress(); // wipes the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void stage(std::string_view name);

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace aethel
