#!/bin/sh
# Workflows against actionlint: its own test data, and its verdict on public workflows.
# packages: git python3
# kit: actionlint
#
# The clone lies in .cache/actionlint and is made once; ACTIONLINT_SOURCE names one that is there already (a work tree). WORKFLOW_TREES
# names a folder of repositories whose workflows are compared, too.
set -eu
cd -- "$(dirname -- "$0")/../.."
: "${AETHEL:?is the built program}"
commit=011a6d15e749bb3f2d771eed9c7aa0e7e3e10ee7 # 1.7.12 and ten commits, 2026-04-19
source=${ACTIONLINT_SOURCE:-.cache/actionlint}
if [ ! -d "$source/testdata" ]; then
  git init -q "$source"
  git -C "$source" fetch -q --depth 1 https://github.com/rhysd/actionlint "$commit"
  git -C "$source" checkout -q FETCH_HEAD
fi
. tools/kit/kit.sh
want actionlint python3
exec python3 tools/prove/workflows.py "$AETHEL" "$source/testdata" ${WORKFLOW_TREES:+"$WORKFLOW_TREES"}
