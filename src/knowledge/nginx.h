// What nginx's own modules take, and which images run it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace aethel {

// One meaning of a directive: `server` is a block in `http` and takes an address in `upstream`.
struct NginxDirectiveForm {
  // "main", "events", "http", "server", "location", "upstream", "if" (in a location), "server-if",
  // "limit_except", "mail", "mail/server", "stream", "stream/server", "stream/upstream", "any".
  std::vector<std::string_view> contexts;
  std::uint32_t counts = 0; // bit n: takes n arguments
  std::uint32_t at_least = 0;
  bool open_ended = false; // takes `at_least` arguments or more
  bool block = false;
  bool flag = false; // on or off
};

// Empty when no module that comes with nginx has it: one of somebody else's may.
std::span<const NginxDirectiveForm> nginx_directive(std::string_view name);

// The directive that was probably meant, when one is a slip of the hand away.
std::optional<std::string_view> nearest_nginx_directive(std::string_view name);

// A variable that nginx's own modules define; those of requests and answers end in their header's
// name, and captures are numbers.
bool is_nginx_variable(std::string_view name);

struct NginxImage {
  // `official`: the entry point and the files of docker-nginx, so what is not added is not there.
  bool official = false;
  std::string_view folder;             // of nginx.conf; relative paths begin here
  std::vector<std::string_view> files; // in it, that the image brings
};

// Null when the image is not known to run nginx.
const NginxImage* nginx_image(std::string_view image);

} // namespace aethel
