// The way to the API: who calls, how often, and one line of each call for the audit.
#pragma once

#include "platform/desk.h"
#include "platform/route.h"
#include "platform/tokens.h"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace aethel::platform {

// So many at once, and then so many a second (a token bucket), for each name. Bounded: names that
// are full again are forgotten.
class RateLimit {
public:
  RateLimit(double burst, double per_second) : burst_(burst), per_second_(per_second) {}
  void set(double burst, double per_second);
  // Seconds until it may be tried again; 0: now.
  unsigned take(const std::string& name, std::chrono::steady_clock::time_point now);

private:
  struct Bucket {
    double left = 0;
    std::chrono::steady_clock::time_point filled;
  };
  std::mutex mutex_;
  double burst_, per_second_;
  std::map<std::string, Bucket> buckets_;
};

constexpr int usual_rate = 10;

class Gate {
public:
  // `tokens` may be null: then only what needs no token answers. `audit` takes one line of JSON.
  Gate(Desk& desk, TokenFile* tokens, std::function<void(std::string)> audit);

  // Calls a second of each token, three times as many at once; of an address whose token is none a
  // tenth of it.
  void limit(double rate);

  http::Response answer(const http::Request& request);

private:
  http::Response decide(const http::Request& request, std::string& caller, std::string& pattern);

  Desk& desk_;
  TokenFile* tokens_;
  std::function<void(std::string)> audit_;
  RateLimit calls_{3.0 * usual_rate, usual_rate};      // of a token
  RateLimit strangers_{usual_rate, usual_rate / 10.0}; // of an address whose token is none
};

} // namespace aethel::platform
