// What a store answers: a listing, an error, credentials. A page that is taken is whole.
#include "store/s3_credentials.h"
#include "store/s3_xml.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aethel::store;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto page = read_list_page(input)) {
    if (page->truncated == page->next.empty()) std::abort();
    for (const ObjectInfo& each : page->objects)
      if (each.key.empty()) std::abort();
    // Its end is its root's: without it there is no page.
    if (read_list_page(input.substr(0, input.rfind('>')))) std::abort();
  } else if (page.error().empty()) {
    std::abort();
  }
  if (const auto error = read_s3_error(input))
    if (error->code.empty() || error->message.size() > 300 || error->message.contains('\n'))
      std::abort();
  if (const auto who = read_container_credentials(input))
    if (who->access_key_id.empty() || who->secret_access_key.empty()) std::abort();
  parse_http_date(input);
  parse_iso_date(input);
  url_decode(input);
  return 0;
}
