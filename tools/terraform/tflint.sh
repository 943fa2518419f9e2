#!/bin/sh
# tflint.sh RENDERED: tflint with all rules of its Terraform ruleset, as RENDERED/infra/terraform/.tflint.hcl says.
# kit: tflint
set -eu
KIT=$(dirname -- "$0")/../kit
. "$KIT/kit.sh"
want tflint
cd "$1/infra/terraform"
tflint --recursive --config="$PWD/.tflint.hcl"
