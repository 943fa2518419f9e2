#include "link/container.h"
#include "link/finding.h"
#include "link/network.h"
#include "link/nginx.h"
#include "link/program.h"
#include "link/rule.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A health check that is turned away

The health check of an nginx asks a path that nginx itself refuses: nobody listens on the port, access
rules deny it, a password is asked for, a location returns an error or sends it on to HTTPS where
nobody listens. The container never becomes healthy, and whoever waits for it waits for ever.

```txtar
-- compose.prod.yaml --
services:
  denied:
    image: nginx:1.28
    volumes: ["./denied.conf:/etc/nginx/conf.d/default.conf:ro"]
    healthcheck:
      test: [CMD, curl, -f, "http://localhost/health"] # error: blocked-probe
  protected:
    image: nginx:1.28
    volumes: ["./denied.conf:/etc/nginx/conf.d/default.conf:ro"]
    healthcheck:
      test: wget -q --spider http://127.0.0.1/admin/ || exit 1 # error: blocked-probe
  moved:
    image: nginx:1.28
    volumes: ["./moved.conf:/etc/nginx/conf.d/default.conf:ro"]
    healthcheck:
      test: [CMD, wget, -qO-, "http://localhost:8080/"] # error: blocked-probe
-- denied.conf --
server {
  listen 80;
  deny all;
  location /admin/ {
    allow all;
    auth_basic "who?";
    auth_basic_user_file /dev/null;
  }
}
-- moved.conf --
server {
  listen 80;
}
```

Silent: rules that let the container itself in, redirects that curl takes for an answer, a proxy that
asks a service, conditions.

```txtar
-- compose.prod.yaml --
services:
  allowed:
    image: nginx:1.28
    volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
    healthcheck:
      test: [CMD, curl, -f, "http://127.0.0.1/health"]
  redirected:
    image: nginx:1.28
    volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
    healthcheck:
      test: [CMD, curl, -sf, "http://127.0.0.1/"]
  lenient:
    image: nginx:1.28
    volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
    healthcheck:
      test: curl -s http://127.0.0.1/secret
  passed:
    image: nginx:1.28
    volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
    healthcheck:
      test: [CMD, curl, -f, "http://127.0.0.1/api/"]
  conditional:
    image: nginx:1.28
    volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
    healthcheck:
      test: [CMD, curl, -f, "http://127.0.0.1/maybe"]
-- site.conf --
server {
  listen 80;
  location = /health { allow 127.0.0.1; deny all; return 200; }
  location /secret { deny all; }
  location /api/ { proxy_pass http://10.0.0.1; }
  location /maybe { if ($arg_x) { return 404; } return 204; }
  location / { return 301 https://$host$request_uri; }
}
```
)";

constexpr Message messages[] = {
    {"answer", "the health check of \"{service}\" asks \"{url}\", and nginx answers {answer}",
     "a verificação de saúde de \"{service}\" pede \"{url}\", e o nginx responde {answer}"},
    {"nobody",
     "the health check of \"{service}\" asks \"{url}\", and nginx does not listen on port {port}",
     "a verificação de saúde de \"{service}\" pede \"{url}\", e o nginx não escuta na porta "
     "{port}"},
    {"https",
     "the health check of \"{service}\" asks \"{url}\" and is sent on to HTTPS, where nginx does "
     "not listen",
     "a verificação de saúde de \"{service}\" pede \"{url}\" e é enviada para HTTPS, onde o nginx "
     "não escuta"},
    {"help",
     "answer the probe in a location of its own: location = /health with access_log off and return "
     "200",
     "responda à sonda em uma location própria: location = /health com access_log off e return "
     "200"},
    {"help-port", "ask a port that nginx listens on", "peça uma porta em que o nginx escuta"},
};

struct Probe {
  std::string url, host, path;
  std::uint32_t port = 80;
  bool fails_on_error = true; // of HTTP, not only of the connection
  bool follows = false;       // redirects
  Span span;
};

