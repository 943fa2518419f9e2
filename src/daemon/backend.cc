#include "daemon/backend.h"

#include "backup/turns.h"
#include "config/duration.h"

#include <chrono>
#include <tuple>

namespace aethel::daemon {
namespace {

constexpr std::string_view usual_backups = "0 */6 * * *";
constexpr std::string_view usual_drills = "0 4 * * 0";
constexpr std::int64_t usual_jitter = 60;

Result<void> add_schedule(Backend& backend, std::string task, const Located& text,
                          std::string_view usual, std::int64_t jitter) {
  if (text.value == "never") return {};
  const auto cron = knowledge::Cron::parse(text.value.empty() ? usual : text.value);
  if (!cron)
    return std::unexpected(
        backend.settings.wrong(text.range, "not a schedule of cron",
                               "five fields, in UTC, such as \"30 2 * * *\"; or never"));
  if (!cron->next(0)) return std::unexpected(backend.settings.wrong(text.range, "no date has it"));
  backend.schedules.push_back({.task = std::move(task),
                               .text = text.value.empty() ? std::string(usual) : text.value,
                               .cron = *cron,
                               .jitter = jitter,
                               .seed = backend.repository->config().id});
  return {};
}

} // namespace

std::expected<BackendPointer, OpenFailure> Backend::open(const Common& common) {
  const auto wrong = [](const Failure& failure, Exit exit) {
    return std::unexpected(OpenFailure{failure, exit});
  };
  auto opened = open_repository(common);
  if (!opened) return std::unexpected(opened.error());
  auto backend = std::make_shared<Backend>();
  backend->settings = std::move(opened->settings);
  backend->store = std::move(opened->store);
  backend->repository = std::move(opened->repository);
  if (auto address = database_address(backend->settings); !address)
    return wrong(address.error(), Exit::usage);
  std::int64_t jitter = usual_jitter;
  if (const Located& text = backend->settings.backup().jitter; !text.value.empty()) {
    const auto time = parse_duration(text.value);
    if (!time || *time > std::chrono::days(1))
      return wrong(backend->settings.wrong(text.range, "not a time of at most a day",
                                           "write it like 90s, 5m or 1h"),
                   Exit::usage);
    jitter = std::chrono::duration_cast<std::chrono::seconds>(*time).count();
  }
  auto signing = signing_key(backend->settings);
  if (!signing) {
    backend->why_not = signing.error().message;
    return backend;
  }
  backend->signing = std::move(*signing);
  auto conditional = backup::refuses_second_write(*backend->store);
  if (!conditional) return wrong(conditional.error(), Exit::failed);
  backend->conditional = *conditional;
  const BackupSettings& backup = backend->settings.backup();
  for (const auto& [task, text, usual] :
       {std::tuple("backup", &backup.schedule, usual_backups),
        std::tuple("drill", &backup.drill.schedule, usual_drills)})
    if (auto done = add_schedule(*backend, task, *text, usual, jitter); !done)
      return wrong(done.error(), Exit::usage);
  return backend;
}

} // namespace aethel::daemon
