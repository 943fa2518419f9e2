"""The commands of docs/backup.md run as they stand, against a real server and a folder."""

import os
import pathlib

from pages import ROOT, run_page
from servers import Cases, Failed, Scratch, contains, equal

cases = Cases()


def page(scratch):
    server = scratch.server(18)
    server.create("shop")
    server.psql("shop", "CREATE TABLE orders AS SELECT g AS id, md5(g::text) AS item FROM generate_series(1, 1000) g; "
                        "CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users VALUES (1)")
    folder = scratch.folder / "page"
    folder.mkdir()
    # Nobody made it before, and what root makes is for root alone: the server's user has to get in.
    drills = scratch.folder / "new" / "drills"
    environment = {"PATH": f"{pathlib.Path(os.environ['AETHELD']).parent}:{server.bin}:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8",
                   "PGHOST": "/nonexistent"}  # a command that names no host meets none
    said = run_page("docs/backup.md", folder, [
        ("postgresql://aethel@db.example.org/shop", server.url("shop")),
        ("postgresql://postgres@db.example.org/shop", server.url("shop")),
        ("postgresql://postgres@db.example.org/copy", server.url("copy")),
        ("postgresql://postgres@db.example.org/part", server.url("part")),
        *((f"createdb -h db.example.org -U postgres -T template0 -E UTF8 --locale=C.UTF-8 {name}\n",
           f"createdb -h {server.folder} -U postgres -T template0 -E UTF8 --locale=C.UTF-8 {name}\n") for name in ("copy", "part")),
        ("/var/lib/aethel/backups", str(folder / "store")),
        ("/var/lib/aethel/drills", str(drills)),
    ], environment, umask=0o077)
    for part in ("made a repository in folder", "proven L3: restored in", "equal to the source", "there is nothing to remove",
                 "is held: no rule removes it", "held: the audit of 2026", "is the new recovery kit", "the database of before is"):
        contains(said, part)
    if "bad " in said:
        raise Failed(f"`check` finds something:\n{said}")
    equal(server.psql("copy", "SELECT count(*) FROM orders"), "1000", "restored")


def table(scratch):
    """Every error and warning of `check` is explained on the page."""
    page = (ROOT / "docs/backup.md").read_text()
    source = (ROOT / "src/backup/check.cc").read_text()
    whats = {part.split('"')[1] for part in source.split("State::bad,")[1:] + source.split("State::warning,")[1:]}
    missing = sorted(what for what in whats if f"| `{what}` |" not in page)
    equal(missing, [], "what `check` says and docs/backup.md does not explain")


with Scratch() as scratch:
    cases.case("docs/backup.md", page, scratch)
    cases.case("what check says", table, scratch)
cases.finish()
