#include "daemon/worker.h"

#include "daemon/restore_work.h"
#include "daemon/terminal.h"

#include "backup/retention.h"
#include "backup/turns.h"
#include "platform/backup_metrics.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>

namespace aethel::daemon {
namespace {

using json = nlohmann::ordered_json;
using platform::problem;

constexpr auto listing_age = std::chrono::seconds(10);
constexpr auto metrics_period = std::chrono::seconds(60);
constexpr std::int64_t pause_after_trouble = 15;

std::unexpected<platform::Problem> unavailable(const Failure& failure) {
  return problem(503, failure.message);
}

} // namespace

std::string Confirmations::give(const std::string& what, std::int64_t now) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(given_, [&](const Given& each) { return each.until <= now || each.what == what; });
  if (given_.size() >= 64) given_.erase(given_.begin());
  given_.push_back({backup::random_hex(16), what, now + 300});
  return given_.back().word;
}

bool Confirmations::take(const std::string& word, const std::string& what, std::int64_t now) {
  const std::scoped_lock lock(mutex_);
  return std::erase_if(given_, [&](const Given& each) {
           return each.word == word && each.what == what && now < each.until;
         }) > 0;
}

Worker::Worker(BackendPointer backend, platform::Metrics& metrics, Notices notices)
    : metrics_(metrics), notices_(std::move(notices)), backend_(std::move(backend)),
      jobs_(notices_.ended) {
  threads_.start([this] { clockwork(); });
  threads_.start([this] { refresh_metrics(); });
}

Worker::~Worker() {
  stop();
  cancel();
}

void Worker::replace(BackendPointer backend) {
  {
    const std::scoped_lock lock(mutex_);
    backend_ = std::move(backend);
    known_.clear();
  }
  changed();
}

BackendPointer Worker::backend() const {
  const std::scoped_lock lock(mutex_);
  return backend_;
}

void Worker::stop() {
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  jobs_.close();
}

