// All of some bytes into a descriptor, however often the system has to be asked.
#pragma once

#include <string_view>

namespace aethel {

// False when it cannot be: errno says why, and a part may have been written.
bool write_all(int descriptor, std::string_view bytes);

} // namespace aethel
