#!/usr/bin/env bash
# Releases images in one environment: configuration, migration, workloads, smoke test. When one of them fails, the last good
# release is put back as it ran. Used by deploy.yml and rollback.yml; needs kubectl (its context is the cluster), kustomize, yq.
#
#   IMAGES='<%# services %><%# first %><% name %><%/ first %><%/ services %>=REPOSITORY@sha256:...' .github/scripts/release.sh ENVIRONMENT
#
# IMAGES       one SERVICE=REPOSITORY@DIGEST a line; empty: the release before the last good one, as it ran
# MIGRATE=no   leaves the migration out (a rollback: migrations are written so that the release before still runs)
# SMOKE=no     leaves the smoke test out (where the hosts do not resolve)
# ATTESTED_BY  OWNER/REPOSITORY: roll out only what its build.yml built (needs gh with GH_TOKEN)
set -euo pipefail

environment=${1:?usage: release.sh ENVIRONMENT}
namespace=<% name %>
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

workloads() {
  cat <<'END'
<%# services %>
<%# web %>
rollouts.argoproj.io <% name %>
<%/ web %>
<%^ web %>
deployments.apps <% name %>
<%/ web %>
<%/ services %>
END
}

ready_routes() {
  case $environment in
<%# environments %>
    <% name %>)
      cat <<'END'
<%# services %>
<%# hostname %>
https://<% hostname %><% health.ready %>
<%/ hostname %>
<%/ services %>
END
      ;;
<%/ environments %>
    *) echo "there is no environment $environment" >&2; return 1 ;;
  esac
}

# Releases that were seen healthy: `images` and `manifests` of the last one, `previous` and `previousManifests` of the one before.
recorded() {
  kubectl -n "$namespace" get configmap release --ignore-not-found -o jsonpath="{.data.$1}"
}

record() {
  kubectl -n "$namespace" create configmap release --from-literal=images="$images" --from-file=manifests="$work/manifests.yaml" \
    --from-literal=previous="$good" --from-file=previousManifests="$work/good.yaml" --dry-run=client -o yaml |
    kubectl apply --server-side --force-conflicts --field-manager=release -f -
}

# Writes the environment's objects with these images: first.yaml, migration.yaml, workloads.yaml; and manifests.yaml, which brings
# the workloads back as they are now: with the ExternalSecrets whose keys they name. The ConfigMaps that they name stay in the cluster.
render() {
  rm -rf "$work/infra" && cp -R infra "$work/infra"
  (
    cd "$work/infra/k8s/overlays/$environment"
    while IFS= read -r image; do
      [ -z "$image" ] || kustomize edit set image "$image"
    done <<<"$1"
    kustomize build . >"$work/all.yaml"
  )
  local migration='.kind == "Job" and .metadata.labels."app.kubernetes.io/component" == "migration"'
  local workload='.kind == "Rollout" or .kind == "Deployment" or .kind == "StatefulSet" or .kind == "DaemonSet"'
  yq "select(($migration) | not) | select(($workload) | not)" "$work/all.yaml" >"$work/first.yaml"
  yq "select($migration)" "$work/all.yaml" >"$work/migration.yaml"
  yq "select($workload)" "$work/all.yaml" >"$work/workloads.yaml"
  yq "select(.kind == \"ExternalSecret\" or $workload)" "$work/all.yaml" >"$work/manifests.yaml"
}

apply() {
  [ ! -s "$1" ] || kubectl apply --server-side --force-conflicts --field-manager=release -f "$1"
}

# Expand, migrate, contract: the release that still runs has to work with the migrated schema too.
migrate() {
  [ -s "$work/migration.yaml" ] || return 0
  # A Job's template cannot be changed.
  kubectl -n "$namespace" delete job -l app.kubernetes.io/component=migration --ignore-not-found --wait
  apply "$work/migration.yaml"
  local deadline=$((SECONDS + 1600)) state job
  for job in $(kubectl -n "$namespace" get job -l app.kubernetes.io/component=migration -o jsonpath='{.items[*].metadata.name}'); do
    while :; do
      # A connection that was lost is no failure.
      state=$(kubectl -n "$namespace" get job "$job" -o jsonpath='{.status.conditions[?(@.status=="True")].type}') || state=
      case " $state " in
        *" Failed "*)
          # For people: the release fails with or without them.
          kubectl -n "$namespace" logs "job/$job" --all-containers --tail=100 || true
          echo "::error::migration $job failed; nothing was rolled out" >&2
          return 1
          ;;
        *" Complete "*) break ;;
      esac
      if [ "$SECONDS" -ge "$deadline" ]; then
        echo "::error::migration $job did not end" >&2
        return 1
      fi
      sleep 2
    done
  done
}