// `curl -f http://localhost/health`: what is asked, and what counts as a failure.
std::optional<Probe> probe_of(const std::string& text, Span span) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (c == ' ' || c == '\t' || c == '\n' || c == '"' || c == '\'' || c == ',' || c == '[' ||
        c == ']') {
      if (!word.empty()) words.push_back(std::exchange(word, {}));
      continue;
    }
    word += c;
  }
  Probe probe{.span = span};
  bool curl = false, wget = false, fail = false, location = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& each = words[i];
    if (each == "|" || each == "&&" || each == ";" || each.find('$') != std::string::npos)
      return {};
    if (each == "||") break; // what comes then turns the failure into one
    if (each == "curl" || each.ends_with("/curl")) curl = true;
    if (each == "wget" || each.ends_with("/wget")) wget = true;
    if (each == "--fail" || each == "--fail-with-body") fail = true;
    if (each == "--location") location = true;
    if (each == "-H" || each == "--header" || each == "-u" || each == "--user" || each == "-k" ||
        each == "-X" || each.starts_with("--header") || each.starts_with("--user"))
      return {};
    if (each.size() > 1 && each[0] == '-' && each[1] != '-') {
      fail = fail || each.find('f') != std::string::npos;
      location = location || each.find('L') != std::string::npos;
      continue;
    }
    if (each.starts_with('-')) continue;
    if (each.starts_with("http://") || each.starts_with("localhost") ||
        each.starts_with("127.0.0.1")) {
      if (!probe.url.empty()) return {};
      probe.url = each;
    }
  }
  if (curl == wget || probe.url.empty()) return {};
  probe.fails_on_error = wget || fail;
  probe.follows = wget || location;
  std::string_view rest = probe.url;
  if (rest.starts_with("http://")) rest.remove_prefix(7);
  const std::size_t slash = rest.find('/');
  probe.path = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
  probe.path = probe.path.substr(0, probe.path.find_first_of("?#"));
  std::string_view authority = rest.substr(0, slash);
  if (const std::size_t colon = authority.find(':'); colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), probe.port);
    if (error != std::errc() || end != port.data() + port.size()) return {};
    authority = authority.substr(0, colon);
  }
  probe.host = authority;
  if (probe.host != "localhost" && probe.host != "127.0.0.1") return {};
  return probe;
}

std::optional<Probe> probe_of(const Program& program, const Process& process) {
  if (process.healthcheck_disabled) return {};
  if (const Node* test = process.node->at({"healthcheck", "test"})) {
    std::string text;
    if (test->is_scalar()) text = test->value();
    for (const Node& item : test->items) text += (text.empty() ? "" : " ") + item.value();
    // A list is brought to one form; where it is written is said by its parts.
    Span span = test->origin.written;
    if (!span.file && !test->items.empty()) span = test->items.front().origin.written;
    return probe_of(text, span);
  }
  const auto image = built_image(program, process);
  if (!image || image->healthcheck.empty()) return {};
  return probe_of(image->healthcheck, image->healthcheck_span);
}

// `address`: an argument of allow or deny.
bool covers_loopback(std::string_view address) {
  return address == "all" || address == "127.0.0.1" || address.starts_with("127.0.0.1/") ||
         address == "127.0.0.0/8" || address == "::1" || address == "0.0.0.0/0";
}

struct Answer {
  std::string code; // empty: it passes, or it is not known
  bool to_https = false;
  Span span;
};

class Server {
public:
  Server(const Nginx& nginx, const Probe& probe) : nginx_(nginx), probe_(probe) {}

  Answer answer(const std::vector<NginxListen>& listens) const {
    const auto server = choose(listens);
    if (!server) return {};
    if (!is_plain(*server)) return {};
    if (auto answer = returned(*server)) return *answer;
    const LocationChoice choice = choose_location(nginx_, *server, probe_.path);
    if (!choice.sure) return {};
    std::size_t block = choice.location == nginx::no_parent ? *server : choice.location;
    for (std::size_t at = block; at != *server; at = nginx_.directives[at].parent)
      if (!is_plain(at)) return {};
    if (block != *server) {
      if (const NginxDirective* internal = child(block, "internal"))
        return {.code = "404", .span = internal->span};
      if (auto answer = returned(block)) return *answer;
    }
    if (nginx_.inherited(block, "satisfy") != nullptr ||
        nginx_.inherited(block, "auth_request") != nullptr)
      return {};
    if (auto answer = denied(block)) return *answer;
    if (const NginxDirective* auth = nginx_.inherited(block, "auth_basic");
        auth != nullptr && auth->words.size() > 1 && auth->words[1].known &&
        auth->words[1].text != "off" && auth->words[1].text.find('$') == std::string::npos)
      return {.code = "401", .span = auth->span};
    return {};
  }

private:
  std::optional<std::size_t> choose(const std::vector<NginxListen>& listens) const {
    std::optional<std::size_t> first, standard, named;
    for (const NginxListen& each : listens) {
      if (each.port != probe_.port || each.ssl) continue;
      if (!each.address.empty() && each.address != "127.0.0.1" && each.address != "localhost")
        continue;
      if (!first) first = each.server;
      if (each.default_server && !standard) standard = each.server;
      if (!named && has_name(each.server)) named = each.server;
    }
    return named ? named : standard ? standard : first;
  }

