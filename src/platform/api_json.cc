#include "platform/api_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace aethel::platform {
namespace {

using json = nlohmann::ordered_json;

json time_or_null(std::int64_t time) {
  return time > 0 ? json(backup::time_text(time)) : json(nullptr);
}
json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

} // namespace

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

json json_of(const backup::Listed& listed) {
  const backup::Manifest& from = listed.manifest;
  const backup::StreamInfo* const archive = from.stream("archive");
  return {{"id", from.id},
          {"database", from.database},
          {"environment", text_or_null(from.environment)},
          {"server", from.server},
          {"started", backup::time_text(from.started)},
          {"finished", backup::time_text(from.finished)},
          {"tables", from.tables},
          {"rows", from.rows},
          {"bytes", archive != nullptr ? archive->bytes : 0},
          {"stored", from.stored()},
          {"proven",
           listed.proof.level < 0 ? json(nullptr) : json(fmt::format("L{}", listed.proof.level))},
          {"drilled", time_or_null(listed.proof.time)},
          {"recovery_milliseconds",
           listed.proof.level < 3 ? json(nullptr) : json(listed.proof.recovery)},
          {"failed", listed.proof.failed ? json(listed.proof.failure) : json(nullptr)},
          {"held", listed.held},
          {"notes", from.notes}};
}

json json_of(const Job& job) {
  json result = nullptr;
  if (!job.result.empty()) result = json::parse(job.result, nullptr, false);
  if (result.is_discarded()) result = nullptr;
  return {{"id", job.id},
          {"kind", job.request.kind},
          {"backup", text_or_null(job.request.backup)},
          {"by", job.request.by},
          {"state", name_of(job.state)},
          {"created", backup::time_text(job.created)},
          {"started", time_or_null(job.started)},
          {"finished", time_or_null(job.finished)},
          {"stage", text_or_null(job.stage)},
          {"bytes_done", job.done},
          {"bytes_total", job.total == 0 ? json(nullptr) : json(job.total)},
          {"result", std::move(result)},
          {"error", text_or_null(job.error)}};
}

json json_of(const ScheduleInfo& schedule) {
  return {{"task", schedule.task},
          {"cron", schedule.cron},
          {"next", time_or_null(schedule.next)},
          {"state", text_or_null(schedule.state)},
          {"since", time_or_null(schedule.since)},
          {"failure", text_or_null(schedule.failure)}};
}

Answer<json> read_body(std::string_view type, std::string_view body,
                       std::initializer_list<std::string_view> members) {
  if (body.empty()) return json::object();
  const std::string_view media = type.substr(0, type.find(';'));
  if (media != "application/json") return problem(415, "the body has to be application/json");
  int deepest = 0;
  const json read = json::parse(
      body,
      [&](int depth, json::parse_event_t, json&) {
        deepest = std::max(deepest, depth);
        return deepest <= 8;
      },
      false);
  if (read.is_discarded() || deepest > 8) return problem(400, "the body is no JSON");
  if (!read.is_object()) return problem(422, "the body has to be an object");
  for (const auto& [name, value] : read.items()) {
    if (std::ranges::find(members, name) == members.end())
      return problem(422, fmt::format("\"{}\" is not known here", name.substr(0, 64)));
    if (value.is_structured() || value.is_null())
      return problem(422, fmt::format("\"{}\" has to be a plain value", name));
  }
  return read;
}

Answer<std::string> text_member(const json& body, std::string_view name) {
  const auto found = body.find(name);
  if (found == body.end()) return std::string();
  if (!found->is_string()) return problem(422, fmt::format("\"{}\" has to be a string", name));
  return found->get<std::string>();
}

} // namespace aethel::platform
