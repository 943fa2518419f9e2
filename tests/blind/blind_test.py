#!/usr/bin/env python3
"""mutate.py on a tiny tree of its own: the same mutants for the same seed, and the class of each."""
import pathlib
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import mutate  # noqa: E402

AETHEL = sys.argv[1]
passed = failed = 0

FILES = {
    # DB_PASSWORD links two files; web and cache are names of one; "tuning" stands in a file that nothing reads.
    "compose.yaml": "# DB_PASSWORD comes from .env.example\n"
    "services:\n"
    "  web:\n"
    "    image: nginx:1.28\n"
    "    volumes: [./site/index.html:/usr/share/nginx/html/index.html:ro]\n"
    "    environment:\n"
    "      PASSWORD: ${DB_PASSWORD}\n"
    "      FLAVOUR: vanilla-blue\n",
    ".env.example": "DB_PASSWORD=change-me\nOTHER=vanilla-blue\n",
    "run.sh": "#!/bin/sh\necho reading DB_PASSWORD\ncat ./site/index.html --vanilla-blue\n",
    "README.md": "Set DB_PASSWORD, open ./site/index.html.\n",
    "app.yaml": "flavour: vanilla-blue\n",
    "site/index.html": "<p>hello</p>\n",
    "package-lock.json": '{"DB_PASSWORD": "vanilla-blue"}\n',
}


def expect(good, text):
    global passed, failed
    passed += bool(good)
    failed += not good
    if not good:
        print(f"failed: {text}")


def rows(folder, seed, judged=()):
    tree = mutate.Tree(mutate.read_tree(folder))
    tree.folder = folder
    return mutate.run(AETHEL, {"tiny": tree}, 20, seed, "2026-11-26", dict(judged))


with tempfile.TemporaryDirectory() as work:
    for path, text in FILES.items():
        full = pathlib.Path(work, path)
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, encoding="utf-8")
    first = rows(work, "1")
    expect(first == rows(work, "1"), "the same seed gives the same mutants")
    expect([r["path"] + r["old"] for r in first] != [r["path"] + r["old"] for r in rows(work, "3")], "another seed gives another order")
    expect(all(pathlib.Path(work, path).read_text(encoding="utf-8") == text for path, text in FILES.items()), "the tree itself is never changed")
    by = {(r["path"], r["old"], r["line"]): r for r in first}

    def classed(path, old, line):
        row = by.get((path, old, line))
        return row and (row["class"], row["reason"])

    expect(classed("compose.yaml", "./site/index.html", 5) == ("found", ""), f"a mounted file that is not there: {by.keys()}")
    expect(classed("compose.yaml", "DB_PASSWORD", 7) and classed("compose.yaml", "DB_PASSWORD", 7)[0] == "found", "a variable that no file gives")
    expect(classed("compose.yaml", "vanilla-blue", 8) == ("missed", ""), "a value that only programs know")
    expect(not any(r["path"] == "run.sh" and r["old"] == "vanilla-blue" for r in first), "options of programs are left out")
    dead = {(r["path"], r["reason"]) for r in first if r["class"] == "harmless"}
    expect(dead and dead <= {("compose.yaml", "comment"), (".env.example", "example value"), ("run.sh", "printed text"), ("README.md", "prose"), ("package-lock.json", "lock")}, f"dead places: {dead}")
    expect(not any(r["class"] == "alarm" for r in first), "no finding where nothing reads")
    said = {("tiny", "compose.yaml", "vanilla-blue", "FLAVOUR: vanilla-blue"): ("harmless", "a free choice")}
    expect({"harmless"} == {r["class"] for r in rows(work, "1", said) if r["old"] == "vanilla-blue" and r["path"] == "compose.yaml"}, "a person's judgement counts")

for text, ending, column in [("a: 1 # b", "yaml", 5), ("a: '#b' # c", "yaml", 8), ("x = y // z", "ts", 6), ('u = "http://h" ', "ts", 15), ("#!/bin/sh", "sh", 0), ("  * text", "ts", 2)]:
    expect(mutate.comment_begin(text, ending) == column, f"where the comment of {text!r} begins: {mutate.comment_begin(text, ending)}")
for path, text, kind in [("docker-compose.yml", "services: {}\n", "compose"), ("prometheus/compose.yml", "scrape_configs: []\n", "monitoring"), ("a/Dockerfile.dev", "", "dockerfile"),
                         (".env.example", "", "dotenv"), ("app/env.py", "", "source"), (".github/workflows/ci.yml", "", "workflow"), ("k/x.yaml", "apiVersion: v1\n", "kubernetes"),
                         ("go.sum", "", "lock"), ("LICENSE", "", "prose"), ("bin/up", "#!/usr/bin/env bash\n", "shell"), ("main.tf", "", "terraform"), ("nginx.conf", "", "nginx")]:
    expect(mutate.kind_of(path, text) == kind, f"{path} is {mutate.kind_of(path, text)}")
for scalar, texts, new in [("a.conf", [], "azq.conf"), ("DB_URL", [], "DB_URLZQ"), ("./x/y.sh", [], "./x/yzq.sh"), ("8080", ["8087"], "8088"), ("web-app", [], "web-appzq")]:
    expect(mutate.renamed(scalar, texts) == new, f"{scalar} becomes {mutate.renamed(scalar, texts)}")
# It knows nothing of what it tests: of this project it imports nothing.
imported = re.findall(r"^(?:import|from) (\w+)", pathlib.Path(mutate.__file__).read_text(encoding="utf-8"), re.MULTILINE)
expect(set(imported) <= set(sys.stdlib_module_names), f"imports: {imported}")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
