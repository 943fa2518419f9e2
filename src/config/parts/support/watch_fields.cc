#include "config/parts/support/watch_fields.h"

namespace aethel {
namespace {

SecretPlace place_of(const FieldValue& value, std::string_view name) {
  const FieldValue* const found = value.find(name);
  if (found == nullptr) return {};
  return {found->one("variable"), found->one("file")};
}

} // namespace

std::vector<CheckSettings> read_checks(const FieldValue& serve) {
  std::vector<CheckSettings> out;
  for (const FieldValue& from : serve.list("checks")) {
    CheckSettings& to = out.emplace_back();
    to.name = from.key;
    to.kind = from.one("kind");
    to.address = place_of(from, "address");
    to.url = from.one("url");
    to.path = from.one("path");
    to.hard = from.count("hard");
    to.every = from.one("every");
    to.timeout = from.one("timeout");
    to.maximum_age = from.one("maximum_age");
    to.failures = from.count("failures");
    to.successes = from.count("successes");
    to.role = from.one("role");
    for (const FieldValue& each : from.list("status")) to.status.push_back(each.text);
    to.origin = from.one("origin");
    to.ca_file = from.one("ca_file");
    to.server_name = from.one("server_name");
    to.warn_days = from.count("warn_days");
    to.fail_below = from.one("fail_below");
    to.warn_below = from.one("warn_below");
    for (const FieldValue& each : from.children)
      to.keys.push_back({std::string(each.field), each.text.range});
  }
  return out;
}

NotifySettings read_notify(const FieldValue& serve) {
  NotifySettings out;
  const FieldValue* const from = serve.find("notify");
  if (from == nullptr) return out;
  if (const FieldValue* const webhook = from->find("webhook")) {
    out.webhook = place_of(*webhook, "address");
    out.webhook_secret = place_of(*webhook, "secret");
    out.webhook_at = webhook->text.range;
  }
  if (const FieldValue* const heartbeat = from->find("heartbeat")) {
    out.heartbeat = place_of(*heartbeat, "address");
    out.heartbeat_method = heartbeat->one("method");
    out.heartbeat_at = heartbeat->text.range;
  }
  return out;
}

} // namespace aethel
