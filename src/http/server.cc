#include "http/server.h"

#include "base/parallel.h"
#include "http/read_request.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>

namespace aethel::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

using IncomingParser = bhttp::request_parser<bhttp::string_body>;
using Incoming = bhttp::request<bhttp::string_body>;

constexpr std::chrono::milliseconds patience(250);
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t lingering_limit = 256 << 10;

Response problem(unsigned status, std::string_view message) {
  return {.status = status, .body = std::string(message) + "\n"};
}

void set_limits(IncomingParser& parser, std::size_t header_limit, std::size_t body_limit) {
  parser.header_limit(static_cast<std::uint32_t>(header_limit));
  parser.body_limit(body_limit);
}

std::string_view view_of(const beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

// What the parser takes is no more than its limits, which the buffer holds.
beast::flat_buffer::mutable_buffers_type room_in(beast::flat_buffer& buffer) {
  return buffer.prepare(std::min<std::size_t>(4096, buffer.max_size() - buffer.size()));
}

// The bytes of a head, as they come: Beast joins lines that were folded, and others in front may
// read them otherwise. RFC 9112, section 5.2.
class Head {
public:
  // False: a line is folded, or ends without a carriage return.
  bool take(std::string_view bytes) {
    for (const char c : bytes) {
      if (over_) return true;
      if (c == '\n') {
        if (last_ != '\r') return false;
        over_ = empty_ && lines_ > 0;
        ++lines_;
        empty_ = true;
      } else if (c != '\r') {
        if (empty_ && lines_ > 0 && (c == ' ' || c == '\t')) return false;
        empty_ = false;
      }
      last_ = c;
    }
    return true;
  }

private:
  char last_ = 0;
  std::size_t lines_ = 0;
  bool empty_ = true, over_ = false;
};

// What the other end is told when its bytes are no request.
Response refusal(const boost::system::error_code& error) {
  if (error == bhttp::error::header_limit) return problem(431, "the headers are too large");
  if (error == bhttp::error::body_limit) return problem(413, "the body is too large");
  if (error == bhttp::error::bad_version) return problem(505, "HTTP/1.1 is spoken here");
  return problem(400, "not a request of HTTP/1.1");
}

// The other end sends its body when it is told to: RFC 9110, section 10.1.1.
bool expects_word(const Incoming& message) {
  return message.version() == 11 && beast::iequals(message[bhttp::field::expect], "100-continue");
}

// What two programs may read differently is refused: that is how requests are smuggled.
std::optional<Response> refuse(const Incoming& request) {
  const auto count = [&](bhttp::field field) {
    return std::distance(request.equal_range(field).first, request.equal_range(field).second);
  };
  if (request.version() != 11 && request.version() != 10)
    return problem(505, "HTTP/1.1 is spoken here");
  if (count(bhttp::field::content_length) > 1 || count(bhttp::field::transfer_encoding) > 1 ||
      (count(bhttp::field::content_length) > 0 && count(bhttp::field::transfer_encoding) > 0))
    return problem(400, "the length of the body is said twice");
  const auto value = [&](bhttp::field field) {
    const auto text = request[field];
    return std::string_view(text.data(), text.size());
  };
  // Beast takes "3, 3" for 3, and a coding that it does not know for none.
  if (count(bhttp::field::content_length) > 0 &&
      value(bhttp::field::content_length).find_first_not_of("0123456789") != std::string_view::npos)
    return problem(400, "the length of the body is no number");
  if (count(bhttp::field::transfer_encoding) > 0 &&
      !beast::iequals(request[bhttp::field::transfer_encoding], "chunked"))
    return problem(400, "the body may be chunked, and nothing else");
  if (count(bhttp::field::transfer_encoding) > 0 && request.version() == 10)
    return problem(400, "HTTP/1.0 has no Transfer-Encoding");
  if (request.version() == 11 && count(bhttp::field::expect) > 0 && !expects_word(request))
    return problem(417, "only 100-continue may be expected");
  if (count(bhttp::field::host) > 1 || (count(bhttp::field::host) == 0 && request.version() == 11))
    return problem(400, "one Host is needed");
  // A line that was folded into it, among others.
  for (const char c : value(bhttp::field::host))
    if (static_cast<unsigned char>(c) <= ' ' || c == ',' || c == '/' || c == '@')
      return problem(400, "the Host is none");
  return {};
}

// Nothing when its target is no path.
std::optional<Request> request_of(const Incoming& message, const std::string& peer) {
  auto target = parse_target({message.target().data(), message.target().size()});
  if (!target) return {};
  Request request{.method = std::string(message.method_string()),
                  .path = std::move(target->path),
                  .query = std::move(target->query),
                  .body = message.body(),
                  .peer = peer};
  for (const auto& field : message)
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  return request;
}

class BeastServer final : public Server {
public:
  BeastServer(const ServerOptions& options, Handler handler, QuickHandler quick)
      : options_(options), handler_(std::move(handler)), quick_(std::move(quick)),
        network_(static_cast<int>(options.threads)), acceptor_(asio::make_strand(network_)),
        pool_(options.workers) {}

  ~BeastServer() override {
    stopping_ = true;
    network_.stop();
    threads_.join();
    pool_.join();
  }

  Result<void> begin() {
    error_code error;
    const asio::ip::address address = asio::ip::make_address(options_.address, error);
    if (error) return fail(fmt::format("\"{}\" is no address to listen on", options_.address));
    const tcp::endpoint endpoint(address, options_.port);
    const auto failed = [&](std::string_view what) {
      return fail(fmt::format("cannot {} {}:{}: {}", what, options_.address, options_.port,
                              error.message()));
    };
    if (acceptor_.open(endpoint.protocol(), error); error) return failed("open");
    acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (acceptor_.bind(endpoint, error); error) return failed("bind");
    if (acceptor_.listen(asio::socket_base::max_listen_connections, error); error)
      return failed("listen on");
    port_ = acceptor_.local_endpoint(error).port();
    asio::co_spawn(acceptor_.get_executor(), accept(), asio::detached);
    for (unsigned i = 0; i < options_.threads; ++i) threads_.start([this] { network_.run(); });
    return {};
  }

  std::uint16_t port() const override { return port_; }
  unsigned open_connections() const override { return open_; }

  bool drain(std::chrono::milliseconds limit) override {
    draining_ = true;
    asio::post(acceptor_.get_executor(), [this] {
      error_code ignored;
      acceptor_.close(ignored);
    });
    // Who waits for another request on an open connection is let go; the others end by themselves.
    {
      const std::scoped_lock lock(mutex_);
      for (const Waiting* each : waiting_)
        if (!each->begun) let_go(*each);
    }
    std::unique_lock lock(mutex_);
    return closed_.wait_for(lock, limit, [this] { return open_ == 0; });
  }

private:
  // A connection that waits for its next request, or for the rest of one.
  struct Waiting {
    beast::tcp_stream& stream;
    std::shared_ptr<bool> alive;
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
    bool begun = false; // a byte of the request is there
  };

  static void let_go(const Waiting& waiting) {
    asio::post(waiting.stream.get_executor(), [stream = &waiting.stream, alive = waiting.alive] {
      if (*alive) stream->close();
    });
  }

  // Who opens connections and says little on them keeps nobody else out: whoever has waited the
  // longest goes, but nobody who may have been about to speak.
  bool let_go_of_oldest() {
    const std::scoped_lock lock(mutex_);
    if (waiting_.empty() || std::chrono::steady_clock::now() - waiting_.front()->since < patience)
      return false;
    let_go(*waiting_.front());
    waiting_.pop_front();
    return true;
  }

  asio::awaitable<void> accept() {
    asio::steady_timer pause(co_await asio::this_coro::executor);
    bool made_room = false;
    while (!draining_) {
      // One more than there may be: it is the one that another has to go for.
      if (open_ > options_.connections) {
        if (!made_room) made_room = let_go_of_oldest();
        pause.expires_after(std::chrono::milliseconds(5));
        error_code ignored;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        continue;
      }
      made_room = false;
      error_code error;
      tcp::socket socket = co_await acceptor_.async_accept(
          asio::make_strand(network_), asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted || draining_) co_return;
      if (error) {
        // No descriptor left, or the other end is gone already: not faster than this.
        pause.expires_after(std::chrono::milliseconds(20));
        error_code ignored;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        continue;
      }
      ++open_;
      const auto executor = socket.get_executor();
      asio::co_spawn(executor, serve(beast::tcp_stream(std::move(socket))),
                     [this](const std::exception_ptr&) {
                       const std::scoped_lock lock(mutex_);
                       --open_;
                       closed_.notify_all();
                     });
    }
  }

  asio::awaitable<void> serve(beast::tcp_stream stream) {
    error_code error;
    stream.socket().set_option(tcp::no_delay(true), error);
    const tcp::endpoint peer = stream.socket().remote_endpoint(error);
    const std::string from = error ? std::string() : peer.address().to_string();
    beast::flat_buffer buffer(options_.header_limit + options_.body_limit);
    bool first = true;
    bool unread = false;
    for (bool more = true; more;) {
      IncomingParser parser;
      set_limits(parser, options_.header_limit, options_.body_limit);
      // The time of a request begins with its first byte: an idle connection is no slow request.
      Waiting waiting{stream, std::make_shared<bool>(true)};
      waiting.begun = buffer.size() > 0;
      {
        const std::scoped_lock lock(mutex_);
        waiting_.push_back(&waiting);
      }
      error = {};
      if (!waiting.begun && draining_ && !first) {
        error = asio::error::operation_aborted;
      } else if (!waiting.begun) {
        stream.expires_after(first ? options_.header_time : options_.idle_time);
        const std::size_t got = co_await stream.async_read_some(
            room_in(buffer), asio::redirect_error(asio::use_awaitable, error));
        buffer.commit(got);
      }
      if (!error) {
        {
          const std::scoped_lock lock(mutex_);
          waiting.begun = true;
        }
        first = false;
        stream.expires_after(options_.header_time);
        error = co_await read_head(stream, buffer, parser);
      }
      // Before its body: a client that waits for a word before it sends one learns of it now.
      std::optional<Response> refused;
      if (!error) refused = refuse(parser.get());
      if (!error && !refused && !parser.is_done()) {
        if (expects_word(parser.get()))
          co_await asio::async_write(stream, asio::buffer(go_on),
                                     asio::redirect_error(asio::use_awaitable, error));
        if (!error)
          co_await bhttp::async_read(stream, buffer, parser,
                                     asio::redirect_error(asio::use_awaitable, error));
      }
      *waiting.alive = false;
      {
        const std::scoped_lock lock(mutex_);
        std::erase(waiting_, &waiting);
      }
      if (error && !waiting.begun) break;
      Response response;
      bool keep = false;
      bool head = false;
      unsigned version = 11;
      if (error) {
        if (error == bhttp::error::end_of_stream || error == asio::error::connection_reset ||
            error == asio::error::operation_aborted)
          break;
        // After the time is over the stream is closed: nobody reads the answer.
        if (error == beast::error::timeout) break;
        response = refusal(error);
        unread = true;
      } else {
        const auto& message = parser.get();
        head = message.method() == bhttp::verb::head;
        version = message.version();
        keep = message.keep_alive();
        if (refused) {
          response = std::move(*refused);
          keep = false;
          unread = true;
        } else {
          const std::optional<Request> request = request_of(message, from);
          keep = keep && request.has_value();
          response = problem(400, "the path is none");
          if (request) response = co_await answer(*request);
        }
      }
      more = keep && !draining_;
      if (!co_await write(stream, response, head, version, more)) break;
    }
    stream.socket().shutdown(tcp::socket::shutdown_send, error);
    // A close with bytes that nobody read resets the connection, and the answer may go with it:
    // what still comes is forgotten, for a moment. RFC 9112, section 9.6.
    stream.expires_after(std::chrono::seconds(1));
    for (std::size_t left = lingering_limit; unread && left > 0;) {
      error = {};
      buffer.clear();
      const std::size_t got = co_await stream.async_read_some(
          room_in(buffer), asio::redirect_error(asio::use_awaitable, error));
      if (error) break;
      left -= std::min(left, got);
    }
  }

  asio::awaitable<error_code> read_head(beast::tcp_stream& stream, beast::flat_buffer& buffer,
                                        IncomingParser& parser) {
    Head head;
    std::size_t seen = 0; // of the buffer
    for (;;) {
      error_code error;
      if (buffer.size() > 0) {
        if (!head.take(view_of(buffer).substr(seen))) co_return bhttp::error::bad_line_ending;
        const std::size_t used = parser.put(buffer.data(), error);
        buffer.consume(used);
        seen = buffer.size();
        if (error && error != bhttp::error::need_more) co_return error;
        if (parser.is_header_done()) co_return error_code();
      }
      error = {};
      const std::size_t got = co_await stream.async_read_some(
          room_in(buffer), asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::eof) co_return bhttp::error::partial_message;
      if (error) co_return error;
      buffer.commit(got);
    }
  }

  asio::awaitable<Response> answer(const Request& request) {
    if (quick_)
      if (auto quick = quick_(request)) co_return std::move(*quick);
    Response response = co_await asio::co_spawn(pool_, work(request), asio::use_awaitable);
    co_return response;
  }

  asio::awaitable<Response> work(const Request& request) { co_return handler_(request); }

  asio::awaitable<bool> write(beast::tcp_stream& stream, Response& from, bool head,
                              unsigned version, bool keep) {
    bhttp::response<bhttp::string_body> response;
    response.version(version);
    response.result(from.status);
    response.reason({reason_of(from.status).data(), reason_of(from.status).size()});
    for (const auto& [name, value] : from.headers) response.set(name, value);
    if (!from.type.empty()) response.set(bhttp::field::content_type, from.type);
    response.set("X-Content-Type-Options", "nosniff");
    if (response.find(bhttp::field::cache_control) == response.end())
      response.set(bhttp::field::cache_control, "no-store");
    response.keep_alive(keep);
    response.body() = std::move(from.body);
    response.prepare_payload();
    if (head) {
      // The length of what GET would bring.
      response.body().clear();
    }
    bhttp::response_serializer<bhttp::string_body> serializer(response);
    stream.expires_after(options_.write_time);
    error_code error;
    if (head) {
      co_await bhttp::async_write_header(stream, serializer,
                                         asio::redirect_error(asio::use_awaitable, error));
    } else {
      co_await bhttp::async_write(stream, serializer,
                                  asio::redirect_error(asio::use_awaitable, error));
    }
    co_return !error;
  }

  const ServerOptions options_;
  const Handler handler_;
  const QuickHandler quick_;
  asio::io_context network_;
  tcp::acceptor acceptor_;
  asio::thread_pool pool_;
  std::uint16_t port_ = 0;
  std::atomic<bool> draining_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<unsigned> open_{0};
  std::mutex mutex_;
  std::condition_variable closed_;
  std::list<Waiting*> waiting_; // who waits the longest is first
  ThreadGroup threads_;
};

} // namespace

