// Redis and Valkey: PING, and of INFO whether it loads its data and what it is. A server that loads
// takes connections and answers, and has nothing yet.
#include "platform/check_kind.h"
#include "platform/checks/support/redis_protocol.h"
#include "platform/checks/support/target.h"

namespace aethel::platform::checks {
namespace {

constexpr std::string_view keys[] = {"address", "url", "role", "ca_file", "server_name"};
constexpr std::string_view schemes[] = {"redis", "rediss"};

Result<void> said_no(const RedisAnswer& answer) {
  const std::string_view code = answer.code();
  if (code == "LOADING") return fail("it loads its data");
  if (code == "NOAUTH") return fail("it wants a password");
  if (code == "WRONGPASS") return fail("it refuses the user or the password");
  if (code == "NOPERM") return fail("it does not let the user do that");
  if (code == "MASTERDOWN") return fail("its primary is away");
  if (code == "BUSY") return fail("a script keeps it from answering");
  return fail("it answers with an error");
}

CheckResult look(const Target& target, const std::string& role, http::Peer peer,
                 http::Deadline deadline) {
  peer.host = target.host;
  peer.port = target.port;
  peer.tls = target.scheme == "rediss";
  auto connection = http::Connection::open(peer, deadline);
  if (!connection) return std::unexpected(connection.error());
  // All at once: one turn, however far away it is.
  std::string commands;
  const bool has_password = !target.password.empty();
  if (has_password && target.user.empty())
    commands += redis_command({"AUTH", target.password});
  else if (has_password)
    commands += redis_command({"AUTH", target.user, target.password});
  commands += redis_command({"PING"});
  commands += redis_command({"INFO", "persistence"});
  commands += redis_command({"INFO", "replication"});
  if (auto sent = connection->write(commands); !sent) return sent;
  RedisReader reader(*connection);
  if (has_password) {
    auto answer = reader.read();
    if (!answer) return std::unexpected(answer.error());
    if (answer->error) return said_no(*answer);
  }
  auto pong = reader.read();
  if (!pong) return std::unexpected(pong.error());
  if (pong->error) return said_no(*pong);
  if (pong->text != "PONG") return fail("it does not speak Redis' protocol");
  std::string info;
  for (int i = 0; i < 2; ++i) {
    auto answer = reader.read();
    if (!answer) return std::unexpected(answer.error());
    // A user that may only ping is common; PING itself fails while data is loaded.
    if (answer->error && answer->code() == "NOPERM" && role.empty()) return {};
    if (answer->error) return said_no(*answer);
    info += answer->text;
  }
  if (redis_info(info, "loading") == "1") return fail("it loads its data");
  const std::string_view is = redis_info(info, "role");
  if (role == "primary" && is != "master") return fail("it is no primary");
  if (role == "replica" && is != "slave") return fail("it is no replica");
  if (is == "slave" && redis_info(info, "master_link_status") == "down")
    return CheckResult::warn("it has lost its primary");
  return {};
}

Result<Look> make(const CheckPlan& plan) {
  auto address = plan.address();
  if (!address) return std::unexpected(address.error());
  if (auto target = parse_target(*address, schemes); !target)
    return std::unexpected(target.error());
  const http::Peer peer{.ca_file = plan.settings.ca_file.value,
                        .server_name = plan.settings.server_name.value};
  return [address = plan.address, role = plan.settings.role.value,
          peer](http::Deadline deadline) -> CheckResult {
    auto text = address();
    if (!text) return fail("its address cannot be read");
    auto target = parse_target(*text, schemes);
    if (!target) return std::unexpected(target.error());
    return look(*target, role, peer, deadline);
  };
}

} // namespace

extern constinit const CheckKind redis;
constinit const CheckKind redis{.name = "redis", .keys = keys, .make = make};

} // namespace aethel::platform::checks
