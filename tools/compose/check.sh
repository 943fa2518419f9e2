#!/bin/sh
# Checks the generated compose file, nginx configuration and Dockerfiles: tools/compose/check.sh FOLDER, the folder being a rendered tree.
# compose's own loader (tools/compose-oracle), nginx -t with test certificates, shellcheck, hadolint.
# packages: nginx-light openssl
# kit: compose-oracle shellcheck hadolint
set -u
KIT=$(cd "$(dirname "$0")/../kit" && pwd)
. "$KIT/kit.sh"
. "$KIT/support.sh"
folder=${1:?usage: check.sh FOLDER}
want compose-oracle nginx openssl shellcheck hadolint python3
status=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$folder" || exit 2

fail() {
  echo "$*" >&2
  status=1
}

# The example names every variable, without a value, and no other.
sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p' .env.production.example | sort >"$work/named"
grep -v '^ *#' compose.production.yaml | grep -oE '(^|[^$])[$][{][A-Za-z_0-9]+:[?]' | sed 's/.*{//; s/:?//' | sort -u >"$work/required"
diff "$work/named" "$work/required" >&2 || fail "the example (<) and the required variables (>) differ"
! grep -nE '^[A-Za-z_]+=.' .env.production.example >&2 || fail "the example holds a value"

sed 's/=$/=value/' .env.production.example >"$work/env"
load() {
  compose-oracle -f compose.production.yaml --env-file "$1"
}
load "$work/env" >"$work/model.json" || { cat "$work/model.json" >&2; fail "compose refuses the file"; }
# Each variable is required: without any one of them nothing starts.
while IFS= read -r name; do
  grep -v "^$name=" "$work/env" >"$work/less"
  ! load "$work/less" >"$work/less.json" 2>&1 || fail "starts without $name"
done <"$work/named"
python3 - "$work/model.json" <<'END' || status=1
import json, sys
model = json.load(open(sys.argv[1]))
bad = []
for name, s in model["services"].items():
    if s.get("ports") and name != "nginx": bad.append(f"{name} publishes a port")
    if sorted(p["published"] for p in s.get("ports", [])) not in ([], ["443", "80"]): bad.append(f"{name} publishes other ports than 80 and 443")
    if not s.get("read_only"): bad.append(f"{name}: its root file system can be written")
    if s.get("cap_drop") != ["ALL"] or "no-new-privileges:true" not in s.get("security_opt", []): bad.append(f"{name}: keeps rights")
    if not s.get("deploy", {}).get("resources", {}).get("limits", {}).get("memory"): bad.append(f"{name}: no limit of memory")
    if not s.get("logging", {}).get("options", {}).get("max-size"): bad.append(f"{name}: its log can fill the disk")
    if any(model["networks"][n].get("internal") for n in s.get("networks", {})) and name == "nginx": bad.append("nginx reaches a store")
    if s.get("privileged") or s.get("network_mode") or any("docker.sock" in str(v) for v in s.get("volumes", [])): bad.append(f"{name}: has the machine")
print("\n".join(bad), end="\n" if bad else "", file=sys.stderr)
sys.exit(bool(bad))
END

# The same files under a prefix, with a test certificate. Nothing else is changed, but for what an nginx older than 1.25.1 does not know.
mkdir -p "$work/nginx/run" "$work/nginx/certificates"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test \
  -keyout "$work/nginx/certificates/privkey.pem" -out "$work/nginx/certificates/fullchain.pem" 2>/dev/null
for file in nginx.conf sites.conf; do
  sed -e "s#/etc/letsencrypt/live/[^/]*/#$work/nginx/certificates/#" -e "s#/run/nginx#$work/nginx/run/nginx#" "deploy/nginx/$file" >"$work/nginx/$file"
done
nginx_as_here "$work/nginx/sites.conf"
nginx -t -q -p "$work/nginx" -c "$work/nginx/nginx.conf" || fail "nginx refuses the configuration that a start without certificate has"
mkdir -p "$work/nginx/run/nginx" && cp "$work/nginx/sites.conf" "$work/nginx/run/nginx/"
nginx -t -q -p "$work/nginx" -c "$work/nginx/nginx.conf" || fail "nginx refuses the configuration that it has with a certificate"

shellcheck deploy/*/*.sh || status=1

files=$(find . -name Dockerfile -not -path '*/node_modules/*')
if [ -n "$files" ]; then
  # shellcheck disable=SC2086 # names without blanks
  hadolint $files || status=1
fi
exit "$status"
