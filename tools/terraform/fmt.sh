#!/bin/sh
# fmt.sh RENDERED [terraform|tofu]: what is generated is formatted as Terraform formats.
# kit: tofu
set -eu
KIT=$(dirname -- "$0")/../kit
. "$KIT/kit.sh"
program=${2:-${TERRAFORM:-}}
if [ -z "$program" ]; then
  program=tofu
  if command -v terraform > /dev/null; then program=terraform; fi
fi
want "$program"
TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1 "$program" fmt -check -diff -recursive "$1/infra/terraform"
