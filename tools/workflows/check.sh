#!/bin/sh
# Checks generated workflows: tools/workflows/check.sh FOLDER, the folder being a rendered tree.
# actionlint (with shellcheck), shellcheck on the scripts, zizmor, and every pin against src/knowledge/actions.tsv.
# kit: actionlint zizmor shellcheck
set -u
KIT=$(cd "$(dirname "$0")/../kit" && pwd)
. "$KIT/kit.sh"
want actionlint zizmor shellcheck git

folder=${1:?usage: check.sh FOLDER}
root=$(cd "$(dirname "$0")/../.." && pwd)
status=0

run() {
  echo "+ $*"
  "$@" || status=1
}

# A repository of its own, so that actionlint compares calls of workflows with what those declare.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$folder/.github" "$work/" || exit 2
cd "$work" && git init -q . || exit 2
run shellcheck .github/scripts/*.sh
run actionlint -shellcheck="$(command -v shellcheck)"
# Offline: the online audits ask GitHub.
run zizmor --offline --no-progress --quiet .

# Only commits that the table knows, each with the version that it names.
pins=$(sed -n 's/^.*uses: \([^$.][^ ]*\)@\([^ ]*\)\( # \(.*\)\)\{0,1\}$/\1	\4	\2/p' .github/workflows/*.yml | sort -u)
known=$(grep -v '^#' "$root/src/knowledge/actions.tsv" | cut -f 1-3)
[ -n "$pins" ] || { echo "no pinned action was found" >&2; status=1; }
echo "$pins" | while IFS= read -r pin; do
  echo "$known" | grep -qxF "$pin" || { echo "not in src/knowledge/actions.tsv: $pin" >&2; exit 1; }
done || status=1

# What no linter asks for.
for file in .github/workflows/*.yml; do
  grep -qx 'permissions: {}' "$file" || { echo "$file: no empty permissions at the top" >&2; status=1; }
  ! grep -nE 'AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|\|\| true$' "$file" >&2 || { echo "$file: a static key or a swallowed failure" >&2; status=1; }
  # An interpolation inside of a script would run what a stranger wrote.
  awk '/^ +run: \|/ { match($0, /^ +/); depth = RLENGTH; inside = 1; next }
       inside && /[^ ]/ { match($0, /^ */); if (RLENGTH <= depth) inside = 0 }
       inside && /\$\{\{/ { print FILENAME ":" FNR ": " $0; bad = 1 }
       END { exit bad }' "$file" >&2 || status=1
  scripts=$(grep -c 'run: |' "$file") strict=$(grep -c 'set -euo pipefail' "$file")
  [ "$scripts" = "$strict" ] || { echo "$file: a script without set -euo pipefail" >&2; status=1; }
  ! grep -n '^ *run: [^|]' "$file" >&2 || status=1
done

exit "$status"