  bool has_name(std::size_t server) const {
    for (std::size_t i = server + 1; i < nginx_.directives[server].end;
         i = nginx_.directives[i].end)
      if (nginx_.directives[i].name() == "server_name")
        for (std::size_t w = 1; w < nginx_.directives[i].words.size(); ++w)
          if (nginx_.directives[i].words[w].text == probe_.host) return true;
    return false;
  }

  // No condition and no rewriting decides what happens.
  bool is_plain(std::size_t block) const {
    for (std::size_t i = block + 1; i < nginx_.directives[block].end;
         i = nginx_.directives[i].end) {
      const std::string_view name = nginx_.directives[i].name();
      if (name == "if" || name == "rewrite" || name == "limit_except" || name == "error_page" ||
          name == "set_real_ip_from" || name.find("_by_lua") != std::string_view::npos)
        return false;
    }
    return true;
  }

  const NginxDirective* child(std::size_t block, std::string_view name) const {
    for (std::size_t i = block + 1; i < nginx_.directives[block].end; i = nginx_.directives[i].end)
      if (nginx_.directives[i].name() == name) return &nginx_.directives[i];
    return nullptr;
  }

  std::optional<Answer> returned(std::size_t block) const {
    const NginxDirective* found = child(block, "return");
    if (found == nullptr || found->words.size() < 2) return {};
    const std::string& code = found->words[1].text;
    Answer answer{.span = found->span};
    const bool number =
        code.size() == 3 && std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
    if (!found->words[1].known || (!number && found->words.size() > 2)) return answer;
    if (number && code[0] >= '4') answer.code = code;
    const std::string& url = found->words.back().text;
    answer.to_https = (!number || code[0] == '3') && url.starts_with("https://");
    return answer;
  }

  std::optional<Answer> denied(std::size_t block) const {
    for (std::size_t at = block; at != nginx::no_parent; at = nginx_.directives[at].parent) {
      bool any = false;
      for (std::size_t i = at + 1; i < nginx_.directives[at].end; i = nginx_.directives[i].end) {
        const NginxDirective& each = nginx_.directives[i];
        if ((each.name() != "allow" && each.name() != "deny") || each.words.size() != 2) continue;
        any = true;
        if (!each.words[1].known) return Answer{};
        if (!covers_loopback(each.words[1].text)) continue;
        if (each.name() == "allow") return {};
        // `localhost` may be either family.
        if (each.words[1].text != "all") return Answer{};
        return Answer{.code = "403", .span = each.span};
      }
      if (any) return {};
    }
    return {};
  }

  const Nginx& nginx_;
  const Probe& probe_;
};

void check(const Program& program, Findings& findings) {
  for (const Nginx& nginx : program.nginx) {
    const Process& process = *nginx.process;
    if (!nginx.main_known || !nginx.complete) continue;
    const auto probe = probe_of(program, process);
    if (!probe) continue;
    const std::vector<NginxListen> listens = nginx_listens(nginx);
    if (listens.empty()) continue;
    Finding finding{.rule = rule_named("blocked-probe"),
                    .message = "answer",
                    .arguments = {{"service", process.name},
                                  {"url", probe->url},
                                  {"port", std::to_string(probe->port)}},
                    .span = probe->span,
                    .symbol_kind = "service",
                    .symbol = process.name,
                    .targets = {process.target},
                    .confidence = Confidence::likely,
                    .help = "help"};
    auto listens_on = [&](std::uint32_t port) {
      return std::ranges::any_of(listens,
                                 [&](const NginxListen& each) { return each.port == port; });
    };
    if (!listens_on(probe->port)) {
      // What else is built into the image may listen.
      if (!nginx.alone || has_network_mode(process)) continue;
      finding.message = "nobody";
      finding.help = "help-port";
      finding.related.push_back({listens.front().span, "defined-here"});
      if (!listens.front().span.file) finding.related.clear();
      findings.add(std::move(finding));
      continue;
    }
    const Answer answer = Server(nginx, *probe).answer(listens);
    if (answer.to_https && probe->follows && nginx.alone && !listens_on(443)) {
      finding.message = "https";
    } else if (!answer.code.empty() && (probe->fails_on_error || answer.code == "444")) {
      finding.arguments.emplace_back("answer", answer.code);
    } else {
      continue;
    }
    if (answer.span.file) finding.related.push_back({answer.span, "defined-here"});
    findings.add(std::move(finding));
  }
}

} // namespace

extern constinit const Rule blocked_probe;
constinit const Rule blocked_probe = declare({
    .id = "AE0684",
    .name = "blocked-probe",
    .category = Category::health,
    .title_en = "health check that is turned away",
    .title_pt = "verificação de saúde que é recusada",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.25, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
