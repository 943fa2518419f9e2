#include "base/process.h"

#include "base/parallel.h"
#include "base/write_all.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <grp.h>
#include <mutex>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace aethel {
namespace {

constexpr std::size_t kept_first = 4096;
constexpr std::size_t kept_last = 8192;

class Pipe {
public:
  Pipe() {
    if (::pipe2(ends_, O_CLOEXEC) != 0) ends_[0] = ends_[1] = -1;
  }
  ~Pipe() {
    close(0);
    close(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  bool ok() const { return ends_[0] >= 0; }
  int end(int which) const { return ends_[which]; }
  int take(int which) { return std::exchange(ends_[which], -1); }
  void close(int which) {
    if (ends_[which] >= 0) ::close(take(which));
  }

private:
  int ends_[2] = {-1, -1};
};

// The kernel sends PR_SET_PDEATHSIG when the thread that forked ends, not when its process does: a
// program that a worker started would die with the worker. So one thread, which lives as long as
// this process, starts them all.
class Starter {
public:
  static Starter& one() {
    static Starter starter;
    return starter;
  }
  ~Starter() {
    {
      const std::scoped_lock lock(mutex_);
      over_ = true;
      changed_.notify_all();
    }
    thread_.join();
  }
  Starter(const Starter&) = delete;
  Starter& operator=(const Starter&) = delete;

  pid_t fork(const std::function<void()>& child) {
    const std::scoped_lock turn(turn_);
    std::unique_lock lock(mutex_);
    child_ = &child;
    changed_.notify_all();
    changed_.wait(lock, [&] { return child_ == nullptr; });
    errno = error_;
    return pid_;
  }

private:
  Starter() {
    thread_.start([this] { loop(); });
  }
  void loop() {
    // Signals of this process are for its other threads.
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return over_ || child_ != nullptr; });
      if (child_ == nullptr) return;
      pid_ = ::fork();
      if (pid_ == 0) (*child_)(); // does not return
      error_ = errno;
      child_ = nullptr;
      changed_.notify_all();
    }
  }

  std::mutex turn_; // of who asks
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* child_ = nullptr;
  pid_t pid_ = -1;
  int error_ = 0;
  bool over_ = false;
  ThreadGroup thread_;
};

