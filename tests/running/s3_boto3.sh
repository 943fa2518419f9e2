#!/bin/sh
# Our server of S3 against AWS's own client.
# kit: boto3
set -eu
. tools/kit/kit.sh
want_modules boto3 boto3
exec python3 tests/running/s3.py boto3 -
