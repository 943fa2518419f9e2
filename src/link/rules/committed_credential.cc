#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/credential_forms.h"
#include "link/rules/support/given_values.h"
#include "link/rules/support/requirements.h"

#include "knowledge/secret_names.h"
#include "knowledge/shapes.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A credential that was committed

What looks like a real key, token or password stands in a file of the repository. Whoever has
ever cloned it has the credential, and taking the file out again does not change that: it must
be revoked.

Certain is what has the form of a provider's keys, with its checksum where there is one, and
a private key that production takes. Likely is what looks random under the name of a secret
in an env file, or alone in a file with such a name; where a stack uses it, it is
`weak-secret`'s.

```txtar
-- deploy/.env --
JWT_SECRET=7f3a9c1e5b8d2f604a6c8e0b1d3f5a7c9e2b4d6f8a0c1e3b # error: committed-credential
```

Silent: examples and tests, references, what is meant to be seen, and keys of this machine.

```txtar
-- .env.example --
JWT_SECRET=7f3a9c1e5b8d2f604a6c8e0b1d3f5a7c9e2b4d6f8a0c1e3b
-- tests/.env --
JWT_SECRET=7f3a9c1e5b8d2f604a6c8e0b1d3f5a7c9e2b4d6f8a0c1e3b
-- .env --
SESSION_SECRET=vault:secret/data/web#session
SENTRY_DSN=https://4f1a2b3c4d5e6f708192a3b4c5d6e7f8@o1.ingest.sentry.io/2
PASSWORD_HASH=$2b$12$abcdefghijklmnopqrstuv
-- .npmrc --
//registry.npmjs.org/:_authToken=${NPM_TOKEN}
-- certs/localhost.key --
-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj
MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu
-----END PRIVATE KEY-----
-- compose.dev.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    environment:
      SESSION_SECRET: vR3kQ9sZ1xW7mB5tY2nL8pC4hD6jF0gA
```
)";

constexpr Message messages[] = {
    {"committed", "\"{name}\" is {what}, and everybody who has the repository has it",
     "\"{name}\" é {what}, e quem tem o repositório a tem"},
    {"file", "this file is {what}, and everybody who has the repository has it",
     "este arquivo é {what}, e quem tem o repositório o tem"},
    {"help",
     "revoke it and make a new one outside the repository; taking it out of the files is not "
     "enough",
     "revogue-a e gere outra fora do repositório; tirá-la dos arquivos não basta"},
};

bool has_word(std::string_view path, std::span<const std::string_view> words) {
  for (std::size_t at = 0; at < path.size();) {
    std::size_t end = at;
    while (end < path.size() && std::isalnum(static_cast<unsigned char>(path[end])) != 0) ++end;
    if (std::ranges::find(words, knowledge::lower(path.substr(at, end - at))) != words.end())
      return true;
    at = end + 1;
  }
  return false;
}

// Made up for a test or to be looked at.
bool is_for_show(std::string_view path) {
  constexpr std::array<std::string_view, 22> words = {
      "test",   "tests",   "testing", "testdata", "fixture",  "fixtures", "example", "examples",
      "sample", "samples", "demo",    "demos",    "mock",     "mocks",    "spec",    "specs",
      "e2e",    "dummy",   "fake",    "stub",     "snakeoil", "tutorial"};
  return has_word(path, words);
}

bool is_for_work(std::string_view path) {
  constexpr std::array<std::string_view, 9> words = {"dev",       "development",  "local",
                                                     "localhost", "devcontainer", "debug",
                                                     "ci",        "selfsigned",   "docs"};
  return has_word(path, words);
}

struct Place {
  std::string name;
  Value value;
  Span span;
  Confidence confidence = Confidence::certain;
  std::optional<TargetIndex> target;
};

class Search {
public:
  explicit Search(const Program& program) : program_(program) {
    for (const Target& target : program_.targets)
      serious_ = serious_ || (target.kind == "compose" && is_serious(target.stage));
  }

  void run(Findings& findings) {
    for (TargetIndex target = 0; target < program_.targets.size(); ++target) compose(target);
    for (const FileFacts& facts : program_.facts) environment(facts);
    for (const std::string& text : order_) report(places_.at(text), findings);
  }

private:
  void add(const std::string& text, Place place) {
    auto& places = places_[text];
    if (places.empty()) order_.push_back(text);
    places.push_back(std::move(place));
  }

