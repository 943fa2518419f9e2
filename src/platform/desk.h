// What the API can ask for. The daemon does it; the routes only translate.
#pragma once

#include "backup/repository.h"
#include "platform/jobs.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::platform {

// RFC 9457: what went wrong, for who called. No address, no secret.
struct Problem {
  unsigned status = 500;
  std::string detail;
  std::string confirmation = {}; // a second call with it does what this one asked for
  unsigned retry_after = 0;      // seconds; 0: not said
};
template <class T> using Answer = std::expected<T, Problem>;
inline std::unexpected<Problem> problem(unsigned status, std::string detail) {
  return std::unexpected(Problem{.status = status, .detail = std::move(detail)});
}

struct RestoreRequest {
  std::string backup;   // an id, or "latest"
  std::string database; // a new one, which the restore makes; empty: in place
  std::string confirmation;
};

struct ScheduleInfo {
  std::string task; // "backup", "drill"
  std::string cron;
  std::int64_t next = 0; // 0: none
  std::string state;     // of the newest turn; empty: not known
  std::int64_t since = 0;
  std::string failure;
};

class Desk {
public:
  virtual ~Desk() = default;

  virtual std::string database() const = 0;               // its name in the configuration
  virtual Answer<backup::Repository::Listing> list() = 0; // of this database, oldest first
  virtual Answer<backup::Listed> find(std::string_view id) = 0;
  virtual Answer<std::vector<std::string>> reports(std::string_view id) = 0; // JSON
  virtual std::vector<ScheduleInfo> schedules() = 0;

  virtual Answer<Job> start_backup(const std::string& by) = 0;
  virtual Answer<Job> start_drill(std::string_view id, int level, const std::string& by) = 0;
  virtual Answer<Job> start_restore(const RestoreRequest& request, const std::string& by) = 0;
  virtual Jobs& jobs() = 0;
};

} // namespace aethel::platform
