#!/bin/sh
# `aethel init` on a disk: the list of what is needed, answers, and that what it writes can be generated from.
set -eu
cd -- "$(dirname -- "$0")/../.."
: "${AETHEL:?is the built program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "init: $*"
  cat "$work/out" "$work/err" 2> /dev/null || true
  exit 1
}
run() { # EXPECTED ARGUMENT...
  expected=$1
  shift
  status=0
  "$AETHEL" "$@" --lang en < /dev/null > "$work/out" 2> "$work/err" || status=$?
  [ "$status" -eq "$expected" ] || fail "exit $status instead of $expected: $*"
}
says() { grep -qF -e "$1" "$work/out" "$work/err" || fail "no \"$1\""; }

repository=$work/repository
cp -r tests/seed/aethel-engine "$repository"
run 1 init "$repository"
for key in product.repository product.email cloud.zone environments.production.hosts.web; do says "$key"; done
[ ! -e "$repository/aethel.yaml" ] || fail "something is written with gaps"

cat > "$work/answers" << 'END'
product: {repository: acme/engine, registry: ghcr.io/acme, email: ops@shop-engine.dev}
cloud: {account: "123456789012", region: eu-west-1, zone: shop-engine.dev}
environments.production.hosts: {web: shop-engine.dev, runtime: rt.shop-engine.dev, grafana: grafana.shop-engine.dev}
END
printf 'product: [\n' > "$work/broken"
run 2 init --answers "$work/broken" "$repository"
run 2 init --answers "$work/nowhere" "$repository"
run 0 init --answers "$work/answers" "$repository"
run 2 init --answers "$work/answers" "$repository"
says "has a product already"
run 0 generate "$repository"
run 0 generate --check "$repository"
says "yours, kept"
run 0 generate --adopt .github "$repository"
says "adopted"
says "yours, replaced, kept        docker-compose.prod.yml"
# Of what is generated, nothing is found wrong; the pipelines that were there stay as they were.
for old in cd-deploy cloud-web-app main; do rm "$repository/.github/workflows/$old.yml"; done
run 1 audit -v "$repository"
! grep -E -e '--> (compose.production.yaml|infra/|deploy/|\.github/|\.aethel/)' "$work/out" || fail "findings in generated files"
# Secrets never where Git would take them.
echo .env.production > "$repository/.gitignore"
run 0 generate --env-file "$repository"
says "fill in OPENAI_API_KEY"
[ "$(stat -c %a "$repository/.env.production")" = 600 ] || fail "others may read .env.production"
