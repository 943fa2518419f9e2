// One call of the API: one file of platform/routes each.
#pragma once

#include "http/message.h"
#include "platform/desk.h"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace aethel::platform {

struct Call {
  const http::Request& request;
  std::map<std::string, std::string, std::less<>> parameters; // of the path
  std::string caller;                                         // the token's name
  Desk& desk;
};

struct Route {
  std::string_view method;
  std::string_view pattern; // "/api/backup/{id}": a part in braces is anything without a slash
  std::string_view scope;   // that the token needs; empty: everybody may
  std::string_view summary;
  std::string_view problems = {}; // the statuses of its own refusals: "404 409"
  // OpenAPI 3.1: members of the operation - parameters, requestBody, responses - as JSON. Its
  // problems, and what all share - 401, 403, 429 -, are added.
  std::string_view operation;
  http::Response (*answer)(Call& call);
};

namespace routes {
std::span<const Route* const> all();
}

// The route of a path and method. `allow`: the methods that the path has, when none fits.
const Route* find_route(std::string_view method, std::string_view path,
                        std::map<std::string, std::string, std::less<>>& parameters,
                        std::string& allow);

// The document that describes all of them.
std::string openapi();

http::Response json_response(unsigned status, std::string body);
// 202, and where the job is followed.
http::Response job_response(const Job& job);
http::Response problem_response(const Problem& problem);

} // namespace aethel::platform
