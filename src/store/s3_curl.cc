#include "store/s3_transport.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <sys/socket.h>

namespace aethel::store {
namespace {

constexpr std::size_t error_limit = 64 * 1024;
constexpr std::size_t headers_limit = 64 * 1024;
constexpr std::size_t ask_first = 1 << 20;

struct Exchange {
  const HttpRequest* request = nullptr;
  const TransportOptions* options = nullptr;
  HttpResponse response;
  std::size_t sent = 0;
  std::size_t header_bytes = 0;
  bool too_large = false;
  bool cut = false; // an error's long answer: what is there will do
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(data, size * count);
  if ((exchange.header_bytes += line.size()) > headers_limit) return 0;
  if (line.starts_with("HTTP/")) { // of the last answer: "100 Continue" came before it
    exchange.response.headers.clear();
    return line.size();
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string name(line.substr(0, colon));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  constexpr std::string_view blank = " \t\r\n";
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(blank), value.size()));
  value = value.substr(0, value.find_last_not_of(blank) + 1);
  exchange.response.headers.emplace_back(std::move(name), value);
  return line.size();
}

struct Handle {
  CURL* curl = nullptr;
  Exchange exchange;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& handle = *static_cast<Handle*>(user);
  Exchange& exchange = handle.exchange;
  const std::size_t bytes = size * count;
  long status = 0;
  curl_easy_getinfo(handle.curl, CURLINFO_RESPONSE_CODE, &status);
  std::string& body = exchange.response.body;
  if (status < 200 || status > 299) {
    if (body.size() + bytes > error_limit) {
      exchange.cut = true;
      return 0;
    }
  } else if (bytes > exchange.request->limit || body.size() > exchange.request->limit - bytes) {
    exchange.too_large = true;
    return 0;
  } else if (body.empty()) {
    // What is said to come, as far as it may: one allocation an object.
    curl_off_t length = 0;
    curl_easy_getinfo(handle.curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length > 0 && static_cast<std::uint64_t>(length) > exchange.request->limit) {
      exchange.too_large = true;
      return 0;
    }
    if (length > 0) body.reserve(static_cast<std::size_t>(std::min<curl_off_t>(length, 64 << 20)));
  }
  body.append(data, bytes);
  return bytes;
}

std::size_t on_send(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = static_cast<Handle*>(user)->exchange;
  const std::string_view rest = exchange.request->body.substr(exchange.sent);
  const std::size_t bytes = std::min(size * count, rest.size());
  if (bytes > 0) std::memcpy(data, rest.data(), bytes);
  exchange.sent += bytes;
  return bytes;
}

// libcurl asks for it when a kept connection turns out to be dead.
int on_seek(void* user, curl_off_t offset, int origin) {
  auto& exchange = static_cast<Handle*>(user)->exchange;
  if (origin != SEEK_SET || offset < 0 ||
      static_cast<std::uint64_t>(offset) > exchange.request->body.size())
    return CURL_SEEKFUNC_FAIL;
  exchange.sent = static_cast<std::size_t>(offset);
  return CURL_SEEKFUNC_OK;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Handle*>(user)->exchange.options->stop.stop_requested() ? 1 : 0;
}

// libcurl 7.88 lets its sockets pass to children: pg_dump would hold connections open.
curl_socket_t on_socket(void*, curlsocktype, curl_sockaddr* address) {
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

TransportFailure::Kind kind_of(CURLcode code) {
  using enum TransportFailure::Kind;
  switch (code) {
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_RESOLVE_PROXY:
  case CURLE_COULDNT_CONNECT: return unreachable;
  case CURLE_OPERATION_TIMEDOUT: return stalled;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_CRL_BADFILE: return untrusted;
  case CURLE_ABORTED_BY_CALLBACK: return stopped;
  case CURLE_URL_MALFORMAT:
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_BAD_CONTENT_ENCODING:
  case CURLE_OUT_OF_MEMORY: return unusable;
  default: return broken;
  }
}

class CurlTransport final : public Transport {
public:
  explicit CurlTransport(TransportOptions options) : options_(std::move(options)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  }
  ~CurlTransport() override {
    for (const auto& each : idle_) curl_easy_cleanup(each->curl);
  }

  std::expected<HttpResponse, TransportFailure> exchange(const HttpRequest& request) override {
    std::unique_ptr<Handle> handle = take();
    if (handle->curl == nullptr)
      return std::unexpected(TransportFailure{TransportFailure::Kind::unusable, "no memory"});
    auto result = run(*handle, request);
    handle->exchange = {};
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(handle));
    return result;
  }

private:
  // A handle keeps its connections; there are as many as threads that ask at once.
  std::unique_ptr<Handle> take() {
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Handle> handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    auto handle = std::make_unique<Handle>();
    handle->curl = curl_easy_init();
    return handle;
  }

  std::expected<HttpResponse, TransportFailure> run(Handle& handle, const HttpRequest& request) {
    handle.exchange = {.request = &request, .options = &options_};
    Exchange& exchange = handle.exchange;
    CURL* const curl = handle.curl;
    curl_easy_reset(curl); // of options: connections stay
    std::array<char, CURL_ERROR_SIZE> error{};
    const auto set = [curl](CURLoption option, auto value) {
      curl_easy_setopt(curl, option, value);
    };
    set(CURLOPT_ERRORBUFFER, error.data());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PATH_AS_IS, 1L); // the path is signed as it stands
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)); // what S3 speaks
    set(CURLOPT_FOLLOWLOCATION, 0L); // a signature is for one host
    set(CURLOPT_PROXY, options_.proxy.c_str());
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) set(CURLOPT_CAINFO, options_.ca_file.c_str());
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    set(CURLOPT_LOW_SPEED_LIMIT, 1024L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.request_timeout.count()));
    set(CURLOPT_BUFFERSIZE, 256L * 1024); // fewer system calls an object
    set(CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
    set(CURLOPT_HEADERFUNCTION, on_header);
    set(CURLOPT_HEADERDATA, &exchange);
    set(CURLOPT_WRITEFUNCTION, on_body);
    set(CURLOPT_WRITEDATA, &handle);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, on_progress);
    set(CURLOPT_XFERINFODATA, &handle);
    set(CURLOPT_OPENSOCKETFUNCTION, on_socket);
    if (request.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
    } else if (request.has_body) {
      set(CURLOPT_UPLOAD, 1L);
      set(CURLOPT_READFUNCTION, on_send);
      set(CURLOPT_READDATA, &handle);
      set(CURLOPT_SEEKFUNCTION, on_seek);
      set(CURLOPT_SEEKDATA, &handle);
      set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      if (request.method != "PUT") set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    } else if (request.method != "GET") {
      set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    curl_slist* list = nullptr;
    for (const auto& [name, value] : request.headers)
      list = curl_slist_append(list, fmt::format("{}: {}", name, value).c_str());
    // Asking first saves the upload of a large object that is refused; for a small one it only
    // costs a turn, and libcurl 7.88 asks for all of them.
    if (request.body.size() < ask_first) list = curl_slist_append(list, "Expect:");
    set(CURLOPT_HTTPHEADER, list);
    const CURLcode code = curl_easy_perform(curl);
    // What stands in the list may be a session token.
    for (curl_slist* each = list; each != nullptr; each = each->next)
      ::explicit_bzero(each->data, std::strlen(each->data));
    curl_slist_free_all(list);
    set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
    set(CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));

    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    exchange.response.status = static_cast<int>(status);
    if (code == CURLE_OK || (exchange.cut && code == CURLE_WRITE_ERROR))
      return std::move(exchange.response);
    if (exchange.too_large)
      return std::unexpected(
          TransportFailure{TransportFailure::Kind::too_large,
                           fmt::format("the answer has more than {} bytes", request.limit)});
    // An answer of error while the body is still on its way: the server may close at once, which
    // is then seen as a failure to send. The answer says more.
    if (status >= 300 && (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR))
      return std::move(exchange.response);
    const std::string_view said = error.front() != '\0' ? error.data() : curl_easy_strerror(code);
    return std::unexpected(TransportFailure{kind_of(code), std::string(said)});
  }

  TransportOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Handle>> idle_;
};

} // namespace

const std::string* HttpResponse::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? nullptr : &found->second;
}

std::unique_ptr<Transport> make_curl_transport(TransportOptions options) {
  return std::make_unique<CurlTransport>(std::move(options));
}

std::string_view describe(TransportFailure::Kind kind) {
  using enum TransportFailure::Kind;
  switch (kind) {
  case unreachable: return "it cannot be connected to";
  case stalled: return "it does not answer in time";
  case broken: return "the connection broke";
  case untrusted: return "its certificate is not trusted";
  case too_large: return "its answer is too large";
  case stopped: return "it was stopped";
  case unusable: return "it does not speak HTTP";
  }
  return {};
}

} // namespace aethel::store
