#!/bin/sh
# Makes the certificate that nginx serves: certificates/fullchain.pem and certificates/privkey.pem.
#
#   scripts/certificates.sh issue        from Let's Encrypt, before the first start (needs port 80 and the DNS record)
#   scripts/certificates.sh renew        the same while nginx runs; let cron call it once a day
#   scripts/certificates.sh self-signed  for a rehearsal on a laptop
#
# Reads PUBLIC_HOST and ACME_EMAIL from .env.
set -eu
cd "$(dirname "$0")/.."
. ./.env
: "${PUBLIC_HOST:?}"
mkdir -p certificates/acme certificates/letsencrypt

certbot() {
  docker run --rm --volume "$PWD/certificates/letsencrypt:/etc/letsencrypt" \
    --volume "$PWD/certificates/acme:/var/www/acme" "$@"
}
install_certificate() {
  install -m 644 "certificates/letsencrypt/live/$PUBLIC_HOST/fullchain.pem" certificates/fullchain.pem
  install -m 600 "certificates/letsencrypt/live/$PUBLIC_HOST/privkey.pem" certificates/privkey.pem
}

case "${1:-}" in
  issue)
    certbot --publish 80:80 certbot/certbot:v5.1.0 certonly --standalone --non-interactive --agree-tos \
      --email "${ACME_EMAIL:?}" --domain "$PUBLIC_HOST"
    install_certificate
    ;;
  renew)
    certbot certbot/certbot:v5.1.0 renew --webroot --webroot-path /var/www/acme --non-interactive
    install_certificate
    docker compose -f compose.prod.yaml exec proxy nginx -s reload
    ;;
  self-signed)
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$PUBLIC_HOST" \
      -addext "subjectAltName=DNS:$PUBLIC_HOST" -keyout certificates/privkey.pem -out certificates/fullchain.pem
    ;;
  *)
    sed -n '2,8p' "$0" >&2
    exit 2
    ;;
esac
