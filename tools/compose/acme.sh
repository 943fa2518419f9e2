#!/bin/sh
# The generated nginx and certbot set-up as it runs in production, on loopback: tools/compose/acme.sh FOLDER [APPLICATION]
#
# In namespaces of its own for the network and for mounts: Pebble stands for Let's Encrypt, its DNS answers 127.0.0.1 for every name, and the
# generated files lie where the containers have them. Asserts: nginx starts without a certificate and refuses TLS; certbot gets one by
# renew.sh; nginx lets the hosts in by itself and serves them with a chain that ends at Pebble; a renewed certificate is served without a restart.
# APPLICATION, a command, serves the upstreams on their ports; without it a stand-in does.
# Needs root; exit status 77 where namespaces cannot be made.
# packages: nginx-light curl openssl iproute2
# kit: certbot pebble pebble-challtestsrv
set -u

folder=$(cd "${1:?usage: acme.sh FOLDER [APPLICATION]}" && pwd) application=${2:-}

KIT=$(cd "$(dirname "$0")/../kit" && pwd)
. "$KIT/kit.sh"
. "$KIT/support.sh"
skip() {
  echo "SKIPPED: $*: the ACME set-up was not run" >&2
  exit 77
}

want nginx certbot pebble pebble-challtestsrv curl openssl python3
[ "$(id -u)" = 0 ] || skip "only root can take ports 80 and 443"
if [ "${AETHEL_UNSHARED:-}" != yes ]; then
  unshare --mount --net --pid --fork true 2>/dev/null || skip "no namespaces here"
  AETHEL_UNSHARED=yes exec unshare --mount --net --pid --fork --kill-child --mount-proc sh "$0" "$@"
fi

work=$(mktemp -d)
# The processes end with the namespace.
trap 'rm -rf "$work"' EXIT
fail() {
  echo "acme.sh: $*" >&2
  for log in "$work"/*.log; do
    echo "--- ${log##*/}" >&2
    tail -n 20 "$log" >&2
  done
  exit 1
}

ip link set lo up

# Where the containers have them.
mkdir -p "$work/etc" "$work/certificates" "$work/webroot" "$work/run" "$work/lib" "$work/log"
cp /etc/nginx/mime.types "$folder/deploy/nginx/nginx.conf" "$folder/deploy/nginx/sites.conf" "$work/etc/"
nginx_as_here "$work/etc/sites.conf"
bound() { # FROM TO
  mkdir -p "$2" && mount --bind "$1" "$2"
}
bound "$work/etc" /etc/nginx
bound "$work/run" /run
# These may not exist here: folders on a file system of this namespace alone.
for parent in /var/www /var/lib /var/log; do
  mkdir -p "$parent"
done
mount -t tmpfs none /var/www && bound "$work/webroot" /var/www/acme
existed=no
[ -e /etc/letsencrypt ] && existed=yes
bound "$work/certificates" /etc/letsencrypt
trap 'umount /etc/letsencrypt; [ "$existed" = yes ] || rmdir /etc/letsencrypt; rm -rf "$work"' EXIT
mkdir -p "$work/scripts" && cp "$folder/deploy/nginx/certificates.sh" "$folder/deploy/certbot/renew.sh" "$work/scripts/"

pebble-challtestsrv -dnsserver 127.0.0.11:53 -http01 "" -https01 "" -tlsalpn01 "" -doh "" -management 127.0.0.1:8055 \
  -defaultIPv4 127.0.0.1 -defaultIPv6 "" >"$work/dns.log" 2>&1 &
pebble_start 127.0.0.11:53
within 10 curl -s --cacert "$work/pebble.pem" https://127.0.0.1:14000/dir || fail "Pebble did not start"

hosts=$(sed -n 's/^ *server_name \(.*\);$/\1/p' "$work/etc/sites.conf")
ports=$(sed -n 's/^ *set \$upstream [^:]*:\([0-9]*\);$/\1/p' "$work/etc/sites.conf" | sort -u)
first=$(echo "$hosts" | head -n 1)
if [ -z "$hosts" ] || [ -z "$ports" ]; then fail "no host in sites.conf"; fi

if [ -n "$application" ]; then
  sh -c "$application" >"$work/application.log" 2>&1 &
