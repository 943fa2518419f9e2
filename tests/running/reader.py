"""The independent reader: against the page it was written from, real backups, flipped bytes, a frozen repository.

reader.py --make FOLDER makes such a repository as tests/running/format-1 has, with this version."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tools" / "read-backup"))

import read_backup  # noqa: E402: the folder above
from servers import Aetheld, Cases, Failed, Scratch, contains, equal, run  # noqa: E402

READER = ROOT / "tools" / "read-backup" / "read_backup.py"
cases = Cases()


def read(*arguments, code=0, **environment):
    done = subprocess.run([sys.executable, str(READER), *(str(each) for each in arguments)], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", ""), **environment})
    if done.returncode != code:
        raise Failed(f"read_backup {arguments} ended with {done.returncode}, not {code}:\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


def vectors():
    """The numbers of the page are those of the reader. The program's own test reads the same page."""
    page = (ROOT / "docs" / "backup-format.md").read_text()
    numbers = json.loads(re.search(r"## 10\..*?```json\n(.*?)```", page, re.DOTALL).group(1))
    data = {name: bytes.fromhex(value) for name, value in numbers.items() if re.fullmatch(r"([0-9a-f]{2})+", value)}
    for kind in ("private", "public", "signing", "signer"):
        equal(read_backup.parse_key(kind, numbers[f"{kind}_text"]), data[kind], kind)
    equal(read_backup.public_of(data["private"]), data["public"], "public")
    equal(read_backup.key_id("public", data["public"]), numbers["public_id"], "public_id")
    equal(read_backup.key_id("signer", data["signer"]), numbers["signer_id"], "signer_id")
    backup = numbers["backup"]
    wrapped = {"recipient": numbers["public_id"], "ephemeral": numbers["ephemeral"], "sealed": numbers["sealed"]}
    equal(read_backup.unwrap(wrapped, data["private"], backup), data["data_key"], "data_key")
    equal(read_backup.derive(data["data_key"], backup.encode(), b"aethel 1 stream archive"), data["stream_key"], "stream_key")
    value = read_backup.read_document("hold", numbers["document"].encode(), [data["signer"]], "the page")
    equal(value, {"backup": backup}, "document")
    store = Memory({f"objects/{backup}/archive-000001": data["object"]})
    manifest = {"id": backup, "streams": [{"name": "archive", "bytes": 6, "segments": 1, "objects": [
        {"size": len(data["object"]), "sha256": hashlib.sha256(data["object"]).hexdigest()}]}]}
    repository = read_backup.Repository.__new__(read_backup.Repository)
    repository.store = store
    equal(b"".join(repository.stream(manifest, "archive", data["data_key"])).decode(), numbers["plain"], "plain")


class Memory:
    def __init__(self, objects):
        self.objects = objects

    @classmethod
    def of(cls, folder):
        store = read_backup.Folder(folder)
        return cls({key: store.get(key) for key in store.list("")})

    def list(self, prefix):
        return sorted(key for key in self.objects if key.startswith(prefix))

    def get(self, key):
        read_backup.need(key in self.objects, f'object "{key}" is lost')
        return self.objects[key]


def contents(server, database):
    """Each table with a digest of its rows, and what psql cannot see in them."""
    tables = server.psql(database, """
      SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1""").split("\n")
    out = {}
    for table in tables:
        # By name: a child that got a column later has it elsewhere when it is made at once.
        columns = server.psql(database, f"""
          SELECT coalesce(string_agg(quote_ident(attname), ', ' ORDER BY attname), '') FROM pg_attribute
           WHERE attrelid = $${table}$$::regclass AND attnum > 0 AND NOT attisdropped""")
        out[table] = server.psql(database, f"""
          SELECT count(*), md5(coalesce(string_agg(md5(r), '' ORDER BY md5(r)), '')) FROM
            (SELECT ROW({columns})::text AS r FROM ONLY {table}) AS t""")
    out["large objects"] = server.psql(database, """
      SELECT md5(coalesce(string_agg(oid::text || md5(lo_get(oid)), '' ORDER BY oid), '')) FROM pg_largeobject_metadata""")
    out["sequences"] = server.psql(database, """
      SELECT string_agg(format('%s.%s %s', schemaname, sequencename, last_value), ' ' ORDER BY schemaname, sequencename) FROM pg_sequences""")
    schema = run([server.bin / "pg_dump", "--schema-only", "-d", server.url(database)], env=server.environment)
    return sorted(f"{name}: {value}" for name, value in out.items()), sorted(line for line in schema.split("\n") if not line.startswith(("--", "\\restrict", "\\unrestrict")))


