#include "link/container.h"
#include "link/finding.h"
#include "link/nginx.h"
#include "link/program.h"
#include "link/rule.h"

#include <algorithm>
#include <map>
#include <optional>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A template of nginx that is not filled in

nginx's image puts variables of its environment into `/etc/nginx/templates/*.template` with envsubst:
`$NAME` and `${NAME}`, of variables that are set, and nothing else. What is not set stays as it is, and
nginx refuses it or takes it literally. Defaults as a shell has them (`${NAME:-value}`) are not known to
envsubst at all.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    environment:
      API_HOST: api
    volumes:
      - ./templates:/etc/nginx/templates:ro
  api:
    image: ghcr.io/acme/api:1
-- templates/site.conf.template --
server {
  listen ${PORT:-80}; # error: unfilled-template
  server_name ${PUBLIC_HOST}; # error: unfilled-template
  location / {
    proxy_pass http://${API_HOST}:8080;
    proxy_set_header Host $host;
  }
}
```

Silent: variables that are set, though to what only whoever starts it knows; variables of nginx; an
env file that is not in the repository.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    environment:
      PUBLIC_HOST: ${PUBLIC_HOST}
      PORT:
    volumes:
      - ./templates:/etc/nginx/templates:ro
  other:
    image: nginx:1.28
    env_file: nginx.env
    volumes:
      - ./other:/etc/nginx/templates:ro
-- .gitignore --
nginx.env
-- templates/site.conf.template --
server {
  listen ${PORT};
  server_name ${PUBLIC_HOST};
  set $BACKEND 10.0.0.1;
  location / { proxy_pass http://${BACKEND}:8080$request_uri; }
}
-- other/site.conf.template --
server {
  listen ${LISTEN_PORT};
}
```
)";

constexpr Message messages[] = {
    {"unset",
     "\"${name}\" stays in the configuration: service \"{service}\" is given no variable of that "
     "name",
     "\"${name}\" permanece na configuração: o serviço \"{service}\" não recebe uma variável com "
     "esse nome"},
    {"default",
     "envsubst has no defaults: \"${name}\" with \":-\" stays in the configuration of service "
     "\"{service}\", and nginx does not start",
     "o envsubst não tem valores padrão: \"${name}\" com \":-\" permanece na configuração do "
     "serviço \"{service}\", e o nginx não inicia"},
    {"help-unset", "give it in the `environment` of the service",
     "informe-a em `environment` do serviço"},
    {"help-default",
     "write the plain variable, and its default in the compose file or in ENV of the image",
     "escreva só a variável, e o valor padrão no arquivo compose ou em ENV da imagem"},
};

// The name in `${NAME:-...}` and its kin.
std::optional<std::string> shell_default(std::string_view text) {
  for (std::size_t at = text.find("${"); at != std::string_view::npos;
       at = text.find("${", at + 2)) {
    std::size_t end = at + 2;
    while (end < text.size() && (text[end] == '_' || (text[end] >= '0' && text[end] <= '9') ||
                                 ((text[end] | 32) >= 'a' && (text[end] | 32) <= 'z')))
      ++end;
    if (end == at + 2 || end + 1 >= text.size()) continue;
    const std::string_view rest = text.substr(end);
    if (rest.starts_with(":-") || rest.starts_with(":=") || rest.starts_with(":?") ||
        rest.starts_with("-") || rest.starts_with(":+"))
      return std::string(text.substr(at + 2, end - at - 2));
  }
  return {};
}

bool is_environment_name(std::string_view name) {
  return name.size() > 1 && (name[0] < '0' || name[0] > '9') &&
         std::ranges::all_of(name, [](char c) {
           return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

// An env file that is not in the repository may give anything, and so may an image of ours.
bool is_environment_known(const Program& program, const Nginx& nginx) {
  const Process& process = *nginx.process;
  if (process.build && !built_image(program, process)) return false;
  return std::ranges::none_of(
      program.projects[process.target].uses, [&](const ComposeFileUse& use) {
        return use.role == ComposeFileUse::Role::env_file && use.service == process.name &&
               (!use.known || program.tree.exists(use.path) != Existence::file);
      });
}

void check(const Program& program, Findings& findings) {
  std::map<std::pair<FileId, std::uint32_t>, Finding> found;
  for (const Nginx& nginx : program.nginx) {
    const bool known = nginx.alone && is_environment_known(program, nginx);
    // What nginx itself sets is its own variable, whatever its letters.
    std::vector<std::string> defined;
    for (const NginxDirective& each : nginx.directives)
      for (const NginxWord& word : each.words)
        if (word.text.starts_with('$') && (each.name() == "set" || each.name() == "map" ||
                                           each.name() == "geo" || each.name() == "js_set"))
          defined.push_back(word.text.substr(1));
    for (const NginxDirective& each : nginx.directives) {
      if (!each.of_template || each.loose) continue;
      for (const NginxWord& word : each.words) {
        std::optional<std::string> name = shell_default(word.text);
        const bool has_default = name.has_value();
        if (!name && known)
          for (const nginx::VariableUse& use : nginx::variables_of(word.text))
            if (use.braces && is_environment_name(use.name) &&
                std::ranges::find(defined, use.name) == defined.end()) {
              name = use.name;
              break;
            }
        if (!name || !word.span.file) continue;
        const auto [place, fresh] = found.try_emplace({word.span.file, word.span.range.begin});
        Finding& finding = place->second;
        if (!fresh) {
          if (std::ranges::find(finding.targets, nginx.process->target) == finding.targets.end())
            finding.targets.push_back(nginx.process->target);
          continue;
        }
        finding = {.rule = rule_named("unfilled-template"),
                   .message = has_default ? "default" : "unset",
                   .arguments = {{"name", *name}, {"service", nginx.process->name}},
                   .span = word.span,
                   .related = {{nginx.process->origin.written, "defined-here"}},
                   .symbol_kind = "variable",
                   .symbol = *name,
                   .targets = {nginx.process->target},
                   .confidence = has_default ? Confidence::certain : Confidence::likely,
                   .help = has_default ? "help-default" : "help-unset"};
      }
    }
  }
  for (auto& [key, finding] : found) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule unfilled_template;
constinit const Rule unfilled_template = declare({
    .id = "AE0685",
    .name = "unfilled-template",
    .category = Category::config,
    .title_en = "template of nginx that is not filled in",
    .title_pt = "template do nginx que não é preenchido",
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
