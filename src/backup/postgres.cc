#include "backup/postgres.h"

#include "base/parallel.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <charconv>
#include <poll.h>
#include <utility>

namespace aethel::backup {
namespace {

struct Variable {
  std::string_view word, name;
};
// https://www.postgresql.org/docs/current/libpq-envars.html
constexpr Variable variables[] = {
    {"host", "PGHOST"},
    {"hostaddr", "PGHOSTADDR"},
    {"port", "PGPORT"},
    {"dbname", "PGDATABASE"},
    {"user", "PGUSER"},
    {"password", "PGPASSWORD"},
    {"passfile", "PGPASSFILE"},
    {"options", "PGOPTIONS"},
    {"application_name", "PGAPPNAME"},
    {"sslmode", "PGSSLMODE"},
    {"sslcert", "PGSSLCERT"},
    {"sslkey", "PGSSLKEY"},
    {"sslrootcert", "PGSSLROOTCERT"},
    {"sslcrl", "PGSSLCRL"},
    {"ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"},
    {"ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"},
    {"channel_binding", "PGCHANNELBINDING"},
    {"gssencmode", "PGGSSENCMODE"},
    {"krbsrvname", "PGKRBSRVNAME"},
    {"connect_timeout", "PGCONNECT_TIMEOUT"},
    {"client_encoding", "PGCLIENTENCODING"},
    {"target_session_attrs", "PGTARGETSESSIONATTRS"},
};

struct Close {
  void operator()(PGconn* connection) const { ::PQfinish(connection); }
  void operator()(PGresult* result) const { ::PQclear(result); }
  void operator()(PGcancel* cancel) const { ::PQfreeCancel(cancel); }
};
using ResultPtr = std::unique_ptr<PGresult, Close>;

// One line, and of a server's message the first: what follows may quote values of rows.
std::string first_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  text = text.substr(0, text.find('\n'));
  for (const std::string_view prefix : {"ERROR:  ", "FATAL:  "})
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  return std::string(text);
}

// What values look like must not depend on the server's or the role's settings: the digests of
// source and restored are compared as text.
constexpr std::string_view pinned =
    "SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; "
    "SET TimeZone = 'UTC'; SET extra_float_digits = 3; SET bytea_output = 'hex'; "
    "SET xmloption = 'content'; SET lc_monetary = 'C'; SET quote_all_identifiers = off; "
    "SET row_security = off; SET search_path = pg_catalog; SET statement_timeout = 0; "
    "SET lock_timeout = '60s'; SET idle_in_transaction_session_timeout = 0; SET jit = off; "
    "SET default_transaction_read_only = off; SET default_transaction_isolation = 'read "
    "committed'; "
    "SET standard_conforming_strings = on; SET synchronize_seqscans = off";

} // namespace

std::string Address::word(const std::string& name) const {
  const auto found = words.find(name);
  return found == words.end() ? std::string() : found->second;
}

Address Address::with(const std::string& name, std::string value) const {
  Address copy = *this;
  copy.words[name] = std::move(value);
  return copy;
}

std::string Address::describe() const {
  const std::string host = word("host").empty() ? word("hostaddr") : word("host");
  const std::string port = word("port");
  const std::string user = word("user");
  return fmt::format("{}{}{}{}", word("dbname").empty() ? "the default database" : word("dbname"),
                     host.empty() ? "" : " at " + host,
                     port.empty() || host.starts_with('/') ? "" : ":" + port,
                     user.empty() ? "" : " as " + user);
}

std::vector<std::string> Address::environment() const {
  std::vector<std::string> out;
  for (const Variable& each : variables)
    if (const std::string value = word(std::string(each.word)); !value.empty())
      out.push_back(fmt::format("{}={}", each.name, value));
  return out;
}

Result<Address> parse_address(const std::string& text) {
  char* error = nullptr;
  PQconninfoOption* const options = ::PQconninfoParse(text.c_str(), &error);
  if (options == nullptr) {
    // libpq quotes the text, and so the password: only its first words say what is wrong.
    if (error != nullptr) ::PQfreemem(error);
    return fail({.message = "the address of the database is neither a URL nor a list of keywords",
                 .hint =
                     "postgresql://user:password@host:5432/database; in a password @ is %40, / is "
                     "%2F, % is %25"});
  }
  Address address;
  for (const PQconninfoOption* each = options; each->keyword != nullptr; ++each)
    if (each->val != nullptr) address.words[each->keyword] = each->val;
  ::PQconninfoFree(options);
  return address;
}

