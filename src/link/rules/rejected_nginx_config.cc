#include "knowledge/nginx.h"
#include "link/finding.h"
#include "link/network.h"
#include "link/nginx.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A configuration that nginx refuses

nginx reads all of its configuration before it starts, and starts with none of it when one line is
wrong: a brace or a semicolon that is missing, a directive that nobody knows or that stands where it
may not, a variable that nothing defines, two upstreams, locations or default servers where there may
be one.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes:
      - ./nginx/nginx.conf:/etc/nginx/nginx.conf:ro
      - ./nginx/sites:/etc/nginx/sites:ro
-- nginx/nginx.conf --
events {}
http {
  include /etc/nginx/sites/*.conf;
  upstream api { server 10.0.0.1:80; }
  upstream api { server 10.0.0.2:80; } # error: rejected-nginx-config
  proxy_pas http://api; # error: rejected-nginx-config
  listen 80; # error: rejected-nginx-config
}
-- nginx/sites/a.conf --
server {
  listen 80 default_server;
  location / { proxy_pass http://api; }
  location / { return 404; } # error: rejected-nginx-config
  location /ws {
    proxy_pass http://api;
    proxy_set_header Connection $connection_upgrade; # error: rejected-nginx-config
  }
}
-- nginx/sites/b.conf --
server {
  listen 80 default_server; # error: rejected-nginx-config
  server_name b.acme.dev # error: rejected-nginx-config
  root /srv;
  client_max_body_size; # error: rejected-nginx-config
}
```

A brace too few or too many: the first mistake of a file is named, as nginx does.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes:
      - ./a.conf:/etc/nginx/conf.d/a.conf:ro
      - ./b.conf:/etc/nginx/conf.d/b.conf:ro
-- a.conf --
server {
  listen 80;
  location /x { return 200 }; # error: rejected-nginx-config
  location /x { return 404; }
}
-- b.conf --
server { # error: rejected-nginx-config
  listen 81;
```

A value that only the machine knows hides nothing, as long as it can be no variable's name.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    environment:
      PUBLIC_HOST: ${PUBLIC_HOST:?}
    volumes:
      - ./site.conf.template:/etc/nginx/templates/site.conf.template:ro
-- site.conf.template --
map $http_upgrade $connection_upgrade { default upgrade; '' close; }
server {
  server_name ${PUBLIC_HOST};
  location / {
    proxy_set_header Host ${PUBLIC_HOST};
    proxy_set_header Connection $connection_upgrad; # error: rejected-nginx-config
    proxy_pass http://10.0.0.1;
  }
}
```

Silent: the name of a variable that only the machine knows, or the end of one.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    environment:
      NAME: ${NAME:?}
    volumes:
      - ./site.conf.template:/etc/nginx/templates/site.conf.template:ro
-- site.conf.template --
map $http_upgrade $${NAME} { default upgrade; '' close; }
server {
  location / {
    proxy_set_header Connection $connection_upgrade;
    proxy_pass http://10.0.0.1;
  }
}
```

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    environment:
      NAME: ${NAME:?}
    volumes:
      - ./site.conf.template:/etc/nginx/templates/site.conf.template:ro
-- site.conf.template --
map $http_upgrade $connection_upgrade { default upgrade; '' close; }
server {
  location / {
    proxy_set_header Connection $connection_${NAME};
    proxy_pass http://10.0.0.1;
  }
}
```

Silent: modules of other people, lists over several lines, braces in quotes, one default server for
each address, templates of other programs.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes:
      - ./nginx/nginx.conf:/etc/nginx/nginx.conf:ro
-- nginx/nginx.conf --
load_module modules/ngx_http_headers_more_filter_module.so;
events {}
http {
  more_set_headers "Server: none";
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  log_format main '$remote_addr "$request" '
                  '{"a": "$status"}';
  server {
    listen 80 default_server;
    listen [::]:80 default_server;
    server_name a.acme.dev
                b.acme.dev;
    add_header Content-Security-Policy
      "default-src 'self'; img-src *;";
    location = / { return 200; }
    location / { return 204; }
    location ~ "^/[a-z]{2}/(?<rest>.*)$" {
      proxy_set_header Connection $connection_upgrade;
      proxy_pass http://10.0.0.1/$rest;
    }
  }
}
-- nginx/sites/generated.conf.template --
{{ range .Sites }}
server { listen {{ .Port }}; }
{{ end }}
```
)";

constexpr Message messages[] = {
    {"syntax", "nginx refuses this: {problem}", "o nginx recusa isto: {problem}"},
    {"no-semicolon",
     "\"{name}\" has no \";\" at its end, so nginx takes \"{word}\" for one of its arguments",
     "\"{name}\" não tem \";\" no fim, e o nginx toma \"{word}\" por um de seus argumentos"},
    {"unknown-directive", "nginx knows no directive \"{name}\"",
     "o nginx não conhece a diretiva \"{name}\""},
    {"not-here", "\"{name}\" is not allowed here: nginx does not start",
     "\"{name}\" não é permitido aqui: o nginx não inicia"},
    {"arguments", "\"{name}\" does not take {count} arguments: nginx does not start",
     "\"{name}\" não aceita {count} argumentos: o nginx não inicia"},
    {"block", "\"{name}\" needs a block: nginx does not start",
     "\"{name}\" precisa de um bloco: o nginx não inicia"},
    {"no-block", "\"{name}\" takes no block: nginx does not start",
     "\"{name}\" não aceita um bloco: o nginx não inicia"},
    {"unknown-variable", "nothing defines \"${name}\": nginx does not start",
     "nada define \"${name}\": o nginx não inicia"},
    {"duplicate", "{what} a second time: nginx does not start",
     "{what} pela segunda vez: o nginx não inicia"},
    {"help", "`nginx -t` in the container says the same", "`nginx -t` no contêiner diz o mesmo"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help-semicolon", "end the line with \";\"", "termine a linha com \";\""},
    {"help-upgrade", "define it in `http` by a `map` of $http_upgrade: default upgrade; '' close;",
     "defina-o em `http` com um `map` de $http_upgrade: default upgrade; '' close;"},
    {"help-duplicate", "keep one of the two", "mantenha um dos dois"},
};

bool holds_entries(std::string_view name) {
  constexpr std::array<std::string_view, 8> blocks = {"types",         "map",          "geo",
                                                      "split_clients", "charset_map",  "match",
                                                      "acme_issuer",   "otel_exporter"};
  return std::ranges::find(blocks, name) != blocks.end();
}

// The word that is the variable which a directive defines; null when it defines none so.
const NginxWord* defining_word(const NginxDirective& directive) {
  const std::string_view name = directive.name();
  if (directive.words.size() < 2) return nullptr;
  if (name == "map" || name == "geo" || name == "split_clients") return &directive.words.back();
  if (name == "keyval" && directive.words.size() > 2) return &directive.words[2];
  if (name == "set" || name.ends_with("_set")) return &directive.words[1];
  return nullptr;
}

// Whether what is unknown in it may name a variable: as the name itself, or as a group of an
// expression. What a host, a port or a path is filled with defines none.
bool may_define(const Nginx& nginx, const NginxDirective& directive) {
  if (std::ranges::all_of(directive.words, &NginxWord::known)) return false;
  const std::string_view name = directive.name();
  if (!directive.words.front().known) return true;
  const bool entry = directive.parent != nginx::no_parent &&
                     holds_entries(nginx.directives[directive.parent].name());
  if (!entry && nginx_directive(name).empty()) return true;
  if (const NginxWord* word = defining_word(directive); word != nullptr && !word->known)
    return true;
  if (name == "if" || name == "rewrite") return true;
  return std::ranges::any_of(directive.words,
                             [](const NginxWord& word) { return word.text.starts_with('~'); });
}

class Checker {
public:
  Checker(const Program& program, Findings& findings) : program_(program), findings_(findings) {}

  void run() {
    std::set<FileId> files;
    for (const Nginx& nginx : program_.nginx) {
      // A file that nginx is not known to read may be anything.
      std::set<FileId> read;
      for (const NginxDirective& each : nginx.directives)
        if (!each.loose && each.span.file) read.insert(each.span.file);
      for (const FileId file : read) {
        if (files.insert(file).second) syntax(file, nginx);
      }
      directives(nginx);
      if (nginx.main_known) duplicates(nginx);
      variables(nginx);
    }
    for (auto& [key, finding] : found_) findings_.add(std::move(finding));
  }

private:
  void add(std::string_view message, Arguments arguments, Span span, const Nginx& nginx,
           std::string symbol, std::string_view help = "help",
           Confidence confidence = Confidence::certain, Span before = {}) {
    if (!span.file) return;
    const auto [place, fresh] = found_.try_emplace({span.file, span.range.begin});
    Finding& finding = place->second;
    const TargetIndex target = nginx.process->target;
    if (!fresh) {
      if (std::ranges::find(finding.targets, target) == finding.targets.end())
        finding.targets.push_back(target);
      return;
    }
    finding = {.rule = rule_named("rejected-nginx-config"),
               .message = message,
               .arguments = std::move(arguments),
               .span = span,
               .symbol_kind = "directive",
               .symbol = std::move(symbol),
               .targets = {target},
               .confidence = confidence,
               .help = help};
    if (before.file) finding.related.push_back({before, "defined-here"});
  }

  void syntax(FileId file, const Nginx& nginx) {
    const Source* source = program_.sources->loaded(file);
    if (source == nullptr) return;
    const FileFacts* facts = program_.facts_of(file);
    const bool is_template = facts != nullptr && facts->nginx != nullptr &&
                             facts->nginx_dialect == nginx::Dialect::envsubst_template;
    const nginx::File parsed = nginx::parse(
        source->bytes(), is_template ? nginx::Dialect::envsubst_template : nginx::Dialect::plain);
    if (parsed.problems.empty()) return;
    const std::string_view bytes = source->bytes();
    if (bytes.find("{{") != std::string_view::npos || bytes.find("{%") != std::string_view::npos ||
        bytes.find("<%") != std::string_view::npos)
      return; // of another program that makes the file
    const nginx::Problem& problem = parsed.problems.front(); // nginx goes no further
    if (problem.kind == nginx::Problem::Kind::too_deep ||
        problem.kind == nginx::Problem::Kind::too_large)
      return;
    broken_.insert(file); // what its blocks hold is not what was meant
    add("syntax", {{"problem", nginx::describe(problem)}}, {file, problem.range}, nginx,
        std::string(file_name(source->path())));
  }

  // The word that begins a line of its own and is a directive: the ';' before it was forgotten.
  const NginxWord* swallowed(const NginxDirective& directive, const std::string& context) const {
    const Source* source =
        directive.span.file ? program_.sources->loaded(directive.span.file) : nullptr;
    if (source == nullptr || directive.words.size() < 3) return nullptr;
    for (std::size_t i = 1; i < directive.words.size(); ++i) {
      const NginxWord& word = directive.words[i];
      if (word.quoted || word.span.file != directive.span.file) continue;
      const auto line = source->place(word.span.range.begin).line;
      if (source->place(directive.words[i - 1].span.range.begin).line == line) continue;
      for (const NginxDirectiveForm& form : nginx_directive(word.text))
        if (std::ranges::find(form.contexts, std::string_view(context)) != form.contexts.end())
          return &word;
    }
    return nullptr;
  }

  void directives(const Nginx& nginx) {
    bool modules = !nginx.alone;
    for (const NginxDirective& each : nginx.directives)
      modules = modules || each.name() == "load_module";
    for (std::size_t i = 0; i < nginx.directives.size(); ++i) {
      const NginxDirective& each = nginx.directives[i];
      if (each.loose || each.substituted || broken_.contains(each.span.file)) continue;
      if (each.block && holds_entries(each.name())) {
        i = each.end - 1;
        continue;
      }
      directive(nginx, i, modules);
    }
  }

  void directive(const Nginx& nginx, std::size_t index, bool modules) {
    const NginxDirective& each = nginx.directives[index];
    if (!nginx.main_known) return;
    const std::string context = nginx.context_of(index);
    const std::string name(each.name());
    const auto forms = nginx_directive(name);
    if (forms.empty()) {
      if (modules || !each.words.front().known || name.starts_with('$')) return;
      if (const auto near = nearest_nginx_directive(name))
        add("unknown-directive", {{"name", name}, {"near", std::string(*near)}}, each.span, nginx,
            name, "help-near");
      return;
    }
    if (const NginxWord* word = swallowed(each, context)) {
      add("no-semicolon", {{"name", name}, {"word", word->text}}, each.words.front().span, nginx,
          name, "help-semicolon", Confidence::likely);
      return;
    }
    constexpr std::array<std::string_view, 12> known = {
        "main", "events",    "http",         "server", "location",      "upstream",
        "if",   "server-if", "limit_except", "stream", "stream/server", "stream/upstream"};
    if (std::ranges::find(known, std::string_view(context)) == known.end()) return;
    const NginxDirectiveForm* form = nullptr;
    for (const NginxDirectiveForm& one : forms)
      if (std::ranges::find(one.contexts, std::string_view(context)) != one.contexts.end() ||
          std::ranges::find(one.contexts, std::string_view("any")) != one.contexts.end())
        if (form == nullptr || one.block == each.block) form = &one;
    if (form == nullptr) {
      if (!modules) add("not-here", {{"name", name}}, each.span, nginx, name);
      return;
    }
    if (form->block != each.block) {
      // What has a block here and is none: the brace is another directive's, or the reverse.
      add(form->block ? "block" : "no-block", {{"name", name}}, each.span, nginx, name);
      return;
    }
    for (const NginxWord& word : each.words)
      if (!word.known || (word.text.empty() && !word.quoted)) return;
    const std::size_t count = each.words.size() - 1;
    const bool taken = (form->open_ended && count >= form->at_least) ||
                       (count < 32 && (form->counts >> count & 1u));
    if (!taken)
      add("arguments", {{"name", name}, {"count", std::to_string(count)}}, each.span, nginx, name);
  }

  void duplicates(const Nginx& nginx) {
    if (!broken_.empty()) return;
    std::map<std::string, Span> upstreams;
    std::map<std::pair<std::size_t, std::string>, Span> locations;
    for (std::size_t i = 0; i < nginx.directives.size(); ++i) {
      const NginxDirective& each = nginx.directives[i];
      if (!each.block || each.loose || each.words.size() < 2) continue;
      if (std::ranges::any_of(each.words, [](const NginxWord& word) { return !word.known; }))
        continue;
      if (each.name() == "upstream") {
        const std::string key = nginx.context_of(i) + " " + each.words[1].text;
        const auto [place, fresh] = upstreams.try_emplace(key, each.span);
        if (!fresh)
          add("duplicate", {{"what", "upstream \"" + each.words[1].text + "\""}}, each.span, nginx,
              each.words[1].text, "help-duplicate", Confidence::certain, place->second);
      }
      if (each.name() != "location") continue;
      const bool modified = each.words.size() > 2;
      const std::string& modifier = each.words[1].text;
      if (modified ? modifier.starts_with('~') : modifier.find_first_of("~=^@") == 0) continue;
      const std::string pattern = each.words[modified ? 2 : 1].text;
      const std::string key = (modified && modifier == "=" ? "= " : "") + pattern;
      const auto [place, fresh] = locations.try_emplace({each.parent, key}, each.span);
      if (!fresh)
        add("duplicate", {{"what", "location \"" + pattern + "\""}}, each.span, nginx, pattern,
            "help-duplicate", Confidence::certain, place->second);
    }
    std::map<std::string, Span> defaults;
    std::map<std::pair<std::size_t, std::string>, Span> addresses;
    for (const NginxListen& each : nginx_listens(nginx)) {
      if (nginx.directives[each.server].loose || nginx.context_of(each.server) != "http") continue;
      const std::string key = each.address + ":" + std::to_string(each.port);
      if (each.default_server) {
        const auto [place, fresh] = defaults.try_emplace(key, each.span);
        if (!fresh && nginx.directives[each.server].span != place->second)
          add("duplicate",
              {{"what", "default server of \"" + key + "\""},
               {"what@pt", "servidor padrão de \"" + key + "\""}},
              each.span, nginx, key, "help-duplicate", Confidence::certain, place->second);
      }
    }
  }

  void variables(const Nginx& nginx) {
    if (!nginx.alone || !nginx.complete || !nginx.main_known || !broken_.empty()) return;
    std::set<std::string, std::less<>> defined;
    for (const NginxDirective& each : nginx.directives) {
      // Somebody else's module may define variables.
      if (each.name() == "load_module" || each.substituted || each.loose) return;
      if (may_define(nginx, each)) return;
      for (const NginxWord& word : each.words) {
        for (std::size_t at = word.text.find('<'); at != std::string::npos;
             at = word.text.find('<', at + 1)) {
          const std::size_t end = word.text.find('>', at);
          if (end != std::string::npos) defined.insert(word.text.substr(at + 1, end - at - 1));
        }
      }
      if (const NginxWord* word = defining_word(each);
          word != nullptr && word->text.starts_with('$'))
        defined.insert(word->text.substr(1));
    }
    constexpr std::array<std::string_view, 15> evaluating = {"return",
                                                             "proxy_pass",
                                                             "rewrite",
                                                             "add_header",
                                                             "proxy_set_header",
                                                             "fastcgi_param",
                                                             "log_format",
                                                             "root",
                                                             "alias",
                                                             "try_files",
                                                             "uwsgi_param",
                                                             "grpc_set_header",
                                                             "proxy_cache_key",
                                                             "limit_req_zone",
                                                             "limit_conn_zone"};
    for (std::size_t i = 0; i < nginx.directives.size(); ++i) {
      const NginxDirective& each = nginx.directives[i];
      if (nginx.context_of(i).starts_with("stream")) continue;
      if (std::ranges::find(evaluating, each.name()) == evaluating.end()) continue;
      for (std::size_t w = 1; w < each.words.size(); ++w) {
        // The pattern of a rewrite is no place for variables.
        if (each.name() == "rewrite" && w == 1) continue;
        // What is filled in may be the end of a name: `$upstream_${KIND}`.
        if (!each.words[w].known) continue;
        for (const nginx::VariableUse& use : nginx::variables_of(each.words[w].text)) {
          if (defined.contains(use.name) || is_nginx_variable(use.name)) continue;
          // A template's own variables are another rule's.
          if (each.of_template &&
              use.name.find_first_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos)
            continue;
          add("unknown-variable", {{"name", use.name}}, each.words[w].span, nginx, use.name,
              use.name == "connection_upgrade" ? "help-upgrade" : "help");
        }
      }
    }
  }

  const Program& program_;
  Findings& findings_;
  std::set<FileId> broken_;
  std::map<std::pair<FileId, std::uint32_t>, Finding> found_;
};

void check(const Program& program, Findings& findings) { Checker(program, findings).run(); }

} // namespace

extern constinit const Rule rejected_nginx_config;
constinit const Rule rejected_nginx_config = declare({
    .id = "AE0683",
    .name = "rejected-nginx-config",
    .category = Category::config,
    .title_en = "configuration that nginx refuses",
    .title_pt = "configuração que o nginx recusa",
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
