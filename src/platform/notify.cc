#include "platform/notify.h"

#include "platform/checks/support/target.h"

#include "base/parallel.h"
#include "http/connection.h"
#include "store/s3_transport.h"
#include "store/sigv4.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <mutex>
#include <random>
#include <stop_token>
#include <utility>

namespace aethel::platform {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view schemes[] = {"https", "http"};
constexpr std::size_t message_limit = 4096;
constexpr std::uint64_t answer_limit = 64 * 1024;

// Whether to try again, and why.
struct Outcome {
  enum class What : std::uint8_t { delivered, again, hopeless } what = What::delivered;
  std::string why;
};

std::string random_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

// At most so many bytes, and no half of a character.
std::string cut(std::string text) {
  if (text.size() <= message_limit) return text;
  std::size_t end = message_limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "...";
}

} // namespace

// One receiver: a queue and the thread that works it off.
class Notifier::Lane {
public:
  using Send = std::function<Outcome(const std::string& body, Clock::time_point deadline,
                                     const std::stop_token& stop)>;

  Lane(const NotifyOptions& options, std::string name, std::size_t limit, Send send)
      : options_(options), name_(std::move(name)), limit_(limit), send_(std::move(send)) {
    threads_.start([this] { loop(); });
  }
  ~Lane() {
    {
      const std::scoped_lock lock(mutex_);
      over_ = true;
      waiting_.clear();
      changed_.notify_all();
    }
    stop_.request_stop();
    threads_.join();
  }

  void add(std::string body) {
    const std::scoped_lock lock(mutex_);
    if (over_) return;
    if (waiting_.size() >= limit_) {
      waiting_.pop_front();
      ++dropped_;
    }
    waiting_.push_back(std::move(body));
    changed_.notify_all();
  }

  bool flush(Clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, deadline, [this] { return waiting_.empty() && !busy_; });
  }

private:
  void loop() {
    for (;;) {
      std::string body;
      std::size_t dropped = 0;
      {
        std::unique_lock lock(mutex_);
        busy_ = false;
        changed_.notify_all();
        changed_.wait(lock, [this] { return over_ || !waiting_.empty(); });
        if (over_) return;
        busy_ = true;
        body = std::move(waiting_.front());
        waiting_.pop_front();
        dropped = std::exchange(dropped_, 0);
      }
      // Of heartbeats only the newest counts.
      if (dropped > 0 && limit_ > 1)
        complain(fmt::format("{} notices were dropped: too many wait for the {}", dropped, name_));
      deliver(body);
    }
  }

  void deliver(const std::string& body) {
    const Clock::time_point end = Clock::now() + options_.total;
    milliseconds pause = options_.pause;
    std::string why;
    for (unsigned attempt = 1; attempt <= options_.attempts; ++attempt, pause *= 2) {
      const Clock::time_point now = Clock::now();
      if (now >= end) break;
      Outcome outcome = send_(body, std::min(end, now + options_.attempt), stop_.get_token());
      if (outcome.what == Outcome::What::delivered) return;
      why = std::move(outcome.why);
      if (outcome.what == Outcome::What::hopeless || attempt == options_.attempts) break;
      std::unique_lock lock(mutex_);
      // By up to a quarter more: others may have lost the same receiver.
      std::minstd_rand random(std::random_device{}());
      const milliseconds more(static_cast<std::int64_t>(random() % (pause.count() / 4 + 1)));
      if (changed_.wait_until(lock, std::min(end, Clock::now() + pause + more),
                              [this] { return over_; }))
        return;
    }
    complain(fmt::format("the {} was not told: {}", name_, why));
  }

  void complain(std::string message) const {
    if (options_.complain) options_.complain(std::move(message));
  }

  const NotifyOptions& options_;
  const std::string name_;
  const std::size_t limit_;
  const Send send_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> waiting_;
  std::size_t dropped_ = 0;
  bool busy_ = false;
  bool over_ = false;
  std::stop_source stop_;
  ThreadGroup threads_;
};

