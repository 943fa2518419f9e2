// What `aetheld serve` does: by the clock, and when the API asks for it.
#pragma once

#include "daemon/backend.h"
#include "daemon/turn_work.h"
#include "platform/desk.h"
#include "platform/jobs.h"
#include "platform/metrics.h"

#include "base/parallel.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace aethel::daemon {

// What is told to people who have no Prometheus.
struct Notices {
  std::function<void(const std::string& task, const std::string& backup, const std::string& why)>
      failed;
  std::function<void(const std::string& task, unsigned times)> missed;
  // Of everything that was done, or not.
  std::function<void(const platform::Job& job)> ended;
  std::function<void(const std::string& task, const std::string& backup)> succeeded;
};

// One-time words that a restore in place needs: of the same caller, for the same backup, within
// five minutes.
class Confirmations {
public:
  std::string give(const std::string& what, std::int64_t now);
  bool take(const std::string& word, const std::string& what, std::int64_t now);

private:
  struct Given {
    std::string word, what;
    std::int64_t until = 0;
  };
  std::mutex mutex_;
  std::vector<Given> given_;
};

class Worker : public platform::Desk {
public:
  Worker(BackendPointer backend, platform::Metrics& metrics, Notices notices);
  ~Worker() override;

  void replace(BackendPointer backend); // with what was read again
  BackendPointer backend() const;
  // Begins nothing more; what runs goes on.
  void stop();
  // Asks what runs to stop.
  void cancel() { jobs_.stop(); }
  // What runs, until it has ended: true within the time.
  bool wait(std::chrono::milliseconds limit);

  std::string database() const override;
  platform::Answer<backup::Repository::Listing> list() override;
  platform::Answer<backup::Listed> find(std::string_view id) override;
  platform::Answer<std::vector<std::string>> reports(std::string_view id) override;
  std::vector<platform::ScheduleInfo> schedules() override;
  platform::Answer<platform::Job> start_backup(const std::string& by) override;
  platform::Answer<platform::Job> start_drill(std::string_view id, int level,
                                              const std::string& by) override;
  platform::Answer<platform::Job> start_restore(const platform::RestoreRequest& request,
                                                const std::string& by) override;
  platform::Jobs& jobs() override { return jobs_; }

private:
  platform::Answer<backup::Listed> find(std::string_view id, backup::Newest newest);
  using Due = std::optional<platform::Due>;
  Result<platform::Job> submit_backup(const std::string& by, Due due);
  Result<platform::Job> submit_drill(const std::string& id, int level, const std::string& by,
                                     Due due);
  Outcome make_backup(const Backend& backend, platform::JobProgress& progress,
                      backup::RunProgress& run);
  Result<backup::Report> prove(const Backend& backend, const backup::Listed& listed, int level,
                               platform::JobProgress& progress);
  void apply_retention(const Backend& backend);
  void changed(); // something was made or removed: nothing known counts any more
  bool busy_with(std::string_view kind) const;
  std::unexpected<platform::Problem> not_taken(const Failure& failure) const;

  void clockwork();
  std::int64_t look(const BackendPointer& from, const platform::Schedule& schedule);
  void refresh_metrics();

  platform::Metrics& metrics_;
  const Notices notices_;
  Confirmations confirmations_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  BackendPointer backend_;
  std::atomic<bool> over_ = false;
  unsigned changes_ = 0;
  std::map<std::string, platform::ScheduleInfo> known_; // of each task
  std::map<std::string, std::string> running_;          // the job of each task's schedule
  std::string complaint_;                               // said once
  std::optional<backup::Repository::Listing> listing_;
  std::chrono::steady_clock::time_point listed_;
  platform::Jobs jobs_;
  ThreadGroup threads_;
};

} // namespace aethel::daemon
