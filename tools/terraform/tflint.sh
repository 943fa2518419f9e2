#!/bin/sh
# tflint.sh RENDERED: tflint with all rules of its Terraform ruleset, as RENDERED/infra/terraform/.tflint.hcl says.
set -eu
program=${TFLINT:-tflint}
command -v "$program" >/dev/null || { echo "SKIPPED: $program is not installed (go build github.com/terraform-linters/tflint@v0.64.0)" >&2; exit 77; }
cd "$1/infra/terraform"
"$program" --recursive --config="$PWD/.tflint.hcl"
