#include "generate/infer.h"

#include "base/files.h"
#include "config/product.h"
#include "config/scalar.h"
#include "knowledge/secret_names.h"
#include "knowledge/values.h"
#include "knowledge/variables.h"
#include "link/rules/support/connections.h"
#include "syntax/git_config.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <set>

namespace aethel::generate {
namespace {

std::string scalar(std::string_view text) { return write_scalar(text, aethel::Context::flow); }

// A DNS label of any name; "" when nothing of it can be one.
std::string label_of(std::string_view name) {
  std::string label;
  for (const char c : name) {
    const auto lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool letter = lower >= 'a' && lower <= 'z';
    if (letter || (!label.empty() && lower >= '0' && lower <= '9'))
      label += lower;
    else if (!label.empty() && label.back() != '-')
      label += '-';
  }
  while (label.ends_with('-')) label.pop_back();
  return label.substr(0, 40);
}

// STRIPE_SECRET_KEY -> stripe/secret_key
std::string secret_name(std::string_view variable) {
  const std::vector<std::string> words = name_words(variable);
  if (words.empty()) return "app/" + std::string(variable);
  if (words.size() == 1) return "app/" + words[0];
  return fmt::format("{}/{}", words[0], fmt::join(words.begin() + 1, words.end(), "_"));
}

// Programs that stand before or beside a product and that `generate` supplies itself.
bool is_infrastructure(std::string_view image) {
  for (const std::string_view name :
       {"nginx",      "traefik", "caddy",        "haproxy",        "envoyproxy", "prom/",
        "prometheus", "grafana", "alertmanager", "loki",           "promtail",   "exporter",
        "cadvisor",   "certbot", "watchtower",   "pgadmin",        "adminer",    "mailhog",
        "mailpit",    "jaeger",  "otel",         "redis-commander"})
    if (image.contains(name)) return true;
  return false;
}

class Inference {
public:
  explicit Inference(const Program& program) : program_(program) {}

  Inferred run(std::string_view directory_name, std::string_view repository,
               std::string_view repository_evidence) {
    product(directory_name, repository, repository_evidence);
    if (const auto target = likeliest()) {
      target_ = *target;
      sort_processes();
      replaces();
      environments();
      for (const Process* process : services_) service(*process);
      stores();
      secrets();
    } else {
      draft().child("environments");
      draft().child("services");
    }
    return std::move(result_);
  }

private:
  Draft& draft() { return result_.root; }

  std::string at(const Span& span) const { return span.file ? program_.place(span) : ""; }

  void product(std::string_view directory_name, std::string_view repository,
               std::string_view evidence) {
    const std::size_t slash = repository.find('/');
    const std::string_view name =
        slash == std::string_view::npos ? directory_name : repository.substr(slash + 1);
    if (const std::string label = label_of(name); !label.empty())
      draft().set("product.name", label,
                  slash == std::string_view::npos ? "the folder's name" : std::string(evidence));
    if (!repository.empty())
      draft().set("product.repository", scalar(repository), std::string(evidence));
    draft().child("product");
    draft().set("cloud.provider", "aws");
  }

  std::optional<TargetIndex> likeliest() const {
    std::optional<TargetIndex> best;
    const auto order = [&](TargetIndex i) {
      const Target& target = program_.targets[i];
      const auto stage = static_cast<std::size_t>(target.stage);
      // An unknown one is likelier meant than one for development.
      const std::size_t rank = target.stage == Stage::unknown ? 2 : stage >= 2 ? stage + 1 : stage;
      return std::tuple(rank, -static_cast<int>(program_.processes_of(i).size()), i);
    };
    for (TargetIndex i = 0; i < program_.targets.size(); ++i)
      if (program_.targets[i].kind == "compose" && (!best || order(i) < order(*best))) best = i;
    return best;
  }

  // The store that takes the place of a server; empty for those that nothing replaces.
  static std::string_view kind_of(std::string_view product, std::string_view image) {
    if (product == "postgresql") return "postgres";
    if (product == "redis" || product == "valkey" || product == "keydb") return "valkey";
    return image.contains("minio") && !image.contains("minio/mc") ? "bucket" : "";
  }

