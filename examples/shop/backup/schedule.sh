#!/bin/sh
# For compose.prod.yaml, which has no cron: a dump every BACKUP_INTERVAL_SECONDS, a drill after every seventh.
# A failure is told by the alerts BackupStopped and RestoreUnproven, so the loop goes on.
set -u

interval="${BACKUP_INTERVAL_SECONDS:-86400}"
trap 'exit 0' TERM INT

count=0
while true; do
  if backup.sh; then
    if [ $((count % 7)) -eq 0 ]; then drill.sh; fi
    count=$((count + 1))
  fi
  sleep "$interval" &
  wait $!
done
