#!/bin/sh
# A backup every six hours; once a week the newest one is restored and compared with its source. What failed is tried again after a
# quarter of an hour. aetheld serve tells by metrics when each last went well.
set -eu

interval=21600 week=604800
drilled=/var/lib/aethel/drilled # how long ago, by the file's age

trap 'exit 0' TERM INT
pause() {
  # In the background: the shell takes no signal while it waits for a command in the foreground.
  sleep "$1" &
  wait $!
}

drill_is_due() {
  [ ! -e "$drilled" ] || [ $(($(date +%s) - $(date -r "$drilled" +%s))) -ge "$week" ]
}

while :; do
  begin=$(date +%s)
  if ! aetheld backup run; then
    echo "the backup failed" >&2
    pause 900
    continue
  fi
  if drill_is_due; then
    if aetheld backup drill --level L3; then
      touch "$drilled"
    else
      echo "the restore drill failed" >&2
    fi
  fi
  rest=$((begin + interval - $(date +%s)))
  [ "$rest" -le 0 ] || pause "$rest"
done
