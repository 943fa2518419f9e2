#include "knowledge/table.h"
#include "platform/api_json.h"
#include "platform/route.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace aethel::platform {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view frame = R"json({
  "openapi": "3.1.0",
  "info": {
    "title": "aetheld",
    "summary": "Backups of a database, each proven by restoring it",
    "description": "Calls need a bearer token of the file that `serve.tokens` names; `aetheld token` makes one. What takes long is a job: it is answered with 202 and followed under /api/jobs.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "version": "1"
  },
  "servers": [{"url": "/"}],
  "tags": [{"name": "backups"}, {"name": "jobs"}, {"name": "service"}],
  "components": {
    "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
    "schemas": {
      "Time": {"type": "string", "format": "date-time"},
      "MaybeTime": {"type": ["string", "null"], "format": "date-time"},
      "Backup": {
        "type": "object",
        "additionalProperties": false,
        "required": ["id", "database", "environment", "server", "started", "finished", "tables", "rows", "bytes", "stored",
                     "proven", "drilled", "recovery_milliseconds", "failed", "held", "notes"],
        "properties": {
          "id": {"type": "string", "pattern": "^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}$"},
          "database": {"type": "string"},
          "environment": {"type": ["string", "null"]},
          "server": {"type": "string", "description": "PostgreSQL's version", "examples": ["18.6"]},
          "started": {"$ref": "#/components/schemas/Time"},
          "finished": {"$ref": "#/components/schemas/Time"},
          "tables": {"type": "integer", "minimum": 0},
          "rows": {"type": "integer", "minimum": 0},
          "bytes": {"type": "integer", "minimum": 0, "description": "that pg_dump wrote"},
          "stored": {"type": "integer", "minimum": 0, "description": "bytes in the store, compressed and sealed"},
          "proven": {"type": ["string", "null"], "enum": ["L0", "L1", "L2", "L3", "L4", null],
                     "description": "how far a drill proved it; null: no drill passed yet"},
          "drilled": {"$ref": "#/components/schemas/MaybeTime"},
          "recovery_milliseconds": {"type": ["integer", "null"], "minimum": 0},
          "failed": {"type": ["string", "null"], "description": "why the newest drill failed"},
          "held": {"type": "boolean"},
          "notes": {"type": "array", "items": {"type": "string"}}
        }
      },
      "Job": {
        "type": "object",
        "additionalProperties": false,
        "required": ["id", "kind", "backup", "by", "state", "created", "started", "finished", "stage", "bytes_done",
                     "bytes_total", "result", "error"],
        "properties": {
          "id": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
          "kind": {"type": "string", "enum": ["backup", "drill", "restore"]},
          "backup": {"type": ["string", "null"], "description": "its id: of one that is being made, from when it exists"},
          "by": {"type": "string", "description": "the token's name, or \"schedule\""},
          "state": {"type": "string", "enum": ["waiting", "running", "succeeded", "failed", "cancelled"]},
          "created": {"$ref": "#/components/schemas/Time"},
          "started": {"$ref": "#/components/schemas/MaybeTime"},
          "finished": {"$ref": "#/components/schemas/MaybeTime"},
          "stage": {"type": ["string", "null"]},
          "bytes_done": {"type": "integer", "minimum": 0},
          "bytes_total": {"type": ["integer", "null"], "minimum": 0},
          "result": {"type": ["object", "null"]},
          "error": {"type": ["string", "null"]}
        }
      },
      "Schedule": {
        "type": "object",
        "additionalProperties": false,
        "required": ["task", "cron", "next", "state", "since", "failure"],
        "properties": {
          "task": {"type": "string", "enum": ["backup", "drill"]},
          "cron": {"type": "string", "examples": ["0 */6 * * *"]},
          "next": {"$ref": "#/components/schemas/MaybeTime"},
          "state": {"type": ["string", "null"], "enum": ["begun", "running", "succeeded", "failed", null]},
          "since": {"$ref": "#/components/schemas/MaybeTime"},
          "failure": {"type": ["string", "null"]}
        }
      },
      "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
          "type": {"type": "string"},
          "title": {"type": "string"},
          "status": {"type": "integer"},
          "detail": {"type": "string"},
          "confirmation": {"type": "string", "description": "sent with the same request within five minutes, it is done"}
        }
      }
    },
    "parameters": {
      "BackupId": {"name": "id", "in": "path", "required": true, "description": "an id, or \"latest\"",
                   "schema": {"type": "string", "minLength": 1, "maxLength": 64}},
      "JobId": {"name": "id", "in": "path", "required": true, "schema": {"type": "string", "minLength": 1, "maxLength": 64}}
    },
    "responses": {
      "Problem": {"description": "why it was not done",
                  "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
      "Job": {"description": "it was taken; Location says where it is followed",
              "headers": {"Location": {"schema": {"type": "string"}}},
              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}}
    }
  }
})json";

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

} // namespace

std::string openapi() {
  json all = json::parse(frame);
  const json shared = {{"$ref", "#/components/responses/Problem"}};
  json& paths = all["paths"];
  for (const Route* each : routes::all()) {
    json operation = {{"summary", each->summary}};
    operation.update(json::parse(each->operation));
    json responses = std::move(operation["responses"]); // no reference: members come and move
    for (const std::string_view status : knowledge::words(each->problems))
      responses[std::string(status)] = shared;
    if (each->scope.empty()) {
      operation["security"] = json::array();
    } else {
      operation["security"] = json::array({{{"bearer", json::array()}}});
      operation["description"] = fmt::format("Needs the scope `{}`.", each->scope);
      for (const char* status : {"401", "403", "429"}) responses[status] = shared;
    }
    // What no handler sees: it is refused before.
    for (const char* status : {"400", "413", "417", "431", "505"})
      if (!responses.contains(status)) responses[status] = shared;
    operation["responses"] = std::move(responses);
    paths[std::string(each->pattern)][lower(each->method)] = std::move(operation);
  }
  return text_of(all);
}

} // namespace aethel::platform
