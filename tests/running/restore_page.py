"""The commands of docs/restore.md run as they stand, on a server that has nothing yet, with what a stranger has: the
page of the recovery kit, typed, and the credentials of a bucket."""

import json
import os
import pathlib
import re
import subprocess
import sys

from pages import ROOT, run_page
from servers import Aetheld, Cases, Failed, Scratch, contains, equal

HERE = pathlib.Path(__file__).resolve().parent
ACCESS, SECRET = "AKIDTEST", "test/secret+of=nobody"
cases = Cases()


def page(scratch, major):
    bucket = subprocess.Popen([sys.executable, HERE.parent / "support/s3_server.py", "--access", ACCESS, "--secret", SECRET, "--region", "eu-central-1",
                               "--bucket", "acme-backups"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        endpoint = f"http://127.0.0.1:{int(bucket.stdout.readline())}"
        os.environ.update({"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET})
        source = scratch.server(major)
        source.create("shop")
        source.psql("shop", """
          CREATE ROLE owner_of_shop; CREATE ROLE reader LOGIN CONNECTION LIMIT 7;
          CREATE TABLE orders AS SELECT g AS id, md5(g::text) || 'ção' AS item FROM generate_series(1, 1000) g;
          ALTER TABLE orders OWNER TO owner_of_shop; GRANT SELECT ON orders TO reader""")
        place = f"    bucket: acme-backups\n    region: eu-central-1\n    endpoint: {endpoint}\n    prefix: production\n"
        maker = Aetheld(scratch, source, "shop", f"maker-{major}", store=place)
        made = json.loads(maker.call("run", "--json"))["backup"]
        kit = (maker.folder / "aethel-recovery-kit.txt").read_text()

        # Another machine: a server with nothing, a folder with nothing, the page, the credentials. It has no locale, as a bare
        # Debian has none, and so its databases are SQL_ASCII when nobody says otherwise.
        bare = scratch.server(major, "bare", encoding="SQL_ASCII", locale="C")
        folder = scratch.folder / f"restore-{major}"
        folder.mkdir()
        (folder / "read_backup.py").write_bytes((ROOT / "tools/read-backup/read_backup.py").read_bytes())
        private = re.search(r"aethel-private-[\sa-z2-7-]*?\n\n", kit).group(0).split()
        signer = re.search(r"aethel-signer-[\sa-z2-7-]*?\n\n", kit).group(0).split()
        said = run_page("docs/restore.md", folder, [
            ("aethel-private-XXXXX-XXXXX", "".join(private)),
            ("aethel-signer-XXXXX-XXXXX", "".join(signer)),
            ("https://s3.eu-central-1.amazonaws.com", endpoint),
            ("AKIAXXXXXXXXXXXXXXXX", ACCESS),
            ("YYYYYYYYYYYYYYYYYYYY", SECRET),
            ("postgresql:///restored", bare.url("restored")),
        ], {"PATH": f"{pathlib.Path(os.environ['AETHELD']).parent}:{bare.bin}:{pathlib.Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(folder), "LC_ALL": "C.UTF-8", "PGHOST": str(bare.folder), "PGUSER": "postgres",
            "PYTHONPATH": os.environ.get("PYTHONPATH", "")})
        contains(said, made)
        contains(said, "equal to the source")
        count = "SELECT count(*), sum(id), sum(length(item)), (SELECT tableowner FROM pg_tables WHERE tablename = 'orders'), has_table_privilege('reader', 'orders', 'SELECT') FROM orders"
        for database in ("restored", "restored_by_hand"):
            equal(bare.psql(database, count), source.psql("shop", count), database)
            equal(bare.psql(database, "SHOW server_encoding"), "UTF8", f"the encoding of {database}")
        for secret in ("".join(private), SECRET):
            if secret in said:
                raise Failed("a secret is printed")
    finally:
        bucket.stdin.close()
        bucket.wait(10)


with Scratch() as scratch:
    for major in (15, 18):
        cases.case(f"docs/restore.md, PostgreSQL {major}", page, scratch, major)
cases.finish()
