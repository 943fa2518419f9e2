// A stream of bytes as sealed objects of a store. docs/backup-format.md is the specification.
//
// The stream is cut into blocks of 4 MiB; each becomes a segment: zstd, then sealed under the
// stream's key with its number and, for the last one, the mark that it is the last. Segments in
// their order fill objects of at most 64 MiB. Memory is bounded by the block, the object and the
// number of threads, whatever the length of the stream.
#pragma once

#include "backup/keys.h"
#include "base/result.h"
#include "store/object_store.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::backup {

inline constexpr std::size_t block_size = std::size_t{4} << 20;
inline constexpr std::size_t largest_object = std::size_t{64} << 20;

struct StoredObject {
  std::uint64_t size = 0;
  std::string sha256; // hexadecimal, of the object as stored
};

struct StreamInfo {
  std::string name;
  std::uint64_t bytes = 0; // before compression
  std::uint64_t segments = 0;
  std::vector<StoredObject> objects;
  std::uint64_t stored() const;
};

// "objects/BACKUP/STREAM-000001", counted from 1.
std::string object_key(std::string_view backup, std::string_view stream, std::size_t number);
// The key of a stream, from the data key of its backup.
Secret stream_key(const Secret& data_key, std::string_view backup, std::string_view stream);

struct StreamOptions {
  int level = 1; // of zstd; 3 takes a third more CPU and spares a hundredth: docs/benchmarks.md
  unsigned workers = 2; // that compress and seal
  unsigned uploads = 2; // at the same time
  std::size_t object_size = std::size_t{32} << 20;
};

class StreamWriter {
public:
  StreamWriter(store::ObjectStore& store, std::string backup, std::string name,
               const Secret& data_key, const StreamOptions& options);
  ~StreamWriter(); // without `finish`: what is under way is waited for, nothing more is put
  // Waits when compression or the store is behind.
  Result<void> write(std::string_view bytes);
  Result<StreamInfo> finish();
  // Bytes so far: taken, and stored. For progress.
  std::uint64_t taken() const;
  std::uint64_t stored() const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

// Called with the blocks of the stream in their order, each of them authentic.
using Sink = std::function<Result<void>(std::string_view bytes)>;

struct ReadOptions {
  unsigned ahead = 2;                            // objects fetched before they are needed
  std::atomic<std::uint64_t>* fetched = nullptr; // bytes, for progress
  // Becomes true when the store failed, which says nothing of what it holds.
  std::atomic<bool>* unreachable = nullptr;
};

// Fails at the first byte that is not what was written: an object lost, of another size or digest,
// a segment that is not authentic, in another place, missing or too many.
Result<void> read_stream(store::ObjectStore& store, std::string_view backup, const StreamInfo& info,
                         const Secret& data_key, const Sink& sink, const ReadOptions& options = {});
// The whole of a small stream.
Result<std::string> read_stream(store::ObjectStore& store, std::string_view backup,
                                const StreamInfo& info, const Secret& data_key, std::uint64_t limit,
                                const ReadOptions& options = {});

} // namespace aethel::backup
