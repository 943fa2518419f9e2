#!/bin/sh
# What other people's programs say of generated infrastructure, all of it, as one table.
# kit: tests/infrastructure/*.sh tools/ready/apiserver.sh tools/ready/monitoring.sh tools/ready/checkov.sh tools/ready/acme.sh
# kit: tools/workflows/rotate.sh tools/compose/application.sh tools/prove/controllers.sh tools/prove/certificates.sh
set -eu
cd -- "$(dirname -- "$0")/../.."
logs=.cache/infrastructure
mkdir -p "$logs"
failed=
skipped=
echo "$(date -u +%F), commit $(git rev-parse --short HEAD), $(nproc) cores."
echo
echo "| check | seconds | result |"
echo "|---|---|---|"
run() { # NAME COMMAND...
  name=$1
  shift
  start=$(date +%s)
  status=0
  "$@" > "$logs/$name" 2>&1 || status=$?
  case $status in
    0) result=passed ;;
    77)
      result="skipped: $(grep -o 'SKIPPED.*' "$logs/$name" | head -n 1)"
      skipped="$skipped $name"
      ;;
    *)
      result=failed
      failed="$failed $name"
      ;;
  esac
  echo "| $name | $(($(date +%s) - start)) | $result |"
}
for script in tests/infrastructure/*.sh; do
  [ "$script" = tests/infrastructure/products.sh ] || run "infrastructure.$(basename "$script" .sh)" sh "$script"
done
for script in apiserver monitoring checkov acme; do run "ready.$script" sh "tools/ready/$script.sh"; done
run rotation tools/workflows/rotate.sh examples/aethel-engine
run application tools/compose/application.sh examples/aethel-engine
for script in controllers certificates; do run "$script" sh "tools/prove/$script.sh"; done
echo
[ -z "$failed" ] || {
  for name in $failed; do
    echo "$name:"
    tail -n 20 "$logs/$name"
  done
  exit 1
}
[ -z "$skipped" ] || exit 77