  // What only looks random is weak-secret's where a target uses it.
  void compose(TargetIndex target) {
    for (const GivenValue& given : given_values(program_, target)) {
      if (given.value.kind != ValueKind::credential || !given.span.file) continue;
      if (given.from != GivenValue::From::file_itself) {
        used_[given.span.file].push_back(given.span.range);
        continue;
      }
      if (is_for_show(program_.sources->path(given.span.file))) continue;
      if (!is_certain_credential(given.value, given.text)) continue;
      add(given.text,
          {.name = given.name,
           .value = given.value,
           .span = given.span,
           .confidence = is_serious(program_.targets[target].stage) ? Confidence::certain
                                                                    : Confidence::likely,
           .target = target});
    }
  }

  bool is_used(const Span& span) const {
    const auto found = used_.find(span.file);
    return found != used_.end() && std::ranges::any_of(found->second, [&](Range range) {
             return range.begin <= span.range.begin && span.range.end <= range.end;
           });
  }

  void environment(const FileFacts& facts) {
    if (facts.environment.empty()) return;
    const std::string& path = program_.sources->path(facts.file);
    const bool example = is_env_example(path);
    if (is_for_show(example ? parent_path(path) : std::string_view(path))) return;
    const bool work = is_for_work(path);
    const TreeEntry* file = program_.tree.find(path);
    const bool ours = file == nullptr || file->is_ours();
    for (const EnvironmentEntry& entry : facts.environment) {
      if (entry.inherited) continue;
      const std::string text = text_with_holes(entry.value);
      for (const Value& value : inspect(entry.name, text)) {
        const std::string part =
            text.substr(value.range.begin, value.range.end - value.range.begin);
        if (value.kind != ValueKind::credential || is_forged(value, part)) continue;
        const bool key = value.id == "private-key";
        const bool certain = is_certain_credential(value, part);
        if ((!certain || key) && (example || work || !ours)) continue;
        if (!certain && is_used(entry.name_span)) continue;
        Place place{.name = entry.name, .value = value, .span = entry.value_span, .target = {}};
        place.confidence = key                ? confidence_of_key(path)
                           : certain && !work ? Confidence::certain
                                              : Confidence::likely;
        add(part, std::move(place));
      }
    }
  }

  // A key for TLS may be there for everybody to try the program with, until production takes it.
  Confidence confidence_of_key(const std::string& path) const {
    const std::string_view name = file_name(path);
    if (name.starts_with("id_") || name.find("deploy") != std::string_view::npos)
      return Confidence::certain;
    for (const Reference& reference : program_.references) {
      if (reference.kind->name != "path" ||
          !is_production(program_.targets[reference.target].stage))
        continue;
      if (reference.role != "bind" && reference.role != "secret-file" &&
          reference.role != "config-file")
        continue;
      if (path == reference.name ||
          (path.starts_with(reference.name) && path[reference.name.size()] == '/'))
        return Confidence::certain;
    }
    return serious_ ? Confidence::likely : Confidence::possible;
  }

  void report(const std::vector<Place>& places, Findings& findings) {
    // The surest place comes first.
    const Place& first = *std::ranges::min_element(places, {}, &Place::confidence);
    const bool is_file =
        first.span.file && first.name == file_name(program_.sources->path(first.span.file));
    Finding finding{.rule = rule_named("committed-credential"),
                    .message = is_file ? "file" : "committed",
                    .arguments = {{"name", first.name}},
                    .span = first.span,
                    .symbol_kind = "credential",
                    .symbol = first.name,
                    .confidence = first.confidence,
                    .help = "help"};
    describe(finding, first.value);
    for (const Place& place : places) {
      if (place.target &&
          std::ranges::find(finding.targets, *place.target) == finding.targets.end())
        finding.targets.push_back(*place.target);
      relate(finding, place.span);
    }
    findings.add(std::move(finding));
  }

  const Program& program_;
  bool serious_ = false;                      // something here is started, and not only for tests
  std::map<FileId, std::vector<Range>> used_; // entries of env files that some target uses
  std::map<std::string, std::vector<Place>> places_;
  std::vector<std::string> order_;
};

void check(const Program& program, Findings& findings) { Search(program).run(findings); }

} // namespace

extern constinit const Rule committed_credential;
constinit const Rule committed_credential = declare({
    .id = "AE0309",
    .name = "committed-credential",
    .category = Category::secrets,
    .title_en = "credential in the repository",
    .title_pt = "credencial no repositório",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
                 .development = Priority::p0,
                 .test = Priority::p0,
                 .example = Priority::p0,
                 .unknown = Priority::p0},
    .effort = {0.5, 2},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
