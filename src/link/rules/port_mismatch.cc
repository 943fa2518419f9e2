#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"
#include "link/rules/support/image_builds.h"
#include "link/rules/support/listening.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A port that nobody listens on

What a container starts says where it listens: the server's own option, a variable that the container is
given, or what the server does when nothing is said. The way there goes from the service through its
Dockerfile and the scripts of its package. A health check that asks another port fails for ever; a
published port that leads to another one leads nowhere.

```txtar
-- compose.yaml --
services:
  web:
    build:
      context: .
      target: web
    ports: ["3000:3000"]
    healthcheck:
      test: ["CMD", "wget", "--spider", "http://localhost:3000/api/health"]
-- Dockerfile --
FROM node:24-alpine AS builder
WORKDIR /app
COPY . .
FROM node:24-alpine AS web
WORKDIR /app
ENV PORT=3000
COPY --from=builder /app/package.json ./
EXPOSE 3000
CMD ["npm", "run", "start"]
-- package.json --
{
  "scripts": {
    "start": "next start -p 3001 -H 0.0.0.0" # error: port-mismatch
  }
}
```

Where some agree with the server, the others are wrong:

```txtar
-- compose.yaml --
services:
  api:
    build: .
    ports: ["8000:8000"]
    healthcheck:
      test: curl -f http://127.0.0.1:8080/health || exit 1 # error: port-mismatch
  admin:
    build: .
    command: ["uvicorn", "admin:app", "--host", "0.0.0.0", "--port", "9000"]
    ports:
      - "9000:8000" # error: port-mismatch
-- Dockerfile --
FROM python:3.14
WORKDIR /app
COPY . .
EXPOSE 8000 9000
CMD uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}
```

Silent: what agrees; other programs in the same container; ports besides the server's; variables
without value; commands that are not understood.

```txtar
-- compose.yaml --
services:
  web:
    build: .
    ports: ["80:3001", "9229:9229"]
    healthcheck:
      test: wget --spider http://localhost:3001/ && wget --spider http://db:5432/
  both:
    build: .
    command: concurrently "npm run start" "ts-node server.ts"
    ports: ["3000:3000"]
  given:
    build: .
    command: npx next start
    environment: {PORT: 4000}
    ports: ["4000:4000"]
  open:
    build: .
    command: sh -c "next start -p $$PORT"
    env_file: .env
    ports: ["4000:4000"]
  script:
    build: .
    command: ./start.sh
    ports: ["4000:4000"]
  image:
    image: ghcr.io/acme/web:1
    ports: ["4000:4000"]
-- .gitignore --
.env
-- Dockerfile --
FROM node:24
WORKDIR /app
COPY package*.json ./
CMD ["npm", "start"]
-- package.json --
{"scripts": {"prestart": "next build", "start": "next start -p 3001"}}
```
)";

constexpr Message messages[] = {
    {"listens",
     "the container of service \"{service}\" listens on {port} (`{program}`), and asked is "
     "{asked}",
     "o contêiner do serviço \"{service}\" escuta em {port} (`{program}`), mas quem o chama usa "
     "{asked}"},
    {"check",
     "the health check of service \"{service}\" asks port {asked}, and `{program}` listens on "
     "{port}",
     "o healthcheck do serviço \"{service}\" usa a porta {asked}, mas `{program}` escuta em "
     "{port}"},
    {"published",
     "service \"{service}\" publishes port {asked} of its container, and `{program}` "
     "listens on {port}",
     "o serviço \"{service}\" publica a porta {asked} do contêiner, mas `{program}` escuta em "
     "{port}"},
    {"check-here", "the health check asks {port}", "o healthcheck usa {port}"},
    {"published-here", "port {port} is published", "a porta {port} é publicada"},
    {"exposed-here", "EXPOSE says {port}", "EXPOSE diz {port}"},
    {"listens-here", "listens on {port}", "escuta em {port}"},
    {"started-here", "started here", "iniciado aqui"},
    {"help", "let all of them name one port", "use a mesma porta em todos"},
};

struct Asker {
  enum class Kind : std::uint8_t { check, published, exposed } kind = Kind::check;
  std::uint32_t port = 0;
  Span span;
  bool good = false;
};

