#!/bin/sh
# Gets the certificate of all hosts, then renews it when the authority says that it is time (ACME Renewal Information), at the latest
# after two thirds of its life. Asking twice a day costs nothing; a failure is tried again after an hour, below the authority's
# limit of five an hour.
set -eu

trap 'exit 0' TERM INT
while :; do
  if certbot certonly --non-interactive --agree-tos --server "$ACME_SERVER" --email ops@aethel.dev \
    --domain aethel.dev \
    --domain rt.aethel.dev \
    --webroot --webroot-path /var/www/acme --cert-name aethel --keep-until-expiring --expand --renew-with-new-domains; then
    pause=43200
  else
    pause=3600
  fi
  # In the background: the shell takes no signal while it waits for a command in the foreground.
  sleep "$pause" &
  wait $!
done
