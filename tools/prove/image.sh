#!/bin/sh
# The image of packaging/Dockerfile, built and run as docs/serve.md says; by podman, of what is committed.
# packages: debootstrap git podman crun curl iproute2 python3
# kit: postgres
#
# Its base is a Debian 12 of debootstrap, under the name of Docker's. Where apt.postgresql.org is out of reach it gets Debian's own PostgreSQL, 15.
set -eu
cd -- "$(dirname -- "$0")/../.."
. tools/kit/kit.sh
. tools/bare-machine.sh
want_part postgres
unshared "$@"

work=$(mktemp -d)
logs=.cache/image
rm -rf "$logs"
mkdir -p "$logs" "$work/bin"
finish() {
  podman rm --all --force --time 1 > /dev/null 2>&1 || true
  umount -R "$work/storage/overlay" 2> /dev/null || true
  rm -rf --one-file-system "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
fail() {
  echo "image: $*; the log is in $logs"
  exit 1
}

# podman with a store that goes away, on any kind of control groups, and under the limits that this process has.
cat > "$work/storage.conf" << END
[storage]
driver = "overlay"
graphroot = "$work/storage"
runroot = "$work/run"
END
cat > "$work/containers.conf" << END
[containers]
cgroups = "disabled"
netns = "host"
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
volumes = []
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "crun"
volume_path = "$work/volumes"
tmp_dir = "$work/tmp"
END
export CONTAINERS_STORAGE_CONF="$work/storage.conf" CONTAINERS_CONF="$work/containers.conf"
# As Docker builds: the other format has no health checks.
# In a chroot: an engine would raise limits, which not every machine allows.
export BUILDAH_FORMAT=docker BUILDAH_ISOLATION=chroot
[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] || {
  umount -R -l /sys/fs/cgroup 2> /dev/null || true
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
}

bare_machine "$work/base" "$logs/debootstrap" || fail "debootstrap"
tar -C "$work/base" -c . | podman import - docker.io/library/debian:12-slim > "$logs/base" 2>&1 || fail "podman import"
rm -rf --one-file-system "$work/base"
git clone -q --no-hardlinks "$PWD" "$work/tree"

# The words of the page say docker.
printf '#!/bin/sh\nexec podman "$@"\n' > "$work/bin/docker"
chmod 755 "$work/bin/docker"
POSTGRESQL=
curl --fail --silent --head --max-time 20 --output /dev/null https://apt.postgresql.org/pub/repos/apt/ || POSTGRESQL=15
export POSTGRESQL
PATH="$work/bin:$PATH" WORK=$work LOGS=$PWD/$logs POSTGRES=$(kit_folder postgres) PYTHONPATH=tests/running python3 tools/prove/image.py
