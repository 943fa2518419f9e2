// An answer of HTTP with an expected status. No redirect is followed: where it leads is another
// server, which may be well while this one is not.
#include "platform/check_kind.h"
#include "platform/checks/support/target.h"
#include "store/s3_transport.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace aethel::platform::checks {
namespace {

constexpr std::string_view keys[] = {"address", "url", "status", "ca_file"};
constexpr std::string_view schemes[] = {"http", "https"};
constexpr std::uint64_t body_limit = 1 << 20;

CheckResult look(const std::string& url, const std::vector<int>& expected,
                 const std::string& ca_file, http::Deadline deadline) {
  auto target = parse_target(url, schemes);
  if (!target) return std::unexpected(target.error());
  // libcurl waits for a look-up of a name that it has begun, past every time-out of its own.
  if (auto resolved = http::resolve(target->host, deadline); !resolved) return resolved;
  const auto left =
      std::max(std::chrono::milliseconds(1), std::chrono::duration_cast<std::chrono::milliseconds>(
                                                 deadline - std::chrono::steady_clock::now()));
  // A new connection each time: one that is kept would not notice that no more are taken.
  const auto transport = store::make_curl_transport(
      {.ca_file = ca_file, .connect_timeout = left, .request_timeout = left});
  auto answer = transport->exchange({.method = "GET",
                                     .url = url,
                                     .headers = {{"User-Agent", "aetheld"}, {"Accept", "*/*"}},
                                     .limit = body_limit});
  if (!answer && answer.error().kind == store::TransportFailure::Kind::too_large)
    return fail("its answer has more than 1 MiB: ask for a smaller page");
  if (!answer) return fail(std::string(store::describe(answer.error().kind)));
  const int status = answer->status;
  const bool well = expected.empty() ? status >= 200 && status <= 299
                                     : std::ranges::find(expected, status) != expected.end();
  if (!well) return fail(fmt::format("it answers {}", status));
  return {};
}

Result<Look> make(const CheckPlan& plan) {
  auto address = plan.address();
  if (!address) return std::unexpected(address.error());
  if (auto target = parse_target(*address, schemes); !target)
    return std::unexpected(target.error());
  std::vector<int> expected;
  for (const Located& each : plan.settings.status) {
    int number = 0;
    const char* const last = each.value.data() + each.value.size();
    const auto [end, error] = std::from_chars(each.value.data(), last, number);
    if (error != std::errc() || end != last || number < 100 || number > 599)
      return std::unexpected(plan.outside.wrong(each.range, "not a status of HTTP",
                                                "a number from 100 to 599, as in [200, 204]"));
    expected.push_back(number);
  }
  return [address = plan.address, expected,
          ca_file = plan.settings.ca_file.value](http::Deadline deadline) -> CheckResult {
    auto text = address();
    if (!text) return fail("its address cannot be read");
    return look(*text, expected, ca_file, deadline);
  };
}

} // namespace

extern constinit const CheckKind http;
constinit const CheckKind http{.name = "http", .keys = keys, .make = make};

} // namespace aethel::platform::checks
