#include "daemon/serve.h"

#include "daemon/audit.h"
#include "daemon/terminal.h"
#include "daemon/watch.h"
#include "daemon/worker.h"

#include "backup/cluster.h"
#include "base/parallel.h"
#include "config/duration.h"
#include "http/server.h"
#include "platform/ask_database.h"
#include "platform/gate.h"
#include "platform/health.h"
#include "platform/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace aethel::daemon {
namespace {

using std::chrono::milliseconds;

constexpr std::uint16_t usual_metrics_port = 9400;
constexpr std::uint16_t usual_port = 9401;
constexpr std::chrono::seconds database_time(3); // of its check
constexpr std::chrono::seconds first_looks(10);  // of checks that were read again

http::Response health_response(const platform::HealthBoard& board, platform::Health health,
                               const http::Request& request) {
  std::vector<std::string> excluded;
  for (const auto& [name, value] : request.query)
    if (name == "exclude") excluded.push_back(value);
  http::Response response{.type = "application/health+json"};
  if (!excluded.empty()) {
    // What is excluded does not count, as with the probes of Kubernetes' own API server.
    health = platform::Health::pass;
    for (const platform::CheckState& each : board.states())
      if (std::ranges::find(excluded, each.name) == excluded.end())
        health = std::max(health, each.health);
  }
  response.status = health == platform::Health::fail ? 503 : 200;
  response.body = platform::write_health(board, request.has_parameter("verbose"), excluded) + "\n";
  return response;
}

class Service {
public:
  Service(BackendPointer backend, Notices notices, std::vector<platform::HealthCheck> configured)
      : worker_(declared(metrics_, std::move(backend)), metrics_, std::move(notices)),
        board_(std::make_shared<platform::HealthBoard>(checks(std::move(configured)))) {}

  Worker& worker() { return worker_; }
  void stop_taking() { board()->stop_taking(); }

