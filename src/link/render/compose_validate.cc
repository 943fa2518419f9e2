#include "link/render/compose_validate.h"

#include "link/render/compose_path.h"
#include "link/render/compose_short.h"
#include "link/render/compose_value.h"

#include <array>
#include <fmt/format.h>

namespace aethel::compose {
namespace {

class Validator {
public:
  explicit Validator(Context& context) : context_(context) {}

  void walk(const Node& node, const Path& path) {
    for (const Rule& rule : rules)
      if (path.matches(rule.pattern)) return (this->*rule.check)(node, path);
    for (const Member& member : node.members) walk(member.value, Path(path, member.key));
    for (const Node& item : node.items) walk(item, Path(path, list_item));
  }

private:
  struct Rule {
    std::string_view pattern;
    void (Validator::*check)(const Node&, const Path&);
  };
  static const std::array<Rule, 7> rules;

  void reject(const Node& node, const Path& path, std::string_view message) {
    context_.reject(node.origin.written, fmt::format("{}: {}", path.dotted(), message));
  }

  void external_volume(const Node& node, const Path& path) {
    const Node* external = node.find("external");
    if (external == nullptr || !as_boolean(*external).value_or(false)) return;
    for (const Member& member : node.members)
      if (member.key != "name" && member.key != "external" && !member.key.starts_with("x-"))
        reject(node, path,
               fmt::format("conflicting parameters \"external\" and \"{}\" specified", member.key));
  }

  void sources(const Node& node, const Path& path, std::initializer_list<std::string_view> keys) {
    if (!node.is_mapping()) return;
    int count = 0;
    for (const std::string_view key : keys) count += node.find(key) != nullptr ? 1 : 0;
    if (count > 1)
      reject(node, path, fmt::format("{} are mutually exclusive", fmt::join(keys, ", ")));
    if (count == 0 && node.find("driver") == nullptr && node.find("external") == nullptr)
      reject(node, path, fmt::format("one of {} must be set", fmt::join(keys, ", ")));
  }

  void config(const Node& node, const Path& path) {
    sources(node, path, {"file", "environment", "content"});
  }
  void secret(const Node& node, const Path& path) { sources(node, path, {"file", "environment"}); }

  void port(const Node& node, const Path& path) {
    const Node* ip = node.find("host_ip");
    if (ip != nullptr && !is_ip_address(go_text(*ip)))
      reject(*ip, path, fmt::format("invalid ip address: {}", go_text(*ip)));
  }

  void watch_path(const Node& node, const Path& path) {
    if (is_string(node) && node.value().empty()) reject(node, path, "value can't be blank");
  }

  void device(const Node& node, const Path& path) {
    if (node.find("count") != nullptr && node.find("device_ids") != nullptr)
      reject(node, path, "\"count\" and \"device_ids\" attributes are exclusive");
  }

  Context& context_;
};

const std::array<Validator::Rule, 7> Validator::rules = {{
    {"volumes.*", &Validator::external_volume},
    {"configs.*", &Validator::config},
    {"secrets.*", &Validator::secret},
    {"S.ports.*", &Validator::port},
    {"S.develop.watch.*.path", &Validator::watch_path},
    {"S.deploy.resources.reservations.devices.*", &Validator::device},
    {"S.gpus.*", &Validator::device},
}};

} // namespace

void validate(Context& context, const Node& model) { Validator(context).walk(model, Path()); }

} // namespace aethel::compose
