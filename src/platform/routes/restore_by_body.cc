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
      {"required": ["id", "database"], "properties": {"backupId": false, "in_place": {"const": false}}},
      {"required": ["id", "in_place"], "properties": {"backupId": false, "in_place": {"const": true}, "database": false}},
      {"required": ["backupId", "database"], "properties": {"id": false, "in_place": {"const": false}}},
      {"required": ["backupId", "in_place"], "properties": {"id": false, "in_place": {"const": true}, "database": false}}],
    "properties": {
      "id": {"type": "string", "minLength": 1, "maxLength": 64},
      "backupId": {"type": "string", "minLength": 1, "maxLength": 64, "description": "another name of id"},
      "database": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]{0,62}$"},
      "in_place": {"type": "boolean"},
      "confirmation": {"type": "string"}
    }}}}},
  "responses": {
    "202": {"$ref": "#/components/responses/Job"}
  }})json",
                                      .answer = answer};

} // namespace aethel::platform::routes