std::uint64_t Rows::number(std::size_t row, std::size_t column) const {
  const std::string& text = at(row, column);
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

struct Session::State {
  std::unique_ptr<PGconn, Close> connection;
  std::shared_ptr<PGcancel> canceller;
  const std::atomic<bool>* stop = nullptr;

  // The answer to what `send` sends: as PQexec() gives it, which cannot be stopped.
  template <class Send> Result<ResultPtr> ask(Send send) const {
    ResultPtr answer;
    if (!stopped() && send(connection.get()) != 0) answer = result();
    if (!answer && stopped()) return fail(std::string(stopped_session));
    return answer;
  }
  // The last result of what was sent; empty: it was stopped.
  ResultPtr result() const {
    ResultPtr last;
    for (;;) {
      while (stop != nullptr && ::PQisBusy(connection.get()) != 0) {
        pollfd socket{.fd = ::PQsocket(connection.get()), .events = POLLIN};
        // What has come already counts: it may be why everything is stopped.
        if (::poll(&socket, 1, 200) > 0 && ::PQconsumeInput(connection.get()) == 0) break;
        if (*stop && ::PQisBusy(connection.get()) != 0) {
          cancel();
          return {};
        }
      }
      ResultPtr next(::PQgetResult(connection.get()));
      if (!next) return last;
      last = std::move(next);
    }
  }
  bool stopped() const { return stop != nullptr && *stop; }
  // A server that hangs takes the request and never answers.
  void cancel() const {
    if (!canceller) return;
    start_detached([own = canceller] {
      char error[256];
      ::PQcancel(own.get(), error, sizeof error);
    });
  }
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::open(const Address& address, const std::atomic<bool>* stop) {
  Address full = address;
  // A server that went away without a word is noticed within a minute or two.
  for (const auto& [name, value] : {std::pair{"connect_timeout", "15"},
                                    {"keepalives_idle", "30"},
                                    {"keepalives_interval", "10"},
                                    {"keepalives_count", "4"},
                                    {"tcp_user_timeout", "90000"},
                                    {"application_name", "aethel backup"}})
    full.words.try_emplace(name, value);
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : full.words) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  auto state = std::make_unique<State>();
  state->stop = stop;
  state->connection.reset(::PQconnectdbParams(names.data(), values.data(), 0));
  PGconn* const connection = state->connection.get();
  if (::PQstatus(connection) != CONNECTION_OK)
    return fail({.message = fmt::format("cannot connect to {}: {}", address.describe(),
                                        first_line(::PQerrorMessage(connection))),
                 .hint = ::PQconnectionNeedsPassword(connection) == 0
                             ? ""
                             : "give the password in the address (of backups that is "
                               "DATABASE_URL), in the file that PGPASSFILE names, or in "
                               "~/.pgpass of this user"});
  // Messages of the server to a terminal that nobody looks at.
  ::PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
  state->canceller.reset(::PQgetCancel(connection), Close());
  Session session(std::move(state));
  // Names as the database has them: not every one comes back from UTF-8 as it was.
  if (const char* const encoding = ::PQparameterStatus(connection, "server_encoding"))
    if (::PQsetClientEncoding(connection, encoding) != 0)
      return fail(fmt::format("cannot connect to {}: {}", address.describe(),
                              first_line(::PQerrorMessage(connection))));
  if (auto set = session.run(std::string(pinned)); !set) return std::unexpected(set.error());
  return session;
}

Result<Rows> Session::query(const std::string& sql, const std::vector<std::string>& parameters) {
  PGconn* const connection = state_->connection.get();
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const std::string& each : parameters) values.push_back(each.c_str());
  const auto answer = state_->ask([&](PGconn* to) {
    return ::PQsendQueryParams(to, sql.c_str(), static_cast<int>(values.size()), nullptr,
                               values.data(), nullptr, nullptr, 0);
  });
  if (!answer) return std::unexpected(answer.error());
  const ResultPtr& result = *answer;
  const ExecStatusType status = ::PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    const char* const code = ::PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    const char* const primary = ::PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
    return fail(fmt::format("PostgreSQL: {}{}",
                            primary != nullptr ? primary : first_line(::PQerrorMessage(connection)),
                            code != nullptr ? fmt::format(" ({})", code) : ""));
  }
  Rows rows;
  const int count = ::PQntuples(result.get());
  const int columns = ::PQnfields(result.get());
  rows.rows_.reserve(count);
  rows.nulls_.reserve(count);
  for (int row = 0; row < count; ++row) {
    std::vector<std::string>& texts = rows.rows_.emplace_back();
    std::vector<bool>& nulls = rows.nulls_.emplace_back();
    for (int column = 0; column < columns; ++column) {
      texts.emplace_back(::PQgetvalue(result.get(), row, column),
                         ::PQgetlength(result.get(), row, column));
      nulls.push_back(::PQgetisnull(result.get(), row, column) != 0);
    }
  }
  return rows;
}

Result<void> Session::run(const std::string& sql) {
  PGconn* const connection = state_->connection.get();
  const auto answer = state_->ask([&](PGconn* to) { return ::PQsendQuery(to, sql.c_str()); });
  if (!answer) return std::unexpected(answer.error());
  const ResultPtr& result = *answer;
  const ExecStatusType status = ::PQresultStatus(result.get());
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY)
    return {};
  const char* const code = ::PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  return fail(fmt::format("PostgreSQL: {}{}", first_line(::PQerrorMessage(connection)),
                          code != nullptr ? fmt::format(" ({})", code) : ""));
}

int Session::version() const { return ::PQserverVersion(state_->connection.get()); }

std::string Session::version_text() const {
  return fmt::format("{}.{}", version() / 10000, version() % 10000);
}

void Session::cancel() { state_->cancel(); }

std::string connection_words(const std::string& database) {
  std::string out = "dbname='";
  for (const char c : database) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string quote_literal(std::string_view text) {
  std::string out = text.find('\\') == std::string_view::npos ? "'" : " E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + "'";
}

} // namespace aethel::backup
