#!/usr/bin/env bash
# Plans one environment: terraform-plan.sh ENVIRONMENT PLANFILE [DIGEST]. Outputs `changes` (true, false) and `digest` of the plan
# as text; with DIGEST, fails unless the plan still is that one. Without DIGEST nothing is locked, as nothing is written.
set -euo pipefail

environment=${1:?usage: terraform-plan.sh ENVIRONMENT PLANFILE [DIGEST]} plan=${2:?} approved=${3:-}
stack=infra/terraform/environments/$environment
lock=false
[ -z "$approved" ] || lock=true

terraform -chdir="$stack" init -input=false -lockfile=readonly
terraform -chdir="$stack" validate
status=0
terraform -chdir="$stack" plan -input=false -lock="$lock" -detailed-exitcode -out="$plan" >/dev/null || status=$?
case $status in
  0) changes=false ;;
  2) changes=true ;;
  *) exit "$status" ;;
esac
text=$(terraform -chdir="$stack" show -no-color "$plan")
digest=$(sha256sum <<<"$text" | cut -d ' ' -f 1)
echo "$text"
if [ -n "$approved" ] && [ "$approved" != "$digest" ]; then
  echo "::error::the plan of $environment is not the one that was approved: run the workflow again" >&2
  exit 1
fi
{
  echo "changes=$changes"
  echo "digest=$digest"
} >>"$GITHUB_OUTPUT"
{
  echo "### $environment"
  echo '```'
  head -c 500000 <<<"$text"
  echo '```'
} >>"$GITHUB_STEP_SUMMARY"
