// Long work that somebody asked for over the API, or that was due: done one after the other, each
// with its progress and its end. What a process did is forgotten with it; what exists is in the
// repository.
#pragma once

#include "base/parallel.h"
#include "base/result.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aethel::platform {

enum class JobState : std::uint8_t { waiting, running, succeeded, failed, cancelled };
std::string_view name_of(JobState state);

// What the work tells while it runs.
struct JobProgress {
  std::atomic<const char*> stage = "beginning";   // a literal
  std::atomic<std::uint64_t> done = 0, total = 0; // bytes; a total of 0 is not known
  std::atomic<bool> cancelled = false;

  // The backup that the work makes, from when there is one.
  void set_backup(std::string id) {
    const std::scoped_lock lock(mutex_);
    backup_ = std::move(id);
  }
  std::string backup() const {
    const std::scoped_lock lock(mutex_);
    return backup_;
  }

private:
  mutable std::mutex mutex_;
  std::string backup_;
};

struct JobRequest {
  std::string kind;   // "backup", "drill", "restore"
  std::string backup; // its id, once there is one
  std::string by;     // the token's name, or "schedule"
};

struct Job {
  std::string id;
  JobRequest request;
  JobState state = JobState::waiting;
  std::int64_t created = 0, started = 0, finished = 0; // seconds since 1970; 0: not yet
  std::string stage;
  std::uint64_t done = 0, total = 0;
  std::string result; // JSON, of one that succeeded
  std::string error;  // of one that failed
};

class Jobs {
public:
  // The result as JSON. Called on the queue's thread.
  using Work = std::function<Result<std::string>(JobProgress&)>;

  // `ended`: called on the queue's thread after each that was begun.
  explicit Jobs(std::function<void(const Job&)> ended = {});
  ~Jobs(); // as stop()
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  // Fails when too many wait, or when the end has begun.
  Result<Job> submit(JobRequest request, Work work);
  std::optional<Job> find(std::string_view id) const;
  std::vector<Job> list() const; // newest first
  // False: there is none, or it has ended. What runs stops where it next looks.
  bool cancel(std::string_view id);
  // True when it has ended within the time.
  bool wait(std::string_view id, std::chrono::milliseconds limit) const;
  bool full() const; // nothing more may wait
  bool idle() const;
  // Takes nothing more, and begins nothing that waits; what runs goes on.
  void close();
  // The same, and asks what runs to stop.
  void stop();

private:
  struct Entry;
  void loop();
  std::shared_ptr<Entry> entry(std::string_view id) const;
  std::size_t waiting() const;

  const std::function<void(const Job&)> ended_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<std::shared_ptr<Entry>> entries_; // oldest first
  bool over_ = false;
  ThreadGroup threads_;
};

inline constexpr std::size_t jobs_waiting_limit = 8;
inline constexpr std::size_t jobs_kept = 100;

} // namespace aethel::platform
