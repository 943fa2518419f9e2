#include "platform/health.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>

namespace aethel::platform {
namespace {

using Clock = std::chrono::steady_clock;
using json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr std::string_view names[] = {"pass", "warn", "fail"};

} // namespace

struct HealthBoard::Running {
  HealthCheck check;
  // Under the board's mutex.
  bool passing = false;
  bool ran = false;
  unsigned in_a_row = 0; // results that differ from `passing`
  Clock::time_point last;
  std::string message; // of the last failure
  std::string warning; // of the last result, when it is one
};

std::string_view name_of(Health health) { return names[static_cast<int>(health)]; }

HealthBoard::HealthBoard(std::vector<HealthCheck> checks, bool started) : started_(started) {
  for (HealthCheck& each : checks)
    checks_.push_back(std::make_unique<Running>(Running{.check = std::move(each)}));
  for (const auto& each : checks_) threads_.start([this, running = each.get()] { loop(*running); });
}

HealthBoard::~HealthBoard() {
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  threads_.join();
}

void HealthBoard::loop(Running& running) {
  std::minstd_rand random(std::random_device{}());
  for (;;) {
    const CheckResult result = running.check.run();
    const bool well = result.health() != Health::fail;
    std::unique_lock lock(mutex_);
    running.last = Clock::now();
    if (!well) running.message = result.message();
    running.warning = result.health() == Health::warn ? result.message() : std::string();
    if (!running.ran) {
      // The first result counts at once: nobody waits for a second look at a start.
      running.ran = true;
      running.passing = well;
    } else if (well == running.passing) {
      running.in_a_row = 0;
    } else if (++running.in_a_row >=
               (running.passing ? running.check.failures : running.check.successes)) {
      running.passing = !running.passing;
      running.in_a_row = 0;
    }
    const auto period = running.check.period;
    const auto jitter =
        milliseconds(static_cast<std::int64_t>(random() % (period.count() / 5 + 1)));
    changed_.wait_for(lock, period - period / 10 + jitter, [this] { return over_; });
    if (over_) return;
  }
}

std::vector<CheckState> HealthBoard::states() const {
  const std::scoped_lock lock(mutex_);
  const auto now = Clock::now();
  std::vector<CheckState> out;
  for (const auto& each : checks_) {
    CheckState state{.name = each->check.name, .hard = each->check.hard};
    state.age =
        each->ran ? std::chrono::duration_cast<milliseconds>(now - each->last) : milliseconds(0);
    state.known = each->ran && state.age <= each->check.maximum_age;
    if (state.known && each->passing) {
      state.health = each->warning.empty() ? Health::pass : Health::warn;
      state.message = each->warning;
    } else {
      state.health = each->check.hard ? Health::fail : Health::warn;
      state.message = !each->ran     ? "has not ended yet"
                      : !state.known ? "no answer for too long"
                                     : each->message;
    }
    out.push_back(std::move(state));
  }
  return out;
}

Health HealthBoard::ready() const {
  const std::vector<CheckState> all = states();
  {
    const std::scoped_lock lock(mutex_);
    if (!taking_) return Health::fail;
  }
  Health worst = Health::pass;
  for (const CheckState& each : all) worst = std::max(worst, each.health);
  return worst;
}

bool HealthBoard::started() const {
  const std::vector<CheckState> all = states();
  const std::scoped_lock lock(mutex_);
  if (!started_)
    started_ = std::ranges::none_of(
        all, [](const CheckState& each) { return each.health == Health::fail; });
  return started_;
}

bool HealthBoard::known() const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::all_of(checks_, [](const auto& each) { return each->ran; });
}

void HealthBoard::stop_taking() {
  const std::scoped_lock lock(mutex_);
  taking_ = false;
}

std::string write_health(const HealthBoard& board, bool verbose,
                         const std::vector<std::string>& excluded) {
  const auto is_excluded = [&](const CheckState& each) {
    return std::ranges::find(excluded, each.name) != excluded.end();
  };
  const std::vector<CheckState> all = board.states();
  Health worst = Health::pass;
  for (const CheckState& each : all)
    if (!is_excluded(each)) worst = std::max(worst, each.health);
  json out = {{"status", name_of(worst)}};
  if (verbose) {
    json checks = json::object();
    for (const CheckState& each : all) {
      json one = {{"status", name_of(each.health)},
                  {"componentType", each.hard ? "hard" : "soft"},
                  {"observedValue", each.age.count()},
                  {"observedUnit", "ms since the last answer"}};
      if (!each.message.empty()) one["output"] = each.message;
      if (is_excluded(each)) one["excluded"] = true;
      checks[each.name] = json::array({std::move(one)});
    }
    out["checks"] = std::move(checks);
  }
  return out.dump();
}

} // namespace aethel::platform
