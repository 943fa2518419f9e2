#include "generate/infer.h"

#include "generate/view.h"
#include "link/configuration.h"
#include "support/linked.h"

#include <gtest/gtest.h>

namespace aethel::generate {
namespace {

constexpr std::string_view repository = R"(
-- compose.prod.yaml --
services:
  api:
    build: ./api
    ports: ["8080:8080"]
    depends_on: [db]
    environment:
      DATABASE_URL: postgres://app:${DB_PASSWORD:?}@db:5432/app
      JWT_SECRET: ${JWT_SECRET:?}
      STRIPE_SECRET_KEY: ${STRIPE_SECRET_KEY:?}
      WORKER_URL: http://jobs:9000
      APP_URL: http://localhost:8080/x
      LOG_LEVEL: info
    healthcheck:
      test: [CMD, curl, -f, "http://localhost:8080/livez"]
  jobs:
    build: {context: jobs, dockerfile: Dockerfile.jobs, target: run}
    expose: ["9000"]
  db:
    image: postgres:17-alpine
    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: "${DB_PASSWORD:?}"}
  proxy:
    image: nginx:1.28
)";

TEST(Infer, takes_services_stores_and_secrets_from_what_production_starts) {
  const auto linked = testing::link_text(testing::parse_txtar(repository));
  const Inferred inferred =
      infer_product(linked.report.program, "My Shop", "acme/shop", "the remote");
  EXPECT_EQ(write_draft(inferred), R"(product:
  name: shop  # the remote
  repository: acme/shop  # the remote
  replaces: [compose.prod.yaml]  # what starts production now

cloud:
  provider: aws

environments:
  production:
    hosts:  # compose.prod.yaml:1

services:
  api:  # compose.prod.yaml:2
    build: {context: api}  # compose.prod.yaml:3
    port: 8080  # compose.prod.yaml:4
    host: api  # its port is published
    health: {live: /livez}  # compose.prod.yaml:14
    uses: [db, jobs]  # `depends_on` and the addresses that it is given
    environment:
      DATABASE_URL: {secret: db/url}  # compose.prod.yaml:7
      JWT_SECRET: {secret: jwt/secret}  # compose.prod.yaml:8
      STRIPE_SECRET_KEY: {secret: stripe/secret_key}  # compose.prod.yaml:9
      WORKER_URL: 'http://${service.jobs}'  # compose.prod.yaml:10
      APP_URL: 'https://${host.api}/x'  # compose.prod.yaml:11
      LOG_LEVEL: info  # compose.prod.yaml:12
  jobs:  # compose.prod.yaml:15
    build: {context: jobs, dockerfile: jobs/Dockerfile.jobs, target: run}  # compose.prod.yaml:16
    port: 9000  # compose.prod.yaml:17

stores:
  db: {kind: postgres, version: '17'}  # compose.prod.yaml:19

secrets:
  jwt/secret: {random: 48, rotate: 90}
  stripe/secret_key: {supplier: 'the live-mode secret key from the Stripe dashboard, Developers, API keys (begins with sk_live_ or rk_live_)', rotate: 180}

# Left out:
#   proxy (nginx:1.28)
)");
}

TEST(Infer, leaves_out_what_is_built_from_elsewhere) {
  const auto linked = testing::link_text(testing::parse_txtar(R"(
-- compose.prod.yaml --
services:
  api: {build: ./api}
  other: {build: ../other}
  above: {build: {context: .., dockerfile: shop/Dockerfile}}
)"));
  const Inferred inferred = infer_product(linked.report.program, "shop", "acme/shop", "the remote");
  const std::string draft = write_draft(inferred);
  EXPECT_NE(draft.find("  api:"), std::string::npos) << draft;
  EXPECT_NE(draft.find("#   other: built from ../other, outside of the repository"),
            std::string::npos)
      << draft;
  EXPECT_NE(draft.find("#   above: built from .., outside of the repository"), std::string::npos)
      << draft;
}

TEST(Infer, gives_a_file_that_is_read_without_a_word) {
  const auto linked = testing::link_text(testing::parse_txtar(repository));
  const auto config =
      read_configuration(write_draft(infer_product(linked.report.program, "shop", "", "")));
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->product.services.size(), 2u);
  EXPECT_FALSE(missing_of(config->product).empty());
}

TEST(Infer, names_what_is_replaced_and_leaves_what_developers_start_to_people) {
  const auto linked = testing::link_text(testing::parse_txtar(R"(
-- compose.yaml --
services: {web: {build: web, ports: ["80:80"]}}
-- compose.prod.yaml --
services:
  web:
    build: web
    environment: {CHAT_URL: "ws://chat:3001"}
  chat: {build: chat, ports: ["3001:3001"]}
-- other/compose.prod.yaml --
services: {other: {image: nginx}}
-- compose.test.yaml --
services: {web: {build: web}}
-- deploy.md --
# Production
    docker compose --profile production up -d
)"));
  const std::string draft = write_draft(infer_product(linked.report.program, "shop", "", ""));
  EXPECT_NE(draft.find("\n  replaces: [compose.prod.yaml]  # what starts production now\n"),
            std::string::npos)
      << draft;
  EXPECT_NE(draft.find("#   compose.yaml: starts production (deploy.md:2)"), std::string::npos)
      << draft;
  EXPECT_NE(draft.find("kind: websocket  # compose.prod.yaml:4"), std::string::npos) << draft;
}

TEST(Infer, lets_an_answer_give_a_variable_another_secret) {
  const auto linked = testing::link_text(testing::parse_txtar(repository));
  Inferred inferred = infer_product(linked.report.program, "shop", "", "");
  inferred.root.set("services.api.environment.JWT_SECRET.secret", "auth/jwt", "answered");
  inferred.root.set("secrets.auth/jwt.random", "48", "answered");
  drop_unused_secrets(inferred);
  const std::string draft = write_draft(inferred);
  EXPECT_EQ(draft.find("jwt/secret"), std::string::npos) << draft;
  EXPECT_NE(draft.find("stripe/secret_key: {supplier"), std::string::npos) << draft;
  const auto config = read_configuration(draft);
  ASSERT_TRUE(config.has_value()) << config.error().message << draft;
}

TEST(Infer, has_something_to_say_of_an_empty_repository) {
  const auto linked = testing::link_text(testing::parse_txtar("-- README.md --\nnothing\n"));
  const auto config =
      read_configuration(write_draft(infer_product(linked.report.program, "X 1", "", "")));
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->product.name.value, "x-1");
}

TEST(Infer, knows_remotes_on_github) {
  EXPECT_EQ(github_repository("[remote \"origin\"]\n\turl = git@github.com:acme/shop.git\n"),
            "acme/shop");
  EXPECT_EQ(github_repository("[remote \"up\"]\nurl = https://github.com/a/b\n[remote "
                              "\"origin\"]\nurl = https://github.com/acme/shop\n"),
            "acme/shop");
  EXPECT_EQ(github_repository("[remote \"origin\"]\nurl = https://gitlab.com/a/b\n"), "");
}

} // namespace
} // namespace aethel::generate