ReadRequest read_request(std::string_view bytes, const std::string& peer, std::size_t header_limit,
                         std::size_t body_limit) {
  ReadRequest out;
  IncomingParser parser;
  set_limits(parser, header_limit, body_limit);
  parser.eager(true);
  if (Head head; !head.take(bytes)) {
    out.refused = refusal(bhttp::error::bad_line_ending);
    return out;
  }
  boost::system::error_code error;
  while (!parser.is_done() && out.used < bytes.size()) {
    const std::size_t took =
        parser.put(boost::asio::buffer(bytes.data() + out.used, bytes.size() - out.used), error);
    out.used += took;
    if (error == bhttp::error::need_more) return out;
    if (error) break;
    if (took == 0) return out;
  }
  if (error) {
    out.refused = refusal(error);
  } else if (parser.is_done()) {
    out.refused = refuse(parser.get());
    if (out.refused) return out;
    out.request = request_of(parser.get(), peer);
    if (!out.request) out.refused = problem(400, "the path is none");
  }
  return out;
}

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Handler handler,
                                              QuickHandler quick) {
  auto server = std::make_unique<BeastServer>(options, std::move(handler), std::move(quick));
  if (auto begun = server->begin(); !begun) return std::unexpected(begun.error());
  return server;
}

} // namespace aethel::http
