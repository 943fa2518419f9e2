#include "link/finding.h"
#include "link/nginx.h"
#include "link/program.h"
#include "link/rule.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A WebSocket that nginx does not let through

A connection becomes a WebSocket by the headers `Upgrade` and `Connection`, which nginx does not pass
on by itself. A location whose path says that it is for WebSockets and that hands requests to a
service without them never gets a connection: the service answers 400 or 426.

`proxy_set_header` is inherited from outside only by a block that has none of its own.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
  chat:
    image: ghcr.io/acme/chat:1
-- site.conf --
server {
  listen 80;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection upgrade;
  location /ws {
    proxy_set_header Host $host;
    proxy_pass http://chat:3001; # error: websocket-without-upgrade
  }
}
```

Silent: headers that are inherited or included, long polling, paths that only begin alike.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes:
      - ./site.conf:/etc/nginx/conf.d/default.conf:ro
      - ./upgrade.conf:/etc/nginx/upgrade.conf:ro
  chat:
    image: ghcr.io/acme/chat:1
-- upgrade.conf --
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection upgrade;
-- site.conf --
server {
  listen 80;
  include upgrade.conf;
  location /ws { proxy_pass http://chat:3001; }
  location /websocket {
    include upgrade.conf;
    proxy_set_header Host $host;
    proxy_pass http://chat:3001;
  }
  location /wsdl { proxy_set_header Host $host; proxy_pass http://chat:3001; }
}
```
)";

constexpr Message messages[] = {
    {"missing",
     "location \"{path}\" hands WebSockets on without the header Upgrade: no connection comes "
     "about",
     "a location \"{path}\" encaminha WebSockets sem o cabeçalho Upgrade: nenhuma conexão se "
     "estabelece"},
    {"help",
     "add: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header "
     "Connection \"upgrade\";",
     "acrescente: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
     "proxy_set_header Connection \"upgrade\";"},
};

// A part of the path that means nothing else. Socket.IO falls back to polling, and is left out.
bool is_for_websockets(std::string_view pattern) {
  constexpr std::array<std::string_view, 4> words = {"ws", "wss", "websocket", "websockets"};
  std::string part;
  bool found = false;
  for (const char c : std::string(pattern) + "/") {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
                        c == '.' || (c >= '0' && c <= '9');
    if (letter) {
      part += c;
      continue;
    }
    found = found || std::ranges::find(words, part) != words.end();
    part.clear();
  }
  return found;
}

void check(const Program& program, Findings& findings) {
  std::map<std::pair<FileId, std::uint32_t>, Finding> found;
  for (const Nginx& nginx : program.nginx) {
    if (!nginx.main_known || !nginx.complete) continue; // an include may bring the headers
    for (std::size_t i = 0; i < nginx.directives.size(); ++i) {
      const NginxDirective& pass = nginx.directives[i];
      if (pass.name() != "proxy_pass" || pass.parent == nginx::no_parent) continue;
      const NginxDirective& location = nginx.directives[pass.parent];
      if (location.name() != "location" || !pass.span.file) continue;
      const std::string& pattern = location.words.back().text;
      if (!is_for_websockets(pattern)) continue;
      // The nearest block that sets headers decides; in it any of them may be the one.
      bool upgrades = false;
      for (std::size_t block = pass.parent; block != nginx::no_parent;
           block = nginx.directives[block].parent) {
        bool any = false;
        for (std::size_t k = block + 1; k < nginx.directives[block].end;
             k = nginx.directives[k].end) {
          const NginxDirective& each = nginx.directives[k];
          if (each.name() == "if" || each.name().find("lua") != std::string_view::npos)
            upgrades = true; // may set what it likes
          if (each.name() != "proxy_set_header" || each.words.size() < 2) continue;
          any = true;
          std::string header = each.words[1].text;
          std::ranges::transform(header, header.begin(),
                                 [](unsigned char c) { return std::tolower(c); });
          upgrades = upgrades || header == "upgrade" || !each.words[1].known;
        }
        if (any || upgrades) break;
      }
      if (upgrades) continue;
      const auto [place, fresh] = found.try_emplace({pass.span.file, pass.span.range.begin});
      if (!fresh) {
        if (std::ranges::find(place->second.targets, nginx.process->target) ==
            place->second.targets.end())
          place->second.targets.push_back(nginx.process->target);
        continue;
      }
      place->second = {.rule = rule_named("websocket-without-upgrade"),
                       .message = "missing",
                       .arguments = {{"path", pattern}},
                       .span = pass.span,
                       .related = {{location.span, "defined-here"}},
                       .symbol_kind = "location",
                       .symbol = pattern,
                       .targets = {nginx.process->target},
                       .confidence = Confidence::likely,
                       .help = "help"};
    }
  }
  for (auto& [key, finding] : found) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule websocket_without_upgrade;
constinit const Rule websocket_without_upgrade = declare({
    .id = "AE0686",
    .name = "websocket-without-upgrade",
    .category = Category::config,
    .title_en = "WebSocket that nginx does not let through",
    .title_pt = "WebSocket que o nginx não deixa passar",
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
