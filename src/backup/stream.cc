#include "backup/stream.h"

#include "base/parallel.h"
#include "store/sigv4.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace aethel::backup {
namespace {

constexpr std::string_view magic = "aethel1\n";
constexpr std::size_t prefix_size = 4; // the length of a sealed segment, little-endian

std::string associated_data(std::string_view backup, std::string_view stream, std::uint64_t number,
                            bool last) {
  return fmt::format("aethel 1 segment\n{}\n{}\n{}\n{}\n", backup, stream, number,
                     last ? "last" : "more");
}

void put_length(std::string& out, std::size_t length) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>((length >> (8 * i)) & 255U);
}

std::size_t get_length(std::string_view bytes) {
  std::size_t length = 0;
  for (int i = 0; i < 4; ++i)
    length |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return length;
}

struct Compressor {
  ZSTD_CCtx* context = ::ZSTD_createCCtx();
  Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  ~Compressor() { ::ZSTD_freeCCtx(context); }
};

Failure of(const store::StoreFailure& failure) { return {.message = failure.message}; }

} // namespace

std::uint64_t StreamInfo::stored() const {
  std::uint64_t sum = 0;
  for (const StoredObject& each : objects) sum += each.size;
  return sum;
}

std::string object_key(std::string_view backup, std::string_view stream, std::size_t number) {
  return fmt::format("objects/{}/{}-{:06}", backup, stream, number);
}

Secret stream_key(const Secret& data_key, std::string_view backup, std::string_view stream) {
  return derive(data_key.bytes(), backup, fmt::format("aethel 1 stream {}", stream));
}

// --- Writing
// --------------------------------------------------------------------------------------

// Blocks wait in `blocks`; workers make segments of them, which are put in order into `object`;
// full objects wait in `objects` for the uploaders. Both queues are short, and who fills one waits.
struct StreamWriter::State {
  store::ObjectStore& store;
  const std::string backup;
  const std::string name;
  const Secret key;
  const StreamOptions options;

  struct Block {
    std::uint64_t number = 0;
    bool last = false;
    std::string bytes;
  };
  struct Full {
    std::size_t number = 0;
    std::string bytes;
  };

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Block> blocks;
  std::map<std::uint64_t, std::string> segments; // made, and not yet their turn
  std::uint64_t next_segment = 0;
  bool appending = false;
  std::string object;
  std::deque<Full> objects;
  std::vector<StoredObject> stored;
  std::size_t under_way = 0; // objects given to uploaders
  std::optional<Failure> failure;
  bool no_more_blocks = false;
  bool no_more_objects = false;
  bool stopped = false;

  std::string filling; // by the caller's thread only
  std::uint64_t count = 0;
  std::atomic<std::uint64_t> taken_bytes = 0;
  std::atomic<std::uint64_t> stored_bytes = 0;
  bool finished = false;
  ThreadGroup workers, uploaders;

  State(store::ObjectStore& to, std::string of_backup, std::string of_stream,
        const Secret& data_key, const StreamOptions& how)
      : store(to), backup(std::move(of_backup)), name(std::move(of_stream)),
        key(stream_key(data_key, backup, name)), options(how) {}

  bool over() const { return failure.has_value() || stopped; }

  void give_up(Failure why) {
    const std::scoped_lock lock(mutex);
    if (!failure) failure = std::move(why);
    changed.notify_all();
  }

