#include "backup/rewrap.h"

#include <algorithm>

namespace aethel::backup {

Result<Rewrapped> rewrap(const Repository& repository, const PrivateKey& opens,
                         const std::vector<PublicKey>& recipients, const SigningKey& key) {
  auto listing = repository.list();
  if (!listing) return std::unexpected(listing.error());
  Rewrapped out{.left = std::move(listing->unreadable)};
  for (const Listed& each : listing->backups) {
    auto data_key = repository.data_key(each.manifest, opens);
    if (!data_key) {
      out.left.push_back({each.manifest.id, data_key.error().message});
      continue;
    }
    std::vector<WrappedKey> wrapped;
    for (const PublicKey& recipient : recipients)
      if (std::ranges::find(each.manifest.keys, id_of(recipient), &WrappedKey::recipient) ==
          each.manifest.keys.end())
        wrapped.push_back(wrap(*data_key, recipient, each.manifest.id));
    if (!wrapped.empty())
      if (auto added = repository.add_keys(each.manifest.id, wrapped, key); !added)
        return std::unexpected(added.error());
    ++out.done;
  }
  return out;
}

} // namespace aethel::backup
