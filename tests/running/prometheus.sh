#!/bin/sh
# A real Prometheus scrapes aetheld serve; the generated alerts of backups fire and resolve, and a real Alertmanager tells of them.
# packages: prometheus
# kit: postgres alertmanager python
set -eu
. tools/kit/kit.sh
want prometheus promtool alertmanager
want_part postgres
want_modules python yaml
POSTGRES=$(kit_folder postgres) exec python3 tests/running/prometheus.py examples/aethel-engine
