#include "store/s3_credentials.h"

#include "store/s3_xml.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <map>
#include <mutex>

namespace aethel::store {
namespace {

// The SDKs fetch anew some minutes before the end, so that a request signed now is still good when
// it arrives. An endpoint that names no end is asked again after a quarter of an hour.
constexpr std::int64_t refresh_before = 5 * 60;
constexpr std::int64_t without_end = 15 * 60;
constexpr std::int64_t ask_again = 10;
constexpr std::size_t answer_limit = 64 * 1024;

std::int64_t machine_clock() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string set_or_empty(const Lookup& lookup, std::string_view name) {
  return lookup(name).value_or("");
}

// Fetches when there are none, or before they end; keeps what is still good when that fails.
class Refreshed {
public:
  Refreshed(std::function<StoreResult<Credentials>()> fetch, std::function<std::int64_t()> now)
      : fetch_(std::move(fetch)), now_(now ? std::move(now) : machine_clock) {}

  StoreResult<Credentials> get() {
    // Held while fetching: threads that wait get what the first one fetched.
    const std::scoped_lock lock(mutex_);
    const std::int64_t now = now_();
    if (kept_ && now < again_) return *kept_;
    StoreResult<Credentials> fetched = fetch_();
    if (!fetched) {
      again_ = now + ask_again;
      if (kept_ && kept_->expires && now < *kept_->expires) return *kept_;
      kept_.reset();
      return fetched;
    }
    again_ = fetched->expires ? std::max(*fetched->expires - refresh_before, now + ask_again)
                              : now + without_end;
    kept_ = *fetched;
    return fetched;
  }

private:
  std::function<StoreResult<Credentials>()> fetch_;
  std::function<std::int64_t()> now_;
  std::mutex mutex_;
  std::optional<Credentials> kept_;
  std::int64_t again_ = 0;
};

CredentialsProvider refreshed(std::function<StoreResult<Credentials>()> fetch,
                              std::function<std::int64_t()> now) {
  auto shared = std::make_shared<Refreshed>(std::move(fetch), std::move(now));
  return [shared] { return shared->get(); };
}

// A token's file: one line, and nothing that could end a header.
StoreResult<std::string> read_token(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(answer_limit + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  const bool plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c != 0x7f; });
  if (text.empty() || text.size() > answer_limit || !plain) {
    wipe(text);
    return trouble(Trouble::denied, fmt::format("no token can be read from \"{}\"", path));
  }
  return text;
}

struct Address {
  std::string scheme;
  std::string host; // in lower case, without brackets
  std::string authority;
};

std::optional<Address> parse_address(std::string_view url) {
  Address out;
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  out.scheme = url.substr(0, colon);
  if (out.scheme != "http" && out.scheme != "https") return std::nullopt;
  const std::string_view rest = url.substr(colon + 3);
  out.authority = rest.substr(0, rest.find_first_of("/?#"));
  // What libcurl could read otherwise than we do.
  if (out.authority.find_first_of("@\\ %") != std::string::npos) return std::nullopt;
  if (std::ranges::any_of(url, [](char c) { return c <= ' ' || c == 0x7f; })) return std::nullopt;
  std::string_view host = out.authority;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = host.substr(1, end - 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  out.host = host;
  for (char& c : out.host)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (out.host.empty()) return std::nullopt;
  return out;
}

bool is_ipv4_loopback(std::string_view host) {
  if (!host.starts_with("127.")) return false;
  int parts = 1;
  std::string part;
  for (const char c : host) {
    if (c == '.') {
      if (part.empty()) return false;
      ++parts;
      part.clear();
    } else if (c >= '0' && c <= '9' && part.size() < 3) {
      part += c;
    } else {
      return false;
    }
  }
  return parts == 4 && !part.empty();
}

bool may_be_asked(const Address& address) {
  constexpr std::array<std::string_view, 5> known = {"localhost", "::1", "169.254.170.2",
                                                     "169.254.170.23", "fd00:ec2::23"};
  return address.scheme == "https" || is_ipv4_loopback(address.host) ||
         std::ranges::find(known, address.host) != known.end();
}

// Three times: an agent that starts together with us is late by a moment. No pause: whoever signs
// retries with one.
StoreResult<HttpResponse> ask(const CredentialsWorld& world, const HttpRequest& request,
                              std::string_view what) {
  std::string why;
  Trouble kind = Trouble::unavailable;
  for (int i = 0; i < 3; ++i) {
    auto answer = world.transport->exchange(request);
    if (answer && answer->status == 200) return std::move(*answer);
    if (answer) {
      why = fmt::format("status {}", answer->status);
      const auto error = read_leaves(answer->body, "ErrorResponse");
      if (error && error->contains("Error/Code")) why += ", " + error->at("Error/Code");
      wipe(answer->body);
      if (answer->status < 500) {
        kind = Trouble::denied;
        break;
      }
    } else {
      why = answer.error().message;
    }
  }
  return trouble(kind, fmt::format("no credentials from {}: {}", what, why));
}

// JSON of one object whose members are texts, numbers or words; nothing else is expected here.
class JsonReader {
public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  bool read(std::map<std::string, std::string>& members) {
    if (!take('{')) return false;
    if (take('}')) return ends();
    do {
      std::string name, value;
      if (!string(name) || !take(':')) return false;
      blanks();
      if (at_ < text_.size() && text_[at_] == '"') {
        if (!string(value)) return false;
        if (!members.try_emplace(std::move(name), std::move(value)).second) return false;
      } else if (!word()) {
        return false;
      }
    } while (take(','));
    return take('}') && ends();
  }

private:
  void blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool ends() {
    blanks();
    return at_ == text_.size();
  }
  bool word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::string_view("+-.0123456789Eaeflnrstu").contains(text_[at_]))
      ++at_;
    return at_ > begin;
  }
  bool string(std::string& out) {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        out += c;
        continue;
      }
      if (at_ == text_.size()) return false;
      const char escaped = text_[at_++];
      constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
      if (const std::size_t place = from.find(escaped); place != std::string_view::npos) {
        out += to[place];
      } else if (escaped != 'u' || !ascii(out)) {
        return false;
      }
    }
    return false;
  }
  // \u0026 and the like: nothing beyond ASCII is in keys and tokens.
  bool ascii(std::string& out) {
    unsigned value = 0;
    for (int i = 0; i < 4; ++i) {
      if (at_ == text_.size()) return false;
      const char c = text_[at_++];
      const char low = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9') {
        value = value * 16 + static_cast<unsigned>(c - '0');
      } else if (low >= 'a' && low <= 'f') {
        value = value * 16 + static_cast<unsigned>(low - 'a' + 10);
      } else {
        return false;
      }
    }
    if (value > 0x7f) return false;
    out += static_cast<char>(value);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// They become headers.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

