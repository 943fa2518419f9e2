#include "platform/api_json.h"
#include "platform/route.h"

#include <nlohmann/json.hpp>

namespace aethel::platform::routes {
namespace {

http::Response answer(Call& call) {
  auto jobs = nlohmann::ordered_json::array();
  for (const Job& each : call.desk.jobs().list()) jobs.push_back(json_of(each));
  return json_response(200, text_of({{"jobs", std::move(jobs)}}));
}

} // namespace

extern constinit const Route job_list;
constinit const Route job_list{.method = "GET",
                               .pattern = "/api/jobs",
                               .scope = "read",
                               .summary = "What this process does and did, newest first",
                               .operation = R"json({
  "operationId": "listJobs", "tags": ["jobs"],
  "responses": {
    "200": {"description": "the newest hundred", "content": {"application/json": {"schema": {
      "type": "object", "additionalProperties": false, "required": ["jobs"],
      "properties": {"jobs": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}}}}}}}
  }})json",
                               .answer = answer};

} // namespace aethel::platform::routes
