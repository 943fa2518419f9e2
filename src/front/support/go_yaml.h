// What Go's YAML library makes of a plain scalar: compose, and whatever else decodes into
// untyped values with go.yaml.in/yaml v3 or v4 (internal/libyaml/resolver.go there).
// YAML 1.2's core schema, with Go's integers: `0755` is octal, `1_000` a number, `yes` a
// string. Also how Go prints such values where it makes text of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aethel::go_yaml {

struct Value {
  enum class Kind : std::uint8_t {
    string,
    null,
    boolean,
    integer,
    unsigned_integer,
    number,
    timestamp
  };
  Kind kind = Kind::string;
  bool boolean = false;
  std::int64_t integer = 0;
  std::uint64_t unsigned_integer = 0; // above the range of `integer`
  double number = 0;                  // infinities and NaN too
};

Value resolve(std::string_view plain);

// fmt.Sprint: 1.50 is "1.5", 1000000.0 is "1e+06".
std::string print(double value);
std::string print(float value);
// encoding/json: 1e21 and smaller than 1e-6 in exponent form.
std::string print_json(double value);
std::string print_json(float value);
// `2001-12-14` is "2001-12-14 00:00:00 +0000 UTC" as text, "2001-12-14T00:00:00Z" as JSON.
std::string print_timestamp(std::string_view text);
std::string print_timestamp_json(std::string_view text);

} // namespace aethel::go_yaml
