#!/bin/sh
# Runs when the nginx container starts. Lets sites.conf in as soon as certbot has a certificate for it, and reloads nginx
# whenever that certificate is another one. Without it, nginx answers ACME challenges and refuses TLS.
set -eu

certificate=/etc/letsencrypt/live/aethel/fullchain.pem

state() {
  cat "$certificate" /etc/nginx/sites.conf 2>/dev/null | cksum
}

let_in() {
  mkdir -p /run/nginx
  if [ -s "$certificate" ]; then
    cp /etc/nginx/sites.conf /run/nginx/sites.conf
  fi
}

let_in
loaded=$(state)
(
  while sleep 10; do
    now=$(state)
    [ "$now" != "$loaded" ] || continue
    let_in
    # A half-written pair fails here and is tried again.
    if nginx -t -q && nginx -s reload; then
      loaded=$now
    fi
  done
) &
