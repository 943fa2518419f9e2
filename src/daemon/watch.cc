#include "daemon/watch.h"

#include "platform/check_kind.h"

namespace aethel::daemon {
namespace {

// A copy: checks and notices outlive settings that are read again.
platform::Outside outside(const Settings& settings) {
  const auto own = std::make_shared<const Settings>(settings);
  return {.secret = [own](const SecretPlace& place) -> Result<std::string> {
            const Range range = place.file.value.empty() ? place.variable.range : place.file.range;
            auto text = read_secret(*own, place, "", "a secret of `serve`");
            if (!text && text.error().path.empty())
              return std::unexpected(own->wrong(range, text.error().message));
            return text;
          },
          .wrong =
              [own](const Range& range, std::string message, std::string hint) {
                return own->wrong(range, std::move(message), std::move(hint));
              }};
}

} // namespace

Result<std::vector<platform::HealthCheck>> configured_checks(const Settings& settings) {
  return platform::configured_checks(settings.running.checks, outside(settings));
}

Result<std::unique_ptr<platform::Notifier>>
configured_notifier(const Settings& settings, std::function<void(std::string)> complain) {
  return platform::configured_notifier(settings.running.notify, outside(settings),
                                       {.database = settings.database(),
                                        .environment = settings.running.environment.value,
                                        .complain = std::move(complain)});
}

} // namespace aethel::daemon