def restores(scratch, major):
    """A backup of a database with every kind of object, by the reader and stock pg_restore."""
    server = scratch.server(major)
    server.create("every")
    server.psql_file("every", HERE / "every_kind.sql")
    aetheld = Aetheld(scratch, server, "every", f"repository-{major}")
    made = json.loads(aetheld.call("run", "--json"))
    kit = aetheld.folder / "aethel-recovery-kit.txt"
    contains(read(aetheld.store, "list", "--kit", kit), f"{made['backup']}  main  PostgreSQL {major}.")
    contains(read(aetheld.store, "verify", "--kit", kit), "every byte is what was written")
    archive = aetheld.folder / "archive.dump"
    catalog = aetheld.folder / "catalog.json"
    read(aetheld.store, "archive", "latest", "--kit", kit, "-o", archive)
    read(aetheld.store, "catalog", "latest", "--kit", kit, "-o", catalog)
    archive.chmod(0o644)
    about = json.loads(catalog.read_text())
    # On a server that has no roles yet.
    other = scratch.server(major, "other")
    other.create("copy", "TEMPLATE template0")
    other.psql("postgres", re.sub(r"(?m)^(CREATE|ALTER) ROLE \"?postgres\"?\b.*;$", "", about["globals"]))
    run([other.bin / "pg_restore", "--exit-on-error", "-d", other.url("copy"), archive], env=other.environment)
    for what, got, wanted in zip(("contents", "schema"), contents(other, "copy"), contents(server, "every")):
        equal([each for each in got if each not in wanted], [each for each in wanted if each not in got], what)
    rows = {f"{each['schema']}.{each['name']}": each["rows"] for each in about["relations"] if each["kind"] == "table"}
    equal(str(rows["app.edges"]), other.psql("copy", "SELECT count(*) FROM ONLY app.edges"), "rows of the catalog")
    # Standard output, keys without a kit.
    private = re.search(r"aethel-private-[\sa-z2-7-]*?\n\n", kit.read_text()).group(0)
    signer = re.search(r"aethel-signer-[\sa-z2-7-]*?\n\n", kit.read_text()).group(0)
    contains(read(aetheld.store, "catalog", made["backup"][:18], "--signer", signer, BACKUP_SERVICE_KEY=private), '"relations"')
    # The newest is then of a state that somebody wanted to leave.
    contains(aetheld.call("restore", "latest", "--in-place", "--confirm", "every"), "safety backup ")
    contains(read(aetheld.store, "verify", "latest", "--kit", kit), f"{made['backup']}  every byte")


