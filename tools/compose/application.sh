#!/bin/sh
# The skeleton of the Aethel Engine's application as compose.production.yaml runs it, without containers: tools/compose/application.sh FOLDER
#
# A real PostgreSQL and Valkey, in namespaces of its own, with the names and the environment that the compose file gives; migrations, both
# services, every health route, metrics, a signed webhook, a WebSocket, and the end by SIGTERM. FOLDER: a rendered tree with the skeleton.
# Needs root; exit status 77 where something is absent.
# packages: postgresql redis-server curl openssl iproute2 util-linux
# kit: compose-oracle node
set -u
KIT=$(cd "$(dirname "$0")/../kit" && pwd)
. "$KIT/kit.sh"
. "$KIT/support.sh"

folder=$(cd "${1:?usage: application.sh FOLDER}" && pwd)

skip() {
  echo "SKIPPED: $*: the application was not run" >&2
  exit 77
}

want node npm compose-oracle curl openssl python3 setpriv
want_postgres
valkey=$(command -v valkey-server || command -v redis-server) || skip "valkey-server is not here"
[ "$(id -u)" = 0 ] || skip "only root can make namespaces"

if [ "${AETHEL_UNSHARED:-}" != yes ]; then
  unshare --mount --net --pid --fork true 2>/dev/null || skip "no namespaces here"
  # Dependencies while there is a network still.
  AETHEL_WORK=$(mktemp -d)
  cp -R "$folder/web" "$AETHEL_WORK/web" && (cd "$AETHEL_WORK/web" && npm ci --no-audit --no-fund --silent) || exit 1
  export AETHEL_WORK
  AETHEL_UNSHARED=yes unshare --mount --net --pid --fork --kill-child --mount-proc sh "$0" "$@"
  status=$?
  rm -rf "$AETHEL_WORK"
  exit "$status"
fi

work=$AETHEL_WORK
# The program itself: signals end at a wrapper, such as PyPI's.
mkdir "$work/bin" && ln -s "$(node -p process.execPath)" "$work/bin/node"
PATH=$work/bin:$PATH
fail() {
  echo "application.sh: $*" >&2
  for log in "$work"/*.log; do
    echo "--- ${log##*/}" >&2
    tail -n 20 "$log" >&2
  done
  exit 1
}

ip link set lo up
echo "127.0.0.1 localhost database redis web runtime" >"$work/hosts"
mount --bind "$work/hosts" /etc/hosts

# What a person fills in, and what `aethel generate --env-file` writes.
password=$(openssl rand -hex 16) owner=$(openssl rand -hex 16) cache=$(openssl rand -hex 16)
sed -e "s#^POSTGRES_PASSWORD=#&$password#; s#^DATABASE_OWNER_PASSWORD=#&$owner#; s#^VALKEY_PASSWORD=#&$cache#" \
  -e "s#^DATABASE_URL=#&postgresql://aethel:$owner@database:5432/aethel#; s#^REDIS_URL=#&redis://:$cache@redis:6379#" \
  -e "s#=\$#=a-value-of-no-meaning#" "$folder/.env.production.example" >"$work/env"
(cd "$folder" && compose-oracle -f compose.production.yaml --env-file "$work/env") >"$work/model.json" || fail "compose refuses the file"
# run MODEL SERVICE COMMAND...: with the environment that compose gives, and no other. A program, so that $! is its process.
cat >"$work/run" <<'END'
import json, os, sys
environment = json.load(open(sys.argv[1]))["services"][sys.argv[2]]["environment"]
os.execvpe(sys.argv[3], sys.argv[3:], {**environment, "PATH": os.environ["PATH"]})
END

mkdir "$work/data" && chown 65534:65534 "$work/data" && chmod 711 "$work"
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
printf %s "$password" >"$work/password" && chmod 644 "$work/password"
as_nobody initdb -D "$work/data" -U postgres -A scram-sha-256 --pwfile="$work/password" --no-sync >"$work/initdb.log" 2>&1 || fail "initdb"
as_nobody postgres -D "$work/data" -c listen_addresses=127.0.0.1 -c unix_socket_directories='' >"$work/postgres.log" 2>&1 &
query() { PGPASSWORD=$password psql -h 127.0.0.1 -U postgres -At "$@"; }
within 20 query -d postgres -c 'CREATE DATABASE aethel' || fail "PostgreSQL did not start"
# As the image does once, with a database that is there and the environment that compose gives.
python3 "$work/run" "$work/model.json" database env PGHOST=127.0.0.1 PGPASSWORD="$password" sh "$folder/deploy/postgres/owner.sh" >"$work/owner.log" 2>&1 ||
  fail "no owner of the database"
