#include "knowledge/images.h"

#include "knowledge/table.h"

#include <gtest/gtest.h>

#include <cctype>

namespace aethel {
namespace data {
extern const std::string_view images;
}
namespace {

const Date november = parse_date("2026-11-25").value();

struct Reference {
  const char* text;
  const char* name;
  const char* tag;
  const char* digest;
};

TEST(ParseImage, normalises_as_the_registries_do) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  const Reference table[] = {
      {"postgres", "docker.io/library/postgres", "", ""},
      {"postgres:16-alpine", "docker.io/library/postgres", "16-alpine", ""},
      {"docker.io/postgres", "docker.io/library/postgres", "", ""},
      {"index.docker.io/library/redis:7", "docker.io/library/redis", "7", ""},
      {"grafana/loki:3.7.0", "docker.io/grafana/loki", "3.7.0", ""},
      {"ghcr.io/o/r/sub:v1", "ghcr.io/o/r/sub", "v1", ""},
      {"localhost/app", "localhost/app", "", ""},
      {"localhost:5000/app:dev", "localhost:5000/app", "dev", ""},
      {"registry:5000/app", "registry:5000/app", "", ""},
      {"quay.io/prometheus/node-exporter:v1.1.2", "quay.io/prometheus/node-exporter", "v1.1.2", ""},
      {"123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:3f2a1b",
       "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app", "3f2a1b", ""},
      {"mcr.microsoft.com/dotnet/aspnet:8.0", "mcr.microsoft.com/dotnet/aspnet", "8.0", ""},
      {"a__b/c-d.e", "docker.io/a__b/c-d.e", "", ""},
  };
  for (const Reference& row : table) {
    const auto image = parse_image(row.text);
    ASSERT_TRUE(image) << row.text;
    EXPECT_EQ(image->name(), row.name) << row.text;
    EXPECT_EQ(image->tag, row.tag) << row.text;
    EXPECT_EQ(image->digest, row.digest) << row.text;
  }
  const auto pinned = parse_image("nginx:1.30@" + digest);
  ASSERT_TRUE(pinned);
  EXPECT_EQ(pinned->tag, "1.30");
  EXPECT_EQ(pinned->digest, digest);
  EXPECT_FALSE(pinned->is_floating());
  EXPECT_EQ(pinned->familiar(), "nginx");
  EXPECT_EQ(parse_image("bitnami/redis")->familiar(), "bitnami/redis");
  EXPECT_EQ(parse_image("ghcr.io/o/r")->familiar(), "ghcr.io/o/r");
  EXPECT_TRUE(parse_image("nginx")->is_floating());
  EXPECT_TRUE(parse_image("nginx:latest")->is_floating());
  EXPECT_FALSE(parse_image("nginx:1.30")->is_floating());
}

TEST(ParseImage, rejects_what_a_registry_rejects) {
  for (const char* text : {"",
                           ":",
                           "Postgres",
                           "user/App:1",
                           "app:",
                           "app:ta g",
                           "app@",
                           "app@sha256:xyz",
                           "/app",
                           "app/",
                           "a//b",
                           "${REGISTRY}/app:1",
                           "app:${TAG}",
                           "{{ .Values.image }}",
                           "$IMAGE",
                           "-app",
                           "app-",
                           "a..b",
                           "app:.x",
                           "ghcr.io/Owner/app:1",
                           "http://ghcr.io/o/app"})
    EXPECT_FALSE(parse_image(text)) << text;
}

struct Fate {
  const char* image;
  const char* kind; // "" when nothing is wrong with it
  const char* since;
  bool pulls;
};

const char* name(RetirementKind kind) {
  switch (kind) {
  case RetirementKind::removed: return "removed";
  case RetirementKind::moved: return "moved";
  case RetirementKind::end_of_life: return "end-of-life";
  }
  return "";
}

TEST(Retirement, knows_the_fate_of_images_and_alarms_at_no_others) {
  const Fate table[] = {
      // removed or moved: the pull fails
      {"minio/minio", "removed", "2026-09-12", false},
      {"minio/minio:RELEASE.2024-01-01T16-36-33Z", "removed", "2026-09-12", false},
      {"minio/mc:latest", "removed", "2026-09-12", false},
      {"quay.io/minio/minio:latest", "end-of-life", "2025-10-15", true},
      {"bitnami/postgresql:16", "moved", "2025-08-28", false},
      {"docker.io/bitnami/redis:7.2.4-debian-12-r9", "moved", "2025-08-28", false},
      {"bitnami/kubectl:1.32.3", "moved", "2025-08-28", false},
      {"bitnami/kafka", "removed", "2025-09-29", false},
      {"bitnami/kafka:3.7", "moved", "2025-08-28", false},
      {"bitnami/postgresql:latest", "", "", true},
      {"bitnami/postgresql", "", "", true},
      {"bitnami/minideb:bookworm", "", "", true},
      {"bitnami/sealed-secrets-controller:0.27.0", "", "", true},
      {"bitnamilegacy/postgresql:16", "end-of-life", "2025-08-28", true},
      {"bitnamisecure/redis:latest", "", "", true},
      {"vault", "removed", "2023-06-26", false},
      {"vault:1.13.3", "moved", "2023-03-10", true},
      {"hashicorp/vault:1.13.3", "", "", true},
      {"elasticsearch", "removed", "2018-10-02", false},
      {"kibana:latest", "removed", "2018-10-02", false},
      {"elasticsearch:8.19.0", "", "", true},
      {"elasticsearch:7.17.9", "end-of-life", "2026-01-15", true},
      {"docker.elastic.co/elasticsearch/elasticsearch:8.10.0", "", "", true},
      {"docker.elastic.co/elasticsearch/elasticsearch-oss:7.10.2", "end-of-life", "2026-01-15",
       true},
      {"jboss/keycloak:16.1.1", "removed", "2024-09-07", false},
      {"quay.io/keycloak/keycloak:26.0", "", "", true},
      {"gcr.io/kubebuilder/kube-rbac-proxy:v0.13.1", "removed", "2026-03-06", false},
      {"pgvector/pgvector", "removed", "2025-03-11", false},
      {"pgvector/pgvector:pg17", "", "", true},
      {"pgvector/pgvector:0.7.0-pg13", "end-of-life", "2025-11-13", true},
      {"ankane/pgvector", "moved", "2024-01-30", true},
      {"k8s.gcr.io/pause:3.6", "moved", "2023-04-03", true},
      {"registry.k8s.io/pause:3.9", "", "", true},
      {"registry.k8s.io/ingress-nginx/controller:v1.9.5", "end-of-life", "2026-03-24", true},
      {"grafana/promtail:2.9.0", "end-of-life", "2026-03-02", true},
      {"grafana/agent:v0.40", "end-of-life", "2025-11-01", true},
      {"grafana/alloy:v1.9", "", "", true},
      {"grafana/grafana:9.5.2", "", "", true},
      {"openjdk:8-jdk", "end-of-life", "2022-07-31", true},
      {"openjdk:28-ea-jdk", "", "", true},
      {"eclipse-temurin:21-jre", "", "", true},
      {"eclipse-temurin:17-jre-focal", "end-of-life", "2025-05-31", true},
      {"mongo-express:1.0.2", "end-of-life", "2026-02-05", true},
      {"jaegertracing/all-in-one:1.62", "end-of-life", "2025-12-31", true},
      {"jaegertracing/jaeger:2.19.0", "", "", true},
      {"wurstmeister/kafka", "end-of-life", "2023-06-08", true},
      // majors
      {"postgres:12-alpine", "end-of-life", "2024-11-21", true},
      {"postgres:14", "end-of-life", "2026-11-12", true},
      {"postgres:14.19-bookworm", "end-of-life", "2026-11-12", true},
      {"postgres:9.6", "end-of-life", "2021-11-11", true},
      {"postgres:16-alpine", "", "", true},
      {"postgres", "", "", true},
      {"postgres:alpine", "", "", true},
      {"postgis/postgis:12-3.4", "end-of-life", "2024-11-21", true},
      {"timescale/timescaledb:2.14.2-pg13", "end-of-life", "2025-11-13", true},
      {"timescale/timescaledb:latest-pg16", "", "", true},
      {"public.ecr.aws/docker/library/postgres:12", "end-of-life", "2024-11-21", true},
      {"mirror.gcr.io/library/node:18", "end-of-life", "2025-04-30", true},
      {"mirror.gcr.io/bitnami/redis:7.2", "", "", true},
      {"ghcr.io/acme/postgres:12", "", "", true},
      {"acme/postgres:12", "", "", true},
      {"node:14", "end-of-life", "2023-04-30", true},
      {"node:20-alpine", "end-of-life", "2026-04-30", true},
      {"node:20.9.0-alpine", "end-of-life", "2026-04-30", true},
      {"node:22-alpine", "", "", true},
      {"node:24.14.0-alpine", "", "", true},
      {"node:lts", "", "", true},
      {"node:lts-buster-slim", "end-of-life", "2024-06-30", true},
      {"node:8", "end-of-life", "2019-12-31", true},
      {"python:3", "", "", true},
      {"python:3.9-slim", "end-of-life", "2025-10-31", true},
      {"python:3.10", "end-of-life", "2026-10-31", true},
      {"python:3.11-slim", "", "", true},
      {"python:3.4-alpine", "end-of-life", "2019-03-18", true},
      {"python:2", "end-of-life", "2020-01-01", true},
      {"python:3.13-alpine3.18", "end-of-life", "2025-05-09", true},
      {"php:7.4-apache", "end-of-life", "2022-11-28", true},
      {"php:8.1-fpm", "end-of-life", "2025-12-31", true},
      {"php:8-fpm", "", "", true},
      {"php:fpm", "", "", true},
      {"mysql:5.7", "end-of-life", "2023-10-31", true},
      {"mysql:8", "", "", true},
      {"mysql:8.0", "end-of-life", "2026-04-30", true},
      {"mysql:8.4.2", "", "", true},
      {"mariadb:10.6.4-focal", "end-of-life", "2025-05-31", true},
      {"mariadb:10", "", "", true},
      {"mongo:4", "end-of-life", "2024-02-29", true},
      {"mongo:3.4", "end-of-life", "2020-01-31", true},
      {"mongo:7.0", "", "", true},
      {"mongo", "", "", true},
      {"redis:7", "", "", true},
      {"redis:7.2-alpine", "", "", true},
      {"redis:7.0.15", "end-of-life", "2024-07-29", true},
      {"redis:6.2-alpine", "", "", true},
      {"redis:6", "", "", true},
      {"redis:4.0.6", "end-of-life", "2022-04-27", true},
      {"redis:alpine", "", "", true},
      {"rabbitmq:3-management-alpine", "end-of-life", "2024-09-17", true},
      {"rabbitmq:3.7-management", "end-of-life", "2020-09-30", true},
      {"rabbitmq:4-management", "", "", true},
      {"nginx:1.13-alpine", "", "", true},
      {"debian:12-slim", "", "", true},
      {"debian:buster-slim", "end-of-life", "2024-06-30", true},
      {"debian:bullseye", "end-of-life", "2026-08-31", true},
      {"ubuntu:22.04", "", "", true},
      {"ubuntu:18.04", "end-of-life", "2023-05-31", true},
      {"ubuntu:focal", "end-of-life", "2025-05-31", true},
      {"alpine:3.18", "end-of-life", "2025-05-09", true},
      {"alpine:3", "", "", true},
      {"alpine", "", "", true},
      {"centos:7", "end-of-life", "2024-06-30", true},
      {"mcr.microsoft.com/dotnet/aspnet:6.0-alpine", "end-of-life", "2024-11-12", true},
      {"mcr.microsoft.com/dotnet/aspnet:10.0", "", "", true},
      {"golang:1.18-alpine", "", "", true},
      {"traefik:2.6", "", "", true},
      {"busybox:1.36", "", "", true},
      {"scratch", "", "", true},
  };
  for (const Fate& row : table) {
    const auto image = parse_image(row.image);
    ASSERT_TRUE(image) << row.image;
    const auto fate = retirement(*image, november);
    if (!*row.kind) {
      EXPECT_FALSE(fate) << row.image << " " << name(fate->kind) << " " << format_date(fate->since);
      continue;
    }
    ASSERT_TRUE(fate) << row.image;
    EXPECT_STREQ(name(fate->kind), row.kind) << row.image;
    EXPECT_EQ(format_date(fate->since), row.since) << row.image;
    EXPECT_EQ(fate->pulls, row.pulls) << row.image;
    EXPECT_TRUE(fate->source.starts_with("https://")) << row.image;
  }
}

TEST(Retirement, depends_on_the_day) {
  const auto image = parse_image("node:20").value();
  EXPECT_FALSE(retirement(image, parse_date("2026-04-29").value()));
  EXPECT_TRUE(retirement(image, parse_date("2026-04-30").value()));
  const auto minio = parse_image("minio/minio").value();
  EXPECT_FALSE(retirement(minio, parse_date("2025-01-07").value()));
  EXPECT_TRUE(retirement(minio, parse_date("2026-01-07").value())->pulls);
  EXPECT_FALSE(retirement(minio, november)->pulls);
}

TEST(Retirement, announces_the_next_one) {
  const auto next = next_retirement(parse_image("php:8.2").value(), november);
  ASSERT_TRUE(next);
  EXPECT_EQ(format_date(next->since), "2026-12-31");
  EXPECT_FALSE(next_retirement(parse_image("nginx:1.30").value(), november));
}

TEST(ImageTable, is_well_formed) {
  const knowledge::Table table(data::images);
  EXPECT_GT(table.rows().size(), 300u);
  EXPECT_LT(data::images.size(), 65536u);
  for (const auto& row : table.rows()) {
    EXPECT_TRUE(parse_date(row["since"])) << row["pattern"];
    EXPECT_TRUE(parse_date(row["date"])) << row["pattern"];
    EXPECT_TRUE(row["source"].starts_with("https://")) << row["pattern"];
    EXPECT_TRUE(row["pulls"] == "yes" || row["pulls"] == "no") << row["pattern"];
    EXPECT_NE(row["pattern"].find('/'), std::string_view::npos) << row["pattern"];
    for (const std::string_view atom : knowledge::words(row["tag"], ",")) {
      const bool word = atom == "*" || atom == "latest" || atom == "versioned";
      const bool marked =
          atom[0] == '~' || atom[0] == '!' || (atom[0] == '<' && std::isdigit(atom[1]));
      EXPECT_TRUE(word || marked || std::isdigit(atom[0])) << row["pattern"] << " " << atom;
    }
  }
}

TEST(OfficialImage, is_one_word_of_the_list) {
  EXPECT_TRUE(is_official_image("composer"));
  EXPECT_TRUE(is_official_image("scratch"));
  EXPECT_FALSE(is_official_image("dependencies"));
  EXPECT_FALSE(is_official_image("library/node"));
}

} // namespace
} // namespace aethel
