#include "knowledge/image_tools.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

struct Case {
  const char* image;
  const char* tool;
  ToolPresence presence;
};

constexpr auto there = ToolPresence::there;
constexpr auto lacking = ToolPresence::lacking;
constexpr auto unknown = ToolPresence::unknown;

TEST(ImageTools, are_those_of_the_tag) {
  const Case table[] = {
      {"scratch", "sh", lacking},
      {"postgres:16", "wget", lacking},
      {"postgres:16-alpine", "wget", there},
      {"postgres:16-alpine", "curl", lacking},
      {"nginx:1.29", "wget", lacking},
      {"nginx:1.29", "curl", there},
      {"nginx:1.14", "curl", unknown},
      {"nginx:1.29-alpine-slim", "curl", lacking},
      {"node:22-slim", "curl", lacking},
      {"node:12.13-slim", "curl", unknown},
      {"debian:13-slim", "ps", lacking},
      {"debian:8", "ps", unknown},
      {"ubuntu:24.04", "python3", lacking},
      {"ubuntu:14.04", "python3", unknown},
      {"ubuntu:trusty", "nc", unknown},
      {"caddy:2-alpine", "curl", there},
      {"caddy:2.10.2", "curl", unknown},
      {"caddy:2.9", "curl", lacking},
      {"mongo:8", "mongo", lacking},
      {"mongo:5", "mongo", unknown},
      {"mongo:4.4", "mongosh", lacking},
      {"mariadb:11.4", "mysqladmin", lacking},
      {"mariadb:11.4-ubi9", "mysqladmin", unknown},
      {"mariadb:10.11", "mysqladmin", unknown},
      {"traefik:v3.5", "wget", there},
      {"traefik:1.7", "wget", unknown},
      {"gcr.io/distroless/static-debian12", "sh", lacking},
      {"gcr.io/distroless/static-debian12:debug-nonroot", "sh", unknown},
      {"gcr.io/distroless/python3-debian12", "sh", unknown},
      {"gcr.io/distroless/python3-debian13", "sh", lacking},
      {"grafana/loki:3.5.9", "wget", unknown},
      {"grafana/loki:3.7.2", "wget", lacking},
      {"oliver006/redis_exporter:v1.62.0", "wget", lacking},
      {"oliver006/redis_exporter:v1.62.0-alpine", "wget", unknown},
      {"qdrant/qdrant:v1.13.0", "curl", lacking},
      {"qdrant/qdrant:v1.13.0-gpu-nvidia", "curl", unknown},
      {"ghcr.io/acme/other:1", "curl", unknown},
  };
  for (const Case& row : table)
    EXPECT_EQ(find_tool(row.image, row.tool), row.presence) << row.image << " " << row.tool;
}

// "16-alpine3.20" was taken for Debian, so busybox's wget was missing there.
TEST(ImageTools, alpine_with_its_version_is_alpine) {
  for (const char* image : {"postgres:16-alpine3.20", "redis:7.4-alpine3.21", "node:20-alpine3.22",
                            "nginx:1.29-alpine3.22-perl", "memcached:1.6-alpine3.22"})
    EXPECT_EQ(find_tool(image, "wget"), there) << image;
}

TEST(ImageTools, windows_images_have_other_tools) {
  for (const char* image : {"golang:1.25-windowsservercore-ltsc2022", "mongo:8-nanoserver"})
    for (const char* tool : {"sh", "curl", "mongo"})
      EXPECT_EQ(find_tool(image, tool), unknown) << image << " " << tool;
}

} // namespace
} // namespace aethel
