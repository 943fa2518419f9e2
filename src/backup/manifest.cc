#include "backup/manifest.h"

#include "backup/json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>

namespace aethel::backup {
namespace {

using json = nlohmann::ordered_json;

json write_stream(const StreamInfo& stream) {
  json objects = json::array();
  for (const StoredObject& each : stream.objects)
    objects.push_back({{"size", each.size}, {"sha256", each.sha256}});
  return {{"name", stream.name},
          {"bytes", stream.bytes},
          {"segments", stream.segments},
          {"objects", std::move(objects)}};
}

// The name becomes a part of keys of objects, and of what segments are sealed with.
bool is_stream_name(std::string_view name) {
  return !name.empty() && name.size() <= 32 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

StreamInfo read_stream_info(const JsonReader& from) {
  StreamInfo stream{.name = from.text("name"),
                    .bytes = from.number("bytes"),
                    .segments = from.number("segments")};
  if (!is_stream_name(stream.name)) from.refuse("it has a stream with a name that none has");
  for (const JsonReader& each : from.list("objects")) {
    Bytes32 digest;
    stream.objects.push_back({each.number("size"), each.text("sha256")});
    if (!parse_hex(stream.objects.back().sha256, digest) ||
        stream.objects.back().size > largest_object)
      from.refuse("it has an object that is none");
  }
  return stream;
}

json write_keys(const std::vector<WrappedKey>& keys) {
  json out = json::array();
  for (const WrappedKey& each : keys)
    out.push_back({{"recipient", each.recipient},
                   {"ephemeral", hex(each.ephemeral)},
                   {"sealed", hex(each.sealed)}});
  return out;
}

std::vector<WrappedKey> read_keys(const JsonReader& from) {
  std::vector<WrappedKey> out;
  for (const JsonReader& each : from.list("keys")) {
    WrappedKey key{.recipient = each.text("recipient")};
    if (!parse_hex(each.text("ephemeral"), key.ephemeral) ||
        !parse_hex(each.text("sealed"), key.sealed))
      from.refuse("it has a wrapped key that is none");
    out.push_back(std::move(key));
  }
  return out;
}

void of_backup(const JsonReader& from, std::string_view name, std::string_view id,
               std::string_view repository) {
  const std::string said = from.text(name);
  if (said != id) from.refuse(fmt::format("it is of backup {}, not of {}", said, id));
  if (from.text("repository") != repository) from.refuse("it is of another repository");
}

} // namespace

const StreamInfo* Manifest::stream(std::string_view name) const {
  for (const StreamInfo& each : streams)
    if (each.name == name) return &each;
  return nullptr;
}

std::uint64_t Manifest::archive_stored() const {
  const StreamInfo* const archive = stream("archive");
  return archive == nullptr ? 0 : archive->stored();
}

std::uint64_t Manifest::stored() const {
  std::uint64_t sum = 0;
  for (const StreamInfo& each : streams) sum += each.stored();
  return sum;
}

std::string time_text(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", parts);
}

std::int64_t parse_time(std::string_view text) {
  std::tm parts{};
  const std::string copy(text);
  const char* const end = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != '\0') return -1;
  const std::int64_t seconds = ::timegm(&parts);
  // strptime takes blanks, one digit for two, and the 31st of February.
  return seconds >= 0 && time_text(seconds) == text ? seconds : -1;
}

bool is_safety_backup(const Manifest& manifest) {
  return std::ranges::find(manifest.notes, safety_note) != manifest.notes.end();
}

std::string backup_id_prefix(std::int64_t second) {
  const std::time_t time = second;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return fmt::format("{:%Y%m%dT%H%M%SZ}-", parts);
}

std::string new_backup_id(std::int64_t now) { return backup_id_prefix(now) + random_hex(4); }

bool is_backup_id(std::string_view id) {
  if (id.size() != 25 || id[8] != 'T' || id[15] != 'Z' || id[16] != '-') return false;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (i == 8 || i == 15 || i == 16) continue;
    const char c = id[i];
    const bool digit = c >= '0' && c <= '9';
    if (!(digit || (i > 16 && c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

std::string write_manifest(const Manifest& manifest, const SigningKey& key) {
  json streams = json::array();
  for (const StreamInfo& each : manifest.streams) streams.push_back(write_stream(each));
  const json all = {{"id", manifest.id},
                    {"repository", manifest.repository},
                    {"database", manifest.database},
                    {"environment", manifest.environment},
                    {"program", manifest.program},
                    {"started", time_text(manifest.started)},
                    {"finished", time_text(manifest.finished)},
                    {"server", manifest.server},
                    {"server_major", manifest.server_major},
                    {"database_bytes", manifest.database_bytes},
                    {"tables", manifest.tables},
                    {"rows", manifest.rows},
                    {"keys", write_keys(manifest.keys)},
                    {"streams", std::move(streams)},
                    {"notes", manifest.notes}};
  return write_document("manifest", all.dump(1), key);
}

Result<Manifest> read_manifest(std::string_view bytes, std::span<const SignerKey> trusted,
                               std::string_view id, std::string_view repository) {
  auto document = read_document("manifest", bytes, trusted);
  if (!document) return std::unexpected(document.error());
  const auto read = JsonReader::parse(document->json, "the manifest");
  if (!read) return std::unexpected(read.error());
  const JsonReader& from = *read;
  Manifest out;
  out.id = from.text("id");
  out.repository = from.text("repository");
  of_backup(from, "id", id, repository);
  out.database = from.text("database");
  out.environment = from.text("environment");
  out.program = from.text("program");
  out.started = parse_time(from.text("started"));
  out.finished = parse_time(from.text("finished"));
  if (out.started < 0 || out.finished < 0) from.refuse("it has a time that is none");
  out.server = from.text("server");
  out.server_major = static_cast<int>(from.number("server_major"));
  out.database_bytes = from.number("database_bytes");
  out.tables = from.number("tables");
  out.rows = from.number("rows");
  out.keys = read_keys(from);
  for (const JsonReader& each : from.list("streams")) {
    StreamInfo stream = read_stream_info(each);
    if (out.stream(stream.name) != nullptr)
      from.refuse(fmt::format("it has the stream \"{}\" twice", stream.name));
    out.streams.push_back(std::move(stream));
  }
  out.notes = from.texts("notes");
  if (auto done = from.done(); !done) return std::unexpected(done.error());
  return out;
}

std::string write_later_keys(std::string_view id, std::string_view repository,
                             const std::vector<WrappedKey>& keys, const SigningKey& key) {
  const json all = {{"backup", id}, {"repository", repository}, {"keys", write_keys(keys)}};
  return write_document("keys", all.dump(1), key);
}

Result<std::vector<WrappedKey>> read_later_keys(std::string_view bytes,
                                                std::span<const SignerKey> trusted,
                                                std::string_view id, std::string_view repository) {
  auto document = read_document("keys", bytes, trusted);
  if (!document) return std::unexpected(document.error());
  const auto read = JsonReader::parse(document->json, "the list of later keys");
  if (!read) return std::unexpected(read.error());
  of_backup(*read, "backup", id, repository);
  std::vector<WrappedKey> out = read_keys(*read);
  if (auto done = read->done(); !done) return std::unexpected(done.error());
  return out;
}

} // namespace aethel::backup
