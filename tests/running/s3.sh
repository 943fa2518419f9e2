#!/bin/sh
# Our client of S3 against our strict server and its mistakes.
set -eu
exec python3 tests/running/s3.py ours "${PROGRAMS:?}/running_s3_test"
