// A session of a PostgreSQL server, over libpq. Values come as text.
#pragma once

#include "base/result.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::backup {

// Where a server is and as whom: keywords of libpq ("host", "dbname", "password" ...), from a URL
// or a list of keywords, as libpq reads both. The password never stands in an argument of a
// program.
struct Address {
  std::map<std::string, std::string> words;

  std::string word(const std::string& name) const;
  Address with(const std::string& name, std::string value) const;
  // For people and reports: "main at db.example:5432 as aethel", without the password.
  std::string describe() const;
  // The same for programs: PGHOST and so on. What has no variable of its own - such as
  // `target_session_attrs` - stays a word of the connection string.
  std::vector<std::string> environment() const;
};
Result<Address> parse_address(const std::string& text); // messages hold nothing of the text

class Rows {
public:
  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  const std::string& at(std::size_t row, std::size_t column) const { return rows_[row][column]; }
  bool is_null(std::size_t row, std::size_t column) const { return nulls_[row][column]; }
  std::uint64_t number(std::size_t row, std::size_t column) const;
  bool boolean(std::size_t row, std::size_t column) const { return at(row, column) == "t"; }

private:
  friend class Session;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::vector<bool>> nulls_;
};

// What the calls of a session that was stopped fail with.
inline constexpr std::string_view stopped_session = "cancelled";

class Session {
public:
  // Settings that decide how values are written are pinned, and no statement waits for a lock for
  // more than a minute. Names and texts come, and go, in the encoding of the database.
  // Once `stop` is true, every call fails soon, with `stopped_session`; the server is asked to stop
  // too.
  static Result<Session> open(const Address& address, const std::atomic<bool>* stop = nullptr);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  Result<Rows> query(const std::string& sql, const std::vector<std::string>& parameters = {});
  // Several statements, no result.
  Result<void> run(const std::string& sql);
  int version() const; // 180006
  int major() const { return version() / 10000; }
  std::string version_text() const; // "18.6"
  // Asks the server to stop what the session does; from any thread.
  void cancel();

private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// For an argument of a program that would take a name with "=" in it for words of a connection.
std::string connection_words(const std::string& database);
std::string quote_name(std::string_view name);    // "a""b"
std::string quote_literal(std::string_view text); // 'a''b', for any setting of the server

} // namespace aethel::backup
