#include "link/nginx.h"

#include "base/glob.h"
#include "knowledge/images.h"
#include "knowledge/nginx.h"
#include "link/passes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

namespace aethel {
namespace {

constexpr std::size_t directive_limit = 100'000;
constexpr unsigned include_depth = 12;
constexpr std::size_t file_limit = 1000; // that are read, each as often as it is included

// What docker-nginx's own entry point and shell always have; their values are not known here.
constexpr std::array<std::string_view, 12> image_variables = {
    "NGINX_VERSION",  "NJS_VERSION",  "NJS_RELEASE", "PKG_RELEASE",
    "DYNPKG_RELEASE", "ACME_VERSION", "PATH",        "HOSTNAME",
    "HOME",           "PWD",          "SHLVL",       "NGINX_LOCAL_RESOLVERS"};

constexpr std::string_view image_main = R"(
events { }
http {
  include /etc/nginx/mime.types;
  include /etc/nginx/conf.d/*.conf;
}
)";
constexpr std::string_view image_server = R"(
server {
  listen 80;
  server_name localhost;
  location / { root /usr/share/nginx/html; index index.html index.htm; }
}
)";

bool is_absolute(std::string_view path) { return path.starts_with('/'); }

std::string normal(std::string_view path) {
  return "/" + join_path("", path.substr(path.starts_with('/') ? 1 : 0));
}

class Reader {
public:
  Reader(const Program& program, const Process& process)
      : program_(program), container_(program, process) {}

  std::optional<Nginx> run() {
    const NginxImage* image = nginx_image(container_.base());
    nginx_.process = &container_.process();
    nginx_.folder = image != nullptr ? std::string(image->folder) : "/etc/nginx";
    const bool mounts = std::ranges::any_of(container_.process().mounts, [](const Mount& mount) {
      return mount.target.starts_with("/etc/nginx/") || mount.target == "/etc/nginx";
    });
    if (image == nullptr && !mounts) return {};
    official_ = image != nullptr && image->official;
    nginx_.plain_image = official_ && !container_.process().build && !container_.runs_own_scripts();
    nginx_.alone = official_ && !container_.runs_own_scripts();
    image_ = image;
    main();
    loose();
    files();
    folders();
    std::ranges::sort(nginx_.files);
    const auto same = std::ranges::unique(nginx_.files);
    nginx_.files.erase(same.begin(), same.end());
    return std::move(nginx_);
  }

private:
  // Whether the image's own file lies there.
  bool is_image_file(std::string_view path) const {
    if (!official_ || !path.starts_with(nginx_.folder)) return false;
    const std::string_view rest = path.substr(nginx_.folder.size() + 1);
    return std::ranges::find(image_->files, rest) != image_->files.end();
  }

  void main() {
    std::string path = nginx_.folder + "/nginx.conf";
    const std::string command = " " + container_.command() + " ";
    for (const std::string_view flag : {" -c ", " -c=", "\"-c\", \""})
      if (const std::size_t at = command.find(flag); at != std::string::npos) {
        const std::size_t begin = at + flag.size();
        path = command.substr(begin, command.find_first_of(" \"'&;", begin) - begin);
      }
    if (path.empty() || !is_absolute(path)) {
      nginx_.complete = false;
      return;
    }
    if (const std::size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0)
      nginx_.folder = path.substr(0, slash);
    const ContainerFile file = container_.find(path);
    if (file.where == ContainerFile::Where::repository) {
      nginx_.main_known = true;
      add_file(file.path, nginx::Dialect::plain, nginx::no_parent, 0);
    } else if (is_image_file(path) &&
               (file.where == ContainerFile::Where::image ||
                (file.where == ContainerFile::Where::unknown && !writes_main()))) {
      nginx_.main_known = true;
      add_text(image_main, nginx::Dialect::plain, {}, nginx::no_parent, 0);
    } else {
      nginx_.complete = false;
    }
  }

  // A command of the build or of the start that writes or edits the main file.
  bool writes_main() const {
    auto speaks = [](std::string_view text) {
      return text.find("nginx.conf") != std::string_view::npos;
    };
    if (speaks(container_.command()) || container_.process().node->find("entrypoint") != nullptr)
      return true;
    const bool covered = std::ranges::any_of(container_.process().mounts, [](const Mount& mount) {
      return mount.target == "/etc/nginx" || mount.target == "/etc/nginx/";
    });
    return covered || (container_.built() && std::ranges::any_of(container_.built()->runs, speaks));
  }

  std::shared_ptr<const nginx::File> parsed(FileId file, nginx::Dialect dialect) const {
    const FileFacts* facts = program_.facts_of(file);
    if (facts != nullptr && facts->nginx != nullptr && facts->nginx_dialect == dialect)
      return facts->nginx;
    const auto source = program_.sources->load(file);
    if (!source || (*source)->bytes().size() > (1u << 20)) return nullptr;
    return std::make_shared<nginx::File>(nginx::parse((*source)->bytes(), dialect));
  }

  void add_file(const std::string& path, nginx::Dialect dialect, std::size_t parent,
                unsigned depth) {
    std::string real = path;
    if (const auto resolved = program_.tree.resolve(path)) real = *resolved;
    const FileId file = program_.sources->find(real);
    const auto tree = file && nginx_.files.size() < file_limit ? parsed(file, dialect) : nullptr;
    if (tree == nullptr) {
      nginx_.complete = false;
      return;
    }
    nginx_.files.push_back(file);
    add(*tree, file, dialect, parent, depth, 0, tree->directives.size());
  }

  void add_text(std::string_view text, nginx::Dialect dialect, FileId file, std::size_t parent,
                unsigned depth) {
    const nginx::File tree = nginx::parse(text, dialect);
    add(tree, file, dialect, parent, depth, 0, tree.directives.size());
  }

  void add(const nginx::File& tree, FileId file, nginx::Dialect dialect, std::size_t parent,
           unsigned depth, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i = tree.directives[i].end) {
      if (nginx_.directives.size() >= directive_limit) {
        nginx_.complete = false;
        return;
      }
      const nginx::Directive& each = tree.directives[i];
      NginxDirective directive{.span = {file, each.range},
                               .parent = parent,
                               .block = each.block,
                               .substituted = each.substituted,
                               .of_template = dialect == nginx::Dialect::envsubst_template,
                               .loose = loose_};
      for (const nginx::Word& word : each.words)
        directive.words.push_back(filled(word, file, dialect));
      if (each.substituted) nginx_.complete = false;
      const std::size_t index = nginx_.directives.size();
      nginx_.directives.push_back(std::move(directive));
      if (each.block) add(tree, file, dialect, index, depth, i + 1, each.end);
      nginx_.directives[index].end = nginx_.directives.size();
      if (!each.block && each.name() == "include" && each.words.size() == 2)
        include(index, parent, depth);
      close(parent);
    }
  }

  void close(std::size_t parent) {
    for (; parent != nginx::no_parent; parent = nginx_.directives[parent].parent)
      nginx_.directives[parent].end = nginx_.directives.size();
  }

  NginxWord filled(const nginx::Word& word, FileId file, nginx::Dialect dialect) const {
    NginxWord result{.text = word.text, .span = {file, word.range}, .quoted = word.quoted};
    if (dialect == nginx::Dialect::plain) return result;
    std::string text;
    std::size_t at = 0;
    for (const nginx::VariableUse& use : nginx::variables_of(word.text)) {
      text += word.text.substr(at, use.begin - at);
      at = use.end;
      if (const auto value = variable(use.name)) {
        if (*value)
          text += **value;
        else
          result.known = false;
      } else {
        text += word.text.substr(use.begin, use.end - use.begin);
      }
    }
    result.text = text + word.text.substr(at);
    return result;
  }

  std::optional<std::optional<std::string>> variable(std::string_view name) const {
    auto value = container_.variable(name);
    if (!value && std::ranges::find(image_variables, name) != image_variables.end())
      return std::optional<std::string>();
    return value;
  }

  void include(std::size_t index, std::size_t parent, unsigned depth) {
    const NginxWord& word = nginx_.directives[index].words[1];
    if (!word.known || depth >= include_depth) {
      nginx_.complete = false;
      return;
    }
    const std::string path =
        normal(is_absolute(word.text) ? word.text : nginx_.folder + "/" + word.text);
    if (path.find_first_of("*?[") != std::string::npos) {
      pattern(path, parent, depth);
      return;
    }
    const ContainerFile file = container_.find(path);
    if (file.where == ContainerFile::Where::repository) {
      if (program_.tree.exists(file.path) == Existence::file)
        add_file(file.path, nginx::Dialect::plain, parent, depth + 1);
    } else if (const std::string* source = from_template(path)) {
      add_file(*source, nginx::Dialect::envsubst_template, parent, depth + 1);
      return;
    } else if (!is_image_file(path)) {
      nginx_.complete = false;
    }
    nginx_.uses.push_back({.role = "include",
                           .directive = index,
                           .path = path,
                           .file = file,
                           .of_image = is_image_file(path)});
  }

  void pattern(const std::string& path, std::size_t parent, unsigned depth) {
    const std::string fixed = path.substr(0, path.find_first_of("*?["));
    const std::string folder = fixed.substr(0, std::max<std::size_t>(fixed.rfind('/'), 1));
    const Container::Listing listing = container_.below(folder);
    if (!listing.complete) nginx_.complete = false;
    struct Found {
      std::string target, source;
      nginx::Dialect dialect;
    };
    std::vector<Found> found;
    for (const auto& [target, source] : listing.files)
      if (glob_match(path, target)) found.push_back({target, source, nginx::Dialect::plain});
    for (const auto& [target, source] : templates())
      if (glob_match(path, target)) {
        std::erase_if(found, [&](const Found& each) { return each.target == target; });
        found.push_back({target, source, nginx::Dialect::envsubst_template});
      }
    std::ranges::sort(found, {}, &Found::target);
    for (const Found& each : found) add_file(each.source, each.dialect, parent, depth + 1);
    // The image's own server, unless a file or a mount hides it.
    const std::string standard = "/etc/nginx/conf.d/default.conf";
    if (official_ && glob_match(path, standard) && !container_.process().build &&
        std::ranges::find(found, standard, &Found::target) == found.end() &&
        container_.find(standard).where == ContainerFile::Where::image)
      add_text(image_server, nginx::Dialect::plain, {}, parent, depth + 1);
  }

  // Templates of docker-nginx's entry point with the files that it makes of them.
  // Source:
  // https://github.com/nginx/docker-nginx/blob/master/entrypoint/20-envsubst-on-templates.sh
  const std::vector<std::pair<std::string, std::string>>& templates() const {
    if (templates_) return *templates_;
    templates_.emplace();
    if (!official_) return *templates_;
    auto setting = [&](std::string_view name, std::string_view otherwise) {
      const auto value = container_.variable(name);
      return value && *value ? **value : std::string(otherwise);
    };
    const std::string folder =
        normal(setting("NGINX_ENVSUBST_TEMPLATE_DIR", "/etc/nginx/templates"));
    const std::string suffix = setting("NGINX_ENVSUBST_TEMPLATE_SUFFIX", ".template");
    const std::string output = normal(setting("NGINX_ENVSUBST_OUTPUT_DIR", "/etc/nginx/conf.d"));
    for (const auto& [target, source] : container_.below(folder).files) {
      if (!target.ends_with(suffix) || target.size() <= folder.size() + suffix.size()) continue;
      std::string made = output + target.substr(folder.size());
      made.resize(made.size() - suffix.size());
      templates_->emplace_back(std::move(made), source);
    }
    return *templates_;
  }

  const std::string* from_template(std::string_view path) const {
    for (const auto& [made, source] : templates())
      if (made == path) return &source;
    return nullptr;
  }

  // Files that directives name beside configuration.
  void files() {
    struct Kind {
      std::string_view name, role;
    };
    constexpr std::array<Kind, 13> kinds = {{{"ssl_certificate", "certificate"},
                                             {"ssl_certificate_key", "certificate"},
                                             {"ssl_client_certificate", "certificate"},
                                             {"ssl_trusted_certificate", "certificate"},
                                             {"proxy_ssl_certificate", "certificate"},
                                             {"proxy_ssl_certificate_key", "certificate"},
                                             {"proxy_ssl_trusted_certificate", "certificate"},
                                             {"grpc_ssl_certificate", "certificate"},
                                             {"grpc_ssl_certificate_key", "certificate"},
                                             {"ssl_dhparam", "file"},
                                             {"ssl_session_ticket_key", "file"},
                                             {"ssl_password_file", "file"},
                                             {"auth_basic_user_file", "password-file"}}};
    for (std::size_t i = 0; i < nginx_.directives.size(); ++i) {
      const NginxDirective& each = nginx_.directives[i];
      const auto kind = std::ranges::find(kinds, each.name(), &Kind::name);
      if (kind == kinds.end() || each.words.size() != 2) continue;
      const NginxWord& word = each.words[1];
      if (!word.known || word.text.empty() || word.text.find('$') != std::string::npos ||
          word.text.find("data:") == 0 || word.text.find("engine:") == 0 ||
          word.text.find("store:") == 0)
        continue;
      const std::string path =
          normal(is_absolute(word.text) ? word.text : nginx_.folder + "/" + word.text);
      nginx_.uses.push_back(
          {.role = kind->role, .directive = i, .path = path, .file = container_.find(path)});
    }
  }

  // The folders of locations that do nothing but serve them. What is written above a location may
  // be there for a program that is asked first, or in another container.
  void folders() {
    constexpr std::array<std::string_view, 4> fill = {"proxy_store", "fastcgi_store", "uwsgi_store",
                                                      "dav_methods"};
    for (const NginxDirective& each : nginx_.directives)
      if (std::ranges::find(fill, each.name()) != fill.end()) return;
    for (std::size_t i = 0; i < nginx_.directives.size(); ++i) {
      const NginxDirective& each = nginx_.directives[i];
      if ((each.name() != "root" && each.name() != "alias") || each.words.size() != 2 ||
          each.parent == nginx::no_parent || !only_serves(each.parent))
        continue;
      const NginxWord& word = each.words[1];
      if (!word.known || !is_absolute(word.text) || word.text.contains('$')) continue;
      const std::string path = normal(word.text);
      const Container::Listing listing = container_.below(path);
      if (!listing.complete || !listing.files.empty()) continue;
      nginx_.uses.push_back(
          {.role = "folder", .directive = i, .path = path, .file = container_.find(path)});
    }
  }

  bool only_serves(std::size_t location) const {
    if (nginx_.directives[location].name() != "location") return false;
    for (std::size_t i = location + 1; i < nginx_.directives[location].end; ++i) {
      const NginxDirective& each = nginx_.directives[i];
      const std::string_view name = each.name();
      if (each.block || each.substituted || name.ends_with("_pass") || name == "return" ||
          name == "try_files" || name == "rewrite" || name == "error_page" || name == "include" ||
          name == "auth_request" || name == "deny")
        return false;
    }
    return nginx_.inherited(location, "error_page") == nullptr;
  }

  // Configuration that is brought into the container, and of which it is not known whether nginx
  // reads it: an image of somebody else's, or files that a script lets in.
  void loose() {
    if (nginx_.main_known && nginx_.complete) return;
    loose_ = true;
    for (const auto& [target, source] : container_.brought()) {
      const FileId file = program_.sources->find(source);
      const FileFacts* facts = file ? program_.facts_of(file) : nullptr;
      if (facts == nullptr || facts->nginx == nullptr) continue;
      if (std::ranges::find(nginx_.files, file) != nginx_.files.end()) continue;
      if (target.starts_with("/usr/share/") || target.starts_with("/var/www/")) continue;
      nginx_.files.push_back(file);
      add(*facts->nginx, file, facts->nginx_dialect, nginx::no_parent, 0, 0,
          facts->nginx->directives.size());
    }
  }

  const Program& program_;
  Container container_;
  Nginx nginx_;
  bool official_ = false;
  bool loose_ = false;
  const NginxImage* image_ = nullptr;
  mutable std::optional<std::vector<std::pair<std::string, std::string>>> templates_;
};

std::uint32_t port_of(std::string_view text) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port <= 65535 ? port : 0;
}

class Targets {
public:
  explicit Targets(const Nginx& nginx) : nginx_(nginx) {
    for (std::size_t i = 0; i < nginx.directives.size(); ++i) {
      const NginxDirective& each = nginx.directives[i];
      if (each.name() == "upstream" && each.block && each.words.size() == 2)
        upstreams_.push_back(each.words[1].text);
    }
  }

  std::vector<NginxTarget> run() {
    for (std::size_t i = 0; i < nginx_.directives.size(); ++i) {
      const NginxDirective& each = nginx_.directives[i];
      if (each.block || each.words.size() < 2) continue;
      const std::string_view name = each.name();
      if (name == "server" && is_upstream(each.parent))
        server(i);
      else if (name.ends_with("_pass") && name != "tunnel_pass" && name != "js_pass")
        pass(i, std::string(name.substr(0, name.size() - 5)));
    }
    return std::move(targets_);
  }

private:
  bool is_upstream(std::size_t block) const {
    return block != nginx::no_parent && nginx_.directives[block].name() == "upstream";
  }

  bool in_stream(std::size_t directive) const {
    for (std::size_t at = nginx_.directives[directive].parent; at != nginx::no_parent;
         at = nginx_.directives[at].parent)
      if (nginx_.directives[at].name() == "stream") return true;
    return false;
  }

  void server(std::size_t index) {
    const NginxDirective& each = nginx_.directives[index];
    const NginxWord& word = each.words[1];
    if (!word.known) return;
    bool at_start = true;
    for (std::size_t i = 2; i < each.words.size(); ++i)
      if (each.words[i].text == "resolve" || each.words[i].text.starts_with("service="))
        at_start = false;
    const bool stream = in_stream(index);
    add(word.text, stream ? "tcp" : "http", index, word.span, at_start, stream);
  }

  // Values of `set` in the blocks around, as often as they stand in each other.
  std::optional<std::string> with_values(std::string text, std::size_t directive,
                                         Span& written) const {
    for (int round = 0; round < 4; ++round) {
      const auto uses = nginx::variables_of(text);
      if (uses.empty()) return text;
      std::string next;
      std::size_t at = 0;
      for (const nginx::VariableUse& use : uses) {
        const NginxWord* value = set_value(use.name, directive);
        next += text.substr(at, use.begin - at);
        next += value != nullptr ? value->text : text.substr(use.begin, use.end - use.begin);
        if (value != nullptr && value->span.file) written = value->span;
        at = use.end;
      }
      next += text.substr(at);
      if (next == text || next.size() > 4096) return text;
      text = std::move(next);
    }
    return text;
  }

  // Null when it is not set, set twice, or set to something unknown.
  const NginxWord* set_value(std::string_view name, std::size_t directive) const {
    for (std::size_t block = nginx_.directives[directive].parent; block != nginx::no_parent;
         block = nginx_.directives[block].parent) {
      const NginxWord* value = nullptr;
      for (std::size_t i = block + 1; i < nginx_.directives[block].end; ++i) {
        const NginxDirective& each = nginx_.directives[i];
        if (each.name() != "set" || each.words.size() != 3 ||
            each.words[1].text != "$" + std::string(name))
          continue;
        // In an `if`, or twice: it depends.
        if (each.parent != block || value != nullptr || !each.words[2].known) return nullptr;
        value = &each.words[2];
      }
      if (value != nullptr) return value;
    }
    return nullptr;
  }

  void pass(std::size_t index, std::string protocol) {
    const NginxDirective& each = nginx_.directives[index];
    const NginxWord& word = each.words[1];
    if (!word.known) return;
    const bool variables = !nginx::variables_of(word.text).empty();
    Span written = word.span; // the value, where a variable holds the address
    const auto text = variables ? with_values(word.text, index, written) : std::optional(word.text);
    if (!text) return;
    std::string_view rest = *text;
    const bool stream = in_stream(index);
    if (stream) protocol = "tcp";
    if (const std::size_t scheme = rest.find("://"); scheme != std::string_view::npos) {
      protocol = std::string(rest.substr(0, scheme));
      rest.remove_prefix(scheme + 3);
    } else if (protocol == "proxy") {
      return; // nginx wants a scheme there; a variable holds it
    }
    add(rest.substr(0, rest.find_first_of("/?")), protocol, index, written, !variables, stream);
  }

  void add(std::string_view address, const std::string& protocol, std::size_t index, Span span,
           bool at_start, bool stream) {
    if (address.empty() || address.starts_with("unix:")) return;
    NginxTarget target{.at_start = at_start,
                       .stream = stream,
                       .protocol = protocol,
                       .span = span,
                       .directive = index};
    std::string_view host = address;
    std::string_view port;
    if (address.starts_with('[')) {
      host = address.substr(0, address.find(']') + 1);
      port = address.substr(host.size());
      if (port.starts_with(':')) port.remove_prefix(1);
    } else if (const std::size_t colon = address.rfind(':'); colon != std::string_view::npos) {
      host = address.substr(0, colon);
      port = address.substr(colon + 1);
    }
    if (host.find('$') != std::string_view::npos || host.find('~') != std::string_view::npos)
      return;
    if (port.empty() && std::ranges::find(upstreams_, std::string(host)) != upstreams_.end())
      return;
    target.host = host;
    target.port_written = !port.empty();
    target.port = port.empty() ? protocol == "https" || protocol == "grpcs" ? 443u
                                 : stream                                   ? 0u
                                                                            : 80u
                               : port_of(port);
    targets_.push_back(std::move(target));
  }

  const Nginx& nginx_;
  std::vector<std::string> upstreams_;
  std::vector<NginxTarget> targets_;
};

} // namespace

const NginxDirective* Nginx::inherited(std::size_t from, std::string_view name) const {
  for (std::size_t block = from; block != nginx::no_parent; block = directives[block].parent)
    for (std::size_t i = block + 1; i < directives[block].end; i = directives[i].end)
      if (directives[i].name() == name) return &directives[i];
  return nullptr;
}

std::string Nginx::context_of(std::size_t directive) const {
  const std::size_t parent = directives[directive].parent;
  if (parent == nginx::no_parent) return directives[directive].loose ? "" : "main";
  const std::string name(directives[parent].name());
  bool stream = false, mail = false;
  std::string_view around; // of an `if`
  for (std::size_t at = directives[parent].parent; at != nginx::no_parent;
       at = directives[at].parent) {
    stream = stream || directives[at].name() == "stream";
    mail = mail || directives[at].name() == "mail";
    if (around.empty()) around = directives[at].name();
  }
  if (name == "if" && around == "server") return "server-if";
  if (stream && (name == "server" || name == "upstream")) return "stream/" + name;
  if (mail && name == "server") return "mail/server";
  return name;
}

void read_nginx(Program& program) {
  for (const Process& process : program.processes)
    if (auto found = Reader(program, process).run()) program.nginx.push_back(std::move(*found));
}

std::vector<NginxTarget> nginx_targets(const Nginx& nginx) { return Targets(nginx).run(); }

std::vector<NginxListen> nginx_listens(const Nginx& nginx) {
  std::vector<NginxListen> listens;
  for (std::size_t i = 0; i < nginx.directives.size(); ++i) {
    const NginxDirective& block = nginx.directives[i];
    if (block.name() != "server" || !block.block) continue;
    bool any = false;
    for (std::size_t k = i + 1; k < block.end; k = nginx.directives[k].end) {
      const NginxDirective& each = nginx.directives[k];
      if (each.name() != "listen" || each.words.size() < 2) continue;
      any = true;
      const NginxWord& word = each.words[1];
      if (!word.known || word.text.starts_with("unix:")) continue;
      NginxListen listen{.server = i, .span = word.span};
      std::string_view text = word.text;
      const std::size_t bracket = text.rfind(']');
      const std::size_t colon = text.rfind(':');
      if (colon != std::string_view::npos &&
          (bracket == std::string_view::npos || colon > bracket)) {
        listen.address = text.substr(0, colon);
        listen.port = port_of(text.substr(colon + 1));
      } else if (const std::uint32_t port = port_of(text); port != 0) {
        listen.port = port;
      } else {
        listen.address = text;
      }
      if (listen.address == "*" || listen.address == "0.0.0.0") listen.address.clear();
      for (std::size_t w = 2; w < each.words.size(); ++w) {
        const std::string& word_text = each.words[w].text;
        listen.ssl = listen.ssl || word_text == "ssl" || word_text == "quic";
        listen.default_server =
            listen.default_server || word_text == "default_server" || word_text == "default";
      }
      if (listen.port != 0) listens.push_back(listen);
    }
    if (!any && nginx.context_of(i) != "stream")
      listens.push_back({.server = i, .span = block.span});
  }
  return listens;
}

} // namespace aethel
