# shellcheck shell=sh
# A Debian 12 in a folder, for proofs that want a machine of their own. To be sourced at the root of the tree; wants debootstrap.

skip() {
  echo "SKIPPED: $*"
  exit 77
}

# This script again, as root, with mounts, processes and control groups of its own, so that they end with it.
unshared() { # ARGUMENT...
  [ "$(id -u)" -eq 0 ] || skip "only root can make a machine in a folder"
  if [ "${AETHEL_UNSHARED:-}" = yes ]; then
    mount -t proc proc /proc
    return
  fi
  unshare --mount --pid --cgroup --fork true 2> /dev/null || skip "no namespaces here"
  # Below a group made for it, what an init makes is not beside the groups of this machine.
  groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
  [ -z "$groups" ] || groups=$groups/aethel-proof-$$
  [ -z "$groups" ] || mkdir "$groups" 2> /dev/null || groups=
  status=0
  (
    [ -z "$groups" ] || echo 0 > "$groups/cgroup.procs"
    AETHEL_UNSHARED=yes exec unshare --mount --pid --cgroup --fork --kill-child sh "$0" "$@"
  ) || status=$?
  [ -z "$groups" ] || find "$groups" -depth -type d -exec rmdir {} ';'
  exit "$status"
}

# debootstrap's smallest variant, and where this machine takes its packages from. Nothing else.
bare_machine() { # FOLDER LOG
  sources=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk '$2 == "bookworm" { print $1; exit }')
  [ -n "$sources" ] || skip "this machine's apt does not know Debian 12"
  debootstrap --variant=minbase bookworm "$1" "$sources" > "$2" 2>&1 || return 1
  rm -rf "$1/etc/apt/sources.list" "$1/etc/apt/sources.list.d"
  mkdir -p "$1/etc/apt/sources.list.d"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.list /etc/apt/sources.list.d/debian.sources; do
    [ ! -f "$file" ] || cp "$file" "$1/etc/apt/${file#/etc/apt/}"
  done
  apt-config dump | grep -E '^Acquire::(Check|https?::)' > "$1/etc/apt/apt.conf.d/90-of-the-host" || true
  cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
  rm -f "$1"/var/cache/apt/archives/*.deb
}
