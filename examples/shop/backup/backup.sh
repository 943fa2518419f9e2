#!/bin/sh
# Dumps the database to the backup bucket, proves that the object is there whole, removes what is older than
# BACKUP_RETENTION_DAYS, and writes a row into backup_runs (api/migrations/0002_backup_runs.sql).
set -eu

: "${DATABASE_URL:?}" "${BACKUP_BUCKET:?}" "${AWS_REGION:?}"
retention_days="${BACKUP_RETENTION_DAYS:-30}"

aws_s3() {
  # S3_ENDPOINT is empty on AWS.
  aws ${S3_ENDPOINT:+--endpoint-url "$S3_ENDPOINT"} --region "$AWS_REGION" "$@"
}

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

key="dumps/shop-$(date -u +%Y%m%dT%H%M%SZ).dump"
pg_dump --format=custom --file="$work/shop.dump" "$DATABASE_URL"
pg_restore --list "$work/shop.dump" > "$work/contents"
bytes="$(wc -c < "$work/shop.dump")"

aws_s3 s3 cp --only-show-errors "$work/shop.dump" "s3://$BACKUP_BUCKET/$key"
stored="$(aws_s3 s3api head-object --bucket "$BACKUP_BUCKET" --key "$key" --query ContentLength --output text)"
if [ "$stored" -ne "$bytes" ]; then
  echo "the store holds $stored of $bytes bytes of $key" >&2
  exit 1
fi

oldest="dumps/shop-$(date -u -d "@$(($(date +%s) - retention_days * 86400))" +%Y%m%dT%H%M%SZ).dump"
aws_s3 s3api list-objects-v2 --bucket "$BACKUP_BUCKET" --prefix dumps/ --query 'Contents[].Key' --output text > "$work/keys"
tr '\t' '\n' < "$work/keys" | while read -r old; do
  if expr "$old" '<' "$oldest" > /dev/null; then
    aws_s3 s3 rm --only-show-errors "s3://$BACKUP_BUCKET/$old"
  fi
done

psql "$DATABASE_URL" --quiet --set=ON_ERROR_STOP=1 \
  --command "INSERT INTO backup_runs (kind, object_key, bytes) VALUES ('dump', '$key', $bytes)"
echo "stored $key, $bytes bytes"
