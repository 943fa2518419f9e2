// Programs of others, started without a shell: arguments are words, the environment is given whole.
#pragma once

#include "base/result.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace aethel {

struct ProcessUser {
  uid_t user = 0;
  gid_t group = 0;
};

struct ProcessOptions {
  std::vector<std::string> arguments;   // the first is the program's path
  std::vector<std::string> environment; // "NAME=value": nothing is inherited
  std::string folder;                   // to run in; empty: this one's
  std::optional<ProcessUser> user;      // to become; root only
  bool input = false;                   // write to it; else it reads nothing
  bool output = false;                  // read from it; else what it prints is dropped
  int output_room = 0; // bytes that may wait in the pipe, where the system grants it; 0: as always
  const std::atomic<bool>* stop = nullptr; // becomes true: a read fails soon, with "cancelled"
};

// Killed when it is not waited for, and by the kernel when this process ends, however it does.
class ChildProcess {
public:
  static Result<ChildProcess> start(const ProcessOptions& options);
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) noexcept;
  ~ChildProcess();

  // All of `bytes`; fails when the program reads no more.
  Result<void> write(std::string_view bytes);
  void close_input();
  // Up to `limit` bytes of what it prints; empty at the end.
  Result<std::string> read(std::size_t limit);
  Result<std::size_t> read_into(char* buffer, std::size_t size);
  // Reads to the end; fails over `limit`.
  Result<std::string> read_all(std::size_t limit);

  // Of a program that could not do what it was asked: what it wrote to stderr is the message.
  Result<void> wait();
  bool has_ended();    // does not wait
  int wait_for_code(); // 128 + signal when it was killed
  void signal(int number);
  void kill();
  std::string errors() const; // what it wrote to stderr: the first and the last of it
  pid_t id() const;

private:
  struct State;
  explicit ChildProcess(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Runs to the end and gives what was printed.
Result<std::string> run_program(ProcessOptions options, std::size_t limit = std::size_t{64} << 20);

// The path of a program in a list of folders, as in PATH; empty when none has it.
std::string find_program(std::string_view name, std::string_view folders);

// Of the machine's list of users.
Result<ProcessUser> find_user(const std::string& name);

} // namespace aethel
