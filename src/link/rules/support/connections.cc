#include "link/rules/support/connections.h"

#include <algorithm>

namespace aethel {
namespace {

const Process* named(std::span<const Process> processes, std::string_view host) {
  for (const Process& process : processes)
    if (std::ranges::find(process.aliases, host) != process.aliases.end()) return &process;
  return nullptr;
}

} // namespace

bool is_filled(const Text& text) {
  return std::ranges::none_of(text.holes(), [](const Hole* hole) {
    return hole->from == Hole::From::nothing && !hole->has_default();
  });
}

std::vector<std::string> command_of(const Process& process) {
  std::vector<std::string> arguments;
  const Node* command = process.node->find("command");
  if (command == nullptr) return arguments;
  auto written = [](const Text& text) { return is_filled(text) ? text.value() : text.written(); };
  if (command->is_scalar()) arguments.push_back(written(command->text));
  for (const Node& item : command->items) arguments.push_back(written(item.text));
  return arguments;
}

bool has_init_scripts(const Process& server) {
  return std::ranges::any_of(server.mounts,
                             [](const Mount& mount) {
                               return mount.target.starts_with("/docker-entrypoint-initdb.d") ||
                                      mount.target.starts_with("/init") ||
                                      mount.target.ends_with(".sql") ||
                                      mount.target.ends_with(".conf") ||
                                      mount.target.ends_with(".acl");
                             }) ||
         server.build.has_value() || server.node->find("entrypoint") != nullptr ||
         server.node->find("configs") != nullptr;
}

std::optional<ServerAccess> server_access(const Process& server) {
  if (!server.image || !is_filled(*server.image)) return {};
  const auto image = parse_image(server.image->value());
  if (!image) return {};
  const Server* product = find_server(*image);
  if (product == nullptr) return {};
  std::vector<std::string> values;
  values.reserve(server.environment.size());
  std::vector<Given> given;
  for (const Variable& variable : server.environment) {
    values.push_back(variable.value.value());
    const bool known = variable.given != Variable::Given::inherited && is_filled(variable.value);
    given.push_back(
        {variable.name, known ? std::optional<std::string_view>(values.back()) : std::nullopt});
  }
  const std::vector<std::string> words = command_of(server);
  const std::vector<std::string_view> views(words.begin(), words.end());
  ServerAccess result{.product = product, .access = access(*product, given, views)};
  // `--requirepass ${X:?}` with X unset: the words end with the option, and some password is
  // demanded.
  const auto& flags = product->password_flags;
  if (!words.empty() && std::ranges::find(flags, words.back()) != flags.end()) {
    result.access.authentication = Access::Authentication::on;
    result.access.accounts.clear();
  }
  return result;
}

std::vector<Connection> connections(const Program& program, TargetIndex target) {
  std::vector<Connection> result;
  const auto processes = program.processes_of(target);
  for (const Process& client : processes)
    for (const Variable& variable : client.environment) {
      if (variable.given == Variable::Given::inherited || variable.value.empty()) continue;
      const std::string text = variable.value.value();
      const auto url = parse_connection(text);
      if (!url) continue;
      for (const Url::Host& host : url->hosts) {
        Connection connection{
            .client = &client, .variable = &variable, .text = text, .url = *url, .host = host};
        connection.host_name = connection.part(host.name);
        connection.port = connection.part(host.port);
        if (connection.host_name.empty() || !is_filled(connection.written(host.name))) continue;
        connection.server = named(processes, connection.host_name);
        if (connection.server != nullptr)
          if (auto found = server_access(*connection.server)) {
            connection.product = found->product;
            connection.access = std::move(found->access);
          }
        result.push_back(std::move(connection));
      }
    }
  return result;
}

} // namespace aethel
