"""Real PostgreSQL servers for tests: in a folder that goes away, on a unix socket, as a user without rights when the
test runs as root, because PostgreSQL refuses root. Python's standard library only."""

import contextlib
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile
import time


class Failed(Exception):
    pass


def run(arguments, **more):
    """Runs a program to its end; fails with what it said."""
    done = subprocess.run([str(each) for each in arguments], capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise Failed(f"{arguments[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def unprivileged():
    """Who runs servers: None for this user itself."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Failed("root, and no user to run PostgreSQL as")


class Scratch:
    """A folder with room for servers, which others may pass."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="aethel-test-"))
        self.folder.chmod(0o755)
        self.servers = []

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        for server in self.servers:
            server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def binaries(self, major):
        """PostgreSQL's programs, where everybody may run them: the kit may be below a closed home."""
        source = pathlib.Path(os.environ["POSTGRES"]) / str(major)
        if unprivileged() is None:
            return source / "bin"
        copy = self.folder / f"postgresql-{major}"
        if not copy.exists():
            shutil.copytree(source, copy, symlinks=True)
            copy.chmod(0o755)
        return copy / "bin"

    def server(self, major, name="main", settings=(), encoding="UTF8", locale="C.UTF-8"):
        server = Server(self, major, name, settings, encoding, locale)
        self.servers.append(server)
        return server


class Server:
    def __init__(self, scratch, major, name, settings, encoding, locale):
        self.major = major
        self.bin = scratch.binaries(major)
        self.folder = scratch.folder / f"{name}-{major}"
        self.folder.mkdir()
        self.user = unprivileged()
        self.who = {}
        if self.user is not None:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
            self.who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        self.environment = {"LC_ALL": "C", "PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.folder)}
        run([self.bin / "initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "-E", encoding,
             f"--locale={locale}", "--no-sync"], env=self.environment, cwd=self.folder, **self.who)
        self.log = open(self.folder.parent / f"{name}-{major}.log", "wb")
        arguments = [self.bin / "postgres", "-D", self.folder / "data", "-k", self.folder]
        for setting in ("listen_addresses=", "fsync=off", "max_wal_size=2GB", "wal_level=logical", *settings):
            arguments += ["-c", setting]
        self.process = subprocess.Popen(arguments, env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, **self.who)
        for _ in range(600):
            if subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder], env=self.environment).returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise Failed(f"PostgreSQL {major} does not start; see {self.log.name}")

    def url(self, database, user="postgres"):
        host = str(self.folder).replace("/", "%2F")
        name = "".join(c if c.isalnum() else "".join(f"%{byte:02X}" for byte in c.encode()) for c in database)
        return f"postgresql://{user}@{host}/{name}"

    def psql(self, database, sql, user="postgres"):
        """Runs statements; what they print, without headers."""
        return run([self.bin / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url(database, user)],
                   input=sql, env=self.environment).rstrip("\n")

    def psql_file(self, database, path):
        run([self.bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-f", path],
            env=self.environment)

    def create(self, database, options=""):
        name = database.replace('"', '""')
        self.psql("template1", f'CREATE DATABASE "{name}" {options}')

    @contextlib.contextmanager
    def locked(self, database, table, seconds):
        """Nobody else reads the table for so long, or until the block ends."""
        client = subprocess.Popen([self.bin / "psql", "-X", "-q", "-d", self.url(database), "-c", f"BEGIN; LOCK {table}; SELECT pg_sleep({seconds})"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment)
        try:
            held = f"SELECT count(*) FROM pg_locks WHERE relation = '{table}'::regclass AND mode = 'AccessExclusiveLock' AND granted"
            while self.psql(database, held) != "1":
                if client.poll() is not None:
                    raise Failed(f"{table} cannot be locked")
                time.sleep(0.05)
            yield
        finally:
            # The server's side of it too, which would sleep on.
            self.psql(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LOCK %pg_sleep(%' AND pid <> pg_backend_pid()")
            client.terminate()
            client.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(3)  # SIGQUIT: immediate
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class Aetheld:
    """aetheld with a repository in a folder, its keys, and one database."""

    def __init__(self, scratch, server, database, name="repository", more="", store=None):
        self.program = os.environ["AETHELD"]
        self.server = server
        self.database = database
        self.folder = scratch.folder / name
        self.folder.mkdir()
        self.store = self.folder / "store"
        drills = scratch.folder / "drills"
        drills.mkdir(exist_ok=True)
        place = store or f"    folder: {self.store}\n"
        self.config = self.folder / "aethel.yaml"
        self.config.write_text(
            "version: 1\nenvironment: test\nbackup:\n  database: main\n  store:\n" + place +
            f"  binaries: [{server.bin}]\n  drill:\n    folder: {drills}\n    after: never\n" + more)
        self.environment = {"DATABASE_URL": server.url(database), "PATH": "/usr/bin:/bin", "HOME": str(self.folder),
                            "AETHEL_CONFIG": str(self.config), "LC_ALL": "C.UTF-8"}
        for sanitizer in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            if sanitizer in os.environ:
                self.environment[sanitizer] = os.environ[sanitizer]
        self.call("init")
        for line in (self.folder / "aethel-keys.env").read_text().splitlines():
            if not line.startswith("#"):
                key, value = line.split("=", 1)
                self.environment[key] = value

    def try_call(self, *arguments, **environment):
        return subprocess.run([self.program, "backup", *arguments], env={**self.environment, **environment},
                              cwd=self.folder, capture_output=True, text=True, timeout=600)

    def call(self, *arguments, code=0, **environment):
        done = self.try_call(*arguments, **environment)
        if done.returncode != code:
            raise Failed(f"aetheld backup {' '.join(arguments)} ended with {done.returncode}, not {code}:\n"
                         f"{done.stdout}\n{done.stderr}")
        return done.stdout


class Cases:
    """Runs functions named test_*, says each by its name, and ends with how many failed."""

    def __init__(self):
        self.failed = []

    def case(self, name, function, *arguments):
        begin = time.monotonic()
        try:
            function(*arguments)
        except Exception as failure:  # one case does not keep the others from running
            self.failed.append(name)
            print(f"FAILED  {name}: {type(failure).__name__}: {failure}", flush=True)
        else:
            print(f"ok      {name} ({time.monotonic() - begin:.1f} s)", flush=True)

    def finish(self):
        if self.failed:
            print(f"{len(self.failed)} failed: {', '.join(self.failed)}")
            sys.exit(1)


def equal(got, wanted, what=""):
    if got != wanted:
        raise Failed(f"{what}: {got!r} is not {wanted!r}")


def contains(text, part):
    if part not in text:
        raise Failed(f"{part!r} is not in {text!r}")