  void sort_processes() {
    std::vector<const Process*> pulled;
    for (const Process& process : program_.processes_of(target_)) {
      const std::string image =
          process.image && is_filled(*process.image) ? process.image->value() : "";
      const auto server = process.build ? std::nullopt : server_access(process);
      const std::string_view kind =
          process.build ? "" : kind_of(server ? server->product->product : "", image);
      if (!kind.empty()) {
        stores_.push_back({&process, kind});
      } else if (server) {
        result_.left_out.push_back(
            fmt::format("{} ({}): no store of this kind is generated", process.name, image));
      } else if (std::ranges::find(taken_names, label_of(process.name)) != std::end(taken_names)) {
        result_.left_out.push_back(fmt::format("{}: what is generated has one", process.name));
      } else if (process.build &&
                 (is_outside(process.build->path) || is_outside(process.build->dockerfile_path))) {
        result_.left_out.push_back(
            fmt::format("{}: built from {}, outside of the repository", process.name,
                        is_outside(process.build->path) ? process.build->path
                                                        : process.build->dockerfile_path));
      } else if (process.build) {
        services_.push_back(&process);
      } else if (image.contains('/') && image.find('.') < image.find('/') &&
                 !is_infrastructure(image)) {
        pulled.push_back(&process); // of a registry that is named: perhaps its own
      } else {
        result_.left_out.push_back(fmt::format("{} ({})", process.name, image));
      }
    }
    if (services_.empty())
      services_ = pulled;
    else
      for (const Process* process : pulled)
        result_.left_out.push_back(fmt::format("{} ({})", process->name, process->image->value()));
  }

  bool is_public(const Process& process) const {
    return std::ranges::any_of(process.ports,
                               [](const Port& port) { return !port.published.empty(); });
  }

  // Whatever starts this production now; two ways to start it would drift apart. What a bare
  // `docker compose up` starts is for people to decide on: they work with it.
  void replaces() {
    std::vector<std::string> files;
    for (const Target& target : program_.targets) {
      if (target.kind != "compose" ||
          (target.stage != Stage::production && target.stage != Stage::staging) ||
          target.open_world || target.directory != program_.targets[target_].directory)
        continue;
      for (const std::string& file : target.files) {
        const std::string_view name = file_name(file);
        const bool bare = name.starts_with("docker-compose.y") || name.starts_with("compose.y") ||
                          name.contains(".override.");
        std::vector<std::string>& list = bare ? result_.left_out : files;
        const std::string entry =
            bare ? fmt::format("{}: starts production{}; name it in product.replaces too, or let "
                               "it be started by developers only",
                               file, evidence_of(target))
                 : scalar(file);
        if (std::ranges::find(list, entry) == list.end()) list.push_back(entry);
      }
    }
    if (!files.empty())
      draft().set("product.replaces", fmt::format("[{}]", fmt::join(files, ", ")),
                  "what starts production now");
  }

  std::string evidence_of(const Target& target) const {
    if (target.stage_evidence.empty()) return {};
    const std::string place = at(target.stage_evidence.front().span);
    return place.empty() ? std::string() : " (" + place + ")";
  }

  void environments() {
    Draft& hosts = draft().child("environments").child("production").child("hosts");
    hosts.evidence = at({program_.sources->find(program_.targets[target_].files.front()), {0, 0}});
  }

  const Process* service_named(std::string_view name) const {
    for (const Process* process : services_)
      if (std::ranges::find(process->aliases, name) != process->aliases.end() ||
          process->name == name)
        return process;
    return nullptr;
  }

  std::string store_of(std::string_view name) const {
    for (const auto& [process, kind] : stores_)
      if (process->name == name ||
          std::ranges::find(process->aliases, name) != process->aliases.end())
        return label_of(process->name);
    return {};
  }

  // A bucket is reached by a name and a role.
  bool has_address(std::string_view name) const {
    return std::ranges::none_of(stores_, [&](const auto& store) {
      return store.second == "bucket" && store.first->name == name;
    });
  }

