#include "backup/repository.h"

#include "backup/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <tuple>

namespace aethel::backup {
namespace {

using json = nlohmann::ordered_json;

constexpr std::uint64_t document_limit = std::uint64_t{64} << 20;

std::unexpected<Failure> of(const store::StoreFailure& failure) {
  return fail({.message = failure.message});
}

std::string config_key(std::uint64_t number) { return fmt::format("config/{:06}", number); }

std::string write_config(const RepositoryConfig& config, const SigningKey& key) {
  json recipients = json::array();
  for (const Recipient& each : config.recipients)
    recipients.push_back({{"kind", each.kind}, {"key", text_of(each.key)}});
  json signers = json::array();
  for (const SignerKey& each : config.signers) signers.push_back(text_of(each));
  const json all = {{"repository", config.id},
                    {"number", config.number},
                    {"created", time_text(config.created)},
                    {"recipients", std::move(recipients)},
                    {"signers", std::move(signers)}};
  return write_document("config", all.dump(1), key);
}

Result<RepositoryConfig> read_config(std::string_view text) {
  const auto read = JsonReader::parse(text, "the repository's configuration");
  if (!read) return std::unexpected(read.error());
  RepositoryConfig config{.id = read->text("repository"), .number = read->number("number")};
  config.created = parse_time(read->text("created"));
  for (const JsonReader& each : read->list("recipients")) {
    auto key = parse_public_key(each.text("key"));
    if (!key) {
      read->refuse(key.error().message);
      continue;
    }
    config.recipients.push_back({each.text("kind"), *key});
  }
  for (const std::string& each : read->texts("signers")) {
    auto key = parse_signer_key(each);
    if (!key) {
      read->refuse(key.error().message);
      continue;
    }
    config.signers.push_back(*key);
  }
  if (config.signers.empty()) read->refuse("it names no signer");
  if (auto done = read->done(); !done) return std::unexpected(done.error());
  return config;
}

// A configuration by the signers that it names itself: a new one signs beside the one before it,
// and nobody else does.
Result<void> check_signatures(const std::string& key, std::string_view bytes,
                              const std::vector<SignerKey>& signers) {
  auto document = read_document("config", bytes, signers);
  if (document && document->strangers == 0) return {};
  Failure failure = document ? Failure{.message = "it is signed by somebody whom it does not name"}
                             : document.error();
  failure.message += fmt::format(" (\"{}\")", key);
  return fail(std::move(failure));
}

DrillResult result_of(const JsonReader& report) {
  DrillResult out{.time = parse_time(report.text("finished")),
                  .passed = report.boolean("passed"),
                  .level = static_cast<int>(report.number("level")),
                  .wanted = static_cast<int>(report.number("level")),
                  .failure = report.text("failure"),
                  .recovery = report.number("recovery_milliseconds")};
  if (report.has("wanted")) out.wanted = static_cast<int>(report.number("wanted"));
  // A report says level 0 also where nothing passed; its checks say which level failed first.
  if (!out.passed && report.has("checks"))
    for (const JsonReader& each : report.list("checks"))
      if (each.text("outcome") == "failed")
        out.level = std::min(out.level, static_cast<int>(each.number("level")) - 1);
  return out;
}

} // namespace

Proof proof_of(std::vector<DrillResult> results) {
  // Of two of the same second the failure counts.
  std::ranges::sort(results, {}, [](const DrillResult& each) {
    return std::tuple(each.time, each.passed ? 0 : 1, each.level);
  });
  Proof proof;
  int failed_at = -1;
  for (const DrillResult& each : results) {
    proof.time = each.time;
    if (each.passed) {
      if (each.level >= proof.level && each.level >= 3) proof.recovery = each.recovery;
      proof.level = std::max(proof.level, each.level);
      // Who reads every byte again says nothing of a restore that failed.
      if (!proof.failed || each.level < failed_at) continue;
      proof.failed = false;
      proof.failure.clear();
    } else {
      proof.level = std::min(proof.level, each.level);
      failed_at = std::max(proof.failed ? failed_at : -1, each.level + 1);
      proof.failed = true;
      proof.failure = each.failure;
    }
  }
  return proof;
}

Result<Repository> Repository::create(store::ObjectStore& store, std::vector<Recipient> recipients,
                                      const SigningKey& key) {
  auto there = store.list("config/");
  if (!there) return of(there.error());
  if (!there->empty())
    return fail(
        {.message = fmt::format("{} holds a repository already", store.describe()),
         .hint = "give another folder or prefix, or use the keys of the one that is there"});
  auto now = store.clock();
  if (!now) return of(now.error());
  RepositoryConfig config{.id = random_hex(16),
                          .number = 1,
                          .created = *now,
                          .recipients = std::move(recipients),
                          .signers = {key.signer()}};
  if (auto put = store.put(config_key(1), write_config(config, key), store::Put::if_absent); !put)
    return of(put.error());
  return Repository(store, std::move(config));
}

Result<Repository> Repository::open(store::ObjectStore& store, const SignerKey& trusted) {
  auto there = store.list("config/");
  if (!there) return of(there.error());
  if (there->empty())
    return fail({.message = fmt::format("there is no repository in {}", store.describe()),
                 .hint = "`aetheld backup init` makes one"});
  // Each configuration is signed by a signer of the one before it; the chain is entered where the
  // trusted one signs. Who signs only earlier ones is named in later ones and is trusted by that.
  std::vector<SignerKey> trust = {trusted};
  std::optional<RepositoryConfig> newest;
  std::optional<Failure> refused;
  std::vector<std::pair<std::string, std::string>> before; // keys and bytes
  for (const store::ObjectInfo& each : *there) {
    auto bytes = store.get(each.key, document_limit);
    if (!bytes) return of(bytes.error());
    auto document = read_document("config", *bytes, trust);
    if (!document) {
      if (newest) {
        document.error().message += fmt::format(" (\"{}\")", each.key);
        return std::unexpected(document.error());
      }
      refused = document.error(); // written before the trusted signer came, or changed
      before.emplace_back(each.key, std::move(*bytes));
      continue;
    }
    auto config = read_config(document->json);
    if (!config) return std::unexpected(config.error());
    if (each.key != config_key(config->number))
      return fail(fmt::format("\"{}\" says that it is number {}", each.key, config->number));
    if (newest && newest->id != config->id)
      return fail(fmt::format("\"{}\" is of another repository", each.key));
    if (config->number != (newest ? newest->number : before.size()) + 1)
      return fail(fmt::format("the configuration before \"{}\" is lost", each.key));
    trust = config->signers;
    if (auto right = check_signatures(each.key, *bytes, trust); !right)
      return std::unexpected(right.error());
    newest = std::move(*config);
  }
  if (!newest) return std::unexpected(*refused);
  // Those before the entrance are looked at as well: signers are added and never taken away.
  for (const auto& [key, bytes] : before)
    if (auto right = check_signatures(key, bytes, trust); !right)
      return std::unexpected(right.error());
  return Repository(store, std::move(*newest));
}

Result<void> Repository::change(RepositoryConfig config, const SigningKey& old_key,
                                const SigningKey& new_key) {
  config.id = config_.id;
  config.number = config_.number + 1;
  std::string bytes = write_config(config, new_key);
  if (old_key.signer() != new_key.signer()) bytes = sign_again(bytes, old_key);
  if (auto put = store_->put(config_key(config.number), bytes, store::Put::if_absent); !put) {
    if (put.error().trouble == store::Trouble::exists)
      return fail("the configuration was changed by somebody else meanwhile; try again");
    return of(put.error());
  }
  config_ = std::move(config);
  return {};
}

Result<void> Repository::publish(const Manifest& manifest, const SigningKey& key) const {
  const std::string name = "manifests/" + manifest.id;
  const std::string bytes = write_manifest(manifest, key);
  auto put = store_->put(name, bytes, store::Put::if_absent);
  if (put) return {};
  // The store may have kept it before it failed, or before its answer was lost: what is there
  // decides. What is not there may still come, so that nobody may take the failure for a promise.
  const auto there = store_->get(name, document_limit);
  if (there && *there == bytes) return {};
  return fail({.message = put.error().message,
               .hint = there || there.error().trouble != store::Trouble::absent
                           ? fmt::format("whether backup {} exists is not known: `aetheld backup "
                                         "list` tells when the store answers again",
                                         manifest.id)
                           : ""});
}

Result<bool> Repository::published_in(std::int64_t second) const {
  auto there = store_->list("manifests/" + backup_id_prefix(second));
  if (!there) return of(there.error());
  return !there->empty();
}

Result<Repository::Listing> Repository::list() const {
  auto objects = store_->list("manifests/");
  if (!objects) return of(objects.error());
  auto holds = store_->list("holds/");
  if (!holds) return of(holds.error());
  std::set<std::string, std::less<>> held;
  for (const store::ObjectInfo& each : *holds) held.insert(each.key.substr(6));
  auto report_objects = store_->list("reports/");
  if (!report_objects) return of(report_objects.error());

  Listing listing;
  for (const store::ObjectInfo& each : *objects) {
    const std::string id = each.key.substr(std::string_view("manifests/").size());
    auto bytes = store_->get(each.key, document_limit);
    if (!bytes) {
      // Removed since it was listed.
      if (bytes.error().trouble != store::Trouble::absent)
        listing.unreadable.push_back({id, bytes.error().message});
      continue;
    }
    auto manifest = read_manifest(*bytes, config_.signers, id, config_.id);
    if (!manifest) {
      listing.unreadable.push_back({id, manifest.error().message});
      continue;
    }
    Listed listed{.manifest = std::move(*manifest), .held = held.contains(id)};
    const std::string prefix = fmt::format("reports/{}/", id);
    std::vector<DrillResult> results;
    for (const store::ObjectInfo& report : *report_objects) {
      if (!report.key.starts_with(prefix)) continue;
      auto text = store_->get(report.key, document_limit);
      if (!text) continue;
      auto document = read_document("report", *text, config_.signers);
      if (!document) continue; // who cannot sign proves nothing
      const auto read = JsonReader::parse(document->json, "a report");
      if (!read || read->text("backup") != id || read->text("repository") != config_.id) continue;
      results.push_back(result_of(*read));
    }
    listed.proof = proof_of(std::move(results));
    listing.backups.push_back(std::move(listed));
  }
  return listing;
}

Result<Listed> Repository::find(std::string_view id, std::string_view database,
                                Newest newest_of) const {
  auto listing = list();
  if (!listing) return std::unexpected(listing.error());
  if (id == "latest") {
    Listed* newest = nullptr;
    for (Listed& each : listing->backups)
      if ((database.empty() || each.manifest.database == database) &&
          (newest_of == Newest::any || !is_safety_backup(each.manifest)))
        newest = &each;
    // Who asks for the newest must not get an older one without a word. Of which database it is
    // cannot be known.
    // Ids of one second are in no order.
    constexpr std::size_t second = std::string_view("20261126T141500Z").size();
    for (const Unreadable& each : listing->unreadable)
      if (newest == nullptr || each.id.substr(0, second) >= newest->manifest.id.substr(0, second))
        return fail(
            {.message = fmt::format("the newest backup, {}, cannot be read: {}", each.id, each.why),
             .hint = newest == nullptr
                         ? ""
                         : fmt::format("{} is the newest one that can be read: name it",
                                       newest->manifest.id)});
    if (newest == nullptr)
      return fail(database.empty() ? "there is no backup"
                                   : fmt::format("there is no backup of \"{}\"", database));
    return std::move(*newest);
  }
  std::vector<Listed*> found;
  for (Listed& each : listing->backups)
    if (each.manifest.id.starts_with(id)) found.push_back(&each);
  if (found.size() == 1 && !id.empty()) return std::move(*found.front());
  if (found.size() > 1)
    return fail(fmt::format("\"{}\" is the beginning of {} backups", id, found.size()));
  for (const Unreadable& each : listing->unreadable)
    if (each.id.starts_with(id) && !id.empty()) return fail(each.why);
  return fail({.message = fmt::format("there is no backup \"{}\"", id),
               .hint = "`aetheld backup list` shows those that exist"});
}

store::StoreResult<void> Repository::is_there() const {
  const auto bytes = store_->get(config_key(config_.number), document_limit);
  if (!bytes) return std::unexpected(bytes.error());
  return {};
}

Result<Secret> Repository::data_key(const Manifest& manifest, const PrivateKey& key) const {
  const std::string recipient = id_of(key.public_key());
  for (const WrappedKey& each : manifest.keys)
    if (each.recipient == recipient) return unwrap(each, key, manifest.id);
  auto later = store_->list(fmt::format("keys/{}/", manifest.id));
  if (!later) return of(later.error());
  for (const store::ObjectInfo& object : *later) {
    auto bytes = store_->get(object.key, document_limit);
    if (!bytes) return of(bytes.error());
    auto keys = read_later_keys(*bytes, config_.signers, manifest.id, config_.id);
    if (!keys) {
      keys.error().message += fmt::format(" (\"{}\")", object.key);
      return std::unexpected(keys.error());
    }
    for (const WrappedKey& each : *keys)
      if (each.recipient == recipient) return unwrap(each, key, manifest.id);
  }
  return fail({.message = fmt::format("backup {} is not sealed for this private key ({})",
                                      manifest.id, recipient),
               .hint = "use the service key of that time or the recovery key; `aetheld backup keys "
                       "rotate` wraps old backups for a new key"});
}

Result<void> Repository::add_keys(std::string_view id, const std::vector<WrappedKey>& keys,
                                  const SigningKey& key) const {
  auto put = store_->put(fmt::format("keys/{}/{:06}-{}", id, config_.number, random_hex(4)),
                         write_later_keys(id, config_.id, keys, key), store::Put::if_absent);
  if (!put) return of(put.error());
  return {};
}

Result<void> Repository::add_report(std::string_view id, const std::string& text, int level,
                                    bool passed, std::int64_t time, const SigningKey& key) const {
  std::string stamp = time_text(time);
  std::erase_if(stamp, [](char c) { return c == ':' || c == '-'; });
  const std::string name = fmt::format("reports/{}/{}-{}-{}-{}", id, stamp, level,
                                       passed ? "passed" : "failed", random_hex(4));
  auto put = store_->put(name, write_document("report", text, key), store::Put::if_absent);
  if (!put) return of(put.error());
  return {};
}

Result<std::vector<std::string>> Repository::reports(std::string_view id) const {
  auto objects = store_->list(fmt::format("reports/{}/", id));
  if (!objects) return of(objects.error());
  std::vector<std::string> out;
  for (const store::ObjectInfo& each : *objects) {
    auto bytes = store_->get(each.key, document_limit);
    if (!bytes) return of(bytes.error());
    auto document = read_document("report", *bytes, config_.signers);
    if (!document) return std::unexpected(document.error());
    out.push_back(std::move(document->json));
  }
  return out;
}

Result<void> Repository::hold(std::string_view id, std::string_view reason,
                              const SigningKey& key) const {
  auto now = store_->clock();
  if (!now) return of(now.error());
  const json all = {
      {"backup", id}, {"repository", config_.id}, {"reason", reason}, {"since", time_text(*now)}};
  auto put = store_->put(fmt::format("holds/{}", id), write_document("hold", all.dump(1), key),
                         store::Put::if_absent);
  if (!put && put.error().trouble == store::Trouble::exists)
    return fail(fmt::format("backup {} is held already", id));
  if (!put) return of(put.error());
  return {};
}

Result<std::string> Repository::hold_reason(std::string_view id) const {
  auto bytes = store_->get(fmt::format("holds/{}", id), document_limit);
  if (!bytes) return of(bytes.error());
  auto document = read_document("hold", *bytes, config_.signers);
  if (!document) return std::unexpected(document.error());
  const auto read = JsonReader::parse(document->json, "a hold");
  if (!read) return std::unexpected(read.error());
  std::string reason = read->text("reason");
  if (auto done = read->done(); !done) return std::unexpected(done.error());
  return reason;
}

Result<void> Repository::release(std::string_view id) const {
  const std::string key = fmt::format("holds/{}", id);
  if (auto there = store_->status(key); !there) {
    if (there.error().trouble == store::Trouble::absent)
      return fail(fmt::format("backup {} is not held", id));
    return of(there.error());
  }
  if (auto removed = store_->remove(key); !removed) return of(removed.error());
  return {};
}

} // namespace aethel::backup
