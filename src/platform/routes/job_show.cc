#include "platform/api_json.h"
#include "platform/route.h"

#include <nlohmann/json.hpp>

namespace aethel::platform::routes {
namespace {

http::Response answer(Call& call) {
  const auto job = call.desk.jobs().find(call.parameters["id"]);
  if (!job) return problem_response({.status = 404, .detail = "this process has no such job"});
  return json_response(200, text_of(json_of(*job)));
}

} // namespace

extern constinit const Route job_show;
constinit const Route job_show{.method = "GET",
                               .pattern = "/api/jobs/{id}",
                               .scope = "read",
                               .summary = "A job: its progress, and its end",
                               .problems = "404",
                               .operation = R"json({
  "operationId": "showJob", "tags": ["jobs"],
  "parameters": [{"$ref": "#/components/parameters/JobId"}],
  "responses": {
    "200": {"description": "the job", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}}
  }})json",
                               .answer = answer};

} // namespace aethel::platform::routes
