#include "link/rules/support/upstream_ports.h"

#include "knowledge/images.h"
#include "knowledge/secret_names.h"
#include "knowledge/servers.h"
#include "knowledge/shapes.h"
#include "knowledge/table.h"
#include "link/container.h"
#include "link/nginx.h"
#include "link/rules/support/connections.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace aethel {
namespace {

bool mentions(const Node& node, std::string_view port) {
  if (holds_number(node.text.written(), port)) return true;
  return std::ranges::any_of(node.members,
                             [&](const Member& member) {
                               return holds_number(member.key, port) ||
                                      mentions(member.value, port);
                             }) ||
         std::ranges::any_of(node.items, [&](const Node& item) { return mentions(item, port); });
}

bool may_hold_port(std::string_view name) {
  for (const std::string_view word : {"PORT", "LISTEN", "BIND", "ADDR", "OPTS", "ARGS", "CONFIG"})
    if (name.find(word) != std::string_view::npos) return true;
  return false;
}

// Anywhere in the service but in what it publishes on the host, and in what env files give it.
bool mentions(const Process& process, std::string_view port) {
  for (const Member& member : process.node->members) {
    if (member.key == "ports") continue;
    if (mentions(member.value, port)) return true;
  }
  return std::ranges::any_of(process.environment, [&](const Variable& variable) {
    return holds_number(variable.value.value(), port) ||
           (!is_filled(variable.value) && may_hold_port(variable.name));
  });
}

bool is_declared(const Process& process, std::uint32_t port) {
  if (std::ranges::any_of(process.ports, [&](const Port& each) { return each.target == port; }))
    return true;
  const Node* expose = process.node->find("expose");
  return expose != nullptr && std::ranges::any_of(expose->items, [&](const Node& item) {
           return holds_number(item.value(), std::to_string(port));
         });
}

// An env file that is not in the repository may say anything.
bool has_unknown_environment(const Program& program, const Process& process) {
  for (const ComposeFileUse& use : program.projects[process.target].uses)
    if (use.role == ComposeFileUse::Role::env_file && use.service == process.name &&
        program.tree.exists(use.path) != Existence::file)
      return true;
  return std::ranges::any_of(process.environment, [](const Variable& variable) {
    return variable.given == Variable::Given::inherited && variable.name.ends_with("PORT");
  });
}

// Whether some file of the folder that is built holds the number. What cannot be told says yes.
bool folder_holds(const Program& program, std::string_view folder, std::string_view number) {
  constexpr std::size_t file_limit = 3000, size_limit = 128u << 10;
  std::size_t count = 0;
  for (const TreeEntry& entry : program.tree.under(folder)) {
    if (!entry.is_ours() || entry.size > size_limit || entry.binary) continue;
    if (entry.path.ends_with("package-lock.json") || entry.path.ends_with(".svg") ||
        entry.path.ends_with(".lock") || entry.path.ends_with("pnpm-lock.yaml"))
      continue;
    if (++count > file_limit) return true;
    const FileId file = program.sources->find(entry.path);
    const auto bytes = file ? program.sources->read(file) : Result<std::string>(std::string());
    if (!bytes || holds_number(*bytes, number)) return true;
  }
  return false;
}

// The Dockerfile that an image of ours is built from: of the service itself, or of the only folder
// that is called like the image.
struct Source {
  BuiltImage image;
  std::string context;
};

std::optional<Source> source_of(const Program& program, const Process& process) {
  if (process.build) {
    auto image = built_image(program, process);
    if (!image) return {};
    return Source{std::move(*image), process.build->path};
  }
  if (!process.image) return {};
  // The tag may be anything; the name must be there.
  std::string name = process.image->value();
  if (const std::size_t at = name.find('@'); at != std::string::npos) name.resize(at);
  if (const std::size_t colon = name.rfind(':');
      colon != std::string::npos && name.find('/', colon) == std::string::npos)
    name.resize(colon);
  const std::size_t slash = name.rfind('/');
  if (slash == std::string::npos) return {}; // Docker Hub's own, or of somebody's machine
  name = name.substr(slash + 1);
  std::string found;
  for (const FileFacts& facts : program.facts) {
    if (facts.stages.empty()) continue;
    const std::string& path = program.sources->path(facts.file);
    if (file_name(path) != "Dockerfile" || file_name(parent_path(path)) != name) continue;
    if (!found.empty()) return {};
    found = path;
  }
  if (found.empty()) return {};
  // The last stage is what is run unless somebody says otherwise; so all stages must agree.
  auto image = built_image(program, found, parent_path(found), "");
  if (!image) return {};
  return Source{std::move(*image), std::string(parent_path(found))};
}

// Systems and languages, which listen on nothing by themselves.
bool is_bare(std::string_view base) {
  constexpr std::array<std::string_view, 22> images = {
      "node",      "python", "golang",     "ruby",    "rust",        "openjdk", "eclipse-temurin",
      "alpine",    "debian", "ubuntu",     "busybox", "bun",         "deno",    "amazoncorretto",
      "elixir",    "erlang", "distroless", "swift",   "debian-slim", "uv",      "haskell",
      "wolfi-base"};
  if (base == "scratch") return true;
  const auto image = parse_image(base);
  if (!image) return false;
  if (image->repository.starts_with("distroless/")) return true;
  const std::string_view name =
      std::string_view(image->repository).substr(image->repository.rfind('/') + 1);
  return std::ranges::find(images, name) != images.end();
}

std::optional<OtherPorts> from_nginx(const Program& program, const Process& process,
                                     std::uint32_t asked) {
  for (const Nginx& nginx : program.nginx) {
    if (nginx.process != &process || !nginx.main_known || !nginx.complete) continue;
    OtherPorts listening;
    for (const NginxListen& each : nginx_listens(nginx)) {
      listening.ports.push_back(each.port);
      if (!listening.evidence.file) listening.evidence = each.span;
    }
    if (listening.ports.empty() ||
        std::ranges::find(listening.ports, asked) != listening.ports.end())
      return {};
    return listening;
  }
  return {};
}

bool is_nginx(const Program& program, const Process& process) {
  return std::ranges::any_of(program.nginx,
                             [&](const Nginx& each) { return each.process == &process; });
}

std::optional<std::uint32_t> number(const Text& text) {
  if (!is_filled(text)) return {};
  const std::string value = text.value();
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), port);
  if (error != std::errc() || end != value.data() + value.size() || port == 0 || port > 65535)
    return {};
  return port;
}

