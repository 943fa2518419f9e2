#include "config/part.h"
#include "config/parts/support/watch_fields.h"
#include "config/running.h"

namespace aethel::parts {
namespace {

constexpr Field fields[] = {
    {.name = "address",
     .doc = "The address to listen on. Default: 127.0.0.1, which only this machine reaches."},
    {.name = "port", .form = Form::port, .doc = "Of health, the API and the page. Default: 9401."},
    {.name = "metrics_port",
     .form = Form::port,
     .doc = "Of metrics, which need no token. Default: 9400."},
    {.name = "tokens",
     .doc = "The file of who may call the API; `aetheld token` writes its lines. Without it nobody "
            "may. Read again when it changes."},
    {.name = "rate",
     .form = Form::number,
     .doc = "Calls a second that a token may make, and three times as many at once; an address "
            "without a valid token a tenth of it. Default: 10."},
    {.name = "audit", .doc = "The file that gets a line for each call. Default: standard error."},
    {.name = "drain",
     .doc = "How long a stop waits after it says that it is not ready: 5s. Default: 5s."},
    {.name = "grace",
     .doc = "How long requests, and a backup that runs, may take to end then. Default: 25s."},
    {.name = "checks",
     .form = Form::named,
     .doc = "What its readiness depends on, by name, beside the database and the store of backups.",
     .fields = check_fields},
    {.name = "notify",
     .form = Form::mapping,
     .doc = "Who is told how backups go, without Prometheus.",
     .fields = notify_fields},
};

void add(const FieldValue& value, Running& running) {
  ServeSettings& to = running.serve;
  to.address = value.one("address");
  to.port = value.count("port");
  to.metrics_port = value.count("metrics_port");
  to.tokens = value.one("tokens");
  to.rate = value.count("rate");
  to.audit = value.one("audit");
  to.drain = value.one("drain");
  to.grace = value.one("grace");
  running.checks = read_checks(value);
  running.notify = read_notify(value);
}

} // namespace

extern constinit const Part serve;
constinit const Part serve{.field = {.name = "serve",
                                     .form = Form::mapping,
                                     .doc = "What aetheld serve answers.",
                                     .fields = fields},
                           .run = add};

} // namespace aethel::parts
