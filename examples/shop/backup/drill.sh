#!/bin/sh
# Restores the newest dump into a database of its own, counts what came back, and writes a row into backup_runs.
set -eu

: "${DATABASE_URL:?}" "${BACKUP_BUCKET:?}" "${AWS_REGION:?}"

aws_s3() {
  aws ${S3_ENDPOINT:+--endpoint-url "$S3_ENDPOINT"} --region "$AWS_REGION" "$@"
}

work="$(mktemp -d)"
drill_database=shop_drill
drop() {
  psql "$DATABASE_URL" --quiet --command "DROP DATABASE IF EXISTS $drill_database WITH (FORCE)"
}
trap 'drop; rm -rf "$work"' EXIT

aws_s3 s3api list-objects-v2 --bucket "$BACKUP_BUCKET" --prefix dumps/ --query 'Contents[].Key' --output text > "$work/keys"
key="$(tr '\t' '\n' < "$work/keys" | sort | tail -n 1)"
aws_s3 s3 cp --only-show-errors "s3://$BACKUP_BUCKET/$key" "$work/shop.dump"
bytes="$(wc -c < "$work/shop.dump")"

drop
psql "$DATABASE_URL" --quiet --set=ON_ERROR_STOP=1 --command "CREATE DATABASE $drill_database"
drill_url="$(echo "$DATABASE_URL" | sed "s#/[^/?]*\(?.*\)\{0,1\}\$#/$drill_database\1#")"
pg_restore --exit-on-error --no-owner --dbname="$drill_url" "$work/shop.dump"
products="$(psql "$drill_url" --tuples-only --no-align --command 'SELECT count(*) FROM products')"
if [ "$products" -eq 0 ]; then
  echo "$key holds no products" >&2
  exit 1
fi

psql "$DATABASE_URL" --quiet --set=ON_ERROR_STOP=1 \
  --command "INSERT INTO backup_runs (kind, object_key, bytes) VALUES ('drill', '$key', $bytes)"
echo "restored $key, $products products"
