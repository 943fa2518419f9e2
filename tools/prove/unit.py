"""Boots the machine that tools/prove/unit.sh made, and lives with aetheld in it as docs/backup.md and docs/serve.md say: set up,
backed up, reloaded, misconfigured, killed, stopped, and started with the machine."""

import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, "tools/prove")

from pages import ROOT, block_of
from servers import Failed, contains, equal
from service import Table, get, is_ready, job, prove_backup, start_backup, until

MACHINE = pathlib.Path(os.environ["MACHINE"])
LOGS = pathlib.Path(os.environ["LOGS"])
INSIDE = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}
table = Table()


class Machine:
    """Its init runs as the first process of a namespace, in the folder; what is asked of it enters both."""

    def __init__(self):
        self.boots = 0

    def boot(self):
        self.boots += 1
        self.log = open(LOGS / f"boot-{self.boots}", "wb")
        # /dev as containers have it: nothing of this machine's.
        mounts = """
          mount -t proc proc "$0/proc"; mount -t sysfs -o ro sysfs "$0/sys"; mount -t cgroup2 cgroup2 "$0/sys/fs/cgroup"
          mount -t tmpfs tmpfs "$0/run"; mount -t tmpfs tmpfs "$0/tmp"; mount -t tmpfs -o mode=755 tmpfs "$0/dev"
          for each in null zero full random urandom tty; do touch "$0/dev/$each"; mount --bind "/dev/$each" "$0/dev/$each"; done
          ln -s /proc/self/fd "$0/dev/fd"; ln -s pts/ptmx "$0/dev/ptmx"; mkdir "$0/dev/shm" "$0/dev/pts"; mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm"
          # Not chroot: services that are confined turn their root once more.
          cd "$0"; mkdir -p mnt; pivot_root . mnt; umount -l /mnt
          exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=aethel /sbin/init"""
        self.outer = subprocess.Popen(["unshare", "--pid", "--mount", "--fork", "--kill-child", "sh", "-euc", mounts, MACHINE],
                                      stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        for _ in range(100):
            children = subprocess.run(["pgrep", "-P", str(self.outer.pid)], capture_output=True, text=True).stdout.split()
            if children and os.path.basename(os.readlink(f"/proc/{children[0]}/exe")) == "systemd":
                self.init = children[0]
                break
            time.sleep(0.1)
        else:
            raise Failed(f"the machine does not start: {LOGS}/boot-{self.boots}")
        for _ in range(300):
            # "degraded" for units that a machine without devices cannot have.
            if self.run("systemctl", "is-system-running", code=None).strip() in ("running", "degraded"):
                return
            time.sleep(0.2)
        raise Failed("the machine does not come up")

    def run(self, *command, code=0, text=None):
        done = subprocess.run(["nsenter", "-t", self.init, "-m", "-p", "/usr/bin/env", "-i",
                               *(f"{name}={value}" for name, value in INSIDE.items()), "sh", "-c", 'cd /root && exec "$@"', "sh", *command],
                              input=text, capture_output=True, text=True, timeout=300)
        if code is not None and done.returncode != code:
            raise Failed(f"{' '.join(command)} ended with {done.returncode}, not {code}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def shell(self, script):
        return self.run("sh", "-eu", text=script)

    def show(self, property):
        return self.run("systemctl", "show", "aetheld", "--property", property, "--value").strip()

    def journal(self):
        return self.run("journalctl", "--unit", "aetheld", "--no-pager", "--output", "cat")

    def halt(self):
        """As a machine goes down: every unit is stopped. Its init ends with the namespace."""
        begin = time.monotonic()
        self.save_journal()
        self.run("systemctl", "halt", "--no-block")
        try:
            self.outer.wait(120)
        except subprocess.TimeoutExpired:
            raise Failed("the machine does not go down") from None
        return time.monotonic() - begin

    def save_journal(self):
        (LOGS / f"journal-{self.boots}").write_text(self.run("journalctl", "--no-pager", "--unit", "aetheld", code=None))

    def end(self):
        self.save_journal()
        self.outer.kill()
        self.outer.wait()
        self.log.close()


def set_up(machine):
    until("PostgreSQL", lambda: "accepting" in machine.run("pg_isready", code=None), 60)
    # What the page leaves to its reader: a database, and who may come from where.
    machine.shell("echo 127.0.0.1 db.example.org >> /etc/hosts\n"
                  "sed -i '1i host shop aethel 127.0.0.1/32 trust' /etc/postgresql/15/main/pg_hba.conf && systemctl reload postgresql")
    role = (ROOT / "docs/backup.md").read_text().split("```sql\n")[1].split("```")[0]
    contains(role, "CREATE ROLE aethel")
    machine.run("sudo", "-u", "postgres", "env", "--chdir=/", "psql", "-q", "-v", "ON_ERROR_STOP=1", text=f"CREATE DATABASE shop;\n{role}")
    machine.run("sudo", "-u", "postgres", "env", "--chdir=/", "psql", "-q", "-v", "ON_ERROR_STOP=1", "shop",
                text="CREATE TABLE orders AS SELECT g AS id, md5(g::text) AS item FROM generate_series(1, 200000) g;")
    machine.shell(block_of("docs/backup.md", "cat > aethel.yaml <<'END'"))
    machine.shell(block_of("docs/backup.md", "aetheld backup init"))
    lines = block_of("docs/serve.md", "sudo systemctl enable --now aetheld").split("\n")
    equal(lines[0], "sudo ./dev install", "what was done already")
    # A page's reader types line by line: the first that fails is seen.
    machine.shell("\n".join(lines[1:]))
    took = until("ready", is_ready, 60)
    return f"ready {took:.1f} s after `systemctl enable --now aetheld`"


def confined(machine):
    pid = machine.show("MainPID")
    status = dict(line.split(":\t", 1) for line in machine.run("cat", f"/proc/{pid}/status").splitlines() if ":\t" in line)
    user = machine.run("id", "-u", "aethel").strip()
    equal(set(status["Uid"].split()), {user}, "whose process")
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        equal(int(status[kind], 16), 0, kind)
    equal((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"), "no new rights, filtered calls")
    said = machine.run("systemd-analyze", "security", "aetheld", "--no-pager", code=None).strip().split("\n")[-1]
    found = re.search(r"aetheld.service: ([\d.]+) (\w+)", said)
    if not found:
        raise Failed(f"systemd-analyze says {said!r}")
    contains((ROOT / "docs/serve.md").read_text(), f"`systemd-analyze security` of systemd 252 calls it {found[1]}, {found[2]}")
    equal(machine.run("sh", "-c", "stat -c '%U %a' /var/lib/aethel /etc/aethel/aetheld.env").split("\n")[:2], ["aethel 700", "root 600"], "whose files")
    return f"user {user}, no capability, seccomp; `systemd-analyze security`: {found[1]} {found[2]}"


def tokens(machine):
    """The row of the page, and its configuration."""
    machine.shell("printf 'serve:\\n  tokens: /etc/aethel/tokens\\n' >> /etc/aethel/aethel.yaml\n")
    token = machine.run("aetheld", "token", "ops", "--scope", "read,run", "--file", "/etc/aethel/tokens").strip()
    machine.shell("chown root:aethel /etc/aethel/tokens; chmod 640 /etc/aethel/tokens; systemctl restart aetheld")
    until("ready", is_ready, 60)
    equal(get("/api/backup")[0], 401, "without a token")
    return token


def backed_up(token):
    return f"{prove_backup(token)}, under everything that confines the unit"


def by_hand(machine, token):
    """What an operator does beside the service, by the page's row; it leaves nothing that the service cannot read."""
    row = next(line for line in (ROOT / "docs/serve.md").read_text().split("\n") if line.startswith("| by hand |"))
    command = row.split("`")[1]
    before = machine.shell(command)
    machine.shell(command.replace("backup list", "backup run"))
    after = machine.shell(command)
    equal(len(after.split("\n")) - len(before.split("\n")), 1, f"{after} after {before}")
    return f"{prove_backup(token)}, after one that was made by hand"


def reloaded(machine):
    before = machine.show("MainPID")
    machine.shell("cp /etc/aethel/aethel.yaml /root/good.yaml; sed -i 's/daily: 14/daily: many/' /etc/aethel/aethel.yaml")
    line = next(number for number, text in enumerate(machine.run("cat", "/etc/aethel/aethel.yaml").split("\n"), 1) if "daily: many" in text)
    machine.run("systemctl", "reload", "aetheld")
    until("the mistake in the journal", lambda: f"aethel.yaml:{line}" in machine.journal(), 10)
    equal((machine.show("MainPID"), is_ready()), (before, True), "after a mistake")
    machine.shell("cp /root/good.yaml /etc/aethel/aethel.yaml; systemctl reload aetheld")
    time.sleep(1)
    equal((machine.show("MainPID"), machine.show("ActiveState"), is_ready()), (before, "active", True), "after it was mended")
    return f"the same process; the journal names aethel.yaml:{line}"


def misconfigured(machine):
    machine.shell("sed -i 's/daily: 14/daily: many/' /etc/aethel/aethel.yaml; systemctl restart aetheld || true")
    until("failed", lambda: machine.show("ActiveState") == "failed", 20)
    equal((machine.show("ExecMainStatus"), machine.show("Result")), ("2", "exit-code"), "its end")
    time.sleep(12)
    equal((machine.show("ActiveState"), machine.show("NRestarts")), ("failed", "0"), "after the time of a restart")
    machine.shell("cp /root/good.yaml /etc/aethel/aethel.yaml; systemctl restart aetheld")
    until("ready", is_ready, 60)
    return "ends with 2 and is not started again until somebody mends it"


def away(machine):
    """The database is away when the machine starts it: it lives, is not ready, and is once the database is there."""
    machine.run("systemctl", "stop", "postgresql@15-main")
    machine.run("systemctl", "restart", "aetheld")
    until("live", lambda: get("/livez")[0] == 200, 60)
    time.sleep(3)
    equal((get("/readyz")[0], get("/livez")[0], machine.show("ActiveState")), (503, 200, "active"), "without its database")
    machine.run("systemctl", "start", "--no-block", "postgresql@15-main")
    took = until("ready", is_ready, 60)
    return f"lives without its database, ready {took:.1f} s after it was started"


def killed(machine):
    before = machine.show("MainPID")
    machine.shell(f"kill -KILL {before}")
    took = until("another process", lambda: machine.show("MainPID") not in (before, "0") and is_ready(), 60)
    equal(machine.show("NRestarts"), "1", "restarts")
    if took < 9:
        raise Failed(f"it was started again after {took} s, not 10")
    return f"ready again {took:.1f} s after `kill -9`"


def stopped(machine, token):
    """In the middle of a backup of a table that takes a while."""
    machine.run("sudo", "-u", "postgres", "env", "--chdir=/", "psql", "-q", "shop",
                text="INSERT INTO orders SELECT g, md5(g::text) || repeat(md5((g + 1)::text), 20) FROM generate_series(1, 600000) g;")
    id = start_backup(token)
    until("a running backup", lambda: job(id, token)["bytes_done"] > 0, 30)
    begin = time.monotonic()
    machine.run("systemctl", "stop", "aetheld")
    took = time.monotonic() - begin
    equal((machine.show("ActiveState"), machine.show("Result"), machine.show("ExecMainStatus")), ("inactive", "success", "0"), "its end")
    user = machine.run("id", "-u", "aethel").strip()
    left = [each.parent.name for each in pathlib.Path(f"/proc/{machine.init}/root/proc").glob("[0-9]*/status") if f"\nUid:\t{user}\t" in each.read_text()]
    equal(left, [], "processes that are left of the user")
    if took > 35:
        raise Failed(f"it took {took:.1f} s to stop")
    machine.run("systemctl", "start", "aetheld")
    until("ready", is_ready, 60)
    return f"stopped in a backup within {took:.1f} s, nothing left running; and {prove_backup(token)}"


def rebooted(machine):
    took = machine.halt()
    machine.log.close()
    machine.boot()
    ready = until("ready", is_ready, 90)
    equal(machine.show("ActiveState"), "active", "after the start of the machine")
    return f"the machine goes down in {took:.1f} s; after its start ready in {ready:.1f} s, by itself"


def main():
    machine = Machine()
    machine.boot()
    try:
        table.row("set up by the pages", set_up, machine)
        if table.failed:
            raise Failed(f"nothing to look at: {LOGS}/journal-1")
        table.row("confined", confined, machine)
        token = table.value("tokens", tokens, machine)
        table.row("a backup", backed_up, token)
        table.row("one by hand", by_hand, machine, token)
        table.row("reload with a mistake", reloaded, machine)
        table.row("a start with a mistake", misconfigured, machine)
        table.row("a database that is away", away, machine)
        table.row("`kill -9`", killed, machine)
        table.row("`systemctl stop`", stopped, machine, token)
        table.row("a machine that goes down and up", rebooted, machine)
    finally:
        machine.end()
    release = subprocess.run(["chroot", MACHINE, "systemctl", "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    table.finish(f"Debian 12, {release}, PostgreSQL 15; commit {commit}.")


main()
