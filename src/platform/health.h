// Whether a program lives, has started and is ready, by checks that run in the background: a probe
// is answered from what is known, at once, however slow a dependency is.
//
// Liveness looks at no dependency: a database that is away is not mended by restarts of everybody
// who uses it. Readiness fails when a hard check fails; a soft one degrades ("warn", and still
// ready), and so does one that is well but will not be for long.
#pragma once

#include "base/parallel.h"
#include "base/result.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace aethel::platform {

enum class Health : std::uint8_t { pass, warn, fail };
std::string_view name_of(Health health);

// What one look found. A Result<void> is one: it passes, or fails with its message. A warning
// counts as success - what is asked works - and is shown at once.
class CheckResult {
public:
  CheckResult() = default;
  CheckResult(const Result<void>& result)
      : health_(result ? Health::pass : Health::fail),
        message_(result ? std::string() : result.error().message) {}
  CheckResult(std::unexpected<Failure> failure)
      : health_(Health::fail), message_(std::move(failure.error().message)) {}
  static CheckResult warn(std::string message) {
    CheckResult result;
    result.health_ = Health::warn;
    result.message_ = std::move(message);
    return result;
  }

  Health health() const { return health_; }
  const std::string& message() const { return message_; }

private:
  Health health_ = Health::pass;
  std::string message_;
};

struct HealthCheck {
  std::string name; // "database", "store"
  // Has a deadline of its own; its message goes to people with a token.
  std::function<CheckResult()> run;
  bool hard = true;
  std::chrono::milliseconds period{5000}; // jittered by a tenth
  // So many in a row change the state: one lost packet is no outage.
  unsigned failures = 2;
  unsigned successes = 1;
  // What is older is not known any more, and counts as failed: a check that hangs.
  std::chrono::milliseconds maximum_age{20'000};
};

struct CheckState {
  std::string name;
  Health health = Health::fail;
  bool hard = true;
  bool known = false; // ran to its end at least once, and lately
  std::chrono::milliseconds age{0};
  std::string message; // of the last failure or warning; without addresses or secrets
};

class HealthBoard {
public:
  // `started`: as one before it was, which it takes the place of.
  explicit HealthBoard(std::vector<HealthCheck> checks, bool started = false);
  ~HealthBoard(); // waits for checks that run
  HealthBoard(const HealthBoard&) = delete;
  HealthBoard& operator=(const HealthBoard&) = delete;

  std::vector<CheckState> states() const;
  // Over all checks, and whether the program takes requests.
  Health ready() const;
  // True from when every hard check has passed once; then for good.
  bool started() const;
  // Every check has run to its end once: what it says is known.
  bool known() const;
  // The end begins: not ready from now on.
  void stop_taking();

private:
  struct Running;
  void loop(Running& running);
  std::vector<std::unique_ptr<Running>> checks_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  bool taking_ = true;
  mutable bool started_ = false;
  ThreadGroup threads_;
};

// application/health+json (draft-inadarei-api-health-check-06). `verbose`: with each check.
std::string write_health(const HealthBoard& board, bool verbose,
                         const std::vector<std::string>& excluded);

} // namespace aethel::platform
