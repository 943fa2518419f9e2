#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/same_name.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A path that does not exist

A compose file names a file or folder of the repository that is not there: an `env_file`, a
build context, a Dockerfile, the file of a config or secret, a file to `extends` or
`include`, or the source of a bind mount. `docker compose up` refuses most of them. A
missing bind source is worse: Docker makes an empty folder of it, the container starts, and
what it needed (a certificate, a configuration, a script) is an empty folder.

Not reported: paths that Git ignores (each machine has its own), paths that a script or a
documented command creates, paths outside the repository, and folders for data that Docker
may rightly create.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: nginx:1.28
    volumes:
      - ./nginx/ssl:/etc/nginx/ssl:ro # error: undefined-path
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
-- nginx.conf --
events {}
http {
  server {
    listen 443 ssl;
    ssl_certificate /etc/nginx/ssl/server.crt;
    ssl_certificate_key /etc/nginx/ssl/server.key;
  }
}
```

A file that lies elsewhere is named in the help:

```txtar
-- compose.prod.yaml --
services:
  web:
    image: nginx:1.28
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro # error: undefined-path
-- nginx/nginx.conf --
events {}
```

A path that differs only in case works on macOS and Windows and breaks on Linux:

```txtar
-- compose.yaml --
services:
  api:
    build:
      context: ./Api # error: undefined-path
    env_file:
      - missing.env # error: undefined-path
-- api/Dockerfile --
FROM scratch
```

A path may lead out of the folder of its file:

```txtar
-- deploy/compose.prod.yaml --
services:
  proxy:
    build: ../nginx # error: undefined-path
```

A backslash separates folders on Windows only:

```txtar
-- compose.yaml --
services:
  web:
    image: nginx:1.28
    volumes:
      - .\site:/usr/share/nginx/html:ro # error: undefined-path
-- site/index.html --
<p>hello</p>
```

Silent: data folders, ignored files, files that a script makes.

```txtar
-- compose.yaml --
services:
  db:
    image: postgres:18
    env_file: .env
    volumes:
      - ./data:/var/lib/postgresql
      - ./certs/server.crt:/certs/server.crt:ro
      - /etc/localtime:/etc/localtime:ro
      - ${CONFIG_DIR}/db.conf:/etc/db.conf:ro
-- .gitignore --
.env
-- compose.prod.yaml --
services:
  plain:
    image: nginx:1.30
    volumes:
      - ./nginx/plain.conf:/etc/nginx/nginx.conf:ro
      - ./nginx/tls:/etc/nginx/tls:ro
  proxy:
    image: nginx:1.30
    volumes:
      - ./nginx/proxy.conf:/etc/nginx/nginx.conf:ro
      - ./letsencrypt:/etc/nginx/certs:ro
  certbot:
    image: certbot/certbot
    volumes:
      - ./letsencrypt:/etc/letsencrypt
  shipper:
    image: elastic/filebeat:9.2.1
    volumes:
      - ./logs:/var/log/app:ro
  app:
    image: ghcr.io/acme/app:1
    volumes:
      - ./logs:/app/logs
