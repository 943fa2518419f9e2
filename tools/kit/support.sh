# shellcheck shell=sh
# What several checks do with programs of the kit; sourced after kit.sh.

within() { # SECONDS COMMAND...: again until it succeeds
  support_tries=$(($1 * 2))
  shift
  until "$@" > /dev/null 2>&1; do
    support_tries=$((support_tries - 1))
    [ "$support_tries" -gt 0 ] || return 1
    sleep 0.5
  done
}

# PostgreSQL's own programs in PATH: POSTGRES_BIN, what PATH has, or Debian's newest.
want_postgres() {
  for support_folder in "${POSTGRES_BIN:-}" "$(dirname "$(command -v initdb || echo /nonexistent/initdb)")" \
    $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
    if [ -x "$support_folder/initdb" ]; then
      PATH=$support_folder:$PATH
      export PATH
      return
    fi
  done
  kit_absent "a PostgreSQL server" "apt-get install postgresql, or POSTGRES_BIN"
}

# Takes out of a generated nginx file what an nginx older than 1.25.1 does not know. Sets nginx_version.
nginx_as_here() { # FILE
  nginx_version=$(nginx -v 2>&1 | sed 's/.*nginx.//; s/[^0-9.].*//')
  [ "$(printf '%s\n' 1.25.1 "$nginx_version" | sort -V | head -n 1)" = 1.25.1 ] || sed -i '/^ *http2 on;$/d' "$1"
}

# Pebble, which stands for Let's Encrypt, on 127.0.0.1:14000 (its management on 15000) with a certificate of its own, in a namespace
# whose ports are free: $work/pebble.pem. Challenges are asked for at ports 80 and 443.
pebble_start() { # ADDRESS_OF_DNS
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=acme.test -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$work/pebble.key" -out "$work/pebble.pem" 2> /dev/null
  cat > "$work/pebble.json" << END
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000", "certificate": "$work/pebble.pem",
 "privateKey": "$work/pebble.key", "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "", "externalAccountBindingRequired": false}}
END
  PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 pebble -config "$work/pebble.json" -dnsserver "$1" > "$work/pebble.log" 2>&1 &
}
