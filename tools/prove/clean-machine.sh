#!/bin/sh
# The README's two commands on a bare Debian 12: no make, git, cmake or compiler; root, then a user with sudo.
# packages: debootstrap git
#
# A debootstrap folder gets a clone of what is committed, and this machine's package sources. Nothing else.
set -eu
cd -- "$(dirname -- "$0")/../.."
. tools/bare-machine.sh
unshared "$@"

work=$(mktemp -d)
machine=$work/machine
logs=.cache/clean-machine
rm -rf "$logs"
mkdir -p "$logs"
finish() {
  umount "$machine/proc" 2> /dev/null || true
  rm -rf --one-file-system "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
fail() {
  echo "clean-machine: $*; the log is in $logs"
  exit 1
}

bare_machine "$machine" "$logs/debootstrap" || fail "debootstrap"
mount -t proc proc "$machine/proc" || skip "no /proc can be mounted here"

inside() { # USER FOLDER COMMAND...
  user=$1
  folder=$2
  shift 2
  home=/root
  [ "$user" = root ] || home=/home/$user
  chroot --userspec="$user" "$machine" /usr/bin/env -i HOME="$home" PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
    ${DEV_JOBS:+DEV_JOBS="$DEV_JOBS"} ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    sh -c 'cd -- "$0" && exec "$@"' "$folder" "$@" < /dev/null
}
installed() { chroot "$machine" dpkg-query -W -f='${Package}\n' | wc -l; }
step() { # WHAT LOG EXPECTED USER FOLDER COMMAND...
  what=$1
  log=$logs/$2
  expected=$3
  shift 3
  before=$(installed)
  start=$(date +%s)
  inside "$@" > "$log" 2>&1 || {
    tail -n 40 "$log"
    fail "$what"
  }
  seconds=$(($(date +%s) - start))
  grep -qE -e "$expected" "$log" || fail "$what does not say \"$expected\""
  echo "| $what | $seconds | $(($(installed) - before)) | $(grep -E -e "$expected" "$log" | tail -n 1) |"
}

for tool in make git cmake clang++-19 c++ sudo ninja; do
  if inside root / sh -c 'command -v "$0"' "$tool" > /dev/null; then fail "the bare machine has $tool"; fi
done
clone='/root/a clone'
git clone -q --no-hardlinks "$PWD" "$machine$clone"
commit=$(git rev-parse --short HEAD)

echo "Debian 12, debootstrap minbase, $(installed) packages, $(nproc) cores; commit $commit."
echo
echo "| step | seconds | packages installed | last word |"
echo "|---|---|---|---|"
step 'root: `./dev run`' run 'not ready|ready' root "$clone" ./dev run
step 'root: `./dev run` again' again 'not ready|ready' root "$clone" ./dev run
step 'root: `./dev test`' test '100% tests passed' root "$clone" ./dev test

# A user: packages are there but one, and sudo is.
chroot "$machine" sh -c 'apt-get install -y -q --no-install-recommends sudo && apt-get remove -y -q cmake &&
  useradd -m -s /bin/sh user && echo "user ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/user' > "$logs/user" 2>&1 || fail "no user"
clone='/home/user/a clone'
git clone -q --no-hardlinks "$machine/root/a clone" "$machine$clone" # the same commit
chroot "$machine" chown -R user:user /home/user
step 'user with sudo: `./dev run`' sudo 'not ready|ready' user "$clone" ./dev run
step 'user: `./dev install`, then `aethel --version`' install '^aethel [0-9]' user "$clone" \
  sh -c './dev install --prefix "$HOME/a prefix" && "$HOME/a prefix/bin/aethel" --version'
