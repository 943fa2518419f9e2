// nginx's configuration files, and the templates that its image fills in at start. They have no
// name of their own: what counts is that most of their directives are nginx's.
#include "front/reader.h"
#include "front/support/suppressions.h"
#include "knowledge/nginx.h"
#include "syntax/nginx.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace aethel::readers {
namespace {

constexpr std::size_t size_limit = 1u << 20;

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool has_other_language(std::string_view name) {
  constexpr std::array<std::string_view, 34> ends = {
      ".md",  ".yml",  ".yaml", ".json", ".js",  ".ts",  ".sh",     ".py",  ".go",
      ".lua", ".html", ".css",  ".pem",  ".crt", ".key", ".toml",   ".xml", ".tf",
      ".php", ".rb",   ".svg",  ".png",  ".ico", ".c",   ".h",      ".rst", ".txt",
      ".sql", ".j2",   ".erb",  ".tsx",  ".vue", ".mdx", ".service"};
  return std::ranges::any_of(ends, [&](std::string_view end) { return name.ends_with(end); });
}

bool is_template(std::string_view path) {
  const std::string_view name = name_of(path);
  return name.find(".template") != std::string_view::npos || name.ends_with(".tmpl") ||
         name.ends_with(".tpl");
}

bool claims(std::string_view path) {
  const std::string_view name = name_of(path);
  if (name.ends_with(".conf")) return true;
  if (has_other_language(name)) return false;
  if (name.find(".conf.") != std::string_view::npos || is_template(path)) return true;
  const std::string_view folder = path.substr(0, path.size() - name.size());
  return path.find("nginx") != std::string_view::npos ||
         folder.find("sites-") != std::string_view::npos ||
         folder.find("conf.d/") != std::string_view::npos;
}

// Blocks that hold entries, not directives.
bool holds_entries(std::string_view name) {
  constexpr std::array<std::string_view, 6> blocks = {"types",         "map",         "geo",
                                                      "split_clients", "charset_map", "match"};
  return std::ranges::find(blocks, name) != blocks.end();
}

// Most directives are nginx's, and one of them is of a kind that nothing else has.
bool looks_like_nginx(const nginx::File& file) {
  std::size_t known = 0, all = 0;
  bool sure = false;
  for (std::size_t i = 0; i < file.directives.size(); ++i) {
    const nginx::Directive& directive = file.directives[i];
    if (directive.substituted || directive.words.front().text.starts_with('$')) continue;
    ++all;
    const std::string_view name = directive.name();
    if (!nginx_directive(name).empty()) {
      ++known;
      sure = sure || directive.block || name.starts_with("proxy_") || name.starts_with("ssl_") ||
             name.starts_with("fastcgi_") || name.starts_with("uwsgi_") || name == "add_header" ||
             name == "listen" || name == "server_name";
    } else if (directive.words.size() > 1 && directive.words[1].text == "=") {
      return false; // `key = value`
    }
    if (directive.block && holds_entries(name)) i = directive.end - 1;
  }
  return sure && known * 3 >= all * 2;
}

// Jinja, Go, ERB: what they make of it is not known.
bool is_other_template(std::string_view bytes) {
  return bytes.find("{{") != std::string_view::npos || bytes.find("{%") != std::string_view::npos ||
         bytes.find("<%") != std::string_view::npos;
}

bool accepts(std::string_view, std::string_view bytes) {
  if (bytes.size() > size_limit || bytes.find('\0') != std::string_view::npos) return false;
  constexpr std::array<std::string_view, 8> hints = {"server", "location",   "upstream", "proxy_",
                                                     "ssl_",   "add_header", "fastcgi_", "uwsgi_"};
  return bytes.find(';') != std::string_view::npos &&
         std::ranges::any_of(hints, [&](std::string_view hint) {
           return bytes.find(hint) != std::string_view::npos;
         });
}

void read(const Source& source, FileId file, FileFacts& facts) {
  const auto dialect =
      is_template(source.path()) ? nginx::Dialect::envsubst_template : nginx::Dialect::plain;
  auto parsed = std::make_shared<nginx::File>(nginx::parse(source.bytes(), dialect));
  if (!parsed->problems.empty() && is_other_template(source.bytes())) return;
  if (!looks_like_nginx(*parsed)) return;
  for (Suppression& suppression : read_suppressions(source, file, parsed->comments))
    facts.suppressions.push_back(std::move(suppression));
  facts.nginx = std::move(parsed);
  facts.nginx_dialect = dialect;
}

} // namespace

extern constinit const Reader nginx_files;
constinit const Reader nginx_files{
    .name = "nginx", .claims = claims, .accepts = accepts, .read = read};

} // namespace aethel::readers
