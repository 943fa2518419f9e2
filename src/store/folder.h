// Objects as files of a folder: the default, and what a test or a laptop has.
#pragma once

#include "store/object_store.h"

#include <memory>
#include <string>

namespace aethel::store {

// Nothing is made before something is written; then the folder is its owner's alone. Files are
// written beside and given their name at the end, after fsync; what a killed writer left lies in
// `.partial/` and is swept after a day.
std::unique_ptr<ObjectStore> open_folder(std::string folder);

} // namespace aethel::store