bool Worker::wait(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!jobs_.idle()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

void Worker::changed() {
  const std::scoped_lock lock(mutex_);
  listing_.reset();
  ++changes_;
  changed_.notify_all();
}

bool Worker::busy_with(std::string_view kind) const {
  const auto all = jobs_.list();
  return std::ranges::any_of(all, [&](const platform::Job& each) {
    return each.request.kind == kind && each.state <= platform::JobState::running;
  });
}

// Who asks for so much asks too much; an end that has begun is no fault of theirs.
std::unexpected<platform::Problem> Worker::not_taken(const Failure& failure) const {
  if (jobs_.full())
    return std::unexpected(
        platform::Problem{.status = 429, .detail = failure.message, .retry_after = 10});
  return unavailable(failure);
}

std::string Worker::database() const { return backend()->settings.database(); }

platform::Answer<backup::Repository::Listing> Worker::list() {
  {
    const std::scoped_lock lock(mutex_);
    if (listing_ && std::chrono::steady_clock::now() - listed_ < listing_age) return *listing_;
  }
  const BackendPointer from = backend();
  const auto begin = std::chrono::steady_clock::now();
  unsigned changes = 0;
  {
    const std::scoped_lock lock(mutex_);
    changes = changes_;
  }
  auto listing = from->repository->list();
  if (!listing) return unavailable(listing.error());
  std::erase_if(listing->backups, [&](const backup::Listed& each) {
    return each.manifest.database != from->settings.database();
  });
  const std::scoped_lock lock(mutex_);
  if (changes == changes_) {
    listing_ = *listing;
    listed_ = begin;
  }
  return std::move(*listing);
}

platform::Answer<backup::Listed> Worker::find(std::string_view id) {
  return find(id, backup::Newest::any);
}

platform::Answer<backup::Listed> Worker::find(std::string_view id, backup::Newest newest) {
  auto listing = list();
  if (!listing) return std::unexpected(listing.error());
  if (id == "latest" && newest == backup::Newest::no_safety)
    std::erase_if(listing->backups, [](const backup::Listed& each) {
      return backup::is_safety_backup(each.manifest);
    });
  if (id == "latest" && !listing->backups.empty()) return std::move(listing->backups.back());
  for (backup::Listed& each : listing->backups)
    if (each.manifest.id == id) return std::move(each);
  return problem(404, id == "latest" ? "there is no backup" : "there is no such backup");
}

platform::Answer<std::vector<std::string>> Worker::reports(std::string_view id) {
  auto reports = backend()->repository->reports(id);
  if (!reports) return unavailable(reports.error());
  return std::move(*reports);
}

std::vector<platform::ScheduleInfo> Worker::schedules() {
  const std::scoped_lock lock(mutex_);
  std::vector<platform::ScheduleInfo> all;
  for (const auto& [task, info] : known_) all.push_back(info);
  return all;
}

platform::Answer<platform::Job> Worker::start_backup(const std::string& by) {
  const BackendPointer from = backend();
  if (!from->signing) return problem(409, "no backup can be made here: " + from->why_not);
  if (busy_with("backup")) return problem(409, "a backup is under way already");
  auto job = submit_backup(by, {});
  if (!job) return not_taken(job.error());
  return std::move(*job);
}

platform::Answer<platform::Job> Worker::start_drill(std::string_view id, int level,
                                                    const std::string& by) {
  auto found = find(id);
  if (!found) return std::unexpected(found.error());
  const BackendPointer from = backend();
  if (!from->signing) return problem(409, "no report can be signed here: " + from->why_not);
  if (auto key = service_key(from->settings); !key)
    return problem(409, "no backup can be opened here: " + key.error().message);
  auto job =
      submit_drill(found->manifest.id, level < 0 ? drill_level(from->settings) : level, by, {});
  if (!job) return not_taken(job.error());
  return std::move(*job);
}

platform::Answer<platform::Job> Worker::start_restore(const platform::RestoreRequest& request,
                                                      const std::string& by) {
  auto found = find(request.backup, backup::Newest::no_safety);
  if (!found) return std::unexpected(found.error());
  const BackendPointer from = backend();
  if (auto key = service_key(from->settings); !key)
    return problem(409, "no backup can be opened here: " + key.error().message);
  const std::string& id = found->manifest.id;
  if (request.database.empty()) {
    const auto replaced = replaced_address(from->settings);
    if (!replaced) return problem(409, replaced.error().message);
    if (!from->signing)
      return problem(409, "no backup can be made before it is replaced: " + from->why_not);
    const std::string what = fmt::format("{} {}", by, id);
    const std::int64_t now = std::time(nullptr);
    if (!confirmations_.take(request.confirmation, what, now))
      return std::unexpected(platform::Problem{
          .status = 428,
          .detail = fmt::format(
              "this replaces the database {} by backup {}; a backup of what is there is made "
              "before, and it is kept under another name; send the same request with this "
              "confirmation within five minutes",
              replaced->describe(), id),
          .confirmation = confirmations_.give(what, now)});
  }
  auto job = jobs_.submit(
      {.kind = "restore", .backup = id, .by = by},
      [this, from, listed = *found, database = request.database](platform::JobProgress& progress) {
        auto done = restore_work(*from, listed.manifest, database, progress);
        if (!done && notices_.failed)
          notices_.failed("restore", listed.manifest.id, done.error().message);
        changed();
        return done;
      });
  if (!job) return not_taken(job.error());
  return std::move(*job);
}

Result<platform::Job> Worker::submit_backup(const std::string& by, Due due) {
  return jobs_.submit({.kind = "backup", .by = by},
                      [this, from = backend(), due](platform::JobProgress& progress) {
                        backup::RunProgress run;
                        progress.stage = "dumping";
                        return with_turn(*from,
                                         {.task = "backup",
                                          .due = due,
                                          .progress = &progress,
                                          .stopping = &over_,
                                          .tick = [&] { progress.done = run.dumped.load(); }},
                                         [&] { return make_backup(*from, progress, run); });
                      });
}

Outcome Worker::make_backup(const Backend& backend, platform::JobProgress& progress,
                            backup::RunProgress& run) {
  const std::string database = backend.settings.database();
  const auto fails = [&](const Failure& failure) -> Outcome {
    // A backup that was stopped with its process is made by another one: nobody has to come.
    if (!progress.cancelled) {
      metrics_.add("aethel_backup_runs_total", {database, "failure"}, 1);
      if (notices_.failed) notices_.failed("backup", "", failure.message);
    }
    return {.result = std::unexpected(failure), .done = false};
  };
  auto how = run_options(backend.settings);
  if (!how) return fails(how.error());
  how->progress = &run;
  how->cancelled = &progress.cancelled;
  auto made = backup::run_backup(*backend.repository, *backend.signing, *how);
  if (!made) return fails(made.error());
  progress.set_backup(made->id);
  metrics_.add("aethel_backup_runs_total", {database, "success"}, 1);
  changed();
  const backup::StreamInfo* const archive = made->stream("archive");
  const std::uint64_t bytes = archive != nullptr ? archive->bytes : 0;
  progress.done = progress.total = bytes;
  json result = {{"backup", made->id},       {"rows", made->rows},   {"tables", made->tables},
                 {"stored", made->stored()}, {"notes", made->notes}, {"proven", nullptr}};
  // A drill cannot be stopped: none begins at the end.
  if (drills_after(backend.settings, made->database_bytes) && !progress.cancelled && !over_) {
    auto report = prove(backend, {.manifest = *made}, drill_level(backend.settings), progress);
    progress.done = progress.total = bytes; // of the backup again
    const backup::Check* const check = report ? report->failure() : nullptr;
    if (!report || !report->passed()) {
      std::string why = !report            ? report.error().message
                        : check != nullptr ? fmt::format("{}: {}", check->name, check->message)
                                           : "the level was not reached";
      if (notices_.failed) notices_.failed("drill", made->id, why);
      // It exists, and it is not made again for that.
      return {.result = fail(fmt::format("backup {} was made, and its drill failed: {}", made->id,
                                         std::move(why)))};
    }
    result["proven"] = fmt::format("L{}", report->level);
    result["recovery_milliseconds"] = report->recovery;
  }
  if (notices_.succeeded) notices_.succeeded("backup", made->id);
  return {.result = result.dump()};
}

Result<backup::Report> Worker::prove(const Backend& backend, const backup::Listed& listed,
                                     int level, platform::JobProgress& progress) {
  auto key = service_key(backend.settings);
  if (!key) return std::unexpected(key.error());
  auto how = prove_options(backend.settings);
  if (!how) return std::unexpected(how.error());
  how->level = level;
  progress.total = listed.manifest.archive_stored();
  progress.done = 0;
  how->fetched = &progress.done;
  how->stage = &progress.stage;
  backup::Report report = backup::prove(*backend.repository, listed.manifest, *key, *how);
  // No word about the backup: nothing of it is kept.
  if (!report.unable.empty())
    return fail({.message = fmt::format("it cannot be proven here: {}", report.unable),
                 .hint = report.hint});
  auto kept =
      backend.repository->add_report(listed.manifest.id, backup::write_report(report), report.level,
                                     report.passed(), report.finished, *backend.signing);
  changed();
  if (!kept) return std::unexpected(kept.error());
  // Large databases are proven by the clock's drills alone: who waited for a backup that is drilled
  // at once would keep all of theirs.
  if (report.passed() && report.level >= 3 && backend.settings.backup().retention.present)
    apply_retention(backend);
  return report;
}

Result<platform::Job> Worker::submit_drill(const std::string& id, int level, const std::string& by,
                                           Due due) {
  return jobs_.submit(
      {.kind = "drill", .backup = id, .by = by},
      [this, from = backend(), id, level, due](platform::JobProgress& progress) {
        const auto drill = [&]() -> Outcome {
          auto found = find(id);
          if (!found) return {.result = fail(found.error().detail), .done = false};
          auto report = prove(*from, *found, level, progress);
          if (!report) return {.result = std::unexpected(report.error()), .done = false};
          if (report->passed())
            return {.result = json{{"backup", id},
                                   {"proven", fmt::format("L{}", report->level)},
                                   {"recovery_milliseconds", report->recovery}}
                                  .dump()};
          const backup::Check* const check = report->failure();
          // It was drilled: to drill it again would say the same.
          return {.result =
                      fail(check != nullptr ? fmt::format("{}: {}", check->name, check->message)
                                            : "the level was not reached")};
        };
        return with_turn(
            *from, {.task = "drill", .due = due, .progress = &progress, .stopping = &over_}, [&] {
              Outcome outcome = drill();
              // Of what failed here; that another replica was first is nobody's trouble.
              if (!outcome.result && !progress.cancelled && notices_.failed)
                notices_.failed("drill", id, outcome.result.error().message);
              return outcome;
            });
      });
}

void Worker::apply_retention(const Backend& backend) {
  const auto report = [&](const std::string& message, const std::string& hint = {}) {
    print_failure({.message = "nothing was removed: " + message, .hint = hint});
  };
  auto policy = retention_policy(backend.settings);
  if (!policy) return report(policy.error().message);
  auto plan = backup::plan_prune(*backend.repository, backend.settings.database(), *policy,
                                 std::time(nullptr));
  if (!plan) return report(plan.error().message);
  if (!plan->stopped.empty()) return report(plan->stopped, plan->hint);
  auto pruned = backup::prune(*backend.repository, *plan);
  if (!pruned) report(pruned.error().message);
  changed();
}

// What is due is begun; then it waits for the next time, for a change, or for a minute.
void Worker::clockwork() {
  while (!over_) {
    const BackendPointer from = backend();
    std::int64_t wait = longest_look;
    for (const platform::Schedule& each : from->schedules) wait = std::min(wait, look(from, each));
    std::unique_lock lock(mutex_);
    const unsigned before = changes_;
    changed_.wait_for(lock, std::chrono::seconds(std::max<std::int64_t>(wait, 1)),
                      [&] { return over_ || changes_ != before || backend_ != from; });
  }
}

// In how many seconds to look again.
std::int64_t Worker::look(const BackendPointer& from, const platform::Schedule& schedule) {
  const auto complain = [&](const std::string& message) {
    if (message != complaint_)
      print_failure({.message = fmt::format("the schedule waits: {}", message)});
    complaint_ = message;
    return pause_after_trouble;
  };
  const std::string& running = running_[schedule.task];
  if (!running.empty() && !jobs_.wait(running, std::chrono::milliseconds(0))) return 1;
  auto looked = look_at(*from, schedule);
  if (!looked) return complain(looked.error().message);
  complaint_.clear();
  if (!*looked) return 1;
  const auto& [turn, plan, now] = **looked;
  {
    const std::scoped_lock lock(mutex_);
    if (backend_ != from) return 1;
    known_[schedule.task] = {.task = schedule.task,
                             .cron = schedule.text,
                             .next = plan.due ? now : plan.next,
                             .state = std::string(name_of(turn.state)),
                             .since = turn.time,
                             .failure = turn.failure};
  }
  if (!plan.due) return plan.look - now;
  if (over_) return 1;
  if (plan.due->missed > 0 && plan.due->attempt == 1 && notices_.missed)
    notices_.missed(schedule.task, plan.due->missed);
  Result<platform::Job> job = fail("");
  if (schedule.task == "backup") {
    job = submit_backup("schedule", plan.due);
  } else {
    auto latest = find("latest");
    if (!latest && latest.error().status == 404) {
      // Nothing to drill: this time is over.
      if (auto held =
              HeldTurn::take(*from, schedule.task, plan.due, std::chrono::steady_clock::now()))
        held->end(backup::Turn::State::succeeded);
      return 1;
    }
    if (!latest) return complain(latest.error().detail);
    job = submit_drill(latest->manifest.id, drill_level(from->settings), "schedule", plan.due);
  }
  if (!job) return complain(job.error().message);
  running_[schedule.task] = job->id;
  return 1;
}

void Worker::refresh_metrics() {
  bool told = false;
  while (!over_) {
    const BackendPointer from = backend();
    unsigned before = 0;
    {
      const std::scoped_lock lock(mutex_);
      before = changes_;
    }
    auto updated =
        platform::update_backup_metrics(metrics_, *from->repository, from->settings.database());
    if (!updated && !told)
      print_failure({.message = "metrics stand still: " + updated.error().message});
    told = !updated;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, metrics_period, [&] { return over_ || changes_ != before; });
  }
}

} // namespace aethel::daemon
