// A server on loopback that does to each connection what a test says, on a thread of its own.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace aethel {

class TestPeer {
public:
  // One connection, as the server sees it.
  class Line {
  public:
    Line(int socket, const std::atomic<bool>& over) : socket_(socket), over_(over) {}
    bool over() const { return over_ || gone_; }
    void send(std::string_view bytes) {
      while (!bytes.empty() && !over()) {
        const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) gone_ = true;
        if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
      }
    }
    // What comes until the text ends so, or the other end closes.
    std::string read_until(std::string_view end) {
      std::string all;
      while (!over() && !all.contains(end)) {
        char buffer[4096];
        const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
        if (count <= 0) gone_ = true;
        if (count > 0) all.append(buffer, static_cast<std::size_t>(count));
      }
      return all;
    }
    // Until the other end has closed: nothing is ever said.
    void listen() { read_until(std::string(1, '\0') + "never"); }
    // A moment, which the end of the test or of the connection cuts short.
    void pause(int milliseconds) {
      pollfd wait{.fd = socket_, .events = POLLRDHUP, .revents = 0};
      if (!over() && ::poll(&wait, 1, milliseconds) == 1) gone_ = true;
    }

  private:
    int socket_;
    const std::atomic<bool>& over_;
    bool gone_ = false;
  };

  explicit TestPeer(std::function<void(Line&)> talk)
      : talk_(std::move(talk)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 16);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~TestPeer() {
    over_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::scoped_lock lock(mutex_);
      for (const int each : sockets_) ::shutdown(each, SHUT_RDWR);
    }
    for (std::thread& each : talks_) each.join();
    for (const int each : sockets_) ::close(each);
    ::close(listener_);
  }
  TestPeer(const TestPeer&) = delete;
  TestPeer& operator=(const TestPeer&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

private:
  void accept() {
    for (;;) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      ++connections_;
      const std::scoped_lock lock(mutex_);
      sockets_.push_back(socket);
      talks_.emplace_back([this, socket] {
        Line line(socket, over_);
        talk_(line);
        ::shutdown(socket, SHUT_RDWR);
      });
    }
  }

  const std::function<void(Line&)> talk_;
  const int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_ = false;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> talks_;
  std::thread acceptor_;
};

} // namespace aethel
