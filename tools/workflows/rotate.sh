#!/bin/sh
# Rehearses the generated .github/scripts/rotate-secrets.sh against moto's Secrets Manager, on loopback: tools/workflows/rotate.sh FOLDER
# packages: jq openssl
# kit: aws moto_server
set -u

folder=$(cd "${1:?usage: rotate.sh FOLDER}" && pwd)
KIT=$(dirname -- "$0")/../kit
. "$KIT/kit.sh"
want aws moto_server jq openssl python3 bash
port=$(free_ports 1)
work=$(mktemp -d)
moto_server -H 127.0.0.1 -p "$port" >"$work/moto.log" 2>&1 &
moto=$!
trap 'kill "$moto"; rm -rf "$work"' EXIT
mkdir "$work/bin"
# An endpoint that every version of the client understands.
client=$(command -v aws)
cat >"$work/bin/aws" <<END
#!/bin/sh
exec "$client" --endpoint-url http://127.0.0.1:$port --region us-east-1 "\$@"
END
cat >"$work/bin/kubectl" <<'END'
#!/bin/sh
echo "$*" >>"$LOG"
case "$*" in
  *refreshTime*) date +%s%N ;;
  *"get rollouts.argoproj.io web"*) echo rollout.argoproj.io/web ;;
esac
END
chmod +x "$work"/bin/*
export PATH="$work/bin:$PATH" LOG="$work/kubectl" GITHUB_OUTPUT="$work/output" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
for _ in 1 2 3 4 5 6 7 8 9 10; do
  aws secretsmanager list-secrets >/dev/null 2>&1 && break
  sleep 1
done

cd "$folder" || exit 2
script=.github/scripts/rotate-secrets.sh
product=$(sed -n 's/^product=//p' "$script")
list() { # FUNCTION
  sed -n "/^$1()/,/^}/p" "$script" | sed -n '/^  cat/,/^END/p' | grep -v -e '^  cat' -e '^END' | grep .
}
status=0
fail() {
  echo "rotate.sh: $*" >&2
  status=1
}
value() { # PATH KEY
  aws secretsmanager get-secret-value --secret-id "$product/staging/$1" --query SecretString --output text | KEY=$2 jq -r '.[env.KEY] // empty'
}

random=$(list random_secrets) supplied=$(list supplier_secrets)
[ -n "$random" ] || { echo "rotate.sh: no random secret rotates here: nothing to rehearse"; exit 0; }
# Each path with its keys, all of them a thousand days old but the first random one.
{ echo "$random"; echo "$supplied"; } | awk 'NF { print $1 }' | sort -u | while read -r path; do
  { echo "$random"; echo "$supplied"; } | PATHS=$path python3 -c '
import json, os, sys
secret = {}
for line in sys.stdin:
    words = line.split()
    if words and words[0] == os.environ["PATHS"]:
        secret[words[1]] = "old"
        secret["rotated_" + words[1]] = "2024-01-01"
print(json.dumps({**secret, "another": "kept"}))' >"$work/secret"
  aws secretsmanager create-secret --name "$product/staging/$path" --secret-string "file://$work/secret" >/dev/null
done
read -r path key _ length <<END
$random
END

: >"$GITHUB_OUTPUT"
"$script" staging >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "the script failed"; }
echo "$random" | while read -r one name _ characters; do
  new=$(value "$one" "$name")
  { [ "$new" != old ] && [ "${#new}" = "$characters" ]; } || exit 1
  ! echo "$new" | grep -q '[^A-Za-z0-9]' || exit 1
  [ "$(value "$one" "rotated_$name")" = "$(date -u +%F)" ] || exit 1
  ! grep -qF "$new" "$work/log" "$LOG" "$GITHUB_OUTPUT" || { echo "the log shows a value" >&2; exit 1; }
done || fail "a secret that was due was not replaced"
[ "$(value "$path" another)" = kept ] || fail "a key beside it was lost"
grep -q "restart" "$LOG" || fail "nothing was restarted"
[ "$(grep -c '^- \[ \]' "$GITHUB_OUTPUT")" = "$(echo "$supplied" | grep -c .)" ] || fail "not every supplied secret that is due is listed"

# Nothing is due now, but what is asked for is replaced, and nothing else.
before=$(value "$path" "$key") restarts=$(grep -c restart "$LOG")
"$script" staging >>"$work/log" 2>&1 || fail "the second run failed"
{ [ "$(value "$path" "$key")" = "$before" ] && [ "$(grep -c restart "$LOG")" = "$restarts" ]; } || fail "replaced again although not due"
NOW=$path/$key "$script" staging >>"$work/log" 2>&1 || fail "the run after a leak failed"
new=$(value "$path" "$key")
{ [ "$new" != "$before" ] && [ "${#new}" = "$length" ]; } || fail "not replaced after a leak"
! NOW=database/url "$script" staging >>"$work/log" 2>&1 || fail "a secret that is not random was replaced"
# A secret that cannot be read is neither due nor fine.
aws secretsmanager delete-secret --secret-id "$product/staging/$path" --force-delete-without-recovery >/dev/null
! "$script" staging >>"$work/log" 2>&1 || fail "a secret that is gone goes unnoticed"
[ "$status" != 0 ] || echo "rotate.sh: $(aws --version 2>&1 | cut -d " " -f 1): replaced, restarted, listed"
exit "$status"
