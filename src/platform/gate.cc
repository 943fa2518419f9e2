#include "platform/gate.h"

#include "backup/manifest.h"
#include "platform/api_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace aethel::platform {
namespace {

constexpr std::size_t names_limit = 4096;

http::Response refused(unsigned status, std::string detail, std::string name, std::string value) {
  http::Response response = problem_response({.status = status, .detail = std::move(detail)});
  response.headers.emplace_back(std::move(name), std::move(value));
  return response;
}

http::Response too_many(unsigned wait) {
  return refused(429, "too many calls", "Retry-After", std::to_string(wait));
}

} // namespace

void RateLimit::set(double burst, double per_second) {
  const std::scoped_lock lock(mutex_);
  burst_ = burst;
  per_second_ = per_second;
}

unsigned RateLimit::take(const std::string& name, std::chrono::steady_clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  if (buckets_.size() >= names_limit && !buckets_.contains(name))
    std::erase_if(buckets_, [&](const auto& each) {
      const double passed = std::chrono::duration<double>(now - each.second.filled).count();
      return each.second.left + passed * per_second_ >= burst_;
    });
  // Whoever has so many names is limited as one.
  const auto [at, fresh] =
      buckets_.try_emplace(buckets_.size() >= names_limit ? std::string() : name);
  Bucket& bucket = at->second;
  const double passed = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.left = fresh ? burst_ : std::min(burst_, bucket.left + passed * per_second_);
  bucket.filled = now;
  if (bucket.left < 1) return static_cast<unsigned>(std::ceil((1 - bucket.left) / per_second_));
  bucket.left -= 1;
  return 0;
}

Gate::Gate(Desk& desk, TokenFile* tokens, std::function<void(std::string)> audit)
    : desk_(desk), tokens_(tokens), audit_(std::move(audit)) {}

void Gate::limit(double rate) {
  calls_.set(3 * rate, rate);
  strangers_.set(rate, rate / 10);
}

http::Response Gate::answer(const http::Request& request) {
  std::string caller;
  std::string pattern;
  const auto begin = std::chrono::steady_clock::now();
  http::Response response = decide(request, caller, pattern);
  if (pattern.starts_with("/api/")) {
    // The path's template, never what was sent in its place: that may be anything.
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
    audit_(nlohmann::ordered_json{{"audit", backup::time_text(std::time(nullptr))},
                                  {"peer", request.peer},
                                  {"caller", caller},
                                  {"method", request.method},
                                  {"route", pattern},
                                  {"status", response.status},
                                  {"milliseconds", milliseconds.count()}}
               .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }
  return response;
}

http::Response Gate::decide(const http::Request& request, std::string& caller,
                            std::string& pattern) {
  Call call{.request = request, .desk = desk_};
  std::string allow;
  const Route* const route = find_route(request.method, request.path, call.parameters, allow);
  if (route == nullptr) {
    // Also what is not there and what is called wrongly is audited, and takes no token to learn:
    // the document of the API is open.
    if (request.path.starts_with("/api/")) pattern = allow.empty() ? "/api/?" : "/api/ (method)";
    if (allow.empty()) return problem_response({.status = 404, .detail = "there is nothing here"});
    return refused(405, "not allowed here", "Allow", allow);
  }
  pattern = route->pattern;
  if (!route->scope.empty()) {
    if (tokens_ == nullptr)
      return problem_response(
          {.status = 403, .detail = "no tokens are configured (serve.tokens in aethel.yaml)"});
    const auto now = std::chrono::steady_clock::now();
    const auto token = tokens_->find(request.header("Authorization"), std::time(nullptr));
    if (!token) {
      if (const unsigned wait = strangers_.take(request.peer, now); wait > 0) return too_many(wait);
      return refused(401, "a token is needed", "WWW-Authenticate", "Bearer realm=\"aethel\"");
    }
    caller = token->name;
    if (const unsigned wait = calls_.take(token->name, now); wait > 0) return too_many(wait);
    if (!token->has(route->scope))
      return refused(
          403, fmt::format("the token has no scope \"{}\"", route->scope), "WWW-Authenticate",
          fmt::format("Bearer realm=\"aethel\", error=\"insufficient_scope\", scope=\"{}\"",
                      route->scope));
  }
  call.caller = caller;
  return route->answer(call);
}

} // namespace aethel::platform