  // `RUNTIME_URL: ws://runtime:3001` of another service.
  const Variable* asked_by_websocket(const Process& process) const {
    for (const Connection& connection : connections(program_, target_)) {
      const std::string scheme = connection.part(connection.url.scheme);
      if (connection.server == &process && (scheme == "ws" || scheme == "wss"))
        return connection.variable;
    }
    return nullptr;
  }

  void service(const Process& process) {
    const std::string name = label_of(process.name);
    if (name.empty()) return;
    Draft& entry = draft().child("services").child(name);
    entry.evidence = at(process.origin.written);
    if (process.build) {
      const Build& build = *process.build;
      const std::string context = build.path.empty() ? "." : build.path;
      std::string text = "{context: " + scalar(context);
      if (!build.dockerfile.empty() && build.dockerfile.value() != "Dockerfile")
        text += ", dockerfile: " + scalar(build.dockerfile_path);
      if (build.target) text += ", target: " + scalar(build.target->value());
      entry.set("build", text + "}", at(build.origin.written));
    }
    const auto health = health_of(process);
    if (const auto port = port_of(process, health)) {
      entry.set("port", std::to_string(port->first), port->second);
    } else {
      entry.set("kind", "worker", "no port is published, exposed or asked");
    }
    if (entry.find("port") != nullptr)
      if (const Variable* asker = asked_by_websocket(process))
        entry.set("kind", "websocket", at(asker->origin.written));
    if (is_public(process)) entry.set("host", name, "its port is published");
    if (health) entry.set("health", "{live: " + scalar(health->path) + "}", health->evidence);
    uses(process, entry);
    environment(process, entry);
  }

  struct Health {
    std::string path, evidence;
    std::uint32_t port = 0;
  };

  // `http://localhost:3000/api/health` in a healthcheck.
  std::optional<Health> health_of(const Process& process) const {
    const Node* test = process.node->at({"healthcheck", "test"});
    if (test == nullptr) return {};
    std::string text = test->is_scalar() ? test->value() : "";
    for (const Node& item : test->items)
      if (item.is_scalar()) text += " " + item.value();
    for (const std::string_view host : {"://localhost", "://127.0.0.1", "://0.0.0.0"}) {
      std::size_t begin = text.find(host);
      if (begin == std::string::npos) continue;
      begin += host.size();
      Health health{.path = "/", .evidence = at(test->origin.written)};
      if (begin < text.size() && text[begin] == ':') {
        for (++begin; begin < text.size() && text[begin] >= '0' && text[begin] <= '9'; ++begin)
          health.port =
              std::min(health.port * 10 + static_cast<unsigned>(text[begin] - '0'), 70000u);
      }
      const std::size_t end = std::min(text.find_first_of(" '\"|);,&", begin), text.size());
      if (end > begin && text[begin] == '/') health.path = text.substr(begin, end - begin);
      return health;
    }
    return {};
  }

  std::optional<std::pair<std::uint32_t, std::string>>
  port_of(const Process& process, const std::optional<Health>& health) const {
    if (!process.ports.empty())
      return std::pair(process.ports.front().target, at(process.ports.front().origin.written));
    if (const Node* expose = process.node->find("expose"))
      for (const Node& item : expose->items)
        if (item.is_scalar())
          if (const int port = std::atoi(item.value().c_str()); port > 0 && port < 65536)
            return std::pair(static_cast<std::uint32_t>(port), at(item.origin.written));
    if (const Variable* variable = process.variable("PORT"); variable && is_filled(variable->value))
      if (const int port = std::atoi(variable->value.value().c_str()); port > 0 && port < 65536)
        return std::pair(static_cast<std::uint32_t>(port), at(variable->origin.written));
    if (health && health->port > 0) return std::pair(health->port, health->evidence);
    return {};
  }

