#include "store/object_store.h"

namespace aethel::store {

bool is_key(std::string_view key) {
  if (key.empty() || key.size() > 512) return false;
  bool begins = true; // a part
  for (const char c : key) {
    if (c == '/') {
      if (begins) return false;
      begins = true;
      continue;
    }
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '.';
    if (!plain || (begins && c == '.')) return false;
    begins = false;
  }
  return !begins;
}

} // namespace aethel::store
