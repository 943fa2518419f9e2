#!/bin/sh
# The unit under a real systemd: a Debian 12 of its own boots, and docs/serve.md is followed word for word.
# packages: debootstrap git iproute2 procps python3
#
# The machine has Debian's PostgreSQL 15 and a network of its own, without a way out. `./dev install` is what it does at its end: cmake --install.
set -eu
cd -- "$(dirname -- "$0")/../.."
. tools/bare-machine.sh
unshared "$@"

work=$(mktemp -d)
MACHINE=$work/machine
logs=.cache/unit
rm -rf "$logs"
mkdir -p "$logs"
trap 'umount -R "$MACHINE" 2> /dev/null || true; rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' HUP INT TERM
fail() {
  echo "unit: $*; the log is in $logs"
  exit 1
}

bare_machine "$MACHINE" "$logs/debootstrap" || fail "debootstrap"
# A mount of its own: what is mounted in it goes with it.
mount --bind "$MACHINE" "$MACHINE"
mount -t proc proc "$MACHINE/proc"
# Servers are started by the machine's own init, later.
printf '#!/bin/sh\nexit 101\n' > "$MACHINE/usr/sbin/policy-rc.d"
chmod 755 "$MACHINE/usr/sbin/policy-rc.d"
chroot "$MACHINE" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update && apt-get install -y -q --no-install-recommends \
  systemd systemd-sysv dbus sudo postgresql-15 libcurl4 libexpat1 libpq5 libsodium23 libssl3 libstdc++6 libzstd1' > "$logs/packages" 2>&1 || fail "packages"
rm "$MACHINE/usr/sbin/policy-rc.d"
umount "$MACHINE/proc"
DESTDIR=$MACHINE cmake --install "$(dirname -- "$(dirname -- "${AETHEL:?is the built program}")")" --prefix /usr/local > "$logs/install" 2>&1 || fail "install"

export MACHINE
LOGS=$PWD/$logs PYTHONPATH=tests/running unshare --net sh -c 'ip link set lo up && exec python3 tools/prove/unit.py'
