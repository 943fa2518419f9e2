#!/bin/sh
# The checks of aetheld serve beside a real Redis, Valkey, nginx, WebSocket server, PostgreSQL and disk that fail and come back.
# kit: postgres valkey websockets
# packages: redis-server nginx-light openssl
set -eu
. tools/kit/kit.sh
want_part postgres
want redis-server valkey-server nginx openssl
want_modules websockets websockets
POSTGRES=$(kit_folder postgres) exec python3 tests/running/checks.py