void close_one(int& descriptor) {
  if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (const std::string& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

} // namespace

struct ChildProcess::State {
  std::string name;
  const std::atomic<bool>* stop = nullptr;
  pid_t pid = -1;
  int input = -1;
  int output = -1;
  int errors_from = -1;
  std::optional<int> code;
  mutable std::mutex mutex; // of what follows
  std::string first, last;
  std::uint64_t dropped = 0;
  ThreadGroup reader; // of stderr: a full pipe would stop the program

  void drain() {
    char buffer[4096];
    for (;;) {
      const ssize_t count = ::read(errors_from, buffer, sizeof buffer);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return;
      const std::scoped_lock lock(mutex);
      std::string_view part(buffer, static_cast<std::size_t>(count));
      const std::size_t room = std::min(part.size(), kept_first - first.size());
      first += part.substr(0, room);
      last += part.substr(room);
      if (last.size() > 2 * kept_last) {
        dropped += last.size() - kept_last;
        last.erase(0, last.size() - kept_last);
      }
    }
  }
};

ChildProcess::ChildProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;
ChildProcess& ChildProcess::operator=(ChildProcess&&) noexcept = default;

ChildProcess::~ChildProcess() {
  if (!state_) return;
  close_one(state_->input);
  close_one(state_->output);
  if (!state_->code) {
    kill();
    wait_for_code();
  }
}

Result<ChildProcess> ChildProcess::start(const ProcessOptions& options) {
  Pipe input;
  Pipe output;
  Pipe errors;
  Pipe started; // closed by exec, or brings errno
  if (!input.ok() || !output.ok() || !errors.ok() || !started.ok())
    return fail(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  if (options.output_room > 0) ::fcntl(output.end(0), F_SETPIPE_SZ, options.output_room);
  const std::vector<char*> arguments = pointers(options.arguments);
  const std::vector<char*> environment = pointers(options.environment);
  const pid_t parent = ::getpid();
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing < 0) return fail(fmt::format("cannot open /dev/null: {}", std::strerror(errno)));

  const pid_t pid = Starter::one().fork([&] {
    // Only calls that are safe after fork() in a program with threads.
    const auto give_up = [&] {
      const int error = errno;
      [[maybe_unused]] const ssize_t told = ::write(started.end(1), &error, sizeof error);
      ::_exit(127);
    };
    ::setpgid(0, 0); // a key that interrupts us is ours to pass on
    if (::dup2(options.input ? input.end(0) : nothing, 0) < 0 ||
        ::dup2(options.output ? output.end(1) : nothing, 1) < 0 || ::dup2(errors.end(1), 2) < 0)
      give_up();
    if (options.user && (::setgroups(0, nullptr) != 0 || ::setgid(options.user->group) != 0 ||
                         ::setuid(options.user->user) != 0))
      give_up();
    // After the change of user, which clears it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) give_up();
    struct sigaction plain{};
    plain.sa_handler = SIG_DFL;
    ::sigaction(SIGPIPE, &plain, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(arguments[0], arguments.data(), environment.data());
    give_up();
  });
  if (pid < 0) {
    const int error = errno;
    ::close(nothing);
    return fail(fmt::format("cannot start a process: {}", std::strerror(error)));
  }
  ::close(nothing);
  input.close(0);
  output.close(1);
  errors.close(1);
  started.close(1);
  int error = 0;
  ssize_t told = 0;
  do {
    told = ::read(started.end(0), &error, sizeof error);
  } while (told < 0 && errno == EINTR);

  auto state = std::make_unique<State>();
  const std::string& path = options.arguments[0];
  state->name = path.substr(path.rfind('/') + 1);
  state->stop = options.stop;
  state->pid = pid;
  if (told == sizeof error) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return fail({.message = fmt::format("cannot start \"{}\": {}", path, std::strerror(error))});
  }
  if (options.input) state->input = input.take(1);
  if (options.output) state->output = output.take(0);
  state->errors_from = errors.take(0);
  state->reader.start([raw = state.get()] { raw->drain(); });
  return ChildProcess(std::move(state));
}

Result<void> ChildProcess::write(std::string_view bytes) {
  if (!write_all(state_->input, bytes))
    return fail(fmt::format("{} reads no more: {}", state_->name, std::strerror(errno)));
  return {};
}

void ChildProcess::close_input() { close_one(state_->input); }

Result<std::size_t> ChildProcess::read_into(char* buffer, std::size_t size) {
  for (;;) {
    if (state_->stop != nullptr) {
      pollfd output{.fd = state_->output, .events = POLLIN};
      const int ready = ::poll(&output, 1, 200);
      if (*state_->stop) return fail("cancelled");
      if (ready <= 0) continue;
    }
    const ssize_t count = ::read(state_->output, buffer, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      return fail(fmt::format("cannot read from {}: {}", state_->name, std::strerror(errno)));
    return static_cast<std::size_t>(count);
  }
}

Result<std::string> ChildProcess::read(std::size_t limit) {
  std::string bytes(limit, '\0');
  const auto count = read_into(bytes.data(), limit);
  if (!count) return std::unexpected(count.error());
  bytes.resize(*count);
  return bytes;
}

Result<std::string> ChildProcess::read_all(std::size_t limit) {
  std::string all;
  for (;;) {
    auto part = read(65536);
    if (!part) return part;
    if (part->empty()) return all;
    all += *part;
    if (all.size() > limit)
      return fail(fmt::format("{} prints more than {} bytes", state_->name, limit));
  }
}

bool ChildProcess::has_ended() {
  if (state_->code) return true;
  siginfo_t about{};
  // Leaves it to be waited for.
  return ::waitid(P_PID, static_cast<id_t>(state_->pid), &about, WEXITED | WNOHANG | WNOWAIT) ==
             0 &&
         about.si_pid == state_->pid;
}

int ChildProcess::wait_for_code() {
  if (!state_->code) {
    close_one(state_->input);
    int status = 0;
    while (::waitpid(state_->pid, &status, 0) < 0 && errno == EINTR) {
    }
    state_->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    state_->reader.join();
    close_one(state_->errors_from);
  }
  return *state_->code;
}

Result<void> ChildProcess::wait() {
  const int code = wait_for_code();
  if (code == 0) return {};
  std::string said = errors();
  while (!said.empty() && (said.back() == '\n' || said.back() == ' ')) said.pop_back();
  return fail(fmt::format("{} {}{}{}", state_->name,
                          code > 128 ? fmt::format("was killed by signal {}", code - 128)
                                     : fmt::format("failed with code {}", code),
                          said.empty() ? "" : ": ", said));
}

void ChildProcess::signal(int number) {
  if (!state_->code) ::kill(state_->pid, number);
}

void ChildProcess::kill() { signal(SIGKILL); }

std::string ChildProcess::errors() const {
  const std::scoped_lock lock(state_->mutex);
  const std::string_view end =
      std::string_view(state_->last)
          .substr(state_->last.size() > kept_last ? state_->last.size() - kept_last : 0);
  const std::uint64_t lost = state_->dropped + state_->last.size() - end.size();
  return lost == 0 ? state_->first + std::string(end)
                   : fmt::format("{}\n... {} bytes ...\n{}", state_->first, lost, end);
}

pid_t ChildProcess::id() const { return state_->pid; }

Result<std::string> run_program(ProcessOptions options, std::size_t limit) {
  options.output = true;
  auto process = ChildProcess::start(options);
  if (!process) return std::unexpected(process.error());
  auto printed = process->read_all(limit);
  if (!printed) return printed;
  if (auto ended = process->wait(); !ended) return std::unexpected(ended.error());
  return printed;
}

std::string find_program(std::string_view name, std::string_view folders) {
  while (!folders.empty()) {
    const std::size_t colon = std::min(folders.find(':'), folders.size());
    if (colon > 0) {
      std::string path = fmt::format("{}/{}", folders.substr(0, colon), name);
      if (::access(path.c_str(), X_OK) == 0) return path;
    }
    folders.remove_prefix(std::min(colon + 1, folders.size()));
  }
  return {};
}

Result<ProcessUser> find_user(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr)
    return fail(fmt::format("there is no user \"{}\"", name));
  return ProcessUser{found->pw_uid, found->pw_gid};
}

} // namespace aethel