# kubectl cannot tell that a Rollout of Argo was aborted: its analysis failed, or it made no progress.
healthy_rollout() {
  local deadline=$((SECONDS + 2400)) generation observed phase abort
  while [ "$SECONDS" -lt "$deadline" ]; do
    # What one dropped connection does not say, the next round asks again.
    IFS='|' read -r generation observed phase abort < <(kubectl -n "$namespace" get rollouts.argoproj.io "$1" \
      -o jsonpath='{.metadata.generation}|{.status.observedGeneration}|{.status.phase}|{.status.abort}{"\n"}') || true
    if [ "$generation" = "$observed" ]; then
      if [ "$phase" = Healthy ]; then return 0; fi
      if [ "$phase" = Degraded ] || [ "$abort" = true ]; then
        kubectl -n "$namespace" get rollouts.argoproj.io "$1" -o jsonpath='{.status.message}{"\n"}' >&2
        return 1
      fi
    fi
    sleep 5
  done
  echo "$1 is not healthy after 40 minutes" >&2
  return 1
}

healthy() {
  local kind name
  while read -r kind name; do
    case $kind in
      rollouts.*) healthy_rollout "$name" || return 1 ;;
      *) kubectl -n "$namespace" rollout status "$kind/$name" --timeout=15m || return 1 ;;
    esac
  done < <(workloads)
}

smoke_test() {
  [ "${SMOKE:-yes}" = yes ] || return 0
  local url
  # A new host's certificate comes minutes later than its pods. What is wrong with one, curl will tell.
  kubectl -n "$namespace" wait certificates.cert-manager.io --all --for=condition=Ready --timeout=5m || true
  while IFS= read -r url; do
    echo "$url"
    curl --fail --silent --show-error --output /dev/null --max-time 10 \
      --retry 12 --retry-delay 5 --retry-all-errors "$url?verbose" || return 1
  done < <(ready_routes)
}

roll_out() { # FILE
  apply "$1" && healthy && smoke_test
}

# A release from before manifests were recorded is known by its images alone.
is_good() {
  if [ -s "$work/good.yaml" ]; then cmp -s "$work/good.yaml" "$work/manifests.yaml"; else [ "$images" = "$good" ]; fi
}

ready_routes >/dev/null
good=$(recorded images)
recorded manifests >"$work/good.yaml"
# Without blank lines, so that the same images compare as the same.
images=$(sed '/^$/d' <<<"${IMAGES:-}")
back=no
if [ -z "$images" ]; then
  images=$(recorded previous)
  recorded previousManifests >"$work/manifests.yaml"
  [ ! -s "$work/manifests.yaml" ] || back=yes
  if [ -z "$images" ]; then
    echo "::error::no earlier release is recorded in $environment: give its images" >&2
    exit 1
  fi
fi
if grep -Evx '[a-z0-9-]+=[A-Za-z0-9./:_-]+@sha256:[0-9a-f]{64}|' <<<"$images" >&2; then
  echo "::error::not SERVICE=REPOSITORY@sha256:DIGEST" >&2
  exit 1
fi
if [ -n "${ATTESTED_BY:-}" ]; then
  while IFS="=" read -r _ reference; do
    [ -z "$reference" ] || gh attestation verify "oci://$reference" --repo "$ATTESTED_BY" \
      --signer-workflow "$ATTESTED_BY/.github/workflows/build.yml"
  done <<<"$images"
fi

if [ "$back" = yes ]; then
  release=$work/manifests.yaml
else
  render "$images"
  apply "$work/first.yaml"
  [ "${MIGRATE:-yes}" = no ] || migrate
  release=$work/workloads.yaml
fi
if roll_out "$release"; then
  is_good || record
  exit 0
fi

echo "::error::the release failed in $environment" >&2
if [ -z "$good" ] || is_good; then
  echo "::error::there is no other good release to go back to" >&2
  exit 1
fi
if [ ! -s "$work/good.yaml" ]; then
  render "$good"
  cp "$work/manifests.yaml" "$work/good.yaml"
fi
if roll_out "$work/good.yaml"; then
  echo "::error::rolled back to the last good release" >&2
else
  echo "::error::the last good release does not get healthy either" >&2
fi
exit 1
