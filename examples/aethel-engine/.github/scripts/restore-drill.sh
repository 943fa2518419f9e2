#!/usr/bin/env bash
# Runs one restore drill in the cluster that kubectl points at: restore-drill.sh JOB
set -euo pipefail

job=${1:?usage: restore-drill.sh JOB}
namespace=aethel
kubectl -n "$namespace" create job "$job" --from=cronjob/restore-drill
deadline=$((SECONDS + 7200))
while :; do
  state=$(kubectl -n "$namespace" get job "$job" -o jsonpath='{.status.conditions[?(@.status=="True")].type}')
  case " $state " in
    *" Complete "*) kubectl -n "$namespace" logs "job/$job" --tail=50; exit 0 ;;
    *" Failed "*) break ;;
  esac
  if [ "$SECONDS" -ge "$deadline" ]; then
    echo "::error::the drill did not end in two hours" >&2
    break
  fi
  sleep 10
done
kubectl -n "$namespace" logs "job/$job" --all-containers --tail=200 || true
exit 1
