#!/bin/sh
# Our client of S3 against a server that others wrote.
# kit: versitygw
set -eu
. tools/kit/kit.sh
want versitygw
exec python3 tests/running/s3.py versitygw "${PROGRAMS:?}/running_s3_test"
