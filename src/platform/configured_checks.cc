#include "platform/check_kind.h"
#include "platform/checks/support/target.h"

#include "config/duration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace aethel::platform {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view common_keys[] = {"kind",     "hard",      "every",      "timeout",
                                            "failures", "successes", "maximum_age"};
// Of serve itself.
constexpr std::string_view taken[] = {"database", "store"};

class Reader {
public:
  Reader(const CheckSettings& settings, const Outside& outside)
      : settings_(settings), outside_(outside) {}

  Result<HealthCheck> read() {
    if (std::ranges::find(taken, settings_.name.value) != std::end(taken))
      return wrong(settings_.name.range,
                   fmt::format("aetheld has a check \"{}\" of its own", settings_.name.value),
                   "give it another name");
    if (auto found = find_kind(); !found) return std::unexpected(found.error());
    HealthCheck check{.name = settings_.name.value, .hard = settings_.hard.value_or(1) != 0};
    if (auto read = read_times(check); !read) return std::unexpected(read.error());
    auto address = read_address();
    if (!address) return std::unexpected(address.error());
    auto look = kind_->make({.settings = settings_, .outside = outside_, .address = *address});
    if (!look) {
      Failure failure = look.error();
      if (!failure.path.empty()) return std::unexpected(std::move(failure));
      return wrong(address_range(), failure.message, failure.hint);
    }
    check.run = [look = std::move(*look), timeout = timeout_] {
      return look(std::chrono::steady_clock::now() + timeout);
    };
    return check;
  }

private:
  std::unexpected<Failure> wrong(const Range& range, std::string message, std::string hint) const {
    return std::unexpected(outside_.wrong(range, std::move(message), std::move(hint)));
  }

  Range address_range() const {
    for (const Located* each : {&settings_.url, &settings_.address.variable,
                                &settings_.address.file, &settings_.path, &settings_.kind})
      if (!each->value.empty()) return each->range;
    return settings_.name.range;
  }

  Result<void> find_kind() {
    std::vector<std::string_view> names;
    for (const CheckKind* each : checks::all()) {
      names.push_back(each->name);
      if (each->name == settings_.kind.value) kind_ = each;
    }
    if (kind_ == nullptr) {
      const bool absent = settings_.kind.value.empty();
      return wrong(absent ? settings_.name.range : settings_.kind.range,
                   absent ? fmt::format("the check \"{}\" has no kind", settings_.name.value)
                          : fmt::format("unknown kind of check \"{}\"", settings_.kind.value),
                   fmt::format("one of {}", fmt::join(names, ", ")));
    }
    for (const Located& each : settings_.keys) {
      const auto among = [&](std::span<const std::string_view> keys) {
        return std::ranges::find(keys, each.value) != keys.end();
      };
      if (!among(common_keys) && !among(kind_->keys))
        return wrong(
            each.range, fmt::format("{} takes no `{}`", kind_->name, each.value),
            fmt::format("beside those of all checks it takes {}", fmt::join(kind_->keys, ", ")));
    }
    return {};
  }

  Result<void> read_times(HealthCheck& check) {
    const auto read = [](const Located& text, milliseconds otherwise) {
      return parse_duration(text.value).value_or(otherwise);
    };
    check.period = read(settings_.every, kind_->every);
    if (check.period < milliseconds(100))
      return wrong(settings_.every.range, "not so often", "100ms or more");
    timeout_ = read(settings_.timeout, milliseconds(3000));
    if (timeout_ < milliseconds(10) || timeout_ > std::chrono::minutes(1))
      return wrong(settings_.timeout.range, "not a time-out", "10ms to 60s");
    for (const auto& [number, to] : {std::pair(&settings_.failures, &check.failures),
                                     {&settings_.successes, &check.successes}}) {
      if (number->value_or(1) > 100)
        return wrong(number->range, "more than 100 in a row", "2 or 3 are usual");
      *to = static_cast<unsigned>(number->value_or(*to));
    }
    // A result is there at the latest after the longest pause and the longest look.
    const milliseconds longest = check.period + check.period / 10 + timeout_;
    check.maximum_age =
        read(settings_.maximum_age, std::max(check.maximum_age, 2 * (check.period + timeout_)));
    if (check.maximum_age <= longest)
      return wrong(
          settings_.maximum_age.range, "results are never so young",
          fmt::format("more than `every`, a tenth of it and `timeout`: {} ms", longest.count()));
    return {};
  }

  // Empty for a kind that is given none.
  Result<std::function<Result<std::string>()>> read_address() {
    const auto takes = [&](std::string_view key) {
      return std::ranges::find(kind_->keys, key) != kind_->keys.end();
    };
    const SecretPlace& place = settings_.address;
    const int given = !settings_.url.value.empty() + !place.variable.value.empty() +
                      !place.file.value.empty() +
                      (takes("url") && takes("path") && !settings_.path.value.empty());
    if (given > 1)
      return wrong(address_range(), "it has more than one address",
                   "keep one of `url`, `address`" +
                       std::string(takes("path") && takes("url") ? ", `path`" : ""));
    if (given == 0) {
      if (!takes("url")) return {};
      return wrong(settings_.kind.range, "it has no address",
                   "give it `url: ...`, or `address: {variable: NAME}` when it holds a password");
    }
    if (!settings_.url.value.empty()) {
      if (holds_secret(settings_.url.value))
        return wrong(settings_.url.range, "this address holds a secret, and stands in a file",
                     "give it by `address: {variable: NAME}` or `address: {file: PATH}`");
      return [text = settings_.url.value]() -> Result<std::string> { return text; };
    }
    if (place.variable.value.empty() && place.file.value.empty()) return {}; // by its path
    return [place, secret = outside_.secret] { return secret(place); };
  }

  const CheckSettings& settings_;
  const Outside& outside_;
  const CheckKind* kind_ = nullptr;
  milliseconds timeout_{3000};
};

} // namespace

Result<std::vector<HealthCheck>> configured_checks(const std::vector<CheckSettings>& settings,
                                                   const Outside& outside) {
  std::vector<HealthCheck> checks;
  for (const CheckSettings& each : settings) {
    auto check = Reader(each, outside).read();
    if (!check) return std::unexpected(check.error());
    checks.push_back(std::move(*check));
  }
  return checks;
}

} // namespace aethel::platform
