// Passwords that a guessing program finds.
#pragma once

#include <string_view>

namespace aethel {

// A well-known password, the user's own name, fewer than 8 characters, letters or digits of one
// kind only, or words like "app_dev_password" and "prod-session-secret-2026-03-24".
bool is_weak_password(std::string_view value, std::string_view user = {});

// One of its parts is a word of the trade, as in "sealed_production_8Lm4Qx": no generator wrote it.
bool has_known_word(std::string_view value);

} // namespace aethel
