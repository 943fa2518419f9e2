// A PostgreSQL that is not the one of the backups: a query is answered, and where it matters the
// server is a primary.
#include "platform/ask_database.h"
#include "platform/check_kind.h"

namespace aethel::platform::checks {
namespace {

constexpr std::string_view keys[] = {"address", "url", "role"};

Result<Look> make(const CheckPlan& plan) {
  auto address = plan.address();
  if (!address) return std::unexpected(address.error());
  if (auto parsed = backup::parse_address(*address); !parsed)
    return std::unexpected(parsed.error());
  return [address = plan.address,
          role = plan.settings.role.value](http::Deadline deadline) -> CheckResult {
    auto text = address();
    if (!text) return fail("its address cannot be read");
    auto parsed = backup::parse_address(*text);
    if (!parsed) return std::unexpected(parsed.error());
    auto recovers = ask_database(*parsed, deadline);
    if (!recovers) return std::unexpected(recovers.error());
    if (role == "primary" && *recovers) return fail("it is no primary");
    if (role == "replica" && !*recovers) return fail("it is no replica");
    return {};
  };
}

} // namespace

extern constinit const CheckKind postgresql;
constinit const CheckKind postgresql{.name = "postgresql", .keys = keys, .make = make};

} // namespace aethel::platform::checks
