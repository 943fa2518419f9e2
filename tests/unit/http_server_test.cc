// The server over real sockets of the loopback, with a client that says exactly what it wants.
#include "http/server.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace aethel::http {
namespace {

using std::chrono::milliseconds;

class Client {
public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view text) { ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }
  void end() { ::shutdown(socket_, SHUT_WR); }
  // Until the other end closes, or nothing comes for so long.
  std::string read(milliseconds quiet = milliseconds(5000)) {
    std::string all;
    pollfd wait{.fd = socket_, .events = POLLIN};
    while (::poll(&wait, 1, static_cast<int>(quiet.count())) == 1) {
      char buffer[4096];
      const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
      if (count <= 0) {
        closed = true;
        break;
      }
      all.append(buffer, static_cast<std::size_t>(count));
    }
    return all;
  }
  std::string ask(std::string_view text) {
    send(text);
    return read();
  }
  bool connected = false;
  bool closed = false;

private:
  int socket_;
};

Response echo(const Request& request) {
  if (request.path == "/slow") std::this_thread::sleep_for(milliseconds(400));
  return {.body = request.method + " " + request.path + " " + request.body};
}

std::unique_ptr<Server> start(ServerOptions options = {}) {
  return Server::start(options, echo).value();
}

constexpr std::string_view close_after = "Host: h\r\nConnection: close\r\n\r\n";

unsigned status(const std::string& answer) {
  return answer.starts_with("HTTP/1.") ? static_cast<unsigned>(std::atoi(answer.c_str() + 9)) : 0;
}

TEST(Server, Answers) {
  const auto server = start();
  const std::string answer =
      Client(server->port()).ask("GET /a%20b?c HTTP/1.1\r\n" + std::string(close_after));
  EXPECT_EQ(status(answer), 200u);
  EXPECT_TRUE(answer.ends_with("\r\n\r\nGET /a b ")) << answer;
  EXPECT_NE(answer.find("X-Content-Type-Options: nosniff"), std::string::npos);
}

TEST(Server, KeepsAConnectionAndAnswersInOrder) {
  const auto server = start();
  Client client(server->port());
  const std::string answer =
      client.ask("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
                 "GET /2 HTTP/1.1\r\n" +
                 std::string(close_after));
  const std::size_t one = answer.find("POST /1 abc");
  const std::size_t two = answer.find("GET /2 ");
  ASSERT_NE(one, std::string::npos) << answer;
  ASSERT_NE(two, std::string::npos) << answer;
  EXPECT_LT(one, two);
}

TEST(Server, SaysTheLengthToHead) {
  const auto server = start();
  const std::string answer =
      Client(server->port()).ask("HEAD /x HTTP/1.1\r\n" + std::string(close_after));
  EXPECT_NE(answer.find("Content-Length: 8"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(Server, RefusesWhatTwoProgramsReadDifferently) {
  const auto server = start();
  for (
      const auto& [request, expected] : std::vector<std::pair<std::string, unsigned>>{
          {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: "
           "chunked\r\n\r\n0\r\n\r\n",
           400},
          {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
          {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc", 400},
          {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc", 400},
          {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
          {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 400},
          {"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
          {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400},
          {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
           400},
          {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
          {"GET / HTTP/1.1\r\n\r\n", 400},
          {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
          {"GET / HTTP/1.1\r\nHost: h\r\n folded: x\r\n\r\n", 400},
          {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
          {"GET /../etc HTTP/1.1\r\nHost: h\r\n\r\n", 400},
          {"GET http://h@other/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
          {std::string("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 28), 400},
          {"\x16\x03\x01\x02garbage\r\n\r\n", 400}}) {
    Client client(server->port());
    client.send(request);
    const std::string answer = client.read(milliseconds(500));
    EXPECT_EQ(status(answer), expected) << request << "\n" << answer;
  }
}

TEST(Server, RefusesWhatIsTooLarge) {
  const auto server = start({.header_limit = 2048, .body_limit = 1024});
  EXPECT_EQ(
      status(Client(server->port())
                 .ask("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(4000, 'x') + "\r\n\r\n")),
      431u);
  EXPECT_EQ(
      status(
          Client(server->port()).ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\n")),
      413u);
  EXPECT_EQ(
      status(Client(server->port())
                 .ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" +
                      std::string(2048, 'x') + "\r\n0\r\n\r\n")),
      413u);
}

TEST(Server, CutsOffWhoIsSlow) {
  const auto server = start({.header_time = milliseconds(200), .idle_time = milliseconds(200)});
  for (const char* begin : {"", "G", "GET / HTTP/1.1\r\nHost: h\r\n",
                            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"}) {
    Client client(server->port());
    client.send(begin);
    client.read(milliseconds(3000));
    EXPECT_TRUE(client.closed) << begin;
  }
  EXPECT_TRUE(server->drain(milliseconds(3000)));
}

TEST(Server, AnswersWhileOthersAreSlow) {
  const auto server = start({.workers = 4});
  Client slow(server->port());
  slow.send("GET /slow HTTP/1.1\r\n" + std::string(close_after));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(status(Client(server->port()).ask("GET /x HTTP/1.1\r\n" + std::string(close_after))),
            200u);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(350));
  EXPECT_EQ(status(slow.read()), 200u);
}

TEST(Server, DrainsAndLosesNothing) {
  const auto server = start();
  Client idle(server->port());
  idle.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(status(idle.read(milliseconds(300))), 200u);
  Client busy(server->port());
  busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_TRUE(server->drain(milliseconds(3000)));
  EXPECT_EQ(server->open_connections(), 0u);
  const std::string answer = busy.read();
  EXPECT_EQ(status(answer), 200u);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
  EXPECT_TRUE(busy.closed);
  idle.read(milliseconds(2000));
  EXPECT_TRUE(idle.closed);
  EXPECT_FALSE(Client(server->port()).connected);
}

TEST(Server, DoesNotWaitForeverForWhoIsDeaf) {
  const auto server = start();
  Client busy(server->port());
  busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_FALSE(server->drain(milliseconds(10)));
}

TEST(Server, SaysWhyItCannotListen) {
  const auto server = start();
  const auto again = Server::start({.port = server->port()}, echo);
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("cannot bind 127.0.0.1:"), std::string::npos);
  EXPECT_FALSE(Server::start({.address = "localhost"}, echo));
}

TEST(Server, HoldsUnderManyClients) {
  const auto server = start({.connections = 16, .threads = 2, .workers = 3});
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 40; ++i)
      clients.emplace_back([&] {
        Client client(server->port());
        if (status(client.ask("GET /x HTTP/1.1\r\n" + std::string(close_after))) == 200) ++answered;
      });
  }
  EXPECT_EQ(answered, 40);
}

} // namespace
} // namespace aethel::http
