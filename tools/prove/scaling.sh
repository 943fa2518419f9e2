#!/bin/sh
# The cost of a repository grows linearly with its files, up to 200,000.
# packages: git time
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A generated tree: a thousandth are compose files, a fiftieth documents with commands, the rest
# source that nobody claims.
grow() { # FILES FOLDER
  awk -v files="$1" -v folder="$2" 'BEGIN {
    for (i = 0; i < files; i++) {
      if (i % 100 == 0) { directory = folder "/d" int(i / 10000) "/e" int(i / 100); system("mkdir -p " directory) }
      if (i % 1000 == 0) {
        file = directory "/compose.yaml"
        print "services:\n  web:\n    image: nginx:1.28\n    volumes:\n      - ./f" i ".txt:/srv/x:ro\n  api:\n    image: registry/api:1\n    depends_on: [web]" > file
      } else if (i % 50 == 0) {
        file = directory "/f" i ".md"
        print "# A page\n\n    docker compose up -d\n" > file
      } else {
        file = directory "/f" i ".txt"
        print "line " i > file
      }
      close(file)
    }
  }'
  git -C "$2" init -q
  git -C "$2" add -A
  git -C "$2" -c user.name=a -c user.email=a@b commit -qm tree
}

echo '| files | aethel audit, s | git status, s | resident, MiB | us a file |'
echo '|---:|---:|---:|---:|---:|'
for files in 25000 50000 100000 200000; do
  mkdir "$work/$files"
  grow "$files" "$work/$files"
  for run in 1 2 3; do
    git -C "$work/$files" status > /dev/null
    /usr/bin/time -f '%e' -o "$work/git.$run" git -C "$work/$files" status > /dev/null
    /usr/bin/time -f '%e %M' -o "$work/aethel.$run" "$AETHEL" audit --format json "$work/$files" > "$work/report" || true
  done
  status=$(sort -n "$work"/git.[123] | sed -n 2p)
  # A time's output may begin with a line about the exit code.
  sed -i '/^Command/d' "$work"/aethel.[123]
  sort -n "$work"/aethel.[123] | sed -n 2p | awk -v files="$files" -v status="$status" '
    { printf "| %d | %.2f | %s | %d | %.2f |\n", files, $1, status, $2 / 1024, $1 * 1000000 / files }'
  rm -rf "${work:?}/$files"
done | tee "$work/table"
# Twice the files may cost three times at most, machine noise included; quadratic would be four.
awk -F '|' '{ if (last && $3 > 3 * last && $3 > 0.2) bad = 1; last = $3 } END { exit bad }' "$work/table" || {
  echo "scaling: not linear"
  exit 1
}
