// The product part of aethel.yaml: what `aethel generate` has to know. One file of config/parts/
// a part; docs/configuration.md for its readers.
#pragma once

#include "base/range.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// A value with its bytes in the file. Empty when the key is absent: an empty value in the
// file is a problem.
struct Located {
  std::string value;
  Range range;
};

// A whole number; `fallback` where the key is absent.
struct LocatedNumber {
  std::optional<std::int64_t> value;
  Range range;
  std::int64_t value_or(std::int64_t fallback) const { return value.value_or(fallback); }
};

struct EnvironmentValue {
  enum class From : std::uint8_t {
    config, // set at run time; may hold ${host.X}, ${service.X}, ${bucket.X}, ${environment},
            // ${region}
    secret, // "path/key"
    build   // an argument of the image's build, set there only
  };
  Located name;
  From from = From::config;
  Located text;
};

enum class ServiceKind : std::uint8_t { web, websocket, worker };

struct Service {
  Located name;
  ServiceKind kind = ServiceKind::web;
  Located context, dockerfile, build_target;
  LocatedNumber port;
  Located host;                 // a name that each environment's `hosts` has
  Located startup, live, ready; // paths of probes
  bool has_metrics = false;
  Located metrics_path;
  LocatedNumber metrics_port;
  Located cpu, memory; // Kubernetes quantities
  LocatedNumber minimum, maximum, target_cpu, connections;
  std::vector<Located> uses;    // stores and services
  std::vector<Located> migrate; // a command, word by word
  std::vector<EnvironmentValue> environment;
};

enum class StoreKind : std::uint8_t { postgres, valkey, bucket };

struct Store {
  Located name;
  StoreKind kind = StoreKind::postgres;
  Located version, size;
  LocatedNumber storage; // GiB
};

struct Environment {
  Located name; // "staging", "production", "local"
  Located account;
  std::vector<std::pair<Located, Located>> hosts; // name, host
};

// How a secret comes to be. None of the three: by Terraform, from a store.
struct SecretSource {
  Located name;         // "path/key"
  Located supplier;     // where a person gets it
  LocatedNumber random; // characters
  LocatedNumber rotate; // days
};

// Parts that are generated beside the product's services: none of these may have the name of one.
inline constexpr std::string_view taken_names[] = {"aetheld", "backup", "certbot", "grafana",
                                                   "nginx"};

struct Product {
  bool present = false; // any part of it is in the file
  Located name, title, repository, registry, routing, email;
  std::vector<Located> replaces;
  Located provider, account, region, zone;
  std::vector<Environment> environments;
  std::vector<Service> services;
  std::vector<Store> stores;
  std::vector<SecretSource> secrets;
  Located page, chat, heartbeat, alert_email; // the first three: names of secrets
};

} // namespace aethel
