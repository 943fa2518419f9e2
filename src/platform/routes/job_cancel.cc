#include "platform/api_json.h"
#include "platform/route.h"

#include <nlohmann/json.hpp>

namespace aethel::platform::routes {
namespace {

http::Response answer(Call& call) {
  const std::string& id = call.parameters["id"];
  const auto job = call.desk.jobs().find(id);
  if (!job) return problem_response({.status = 404, .detail = "this process has no such job"});
  if (!call.desk.jobs().cancel(id))
    return problem_response({.status = 409, .detail = "the job has ended"});
  return job_response(*job);
}

} // namespace

extern constinit const Route job_cancel;
constinit const Route job_cancel{
    .method = "DELETE",
    .pattern = "/api/jobs/{id}",
    .scope = "run",
    .summary = "Cancels a job: what waits does not begin, a backup stops and leaves nothing",
    .problems = "404 409",
    .operation = R"json({
  "operationId": "cancelJob", "tags": ["jobs"],
  "parameters": [{"$ref": "#/components/parameters/JobId"}],
  "responses": {
    "202": {"$ref": "#/components/responses/Job"}
  }})json",
    .answer = answer};

} // namespace aethel::platform::routes