[ "$(query -d postgres -c "SELECT rolsuper FROM pg_roles WHERE rolname = 'aethel'")" = f ] || fail "services log in as a superuser"
# The cache by the command of the compose file, and both stores' health checks.
python3 - "$work/model.json" "$work" <<'END' || fail "no stores in the compose file"
import json, shlex, sys
services = json.load(open(sys.argv[1]))["services"]
for kind in ("valkey", "postgres"):
    name, service = next((n, s) for n, s in services.items() if kind in s["image"])
    test = service["healthcheck"]["test"]
    command = test[1] if test[0] == "CMD-SHELL" else shlex.join(test[1:])
    open(f"{sys.argv[2]}/{kind}-health", "w").write(command.replace("$$", "$") + "\n")
    open(f"{sys.argv[2]}/{kind}-name", "w").write(name)
    if kind == "valkey": open(f"{sys.argv[2]}/valkey-start", "w").write(service["command"][-1].replace("$$", "$"))
END
mount -t tmpfs none /mnt && cd /mnt || exit 1
sed "s#/tmp/valkey.conf#$work/valkey.conf#; s#exec valkey-server#exec $valkey#" "$work/valkey-start" >"$work/valkey-command"
python3 "$work/run" "$work/model.json" "$(cat "$work/valkey-name")" sh -ceu "$(cat "$work/valkey-command")" >"$work/valkey.log" 2>&1 &
valkey=$!
for kind in postgres valkey; do
  tool=$(cut -d ' ' -f 1 "$work/$kind-health" | grep pg_isready || echo valkey-cli)
  if command -v "$tool" >/dev/null; then
    within 10 python3 "$work/run" "$work/model.json" "$(cat "$work/$kind-name")" sh -c "$(cat "$work/$kind-health")" || fail "$kind is not healthy by its own check"
  fi
done

cd "$work/web" || exit 1
NEXT_PUBLIC_APP_URL=https://aethel.dev NEXT_PUBLIC_RUNTIME_URL=wss://rt.aethel.dev node build.mjs || fail "the build"
npm test >"$work/test.log" 2>&1 || fail "unit tests"
python3 "$work/run" "$work/model.json" migrate-web node migrate.mjs >"$work/migrate.log" 2>&1 || fail "migrations"
python3 "$work/run" "$work/model.json" migrate-web node migrate.mjs >"$work/again.log" 2>&1 || fail "migrations a second time"
{ [ -s "$work/migrate.log" ] && [ ! -s "$work/again.log" ]; } || fail "a migration was applied twice, or none was"

python3 "$work/run" "$work/model.json" runtime node runtime.mjs >"$work/runtime.log" 2>&1 &
runtime=$!
python3 "$work/run" "$work/model.json" web node server.mjs >"$work/web.log" 2>&1 &
web=$!
is() { # STATUS URL
  [ "$(curl -s -o "$work/answer" -w '%{http_code}' "$2")" = "$1" ]
}
health=http://web:3000/api/health
for url in $health/startup $health/live $health/ready http://runtime:3001/startupz http://runtime:3001/livez http://runtime:3001/readyz; do
  within 15 is 200 "$url" || fail "$url is not 200"
done
all_pass() { is 200 "$health/ready?verbose" && grep -q '"status":"pass","checks"' "$work/answer"; }
within 15 all_pass || fail "not every dependency passes: $(cat "$work/answer")"
for check in database redis runtime; do grep -q "\"$check\":\[{\"status\":\"pass\"}\]" "$work/answer" || fail "no check of $check"; done
curl -s http://web:3000/ | grep -q '"runtimeUrl":"wss://rt.aethel.dev"' || fail "the page does not know the runtime"