// Ports of the container's own addresses in a line: `http://localhost:3000/`, `127.0.0.1:8080`.
std::vector<std::uint32_t> own_ports(std::string_view line) {
  std::vector<std::uint32_t> ports;
  for (const std::string_view host : {"localhost", "127.0.0.1", "0.0.0.0", "[::1]"})
    for (std::size_t at = line.find(host); at != std::string_view::npos;
         at = line.find(host, at + 1)) {
      const std::string_view before = line.substr(0, at);
      const std::string_view after = line.substr(at + host.size());
      if (before.ends_with('.') || before.ends_with('-') || after.starts_with('.') ||
          after.starts_with('-'))
        continue;
      // `/dev/tcp/localhost/3000`
      const bool device = before.ends_with("/dev/tcp/") && after.starts_with('/');
      if (after.starts_with(':') || device) {
        std::uint32_t port = 0;
        const char* begin = after.data() + 1;
        const auto [end, error] = std::from_chars(begin, after.data() + after.size(), port);
        const bool more =
            end != after.data() + after.size() &&
            (*end == '$' || *end == '{' || std::isalpha(static_cast<unsigned char>(*end)));
        if (error == std::errc() && !more && port > 0 && port < 65536)
          ports.push_back(port);
        else
          return {}; // a variable
        continue;
      }
      const bool ends = after.empty() || std::string_view("/ \"'`)?,;").contains(after[0]);
      if (ends && before.ends_with("http://")) ports.push_back(80);
      if (ends && before.ends_with("https://")) ports.push_back(443);
    }
  return ports;
}

std::string line_of(const Command& command) {
  if (command.shell) return command.line.text;
  std::string line;
  for (const CommandWord& word : command.words) line += word.text + " ";
  return line;
}

class Checker {
public:
  Checker(const Program& program, Findings& findings) : program_(program), findings_(findings) {}

  void run() {
    for (const Process& process : program_.processes) look(process);
    for (const auto& place : order_) findings_.add(std::move(by_place_.at(place)));
  }

private:
  void look(const Process& process) {
    std::optional<Image> image;
    if (process.build) {
      const ImageBuild* build = build_of(program_, process);
      if (build == nullptr) return;
      image = Image::of(program_, *build);
      if (!image) return;
    }
    const Image* built = image ? &*image : nullptr;
    const Listeners listeners = listeners_of(program_, process, built);
    if (!listeners.complete || listeners.all.empty()) return;
    std::vector<Asker> askers = askers_of(process, built);
    for (Asker& asker : askers)
      asker.good = std::ranges::any_of(
          listeners.all, [&](const Listening& each) { return each.port == asker.port; });
    const auto any = [&](Asker::Kind kind, bool good) {
      return std::ranges::any_of(
          askers, [&](const Asker& asker) { return asker.kind == kind && asker.good == good; });
    };
    using Kind = Asker::Kind;
    const bool check_bad = any(Kind::check, false) && !any(Kind::check, true);
    const bool published_bad = any(Kind::published, false) && !any(Kind::published, true);
    if (!check_bad && !published_bad) return;
    const bool some_good = std::ranges::any_of(askers, &Asker::good);
    if (!some_good) {
      at_listener(process, listeners, askers);
      return;
    }
    for (const Asker& asker : askers) {
      if (asker.good || asker.kind == Kind::exposed) continue;
      if (asker.kind == Kind::check ? !check_bad : !published_bad) continue;
      at_asker(process, listeners.all.front(), asker);
    }
  }

  std::vector<Asker> askers_of(const Process& process, const Image* image) const {
    std::vector<Asker> askers;
    std::optional<Command> check = health_check_of(process);
    if (!check && image != nullptr && !process.healthcheck_disabled && !process.has_healthcheck)
      if (const BuildStep* step = image->last(BuildStep::Kind::health_check);
          step != nullptr && !step->none)
        check = command_of(*step);
    if (check && check->known)
      for (const std::uint32_t port : own_ports(line_of(*check)))
        askers.push_back({.kind = Asker::Kind::check, .port = port, .span = place_of(*check)});
    for (const Port& port : process.ports)
      if (port.protocol == "tcp" && port.target != 0)
        askers.push_back(
            {.kind = Asker::Kind::published, .port = port.target, .span = port.origin.written});
    if (image != nullptr)
      for (const BuildStep* step : image->steps(BuildStep::Kind::expose))
        for (const BuildWord& word : step->words) {
          const auto text = image->evaluate(word);
          std::uint32_t port = 0;
          if (text &&
              std::from_chars(text->data(), text->data() + text->size(), port).ec == std::errc())
            askers.push_back({.kind = Asker::Kind::exposed, .port = port, .span = word.span});
        }
    return askers;
  }

