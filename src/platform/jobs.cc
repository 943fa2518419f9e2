#include "platform/jobs.h"

#include "backup/keys.h"

#include <algorithm>
#include <ctime>

namespace aethel::platform {
namespace {

constexpr std::string_view state_names[] = {"waiting", "running", "succeeded", "failed",
                                            "cancelled"};

bool has_ended(JobState state) { return state >= JobState::succeeded; }

} // namespace

std::string_view name_of(JobState state) { return state_names[static_cast<int>(state)]; }

struct Jobs::Entry {
  Job job;
  Work work;
  JobProgress progress;

  Job snapshot() const {
    Job copy = job;
    if (copy.state == JobState::running) {
      copy.stage = progress.stage.load();
      copy.done = progress.done;
      copy.total = progress.total;
      if (copy.request.backup.empty()) copy.request.backup = progress.backup();
    }
    return copy;
  }
};

Jobs::Jobs(std::function<void(const Job&)> ended) : ended_(std::move(ended)) {
  threads_.start([this] { loop(); });
}

Jobs::~Jobs() { stop(); }

Result<Job> Jobs::submit(JobRequest request, Work work) {
  auto fresh = std::make_shared<Entry>();
  fresh->job = {
      .id = backup::random_hex(8), .request = std::move(request), .created = std::time(nullptr)};
  fresh->work = std::move(work);
  const std::scoped_lock lock(mutex_);
  if (over_) return fail("the service is about to end");
  if (waiting() >= jobs_waiting_limit) return fail("too many jobs wait already");
  entries_.push_back(fresh);
  while (entries_.size() > jobs_kept && has_ended(entries_.front()->job.state))
    entries_.pop_front();
  changed_.notify_all();
  return fresh->snapshot();
}

std::shared_ptr<Jobs::Entry> Jobs::entry(std::string_view id) const {
  const auto found =
      std::ranges::find_if(entries_, [&](const auto& each) { return each->job.id == id; });
  return found == entries_.end() ? nullptr : *found;
}

std::optional<Job> Jobs::find(std::string_view id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = entry(id);
  return found ? std::optional(found->snapshot()) : std::nullopt;
}

std::vector<Job> Jobs::list() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Job> all;
  for (auto each = entries_.rbegin(); each != entries_.rend(); ++each)
    all.push_back((*each)->snapshot());
  return all;
}

bool Jobs::cancel(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  const auto found = entry(id);
  if (!found || has_ended(found->job.state)) return false;
  found->progress.cancelled = true;
  if (found->job.state == JobState::waiting) {
    found->job.state = JobState::cancelled;
    found->job.finished = std::time(nullptr);
    found->work = nullptr;
    changed_.notify_all();
  }
  return true;
}

bool Jobs::wait(std::string_view id, std::chrono::milliseconds limit) const {
  std::unique_lock lock(mutex_);
  const auto found = entry(id);
  return !found || changed_.wait_for(lock, limit, [&] { return has_ended(found->job.state); });
}

std::size_t Jobs::waiting() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      entries_, [](const auto& each) { return each->job.state == JobState::waiting; }));
}

bool Jobs::full() const {
  const std::scoped_lock lock(mutex_);
  return !over_ && waiting() >= jobs_waiting_limit;
}

bool Jobs::idle() const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::all_of(entries_, [](const auto& each) { return has_ended(each->job.state); });
}

void Jobs::close() {
  const std::scoped_lock lock(mutex_);
  over_ = true;
  for (const auto& each : entries_) {
    if (each->job.state != JobState::waiting) continue;
    each->progress.cancelled = true;
    each->job.state = JobState::cancelled;
    each->job.finished = std::time(nullptr);
  }
  changed_.notify_all();
}

void Jobs::stop() {
  close();
  const std::scoped_lock lock(mutex_);
  for (const auto& each : entries_) each->progress.cancelled = true;
}

void Jobs::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    std::shared_ptr<Entry> next;
    changed_.wait(lock, [&] {
      const auto found = std::ranges::find_if(
          entries_, [](const auto& each) { return each->job.state == JobState::waiting; });
      next = found == entries_.end() ? nullptr : *found;
      return over_ || next != nullptr;
    });
    if (over_) return;
    next->job.state = JobState::running;
    next->job.started = std::time(nullptr);
    Work work = std::move(next->work);
    lock.unlock();
    Result<std::string> done = work(next->progress);
    work = nullptr; // what it holds is let go before anybody learns of the end
    lock.lock();
    next->job.finished = std::time(nullptr);
    next->job.done = next->progress.done;
    next->job.total = next->progress.total;
    if (next->job.request.backup.empty()) next->job.request.backup = next->progress.backup();
    next->job.state = done                       ? JobState::succeeded
                      : next->progress.cancelled ? JobState::cancelled
                                                 : JobState::failed;
    if (done) {
      next->job.result = std::move(*done);
    } else {
      next->job.error = done.error().message;
    }
    changed_.notify_all();
    if (!ended_) continue;
    const Job job = next->snapshot();
    lock.unlock();
    ended_(job);
    lock.lock();
  }
}

} // namespace aethel::platform
