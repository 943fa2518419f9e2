#include "syntax/shell_commands.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace aethel::shell_commands {
namespace {

using shell::Language;

std::string_view raw(std::string_view text, Range range) {
  return text.substr(range.begin, range.end - range.begin);
}

std::string show(const Path& path) {
  constexpr std::array anchors = {"", "SCRIPT/", "REPOSITORY/", "CLONE/", "HOME/"};
  return anchors[static_cast<std::size_t>(path.anchor)] + path.text;
}

// Values with '|' between them, '~' when others are possible, "?/tail" when unknown.
std::string show(const Argument& argument) {
  if (argument.values.empty()) return "?/" + argument.tail;
  std::string result;
  for (const Path& path : argument.values) result += (result.empty() ? "" : "|") + show(path);
  return result + (argument.certainty == Argument::Certainty::open ? "~" : "");
}

std::string show(const Invocation& invocation) {
  std::string result;
  for (const Variable& variable : invocation.variables)
    result += variable.name + "=" + show(variable.value) + " ";
  constexpr std::array tools = {"compose", "compose-v1", "podman", "stack", "bake"};
  result += tools[static_cast<std::size_t>(invocation.tool)];
  for (const Argument& file : invocation.files) result += " -f " + show(file);
  for (const Argument& profile : invocation.profiles) result += " --profile " + show(profile);
  for (const Argument& file : invocation.env_files) result += " --env-file " + show(file);
  if (invocation.project_name) result += " -p " + show(*invocation.project_name);
  if (invocation.project_directory) result += " -d " + show(*invocation.project_directory);
  if (invocation.options == Invocation::Options::maybe_more) result += " ...";
  result += " [" + invocation.subcommand + "]";
  for (const Argument& service : invocation.services) result += " " + show(service);
  const std::string directory = invocation.directory ? show(*invocation.directory) : "?";
  if (!directory.empty()) result += " @" + directory;
  constexpr std::array contexts = {"", " (program)", " (document)", " (mention)"};
  result += contexts[static_cast<std::size_t>(invocation.context)];
  if (invocation.host == Host::elsewhere) result += " elsewhere";
  return result;
}

std::vector<std::string> invocations(std::string_view text, Language language = Language::shell) {
  std::vector<std::string> result;
  for (const Invocation& invocation : scan(text, language).invocations)
    result.push_back(show(invocation));
  return result;
}

std::string show(const Fact& fact) {
  constexpr std::array kinds = {"copy",   "move",   "touch",  "mkdir", "write",  "network",
                                "volume", "secret", "config", "clone", "assign", "export"};
  std::string result = kinds[static_cast<std::size_t>(fact.kind)];
  if (!fact.name.empty()) result += " " + fact.name;
  const bool two = fact.kind == Fact::Kind::copy || fact.kind == Fact::Kind::move ||
                   fact.kind == Fact::Kind::clone;
  if (two) result += " " + show(fact.source);
  result += " " + show(fact.argument);
  const std::string directory = fact.directory ? show(*fact.directory) : "?";
  if (!directory.empty()) result += " @" + directory;
  return result;
}

std::vector<std::string> facts(std::string_view text, Language language = Language::shell) {
  std::vector<std::string> result;
  for (const Fact& fact : scan(text, language).facts) result.push_back(show(fact));
  return result;
}

using Lines = std::vector<std::string>;

struct Case {
  std::string_view text;
  std::string_view expected;
};

TEST(ShellCommands, reads_the_command_line_of_compose) {
  const std::vector<Case> cases = {
      {"docker compose up -d", "compose [up]"},
      {"docker-compose up -d web worker", "compose-v1 [up] web worker"},
      {"podman compose down", "podman [down]"},
      {"podman-compose -f a.yml up", "podman -f a.yml [up]"},
      {"docker compose -f a.yml -f b.yml up", "compose -f a.yml -f b.yml [up]"},
      {"docker compose --file=a.yml --file b.yml up", "compose -f a.yml -f b.yml [up]"},
      {"docker compose -fa.yml config", "compose -f a.yml [config]"},
      {"docker compose -f 'my file.yml' ps", "compose -f my file.yml [ps]"},
      {"docker compose -p shop --profile full --profile=debug --env-file .env.prod up",
       "compose --profile full --profile debug --env-file .env.prod -p shop [up]"},
      {"docker compose --project-directory ./deploy -f deploy/c.yml up",
       "compose -f deploy/c.yml -d ./deploy [up]"},
      {"docker --context prod compose --ansi never --progress plain pull", "compose [pull]"},
      {"docker compose run --rm -e A=b -v x:/y web npm test", "compose [run] web"},
      {"docker compose exec -T -u root db psql -U app", "compose [exec] db"},
      {"docker compose logs -f --tail 100 web db", "compose [logs] web db"},
      {"docker compose logs -f --tail=$LINES web", "compose [logs] web"},
      {"docker compose up --scale web=3 --no-deps web", "compose [up] web"},
      {"docker-compose scale web=3 db=1", "compose-v1 [scale] web db"},
      {"docker compose build --build-arg X=1 --no-cache web", "compose [build] web"},
      {"docker compose down -v --rmi all --remove-orphans", "compose [down]"},
      {"sudo -E docker compose up", "compose [up]"},
      {"ENV=prod TAG=1 docker compose up", "ENV=prod TAG=1 compose [up]"},
      {"env ENV=prod docker compose up", "ENV=prod compose [up]"},
      {"COMPOSE_FILE=a.yml:b/c.yml docker compose up",
       "COMPOSE_FILE=a.yml:b/c.yml compose -f a.yml -f b/c.yml [up]"},
      {"COMPOSE_PROFILES=a,b docker compose up",
       "COMPOSE_PROFILES=a,b compose --profile a --profile b [up]"},
      {"COMPOSE_FILE=a.yml docker compose -f b.yml up", "COMPOSE_FILE=a.yml compose -f b.yml [up]"},
      {"timeout 60 docker compose up --wait", "compose [up]"},
      {"time docker compose build", "compose [build]"},
      {"if ! docker compose ps web | grep -q Up; then exit 1; fi", "compose [ps] web"},
      {"until docker compose exec -T db pg_isready; do sleep 1; done", "compose [exec] db"},
      {"doppler run -- docker compose up", "compose [up]"},
      {"npx dotenv -e .env -- docker compose -f a.yml up", "compose -f a.yml [up]"},
      {"bash scripts/retry.sh docker compose pull", "compose [pull]"},
      {"docker stack deploy -c a.yml --with-registry-auth shop", "stack -f a.yml -p shop [deploy]"},
      {"docker buildx bake -f compose.yml --push web", "bake -f compose.yml [bake] web"},
      {"docker compose up -d && docker image prune -f", "compose [up]"},
      {"/usr/local/bin/docker-compose up # docker compose down", "compose-v1 [up]"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_EQ(invocations(text), Lines{std::string(expected)}) << text;
}

TEST(ShellCommands, is_silent_about_what_only_looks_like_one) {
  const std::vector<std::string_view> texts = {
      "command -v docker-compose >/dev/null",
      "apt-get install -y docker-compose-plugin",
      "which docker-compose || exit 1",
      "grep docker-compose README.md",
      "cat docker-compose.yml",
      "docker compose",
      "docker compose is required",
      "pip install docker-compose",
      "curl -L https://x/docker-compose -o /usr/local/bin/docker-compose",
      "docker run compose up",
      "cat <<EOF\ndocker compose up\nEOF",
  };
  for (const std::string_view text : texts) EXPECT_EQ(invocations(text), Lines{}) << text;
}

TEST(ShellCommands, keeps_places) {
  const std::string_view text = "set -e\nFILE=deploy/a.yml\ndocker compose -f \"$FILE\" up web\n";
  const Commands commands = scan(text, Language::shell);
  ASSERT_EQ(commands.invocations.size(), 1u);
  const Invocation& invocation = commands.invocations[0];
  EXPECT_EQ(raw(text, invocation.range), "docker compose -f \"$FILE\" up web");
  EXPECT_EQ(raw(text, invocation.files[0].range), "\"$FILE\"");
  EXPECT_EQ(raw(text, invocation.files[0].written), "deploy/a.yml");
  EXPECT_EQ(raw(text, invocation.services[0].range), "web");
  ASSERT_EQ(commands.facts.size(), 1u);
  EXPECT_EQ(raw(text, commands.facts[0].range), "FILE=deploy/a.yml");
}

TEST(ShellCommands, follows_variables_of_a_script) {
  EXPECT_EQ(invocations("F=a.yml\ndocker compose -f $F up"), Lines{"compose -f a.yml [up]"});
  EXPECT_EQ(invocations("docker compose -f $F up"), Lines{"compose -f ?/ [up]"});
  EXPECT_EQ(invocations("docker compose -f $1 up"), Lines{"compose -f ?/ [up]"});
  EXPECT_EQ(invocations("docker compose -f \"$ROOT/docker/a.yml\" up"),
            Lines{"compose -f ?/docker/a.yml [up]"});
  EXPECT_EQ(invocations("docker compose -f ${F:-a.yml} up"), Lines{"compose -f a.yml~ [up]"});
  EXPECT_EQ(invocations("F=${F:-a.yml}\ndocker compose -f $F up"), Lines{"compose -f a.yml~ [up]"});
  EXPECT_EQ(
      invocations("if [ $1 = prod ]; then F=p.yml; else F=d.yml; fi\ndocker compose -f $F up"),
      Lines{"compose -f p.yml|d.yml [up]"});
  EXPECT_EQ(invocations("for f in a.yml b.yml; do\n  docker compose -f $f config -q\ndone"),
            Lines{"compose -f a.yml|b.yml [config]"});
  EXPECT_EQ(invocations("DC='docker compose -f a.yml'\n$DC up -d\n$DC logs"),
            (Lines{"compose -f a.yml [up]", "compose -f a.yml [logs]"}));
  EXPECT_EQ(invocations("FILES=\"-f a.yml\"\nFILES+=\" -f b.yml\"\ndocker compose $FILES up"),
            Lines{"compose -f a.yml -f b.yml [up]"});
  EXPECT_EQ(invocations("FILES='-f a.yml'\n[ -n \"$CI\" ] && FILES=\"$FILES -f ci.yml\"\n"
                        "docker compose $FILES up"),
            (Lines{"compose -f a.yml [up]", "compose -f a.yml -f ci.yml [up]"}));
  EXPECT_EQ(invocations("C=(docker compose -f a.yml)\n\"${C[@]}\" up"),
            Lines{"compose -f a.yml [up]"});
  EXPECT_EQ(invocations("docker compose $FLAGS up"), Lines{"compose ... [up]"});
  EXPECT_EQ(invocations("docker compose -f a.yml \"$@\""), Lines{"compose -f a.yml ... []"});
}

TEST(ShellCommands, follows_functions_and_aliases) {
  EXPECT_EQ(invocations("dc() { docker compose -f a.yml \"$@\"; }\ndc up web\n"),
            (Lines{"compose -f a.yml ... []", "compose -f a.yml [up] web"}));
  EXPECT_EQ(invocations("function infra {\n  env -i docker compose -p x -f a.yml \\\n   \"$@\"\n}\n"
                        "infra down\n"),
            (Lines{"compose -f a.yml -p x ... []", "compose -f a.yml -p x [down]"}));
  EXPECT_EQ(invocations("alias dc='docker compose -f a.yml'\ndc ps"),
            Lines{"compose -f a.yml [ps]"});
}

TEST(ShellCommands, knows_the_idioms_for_the_place_of_a_script) {
  for (const std::string_view root :
       {"DIR=$(dirname \"$0\")", "DIR=\"$( cd \"$( dirname \"${BASH_SOURCE[0]}\" )\" && pwd )\"",
        "DIR=$(dirname $(realpath $0))", "DIR=`dirname $0`"})
    EXPECT_EQ(invocations(std::string(root) + "\ndocker compose -f \"$DIR/../a.yml\" up"),
              Lines{"compose -f SCRIPT/../a.yml [up]"})
        << root;
  EXPECT_EQ(invocations("cd \"$(dirname \"$0\")/..\" || exit 1\ndocker compose up"),
            Lines{"compose [up] @SCRIPT/.."});
  EXPECT_EQ(invocations("ROOT=$(git rev-parse --show-toplevel)\ndocker compose -f $ROOT/a.yml up"),
            Lines{"compose -f REPOSITORY/a.yml [up]"});
  EXPECT_EQ(invocations("docker compose -f ~/a.yml -f $PWD/b.yml up"),
            Lines{"compose -f HOME/a.yml -f ./b.yml [up]"});
}

TEST(ShellCommands, follows_directories) {
  const std::vector<Case> cases = {
      {"cd infra && docker compose up", "compose [up] @infra"},
      {"cd infra/prod\ncd ..\ndocker compose up", "compose [up] @infra"},
      {"(cd infra && true)\ndocker compose up", "compose [up]"},
      {"(cd infra && docker compose up)", "compose [up] @infra"},
      {"pushd infra\npopd\ndocker compose up", "compose [up]"},
      {"cd infra\ncd -\ndocker compose up", "compose [up]"},
      {"cd $X && docker compose up", "compose [up] @?"},
      {"cd /srv/app && docker compose up", "compose [up] @/srv/app"},
      {"if x; then cd a; else cd b; fi\ndocker compose up", "compose [up] @?"},
      {"X=$(cd a && pwd)\ndocker compose up", "compose [up]"},
      {"docker run $(cd a && docker compose ps -q web)", "compose [ps] web @a"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_EQ(invocations(text), Lines{std::string(expected)}) << text;
}

TEST(ShellCommands, follows_other_shells) {
  const std::vector<Case> cases = {
      {"bash -c 'cd a && docker compose up'", "compose [up] @a"},
      {"sudo su - app -c \"docker compose up\"", "compose [up]"},
      {"eval \"docker compose up\"", "compose [up]"},
      {"trap 'docker compose down -v' EXIT", "compose [down]"},
      {"npx concurrently \"docker compose up\" \"npm run dev\"", "compose [up]"},
      {"ssh -p 22 deploy@host 'cd /srv/app && docker compose pull'",
       "compose [pull] @/srv/app elsewhere"},
      {"ssh host docker compose -f a.yml up -d", "compose -f a.yml [up] @? elsewhere"},
      {"ssh host << 'EOF'\n  cd /srv/app\n  docker compose up -d\nEOF\n",
       "compose [up] @/srv/app elsewhere"},
      {"bash <<EOF\ndocker compose up\nEOF", "compose [up]"},
      {"echo \"Run docker compose -f a.yml up -d\"", "compose -f a.yml [up] (mention)"},
      {"echo -e \"${BLUE}docker compose down${NC}\"", "compose [down] (mention)"},
      {"error 'docker compose up failed'", "compose [up] (mention)"},
      {"# docker compose -f a.yml \\\n#   -f b.yml up\n",
       "compose -f a.yml -f b.yml [up] (mention)"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_EQ(invocations(text), Lines{std::string(expected)}) << text;
}

TEST(ShellCommands, reads_exports_and_set_a) {
  EXPECT_EQ(invocations("export COMPOSE_FILE=a.yml:b.yml\ndocker compose up"),
            Lines{"compose -f a.yml -f b.yml [up]"});
  EXPECT_EQ(invocations("COMPOSE_FILE=a.yml\ndocker compose up"), Lines{"compose [up]"});
  EXPECT_EQ(invocations("COMPOSE_FILE=a.yml\nexport COMPOSE_FILE\ndocker compose up"),
            Lines{"compose -f a.yml [up]"});
  EXPECT_EQ(invocations("set -a\nCOMPOSE_PROJECT_NAME=x\ndocker compose up"),
            Lines{"compose -p x [up]"});
}

TEST(ShellCommands, a_list_that_is_assigned_leaks_no_mark) {
  EXPECT_EQ(facts("X=(a b)"), Lines{"assign X a b"});
  EXPECT_EQ(facts("Y='a b'; X=$Y"), (Lines{"assign Y a b", "assign X a b"}));
  EXPECT_EQ(facts("X=(\"$unknown/a\" b"), Lines{"assign X ?/a b"});
}

constexpr std::string_view makefile = R"(COMPOSE ?= docker compose
CORE = -f compose.yaml
ALL = $(CORE) $(EXTRA)
EXTRA := -f compose.extra.yaml # last
ENV_FILE = .env
ifeq ($(CI),true)
ENV_FILE = .env.ci
endif

.PHONY: up
up: ## start
	@$(COMPOSE) $(ALL) --env-file $(ENV_FILE) up -d $(service)
	cd infra && $(COMPOSE) up
	-docker compose -f $${F:-x.yml} \
	  down

net: ; docker network create web
)";

TEST(ShellCommands, reads_makefiles) {
  EXPECT_EQ(invocations(makefile, Language::make),
            (Lines{"compose -f compose.yaml -f compose.extra.yaml --env-file .env|.env.ci [up] ?/",
                   "compose [up] @infra", "compose -f x.yml~ [down]"}));
  EXPECT_EQ(facts(makefile, Language::make), Lines{"network web"});
}

TEST(ShellCommands, reads_justfiles_and_procfiles) {
  const std::string_view just = "file := \"a.yml\"\nenv := env_var_or_default('E', \"prod\")\n"
                                "up *args:\n  @docker compose -f {{file}} -p {{env}} up {{args}}\n"
                                "all:\n  #!/usr/bin/env bash\n  cd infra\n  docker compose up\n";
  EXPECT_EQ(invocations(just, Language::just),
            (Lines{"compose -f a.yml -p prod~ [up] ?/", "compose [up] @infra"}));
  EXPECT_EQ(invocations("web: docker compose up web\n", Language::procfile),
            Lines{"compose [up] web"});
}

TEST(ShellCommands, reads_package_scripts_through_their_escapes) {
  const std::string_view text =
      "{\"description\": \"docker compose up for all\", \"scripts\": {\n"
      "  \"up\": \"docker compose -f \\\"a b.yml\\\" up && cp .env.example .env\"\n}}";
  const Commands commands = scan(text, Language::json);
  ASSERT_EQ(commands.invocations.size(), 2u);
  EXPECT_EQ(show(commands.invocations[0]), "compose [up] for all (mention)");
  EXPECT_EQ(show(commands.invocations[1]), "compose -f a b.yml [up]");
  EXPECT_EQ(raw(text, commands.invocations[1].files[0].range), "\\\"a b.yml\\\"");
  EXPECT_EQ(facts(text, Language::json), Lines{"copy .env.example .env"});
}

constexpr std::string_view workflow = R"(
name: deploy
env:
  COMPOSE_FILE: compose.yml:compose.ci.yml
defaults:
  run:
    working-directory: app
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: docker compose up -d
      - name: elsewhere
        working-directory: infra
        run: |
          cp .env.example .env
          docker compose -f ${{ github.workspace }}/x.yml \
            -f ${{ matrix.file }} up
      - run: >-
          docker compose
          down
      - uses: appleboy/ssh-action@v1
        with:
          script: cd /srv && docker compose pull
  windows:
    steps:
      - shell: pwsh
        run: |
          $f = "a.yml"
          docker compose -f $f up
# docker compose -f compose.yml -f compose.dev.yml up
)";

TEST(ShellCommands, reads_the_steps_of_workflows) {
  EXPECT_EQ(invocations(workflow, Language::yaml),
            (Lines{"compose -f compose.yml -f compose.ci.yml [up] @app",
                   "compose -f REPOSITORY/x.yml -f ?/ [up] @infra",
                   "compose -f compose.yml -f compose.ci.yml [down] @app",
                   "compose -f compose.yml -f compose.ci.yml [pull] @/srv elsewhere",
                   "compose -f a.yml [up] @app",
                   "compose -f compose.yml -f compose.dev.yml [up] (mention)"}));
  const Commands commands = scan(workflow, Language::yaml);
  EXPECT_EQ(raw(workflow, commands.invocations[0].range), "docker compose up -d");
  EXPECT_EQ(raw(workflow, commands.invocations[1].files[1].range), "${{ matrix.file }}");
  EXPECT_EQ(raw(workflow, commands.invocations[2].range), "docker compose\n          down");
}

constexpr std::string_view readme = R"(# Shop
Use `docker compose -f compose.dev.yml up` or see `docker-compose.yml`; docker compose is great.

```bash
git clone https://github.com/acme/shop.git
cd shop
cp .env.example .env
docker compose up -d   # all of it
```

1. Production:
   ```console
   # the images first
   $ docker compose -f compose.yml \
       -f compose.prod.yml pull
   Pulling web ... done
   $ docker network create edge
   ```

```yaml
services:
  web: { command: docker compose up }
```

    docker compose logs -f <service>

```
C:\shop> docker-compose up
```

```makefile
up:
	docker compose build
```
)";

TEST(ShellCommands, reads_documents) {
  EXPECT_EQ(invocations(readme, Language::markdown),
            (Lines{"compose -f compose.dev.yml [up] (mention)", "compose [up] @CLONE/ (document)",
                   "compose -f compose.yml -f compose.prod.yml [pull] (document)",
                   "compose [logs] ?/ (document)", "compose-v1 [up] (document)",
                   "compose [build] (document)"}));
  EXPECT_EQ(facts(readme, Language::markdown),
            (Lines{"clone https://github.com/acme/shop.git shop", "copy .env.example .env @CLONE/",
                   "network edge"}));
}

TEST(ShellCommands, reads_plain_text) {
  EXPECT_EQ(invocations("Start it:\n\n  $ docker compose up\n\ndocker compose does the rest.\n",
                        Language::text),
            Lines{"compose [up] (document)"});
}

TEST(ShellCommands, reads_strings_of_programs) {
  EXPECT_EQ(invocations("execSync('docker compose -f ../a.yml up -d', { stdio: 'inherit' })",
                        Language::source),
            Lines{"compose -f ../a.yml [up] (program)"});
  EXPECT_EQ(invocations("spawn('docker', ['compose', '-f', file, 'up', 'web'])", Language::source),
            Lines{"compose -f ?/ [up] web (program)"});
  EXPECT_EQ(invocations("run(f\"docker compose -f {root}/a.yml up\")", Language::source),
            Lines{"compose -f ?/a.yml [up] (program)"});
  EXPECT_EQ(invocations("// docker compose up\nconst x = compose(a, b)", Language::source),
            Lines{});
}

TEST(ShellCommands, reads_windows_scripts) {
  EXPECT_EQ(invocations("@echo off\r\nrem docker compose down\r\nset FILE=deploy\\a.yml\r\n"
                        "cd /d %~dp0\\..\r\ndocker compose -f %FILE% ^\r\n  up -d\r\n",
                        Language::batch),
            Lines{"compose -f deploy/a.yml [up] @SCRIPT/.."});
  EXPECT_EQ(invocations("$env:COMPOSE_FILE = 'a.yml;b.yml'\nSet-Location $PSScriptRoot\n"
                        "docker compose `\n  up\n",
                        Language::powershell),
            Lines{"compose -f a.yml -f b.yml [up] @SCRIPT/"});
}

TEST(ShellCommands, tells_what_is_made) {
  const std::vector<Case> cases = {
      {"cp .env.example .env", "copy .env.example .env"},
      {"cp -n a b", "copy a b"},
      {"cp -t conf a.conf", "copy a.conf conf"},
      {"mv a b", "move a b"},
      {"ln -s ../a b", "copy ../a b"},
      {"touch acme.json", "touch acme.json"},
      {"mkdir -p -m 700 data/db", "mkdir data/db"},
      {"cd x && mkdir y", "mkdir y @x"},
      {"openssl genrsa -out certs/key.pem 4096", "write certs/key.pem"},
      {"cat a > b/c.conf", "write b/c.conf"},
      {"cat > .env <<EOF\nA=1\nEOF", "write .env"},
      {"echo x | sudo tee -a /etc/hosts", "write /etc/hosts"},
      {"envsubst < a.tpl > a.conf", "write a.conf"},
      {"curl -fsSL https://x/y -o y.sh", "write y.sh"},
      {"htpasswd -bc nginx/.htpasswd u p", "write nginx/.htpasswd"},
      {"docker network create --driver bridge web", "network web"},
      {"docker network inspect web || docker network create web", "network web"},
      {"docker volume create --name data", "volume data"},
      {"printf x | docker secret create db_password -", "secret db_password"},
      {"docker config create nginx nginx.conf", "config nginx"},
      {"git clone --depth 1 https://x/y.git", "clone https://x/y.git y"},
      {"git clone git@x:y/z.git dir", "clone git@x:y/z.git dir"},
      {"export TOKEN=abc", "export TOKEN abc"},
      {"TOKEN=$(openssl rand -hex 32)", "assign TOKEN ?/"},
      {"KEY=1 npm start", "assign KEY 1"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_EQ(facts(text), Lines{std::string(expected)}) << text;
  EXPECT_EQ(facts("cp .env{.example,}"), Lines{"copy .env.example .env"});
  EXPECT_EQ(facts("cp a b dir/"), (Lines{"copy a dir/", "copy b dir/"}));
  EXPECT_EQ(facts("openssl req -x509 -keyout k.pem -out c.pem"),
            (Lines{"write k.pem", "write c.pem"}));
  EXPECT_EQ(facts("mkcert -cert-file c.pem -key-file k.pem x.test"),
            (Lines{"write c.pem", "write k.pem"}));
  EXPECT_EQ(facts("mkcert x.test '*.x.test'"),
            (Lines{"write x.test+1.pem", "write x.test+1-key.pem"}));
  EXPECT_EQ(facts("mkdir -p a/{b,c}"), (Lines{"mkdir a/b", "mkdir a/c"}));
  EXPECT_EQ(facts("mkcert ~"), Lines{}); // where a home is, nobody said
  EXPECT_EQ(facts("x 2>&1 >/dev/null; [[ $a > 5 ]]; (( b > 6 )); mkcert -install"), Lines{});
}

TEST(ShellCommands, goes_by_the_name_of_the_file) {
  using shell::language_of;
  EXPECT_EQ(language_of("scripts/deploy.sh", ""), Language::shell);
  EXPECT_EQ(language_of("bin/deploy", "#!/usr/bin/env bash\n"), Language::shell);
  EXPECT_EQ(language_of("bin/deploy", "#!/usr/bin/env node\n"), Language::source);
  EXPECT_EQ(language_of("Makefile", ""), Language::make);
  EXPECT_EQ(language_of("docs/README.MD", ""), Language::markdown);
  EXPECT_EQ(language_of("package.json", ""), Language::json);
  EXPECT_EQ(language_of("package-lock.json", ""), Language::none);
  EXPECT_EQ(language_of("logo.png", ""), Language::none);
  EXPECT_FALSE(shell::may_hold_commands("nothing of interest", Language::markdown));
}

TEST(ShellCommands, ends_on_what_does_not) {
  for (const std::string_view piece : {"$(", "\"$(", "`", "'", "\"", "${X:-", "((", "(", "$((",
                                       "{{", "<<E ", "A=(", "X=$X$X\n", "X=\"$(echo $X)\"\n"}) {
    std::string text = "docker compose up\n";
    while (text.size() < 40'000) text += piece;
    EXPECT_GE(scan(text, Language::shell).invocations.size(), 1u) << piece;
    scan("```\n" + text, Language::markdown);
  }
  std::string make = "up:\n\tdocker compose $(A0) up\n";
  for (int i = 0; i < 200; ++i)
    make += "A" + std::to_string(i) + " = $(A" + std::to_string(i + 1) + ") $(A" +
            std::to_string(i + 1) + ")\n";
  EXPECT_EQ(scan(make + "A200 = $(A0)\n", Language::make).invocations.size(), 1u);
}

} // namespace
} // namespace aethel::shell_commands
