#!/usr/bin/env bash
# Runs one restore drill in the cluster that kubectl points at: restore-drill.sh JOB
set -euo pipefail

job=${1:?usage: restore-drill.sh JOB}
namespace=aethel
kubectl -n "$namespace" create job "$job" --from=cronjob/restore-drill
# Within the two hours of the workflow's credentials.
deadline=$((SECONDS + 6600))
while :; do
  # A connection that was lost is no failure.
  state=$(kubectl -n "$namespace" get job "$job" -o jsonpath='{.status.conditions[?(@.status=="True")].type}') || state=
  case " $state " in
    *" Complete "*) kubectl -n "$namespace" logs "job/$job" --tail=50; exit 0 ;;
    *" Failed "*) break ;;
  esac
  if [ "$SECONDS" -ge "$deadline" ]; then
    echo "::error::the drill did not end in 110 minutes" >&2
    break
  fi
  sleep 10
done
# For people: it has failed with or without them.
kubectl -n "$namespace" logs "job/$job" --all-containers --tail=200 || true
exit 1