  void uses(const Process& process, Draft& entry) const {
    std::vector<std::string> names;
    const auto add = [&](const std::string& name) {
      if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    const auto add_named = [&](const std::string& name) {
      add(store_of(name));
      if (const Process* other = service_named(name); other != nullptr && other != &process)
        add(label_of(other->name));
    };
    for (const Dependency& dependency : process.depends_on) add_named(dependency.service);
    for (const Connection& connection : connections(program_, target_))
      if (connection.client == &process && connection.server != nullptr)
        add_named(connection.server->name);
    if (!names.empty())
      entry.set("uses", fmt::format("[{}]", fmt::join(names, ", ")),
                "`depends_on` and the addresses that it is given");
  }

  // A service's own address as `${service.NAME}`, this computer's as the host that users ask.
  std::string config_text(const Process& process, const std::string& value) const {
    const auto url = parse_connection(value);
    if (!url || url->hosts.size() != 1) return value;
    const std::string host(text_at(value, url->hosts[0].name));
    const std::size_t begin = url->hosts[0].name.begin;
    const Range port = url->hosts[0].port;
    const std::size_t end = port.end > port.begin ? port.end : url->hosts[0].name.end;
    if (const Process* other = service_named(host))
      return value.substr(0, begin) + "${service." + label_of(other->name) + "}" +
             value.substr(end);
    // A server or a part of the infrastructure that the product will not have by this name.
    if (std::ranges::any_of(program_.processes_of(target_), [&](const Process& each) {
          return std::ranges::find(each.aliases, host) != each.aliases.end();
        }))
      return {};
    if (host != "localhost" && host != "127.0.0.1") return value;
    if (!is_public(process)) return {};
    std::string scheme(text_at(value, url->scheme));
    if (scheme == "http") scheme = "https";
    if (scheme == "ws") scheme = "wss";
    return scheme + "://${host." + label_of(process.name) + "}" + value.substr(end);
  }

  static bool is_real(const std::string& name, const std::string& text) {
    if (text.empty() || text.contains("localhost") || text.contains("127.0.0.1")) return false;
    const ValueKind kind = classify(name, text).kind;
    return kind != ValueKind::placeholder && kind != ValueKind::reserved_host &&
           kind != ValueKind::localhost;
  }

  void environment(const Process& process, Draft& entry) {
    for (const Variable& variable : process.environment) {
      const std::string place = at(variable.origin.written);
      const NameKind kind = name_kind(variable.name);
      const std::string value = is_filled(variable.value) ? variable.value.value() : "";
      std::string store;
      for (const Connection& connection : connections(program_, target_))
        if (connection.client == &process && connection.variable->name == variable.name &&
            connection.server != nullptr && has_address(connection.server->name))
          store = store_of(connection.server->name);
      Draft& variables = entry.child("environment");
      if (!store.empty()) {
        variables.child(variable.name).value = "{secret: " + store + "/url}";
      } else if (kind != NameKind::no) {
        const std::string name = secret_name(variable.name);
        variables.child(variable.name).value = "{secret: " + name + "}";
        if (std::ranges::find(secrets_, name, &Secret::name) == secrets_.end())
          secrets_.push_back({.name = name, .variable = variable.name, .evidence = place});
      } else if (const std::string text = config_text(process, value);
                 is_real(variable.name, text)) {
        const bool build = is_public_name(variable.name);
        variables.child(variable.name).value =
            build ? "{build: " + scalar(text) + "}" : scalar(text);
      } else {
        result_.left_out.push_back(fmt::format(
            "{} of {}: it has no value that production could use", variable.name, process.name));
        continue;
      }
      variables.child(variable.name).evidence = place;
    }
  }

  void stores() {
    for (const auto& [process, kind] : stores_) {
      const std::string name = label_of(process->name);
      if (name.empty()) continue;
      std::string text = "{kind: " + std::string(kind);
      if (kind == "postgres")
        if (const auto image = parse_image(process->image->value())) {
          const std::string major =
              image->tag.substr(0, image->tag.find_first_not_of("0123456789"));
          if (!major.empty()) text += ", version: '" + major + "'";
        }
      draft().set("stores." + name, text + "}", at(process->image_origin.written));
    }
  }

  void secrets() {
    for (const Secret& secret : secrets_) {
      const VariableGroup group = group_of(secret.variable);
      std::string text;
      if (is_own(group)) {
        text = "{random: 48, rotate: 90}";
      } else {
        const KnownVariable* known = find_variable(secret.variable);
        const std::string path = secret.name.substr(0, secret.name.find('/'));
        std::string_view how = known == nullptr ? std::string_view() : known->en;
        if (how.starts_with("from ")) how.remove_prefix(5);
        text = "{supplier: " + scalar(how.empty() ? "whoever provides " + path : std::string(how)) +
               ", rotate: 180}";
      }
      draft().child("secrets").child(secret.name).value = text;
    }
  }

  struct Secret {
    std::string name, variable, evidence;
  };

  const Program& program_;
  TargetIndex target_ = 0;
  Inferred result_;
  std::vector<const Process*> services_;
  std::vector<std::pair<const Process*, std::string_view>> stores_;
  std::vector<Secret> secrets_;
};

void write(const Draft& node, std::size_t indent, std::string& out) {
  std::string line = std::string(indent, ' ') + node.key + ":";
  if (!node.value.empty()) line += " " + node.value;
  if (!node.evidence.empty()) line += "  # " + node.evidence;
  out += line + "\n";
  for (const Draft& child : node.children) write(child, indent + 2, out);
}

} // namespace

Draft& Draft::child(std::string_view name) {
  const auto found = std::ranges::find(children, name, &Draft::key);
  if (found != children.end()) return *found;
  children.push_back({.key = std::string(name)});
  return children.back();
}

void Draft::set(std::string_view path, std::string new_value, std::string new_evidence) {
  Draft* node = this;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    // What had a value and now has parts is written by its parts.
    if (!node->value.empty()) *node = {.key = std::move(node->key)};
    node = &node->child(path.substr(begin, end - begin));
    begin = end + 1;
  }
  node->value = std::move(new_value);
  node->evidence = std::move(new_evidence);
  node->children.clear();
}

const Draft* Draft::find(std::string_view path) const {
  const Draft* node = this;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const auto found =
        std::ranges::find(node->children, path.substr(begin, end - begin), &Draft::key);
    if (found == node->children.end()) return nullptr;
    node = &*found;
    begin = end + 1;
  }
  return node;
}