// PORT, WS_PORT, or RUNTIME_PORT of a service "runtime".
std::optional<OtherPorts> from_variable(const Process& process) {
  std::optional<OtherPorts> told;
  for (const Variable& variable : process.environment) {
    const std::vector<std::string> words = name_words(variable.name);
    if (words.empty() || words.back() != "port" || words.size() > 2) continue;
    constexpr std::array<std::string_view, 9> own = {"ws",  "http", "https",  "app", "server",
                                                     "web", "api",  "listen", "grpc"};
    if (words.size() == 2 && std::ranges::find(own, words.front()) == own.end() &&
        words.front() != process.name)
      continue;
    const auto port = number(variable.value);
    if (told || !port || variable.given == Variable::Given::inherited) return {};
    told = OtherPorts{{*port}, variable.origin.written};
  }
  return told;
}

} // namespace

bool holds_number(std::string_view text, std::string_view number) {
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t at = text.find(number); at != std::string_view::npos;
       at = text.find(number, at + 1)) {
    const std::size_t end = at + number.size();
    if ((at == 0 || !is_digit(text[at - 1])) && (end == text.size() || !is_digit(text[end])))
      return true;
  }
  return false;
}

std::optional<OtherPorts> listens_elsewhere_than(const Program& program, const Process& process,
                                                 std::uint32_t asked) {
  if (asked == 0 || is_declared(process, asked)) return {};
  if (is_nginx(program, process)) return from_nginx(program, process, asked);
  const std::string port = std::to_string(asked);
  if (mentions(process, port) || has_unknown_environment(program, process)) return {};
  // A server that is known, with its own options alone.
  if (!process.build && process.image && is_filled(*process.image)) {
    const auto image = parse_image(process.image->value());
    const Server* product = image ? find_server(*image) : nullptr;
    if (product != nullptr && product->port != 0) {
      if (product->port == asked || process.node->find("command") != nullptr ||
          process.node->find("entrypoint") != nullptr || !process.mounts.empty())
        return {};
      return OtherPorts{{product->port}, process.image_origin.written};
    }
  }
  const auto source = source_of(program, process);
  if (source) {
    if (folder_holds(program, source->context, port)) return {};
    const FileId file = source->image.file;
    const auto bytes = program.sources->read(file);
    if (!bytes || holds_number(*bytes, port)) return {};
  }
  // What the image of somebody else's server listens on is not in the folder.
  const bool own = source && is_bare(source->image.base);
  // Published on the host under the number that is asked for inside.
  for (const Port& each : process.ports)
    if (each.published.value() == port && (source || process.build))
      return OtherPorts{{each.target}, each.origin.written};
  if (auto told = from_variable(process)) return told;
  if (own && source->image.exposed.empty() && !process.ports.empty()) {
    OtherPorts listening{.ports = {}, .evidence = process.ports.front().origin.written};
    for (const Port& each : process.ports) listening.ports.push_back(each.target);
    return listening;
  }
  if (own && !source->image.exposed.empty()) {
    OtherPorts listening{.ports = {}, .evidence = source->image.exposed.front().second};
    for (const auto& [exposed, span] : source->image.exposed) {
      if (exposed == 0 || exposed == asked) return {};
      listening.ports.push_back(exposed);
    }
    return listening;
  }
  return {};
}

} // namespace aethel
