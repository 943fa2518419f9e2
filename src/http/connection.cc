#include "http/connection.h"

#include "base/parallel.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <utility>

namespace aethel::http {
namespace {

using std::chrono::milliseconds;

// So many look-ups may hang at once; more would be threads without end.
constexpr int lookups_limit = 16;
constexpr std::size_t addresses_limit = 16; // that are tried, of one name

struct FreeSsl {
  void operator()(SSL_CTX* it) const { SSL_CTX_free(it); }
  void operator()(SSL* it) const { SSL_free(it); }
  void operator()(BIO* it) const { BIO_free(it); }
  void operator()(X509* it) const { X509_free(it); }
};
template <class T> using Owned = std::unique_ptr<T, FreeSsl>;

class Socket {
public:
  Socket() = default;
  explicit Socket(int number) : number_(number) {}
  Socket(Socket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Socket() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }

private:
  int number_ = -1;
};

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

struct Lookup {
  std::string host;
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::vector<Endpoint> found;
};

int left(Deadline deadline) {
  const auto time =
      std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(time, 0, 3'600'000));
}

// True: it is ready, or has failed, which the next call says.
bool wait_for(int socket, short events, Deadline deadline) {
  pollfd wait{.fd = socket, .events = events, .revents = 0};
  for (;;) {
    const int time = left(deadline);
    if (time == 0) return false;
    const int count = ::poll(&wait, 1, time);
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) return true;
  }
}

std::vector<Endpoint> look_up(const std::string& host, int flags) {
  addrinfo hints{};
  hints.ai_flags = flags;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  std::vector<Endpoint> found;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return found;
  for (const addrinfo* each = list; each != nullptr && found.size() < addresses_limit;
       each = each->ai_next) {
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    Endpoint& to = found.emplace_back();
    std::memcpy(&to.address, each->ai_addr, each->ai_addrlen);
    to.size = each->ai_addrlen;
  }
  ::freeaddrinfo(list);
  return found;
}

std::atomic<int> lookups = 0;

Result<std::vector<Endpoint>> endpoints(const std::string& host, Deadline deadline) {
  if (host.starts_with('/')) {
    Endpoint endpoint;
    auto& address = reinterpret_cast<sockaddr_un&>(endpoint.address);
    if (host.size() >= sizeof address.sun_path) return fail("the path of its socket is too long");
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, host.c_str(), host.size() + 1);
    endpoint.size = sizeof address;
    return std::vector{endpoint};
  }
  if (auto found = look_up(host, AI_NUMERICHOST); !found.empty()) return found;
  // getaddrinfo() has no deadline and cannot be ended: it is left behind when it takes too long.
  if (lookups.fetch_add(1) >= lookups_limit) {
    lookups.fetch_sub(1);
    return fail("its name is not resolved in time");
  }
  auto lookup = std::make_shared<Lookup>();
  lookup->host = host;
  start_detached([lookup] {
    auto found = look_up(lookup->host, AI_ADDRCONFIG);
    lookups.fetch_sub(1);
    const std::scoped_lock lock(lookup->mutex);
    lookup->found = std::move(found);
    lookup->done = true;
    lookup->changed.notify_all();
  });
  std::unique_lock lock(lookup->mutex);
  if (!lookup->changed.wait_until(lock, deadline, [&] { return lookup->done; }))
    return fail("its name is not resolved in time");
  if (lookup->found.empty()) return fail("its name cannot be resolved");
  return std::move(lookup->found);
}

Result<Socket> connect_to(const Peer& peer, Deadline deadline) {
  auto where = endpoints(peer.host, deadline);
  if (!where) return std::unexpected(where.error());
  bool late = false;
  for (Endpoint& each : *where) {
    if (each.address.ss_family == AF_INET)
      reinterpret_cast<sockaddr_in&>(each.address).sin_port = htons(peer.port);
    if (each.address.ss_family == AF_INET6)
      reinterpret_cast<sockaddr_in6&>(each.address).sin6_port = htons(peer.port);
    Socket socket(::socket(each.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.get() < 0) continue;
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&each.address), each.size) == 0)
      return socket;
    if (errno != EINPROGRESS) continue;
    if (!wait_for(socket.get(), POLLOUT, deadline)) {
      late = true;
      break;
    }
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
      return socket;
  }
  return fail(late ? "it cannot be connected to in time" : "it cannot be connected to");
}

std::int64_t seconds(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<std::int64_t>(::timegm(&parts)) : 0;
}

Validity validity(const X509* certificate) {
  return {seconds(X509_get0_notBefore(certificate)), seconds(X509_get0_notAfter(certificate))};
}

} // namespace

struct Connection::State {
  Deadline deadline;
  Socket socket;
  Owned<SSL_CTX> context;
  Owned<SSL> tls; // after the socket and the context: it ends before them

