// Who is told how backups go, where nobody reads metrics: a webhook on failure and on a missed run,
// and a heartbeat after success, whose silence somebody else's service notices. On threads of its
// own with bounded queues: a receiver that hangs delays no backup.
#pragma once

#include "platform/outside.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace aethel::platform {

struct NotifyOptions {
  std::string database, environment;
  // Addresses and the key as they stand now. Empty: nobody is told, nothing is signed.
  std::function<Result<std::string>()> webhook, webhook_secret, heartbeat;
  std::string heartbeat_method = "GET"; // or "POST"
  std::string ca_file;                  // PEM; empty: what the machine trusts
  // One attempt; the pause after the first, which doubles; all of them together.
  std::chrono::milliseconds attempt{10'000}, pause{1'000}, total{60'000};
  unsigned attempts = 4;
  // Told of each notice that did not arrive, on a thread of its own; no address is in it.
  std::function<void(std::string)> complain;
};

class Notifier {
public:
  explicit Notifier(NotifyOptions options);
  ~Notifier(); // what waits is forgotten
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // At once, from any thread. `task`: "backup", "drill", "restore"; `backup`: its id, where there
  // is one. What `message` says is sent as it is.
  void failed(std::string_view task, std::string message, std::string backup = {});
  void missed(std::string_view task, std::string message);
  void succeeded();

  // Waits until everything was delivered or given up; false: not within the time.
  bool flush(std::chrono::milliseconds limit);

private:
  class Lane;
  void webhook(std::string event, std::string message, std::string backup);

  const NotifyOptions options_;
  std::unique_ptr<Lane> webhooks_, heartbeats_;
};

// Of `serve.notify`. Fails with the place of what is wrong, also when a secret is not there;
// without `serve.notify` it tells nobody. Addresses and the key are read anew each time.
Result<std::unique_ptr<Notifier>>
configured_notifier(const NotifySettings& settings, const Outside& outside, NotifyOptions options);

// "t=1700000000,v1=<hex>": HMAC-SHA256 of "1700000000.BODY". The receiver computes the same and
// refuses what is older than some minutes.
std::string sign_notice(std::string_view key, std::string_view body, std::int64_t seconds);

inline constexpr std::size_t notices_limit = 32; // that wait; then the oldest is dropped

} // namespace aethel::platform
