#include "daemon/settings.h"

#include "base/files.h"
#include "base/parallel.h"
#include "config/config.h"
#include "store/folder.h"
#include "store/s3.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace aethel::daemon {

constinit const std::string_view program = "aetheld " AETHEL_VERSION;
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t config_limit = 1 << 20;
constexpr std::uintmax_t secret_limit = 1 << 16;

std::string variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : std::string(value);
}

Result<std::string> read_file(const std::string& path, std::uintmax_t limit) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return fail({.message = error.message(), .path = path});
  if (size > limit)
    return fail({.message = fmt::format("larger than {} bytes", limit), .path = path});
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (!file.good() && !file.eof()) return fail({.message = "cannot be read", .path = path});
  return bytes;
}

// Empty: it stands in a variable.
std::string secret_path(const SecretPlace& place, const std::string& usual) {
  if (!place.file.value.empty() || !place.variable.value.empty()) return place.file.value;
  return variable(usual + "_FILE");
}

// A secret as what it means. What is wrong with it is said with its source, and with nothing of it.
template <class Parse>
auto parse_secret(const Settings& settings, const SecretPlace& place, const std::string& usual,
                  std::string_view what, Parse parse) -> decltype(parse(std::string())) {
  auto text = read_secret(settings, place, usual, what);
  if (!text) return std::unexpected(text.error());
  auto parsed = parse(*text);
  if (!parsed)
    parsed.error().message =
        fmt::format("{}: {}", secret_source(place, usual), parsed.error().message);
  return parsed;
}

bool is_writable(const std::string& folder) {
  std::error_code ignored;
  return fs::is_directory(folder, ignored) && ::access(folder.c_str(), W_OK) == 0;
}

} // namespace

std::string secret_source(const SecretPlace& place, const std::string& usual) {
  if (const std::string path = secret_path(place, usual); !path.empty())
    return fmt::format("\"{}\"", path);
  return place.variable.value.empty() ? usual : place.variable.value;
}

Result<std::string> read_secret(const Settings& settings, const SecretPlace& place,
                                const std::string& usual, std::string_view what) {
  const std::string path = secret_path(place, usual);
  if (!path.empty()) {
    auto text = read_file(path, secret_limit);
    if (!text)
      return fail({.message = fmt::format("cannot read {} from \"{}\": {}", what, path,
                                          text.error().message)});
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
    if (text->empty())
      return fail(fmt::format("\"{}\" is empty: {} is expected there", path, what));
    return text;
  }
  const std::string name = place.variable.value.empty() ? usual : place.variable.value;
  std::string value = variable(name);
  if (!value.empty()) return value;
  const std::string message = fmt::format("{} is not set: {}", name, what);
  if (!place.variable.value.empty())
    return std::unexpected(settings.wrong(place.variable.range, message));
  return fail({.message = message,
               .hint = fmt::format("set {0}, or {0}_FILE to a file that holds it", name)});
}

Failure Settings::wrong(const Range& range, std::string message, std::string hint) const {
  Failure failure{
      .message = std::move(message), .path = path, .line = 1, .column = 1, .hint = std::move(hint)};
  const std::size_t at = std::min<std::size_t>(range.begin, text.size());
  for (std::size_t i = 0; i < at; ++i) {
    ++failure.column;
    if (text[i] != '\n') continue;
    ++failure.line;
    failure.column = 1;
  }
  return failure;
}

std::uint64_t quantity(std::string_view text, std::uint64_t otherwise) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return otherwise;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  constexpr std::pair<std::string_view, double> units[] = {
      {"", 1},           {"k", 1e3},           {"M", 1e6},
      {"G", 1e9},        {"T", 1e12},          {"Ki", 1024.0},
      {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"Ti", 1099511627776.0}};
  for (const auto& [name, factor] : units)
    if (unit == name) return static_cast<std::uint64_t>(number * factor);
  return otherwise;
}

