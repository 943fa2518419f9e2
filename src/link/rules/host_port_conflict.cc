#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"

#include <algorithm>
#include <charconv>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# Two services on one host port

Two services of a project publish the same port of the host. The second one fails to start:
`port is already allocated`.

```txtar
-- compose.yaml --
services:
  api:
    image: ghcr.io/acme/api:1
    ports:
      - "8080:8080"
  admin:
    image: ghcr.io/acme/admin:1
    ports:
      - "0.0.0.0:8080:80" # error: host-port-conflict
```

Silent: another protocol, another address, alternatives in profiles of their own, ports that
the host chooses, and the same service in two layers.

```txtar
-- compose.yaml --
services:
  dns:
    image: coredns/coredns:1.12.4
    ports:
      - "53:53/udp"
      - "53:53/tcp"
  one:
    image: ghcr.io/acme/one:1
    ports: ["127.0.0.1:8080:80", "9000"]
  two:
    image: ghcr.io/acme/two:1
    ports: ["127.0.0.2:8080:80", "9000"]
  blue:
    image: ghcr.io/acme/app:1
    profiles: [blue]
    ports: ["80:80"]
  green:
    image: ghcr.io/acme/app:2
    profiles: [green]
    ports: ["80:80"]
```
)";

constexpr Message messages[] = {
    {"conflict", "services \"{first}\" and \"{second}\" both publish host port {port}",
     "os serviços \"{first}\" e \"{second}\" publicam a mesma porta {port} do host"},
    {"help", "publish another port, or put the services into profiles that never start together",
     "publique outra porta, ou coloque os serviços em perfis que nunca iniciam juntos"},
};

struct Published {
  const Process* process;
  const Port* port;
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};

bool parse_range(const std::string& text, std::uint32_t& low, std::uint32_t& high) {
  const char* end = text.data() + text.size();
  auto [next, error] = std::from_chars(text.data(), end, low);
  if (error != std::errc()) return false;
  high = low;
  if (next == end) return true;
  if (*next != '-') return false;
  const auto [last, second] = std::from_chars(next + 1, end, high);
  return second == std::errc() && last == end;
}

bool overlap(std::string_view a, std::string_view b) {
  auto any = [](std::string_view address) {
    return address.empty() || address == "0.0.0.0" || address == "::";
  };
  return any(a) || any(b) || a == b;
}

bool never_together(const Process& a, const Process& b) {
  if (a.profiles.empty() || b.profiles.empty()) return false;
  return std::ranges::none_of(a.profiles, [&](const std::string& profile) {
    return std::ranges::find(b.profiles, profile) != b.profiles.end();
  });
}

void check(const Program& program, Findings& findings) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target) {
    std::vector<Published> seen;
    for (const Process& process : program.processes_of(target))
      for (const Port& port : process.ports) {
        Published now{&process, &port};
        if (!parse_range(port.published.value(), now.low, now.high) || now.low == 0) continue;
        for (const Published& before : seen) {
          // A range lets Docker choose a free one.
          const bool chooses = before.low != before.high || now.low != now.high;
          if (chooses || before.process == &process || before.low != now.low) continue;
          if (before.port->protocol != port.protocol ||
              !overlap(before.port->host_address, port.host_address) ||
              never_together(*before.process, process))
            continue;
          const Match same = equal(before.port->published, port.published);
          findings.add({.rule = rule_named("host-port-conflict"),
                        .message = "conflict",
                        .arguments = {{"first", before.process->name},
                                      {"second", process.name},
                                      {"port", std::to_string(now.low)}},
                        .span = port.origin.written,
                        .related = {{before.port->origin.written, "also-here"}},
                        .symbol_kind = "port",
                        .symbol = std::to_string(now.low) + "/" + port.protocol,
                        .targets = {target},
                        .confidence = same == Match::yes ? Confidence::certain : Confidence::likely,
                        .help = "help"});
          break;
        }
        seen.push_back(now);
      }
  }
}

} // namespace

extern constinit const Rule host_port_conflict;
constinit const Rule host_port_conflict = declare({
    .id = "AE0202",
    .name = "host-port-conflict",
    .category = Category::config,
    .title_en = "two services on one host port",
    .title_pt = "dois serviços na mesma porta do host",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
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
