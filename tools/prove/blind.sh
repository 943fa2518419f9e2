#!/bin/sh
# blind mutation: 300 renamed words in four trees, and which of them an audit sees
# packages: python3 git
#
# Two of the trees are public; AETHEL_BLIND_TREES names the folder of their checkouts:
#   git clone https://github.com/getsentry/self-hosted && git -C self-hosted checkout 89a143f8e4d396a858cf6f462a832ae7da9fd2db
#   git clone https://github.com/fastapi/full-stack-fastapi-template && git -C full-stack-fastapi-template checkout 68adb40d37425f6f8668ec7e5a054500d045e43e
# Without them the two examples alone are tried, and nothing is written down.
set -eu
: "${AETHEL:?is the built program}"

trees=${AETHEL_BLIND_TREES:-}
for name in self-hosted full-stack-fastapi-template; do
  if [ -z "$trees" ] || [ ! -d "$trees/$name" ]; then
    echo "SKIPPED the public trees: no $name below AETHEL_BLIND_TREES; tools/prove/blind.sh says which checkouts" >&2
    exec python3 tests/blind/mutate.py --aethel "$AETHEL" --count 150 --judged tests/blind/judged.tsv \
      shop=examples/shop aethel-engine=examples/aethel-engine
  fi
done
exec python3 tests/blind/mutate.py --aethel "$AETHEL" --judged tests/blind/judged.tsv --results tests/blind/results.tsv \
  --document docs/blind-mutation.md shop=examples/shop aethel-engine=examples/aethel-engine \
  self-hosted="$trees/self-hosted" full-stack-fastapi-template="$trees/full-stack-fastapi-template"