def refusals(scratch, major):
    """What is wrong is said in one line with its place, and nothing is written."""
    store = scratch.folder / "sample"
    shutil.copytree(HERE / "format-1" / "repository", store)
    kit = HERE / "format-1" / "kit.txt"
    out = scratch.folder / "never"
    target = next(store.glob("objects/*/archive-000001"))
    good = target.read_bytes()
    target.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    said = read(store, "archive", target.parent.name, "--kit", kit, "-o", out, code=1)
    contains(said, f'read_backup: object "objects/{target.parent.name}/archive-000001" has other bytes')
    target.unlink()
    contains(read(store, "archive", target.parent.name, "--kit", kit, "-o", out, code=1), "is lost")
    target.write_bytes(good)
    if list(scratch.folder.glob("never*")):
        raise Failed("a file was left")
    (store / "config" / "000003").write_bytes((store / "config" / "000001").read_bytes().replace(b"config 1", b"config 2"))
    contains(read(store, "list", "--kit", kit, code=1), "it has format 2; this reader knows formats up to 1")
    (store / "config" / "000002").unlink()
    contains(read(store, "list", "--kit", kit, code=1), "one is lost")
    stranger = "aethel-signer-fgwlvykbxtfpbmrodkkngtily43b4utnbp7bfsexss6jgiuwnxlqmhcmye"
    contains(read(HERE / "format-1" / "repository", "list", "--signer", stranger, code=1), "signed by nobody who is trusted here")
    contains(read(scratch.folder / "nothing", "list", "--kit", kit, code=1), "is no folder")
    bare = subprocess.run([sys.executable, "-I", "-S", str(READER), "--help"], capture_output=True, text=True)
    equal((bare.returncode, bare.stderr.count("\n")), (1, 1), bare.stderr)
    contains(bare.stderr, "apt install python3-cryptography python3-zstandard")
    contains(read(HERE / "format-1" / "repository", "list", "--signer", stranger[:-1] + "f", code=1), "is damaged")


def flips(scratch, major):
    """Every byte of a repository, flipped in turn, is refused."""
    sample = HERE / "format-1"
    keys = json.loads((sample / "expected.json").read_text())["keys"]
    memory = Memory.of(sample / "repository")
    signer = read_backup.parse_key("signer", (sample / "kit.txt").read_text())
    private = {name: read_backup.parse_key("private", value) for name, value in keys.items()}

    def look(repository, backup):
        manifest = repository.manifest(backup)
        repository.proof(backup)
        for key in private.values():
            data_key = repository.data_key(manifest, key)
        for stream in manifest["streams"]:
            for _ in repository.stream(manifest, stream["name"], data_key):
                pass

    opened = read_backup.Repository(memory, signer)
    for backup in opened.backups():
        look(opened, backup)

    def whole(store, key):
        if key.startswith("config/"):
            read_backup.Repository(store, signer)
            return
        opened.store = store  # its configurations are not what is changed
        look(opened, key.split("/")[1])

    flipped = 0
    for key, data in memory.objects.items():
        if key.startswith("holds/"):
            continue  # it keeps a backup, whatever it says
        for index in range(len(data)):
            changed = data[:index] + bytes([data[index] ^ (1 << index % 8)]) + data[index + 1:]
            try:
                whole(Memory({**memory.objects, key: changed}), key)
            except read_backup.Refused:
                flipped += 1
            else:
                raise Failed(f"byte {index} of {key} was flipped, and nobody saw it")
    print(f"        {flipped} bytes of {len(memory.objects)} objects")


def frozen(scratch, major):
    """What an earlier version wrote, the reader and the program go on reading."""
    for sample in sorted(HERE.glob("format-*")):
        expected = json.loads((sample / "expected.json").read_text())
        kit = sample / "kit.txt"
        store = sample / "repository"
        for backup, numbers in expected["backups"].items():
            for stream in ("archive", "catalog"):
                for key in expected["keys"].values():
                    out = scratch.folder / "read"
                    read(store, stream, backup, "--kit", kit, "-o", out, BACKUP_SERVICE_KEY=key)
                    equal(hashlib.sha256(out.read_bytes()).hexdigest(), numbers[stream], f"{sample.name}: {stream} of {backup}")
        said = read(store, "list", "--kit", kit)
        equal([line.split()[0] for line in said.splitlines()], list(expected["backups"]), "list")
        equal([line.rsplit(" ", 1)[1] for line in said.splitlines()], expected["proven"], "proven")
        # The program, on a copy: it looks for a lock and may tidy.
        work = scratch.folder / sample.name
        shutil.copytree(store, work)
        config = scratch.folder / f"{sample.name}.yaml"
        signer = read_backup.parse_key("signer", kit.read_text()) and re.search(r"aethel-signer-[\sa-z2-7-]*?\n\n", kit.read_text()).group(0)
        config.write_text(f"version: 1\nbackup:\n  database: main\n  signer: {''.join(signer.split())}\n  store:\n    folder: {work}\n")
        environment = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        environment.update({"PATH": f"{scratch.binaries(expected['major'])}:/usr/bin:/bin", "AETHEL_CONFIG": str(config)})
        for key in expected["keys"].values():
            said = run([os.environ["AETHELD"], "backup", "verify", "--all"], env={**environment, "BACKUP_SERVICE_KEY": key})
            equal(said.count("proven to L2"), len(expected["backups"]), said)
        contains(run([os.environ["AETHELD"], "backup", "show", expected["held"]], env=environment), "held         sample\n")
        listed = json.loads(run([os.environ["AETHELD"], "backup", "list", "--json"], env=environment))
        equal([(each["id"], each["held"]) for each in listed["backups"]],
              [(backup, backup == expected["held"]) for backup in expected["backups"]], "list")


