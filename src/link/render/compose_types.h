// The typed model of compose-go (types/types.go) as tables: which attribute is what, and
// when its JSON leaves it out. Decoding and printing walk the same tables.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace aethel::compose {

enum class Type : std::uint8_t {
  text,
  boolean,
  integer,
  unsigned_integer, // no text, as compose has it
  number,           // float32
  cpus,             // deploy's
  duration,
  bytes,
  file_mode,
  device_count,
  environment, // NAME -> text or null; a list is split at '='
  mapping,     // NAME -> text; a list is split at '='
  labels,      // the same, but it may not be null
  options,     // NAME -> text; a mapping only
  plain_map,   // NAME -> text or integer
  multi_options,
  texts,
  text_or_list,
  number_list,
  command,
  health_test,
  hosts,
  ssh,
  ulimits,
  object,
  objects,
  object_map
};

enum class Omit : std::uint8_t { when_empty, when_absent, when_true, never };

struct Struct;

struct Field {
  std::string_view name;
  Type type;
  const Struct* of = nullptr; // of objects
  Omit omit = Omit::when_empty;
};

struct Struct {
  std::span<const Field> own;
  const Struct* first = nullptr; // embedded ones
  const Struct* second = nullptr;
};

// The field of that name in the struct or in what it embeds; null when it has none.
const Field* find_field(const Struct& of, std::string_view name);

extern const Struct project_struct;
extern const Struct service_struct;
extern const Struct hook_struct; // of pre_start

// An attribute that services share with whatever else starts a container.
bool is_container_attribute(std::string_view name);

} // namespace aethel::compose
