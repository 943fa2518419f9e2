#include "platform/api_json.h"
#include "platform/route.h"

#include <nlohmann/json.hpp>

namespace aethel::platform::routes {
namespace {

http::Response answer(Call& call) {
  auto body = read_body(call.request.header("Content-Type"), call.request.body, {});
  if (!body) return problem_response(body.error());
  auto job = call.desk.start_backup(call.caller);
  return job ? job_response(*job) : problem_response(job.error());
}

} // namespace

extern constinit const Route backup_start;
constinit const Route backup_start{.method = "POST",
                                   .pattern = "/api/backup",
                                   .scope = "run",
                                   .summary =
                                       "Makes a backup now, and drills it as after the schedule's",
                                   .problems = "409 415 422 503",
                                   .operation = R"json({
  "operationId": "startBackup", "tags": ["backups"],
  "requestBody": {"required": false, "content": {"application/json": {"schema": {
    "type": "object", "additionalProperties": false, "properties": {}}}}},
  "responses": {
    "202": {"$ref": "#/components/responses/Job"}
  }})json",
                                   .answer = answer};

} // namespace aethel::platform::routes