Result<Settings> load_settings(const std::string& path) {
  Settings settings;
  settings.path = path.empty() ? variable("AETHEL_CONFIG") : path;
  if (settings.path.empty()) {
    for (const char* each : {"aethel.yaml", "/etc/aethel/aethel.yaml"})
      if (settings.path.empty() && fs::exists(each)) settings.path = each;
    if (settings.path.empty())
      return fail({.message = "there is no aethel.yaml here and none in /etc/aethel",
                   .hint = "give its path with --config; docs/backup.md shows one"});
  }
  auto text = read_file(settings.path, config_limit);
  if (!text) return std::unexpected(text.error());
  settings.text = std::move(*text);
  ConfigResult read = read_config(settings.text);
  if (!read.ok()) {
    const ConfigProblem& first = read.problems.front();
    std::string message = first.message;
    if (read.problems.size() > 1)
      message += fmt::format(" (and {} more)", read.problems.size() - 1);
    return fail({.message = std::move(message),
                 .path = settings.path,
                 .line = first.line,
                 .column = first.column,
                 .hint = first.hint});
  }
  settings.running = std::move(read.config.running);
  const BackupSettings& backup = settings.backup();
  if (!backup.present)
    return fail({.message = "it has no part \"backup\"",
                 .path = settings.path,
                 .hint = "docs/backup.md shows one"});
  if (backup.database.value.empty())
    return fail({.message = "`backup.database` is missing",
                 .path = settings.path,
                 .hint = "the name of the database in backups and metrics: `database: main`"});
  const StoreSettings& store = backup.store;
  if (store.folder.value.empty() == store.bucket.value.empty())
    return fail({.message = store.folder.value.empty() ? "`backup.store` names no place"
                                                       : "`backup.store` names two places",
                 .path = settings.path,
                 .hint = "give it `folder` or `bucket`"});
  return settings;
}

