#include "platform/api_json.h"
#include "platform/route.h"

#include <nlohmann/json.hpp>

namespace aethel::platform::routes {
namespace {

http::Response answer(Call& call) {
  auto listing = call.desk.list();
  if (!listing) return problem_response(listing.error());
  auto backups = nlohmann::ordered_json::array();
  // Newest first: who asks wants to know about that one.
  for (auto each = listing->backups.rbegin(); each != listing->backups.rend(); ++each)
    backups.push_back(json_of(*each));
  auto unreadable = nlohmann::ordered_json::array();
  for (const backup::Unreadable& each : listing->unreadable)
    unreadable.push_back({{"id", each.id}, {"why", each.why}});
  auto schedules = nlohmann::ordered_json::array();
  for (const ScheduleInfo& each : call.desk.schedules()) schedules.push_back(json_of(each));
  return json_response(200, text_of({{"database", call.desk.database()},
                                     {"backups", std::move(backups)},
                                     {"unreadable", std::move(unreadable)},
                                     {"schedules", std::move(schedules)}}));
}

} // namespace

extern constinit const Route backup_list;
constinit const Route backup_list{
    .method = "GET",
    .pattern = "/api/backup",
    .scope = "read",
    .summary = "The backups that exist, newest first, and when the next is due",
    .problems = "503",
    .operation = R"json({
  "operationId": "listBackups", "tags": ["backups"],
  "responses": {
    "200": {"description": "what exists", "content": {"application/json": {"schema": {
      "type": "object", "additionalProperties": false, "required": ["database", "backups", "unreadable", "schedules"],
      "properties": {
        "database": {"type": "string"},
        "backups": {"type": "array", "items": {"$ref": "#/components/schemas/Backup"}},
        "unreadable": {"type": "array", "description": "manifests that are there and cannot be trusted", "items": {
          "type": "object", "required": ["id", "why"], "properties": {"id": {"type": "string"}, "why": {"type": "string"}}}},
        "schedules": {"type": "array", "items": {"$ref": "#/components/schemas/Schedule"}}
      }}}}}
  }})json",
    .answer = answer};

} // namespace aethel::platform::routes
