// What an nginx in a container reads, and what becomes of it: files from everywhere, templates,
// limits.
#include "knowledge/nginx.h"
#include "link/nginx.h"
#include "link/passes.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace aethel {
namespace {

struct Linked {
  MemoryFiles files;
  Report report;
  void link() {
    auto linked = link_program(files, {.today = *parse_date("2026-11-25")});
    ASSERT_TRUE(linked.has_value());
    report = std::move(*linked);
  }
  std::vector<std::string> findings() const {
    std::vector<std::string> result;
    for (const Finding& finding : report.findings)
      if (finding.rule->id >= std::string_view("AE0680") &&
          finding.rule->id <= std::string_view("AE0699"))
        result.push_back(std::string(finding.rule->name) + " " +
                         report.program.place(finding.span));
    return result;
  }
};

TEST(LinkNginx, follows_a_copy_through_an_earlier_stage) {
  Linked linked;
  linked.files.write("compose.yaml", "services:\n  web:\n    build: .\n");
  linked.files.write("Dockerfile",
                     "FROM node:24 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"
                     "FROM nginx:1.28\n"
                     "COPY --from=build /app/site.conf /etc/nginx/conf.d/default.conf\n");
  linked.files.write("site.conf",
                     "server { listen 80; location / { proxy_pass http://gone:1; } }\n");
  linked.link();
  EXPECT_EQ(linked.findings(), std::vector<std::string>{"undefined-upstream site.conf:1"});
}

TEST(LinkNginx, ends_where_files_include_each_other) {
  Linked linked;
  linked.files.write("compose.yaml", "services:\n  web:\n    image: nginx:1.28\n    volumes: "
                                     "['./n:/etc/nginx:ro']\n");
  linked.files.write("n/nginx.conf", "events {}\nhttp { include a.conf; }\n");
  linked.files.write("n/a.conf", "include b.conf;\ninclude b.conf;\ninclude b.conf;\n");
  linked.files.write("n/b.conf", "include a.conf;\ninclude a.conf;\ninclude a.conf;\n");
  linked.link();
  ASSERT_EQ(linked.report.program.nginx.size(), 1u);
  EXPECT_FALSE(linked.report.program.nginx.front().complete);
}

TEST(LinkNginx, fills_templates_and_reads_the_server_of_the_image) {
  Linked linked;
  linked.files.write("compose.yaml",
                     "services:\n  web:\n    image: nginx:1.28\n    environment: {PORT: '8080'}\n"
                     "    volumes: ['./t:/etc/nginx/templates:ro']\n");
  linked.files.write("t/site.conf.template", "server { listen ${PORT}; server_name $host; }\n");
  linked.link();
  ASSERT_EQ(linked.report.program.nginx.size(), 1u);
  const Nginx& nginx = linked.report.program.nginx.front();
  EXPECT_TRUE(nginx.complete);
  std::vector<std::uint32_t> ports;
  for (const NginxListen& each : nginx_listens(nginx)) ports.push_back(each.port);
  std::ranges::sort(ports);
  EXPECT_EQ(ports, (std::vector<std::uint32_t>{80, 8080}));
}

TEST(KnowledgeNginx, knows_directives_variables_and_images) {
  EXPECT_EQ(nginx_directive("server").size(), 5u);
  EXPECT_TRUE(nginx_directive("more_set_headers").empty());
  EXPECT_EQ(nearest_nginx_directive("proxy_pas"), "proxy_pass");
  EXPECT_EQ(nearest_nginx_directive("lua_shared_dict"), std::nullopt);
  EXPECT_TRUE(is_nginx_variable("http_upgrade"));
  EXPECT_TRUE(is_nginx_variable("proxy_add_x_forwarded_for"));
  EXPECT_TRUE(is_nginx_variable("1"));
  EXPECT_FALSE(is_nginx_variable("connection_upgrade"));
  ASSERT_NE(nginx_image("nginx:1.28-alpine"), nullptr);
  EXPECT_TRUE(nginx_image("nginx")->official);
  EXPECT_EQ(nginx_image("node:24"), nullptr);
}

} // namespace
} // namespace aethel