  // 0: again. Otherwise what SSL_get_error says.
  Result<int> wait_after(int result) {
    const int error = SSL_get_error(tls.get(), result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return error;
    if (!wait_for(socket.get(), error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline))
      return fail("it does not answer in time");
    return 0;
  }

  Result<void> shake_hands(const Peer& peer) {
    ERR_clear_error();
    context.reset(SSL_CTX_new(TLS_client_method()));
    if (!context) return fail("there is no memory for TLS");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // The chain is verified in any case; whoever asks for certificates wants to see bad ones, too.
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    if (peer.ca_file.empty())
      SSL_CTX_set_default_verify_paths(context.get());
    else if (SSL_CTX_load_verify_locations(context.get(), peer.ca_file.c_str(), nullptr) != 1)
      return fail("the file of who is trusted cannot be read");
    tls.reset(SSL_new(context.get()));
    if (!tls) return fail("there is no memory for TLS");
    const std::string& name = peer.server_name.empty() ? peer.host : peer.server_name;
    X509_VERIFY_PARAM* const verify = SSL_get0_param(tls.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(verify, name.c_str()) != 1) {
      SSL_set_tlsext_host_name(tls.get(), name.c_str());
      SSL_set_hostflags(tls.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      if (SSL_set1_host(tls.get(), name.c_str()) != 1) return fail("its name is none for TLS");
    }
    SSL_set_fd(tls.get(), socket.get());
    for (;;) {
      // A peer that keeps renegotiating or drips would keep what waits inside the loop: the time
      // is looked at in every turn.
      if (left(deadline) == 0) return fail("it does not answer in time");
      const int result = SSL_connect(tls.get());
      if (result == 1) break;
      auto error = wait_after(result);
      if (!error) return std::unexpected(error.error());
      if (*error != 0) return fail("TLS cannot be spoken with it");
    }
    if (peer.trust == Peer::Trust::required && SSL_get_verify_result(tls.get()) != X509_V_OK)
      return fail("its certificate is not trusted");
    return {};
  }
};

Result<void> resolve(const std::string& host, Deadline deadline) {
  auto found = endpoints(host, deadline);
  if (!found) return std::unexpected(found.error());
  return {};
}

Result<std::vector<Validity>> read_certificates(std::string_view pem) {
  ERR_clear_error();
  const Owned<BIO> bytes(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Validity> out;
  for (;;) {
    const Owned<X509> each(PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr));
    if (!each) break;
    out.push_back(validity(each.get()));
  }
  // The end of a file is "no line that begins one"; all else is a certificate that is damaged.
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_REASON(error) != PEM_R_NO_START_LINE) return fail("a certificate cannot be read");
  if (out.empty()) return fail("there is no certificate in it");
  return out;
}

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const Peer& peer, Deadline deadline) {
  auto socket = connect_to(peer, deadline);
  if (!socket) return std::unexpected(socket.error());
  auto state = std::make_unique<State>();
  state->deadline = deadline;
  state->socket = std::move(*socket);
  if (peer.tls)
    if (auto shaken = state->shake_hands(peer); !shaken) return std::unexpected(shaken.error());
  return Connection(std::move(state));
}

Result<std::size_t> Connection::read_some(char* to, std::size_t size) {
  for (;;) {
    if (left(state_->deadline) == 0) return fail("it does not answer in time");
    if (state_->tls) {
      ERR_clear_error();
      std::size_t count = 0;
      const int result = SSL_read_ex(state_->tls.get(), to, size, &count);
      if (result == 1) return count;
      auto error = state_->wait_after(result);
      if (!error) return std::unexpected(error.error());
      if (*error == SSL_ERROR_ZERO_RETURN) return 0;
      if (*error != 0) return fail("the connection broke");
      continue;
    }
    const ssize_t count = ::recv(state_->socket.get(), to, size, 0);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return fail("the connection broke");
    if (!wait_for(state_->socket.get(), POLLIN, state_->deadline))
      return fail("it does not answer in time");
  }
}

Result<void> Connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (left(state_->deadline) == 0) return fail("it takes nothing in time");
    if (state_->tls) {
      ERR_clear_error();
      std::size_t count = 0;
      const int result = SSL_write_ex(state_->tls.get(), bytes.data(), bytes.size(), &count);
      if (result == 1) {
        bytes.remove_prefix(count);
        continue;
      }
      auto error = state_->wait_after(result);
      if (!error) return std::unexpected(error.error());
      if (*error != 0) return fail("the connection broke");
      continue;
    }
    const ssize_t count = ::send(state_->socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return fail("the connection broke");
    if (!wait_for(state_->socket.get(), POLLOUT, state_->deadline))
      return fail("it takes nothing in time");
  }
  return {};
}

std::vector<Validity> Connection::certificates() const {
  std::vector<Validity> out;
  // What a server sends may hold more than what its own leads through: old roots, which may be
  // over.
  const STACK_OF(X509)* const chain = trusted() ? SSL_get0_verified_chain(state_->tls.get())
                                                : SSL_get_peer_cert_chain(state_->tls.get());
  for (int i = 0; i < sk_X509_num(chain); ++i) out.push_back(validity(sk_X509_value(chain, i)));
  return out;
}

bool Connection::trusted() const { return SSL_get_verify_result(state_->tls.get()) == X509_V_OK; }

bool Connection::out_of_time() const {
  const long result = SSL_get_verify_result(state_->tls.get());
  return result == X509_V_ERR_CERT_HAS_EXPIRED || result == X509_V_ERR_CERT_NOT_YET_VALID;
}

} // namespace aethel::http