Inferred infer_product(const Program& program, std::string_view directory_name,
                       std::string_view repository, std::string_view repository_evidence) {
  return Inference(program).run(directory_name, repository, repository_evidence);
}

void drop_unused_secrets(Inferred& inferred) {
  std::set<std::string> taken;
  // `{secret: path/key}` on one line, or `secret: path/key` below the variable.
  const auto note = [&](auto& self, const Draft& node) -> void {
    if (node.key == "secret") taken.insert(node.value);
    constexpr std::string_view begin = "{secret: ";
    if (node.value.starts_with(begin))
      taken.insert(node.value.substr(begin.size(), node.value.size() - begin.size() - 1));
    for (const Draft& child : node.children) self(self, child);
  };
  if (const Draft* services = inferred.root.find("services")) note(note, *services);
  std::erase_if(inferred.root.child("secrets").children, [&](const Draft& secret) {
    return !secret.value.empty() && secret.evidence.empty() && !taken.contains(secret.key);
  });
}

std::string write_draft(const Inferred& inferred) {
  std::string out;
  for (const Draft& part : inferred.root.children) {
    if (part.children.empty()) continue;
    if (!out.empty()) out += "\n";
    write(part, 0, out);
  }
  if (!inferred.left_out.empty()) {
    out += "\n# Left out:\n";
    for (const std::string& each : inferred.left_out) out += "#   " + each + "\n";
  }
  return out;
}

std::string github_repository(std::string_view git_config) {
  std::string found;
  for (const GitSetting& setting : parse_git_config(git_config)) {
    if (setting.section != "remote" || setting.key != "url") continue;
    const std::size_t host = setting.value.find("github.com");
    if (host == std::string::npos || (!found.empty() && setting.subsection != "origin")) continue;
    std::string path = setting.value.substr(std::min(host + 11, setting.value.size()));
    if (path.ends_with(".git")) path.resize(path.size() - 4);
    if (std::ranges::count(path, '/') == 1) found = path;
  }
  return found;
}

} // namespace aethel::generate
