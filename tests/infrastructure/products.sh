# shellcheck shell=sh
# Products for the checks of this folder and of tools/ready, sourced by them from the repository's root; AETHEL is the built program.
#
#   products      writes what `aethel generate` makes of each aethel.yaml here, and the committed example, to $work/NAME
#   check WHAT COMMAND...     runs it and remembers a failure (1) or a skip (77)
#   finish        ends the script accordingly
KIT=${KIT:-$PWD/tools/kit}
# shellcheck source=tools/kit/kit.sh
. "$KIT/kit.sh"
# Under `./dev ready` it is the release.
AETHEL=${AETHEL:-$PWD/build/release/src/aethel}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=
skipped=

products() {
  mkdir "$work/aethel-engine"
  cp -R examples/aethel-engine/. "$work/aethel-engine"
  for page in tests/infrastructure/*/aethel.yaml; do
    name=$(basename "$(dirname "$page")")
    mkdir "$work/$name"
    cp "$page" "$work/$name"
    "$AETHEL" generate "$work/$name" > "$work/log" || {
      cat "$work/log"
      exit 1
    }
  done
  products=$(cd "$work" && printf '%s ' */)
}

check() { # WHAT COMMAND...
  what=$1
  shift
  status=0
  "$@" || status=$?
  case $status in
    0) ;;
    77) skipped="$skipped, $what" ;;
    *)
      echo "FAILED: $what"
      failed="$failed, $what"
      ;;
  esac
}

finish() {
  [ -z "$failed" ] || exit 1
  [ -z "$skipped" ] || {
    echo "SKIPPED: ${skipped#, }"
    exit 77
  }
}

# Each overlay of each product, as one cluster gets it, to $work/manifests.
manifests() {
  want kubectl
  mkdir "$work/manifests"
  for product in $products; do
    for overlay in "$work/$product"infra/k8s/overlays/*/ "$work/$product"infra/monitoring/overlays/*/; do
      kind=$(basename "$(dirname "$(dirname "$overlay")")")
      out=$work/manifests/${product%/}-$kind-$(basename "$overlay").yaml
      # A deprecation is a warning on standard error and an error here.
      kubectl kustomize "$overlay" > "$out" 2> "$work/log" || failed="$failed, $overlay"
      if [ -s "$work/log" ]; then
        cat "$work/log"
        failed="$failed, $overlay"
      fi
    done
  done
}