def make(folder):
    """Two backups, the first with a report and a hold; keys of all kinds are rotated between them."""
    folder = pathlib.Path(folder)
    with Scratch() as scratch:
        server = scratch.server(18)
        server.create("sample")
        server.psql("sample", "CREATE TABLE people (id int PRIMARY KEY, name text); INSERT INTO people VALUES (1, 'Ana'), (2, 'João')")
        aetheld = Aetheld(scratch, server, "sample", "made")
        first = json.loads(aetheld.call("run", "--json"))["backup"]
        aetheld.call("drill", first)
        aetheld.call("hold", first, "--reason", "sample")
        kit = (aetheld.folder / "aethel-recovery-kit.txt").read_text()
        keys = {"recovery": re.search(r"aethel-private-[\sa-z2-7-]*?\n\n", kit).group(0)}
        aetheld.call("keys", "rotate", "service")
        keys["service"] = (aetheld.folder / "aethel-new-key.env").read_text().split("=", 1)[1].strip()
        aetheld.environment["BACKUP_SERVICE_KEY"] = keys["service"]
        aetheld.call("keys", "rotate", "signing", "--out", "signing.env")
        aetheld.environment["BACKUP_SIGNING_KEY"] = (aetheld.folder / "signing.env").read_text().split("=", 1)[1].strip()
        server.psql("sample", "INSERT INTO people VALUES (3, 'Zoë')")
        second = json.loads(aetheld.call("run", "--json"))["backup"]
        keys["recovery"] = "".join(keys["recovery"].split())
        expected = {"major": 18, "keys": keys, "held": first, "proven": ["L3", "yet"], "backups": {}}
        for backup in (first, second):
            expected["backups"][backup] = {}
            for stream in ("archive", "catalog"):
                out = aetheld.folder / "out"
                read(aetheld.store, stream, backup, "--kit", aetheld.folder / "aethel-recovery-kit.txt", "-o", out)
                expected["backups"][backup][stream] = hashlib.sha256(out.read_bytes()).hexdigest()
        shutil.copytree(aetheld.store, folder / "repository", ignore=shutil.ignore_patterns(".*"))
        shutil.rmtree(folder / "repository" / "probe", ignore_errors=True)
        for path in (folder / "repository").rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        place = re.compile(r"(?m)^      folder: .*$")
        (folder / "kit.txt").write_text(place.sub("      folder: repository", kit))
        (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if sys.argv[1:2] == ["--make"]:
    make(sys.argv[2])
    sys.exit(0)
cases.case("the numbers of docs/backup-format.md", vectors)
with Scratch() as scratch:
    for major in (18, 15):
        cases.case(f"stock pg_restore of PostgreSQL {major}", restores, scratch, major)
    cases.case("refusals", refusals, scratch, 18)
    cases.case("a frozen repository", frozen, scratch, 18)
    cases.case("flipped bytes", flips, scratch, 18)
cases.finish()
