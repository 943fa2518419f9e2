#include "platform/api_json.h"
#include "platform/route.h"

#include <nlohmann/json.hpp>

namespace aethel::platform::routes {
namespace {

http::Response answer(Call& call) {
  auto found = call.desk.find(call.parameters["id"]);
  if (!found) return problem_response(found.error());
  auto reports = call.desk.reports(found->manifest.id);
  if (!reports) return problem_response(reports.error());
  nlohmann::ordered_json body = {{"backup", json_of(*found)},
                                 {"reports", nlohmann::ordered_json::array()}};
  for (const std::string& each : *reports) {
    auto report = nlohmann::ordered_json::parse(each, nullptr, false);
    if (report.is_object()) body["reports"].push_back(std::move(report));
  }
  return json_response(200, text_of(body));
}

} // namespace

extern constinit const Route backup_show;
constinit const Route backup_show{.method = "GET",
                                  .pattern = "/api/backup/{id}",
                                  .scope = "read",
                                  .summary = "One backup, with what its drills said",
                                  .problems = "404 503",
                                  .operation = R"json({
  "operationId": "showBackup", "tags": ["backups"],
  "parameters": [{"$ref": "#/components/parameters/BackupId"}],
  "responses": {
    "200": {"description": "the backup", "content": {"application/json": {"schema": {
      "type": "object", "additionalProperties": false, "required": ["backup", "reports"],
      "properties": {
        "backup": {"$ref": "#/components/schemas/Backup"},
        "reports": {"type": "array", "items": {"type": "object"}, "description": "the signed reports of its drills, oldest first"}
      }}}}}
  }})json",
                                  .answer = answer};

} // namespace aethel::platform::routes
