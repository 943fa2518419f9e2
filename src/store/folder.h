// Objects as files of a folder: the default, and what a test or a laptop has.
#pragma once

#include "store/object_store.h"

#include <memory>
#include <string>

namespace aethel::store {

// Makes the folder, for its owner alone, when it is absent. Files are written beside and given
// their name at the end, after fsync; what a killed writer left lies in `.partial/` and is swept
// after a day.
StoreResult<std::unique_ptr<ObjectStore>> open_folder(std::string folder);

} // namespace aethel::store