Result<std::unique_ptr<store::ObjectStore>> open_store(const Settings& settings) {
  const StoreSettings& where = settings.backup().store;
  if (!where.folder.value.empty()) return store::open_folder(where.folder.value);
  store::BucketOptions options{
      .bucket = where.bucket.value, .endpoint = where.endpoint.value, .prefix = where.prefix.value};
  options.region = where.region.value;
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (options.region.empty()) options.region = variable(name);
  if (options.region.empty() && options.endpoint.empty())
    return std::unexpected(settings.wrong(where.bucket.range, "the bucket's region is not said",
                                          "`region: eu-central-1`, or AWS_REGION"));
  if (options.region.empty()) options.region = "us-east-1"; // what servers take who have no regions
  if (where.addressing.value == "path") options.style = store::BucketOptions::Style::path;
  if (where.addressing.value == "host") options.style = store::BucketOptions::Style::virtual_host;
  if (!where.lock.value.empty()) {
    if (!where.lock_days.value)
      return std::unexpected(settings.wrong(where.lock.range, "`lock` needs `lock_days`"));
    options.lock = {.mode = where.lock.value == "compliance" ? store::ObjectLock::Mode::compliance
                                                             : store::ObjectLock::Mode::governance,
                    .days =
                        static_cast<int>(std::min<std::int64_t>(*where.lock_days.value, 36'500))};
  }
  options.transport.ca_file = where.ca_file.value;
  options.credentials = store::default_credentials(
      [](std::string_view name) -> std::optional<std::string> {
        const char* const value = std::getenv(std::string(name).c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
      },
      options.region, {});
  auto opened = store::open_bucket(std::move(options));
  if (!opened) return std::unexpected(settings.wrong(where.bucket.range, opened.error().message));
  return std::move(*opened);
}

Result<backup::Address> database_address(const Settings& settings) {
  return parse_secret(settings, settings.backup().address, "DATABASE_URL",
                      "the address of the database", backup::parse_address);
}

Result<backup::Address> restore_address(const Settings& settings) {
  const SecretPlace& place = settings.backup().restore_address;
  constexpr const char* usual = "RESTORE_DATABASE_URL";
  if (place.file.value.empty() && place.variable.value.empty() && variable(usual).empty() &&
      variable(std::string(usual) + "_FILE").empty())
    return database_address(settings);
  return parse_secret(settings, place, usual, "the address that restores", backup::parse_address);
}

Result<backup::Address> replaced_address(const Settings& settings) {
  auto source = database_address(settings);
  if (!source) return source;
  auto address = restore_address(settings);
  if (!address) return address;
  const std::string name = source->word("dbname");
  if (name.empty())
    return fail({.message = "the address of the database names no database",
                 .hint = "a restore in place replaces the one that it names"});
  return address->with("dbname", name);
}

Result<backup::SigningKey> signing_key(const Settings& settings) {
  return parse_secret(settings, settings.backup().signing_key, "BACKUP_SIGNING_KEY",
                      "the key that signs backups", backup::parse_signing_key);
}

Result<backup::PrivateKey> service_key(const Settings& settings) {
  return parse_secret(settings, settings.backup().service_key, "BACKUP_SERVICE_KEY",
                      "the private key that opens backups", backup::parse_private_key);
}

Result<backup::SignerKey> trusted_signer(const Settings& settings) {
  const Located& signer = settings.backup().signer;
  if (!signer.value.empty()) {
    auto key = backup::parse_signer_key(signer.value);
    if (!key) return std::unexpected(settings.wrong(signer.range, key.error().message));
    return *key;
  }
  auto key = signing_key(settings);
  if (!key) return std::unexpected(key.error());
  return key->signer();
}

std::expected<Opened, OpenFailure> open_repository(const Common& common, Signing signing) {
  const auto wrong = [](const Failure& failure, Exit exit) {
    return std::unexpected(OpenFailure{failure, exit});
  };
  auto settings = load_settings(common.config);
  if (!settings) return wrong(settings.error(), Exit::usage);
  std::optional<backup::SigningKey> key;
  if (signing == Signing::needed) {
    auto read = signing_key(*settings);
    if (!read) return wrong(read.error(), Exit::usage);
    key = std::move(*read);
  }
  const auto signer = trusted_signer(*settings);
  if (!signer) return wrong(signer.error(), Exit::usage);
  auto store = open_store(*settings);
  if (!store) return wrong(store.error(), Exit::failed);
  auto repository = backup::Repository::open(**store, *signer);
  if (!repository) return wrong(repository.error(), Exit::failed);
  // What another key signs is refused by everybody who reads.
  const std::vector<backup::SignerKey>& may = repository->config().signers;
  if (key && std::ranges::find(may, key->signer()) == may.end())
    return wrong({.message = fmt::format("the signing key ({}) may not sign in this repository",
                                         backup::id_of(key->signer())),
                  .hint = "`aetheld backup keys list` shows who may; `keys add signing` adds one"},
                 Exit::failed);
  return Opened{std::move(*settings), std::move(*store), std::move(*repository), std::move(key)};
}

namespace {

std::vector<backup::Tools> tools_of(const Settings& settings) {
  std::vector<std::string> folders;
  for (const Located& each : settings.backup().binaries) folders.push_back(each.value);
  return backup::find_tools(folders, variable("PATH"));
}

} // namespace

std::vector<std::string> program_variables() {
  std::vector<std::string> all;
  // What an address does not say libpq takes from variables: programs as aetheld itself.
  for (const char* name : {"HOME", "PATH", "PGPASSFILE", "PGPASSWORD", "PGSERVICEFILE", "PGSSLMODE",
                           "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL", "PGREQUIREAUTH",
                           "PGCHANNELBINDING", "PGCONNECT_TIMEOUT"})
    if (const std::string value = variable(name); !value.empty())
      all.push_back(fmt::format("{}={}", name, value));
  return all;
}

Result<backup::RunOptions> run_options(const Settings& settings) {
  auto address = database_address(settings);
  if (!address) return std::unexpected(address.error());
  backup::RunOptions options{.address = std::move(*address),
                             .database = settings.database(),
                             .environment = settings.running.environment.value,
                             .program = std::string(program),
                             .tools = tools_of(settings)};
  const BackupSettings& backup = settings.backup();
  // The dump is one process, as is its server's, and busier than a session that digests: of two
  // cores it keeps one.
  options.sessions = static_cast<unsigned>(
      std::min<std::int64_t>(backup.sessions.value_or(thread_count(0) > 2 ? 2 : 1), 32));
  const std::int64_t level = backup.compression.value_or(options.stream.level);
  if (level > 19)
    return std::unexpected(settings.wrong(backup.compression.range, "zstd has levels up to 19"));
  options.stream.level = static_cast<int>(level);
  options.variables = program_variables();
  return options;
}

Result<backup::RetentionPolicy> retention_policy(const Settings& settings) {
  const RetentionSettings& from = settings.backup().retention;
  backup::RetentionPolicy policy;
  const auto take = [](const LocatedNumber& number, unsigned& to) {
    to = static_cast<unsigned>(std::min<std::int64_t>(number.value_or(to), 100'000));
  };
  take(from.last, policy.last);
  take(from.hourly, policy.hourly);
  take(from.daily, policy.daily);
  take(from.weekly, policy.weekly);
  take(from.monthly, policy.monthly);
  take(from.yearly, policy.yearly);
  take(from.proven, policy.proven);
  if (!from.within.value.empty()) {
    policy.within = backup::parse_duration(from.within.value);
    if (policy.within < 0)
      return std::unexpected(
          settings.wrong(from.within.range, "not a duration", "write it like 48h, 30d or 2w"));
  }
  return policy;
}

int drill_level(const Settings& settings) {
  const std::string& level = settings.backup().drill.level.value;
  return level.size() == 2 ? level[1] - '0' : 3;
}

bool drills_after(const Settings& settings, std::uint64_t database_bytes) {
  const DrillSettings& drill = settings.backup().drill;
  if (drill.after.value == "always") return true;
  if (drill.after.value == "never") return false;
  return database_bytes <= quantity(drill.small.value, std::uint64_t{1} << 30);
}

Result<DrillPlace> drill_place(const Settings& settings) {
  const DrillSettings& drill = settings.backup().drill;
  DrillPlace place{.folder = drill.folder.value};
  if (place.folder.empty())
    place.folder =
        is_writable("/var/lib/aethel") ? "/var/lib/aethel" : fs::temp_directory_path().string();
  if (::geteuid() == 0) {
    auto user = find_user(drill.user.value.empty() ? "postgres" : drill.user.value);
    if (!user && drill.user.value.empty()) user = find_user("nobody");
    if (!user) return std::unexpected(settings.wrong(drill.user.range, user.error().message));
    place.user = *user;
  }
  return place;
}

Result<backup::ProveOptions> prove_options(const Settings& settings) {
  auto place = drill_place(settings);
  if (!place) return std::unexpected(place.error());
  const DrillSettings& drill = settings.backup().drill;
  backup::ProveOptions options{.level = drill_level(settings),
                               .program = std::string(program),
                               .tools = tools_of(settings),
                               .folder = std::move(place->folder),
                               .user = place->user};
  for (const Located& each : drill.settings) {
    const std::size_t equals = each.value.find('=');
    if (equals == 0 || equals == std::string::npos)
      return std::unexpected(settings.wrong(each.range, "not of the form name=value"));
    options.settings[each.value.substr(0, equals)] = each.value.substr(equals + 1);
  }
  for (const DrillSettings::Query& each : drill.queries)
    options.queries.push_back({each.name.value, each.sql.value});
  options.sessions =
      static_cast<unsigned>(std::min<std::int64_t>(settings.backup().sessions.value_or(2), 32));
  return options;
}

} // namespace aethel::daemon