std::expected<Credentials, std::string> made(std::map<std::string, std::string>& from,
                                             std::string_view prefix, std::string_view token) {
  const auto text = [&](std::string_view name) -> std::string& {
    return from[fmt::format("{}{}", prefix, name)];
  };
  const bool plain =
      is_plain(text("AccessKeyId")) && is_plain(text("SecretAccessKey")) && is_plain(text(token));
  Credentials out{.access_key_id = text("AccessKeyId"),
                  .secret_access_key = SecretText::taken(std::move(text("SecretAccessKey"))),
                  .session_token = SecretText::taken(std::move(text(token)))};
  const std::string& expires = text("Expiration");
  out.expires = parse_iso_date(expires);
  if (out.access_key_id.empty() || out.secret_access_key.empty())
    return std::unexpected("has no keys in it");
  if (!plain) return std::unexpected("has keys with strange characters");
  if (!out.expires && !expires.empty()) return std::unexpected("has no date as its end");
  return out;
}

} // namespace

void wipe(std::string& text) {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

SecretText SecretText::taken(std::string&& text) {
  SecretText out{std::string_view(text)};
  wipe(text);
  return out;
}

SecretText::~SecretText() {
  if (!bytes_.empty()) OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

CredentialsProvider fixed_credentials(Credentials credentials) {
  auto shared = std::make_shared<const Credentials>(std::move(credentials));
  return [shared]() -> StoreResult<Credentials> {
    if (shared->access_key_id.empty() || !is_plain(shared->access_key_id) ||
        shared->secret_access_key.empty() || !is_plain(shared->session_token.text()))
      return trouble(Trouble::denied, "the credentials are empty, or have line breaks in them");
    return *shared;
  };
}

CredentialsProvider environment_credentials(Lookup lookup) {
  return [lookup = std::move(lookup)]() -> StoreResult<Credentials> {
    Credentials out{.access_key_id = set_or_empty(lookup, "AWS_ACCESS_KEY_ID"),
                    .secret_access_key =
                        SecretText::taken(set_or_empty(lookup, "AWS_SECRET_ACCESS_KEY")),
                    .session_token = SecretText::taken(set_or_empty(lookup, "AWS_SESSION_TOKEN"))};
    if (out.access_key_id.empty() || out.secret_access_key.empty())
      return trouble(Trouble::denied, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set");
    if (!is_plain(out.access_key_id) || !is_plain(out.secret_access_key.text()) ||
        !is_plain(out.session_token.text()))
      return trouble(Trouble::denied, "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or "
                                      "AWS_SESSION_TOKEN has blanks or line breaks in it");
    return out;
  };
}

std::expected<Credentials, std::string> read_container_credentials(std::string_view json) {
  std::map<std::string, std::string> members;
  const bool read = JsonReader(json).read(members);
  std::expected<Credentials, std::string> out =
      read ? made(members, "", "Token")
           : std::expected<Credentials, std::string>(std::unexpect, "is no JSON object of texts");
  for (auto& [name, value] : members) wipe(value);
  return out;
}

CredentialsProvider container_credentials(Lookup lookup, CredentialsWorld world) {
  auto now = world.now;
  return refreshed(
      [lookup = std::move(lookup), world = std::move(world)]() -> StoreResult<Credentials> {
        std::string url = set_or_empty(lookup, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
        // The SDKs' order: the relative one counts first.
        if (const std::string path = set_or_empty(lookup, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
            !path.empty()) {
          if (!path.starts_with('/'))
            return trouble(Trouble::denied,
                           "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with \"/\"");
          url = "http://169.254.170.2" + path;
        }
        if (url.empty())
          return trouble(Trouble::denied, "AWS_CONTAINER_CREDENTIALS_FULL_URI is not set");
        const auto address = parse_address(url);
        if (!address)
          return trouble(Trouble::refused, "AWS_CONTAINER_CREDENTIALS_FULL_URI is no address");
        if (!may_be_asked(*address))
          return trouble(Trouble::refused,
                         fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI names \"{}\": a token is "
                                     "sent in the clear to this machine and to the agents of ECS "
                                     "and EKS only",
                                     address->host));
        HttpRequest request{
            .method = "GET",
            .url = url,
            .headers = {{"Host", address->authority}, {"Accept", "application/json"}},
            .limit = answer_limit};
        std::string token = set_or_empty(lookup, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
        if (const std::string file = set_or_empty(lookup, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
            !file.empty()) {
          StoreResult<std::string> read = read_token(file);
          if (!read) return std::unexpected(std::move(read.error()));
          token = std::move(*read);
        }
        if (!std::ranges::all_of(token, [](char c) { return c >= ' ' && c != 0x7f; }))
          return trouble(Trouble::denied,
                         "AWS_CONTAINER_AUTHORIZATION_TOKEN has line breaks in it");
        if (!token.empty()) request.headers.emplace_back("Authorization", std::move(token));
        StoreResult<HttpResponse> answer = ask(world, request, address->host);
        wipe(request.headers.back().second);
        if (!answer) return std::unexpected(std::move(answer.error()));
        auto out = read_container_credentials(answer->body);
        wipe(answer->body);
        if (!out)
          return trouble(Trouble::denied,
                         fmt::format("what {} answers {}", address->host, out.error()));
        return std::move(*out);
      },
      std::move(now));
}

CredentialsProvider web_identity_credentials(Lookup lookup, std::string region,
                                             CredentialsWorld world) {
  auto now = world.now;
  return refreshed(
      [lookup = std::move(lookup), region = std::move(region),
       world = std::move(world)]() -> StoreResult<Credentials> {
        const std::string role = set_or_empty(lookup, "AWS_ROLE_ARN");
        const std::string file = set_or_empty(lookup, "AWS_WEB_IDENTITY_TOKEN_FILE");
        if (role.empty() || file.empty())
          return trouble(Trouble::denied,
                         "AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE are not set");
        std::string session = set_or_empty(lookup, "AWS_ROLE_SESSION_NAME");
        if (session.empty()) session = "aethel";
        std::string url = set_or_empty(lookup, "AWS_ENDPOINT_URL_STS");
        if (url.empty())
          url = fmt::format("https://sts.{}.amazonaws.com{}", region,
                            region.starts_with("cn-") ? ".cn" : "");
        const auto address = parse_address(url);
        if (!address || !may_be_asked(*address))
          return trouble(Trouble::refused, "AWS_ENDPOINT_URL_STS is no address with https://");
        StoreResult<std::string> token = read_token(file);
        if (!token) return std::unexpected(std::move(token.error()));
        std::string body = sigv4::canonical_query({{"Action", "AssumeRoleWithWebIdentity"},
                                                   {"Version", "2011-06-15"},
                                                   {"RoleArn", role},
                                                   {"RoleSessionName", session},
                                                   {"WebIdentityToken", *token}});
        wipe(*token);
        // Not signed: the token says who asks.
        const HttpRequest request{
            .method = "POST",
            .url = url.ends_with('/') ? url : url + "/",
            .headers = {{"Host", address->authority},
                        {"Content-Type", "application/x-www-form-urlencoded"}},
            .body = body,
            .has_body = true,
            .limit = answer_limit};
        StoreResult<HttpResponse> answer = ask(world, request, address->host);
        wipe(body);
        if (!answer) return std::unexpected(std::move(answer.error()));
        auto leaves = read_leaves(answer->body, "AssumeRoleWithWebIdentityResponse");
        wipe(answer->body);
        if (!leaves)
          return trouble(Trouble::denied,
                         fmt::format("what {} answers {}", address->host, leaves.error()));
        auto out = made(*leaves, "AssumeRoleWithWebIdentityResult/Credentials/", "SessionToken");
        for (auto& [name, value] : *leaves) wipe(value);
        if (!out)
          return trouble(Trouble::denied,
                         fmt::format("what {} answers {}", address->host, out.error()));
        return std::move(*out);
      },
      std::move(now));
}

CredentialsProvider default_credentials(const Lookup& lookup, std::string region,
                                        CredentialsWorld world) {
  if (lookup("AWS_ACCESS_KEY_ID")) return environment_credentials(lookup);
  if (lookup("AWS_WEB_IDENTITY_TOKEN_FILE"))
    return web_identity_credentials(lookup, std::move(region), std::move(world));
  if (lookup("AWS_CONTAINER_CREDENTIALS_FULL_URI") ||
      lookup("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"))
    return container_credentials(lookup, std::move(world));
  return environment_credentials(lookup); // whose message says what is missing
}

} // namespace aethel::store
