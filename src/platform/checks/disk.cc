// Room on the disk of a folder: bytes that a user without rights may take, as df counts them, and
// inodes. A share holds for both; a quantity for bytes, and inodes keep their usual shares.
#include "platform/check_kind.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <sys/statvfs.h>

namespace aethel::platform::checks {
namespace {

constexpr std::string_view keys[] = {"path", "fail_below", "warn_below"};

// Less than this is too little.
struct Bound {
  std::optional<double> share; // 0 to 1
  double bytes = 0;
};

std::optional<Bound> parse_bound(std::string_view text) {
  double number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || !(number >= 0) || number > 1e15) return {};
  const std::string_view unit(end, static_cast<std::size_t>(last - end));
  if (unit == "%") return number < 100 ? std::optional(Bound{.share = number / 100}) : std::nullopt;
  constexpr std::pair<std::string_view, double> units[] = {
      {"M", 1e6},        {"G", 1e9},           {"T", 1e12},
      {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"Ti", 1099511627776.0}};
  for (const auto& [name, factor] : units)
    if (unit == name) return Bound{.bytes = number * factor};
  return {};
}

struct Room {
  double bytes = 0, share = 1;
  double inodes = 1; // a share; of file systems that have any number of them, all
};

std::optional<std::string> too_little(const Room& room, const Bound& bound, double usual) {
  if (bound.share ? room.share < *bound.share : room.bytes < bound.bytes)
    return fmt::format("{:.1f} % of its bytes are free", room.share * 100);
  if (room.inodes < bound.share.value_or(usual))
    return fmt::format("{:.1f} % of its inodes are free", room.inodes * 100);
  return {};
}

CheckResult look(const std::string& path, const Bound& fail_below, const Bound& warn_below) {
  struct statvfs found{};
  if (::statvfs(path.c_str(), &found) != 0) return fail("its folder is not there");
  Room room{.bytes = static_cast<double>(found.f_bavail) * static_cast<double>(found.f_frsize)};
  const auto used = static_cast<double>(found.f_blocks - found.f_bfree);
  const auto available = static_cast<double>(found.f_bavail);
  if (used + available > 0) room.share = available / (used + available);
  if (found.f_files > 0)
    room.inodes = static_cast<double>(found.f_favail) / static_cast<double>(found.f_files);
  if (auto message = too_little(room, fail_below, 0.05)) return fail(std::move(*message));
  if (auto message = too_little(room, warn_below, 0.10))
    return CheckResult::warn(std::move(*message));
  return {};
}

Result<Look> make(const CheckPlan& plan) {
  const CheckSettings& settings = plan.settings;
  if (settings.path.value.empty())
    return std::unexpected(plan.outside.wrong(settings.kind.range, "a disk needs a `path`",
                                              "any folder on it: `path: /var/lib/aethel`"));
  Bound fail_below{.share = 0.05}, warn_below{.share = 0.10};
  for (const auto& [text, bound] :
       {std::pair(&settings.fail_below, &fail_below), {&settings.warn_below, &warn_below}}) {
    if (text->value.empty()) continue;
    const auto parsed = parse_bound(text->value);
    if (!parsed)
      return std::unexpected(plan.outside.wrong(text->range, "neither a share nor a quantity",
                                                "write it like 5%, 500Mi or 2Gi"));
    *bound = *parsed;
  }
  return [path = settings.path.value, fail_below, warn_below](http::Deadline) {
    return look(path, fail_below, warn_below);
  };
}

} // namespace

extern constinit const CheckKind disk;
constinit const CheckKind disk{
    .name = "disk", .keys = keys, .every = std::chrono::seconds(30), .make = make};

} // namespace aethel::platform::checks
