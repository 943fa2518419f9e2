#!/bin/sh
# stacks.sh RENDERED [terraform|tofu]: every stack of RENDERED/infra/terraform through init, validate, plan, apply and a second plan,
# with the stand-in for the provider (provider/) and the state in a scratch folder. Checks what only an apply can tell: that no
# secret is in a plan or a state, that each secret holds the keys that secrets.tf lists, that a second plan has nothing to do.
#
# kit: terraform-provider-aws tofu
# TERRAFORM: the program, where the second argument is none (terraform where it is installed, else tofu). STACKS: only these ("environments/production").
# ONLY=validate or plan: stop there. KEEP: a folder for the states as JSON and the values written.
set -eu

rendered=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
KIT=$here/../kit
. "$KIT/kit.sh"
want python3 terraform-provider-aws
provider=$(command -v terraform-provider-aws)
program=${2:-${TERRAFORM:-}}
if [ -z "$program" ]; then
  program=tofu
  if command -v terraform > /dev/null; then program=terraform; fi
fi
want "$program"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for host in registry.terraform.io registry.opentofu.org; do
  mkdir -p "$work/mirror/$host/hashicorp/aws/6.62.0/linux_amd64"
  cp "$provider" "$work/mirror/$host/hashicorp/aws/6.62.0/linux_amd64/terraform-provider-aws_v6.62.0"
done

# The schema of what the files use: Terraform reads all 1,700 types again for every command.
python3 - "$here/../../tests/oracle/aws_schema.json.gz" "$work/schema.json.gz" "$rendered/infra/terraform" <<'END'
import gzip, json, pathlib, re, sys
table, files = json.load(gzip.open(sys.argv[1])), list(pathlib.Path(sys.argv[3]).rglob("*.tf"))
used = set(re.findall(r'^(resource|data|ephemeral) "(\w+)"', "\n".join(f.read_text() for f in files), re.M))
for kind in ("resource", "data", "ephemeral"):
    table[kind] = {name: body for name, body in table[kind].items() if (kind, name) in used}
gzip.open(sys.argv[2], "wt").write(json.dumps(table))
END
export AWS_SCHEMA="$work/schema.json.gz"
export TF_CLI_CONFIG_FILE=/dev/null TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1

cp -R "$rendered/infra/terraform" "$work/terraform"

for stack in ${STACKS:-bootstrap shared environments/*}; do
  for folder in "$work"/terraform/$stack; do
    [ -d "$folder" ] || continue
    name=${folder#"$work"/terraform/}
    printf 'terraform {\n  backend "local" {}\n}\n' >"$folder/backend_override.tf"
    AWS_ACCOUNT=$(sed -n 's/.*allowed_account_ids = \["\([0-9]*\)"\].*/\1/p' "$folder/main.tf" | head -n 1)
    [ -n "$AWS_ACCOUNT" ] || unset AWS_ACCOUNT
    [ -z "${AWS_ACCOUNT-}" ] || export AWS_ACCOUNT
    export WRITTEN="$work/written"
    : >"$WRITTEN"
    (
      cd "$folder"
      "$program" init -input=false -no-color -plugin-dir="$work/mirror" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
      "$program" validate -no-color >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
      [ "${ONLY-}" != validate ] || exit 0
      "$program" plan -input=false -no-color -out=plan >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
      grep '^Plan:' "$work/log"
      [ "${ONLY-}" != plan ] || exit 0
      "$program" apply -input=false -no-color plan >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
      "$program" plan -input=false -no-color -detailed-exitcode >"$work/log" 2>&1 || { grep -v -E ': (Refreshing|Reading|Read complete|Opening|Closing)' "$work/log"; echo "$name: the second plan has something to do"; exit 1; }
      mkdir unpacked && cd unpacked && python3 -m zipfile -e ../plan . && cd ..
      if grep -rl EPHEMERAL unpacked terraform.tfstate; then
        echo "$name: a secret is in the plan or the state"
        exit 1
      fi
      "$program" show -json >state.json
    )
    [ -z "${ONLY-}" ] || continue
    python3 "$here/state_test.py" "$name" "$folder/state.json" "$WRITTEN"
    if [ -n "${KEEP-}" ]; then
      mkdir -p "$KEEP/$name"
      cp "$folder/state.json" "$KEEP/$name/state.json"
      cp "$WRITTEN" "$KEEP/$name/written"
    fi
  done
done