else
  for port in $ports; do
    python3 -c '
import base64, hashlib, http.server, json, sys
class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.headers.get("upgrade") == "websocket" and "upgrade" in self.headers.get("connection", "").lower():
            key = self.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            self.send_response(101)
            self.send_header("upgrade", "websocket")
            self.send_header("connection", "upgrade")
            self.send_header("sec-websocket-accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
            self.end_headers()
            self.close_connection = True
            return
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Echo).serve_forever()' "$port" >"$work/stand-in-$port.log" 2>&1 &
  done
fi

# As the image's entry point does it.
sh "$work/scripts/certificates.sh" >"$work/certificates.log" 2>&1
nginx -g 'daemon off;' >"$work/nginx.log" 2>&1 &
within 5 curl -s http://127.0.0.1:8081/ || fail "nginx did not start without a certificate"
[ "$(curl -s -o /dev/null -w '%{http_code} %{redirect_url}' "http://$first/a?b=c" --resolve "$first:80:127.0.0.1")" = "301 https://$first/a?b=c" ] ||
  fail "HTTP is not sent to HTTPS"
! curl -sk "https://$first/" --resolve "$first:443:127.0.0.1" || fail "TLS is served without a certificate"

ACME_SERVER=https://127.0.0.1:14000/dir REQUESTS_CA_BUNDLE=$work/pebble.pem sh "$work/scripts/renew.sh" >"$work/certbot.log" 2>&1 &
renew=$!
within 60 sh -c 'ls /etc/letsencrypt/live/*/fullchain.pem' || fail "certbot got no certificate"
curl -s --cacert "$work/pebble.pem" https://127.0.0.1:15000/roots/0 >"$work/root.pem"
get() { # HOST PATH [OPTION...]
  name=$1 path=$2
  shift 2
  curl -s --cacert "$work/root.pem" --resolve "$name:443:127.0.0.1" "$@" "https://$name$path"
}
for host in $hosts; do
  within 30 get "$host" / -f || [ -n "$application" ] || fail "$host is not served with the new certificate"
  within 30 get "$host" / || fail "$host is not served with the new certificate"
  get "$host" / -o /dev/null -D - | grep -qi '^strict-transport-security: max-age=63072000' || fail "$host: no HSTS"
done
if [ -z "$application" ]; then
  for host in $hosts; do
    [ "$(get "$host" / --http1.1 -m 5 -o /dev/null -w '%{http_code}' -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
      -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')" = 101 ] || fail "$host: no WebSocket through nginx"
  done
  get "$first" / -H 'X-Forwarded-For: 10.9.8.7' | grep -q '"X-Forwarded-For": "127.0.0.1"' || fail "a client can choose its address"
fi
# No name of ours: no certificate.
! curl -sk https://other.test/ --resolve other.test:443:127.0.0.1 || fail "another name is served"
sed -n 's/^ *server_name \(.*\);$/host \1/p; s/^ *location = \(.*\) {$/closed \1/p' "$work/etc/sites.conf" >"$work/closed"
while read -r what value; do
  if [ "$what" = host ]; then
    host=$value
  elif [ "$(get "$host" "$value" -o /dev/null -w '%{http_code}')" != 404 ]; then
    fail "$host$value is open to everybody"
  fi
done <"$work/closed"

serial() {
  openssl s_client -connect 127.0.0.1:443 -servername "$first" </dev/null 2>/dev/null | openssl x509 -noout -serial
}
before=$(serial)
kill "$renew"
REQUESTS_CA_BUNDLE=$work/pebble.pem certbot renew --force-renewal --no-random-sleep-on-renew --non-interactive >>"$work/certbot.log" 2>&1 || fail "certbot does not renew"
changed() { [ "$(serial)" != "$before" ]; }
within 30 changed || fail "a renewed certificate is not served"
get "$first" / >/dev/null || fail "not served after the renewal"
[ -z "${AFTER:-}" ] || ROOT=$work/root.pem sh -c "$AFTER" || fail "AFTER failed"
echo "acme.sh: nginx $nginx_version, $(certbot --version), Pebble: issued, served and renewed $(echo "$hosts" | tr '\n' ' ')"