  // Other checks take over when each of them has looked once: until then those of before count, and
  // a service that is well does not say otherwise because it was told to read its configuration.
  void replace(std::vector<platform::HealthCheck> configured) {
    auto fresh =
        std::make_shared<platform::HealthBoard>(checks(std::move(configured)), board()->started());
    const auto end = std::chrono::steady_clock::now() + first_looks;
    while (!fresh->known() && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(milliseconds(20));
    {
      const std::scoped_lock lock(mutex_);
      board_.swap(fresh);
    }
    // Its checks may hang in what they ask, until their time is over.
    start_detached([old = std::move(fresh)]() mutable { old.reset(); });
  }

  std::optional<http::Response> health(const http::Request& request) {
    const bool get = request.method == "GET" || request.method == "HEAD";
    const std::string& path = request.path;
    const bool live = path == "/livez" || path == "/api/health/live";
    const bool ready = path == "/readyz" || path == "/api/health/ready";
    const bool startup = path == "/startupz" || path == "/api/health/startup";
    if (!live && !ready && !startup) return {};
    if (!get) return not_allowed();
    // It answers, so it lives: no dependency is asked.
    if (live)
      return http::Response{.type = "application/health+json", .body = "{\"status\":\"pass\"}\n"};
    const auto board = this->board();
    if (startup)
      return health_response(
          *board, board->started() ? platform::Health::pass : platform::Health::fail,
          {.query = request.has_parameter("verbose") ? decltype(request.query){{"verbose", ""}}
                                                     : decltype(request.query){}});
    return health_response(*board, board->ready(), request);
  }

  std::optional<http::Response> metrics(const http::Request& request) {
    if (request.path != "/metrics") return {};
    if (request.method != "GET" && request.method != "HEAD") return not_allowed();
    const platform::MetricsFormat format = platform::choose_format(request.header("Accept"));
    return http::Response{.type = std::string(platform::content_type(format)),
                          .body = metrics_.write(format)};
  }

private:
  std::shared_ptr<platform::HealthBoard> board() const {
    const std::scoped_lock lock(mutex_);
    return board_;
  }

  static http::Response not_allowed() {
    return {.status = 405, .body = "not allowed here\n", .headers = {{"Allow", "GET, HEAD"}}};
  }

  // What is counted here stands from the start. What the repository says comes when it has been
  // read: a zero before that would say that there never was a backup.
  static BackendPointer declared(platform::Metrics& metrics, BackendPointer backend) {
    for (const char* result : {"success", "failure"})
      metrics.declare("aethel_backup_runs_total", {backend->settings.database(), result});
    return backend;
  }

  // With the newest configuration each time: a password may have been changed.
  std::vector<platform::HealthCheck> checks(std::vector<platform::HealthCheck> all) {
    all.push_back({.name = "database", .run = [this]() -> Result<void> {
                     auto address = database_address(worker_.backend()->settings);
                     if (!address) return fail("its address cannot be read");
                     address->words["application_name"] = "aethel health";
                     auto recovers = platform::ask_database(
                         *address, std::chrono::steady_clock::now() + database_time);
                     if (!recovers) return std::unexpected(recovers.error());
                     return {};
                   }});
    all.push_back({.name = "store", .run = [this]() -> Result<void> {
                     const BackendPointer from = worker_.backend();
                     const auto there = from->repository->is_there();
                     if (!there)
                       return fail(there.error().trouble == store::Trouble::unavailable
                                       ? "it does not answer"
                                       : "the repository cannot be read");
                     return {};
                   }});
    return all;
  }

  platform::Metrics metrics_;
  Worker worker_;
  mutable std::mutex mutex_;
  std::shared_ptr<platform::HealthBoard> board_;
};

struct Times {
  milliseconds drain{5'000}, grace{25'000};
};

constexpr milliseconds stopping_time{10'000};

Result<Times> times_of(const Settings& settings) {
  Times times;
  const ServeSettings& how = settings.running.serve;
  for (const auto& [text, to] :
       {std::pair(&how.drain, &times.drain), std::pair(&how.grace, &times.grace)}) {
    if (text->value.empty()) continue;
    const auto time = parse_duration(text->value);
    if (!time || *time > std::chrono::hours(1))
      return std::unexpected(
          settings.wrong(text->range, "not a time of at most an hour", "write it like 5s"));
    *to = *time;
  }
  return times;
}

// For the log of the service: an API forgets its jobs with its process.
void say_end(const platform::Job& job) {
  const std::string what =
      fmt::format("{}{}{} by {}", job.request.kind, job.request.backup.empty() ? "" : " ",
                  job.request.backup, job.request.by);
  if (job.state == platform::JobState::failed)
    return print_failure({.message = fmt::format("{} failed: {}", what, job.error)});
  if (job.state == platform::JobState::succeeded) {
    fmt::print("{}: done in {} s\n", what, job.finished - job.started);
  } else {
    fmt::print("{}: not done: {}\n", what, job.error.empty() ? "cancelled" : job.error);
  }
  std::fflush(stdout);
}

// Who is told, which may be somebody else when the configuration was read again.
class Receivers {
public:
  explicit Receivers(std::shared_ptr<platform::Notifier> notifier)
      : notifier_(std::move(notifier)) {}

  std::shared_ptr<platform::Notifier> now() const {
    const std::scoped_lock lock(mutex_);
    return notifier_;
  }
  void replace(std::shared_ptr<platform::Notifier> notifier) {
    {
      const std::scoped_lock lock(mutex_);
      notifier_.swap(notifier);
    }
    // What those of before were still to be told reaches them.
    start_detached([old = std::move(notifier)] { old->flush(std::chrono::minutes(1)); });
  }

  Notices notices() {
    return {.failed = [this](const std::string& task, const std::string& backup,
                             const std::string& why) { now()->failed(task, why, backup); },
            .missed =
                [this](const std::string& task, unsigned times) {
                  now()->missed(task,
                                fmt::format("it was not run {} times when it was due", times));
                },
            .ended = say_end,
            // A drill says nothing new about whether backups are made.
            .succeeded =
                [this](const std::string& task, const std::string&) {
                  if (task == "backup") now()->succeeded();
                }};
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<platform::Notifier> notifier_;
};

// All that is read again together: one mistake in it, and nothing of it counts.
struct Reading {
  BackendPointer backend;
  Times times;
  std::vector<platform::HealthCheck> checks;
  std::unique_ptr<platform::Notifier> notifier;

  double rate() const {
    return static_cast<double>(backend->settings.running.serve.rate.value_or(platform::usual_rate));
  }
};

std::expected<Reading, OpenFailure> read_all(const Common& common) {
  const auto wrong = [](const Failure& failure) {
    return std::unexpected(OpenFailure{failure, Exit::usage});
  };
  Reading all;
  auto backend = Backend::open(common);
  if (!backend) return std::unexpected(backend.error());
  all.backend = std::move(*backend);
  const Settings& settings = all.backend->settings;
  auto times = times_of(settings);
  if (!times) return wrong(times.error());
  all.times = *times;
  auto checks = configured_checks(settings);
  if (!checks) return wrong(checks.error());
  all.checks = std::move(*checks);
  auto notifier = configured_notifier(
      settings, [](std::string message) { print_failure({.message = std::move(message)}); });
  if (!notifier) return wrong(notifier.error());
  all.notifier = std::move(*notifier);
  return all;
}

} // namespace

Exit serve(const Common& common) {
  // Before any thread is there: all of them leave these signals to the one that waits for them.
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int each : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals, each);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto read = read_all(common);
  if (!read) return print_failure(read.error());
  const BackendPointer backend = read->backend;
  Times times = read->times;
  const ServeSettings& how = backend->settings.running.serve;
  std::unique_ptr<platform::TokenFile> tokens;
  if (!how.tokens.value.empty()) {
    auto opened = platform::TokenFile::open(how.tokens.value,
                                            [](const Failure& failure) { print_failure(failure); });
    if (!opened) return print_failure(opened.error()), Exit::usage;
    tokens = std::move(*opened);
  }
  auto audit = Audit::open(how.audit.value);
  if (!audit) return print_failure(audit.error()), Exit::usage;

  // What drills left that were killed with their process.
  if (const auto drills = drill_place(backend->settings))
    backup::sweep_drills(drills->folder, drills->user);

  Receivers receivers(std::move(read->notifier));
  Service service(backend, receivers.notices(), std::move(read->checks));
  platform::Gate gate(service.worker(), tokens.get(),
                      [&](const std::string& line) { (*audit)->write(line); });
  gate.limit(read->rate());
  http::ServerOptions options{.port = static_cast<std::uint16_t>(how.port.value_or(usual_port))};
  if (!how.address.value.empty()) options.address = how.address.value;
  auto server = http::Server::start(
      options, [&](const http::Request& request) { return gate.answer(request); },
      [&](const http::Request& request) { return service.health(request); });
  if (!server) return print_failure(server.error()), Exit::failed;
  options.port = static_cast<std::uint16_t>(how.metrics_port.value_or(usual_metrics_port));
  auto metrics = http::Server::start(
      options,
      [](const http::Request&) {
        return http::Response{.status = 404, .body = "there is nothing here\n"};
      },
      [&](const http::Request& request) { return service.metrics(request); });
  if (!metrics) return print_failure(metrics.error()), Exit::failed;
  if (!common.quiet) {
    fmt::print("serving health and the API on {0}:{1}, metrics on {0}:{2}\n", options.address,
               (*server)->port(), (*metrics)->port());
    if (!backend->signing) fmt::print("no backups are made here: {}\n", backend->why_not);
    std::fflush(stdout);
  }
  for (int signal = SIGHUP; signal == SIGHUP;) {
    ::sigwait(&signals, &signal);
    if (signal != SIGHUP) break;
    if (auto opened = (*audit)->reopen(); !opened) print_failure(opened.error());
    auto fresh = read_all(common);
    if (!fresh) {
      fresh.error().failure.hint = "nothing was changed; mend it and send SIGHUP again";
      static_cast<void>(print_failure(fresh.error()));
      continue;
    }
    times = fresh->times;
    gate.limit(fresh->rate());
    receivers.replace(std::move(fresh->notifier));
    service.worker().replace(std::move(fresh->backend));
    service.replace(std::move(fresh->checks));
    if (!common.quiet) {
      fmt::print("read the configuration again; addresses and ports stay as they were\n");
      std::fflush(stdout);
    }
  }
  // Who balances load takes a moment to notice: until then requests still come, and are answered.
  service.stop_taking();
  service.worker().stop();
  const auto begin = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(times.drain);
  const auto left = [&] {
    const auto passed =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
    return std::max(times.drain + times.grace - passed, milliseconds(0));
  };
  // A backup that is nearly made is made. One that has to be stopped removes what it stored, and
  // gives its turn to another replica, for which there has to be time.
  const milliseconds reserve = std::min(stopping_time, times.grace / 2);
  if (!common.quiet && !service.worker().wait(milliseconds(0))) {
    fmt::print("what runs has {} s more to end\n",
               std::chrono::duration_cast<std::chrono::seconds>(left() - reserve).count());
    std::fflush(stdout);
  }
  if (!service.worker().wait(std::max(left() - reserve, milliseconds(0))))
    service.worker().cancel();
  bool whole = (*server)->drain(left());
  whole = service.worker().wait(left()) && whole;
  // That the end itself made a backup fail is told, too.
  receivers.now()->flush(left());
  (*metrics)->drain(milliseconds(1'000));
  std::fflush(stdout);
  // A check that hangs in a dependency would keep the process: there is nothing left to save.
  std::_Exit(whole ? static_cast<int>(Exit::done) : static_cast<int>(Exit::failed));
}

} // namespace aethel::daemon
