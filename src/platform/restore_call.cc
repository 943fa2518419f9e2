#include "platform/restore_call.h"

#include "platform/api_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace aethel::platform {
namespace {

// Of a new database: what needs no quoting anywhere it may be typed.
bool is_name(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && text.size() <= 63 && letter(text.front()) &&
         std::ranges::all_of(
             text, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

http::Response wrong(std::string detail) {
  return problem_response({.status = 422, .detail = std::move(detail)});
}

} // namespace

http::Response restore_call(Call& call, std::string id) {
  const std::string_view type = call.request.header("Content-Type");
  auto body = id.empty()
                  ? read_body(type, call.request.body,
                              {"id", "backupId", "database", "in_place", "confirmation"})
                  : read_body(type, call.request.body, {"database", "in_place", "confirmation"});
  if (!body) return problem_response(body.error());
  // Of two that differ, a reader would expect one and be given the other.
  if (body->contains("id") && body->contains("backupId"))
    return wrong("\"id\" and \"backupId\" are two names of one thing: say one of them");
  RestoreRequest request{.backup = std::move(id)};
  for (const auto& [name, to] :
       {std::pair("id", &request.backup), std::pair("backupId", &request.backup),
        std::pair("database", &request.database),
        std::pair("confirmation", &request.confirmation)}) {
    if (!body->contains(name)) continue;
    auto text = text_member(*body, name);
    if (!text) return problem_response(text.error());
    *to = std::move(*text);
  }
  bool in_place = false;
  if (const auto found = body->find("in_place"); found != body->end()) {
    if (!found->is_boolean()) return wrong("\"in_place\" has to be true or false");
    in_place = found->get<bool>();
  }
  if (request.backup.empty()) return wrong("\"id\" is missing: which backup");
  if (in_place == body->contains("database"))
    return wrong("either \"database\", the name of a new one, or \"in_place\": true");
  if (!in_place && !is_name(request.database))
    return wrong("\"database\" has to be a new name of letters, digits, '_' and '-'");
  auto job = call.desk.start_restore(request, call.caller);
  return job ? job_response(*job) : problem_response(job.error());
}

} // namespace aethel::platform
