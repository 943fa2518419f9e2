#include "platform/api_json.h"
#include "platform/route.h"

#include <nlohmann/json.hpp>

namespace aethel::platform::routes {
namespace {

http::Response answer(Call& call) {
  auto body = read_body(call.request.header("Content-Type"), call.request.body, {"level"});
  if (!body) return problem_response(body.error());
  auto text = text_member(*body, "level");
  if (!text) return problem_response(text.error());
  int level = -1; // as it is configured
  if (body->contains("level")) {
    if (text->size() != 2 || text->front() != 'L' || text->back() < '0' || text->back() > '4')
      return problem_response({.status = 422, .detail = "\"level\" is one of L0 to L4"});
    level = text->back() - '0';
  }
  auto job = call.desk.start_drill(call.parameters["id"], level, call.caller);
  return job ? job_response(*job) : problem_response(job.error());
}

} // namespace

extern constinit const Route backup_drill;
constinit const Route backup_drill{.method = "POST",
                                   .pattern = "/api/backup/{id}/drill",
                                   .scope = "run",
                                   .summary =
                                       "Proves a backup by restoring it into a server made for it",
                                   .problems = "404 409 415 422 503",
                                   .operation = R"json({
  "operationId": "drillBackup", "tags": ["backups"],
  "parameters": [{"$ref": "#/components/parameters/BackupId"}],
  "requestBody": {"required": false, "content": {"application/json": {"schema": {
    "type": "object", "additionalProperties": false,
    "properties": {"level": {"type": "string", "enum": ["L0", "L1", "L2", "L3", "L4"]}}}}}},
  "responses": {
    "202": {"$ref": "#/components/responses/Job"}
  }})json",
                                   .answer = answer};

} // namespace aethel::platform::routes
