#include "http/websocket.h"

#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace aethel::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

// Of messages before the pong: a server may greet, and one that never stops is none that is well.
constexpr std::size_t messages_limit = 64;
constexpr std::size_t message_limit = 1 << 20;

// What Beast calls a SyncStream, over our connection and its deadline. The executor is for Beast's
// timers, which only its asynchronous calls use.
struct Stream {
  using executor_type = asio::io_context::executor_type;
  Connection* connection;
  executor_type executor;
  std::string* failure; // in our words
  const bool* enough;   // nothing more is read: Beast's loop looks for a message behind a pong

  executor_type get_executor() const noexcept { return executor; }

  error_code failed(const Failure& what) {
    *failure = what.message;
    return boost::system::errc::make_error_code(boost::system::errc::io_error);
  }

  template <class Buffers> std::size_t read_some(const Buffers& buffers, error_code& error) {
    if (*enough) return error = asio::error::eof, 0;
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers);
         ++at) {
      const asio::mutable_buffer buffer(*at);
      if (buffer.size() == 0) continue;
      auto count = connection->read_some(static_cast<char*>(buffer.data()), buffer.size());
      if (!count) return error = failed(count.error()), 0;
      error = *count == 0 ? error_code(asio::error::eof) : error_code();
      return *count;
    }
    error = {};
    return 0;
  }
  template <class Buffers> std::size_t read_some(const Buffers& buffers) {
    error_code error;
    const std::size_t count = read_some(buffers, error);
    if (error) throw beast::system_error(error);
    return count;
  }

  template <class Buffers> std::size_t write_some(const Buffers& buffers, error_code& error) {
    std::size_t count = 0;
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers);
         ++at) {
      const asio::const_buffer buffer(*at);
      auto written = connection->write({static_cast<const char*>(buffer.data()), buffer.size()});
      if (!written) return error = failed(written.error()), count;
      count += buffer.size();
    }
    error = {};
    return count;
  }
  template <class Buffers> std::size_t write_some(const Buffers& buffers) {
    error_code error;
    const std::size_t count = write_some(buffers, error);
    if (error) throw beast::system_error(error);
    return count;
  }
};

// The connection closes when its owner lets go of it.
void teardown(beast::role_type, Stream&, error_code& error) { error = {}; }

template <class Handler>
[[maybe_unused]] void async_teardown(beast::role_type, Stream&, Handler&& handler) {
  std::forward<Handler>(handler)(error_code());
}

} // namespace

Result<void> ping_websocket(Connection& connection, const WebSocketTarget& target) {
  asio::io_context context;
  std::string failure;
  bool answered = false;
  websocket::stream<Stream, false> socket(
      Stream{&connection, context.get_executor(), &failure, &answered});
  socket.read_message_max(message_limit);
  const auto failed = [&](const char* otherwise) {
    return fail(failure.empty() ? std::string(otherwise) : failure);
  };
  socket.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
    request.set(beast::http::field::user_agent, "aetheld");
    if (!target.origin.empty()) request.set(beast::http::field::origin, target.origin);
  }));
  error_code error;
  websocket::response_type response;
  socket.handshake(response, target.host, target.target, error);
  if (error == websocket::error::upgrade_declined)
    return fail("it answers " + std::to_string(response.result_int()) + " to the upgrade");
  if (error) return failed("it does not speak WebSocket");
  socket.control_callback([&](websocket::frame_type kind, beast::string_view payload) {
    answered |= kind == websocket::frame_type::pong && payload == "aetheld";
  });
  socket.ping("aetheld", error);
  if (error) return failed("it takes no ping");
  beast::flat_buffer buffer;
  for (std::size_t messages = 0; !answered;) {
    socket.read_some(buffer, message_limit, error);
    if (answered) break;
    if (error == websocket::error::closed) return fail("it closed before it answered the ping");
    if (error) return failed("it broke the protocol");
    if (socket.is_message_done() && ++messages == messages_limit)
      return fail("it sends without end and does not answer the ping");
    buffer.consume(buffer.size());
  }
  // The end is said; whether it is answered, too, tells nothing more.
  socket.close(websocket::close_code::normal, error);
  return {};
}

} // namespace aethel::http