  void work() {
    const Compressor compressor;
    std::string compressed;
    for (;;) {
      Block block;
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return !blocks.empty() || no_more_blocks || over(); });
        if (over() || blocks.empty()) return;
        block = std::move(blocks.front());
        blocks.pop_front();
        changed.notify_all();
      }
      compressed.resize(::ZSTD_compressBound(block.bytes.size()));
      const std::size_t size =
          ::ZSTD_compressCCtx(compressor.context, compressed.data(), compressed.size(),
                              block.bytes.data(), block.bytes.size(), options.level);
      if (::ZSTD_isError(size) != 0)
        return give_up({.message = fmt::format("cannot compress: {}", ::ZSTD_getErrorName(size))});
      std::string segment;
      segment.reserve(prefix_size + size + seal_overhead);
      put_length(segment, size + seal_overhead);
      seal(segment, std::string_view(compressed).substr(0, size),
           associated_data(backup, name, block.number, block.last), block.number, key);
      append(block.number, std::move(segment));
    }
  }

  // One thread at a time appends what is in its turn; the others leave theirs and go on.
  void append(std::uint64_t number, std::string segment) {
    std::unique_lock lock(mutex);
    segments.emplace(number, std::move(segment));
    if (appending) return;
    appending = true;
    while (!over()) {
      const auto next = segments.find(next_segment);
      if (next == segments.end()) break;
      if (!object.empty() && object.size() + next->second.size() > options.object_size) flush(lock);
      if (over()) break;
      if (object.empty()) object = magic;
      // flush() lets go of the lock, and `segments` may have grown meanwhile: a map keeps the
      // place.
      object += next->second;
      segments.erase(next);
      ++next_segment;
    }
    appending = false;
    changed.notify_all();
  }

  void flush(std::unique_lock<std::mutex>& lock) {
    changed.wait(lock, [&] { return under_way < options.uploads || over(); });
    if (over()) return;
    stored.push_back({.size = object.size()});
    objects.push_back({stored.size(), std::exchange(object, {})});
    ++under_way;
    changed.notify_all();
  }

  void upload() {
    for (;;) {
      Full full;
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return !objects.empty() || no_more_objects || over(); });
        if (over() || objects.empty()) return;
        full = std::move(objects.front());
        objects.pop_front();
      }
      const store::sigv4::Digest digest = store::sigv4::sha256(full.bytes);
      auto put = store.put_hashed(object_key(backup, name, full.number), full.bytes,
                                  store::Put::if_absent, digest);
      if (!put) return give_up(of(put.error()));
      stored_bytes += full.bytes.size();
      const std::scoped_lock lock(mutex);
      stored[full.number - 1].sha256 = hex(digest);
      --under_way;
      changed.notify_all();
    }
  }

  Result<void> push(bool last) {
    std::unique_lock lock(mutex);
    // What waits for its turn counts: one slow block must not let the others pile up.
    changed.wait(lock, [&] {
      return over() || (blocks.size() < options.workers && segments.size() < 2 * options.workers);
    });
    if (failure) return std::unexpected(*failure);
    blocks.push_back({count++, last, std::exchange(filling, {})});
    changed.notify_all();
    return {};
  }

  void stop() {
    {
      const std::scoped_lock lock(mutex);
      stopped = true;
      changed.notify_all();
    }
    workers.join();
    uploaders.join();
  }
};

StreamWriter::StreamWriter(store::ObjectStore& store, std::string backup, std::string name,
                           const Secret& data_key, const StreamOptions& options)
    : state_(
          std::make_unique<State>(store, std::move(backup), std::move(name), data_key, options)) {
  for (unsigned i = 0; i < options.workers; ++i)
    state_->workers.start([raw = state_.get()] { raw->work(); });
  for (unsigned i = 0; i < options.uploads; ++i)
    state_->uploaders.start([raw = state_.get()] { raw->upload(); });
}

StreamWriter::~StreamWriter() {
  if (!state_->finished) state_->stop();
}

Result<void> StreamWriter::write(std::string_view bytes) {
  State& state = *state_;
  state.taken_bytes += bytes.size();
  while (!bytes.empty()) {
    // The last block is known at the end only: a full one waits for the byte after it.
    if (state.filling.size() == block_size)
      if (auto pushed = state.push(false); !pushed) return pushed;
    if (state.filling.empty()) state.filling.reserve(block_size);
    const std::size_t part = std::min(bytes.size(), block_size - state.filling.size());
    state.filling += bytes.substr(0, part);
    bytes.remove_prefix(part);
  }
  return {};
}

Result<StreamInfo> StreamWriter::finish() {
  State& state = *state_;
  const auto pushed = state.push(true);
  {
    const std::scoped_lock lock(state.mutex);
    state.no_more_blocks = true;
    state.changed.notify_all();
  }
  state.workers.join();
  {
    std::unique_lock lock(state.mutex);
    if (!state.over()) state.flush(lock);
    state.no_more_objects = true;
    state.changed.notify_all();
  }
  state.uploaders.join();
  state.finished = true;
  if (!pushed) return std::unexpected(pushed.error());
  if (state.failure) return std::unexpected(*state.failure);
  return StreamInfo{state.name, state.taken_bytes, state.count, std::move(state.stored)};
}

std::uint64_t StreamWriter::taken() const { return state_->taken_bytes; }
std::uint64_t StreamWriter::stored() const { return state_->stored_bytes; }

// --- Reading
// --------------------------------------------------------------------------------------

namespace {

// Objects, fetched in parallel, handed out in order.
class Fetcher {
public:
  Fetcher(store::ObjectStore& store, std::string_view backup, const StreamInfo& info,
          const ReadOptions& options)
      : store_(store), backup_(backup), info_(info), options_(options) {
    const std::size_t threads =
        std::min<std::size_t>(std::max(1U, options.ahead), info.objects.size());
    for (std::size_t i = 0; i < threads; ++i) threads_.start([this] { fetch(); });
  }
  ~Fetcher() {
    {
      const std::scoped_lock lock(mutex_);
      stopped_ = true;
      changed_.notify_all();
    }
    threads_.join();
  }
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  Result<std::string> take(std::size_t index) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ready_.contains(index); });
    auto node = ready_.extract(index);
    taken_ = index + 1;
    changed_.notify_all();
    return std::move(node.mapped());
  }