-- nginx/plain.conf --
events {}
http { server { listen 80; } }
-- nginx/proxy.conf --
events {}
http {
  server {
    listen 443 ssl;
    ssl_certificate /etc/nginx/certs/server.crt;
    ssl_certificate_key /etc/nginx/certs/server.key;
  }
}
-- scripts/certs.sh --
mkdir -p certs
openssl req -x509 -newkey rsa:2048 -nodes -keyout certs/server.key -out certs/server.crt
```
)";

constexpr Message messages[] = {
    {"bind",
     "\"{path}\" does not exist: Docker mounts an empty folder at \"{target}\" of service "
     "\"{service}\"",
     "\"{path}\" não existe: o Docker monta uma pasta vazia em \"{target}\" do serviço "
     "\"{service}\""},
    {"bind-file",
     "\"{path}\" does not exist: Docker makes an empty folder of it, where service \"{service}\" "
     "needs the file \"{target}\"",
     "\"{path}\" não existe: o Docker cria uma pasta vazia onde o serviço \"{service}\" precisa do "
     "arquivo \"{target}\""},
    {"bind-refused",
     "\"{path}\" does not exist: the mount at \"{target}\" of service \"{service}\" fails",
     "\"{path}\" não existe: a montagem em \"{target}\" do serviço \"{service}\" falha"},
    {"env-file", "env file \"{path}\" of service \"{service}\" does not exist",
     "o arquivo env \"{path}\" do serviço \"{service}\" não existe"},
    {"build-context", "build context \"{path}\" of service \"{service}\" does not exist",
     "o contexto de build \"{path}\" do serviço \"{service}\" não existe"},
    {"dockerfile", "Dockerfile \"{path}\" of service \"{service}\" does not exist",
     "o Dockerfile \"{path}\" do serviço \"{service}\" não existe"},
    {"config-file", "the file \"{path}\" of a config does not exist",
     "o arquivo \"{path}\" de um config não existe"},
    {"secret-file", "the file \"{path}\" of a secret does not exist",
     "o arquivo \"{path}\" de um secret não existe"},
    {"extends", "\"{path}\", which service \"{service}\" extends, does not exist",
     "\"{path}\", que o serviço \"{service}\" estende, não existe"},
    {"include", "included file \"{path}\" does not exist",
     "o arquivo incluído \"{path}\" não existe"},
    {"help-case", "the repository has \"{other}\": names on Linux differ in case",
     "o repositório tem \"{other}\": no Linux, maiúsculas e minúsculas diferem"},
    {"help-backslash",
     "the repository has \"{other}\": outside Windows a backslash is part of the name, so write "
     "\"/\"",
     "o repositório tem \"{other}\": fora do Windows a barra invertida faz parte do nome; escreva "
     "\"/\""},
    {"help-elsewhere", "the repository has \"{other}\": is that the file?",
     "o repositório tem \"{other}\": é esse o arquivo?"},
    {"help-certificate",
     "put the certificate and its key there before the start, and declare \"{path}\" under externs "
     "in aethel.yaml",
     "coloque ali o certificado e a chave antes de iniciar e declare \"{path}\" em externs no "
     "aethel.yaml"},
    {"help-create",
     "create \"{path}\", or declare it under externs in aethel.yaml when each machine has its own",
     "crie \"{path}\", ou declare-o em externs no aethel.yaml se cada máquina tem o seu"},
};

constexpr std::array<std::string_view, 6> certificate_words = {
    "ssl", "tls", "cert", "certs", "certificates", "letsencrypt"};

bool is_certificate(std::string_view path) {
  for (const std::string_view end : {".pem", ".crt", ".key", ".cer"})
    if (path.ends_with(end)) return true;
  while (!path.empty()) {
    if (std::ranges::find(certificate_words, file_name(path)) != certificate_words.end())
      return true;
    path = parent_path(path);
  }
  return false;
}

// `.\nginx\site.conf` -> `nginx/site.conf`, where that is there.
std::string with_slashes(const Program& program, std::string_view path) {
  std::string other(path);
  std::ranges::replace(other, '\\', '/');
  if (other == path) return {};
  other = join_path("", other);
  return program.tree.exists(other) == Existence::absent ? std::string() : other;
}

// Whoever commits these gives a secret away: each machine has its own.
bool is_made_by_hand(std::string_view path) {
  const std::string_view name = file_name(path);
  return name == ".htpasswd" || name == "acme.json" ||
         (name.ends_with(".json") && (name.contains("ccount") || name.contains("redential")));
}

// A folder for more of the same: the server starts, and lacks what was to be in it.
bool starts_when_empty(std::string_view path, std::string_view target) {
  if (file_name(path).contains('.')) return false;
  return target.starts_with("/etc/grafana/provisioning") ||
         target.starts_with("/var/lib/grafana/dashboards") ||
         target.starts_with("/docker-entrypoint-initdb.d") ||
         target.starts_with("/etc/prometheus/rules");
}

// Both ends are written as files.
bool is_file_mount(std::string_view source, std::string_view target) {
  constexpr std::string_view ends[] = {
      ".conf", ".cnf", ".cfg", ".ini", ".yml", ".yaml", ".json", ".toml",       ".xml",  ".sql",
      ".sh",   ".js",  ".py",  ".pem", ".crt", ".key",  ".env",  ".properties", ".html", ".rules"};
  return std::ranges::any_of(
      ends, [&](std::string_view end) { return source.ends_with(end) && target.ends_with(end); });
}

const Mount* mount_of(const Program& program, const Reference& reference) {
  const Process* process = program.process(reference.target, reference.process);
  if (process == nullptr) return nullptr;
  for (const Mount& mount : process->mounts)
    if (mount.path == reference.name && mount.origin.written == reference.origin.written)
      return &mount;
  return nullptr;
}

// A Dockerfile in a context that is missing is the context's finding.
bool inside_missing_context(const Program& program, const Reference& reference) {
  if (reference.role != "dockerfile") return false;
  const Process* process = program.process(reference.target, reference.process);
  return process != nullptr && process->build &&
         program.tree.exists(process->build->path) == Existence::absent;
}

// What nginx reads below the mount: the reason why the folder matters.
void needed_by_nginx(const Program& program, const Reference& reference, Finding& finding) {
  for (const Nginx& nginx : program.nginx) {
    if (nginx.process->target != reference.target || nginx.process->name != reference.process)
      continue;
    for (const NginxFileUse& use : nginx.uses) {
      const Span& span = nginx.directives[use.directive].span;
      if (use.file.where == ContainerFile::Where::missing_mount && span.file &&
          use.file.path == reference.name)
        finding.related.push_back({span, "needed-here"});
    }
  }
}

// A folder for certificates that the configuration does not load, as where HTTPS is commented out.
bool nginx_reads_nothing_there(const Program& program, const Reference& reference,
                               std::string_view target) {
  if (!is_certificate(reference.name) && !is_certificate(target)) return false;
  for (const Nginx& nginx : program.nginx) {
    if (nginx.process->target != reference.target || nginx.process->name != reference.process)
      continue;
    // A configuration of the repository's own; the image's reads no such folder, and says nothing
    // of what was meant.
    if (!nginx.complete || !nginx.main_known || nginx.files.empty()) return false;
    return std::ranges::none_of(nginx.uses, [&](const NginxFileUse& use) {
      return use.path.starts_with(target) || use.file.path == reference.name;
    });
  }
  return false;
}

void check(const Program& program, Findings& findings) {
  // One finding a missing path and place; further uses are related to it.
  std::map<std::pair<std::string, bool>, std::vector<Finding>> by_path;
  for (const Reference& reference : program.references) {
    if (reference.kind->name != "path" || reference.state != OutcomeState::undefined) continue;
    if (!reference.required || inside_missing_context(program, reference)) continue;
    // Steps of workflows have a rule of their own.
    if (program.targets[reference.target].kind == "workflow") continue;
    Finding finding{.rule = rule_named("undefined-path"),
                    .message = reference.role,
                    .arguments = {{"path", reference.name}, {"service", reference.process}},
                    .span = reference.origin.written,
                    .symbol_kind = "path",
                    .symbol = reference.name,
                    .targets = {reference.target},
                    .help = reference.detail.empty() ? "help-create" : "help-case"};
    std::string other = reference.detail;
    std::string target;
    if (reference.role == "bind") {
      const Mount* mount = mount_of(program, reference);
      if (mount != nullptr) target = mount->target;
      if (mount != nullptr && !mount->create_host_path)
        finding.message = "bind-refused";
      else if (is_file_mount(reference.name, target))
        finding.message = "bind-file";
    }
    finding.arguments.emplace_back("target", target);
    if (reference.role == "bind" && nginx_reads_nothing_there(program, reference, target)) continue;
    // A default that nobody has to take: the environment may name a path that is there.
    if (reference.text.has_holes()) finding.confidence = Confidence::likely;
    if (is_certificate(reference.name) || is_certificate(target)) {
      finding.category = Category::tls;
      if (reference.role == "bind" && finding.help == "help-create")
        finding.help = "help-certificate";
    }
    if (finding.help == "help-create") {
      if (other = with_slashes(program, reference.name); !other.empty()) {
        finding.help = "help-backslash";
        finding.confidence = Confidence::likely; // it works where it was written
      } else if (file_name(reference.name).contains('.') &&
                 !(other = only_file_named(program, reference.name)).empty()) {
        finding.help = "help-elsewhere";
      }
    }
    finding.arguments.emplace_back("other", other);
    if (reference.role == "secret-file" || is_made_by_hand(reference.name) ||
        starts_when_empty(reference.name, target))
      finding.at_best = Priority::p1;
    if (reference.role == "bind") needed_by_nginx(program, reference, finding);
    auto& group = by_path[{reference.name, reference.role == "bind"}];
    if (group.empty() || group.front().span.file != finding.span.file) {
      group.push_back(std::move(finding));
      continue;
    }
    Finding& first = group.front();
    if (first.span == finding.span) {
      first.targets.push_back(reference.target);
      continue;
    }
    if (std::ranges::none_of(first.related,
                             [&](const Related& r) { return r.span == finding.span; }))
      first.related.push_back({finding.span, "also-here"});
  }
  for (auto& [key, group] : by_path)
    for (Finding& finding : group) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule undefined_path;
constinit const Rule undefined_path = declare({
    .id = "AE0101",
    .name = "undefined-path",
    .category = Category::config,
    .title_en = "path that does not exist",
    .title_pt = "caminho que não existe",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.5, 1},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
