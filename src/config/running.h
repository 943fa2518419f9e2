// The running part of aethel.yaml: what `aetheld` has to know. Secrets never stand in it, only
// where they are: the name of a variable of the environment, or a file.
#pragma once

#include "config/product.h"

#include <vector>

namespace aethel {

// A value that is given from outside. Neither: the variable that the part says.
struct SecretPlace {
  Located variable, file;
};

struct StoreSettings {
  Located folder;                                    // either this
  Located bucket, region, endpoint, prefix, ca_file; // or a bucket
  Located addressing;                                // "path" or "host"; empty: by the endpoint
  Located lock;                                      // "governance" or "compliance"; empty: none
  LocatedNumber lock_days;
};

struct DrillSettings {
  Located level;    // "L3"
  Located after;    // "small", "always", "never": a drill after each backup
  Located small;    // a quantity of bytes
  Located schedule; // cron
  Located folder, user;
  std::vector<Located> settings; // "name=value" of postgresql.conf
  struct Query {
    Located name, sql;
  };
  std::vector<Query> queries;
};

struct RetentionSettings {
  bool present = false; // then the service removes what no rule keeps
  LocatedNumber last, hourly, daily, weekly, monthly, yearly, proven;
  Located within; // "48h", "30d"
};

struct BackupSettings {
  bool present = false;
  Located database; // its name in the repository, in metrics and in the API
  SecretPlace address, restore_address, service_key, signing_key;
  Located signer; // a public key: who only reads needs no other
  StoreSettings store;
  Located schedule; // cron, or "never"
  Located jitter;   // "90s"
  LocatedNumber sessions, compression;
  std::vector<Located> binaries;
  DrillSettings drill;
  RetentionSettings retention;
};

// A check of `serve.checks`.
struct CheckSettings {
  Located name, kind;
  SecretPlace address;
  Located url, path;
  LocatedNumber hard; // 0 or 1
  Located every, timeout, maximum_age;
  LocatedNumber failures, successes;
  Located role; // "primary", "replica"
  std::vector<Located> status;
  Located origin, ca_file, server_name;
  LocatedNumber warn_days;
  Located fail_below, warn_below;
  std::vector<Located> keys; // that are written, each with the place of its value
};

struct NotifySettings {
  SecretPlace webhook, webhook_secret, heartbeat;
  Located heartbeat_method;
  std::optional<Range> webhook_at, heartbeat_at; // where they stand, when they do
};

struct ServeSettings {
  Located address, drain, grace;
  Located tokens; // the file of who may call the API
  Located audit;  // the file for a line of each call; empty: stderr
  LocatedNumber port, metrics_port;
  LocatedNumber rate; // of calls a second
};

struct Running {
  Located environment; // "production"
  BackupSettings backup;
  ServeSettings serve;
  std::vector<CheckSettings> checks; // of `serve`
  NotifySettings notify;             // of `serve`
};

} // namespace aethel
