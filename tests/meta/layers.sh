#!/bin/sh
# Every include respects the layers of ARCHITECTURE.md, and heavy headers stay inside one module.
set -eu
root=${1:-$(dirname -- "$0")/../..}
cd -- "$root"

find src '(' -name '*.cc' -o -name '*.h' ')' -exec \
  awk -v test="$0" '
  BEGIN {
    # What a module may include beside itself.
    may["base"] = ""
    may["knowledge"] = "base"
    may["syntax"] = "base knowledge"
    may["config"] = "base knowledge syntax"
    may["model"] = "base knowledge syntax"
    may["front"] = "base knowledge syntax model"
    may["link"] = "base knowledge syntax config model front"
    may["generate"] = "base knowledge syntax config model front link"
    may["store"] = "base"
    may["backup"] = "base store config knowledge"
    may["http"] = "base"
    may["platform"] = "base store backup http config knowledge"
    may["commands"] = "base knowledge syntax config model front link generate store backup http platform"
    may["daemon"] = "base knowledge config store backup http platform"
    may["main"] = "commands daemon"

    # Heavy headers: the module whose sources include them. JSON is written at both edges: reports
    # and what commands print.
    heavy["yaml.h"] = "syntax"
    heavy["tree_sitter/"] = "syntax"
    heavy["re2/"] = "syntax"
    heavy["simdjson.h"] = "syntax"
    heavy["CLI/"] = "commands daemon"
    heavy["nlohmann/"] = "link commands backup platform daemon"
    heavy["mustache.hpp"] = "generate"
    heavy["boost/"] = "http"
    heavy["openssl/"] = "http store"
    heavy["libpq-fe.h"] = "backup"
    heavy["curl/"] = "store"
    heavy["expat.h"] = "store"
    heavy["zstd.h"] = "backup"
    heavy["sodium.h"] = "backup"
    heavy["spdlog/"] = "base"
  }
  function wrong(text) {
    print FILENAME ":" FNR ": " text
    bad = 1
  }
  FNR == 1 {
    module = FILENAME
    sub(/^src\//, "", module)
    if (!sub(/\/.*/, "", module)) module = "main"
    header = FILENAME ~ /\.h$/
    if (!(module in may)) wrong("src/" module " has no place in the layers; give it one in " test)
  }
  /^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, parts, "\"")
    from = parts[2]
    if (!sub(/\/.*/, "", from) || !(from in may)) {
      wrong("\"" parts[2] "\" is not of the form \"layer/...\"")
    } else if (from != module && index(" " may[module] " ", " " from " ") == 0) {
      wrong(module " may include " (may[module] == "" ? "nothing but itself" : may[module]) ", not " from)
    }
  }
  /^[ \t]*#[ \t]*include[ \t]*</ {
    name = $0
    sub(/^[^<]*</, "", name)
    sub(/>.*/, "", name)
    for (prefix in heavy)
      if (index(name, prefix) == 1) {
        # A header of declarations alone is made for headers.
        if (header && name != "nlohmann/json_fwd.hpp") wrong("<" name "> is heavy: sources of " heavy[prefix] " include it, no header does")
        else if (index(" " heavy[prefix] " ", " " module " ") == 0) wrong("<" name "> belongs to " heavy[prefix] ", not to " module)
      }
  }
  END { exit bad }
  ' {} +
echo "layers hold"
