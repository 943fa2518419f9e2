#include "platform/route.h"

#include "platform/api_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace aethel::platform {
namespace {

std::string_view take_part(std::string_view& path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::string_view part = path.substr(0, path.find('/'));
  path.remove_prefix(part.size());
  return part;
}

// How many parts are literal; -1: it does not fit.
int fits(std::string_view pattern, std::string_view path,
         std::map<std::string, std::string, std::less<>>& parameters) {
  int literal = 0;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_part(pattern);
    const std::string_view part = take_part(path);
    if (wanted.starts_with('{')) {
      if (part.empty()) return -1;
      parameters.insert_or_assign(std::string(wanted.substr(1, wanted.size() - 2)),
                                  std::string(part));
    } else if (wanted == part) {
      ++literal;
    } else {
      return -1;
    }
  }
  return pattern.empty() && path.empty() ? literal : -1;
}

} // namespace

const Route* find_route(std::string_view method, std::string_view path,
                        std::map<std::string, std::string, std::less<>>& parameters,
                        std::string& allow) {
  // "/api/backup/restore" is no id "restore": what is literal goes before what is not.
  int best = -1;
  for (const Route* each : routes::all()) {
    std::map<std::string, std::string, std::less<>> ignored;
    best = std::max(best, fits(each->pattern, path, ignored));
  }
  if (best < 0) return nullptr;
  const Route* found = nullptr;
  for (const Route* each : routes::all()) {
    std::map<std::string, std::string, std::less<>> taken;
    if (fits(each->pattern, path, taken) != best) continue;
    for (const std::string_view name : {each->method, std::string_view("HEAD")}) {
      if (name == "HEAD" && each->method != "GET") continue;
      if (!allow.empty()) allow += ", ";
      allow += name;
    }
    if (each->method != method && !(method == "HEAD" && each->method == "GET")) continue;
    found = each;
    parameters = std::move(taken);
  }
  return found;
}

http::Response json_response(unsigned status, std::string body) {
  return {.status = status, .type = "application/json", .body = std::move(body)};
}

http::Response job_response(const Job& job) {
  http::Response response = json_response(202, text_of(json_of(job)));
  response.headers.emplace_back("Location", "/api/jobs/" + job.id);
  return response;
}

http::Response problem_response(const Problem& problem) {
  nlohmann::ordered_json body = {{"type", "about:blank"},
                                 {"title", http::reason_of(problem.status)},
                                 {"status", problem.status},
                                 {"detail", problem.detail}};
  if (!problem.confirmation.empty()) body["confirmation"] = problem.confirmation;
  http::Response response{
      .status = problem.status, .type = "application/problem+json", .body = text_of(body)};
  if (problem.retry_after > 0)
    response.headers.emplace_back("Retry-After", std::to_string(problem.retry_after));
  return response;
}

} // namespace aethel::platform
