#include "config/part.h"
#include "config/running.h"

namespace aethel::parts {
namespace {

constexpr std::string_view addressings[] = {"path", "host"};
constexpr std::string_view locks[] = {"governance", "compliance"};
constexpr std::string_view levels[] = {"L0", "L1", "L2", "L3", "L4"};
constexpr std::string_view whens[] = {"small", "always", "never"};

constexpr Field place[] = {
    {.name = "variable", .doc = "A variable of the environment."},
    {.name = "file", .doc = "A file, such as a mounted secret. Read again when it changes."},
};

constexpr Field store[] = {
    {.name = "folder", .doc = "A folder of this machine, for its owner alone."},
    {.name = "bucket", .doc = "A bucket of S3 or of a server that speaks it."},
    {.name = "region", .doc = "The bucket's region."},
    {.name = "endpoint", .doc = "Another server than AWS's: https://s3.example.org."},
    {.name = "prefix", .doc = "Begins every key. Several repositories may share a bucket."},
    {.name = "ca_file", .doc = "Certificates that the endpoint is checked with."},
    {.name = "addressing",
     .form = Form::choice,
     .doc =
         "Where the bucket's name stands: in the path (default with an endpoint) or in the host.",
     .choices = addressings},
    {.name = "lock",
     .form = Form::choice,
     .doc = "Object Lock: nobody removes an object before its days are over.",
     .choices = locks},
    {.name = "lock_days", .form = Form::number, .doc = "How long, from when it was written."},
};

constexpr Field query[] = {
    {.name = "sql",
     .required = true,
     .doc = "A query whose first value has to be true, or a number above zero.",
     .example = "SELECT count(*) FROM users"},
};

constexpr Field drill[] = {
    {.name = "level",
     .form = Form::choice,
     .doc = "How far drills prove. Default: L3, restored and equal.",
     .choices = levels},
    {.name = "after",
     .form = Form::choice,
     .doc = "Whether each backup is drilled at once: `small` ones (default), `always`, `never`.",
     .choices = whens},
    {.name = "small", .form = Form::quantity, .doc = "Up to which size. Default: 1Gi."},
    {.name = "schedule",
     .doc = "When aetheld serve drills the newest backup, as cron, in UTC, or never. Default: 0 4 "
            "* * 0."},
    {.name = "folder",
     .doc = "Where the scratch server is made. Default: /var/lib/aethel if it may be written, else "
            "the "
            "machine's folder for temporary files."},
    {.name = "user",
     .doc = "Who runs the scratch server when aetheld is root. Default: postgres, else nobody."},
    {.name = "settings",
     .form = Form::words,
     .doc = "Of the scratch server, as name=value: shared_preload_libraries=pg_cron."},
    {.name = "queries",
     .form = Form::named,
     .doc = "What has to hold in a restored database (L4).",
     .fields = query},
};

constexpr Field retention[] = {
    {.name = "last", .form = Form::count, .doc = "The newest ones. Default: 3."},
    {.name = "hourly", .form = Form::count, .doc = "One for each of so many hours."},
    {.name = "daily", .form = Form::count, .doc = "One for each of so many days. Default: 14."},
    {.name = "weekly", .form = Form::count, .doc = "One for each of so many weeks. Default: 8."},
    {.name = "monthly", .form = Form::count, .doc = "One for each of so many months. Default: 12."},
    {.name = "yearly", .form = Form::count, .doc = "One for each of so many years."},
    {.name = "within", .doc = "All that are younger: 48h, 30d."},
    {.name = "proven",
     .form = Form::count,
     .doc = "Never fewer proven ones than this. Default: 3."},
};

constexpr Field fields[] = {
    {.name = "database",
     .form = Form::label,
     .required = true,
     .doc = "The database's name in the repository, in metrics and in the API.",
     .example = "main"},
    {.name = "address",
     .form = Form::mapping,
     .doc = "Where the database's address stands. Default: the variable DATABASE_URL.",
     .fields = place},
    {.name = "restore_address",
     .form = Form::mapping,
     .doc = "Where the address stands by which restores, in place and of the API, go to the "
            "database's server: of a role that may make databases. Default: the variable "
            "RESTORE_DATABASE_URL; without it, the database's address.",
     .fields = place},
    {.name = "store",
     .form = Form::mapping,
     .required = true,
     .doc = "Where backups are kept: a folder, or a bucket.",
     .fields = store},
    {.name = "service_key",
     .form = Form::mapping,
     .doc = "The private key with which backups are opened; only drills and restores need it. "
            "Default: "
            "the variable BACKUP_SERVICE_KEY.",
     .fields = place},
    {.name = "signing_key",
     .form = Form::mapping,
     .doc = "The key that signs. Default: the variable BACKUP_SIGNING_KEY.",
     .fields = place},
    {.name = "signer",
     .doc =
         "The public key of who signs, for a machine without the signing key: aethel-signer-..."},
    {.name = "schedule",
     .doc = "When aetheld serve makes backups, as cron, in UTC, or never. Default: 0 */6 * * *."},
    {.name = "jitter",
     .doc = "Each begins later by up to so much, so that not everything begins on the hour. "
            "Default: 60s."},
    {.name = "sessions",
     .form = Form::number,
     .doc =
         "Sessions of the server that compute digests at the same time. Default: 2, and 1 beside "
         "the dump on a machine with at most two cores."},
    {.name = "compression", .form = Form::number, .doc = "Of zstd, 1 to 19. Default: 1."},
    {.name = "binaries",
     .form = Form::words,
     .doc = "Folders of PostgreSQL's programs, before those that are found by themselves."},
    {.name = "drill", .form = Form::mapping, .doc = "How backups are proven.", .fields = drill},
    {.name = "retention",
     .form = Form::mapping,
     .doc =
         "What is kept. Where it stands, aetheld serve removes the rest after each proven backup.",
     .fields = retention},
};

SecretPlace place_of(const FieldValue& value, std::string_view name) {
  const FieldValue* const found = value.find(name);
  if (found == nullptr) return {};
  return {found->one("variable"), found->one("file")};
}

void add(const FieldValue& value, Running& running) {
  BackupSettings& to = running.backup;
  to.present = true;
  to.database = value.one("database");
  to.address = place_of(value, "address");
  to.restore_address = place_of(value, "restore_address");
  to.service_key = place_of(value, "service_key");
  to.signing_key = place_of(value, "signing_key");
  to.signer = value.one("signer");
  if (const FieldValue* const from = value.find("store")) {
    to.store = {.folder = from->one("folder"),
                .bucket = from->one("bucket"),
                .region = from->one("region"),
                .endpoint = from->one("endpoint"),
                .prefix = from->one("prefix"),
                .ca_file = from->one("ca_file"),
                .addressing = from->one("addressing"),
                .lock = from->one("lock"),
                .lock_days = from->count("lock_days")};
  }
  to.schedule = value.one("schedule");
  to.jitter = value.one("jitter");
  to.sessions = value.count("sessions");
  to.compression = value.count("compression");
  for (const FieldValue& each : value.list("binaries")) to.binaries.push_back(each.text);
  if (const FieldValue* const from = value.find("drill")) {
    to.drill = {.level = from->one("level"),
                .after = from->one("after"),
                .small = from->one("small"),
                .schedule = from->one("schedule"),
                .folder = from->one("folder"),
                .user = from->one("user")};
    for (const FieldValue& each : from->list("settings")) to.drill.settings.push_back(each.text);
    for (const FieldValue& each : from->list("queries"))
      to.drill.queries.push_back({each.key, each.one("sql")});
  }
  if (const FieldValue* const from = value.find("retention")) {
    to.retention = {.present = true,
                    .last = from->count("last"),
                    .hourly = from->count("hourly"),
                    .daily = from->count("daily"),
                    .weekly = from->count("weekly"),
                    .monthly = from->count("monthly"),
                    .yearly = from->count("yearly"),
                    .proven = from->count("proven"),
                    .within = from->one("within")};
  }
}

} // namespace

extern constinit const Part backup;
constinit const Part backup{.field = {.name = "backup",
                                      .form = Form::mapping,
                                      .doc = "Backups that are proven, by aetheld.",
                                      .fields = fields},
                            .run = add};

} // namespace aethel::parts
