#!/bin/sh
# `aethel` is the linker only: nothing of the running parts' layers or libraries goes into it, and no
# object of ours asks the system for the network.
set -eu
: "${BUILD:?is the build folder}"
cd -- "$BUILD"
bad=0
say() {
  echo "$*"
  bad=1
}

inputs=$(ninja -t inputs src/aethel)
for part in $(printf '%s\n' "$inputs" | grep -E '(aethel_(store|backup|http|platform)\.|lib(pq|ssl|crypto|curl|expat|boost_[a-z]+|zstd|sodium|spdlog|hiredis)\.)' || true); do
  say "aethel links $part"
done
printf '%s\n' "$inputs" | grep -q 'libaethel_link\.a' || say "this test does not see what aethel links"

for archive in src/libaethel_*.a; do
  case $archive in *_store.a | *_backup.a | *_http.a | *_platform.a) continue ;; esac
  for symbol in $(nm -u "$archive" 2> /dev/null | awk '$1 == "U" { print $2 }' |
    grep -xE '(socket|socketpair|connect|bind|listen|accept4?|sendto|recvfrom|getaddrinfo|gethostbyname)' | sort -u || true); do
    say "$archive asks for $symbol: the linker needs no network"
  done
done
exit $bad