  // The word with the address.
  static Span place_of(const Command& command) {
    for (const SimpleCommand& each : simple_commands(command))
      for (const CommandWord& word : each.words)
        if (word.span.file && !own_ports(word.text).empty()) return word.span;
    return command.span;
  }

  static std::string_view related_of(Asker::Kind kind) {
    return kind == Asker::Kind::check       ? "check-here"
           : kind == Asker::Kind::published ? "published-here"
                                            : "exposed-here";
  }

  void at_listener(const Process& process, const Listeners& listeners,
                   const std::vector<Asker>& askers) {
    const Listening& listening = listeners.all.front();
    Finding finding = start(process, listening);
    finding.message = "listens";
    finding.span = listening.span;
    finding.symbol = std::to_string(listening.port);
    std::set<std::uint32_t> asked;
    for (const Asker& asker : askers) {
      if (asker.kind != Asker::Kind::exposed) asked.insert(asker.port);
      if (asker.span == listening.span) continue;
      finding.related.push_back(
          {asker.span, related_of(asker.kind), {{"port", std::to_string(asker.port)}}});
    }
    std::string list;
    for (const std::uint32_t port : asked)
      list += (list.empty() ? "" : ", ") + std::to_string(port);
    finding.arguments.emplace_back("asked", list);
    if (!listening.through.empty() && listening.through.front() != listening.span)
      finding.related.push_back({listening.through.front(), "started-here"});
    keep(std::move(finding));
  }

  void at_asker(const Process& process, const Listening& listening, const Asker& asker) {
    Finding finding = start(process, listening);
    finding.message = asker.kind == Asker::Kind::check ? "check" : "published";
    finding.span = asker.span;
    finding.symbol = std::to_string(asker.port);
    finding.arguments.emplace_back("asked", finding.symbol);
    finding.related.push_back(
        {listening.span, "listens-here", {{"port", std::to_string(listening.port)}}});
    keep(std::move(finding));
  }

  static Finding start(const Process& process, const Listening& listening) {
    return {.rule = rule_named("port-mismatch"),
            .message = "listens",
            .arguments = {{"service", process.name},
                          {"port", std::to_string(listening.port)},
                          {"program", listening.program}},
            .symbol_kind = "port",
            .targets = {process.target},
            .confidence = listening.because == Listening::Because::product ? Confidence::likely
                                                                           : Confidence::certain,
            .help = "help"};
  }

  // One finding a place; further targets and places join it.
  void keep(Finding finding) {
    const std::pair place{finding.span.file, finding.span.range.begin};
    const auto found = by_place_.find(place);
    if (found == by_place_.end()) {
      order_.push_back(place);
      by_place_.emplace(place, std::move(finding));
      return;
    }
    Finding& first = found->second;
    add_targets(first, finding.targets);
    for (Related& related : finding.related)
      if (std::ranges::none_of(first.related,
                               [&](const Related& other) { return other.span == related.span; }))
        first.related.push_back(std::move(related));
  }

  const Program& program_;
  Findings& findings_;
  std::map<std::pair<FileId, std::uint32_t>, Finding> by_place_;
  std::vector<std::pair<FileId, std::uint32_t>> order_;
};

void check(const Program& program, Findings& findings) { Checker(program, findings).run(); }

} // namespace

extern constinit const Rule port_mismatch;
constinit const Rule port_mismatch = declare({
    .id = "AE0703",
    .name = "port-mismatch",
    .category = Category::health,
    .title_en = "port that nobody listens on",
    .title_pt = "porta em que ninguém escuta",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.25, 1},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
