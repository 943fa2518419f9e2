#include "link/rule.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# An ignore that ignores nothing

An entry under `ignore` of `aethel.yaml`, or a comment `# aethel: ignore[rule] reason`,
covers no finding any more, or its date has passed. Old excuses hide new defects: remove it.

```txtar
-- compose.yaml --
services:
  web:
    image: nginx:1.28
    # aethel: ignore[undefined-path] the host brings it # error: stale-ignore
    volumes:
      - ./site:/srv
-- site/index.html --
hello
```

Silent: one that is still needed.

```txtar
-- compose.yaml --
services:
  web:
    image: nginx:1.28
    volumes:
      - ./site.conf:/etc/nginx/conf.d/site.conf:ro # aethel: ignore[undefined-path] the host brings it
```
)";

constexpr Message messages[] = {
    {"unused-comment", "this comment ignores \"{rule}\" where it finds nothing",
     "este comentário ignora \"{rule}\" onde nada é encontrado"},
    {"unused-entry", "this entry ignores \"{rule}\" where it finds nothing",
     "esta entrada ignora \"{rule}\" onde nada é encontrado"},
    {"expired", "this entry ignored \"{rule}\" until {until}, which is past",
     "esta entrada ignorava \"{rule}\" até {until}, que já passou"},
};

// Findings come from link/suppress.cc, which alone knows what was set aside.
void check(const Program&, Findings&) {}

} // namespace

extern constinit const Rule stale_ignore;
constinit const Rule stale_ignore = declare({
    .id = "AE0901",
    .name = "stale-ignore",
    .category = Category::config,
    .title_en = "ignore that ignores nothing",
    .title_pt = "exceção que não cobre nada",
    .priority = {.production = Priority::p2,
                 .staging = Priority::p2,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p2},
    .effort = {0.1, 0.1},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
