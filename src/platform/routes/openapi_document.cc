#include "platform/route.h"

namespace aethel::platform::routes {
namespace {

http::Response answer(Call&) {
  static const std::string document = openapi();
  return json_response(200, document);
}

} // namespace

extern constinit const Route openapi_document;
constinit const Route openapi_document{.method = "GET",
                                       .pattern = "/openapi.json",
                                       .scope = "",
                                       .summary = "This document",
                                       .operation = R"json({
  "operationId": "openapi", "tags": ["service"],
  "responses": {"200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}}}
  })json",
                                       .answer = answer};

} // namespace aethel::platform::routes
