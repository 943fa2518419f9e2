#!/bin/sh
# docs/serve.md has a line for each series of aetheld, with what the catalogue says of it, and none for others.
set -eu
cd -- "$(dirname -- "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk -F '\t' '
  /^#/ || $4 != "aetheld" { next }
  {
    count = split($3, labels, " ")
    text = ""
    for (i = 1; i <= count; ++i) text = text (i > 1 ? " " : "") "`" labels[i] "`"
    print "| `" $1 "` | " $2 " | " text " | " $5 " |"
  }' src/knowledge/metrics.tsv > "$work/catalogue"
[ -s "$work/catalogue" ] || {
  echo "src/knowledge/metrics.tsv has no series of aetheld"
  exit 1
}
# The section's rows, whatever they name: all but the table's head.
awk '/^## / { inside = $0 == "## Metrics" } inside && /^\|/ && !/^\| series / && !/^\|-/' docs/serve.md > "$work/page"
diff "$work/catalogue" "$work/page" || {
  echo "docs/serve.md, \"Metrics\": < is of src/knowledge/metrics.tsv, > of the page"
  exit 1
}
