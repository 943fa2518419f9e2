#!/bin/sh
# fmt.sh RENDERED [terraform|tofu]: what is generated is formatted as Terraform formats.
set -eu
program=${2:-${TERRAFORM:-terraform}}
command -v "$program" >/dev/null || { echo "SKIPPED: $program is not installed" >&2; exit 77; }
TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1 "$program" fmt -check -diff -recursive "$1/infra/terraform"