namespace {

struct Message {
  std::string method;
  std::string_view body;
  store::sigv4::Pairs headers;
};

Outcome exchange(const std::function<Result<std::string>()>& address, const std::string& ca_file,
                 const Message& message, Clock::time_point deadline, const std::stop_token& stop) {
  using enum Outcome::What;
  auto url = address();
  if (!url) return {again, "its address cannot be read"};
  auto target = parse_target(*url, schemes);
  if (!target) return {again, "its address is not of the form https://..."};
  // libcurl waits for a look-up of a name that it has begun, past every time-out of its own.
  if (auto resolved = http::resolve(target->host, deadline); !resolved)
    return {again, resolved.error().message};
  const auto left =
      std::max(milliseconds(1), std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
  const auto transport = store::make_curl_transport(
      {.ca_file = ca_file, .connect_timeout = left, .request_timeout = left, .stop = stop});
  store::HttpRequest request{.method = message.method,
                             .url = *url,
                             .headers = message.headers,
                             .body = message.body,
                             .has_body = message.method == "POST",
                             .limit = answer_limit};
  request.headers.emplace_back("User-Agent", "aetheld");
  auto answer = transport->exchange(request);
  if (!answer) {
    using enum store::TransportFailure::Kind;
    // It has answered, and that is all that is wanted.
    if (answer.error().kind == too_large) return {};
    if (answer.error().kind == stopped) return {again, "the service ends"};
    return {again, std::string(store::describe(answer.error().kind))};
  }
  if (answer->status >= 200 && answer->status <= 299) return {};
  const std::string why = fmt::format("it answers {}", answer->status);
  const bool passing = answer->status >= 500 || answer->status == 429 || answer->status == 408;
  return {passing ? again : hopeless, why};
}

} // namespace

Notifier::Notifier(NotifyOptions options) : options_(std::move(options)) {
  if (options_.webhook)
    webhooks_ = std::make_unique<Lane>(
        options_, "webhook", notices_limit,
        [this](const std::string& body, Clock::time_point deadline, const std::stop_token& stop) {
          Message message{
              .method = "POST", .body = body, .headers = {{"Content-Type", "application/json"}}};
          if (options_.webhook_secret) {
            auto key = options_.webhook_secret();
            if (!key) return Outcome{Outcome::What::again, "the key that signs cannot be read"};
            message.headers.emplace_back("Aethel-Signature",
                                         sign_notice(*key, body, std::time(nullptr)));
          }
          return exchange(options_.webhook, options_.ca_file, message, deadline, stop);
        });
  if (options_.heartbeat)
    heartbeats_ = std::make_unique<Lane>(
        options_, "heartbeat", 1,
        [this](const std::string&, Clock::time_point deadline, const std::stop_token& stop) {
          return exchange(options_.heartbeat, options_.ca_file,
                          {.method = options_.heartbeat_method}, deadline, stop);
        });
}

Notifier::~Notifier() = default;

void Notifier::webhook(std::string event, std::string message, std::string backup) {
  if (!webhooks_) return;
  nlohmann::ordered_json document = {
      {"event", std::move(event)},
      {"id", random_id()}, // the same in every attempt
      {"database", options_.database},
      {"environment", options_.environment},
      {"time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
      {"message", cut(std::move(message))}};
  if (!backup.empty()) document["backup"] = std::move(backup);
  webhooks_->add(document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void Notifier::failed(std::string_view task, std::string message, std::string backup) {
  webhook(fmt::format("{}.failed", task), std::move(message), std::move(backup));
}

void Notifier::missed(std::string_view task, std::string message) {
  webhook(fmt::format("{}.missed", task), std::move(message), {});
}

void Notifier::succeeded() {
  if (heartbeats_) heartbeats_->add({});
}

bool Notifier::flush(milliseconds limit) {
  const Clock::time_point deadline = Clock::now() + limit;
  const bool one = !webhooks_ || webhooks_->flush(deadline);
  return (!heartbeats_ || heartbeats_->flush(deadline)) && one;
}

Result<std::unique_ptr<Notifier>>
configured_notifier(const NotifySettings& settings, const Outside& outside, NotifyOptions options) {
  const auto source = [&](const SecretPlace& place) {
    return [place, secret = outside.secret] { return secret(place); };
  };
  const auto is_given = [](const SecretPlace& place) {
    return !place.variable.value.empty() || !place.file.value.empty();
  };
  const auto receiver = [&](const SecretPlace& place, const Range& at,
                            std::string_view name) -> Result<std::function<Result<std::string>()>> {
    if (!is_given(place))
      return std::unexpected(outside.wrong(at, fmt::format("the {} has no address", name),
                                           "address: {variable: NAME}, or {file: PATH}"));
    auto address = outside.secret(place);
    if (!address) return std::unexpected(address.error());
    if (auto target = parse_target(*address, schemes); !target)
      return std::unexpected(
          outside.wrong(place.file.value.empty() ? place.variable.range : place.file.range,
                        target.error().message, target.error().hint));
    return source(place);
  };
  if (settings.webhook_at) {
    auto address = receiver(settings.webhook, *settings.webhook_at, "webhook");
    if (!address) return std::unexpected(address.error());
    options.webhook = std::move(*address);
    if (is_given(settings.webhook_secret)) {
      if (auto key = outside.secret(settings.webhook_secret); !key)
        return std::unexpected(key.error());
      options.webhook_secret = source(settings.webhook_secret);
    }
  }
  if (settings.heartbeat_at) {
    auto address = receiver(settings.heartbeat, *settings.heartbeat_at, "heartbeat");
    if (!address) return std::unexpected(address.error());
    options.heartbeat = std::move(*address);
  }
  if (!settings.heartbeat_method.value.empty())
    options.heartbeat_method = settings.heartbeat_method.value;
  return std::make_unique<Notifier>(std::move(options));
}

std::string sign_notice(std::string_view key, std::string_view body, std::int64_t seconds) {
  return fmt::format(
      "t={},v1={}", seconds,
      store::sigv4::hex(store::sigv4::hmac_sha256(key, fmt::format("{}.{}", seconds, body))));
}

} // namespace aethel::platform
