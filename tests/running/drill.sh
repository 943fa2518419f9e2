#!/bin/sh
# The drill is proven: planted faults turn it red for their reason, odd databases stay green.
# kit: postgres
set -eu
. tools/kit/kit.sh
want_part postgres
POSTGRES=$(kit_folder postgres) exec python3 tests/running/drill.py
