#include "platform/restore_call.h"

namespace aethel::platform::routes {
namespace {

// As applications call it that have one address for all restores.
http::Response answer(Call& call) { return restore_call(call, {}); }

} // namespace

extern constinit const Route restore_by_body;
constinit const Route restore_by_body{.method = "POST",
                                      .pattern = "/api/backup/restore",
                                      .scope = "restore",
                                      .summary = "The same, with the backup's id in the body",
                                      .problems = "404 409 415 422 428 503",
                                      .operation = R"json({
  "operationId": "restoreByBody", "tags": ["backups"],
  "requestBody": {"required": true, "content": {"application/json": {"schema": {
    "type": "object", "additionalProperties": false,
    "oneOf": [
      {"required": ["database"], "properties": {"in_place": {"const": false}}},
      {"required": ["in_place"], "properties": {"in_place": {"const": true}, "database": false}}],
    "anyOf": [{"required": ["id"]}, {"required": ["backupId"]}],
    "properties": {
      "id": {"type": "string", "minLength": 1, "maxLength": 64},
      "backupId": {"type": "string", "minLength": 1, "maxLength": 64, "description": "another name of id, and goes before it"},
      "database": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]{0,62}$"},
      "in_place": {"type": "boolean"},
      "confirmation": {"type": "string"}
    }}}}},
  "responses": {
    "202": {"$ref": "#/components/responses/Job"}
  }})json",
                                      .answer = answer};

} // namespace aethel::platform::routes
