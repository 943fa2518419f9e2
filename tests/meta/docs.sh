#!/bin/sh
# Links between pages lead somewhere; a page and its Portuguese twin have the same shape.
set -eu
cd -- "$(dirname -- "$0")/../.."
bad=0

# Templates are pages of another repository.
pages=$(find . -name '*.md' ! -path './build/*' ! -path './.cache/*' ! -path './.git/*' ! -path './tests/seed/*' ! -path './templates/*/*' | sort)
IFS='
'
for page in $pages; do
  folder=$(dirname "$page")
  # Code blocks may show links that are no links.
  for target in $(awk '/^```/ { code = !code } !code' "$page" | grep -oE '\]\([^)# ]+' | cut -c 3- | grep -v : | sort -u || true); do
    [ -e "$folder/$target" ] || {
      echo "$page: no $target"
      bad=1
    }
  done
done

shape() { # headings by depth, rows of tables, code blocks
  awk '/^```/ { code = !code; print "code"; next }
       code { next }
       /^#+ / { print $1 }
       /^\|/ { print "row" }' "$1"
}
for twin in $(printf '%s\n' "$pages" | grep '\.pt-BR\.md$' || true); do
  page=${twin%.pt-BR.md}.md
  [ -f "$page" ] || continue
  [ "$(shape "$page")" = "$(shape "$twin")" ] || {
    echo "$twin has not the headings, tables and code blocks of $page, in their order"
    bad=1
  }
done
exit $bad
