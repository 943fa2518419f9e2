// What processes that run nginx do with their configuration.
#pragma once

#include "link/container.h"
#include "link/program.h"
#include "model/nginx.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// Without addresses that something unknown is part of, names of upstream blocks and sockets.
std::vector<NginxTarget> nginx_targets(const Nginx& nginx);

// What the servers listen on; `stream` too. Nothing for a port that is not known.
std::vector<NginxListen> nginx_listens(const Nginx& nginx);

// A location as nginx chooses it.
// Source: ngx_http_core_find_location() in
// https://github.com/nginx/nginx/blob/master/src/http/ngx_http_core_module.c
struct LocationChoice {
  std::size_t location = nginx::no_parent; // the server itself when no location fits
  bool sure = true;                        // false: an expression that is not understood decides
};
// `path`: decoded, without arguments.
LocationChoice choose_location(const Nginx& nginx, std::size_t server, std::string_view path);

} // namespace aethel