# A webhook: stored once, whatever is repeated; refused with another signature.
body='{"id":"evt_1","type":"invoice.paid","data":{"object":{"amount_paid":1500,"metadata":{"plan":"studio"}}}}' now=$(date +%s)
signature=$(printf '%s.%s' "$now" "$body" | openssl dgst -sha256 -hmac a-value-of-no-meaning -r | cut -d ' ' -f 1)
webhook() { curl -s -o /dev/null -w '%{http_code}' -X POST http://web:3000/api/stripe/webhook -H "stripe-signature: t=$now,v1=$1" -d "$body"; }
[ "$(webhook "$signature")$(webhook "$signature")$(webhook 00)" = 200200400 ] || fail "webhooks"
[ "$(query -d aethel -c 'SELECT count(*) FROM webhook_events')" = 1 ] || fail "an event was not stored once"

# A player: by token, from the right origin only.
cat >client.mjs <<'END'
import { WebSocket } from 'ws';
import { sign } from './lib/session.mjs';
const open = (origin, token) => new Promise((done) => {
  const socket = new WebSocket('ws://runtime:3001/', { origin, headers: { authorization: `Bearer ${token}` } });
  socket.on('open', () => socket.send('{"project": 1}'));
  socket.on('message', (text) => done({ text: String(text), socket }));
  socket.on('unexpected-response', (_, response) => done({ text: response.statusCode }));
  socket.on('error', () => {});
});
const { text, socket } = await open(process.env.NEXTAUTH_URL, sign('1'));
console.log(text, (await open('https://other.test', sign('1'))).text, (await open(process.env.NEXTAUTH_URL, 'no')).text);
socket.on('close', (code) => { console.log(code); process.exit(0); });
END
python3 "$work/run" "$work/model.json" web node client.mjs >"$work/client.log" 2>&1 &
client=$!
answered() { grep -qx '{"error":"not found"} 403 401' "$work/client.log"; }
within 10 answered || fail "the WebSocket"

curl -s $health/metrics >"$work/metrics" && curl -s http://runtime:3001/metrics >>"$work/metrics"
for series in 'http_requests_total{method="GET",route="/api/health/ready",status="200"} ' 'http_request_duration_seconds_bucket{method="GET",route="/",le="+Inf"} 1' \
  'ai_api_requests_total{provider="openai"} 0' 'ai_api_errors_total{provider="openai"} 0' 'stripe_webhook_events_total 2' 'stripe_webhook_failures_total 1' \
  'billing_revenue_dollars_total{plan="studio"} 15' 'billing_active_subscriptions{plan="studio"} 0' 'websocket_connections '; do
  grep -qF "$series" "$work/metrics" || fail "no series $series"
done
if command -v promtool >/dev/null; then
  curl -s $health/metrics | promtool check metrics >"$work/promtool.log" 2>&1 || fail "promtool does not like the metrics"
fi

# Each variable of aethel.yaml is read by the code, and none else. AWS_* keys are read by the SDK of whoever has one.
grep -rhoE 'process\.env\.[A-Z_]+' ./*.mjs lib | sed 's/.*\.//' | sort -u >"$work/read"
grep -E '^      [A-Z_]+:' "$folder/aethel.yaml" | sed 's/^ *//; s/:.*//' | sort -u >"$work/given"
diff "$work/given" "$work/read" || fail "given by aethel.yaml (<) and read by the code (>) differ"

# Without its cache the product is degraded, not down; without its database it is not ready, and still alive.
kill "$valkey"
warns() { is 200 "$health/ready?verbose" && grep -q '"status":"warn"' "$work/answer"; }
within 30 warns || fail "a lost cache takes the service down: $(cat "$work/answer")"
kill -QUIT "$(head -n 1 "$work/data/postmaster.pid")"
within 30 is 503 $health/ready || fail "ready without a database"
is 200 $health/live || fail "not live without a database"

# The end: not ready first, then every connection is closed, in time.
begin=$(date +%s)
kill "$web" "$runtime"
within 3 is 503 http://runtime:3001/readyz || fail "the runtime does not say that it drains"
wait "$web" || fail "web did not end well"
wait "$runtime" || fail "runtime did not end well"
wait "$client"
grep -qx 1012 "$work/client.log" || fail "the client was not told to come back"
took=$(($(date +%s) - begin))
[ "$took" -le 30 ] || fail "draining took $took s"
echo "application.sh: node $(node --version), $(postgres --version), $("$(command -v valkey-server || command -v redis-server)" --version | cut -c 1-40): all answered, drained in $took s"
