#include "platform/restore_call.h"

namespace aethel::platform::routes {
namespace {

http::Response answer(Call& call) { return restore_call(call, call.parameters["id"]); }

} // namespace

extern constinit const Route backup_restore;
constinit const Route backup_restore{.method = "POST",
                                     .pattern = "/api/backup/{id}/restore",
                                     .scope = "restore",
                                     .summary =
                                         "Restores a backup into a new database, or in place",
                                     .problems = "404 409 415 422 428 503",
                                     .operation = R"json({
  "operationId": "restoreBackup", "tags": ["backups"],
  "parameters": [{"$ref": "#/components/parameters/BackupId"}],
  "requestBody": {"required": true, "content": {"application/json": {"schema": {
    "type": "object", "additionalProperties": false,
    "oneOf": [
      {"required": ["database"], "properties": {"in_place": {"const": false}}},
      {"required": ["in_place"], "properties": {"in_place": {"const": true}, "database": false}}],
    "properties": {
      "database": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]{0,62}$",
                   "description": "a new database on the same server, which is made"},
      "in_place": {"type": "boolean", "description": "replaces the database; the one of before is kept under another name"},
      "confirmation": {"type": "string", "description": "of the answer 428 to the same request"}
    }}}}},
  "responses": {
    "202": {"$ref": "#/components/responses/Job"}
  }})json",
                                     .answer = answer};

} // namespace aethel::platform::routes
