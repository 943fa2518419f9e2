#include "backup/spool.h"

#include "base/parallel.h"
#include "store/folder.h"

#include <fmt/format.h>

#include <mutex>
#include <optional>

namespace aethel::backup {

Result<std::unique_ptr<store::ObjectStore>> fetch_objects(store::ObjectStore& from,
                                                          const Manifest& manifest,
                                                          const std::string& folder, unsigned ahead,
                                                          std::atomic<std::uint64_t>* fetched) {
  auto opened = store::open_folder(folder);
  store::ObjectStore& to = *opened;
  struct Wanted {
    std::string key;
    const StoredObject* object;
  };
  std::vector<Wanted> wanted;
  for (const StreamInfo& stream : manifest.streams)
    for (std::size_t i = 0; i < stream.objects.size(); ++i)
      wanted.push_back({object_key(manifest.id, stream.name, i + 1), &stream.objects[i]});

  std::mutex mutex;
  std::optional<Failure> failure;
  parallel_for(wanted.size(), std::max(1U, ahead), [&](std::size_t i) {
    {
      const std::scoped_lock lock(mutex);
      if (failure) return;
    }
    const Wanted& each = wanted[i];
    const auto is_right = [&](const store::StoreResult<std::string>& bytes) {
      return bytes && bytes->size() == each.object->size &&
             sha256_hex(*bytes) == each.object->sha256;
    };
    // What a break or a disk left half or wrong is fetched again.
    if (!is_right(to.get(each.key, largest_object))) {
      const auto bytes = from.get(each.key, largest_object);
      std::optional<Failure> wrong;
      if (!bytes) {
        wrong = Failure{.message = bytes.error().message};
      } else if (!is_right(bytes)) {
        wrong = Failure{
            .message = fmt::format("object \"{}\" has other bytes than were stored", each.key)};
      } else if (auto put = to.put(each.key, *bytes, store::Put::always); !put) {
        wrong = Failure{.message = put.error().message};
      }
      if (wrong) {
        const std::scoped_lock lock(mutex);
        if (!failure) failure = std::move(wrong);
        return;
      }
    }
    if (fetched != nullptr) *fetched += each.object->size;
  });
  if (failure) return std::unexpected(*failure);
  return opened;
}

} // namespace aethel::backup
