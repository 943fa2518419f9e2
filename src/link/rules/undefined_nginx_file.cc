#include "base/files.h"
#include "link/finding.h"
#include "link/network.h"
#include "link/nginx.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A file that nginx does not find

nginx is told to read a file - an `include`, a certificate, its key, parameters, passwords - that is
not in its container: nothing mounts it, or the folder that is mounted does not have it. nginx stops
at start; without the file of `auth_basic_user_file` it answers 403.

A mounted folder or file that does not exist is reported as [undefined-path] at the mount.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes:
      - ./nginx/nginx.conf:/etc/nginx/nginx.conf:ro
      - ./nginx/snippets:/etc/nginx/snippets:ro
-- nginx/nginx.conf --
events {}
http {
  include mime.types;
  server {
    listen 443 ssl;
    ssl_certificate     /etc/nginx/ssl/cert.pem; # error: undefined-nginx-file
    ssl_certificate_key /etc/nginx/ssl/key.pem; # error: undefined-nginx-file
    include snippets/headers.conf;
    include snippets/proxy.conf; # error: undefined-nginx-file
    location ~ \.php$ {
      include fastcgi.conf; # error: undefined-nginx-file
      fastcgi_pass 127.0.0.1:9000;
    }
    location /admin/ {
      auth_basic "who?";
      auth_basic_user_file /etc/nginx/htpasswd; # error: undefined-nginx-file
    }
  }
}
-- nginx/snippets/headers.conf --
add_header X-Content-Type-Options nosniff;
```

A folder that a location serves, and that nothing brings, answers 404.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
      - challenges:/var/www/acme
      - ./site:/srv/site/docs:ro
volumes: {challenges: {}}
-- site/index.html --
-- nginx.conf --
events {}
http {
  server {
    location /.well-known/acme-challenge/ { root /var/www/acem; } # error: undefined-nginx-file
    location /challenges/ { root /var/www/acme; }
    location /docs/ { root /srv/site; }
    location /own/ { root /usr/share/nginx/html; }
    location /api/ { root /srv/api; proxy_pass http://10.0.0.1; }
    location /app/ { root /srv/app; try_files $uri @app; }
    location @app { proxy_pass http://10.0.0.1; }
    location /users/ { alias /srv/$host/; }
  }
}
```

Silent: what the image brings, volumes that somebody fills, files that Git ignores or a script makes,
an image of ours, whose build may make anything.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes:
      - ./nginx/nginx.conf:/etc/nginx/nginx.conf:ro
      - ./nginx/ssl:/etc/nginx/ssl:ro
      - letsencrypt:/etc/letsencrypt
    secrets: [passwords]
  built:
    build: nginx
secrets:
  passwords: {file: nginx/passwords}
volumes:
  letsencrypt:
-- nginx/Dockerfile --
FROM nginx:1.28
COPY built.conf /etc/nginx/conf.d/default.conf
RUN openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout /etc/ssl/x.key -out /etc/ssl/x.crt
-- nginx/built.conf --
server { listen 443 ssl; ssl_certificate /etc/ssl/x.crt; ssl_certificate_key /etc/ssl/x.key; }
-- nginx/passwords --
-- nginx/ssl/README --
Each machine has its own.
-- .gitignore --
*.pem
-- nginx/nginx.conf --
events {}
http {
  include /etc/nginx/mime.types;
  include /etc/nginx/sites/*.conf;
  server {
    listen 443 ssl;
    ssl_certificate /etc/nginx/ssl/cert.pem;
    ssl_certificate_key /etc/nginx/ssl/key.pem;
    auth_basic_user_file /run/secrets/passwords;
    location / { include uwsgi_params; uwsgi_pass 10.0.0.1:9000; }
  }
  server {
    listen 8443 ssl;
    ssl_certificate /etc/letsencrypt/live/acme.dev/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/$ssl_server_name/privkey.pem;
    ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;
  }
}
```
)";

constexpr Message messages[] = {
    {"include",
     "nginx of service \"{service}\" includes \"{path}\", which is not in its container: it does "
     "not start",
     "o nginx do serviço \"{service}\" inclui \"{path}\", que não está no seu contêiner: ele não "
     "inicia"},
    {"certificate",
     "nginx of service \"{service}\" needs the certificate or key \"{path}\", which nothing puts "
     "into its container: it does not start",
     "o nginx do serviço \"{service}\" precisa do certificado ou chave \"{path}\", que nada coloca "
     "no seu contêiner: ele não inicia"},
    {"file",
     "nginx of service \"{service}\" needs the file \"{path}\", which nothing puts into its "
     "container: it does not start",
     "o nginx do serviço \"{service}\" precisa do arquivo \"{path}\", que nada coloca no seu "
     "contêiner: ele não inicia"},
    {"password-file",
     "nginx of service \"{service}\" asks for passwords of \"{path}\", which nothing puts into its "
     "container: it answers 403",
     "o nginx do serviço \"{service}\" pede senhas de \"{path}\", que nada coloca no seu "
     "contêiner: ele responde 403"},
    {"folder",
     "nginx of service \"{service}\" serves \"{path}\", which nothing puts into its container: it "
     "answers 404",
     "o nginx do serviço \"{service}\" serve \"{path}\", que nada coloca no seu contêiner: ele "
     "responde 404"},
    {"help-mount", "mount it there, or take the line out", "monte-o ali, ou retire a linha"},
    {"help-create", "create \"{source}\", or declare it under externs in aethel.yaml",
     "crie \"{source}\", ou declare-o em externs no aethel.yaml"},
};

// What Debian's and Alpine's images have there is not listed.
bool may_be_of_system(std::string_view path) {
  for (const std::string_view begin : {"/etc/ssl/", "/etc/pki/", "/usr/", "/dev/", "/proc/"})
    if (path.starts_with(begin)) return true;
  return false;
}

// By nginx itself, or by who builds a site.
bool may_be_filled(std::string_view path) {
  for (const std::string_view begin : {"/etc/nginx", "/var/log", "/var/cache", "/var/lib", "/tmp",
                                       "/run", "/var/run", "/usr/", "/opt/"})
    if (path.starts_with(begin)) return true;
  for (const std::string_view name : {"dist", "build", "out", "public", "static", "staticfiles",
                                      "media", "uploads", "html", "_site", ".well-known"})
    if (file_name(path) == name) return true;
  return false;
}

bool is_missing(const Nginx& nginx, const NginxFileUse& use) {
  if (nginx.directives[use.directive].loose || use.of_image) return false;
  if (use.role == "folder" && may_be_filled(use.path)) return false;
  if (use.file.where == ContainerFile::Where::absent) return true;
  return use.file.where == ContainerFile::Where::image && nginx.plain_image &&
         !may_be_of_system(use.path);
}

void check(const Program& program, Findings& findings) {
  std::map<std::pair<FileId, std::uint32_t>, Finding> found;
  for (const Nginx& nginx : program.nginx)
    for (const NginxFileUse& use : nginx.uses) {
      if (!is_missing(nginx, use)) continue;
      const NginxDirective& directive = nginx.directives[use.directive];
      const Span span = directive.words[1].span;
      if (!span.file) continue;
      const auto [place, fresh] = found.try_emplace({span.file, span.range.begin});
      Finding& finding = place->second;
      if (!fresh) {
        if (std::ranges::find(finding.targets, nginx.process->target) == finding.targets.end())
          finding.targets.push_back(nginx.process->target);
        continue;
      }
      finding = {.rule = rule_named("undefined-nginx-file"),
                 .message = use.role,
                 .arguments = {{"service", nginx.process->name},
                               {"path", use.path},
                               {"source", use.file.path}},
                 .span = span,
                 .symbol_kind = "path",
                 .symbol = use.path,
                 .targets = {nginx.process->target},
                 .help = use.file.path.empty() ? "help-mount" : "help-create"};
      if (use.file.evidence.file) finding.related.push_back({use.file.evidence, "defined-here"});
      if (use.role == "folder") {
        finding.confidence = Confidence::likely;
        // Certificates may come another way by now.
        for (const NginxWord& word : nginx.directives[directive.parent].words)
          if (word.text.contains("/.well-known/")) finding.at_best = Priority::p2;
      }
      // Whoever deploys it may put a certificate into a folder that is mounted.
      if (use.role != "include" && !use.file.path.empty()) finding.confidence = Confidence::likely;
      if (use.role == "certificate") finding.category = Category::tls;
    }
  for (auto& [key, finding] : found) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule undefined_nginx_file;
constinit const Rule undefined_nginx_file = declare({
    .id = "AE0682",
    .name = "undefined-nginx-file",
    .category = Category::config,
    .title_en = "file that nginx does not find",
    .title_pt = "arquivo que o nginx não encontra",
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
