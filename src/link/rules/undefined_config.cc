#include "link/rule.h"
#include "link/rules/support/undefined_name.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A config that the project does not declare

A service uses a config that the top-level `configs` of its project does not declare.

```txtar
-- compose.yaml --
services:
  web:
    image: nginx:1.28
    configs:
      - source: site # error: undefined-config
        target: /etc/nginx/conf.d/default.conf
configs:
  nginx-site:
    content: "server {}"
```

Silent:

```txtar
-- compose.yaml --
services:
  web:
    image: nginx:1.28
    configs: [site]
configs:
  site:
    external: true
```
)";

constexpr Message messages[] = {
    {"undefined", "config \"{name}\" of service \"{service}\" is not declared",
     "o config \"{name}\" do serviço \"{service}\" não está declarado"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "declare it under the top-level `configs`",
     "declare-o em `configs`, no nível superior"},
};

void check(const Program& program, Findings& findings) {
  report_undefined_names(program, findings, "config", "undefined-config");
}

} // namespace

extern constinit const Rule undefined_config;
constinit const Rule undefined_config = declare({
    .id = "AE0105",
    .name = "undefined-config",
    .category = Category::config,
    .title_en = "config that is not declared",
    .title_pt = "config que não está declarado",
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
