#include "backup/turns.h"

#include "backup/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

namespace aethel::backup {
namespace {

constexpr std::uint64_t turn_limit = 1 << 16;
constexpr std::string_view state_names[] = {"begun", "running", "succeeded", "failed"};

std::unexpected<Failure> of(const store::StoreFailure& failure) {
  return fail({.message = failure.message});
}

} // namespace

std::string_view name_of(Turn::State state) { return state_names[static_cast<int>(state)]; }

std::string Turns::key_of(std::uint64_t number) const {
  return fmt::format("turns/{}/{:012}", task_, number);
}

Result<std::optional<Turn>> Turns::newest() const {
  auto there = repository_->store().list(fmt::format("turns/{}/", task_));
  if (!there) return of(there.error());
  if (there->empty()) return std::nullopt;
  const std::string& key = there->back().key;
  auto bytes = repository_->store().get(key, turn_limit);
  if (!bytes) return of(bytes.error());
  auto document = read_document("turn", *bytes, repository_->config().signers);
  if (!document) return std::unexpected(document.error());
  const auto read = JsonReader::parse(document->json, "a turn");
  if (!read) return std::unexpected(read.error());
  Turn turn{.number = read->number("number"),
            .time = parse_time(read->text("time")),
            .attempt = static_cast<unsigned>(read->number("attempt")),
            .holder = read->text("holder"),
            .failure = read->text("failure")};
  turn.occurrence = parse_time(read->text("occurrence"));
  turn.until = parse_time(read->text("until"));
  const std::string state = read->text("state");
  bool known = false;
  for (std::size_t i = 0; i < std::size(state_names); ++i)
    if (state == state_names[i]) {
      turn.state = static_cast<Turn::State>(i);
      known = true;
    }
  if (!known) read->refuse("its state is none that this program knows");
  if (read->text("repository") != repository_->config().id || read->text("task") != task_ ||
      key != key_of(turn.number))
    read->refuse(fmt::format("\"{}\" is of another place", key));
  if (auto done = read->done(); !done) return std::unexpected(done.error());
  return turn;
}

Result<bool> Turns::write(const std::optional<Turn>& before, Turn& turn) const {
  turn.number = before ? before->number + 1 : 1;
  const nlohmann::ordered_json all = {{"repository", repository_->config().id},
                                      {"task", task_},
                                      {"number", turn.number},
                                      {"state", name_of(turn.state)},
                                      {"occurrence", time_text(turn.occurrence)},
                                      {"time", time_text(turn.time)},
                                      {"until", time_text(turn.until)},
                                      {"attempt", turn.attempt},
                                      {"holder", turn.holder},
                                      {"failure", turn.failure}};
  const std::string bytes = write_document(
      "turn", all.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace), *key_);
  auto put = repository_->store().put(key_of(turn.number), bytes, store::Put::if_absent);
  if (!put && put.error().trouble == store::Trouble::exists) {
    // By ourselves, when the answer to an earlier try was lost.
    auto last = turn.holder.empty() ? Result<std::optional<Turn>>() : newest();
    if (!last) return std::unexpected(last.error());
    if (!*last || (*last)->holder != turn.holder || (*last)->number < turn.number) return false;
    return write(*last, turn);
  }
  if (!put) return of(put.error());
  // Who slept between looking and writing may have written a number whose own was removed since:
  // the turn is theirs only if nothing newer is there.
  auto there = repository_->store().list(fmt::format("turns/{}/", task_));
  if (!there) return of(there.error());
  return !there->empty() && there->back().key == key_of(turn.number);
}

Result<bool> refuses_second_write(store::ObjectStore& store) {
  const std::string key = "probe/" + random_hex(8);
  if (auto first = store.put(key, "one", store::Put::if_absent); !first) return of(first.error());
  const auto second = store.put(key, "two", store::Put::if_absent);
  static_cast<void>(store.remove(key));
  if (second) return false;
  if (second.error().trouble != store::Trouble::exists) return of(second.error());
  return true;
}

void Turns::forget(const Turn& newest) const {
  if (newest.number <= turns_kept) return;
  auto there = repository_->store().list(fmt::format("turns/{}/", task_));
  if (!there) return;
  const std::string oldest = key_of(newest.number - turns_kept);
  for (const store::ObjectInfo& each : *there)
    if (each.key < oldest) static_cast<void>(repository_->store().remove(each.key));
}

} // namespace aethel::backup