private:
  void fetch() {
    for (;;) {
      std::size_t index = 0;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] {
          return stopped_ || next_ >= info_.objects.size() ||
                 next_ < taken_ + std::max(1U, options_.ahead);
        });
        if (stopped_ || next_ >= info_.objects.size()) return;
        index = next_++;
      }
      Result<std::string> got = one(index);
      const std::scoped_lock lock(mutex_);
      ready_.emplace(index, std::move(got));
      changed_.notify_all();
    }
  }

  Result<std::string> one(std::size_t index) {
    const StoredObject& expected = info_.objects[index];
    const std::string key = object_key(backup_, info_.name, index + 1);
    auto bytes = store_.get(key, largest_object);
    // A bit may flip on the way, too: what is wrong in the store is wrong again.
    if (bytes && (bytes->size() != expected.size || sha256_hex(*bytes) != expected.sha256))
      bytes = store_.get(key, largest_object);
    if (!bytes) {
      if (bytes.error().trouble == store::Trouble::absent)
        return fail(fmt::format("object \"{}\" is lost", key));
      if (bytes.error().trouble != store::Trouble::corrupt && options_.unreachable != nullptr)
        *options_.unreachable = true;
      return std::unexpected(of(bytes.error()));
    }
    if (options_.fetched != nullptr) *options_.fetched += bytes->size();
    if (bytes->size() != expected.size)
      return fail(fmt::format("object \"{}\" has {} bytes; {} were stored", key, bytes->size(),
                              expected.size));
    if (sha256_hex(*bytes) != expected.sha256)
      return fail(fmt::format("object \"{}\" has other bytes than were stored", key));
    return std::move(*bytes);
  }

  store::ObjectStore& store_;
  const std::string backup_;
  const StreamInfo& info_;
  const ReadOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::size_t, Result<std::string>> ready_;
  std::size_t next_ = 0;
  std::size_t taken_ = 0;
  bool stopped_ = false;
  ThreadGroup threads_;
};

} // namespace

Result<void> read_stream(store::ObjectStore& store, std::string_view backup, const StreamInfo& info,
                         const Secret& data_key, const Sink& sink, const ReadOptions& options) {
  const Secret key = stream_key(data_key, backup, info.name);
  Fetcher fetcher(store, backup, info, options);
  std::string compressed;
  std::string plain(block_size, '\0');
  std::uint64_t number = 0;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < info.objects.size(); ++i) {
    const Result<std::string> object = fetcher.take(i);
    if (!object) return std::unexpected(object.error());
    const auto wrong = [&](std::string_view what) {
      return fail(fmt::format("object \"{}\": {}", object_key(backup, info.name, i + 1), what));
    };
    std::string_view rest = *object;
    if (!rest.starts_with(magic)) return wrong("not an object of a backup");
    rest.remove_prefix(magic.size());
    while (!rest.empty()) {
      if (rest.size() < prefix_size) return wrong("ends within a segment");
      const std::size_t length = get_length(rest);
      rest.remove_prefix(prefix_size);
      if (length > rest.size()) return wrong("ends within a segment");
      const bool last = number + 1 == info.segments;
      if (number >= info.segments) return wrong("has more segments than the manifest says");
      if (!unseal(compressed, rest.substr(0, length),
                  associated_data(backup, info.name, number, last), number, key))
        return wrong(fmt::format("segment {} is not authentic", number));
      rest.remove_prefix(length);
      const std::size_t size =
          ::ZSTD_decompress(plain.data(), plain.size(), compressed.data(), compressed.size());
      if (::ZSTD_isError(size) != 0)
        return wrong(fmt::format("segment {}: {}", number, ::ZSTD_getErrorName(size)));
      total += size;
      ++number;
      if (auto taken = sink(std::string_view(plain).substr(0, size)); !taken) return taken;
    }
  }
  if (number != info.segments)
    return fail(
        fmt::format("stream \"{}\" ends after segment {} of {}", info.name, number, info.segments));
  if (total != info.bytes)
    return fail(
        fmt::format("stream \"{}\" has {} bytes; {} were written", info.name, total, info.bytes));
  return {};
}

Result<std::string> read_stream(store::ObjectStore& store, std::string_view backup,
                                const StreamInfo& info, const Secret& data_key, std::uint64_t limit,
                                const ReadOptions& options) {
  std::string all;
  auto read = read_stream(
      store, backup, info, data_key,
      [&](std::string_view part) -> Result<void> {
        if (all.size() + part.size() > limit)
          return fail(fmt::format("stream \"{}\" has more than {} bytes", info.name, limit));
        all += part;
        return {};
      },
      options);
  if (!read) return std::unexpected(read.error());
  return all;
}

} // namespace aethel::backup
