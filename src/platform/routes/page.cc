#include "platform/route.h"

#include "store/sigv4.h"

#include <fmt/format.h>

namespace aethel::data {
extern const std::string_view page; // platform/page/page.html
}

namespace aethel::platform::routes {
namespace {

// The text between two tags: what a browser hashes before it runs or applies it.
std::string hash_of(std::string_view open, std::string_view close) {
  const std::size_t begin = data::page.find(open) + open.size();
  const std::string_view text = data::page.substr(begin, data::page.find(close, begin) - begin);
  const store::sigv4::Digest digest = store::sigv4::sha256(text);
  return "'sha256-" +
         store::sigv4::base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "'";
}

http::Response answer(Call&) {
  // It runs its own script, speaks to this service, and nothing else: a name that came out of a
  // database can make it do nothing. https://www.w3.org/TR/CSP3/
  static const std::string policy = fmt::format(
      "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      hash_of("<script>", "</script>"), hash_of("<style>", "</style>"));
  return {.type = "text/html; charset=utf-8",
          .body = std::string(data::page),
          .headers = {{"Content-Security-Policy", policy},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-cache"}}};
}

} // namespace

extern constinit const Route page;
constinit const Route page{.method = "GET",
                           .pattern = "/",
                           .scope = "",
                           .summary = "A page for people: what exists, its proof, what is due",
                           .operation = R"json({
  "operationId": "page", "tags": ["service"],
  "responses": {"200": {"description": "HTML", "content": {"text/html": {"schema": {"type": "string"}}}}}
  })json",
                           .answer = answer};

} // namespace aethel::platform::routes
