// Patterns over paths and names, as people write them in aethel.yaml.
#pragma once

#include <string>
#include <string_view>

namespace aethel {

// `*` and `?` stay within one part of a path, `**` as a whole part stands for any number of
// parts (none as well, except at the end: `a/**` is what lies below `a`). `[a-z]`, `[!a]`
// and `[^a]` are classes; a `[` that nothing closes is itself. `\` takes away the meaning
// of what follows. `?` and classes take one character of UTF-8, or one byte that is none.
bool glob_match(std::string_view pattern, std::string_view text);

// Whether `pattern` names `path` or a directory above it. Always from the root of the
// repository: `a.yml` is the file at the root and `**/a.yml` the file anywhere. (In a
// .gitignore the first would be the second. There a pattern too many costs nothing; here it
// would hide a finding of a file that its author did not think of.) Leading "./" and "/" and
// a trailing "/" are allowed.
bool path_covered(std::string_view pattern, std::string_view path);

// A pattern that matches `text` and nothing else.
std::string escape_glob(std::string_view text);

} // namespace aethel
