#include "backup/probe.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cerrno>
#include <poll.h>

namespace aethel::backup {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

struct Finish {
  void operator()(PGconn* it) const { ::PQfinish(it); }
  void operator()(PGresult* it) const { ::PQclear(it); }
};

bool wait_for(PGconn* connection, short events, Deadline deadline) {
  pollfd wait{.fd = ::PQsocket(connection), .events = events, .revents = 0};
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now())
            .count();
    if (left <= 0) return false;
    const int count = ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left, 3'600'000)));
    if (count > 0 || (count < 0 && errno != EINTR)) return true;
  }
}

Result<void> connect(PGconn* connection, Deadline deadline) {
  if (connection == nullptr || ::PQstatus(connection) == CONNECTION_BAD)
    return fail("it cannot be connected to");
  for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;
       state = ::PQconnectPoll(connection)) {
    if (state == PGRES_POLLING_FAILED) break;
    if (!wait_for(connection, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
      return fail("it does not answer in time");
  }
  if (::PQstatus(connection) == CONNECTION_OK) return {};
  if (::PQconnectionNeedsPassword(connection) == 1) return fail("it wants a password");
  return fail("it cannot be connected to");
}

} // namespace

Result<bool> probe(const Address& address, Deadline deadline) {
  Address full = address;
  full.words.try_emplace("application_name", "aethel health");
  std::vector<const char*> names, values;
  for (const auto& [name, value] : full.words) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  const std::unique_ptr<PGconn, Finish> owner(
      ::PQconnectStartParams(names.data(), values.data(), 0));
  PGconn* const connection = owner.get();
  if (auto connected = connect(connection, deadline); !connected)
    return std::unexpected(connected.error());
  ::PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
  if (::PQsetnonblocking(connection, 1) != 0 ||
      ::PQsendQuery(connection, "SELECT pg_catalog.pg_is_in_recovery()") != 1)
    return fail("it takes no query");
  for (int left = 1; (left = ::PQflush(connection)) != 0;) {
    if (left < 0) return fail("the connection broke");
    if (!wait_for(connection, POLLIN | POLLOUT, deadline))
      return fail("it does not answer in time");
    if (::PQconsumeInput(connection) != 1) return fail("the connection broke");
  }
  while (::PQisBusy(connection) == 1) {
    if (!wait_for(connection, POLLIN, deadline)) return fail("it does not answer in time");
    if (::PQconsumeInput(connection) != 1) return fail("the connection broke");
  }
  const std::unique_ptr<PGresult, Finish> result(::PQgetResult(connection));
  if (::PQresultStatus(result.get()) != PGRES_TUPLES_OK || ::PQntuples(result.get()) != 1)
    return fail("it answers with an error");
  return std::string_view(::PQgetvalue(result.get(), 0, 0)) == "t";
}

} // namespace aethel::backup
