// How long a certificate lasts: of a file, or what a server presents. A renewal that stopped is
// noticed weeks before its end.
#include "base/files.h"
#include "platform/check_kind.h"
#include "platform/checks/support/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>

namespace aethel::platform::checks {
namespace {

constexpr std::string_view keys[] = {"path",    "address",     "url",
                                     "ca_file", "server_name", "warn_days"};
constexpr std::string_view schemes[] = {"tls", "https"};
constexpr std::int64_t usual_days = 21; // ACME renews 30 days before the end
constexpr std::int64_t day = 86'400;
constexpr std::size_t file_limit = 1 << 20;

CheckResult judge(const std::vector<http::Validity>& certificates, std::int64_t warn_days) {
  const std::int64_t now = std::time(nullptr);
  for (const http::Validity& each : certificates) {
    if (each.begin > now) return fail("its certificate is not valid yet");
    if (each.end <= now)
      return fail(fmt::format("its certificate is over, since {} days", (now - each.end) / day));
  }
  const std::int64_t left = std::ranges::min(certificates, {}, &http::Validity::end).end - now;
  if (left < warn_days * day)
    return CheckResult::warn(fmt::format("its certificate is over in {} days", left / day));
  return {};
}

CheckResult look_at_file(const std::string& path, std::int64_t warn_days) {
  std::ifstream file(path, std::ios::binary);
  std::string text(file_limit + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (!file.eof() && !file.good()) || (file.gcount() == 0 && !file.eof()))
    return fail("its file cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.empty()) return fail("its file cannot be read");
  if (text.size() > file_limit) return fail("its file has more than 1 MiB");
  auto certificates = http::read_certificates(text);
  if (!certificates) return std::unexpected(certificates.error());
  return judge(*certificates, warn_days);
}

CheckResult look_at_server(const Target& target, http::Peer peer, std::int64_t warn_days,
                           http::Deadline deadline) {
  peer.host = target.host;
  peer.port = target.port;
  peer.tls = true;
  peer.trust = http::Peer::Trust::reported;
  auto connection = http::Connection::open(peer, deadline);
  if (!connection) return std::unexpected(connection.error());
  const std::vector<http::Validity> certificates = connection->certificates();
  if (certificates.empty()) return fail("it presents no certificate");
  if (connection->trusted()) return judge(certificates, warn_days);
  // What is over says more than that it is not trusted, which follows.
  if (CheckResult result = judge({certificates.front()}, 0); result.health() == Health::fail)
    return result;
  return fail(connection->out_of_time() ? "a certificate above its own is over, or not valid yet"
                                        : "its certificate is not trusted, or is for another name");
}

Result<Look> make(const CheckPlan& plan) {
  const CheckSettings& settings = plan.settings;
  const std::int64_t warn_days = settings.warn_days.value_or(usual_days);
  if (!settings.path.value.empty()) {
    for (const Located& each : {settings.ca_file, settings.server_name})
      if (!each.value.empty())
        return std::unexpected(plan.outside.wrong(each.range, "a file is asked by nobody",
                                                  "take it out, or give `url` instead of `path`"));
    return [path = settings.path.value, warn_days](http::Deadline) {
      return look_at_file(path, warn_days);
    };
  }
  auto address = plan.address();
  if (!address) return std::unexpected(address.error());
  if (auto target = parse_target(*address, schemes); !target)
    return std::unexpected(target.error());
  const http::Peer peer{.ca_file = settings.ca_file.value,
                        .server_name = settings.server_name.value};
  return [address = plan.address, peer, warn_days](http::Deadline deadline) -> CheckResult {
    auto text = address();
    if (!text) return fail("its address cannot be read");
    auto target = parse_target(*text, schemes);
    if (!target) return std::unexpected(target.error());
    return look_at_server(*target, peer, warn_days, deadline);
  };
}

} // namespace

extern constinit const CheckKind certificate;
constinit const CheckKind certificate{
    .name = "certificate", .keys = keys, .every = std::chrono::minutes(1), .make = make};

} // namespace aethel::platform::checks
