#!/usr/bin/env python3
"""Blind mutation: renames one scalar of a clean tree at one place, audits, and says whether Aethel saw it.

    mutate.py --aethel PROGRAM [--count 300] [--seed 1] [--today DATE] [--judged FILE] [--results FILE] [--document FILE] NAME=FOLDER...

It imports nothing of Aethel and knows nothing of its readers: it sees text files, words, numbers of ports and paths. What it does, in order:

1. Reads the text files of each tree: those that git tracks, where there is a repository.
2. Takes their scalars: names (with "_", "-", "."), paths (with "/"), numbers of ports. A word without any of these signs counts where it is a scalar of its
   own, not one word of a sentence or of a command. Options of programs (`--omit`) and addresses of other people's hosts are left out. A place is *dead* when
   no program reads it: comments, prose, lock files, generated records, descriptions, messages, names that are only shown, printed text, the values of an
   example. All others are *live*.
3. Keeps scalars that are live in two files or more, in at most a fifth of them, and not in most of the trees: what stands in most of the trees is
   the language (`image`, `restart`), not the repository. So is what is never more than a key; and what only source code shares is the affair of its
   compiler. Numbers of ports are kept wherever they stand.
4. Draws places with a fixed seed: the same number from each tree, and within a tree in turn from each kind of file, so that a kind with many files does
   not stand for all. One in ten is a dead place, for control: a finding there is a false alarm.
5. Renames that one place, audits, compares with the audit before, puts it back. All other places keep the old name: it is the slip of one person in one file.

A mutant is *found* when a new finding touches its line or names the old or the new word. It is *harmless* when its place is dead, or when a
person judged so in the file of --judged, with the reason. All others are *missed*; for those the file of --judged may have a reason as well.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

LARGEST = 256 * 1024

NAME = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z_][A-Za-z0-9_]*(?:[-.][A-Za-z0-9_]+)*")
PATH = re.compile(r"(?<![\w.$}{:/@-])(?:\.{1,2}/)*[A-Za-z_.][\w.-]*(?:/[\w.-]*[\w])+|(?<![\w.$}/-])/[A-Za-z_][\w.-]*(?:/[\w.-]*[\w])*")
PORT = re.compile(r"(?<![\w.-])\d{2,5}(?![\w.%-])")
PORTS = {80, 443}
PORT_LINE = re.compile(r"port|listen|expose|bind|addr", re.IGNORECASE)
# A host with a dot, unless it is this machine or a name that is reserved for examples and tests: somebody else's.
FOREIGN = re.compile(r"\b[a-z][a-z0-9+.-]*://(?!localhost\b)[\w-]+\.[^\s\"'`<>)]*", re.IGNORECASE)
MESSAGE = re.compile(r"\$\{\w+:?\?([^}]*)\}")

LOCK = re.compile(r"(^|/)([^/]*[-.]lock(\.(json|yaml|hcl|toml))?|[^/]*\.lock\.hcl|package-lock\.json|pnpm-lock\.yaml|yarn\.lock|go\.sum|[^/]*\.snap|bun\.lockb?)$")
PROSE = re.compile(r"\.(md|mdx|rst|adoc|txt|svg|csv|pem|crt|key|pot?|ipynb)$|(^|/)(LICEN[CS]E|COPYING|NOTICE|AUTHORS|CODEOWNERS|CHANGELOG|README)[^/]*$", re.IGNORECASE)
EXAMPLE = re.compile(r"\.(example|sample|dist|tmpl|template)(\.|$)|\bexample\b", re.IGNORECASE)
SOURCE = {"py", "ts", "tsx", "js", "jsx", "mjs", "cjs", "go", "rs", "java", "kt", "rb", "php", "cs", "sql", "html", "css", "scss", "vue", "lua", "proto", "jinja", "mjml"}
SLASHES = {"ts", "tsx", "js", "jsx", "mjs", "cjs", "go", "rs", "java", "kt", "php", "cs", "scss", "css", "proto"}

DESCRIPTION = re.compile(r"""^\s*(?:-\s*)?["']?(description|summary|title|message|displayName|maintainer|author|homepage|licen[cs]e|runbook_url|help|note|tooltip|legendFormat|error_message)["']?\s*[:=]""")
SHOWN_NAME = re.compile(r"^\s+(?:-\s*)?name:")
PRINTED = re.compile(r"^\s*(?:-\s*)?(?:run:\s*)?(?:echo|printf|say|log|warn|info|die)\b")


def kind_of(path, text):
    """The kind of a file, by its path, and by its text where paths do not tell."""
    base = path.rsplit("/", 1)[-1]
    ending = base.rsplit(".", 1)[-1].lower() if "." in base else ""
    if LOCK.search(path):
        return "lock"
    if PROSE.search(path) and not re.search(r"requirements[^/]*\.txt$", path):
        return "prose"
    if ending in ("yaml", "yml") and base != "aethel.yaml" and re.search(r"^services:|^include:\s*$", text, re.MULTILINE):
        return "compose"
    if re.search(r"^(Dockerfile|Containerfile)|\.dockerfile$", base):
        return "dockerfile"
    if re.search(r"(^|\.)env(\.[\w-]+)*$", base) and ending not in SOURCE | {"sh", "patch", "diff", "yaml", "yml", "json"}:
        return "dotenv"
    if re.search(r"(^|/)\.github/(workflows|actions)/.*\.ya?ml$|(^|/)action\.ya?ml$", path):
        return "workflow"
    if re.search(r"nginx", path) and not re.search(r"\.(ya?ml|sh|json|tf)$", base):
        return "nginx"
    if ending in ("sh", "bash") or re.match(r"#!.*\b(ba|da)?sh\b", text):
        return "shell"
    if ending in ("tf", "tfvars", "hcl"):
        return "terraform"
    if ending in ("yaml", "yml") and (re.search(r"^apiVersion:", text, re.MULTILINE) or base.startswith("kustomization.")):
        return "kubernetes"
    if ending not in SOURCE and re.search(r"prometheus|alert|grafana|loki|monitoring|dashboards?|otel", path):
        return "monitoring"
    if base in ("package.json", "pyproject.toml", "Cargo.toml", "go.mod", "Makefile", "justfile") or base.startswith("requirements"):
        return "manifest"
    if ending in SOURCE:
        return "source"
    return "other"


def comment_begin(line, ending):
    """The column where a comment begins, or the length of the line."""
    if ending in SLASHES:
        stripped = line.lstrip()
        if stripped.startswith(("//", "/*", "*")):
            return len(line) - len(stripped)
        found = re.search(r"(?<![:\w])//\s", line)
        return found.start() if found else len(line)
    if ending == "json":
        return len(line)
    if ending in ("sql", "lua"):
        return line.index("--") if "--" in line else len(line)
    if ending in ("html", "vue", "mjml"):
        return line.index("<!--") if "<!--" in line else len(line)
    quote = ""
    for at, c in enumerate(line):
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c == "#" and (at == 0 or line[at - 1] in " \t"):
            return at
    return len(line)


class File:
    def __init__(self, path, text):
        self.path, self.text = path, text
        self.kind = kind_of(path, text)
        self.ending = path.rsplit(".", 1)[-1].lower() if "." in path else ""
        self.lines = text.split("\n")

    def dead(self, number, begin):
        """Why no program reads this place, or nothing."""
        line = self.lines[number]
        if self.kind in ("lock", "prose"):
            return self.kind
        if "generated" in self.path.split("/")[:-1]:
            return "generated record"
        if begin >= comment_begin(line, self.ending):
            return "comment"
        if DESCRIPTION.match(line):
            return "description"
        if any(b <= begin < e for b, e in (found.span(1) for found in MESSAGE.finditer(line))):
            return "message"
        if self.kind == "workflow" and SHOWN_NAME.match(line):
            return "shown name"
        if self.kind in ("shell", "workflow", "dockerfile") and PRINTED.match(line) and not re.search(r"[|>]", line.replace(">&2", "")):
            if not re.search(r"\$\{?$", line[:begin]):
                return "printed text"
        if self.kind == "dotenv" and EXAMPLE.search(self.path) and "=" in line[:begin]:
            return "example value"
        return ""

    def scalars(self):
        """(scalar, line, column) of each place, each place once."""
        for number, line in enumerate(self.lines):
            if len(line) > 2000:
                continue
            taken = [found.span() for found in FOREIGN.finditer(line)]

            def free(found):
                return not any(b < found.end() and found.start() < e for b, e in taken)

            paths = [found for found in PATH.finditer(line) if free(found)]
            taken += [found.span() for found in paths]
            for found in paths:
                yield found.group(), number, found.start()
            for found in filter(free, PORT.finditer(line)):
                begin, value = found.start(), int(found.group())
                if (value in PORTS or 1024 <= value <= 65535) and (line[:begin].endswith(":") or PORT_LINE.search(line)):
                    yield found.group(), number, begin
            for found in filter(free, NAME.finditer(line)):
                name, begin = found.group(), found.start()
                if len(name) < 3 or line[:begin].endswith("-"):
                    continue
                if name.isalpha() and not name.isupper() and not self.alone(line, begin, found.end()):
                    continue
                if re.fullmatch(r"[0-9a-f]{12,}", name):  # a commit or a digest
                    continue
                last = name.rpartition(".")[2]
                if last != name and last.isupper() and len(last) >= 3:  # process.env.DATABASE_URL
                    yield last, number, found.end() - len(last)
                else:
                    yield name, number, begin

    def is_key(self, number, column, scalar):
        """Whether the place names what follows: a key of YAML or JSON, an attribute of Terraform."""
        after = self.lines[number][column + len(scalar):]
        if self.ending in ("tf", "tfvars", "hcl", "toml"):
            return not self.lines[number][:column].strip() and bool(re.match(r"\s*[={]", after))
        return self.ending in ("yaml", "yml", "json", "jsonc") and bool(re.match(r"[\"']?\s*:(\s|$)", after))

    def alone(self, line, begin, end):
        """Whether a plain word is a scalar of its own; in program text, only a quoted one is."""
        if self.kind == "source":
            return begin > 0 and line[begin - 1] in "\"'" and line[end:end + 1] == line[begin - 1]
        before, after = line[:begin].rstrip(), line[end:]
        return (not before or before[-1] in ":-[,{\"'=@/(") and (not after.strip() or after[0] in ":,]}\"'/)" or after.lstrip().startswith("#"))


def read_tree(folder):
    folder = pathlib.Path(folder)
    listed = subprocess.run(["git", "-C", str(folder), "ls-files", "-z", "--", "."], capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        paths = [os.fsdecode(p) for p in listed.stdout.split(b"\0") if p]
    else:
        paths = [str(p.relative_to(folder)) for p in folder.rglob("*") if ".git" not in p.relative_to(folder).parts]
    files = []
    for path in sorted(paths):
        full = folder / path
        if full.is_symlink() or not full.is_file() or full.stat().st_size > LARGEST:
            continue
        try:
            text = full.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            files.append(File(path, text))
    return sorted(paths), files


Place = collections.namedtuple("Place", "tree file scalar line column dead")


def places_of(tree, files):
    places = collections.defaultdict(list)
    for file in files:
        for scalar, line, column in file.scalars():
            places[scalar].append(Place(tree, file, scalar, line, column, file.dead(line, column)))
    return places


def candidates(trees):
    """For each tree, its live and its dead places of scalars that link two files."""
    all_places = {name: places_of(name, files) for name, (_, files) in trees.items()}
    live_in = collections.Counter()
    for places in all_places.values():
        for scalar, where in places.items():
            live_in[scalar] += any(not p.dead for p in where)
    language = max(2, -(-3 * len(trees) // 4)) if len(trees) > 2 else len(trees) + 1
    chosen = {}
    for name, places in all_places.items():
        most = max(12, len([f for f in trees[name][1] if f.kind not in ("lock", "prose")]) // 5)
        live, dead = [], []
        for scalar, where in sorted(places.items()):
            files = {p.file.path for p in where if not p.dead}
            if not 2 <= len(files) <= most or (live_in[scalar] >= language and not scalar.isdigit()):
                continue
            # What is never more than a key belongs to a format.
            if all(p.file.is_key(p.line, p.column, scalar) for p in where if not p.dead):
                continue
            # A word that only source shares is the affair of its compiler.
            if all(p.file.kind == "source" for p in where if not p.dead):
                continue
            live += [p for p in where if not p.dead]
            dead += [p for p in where if p.dead]
        chosen[name] = live, dead
    return chosen


def draw(places, count, rng):
    """In turn from each kind of file, and there from each file in turn; no scalar twice in a file."""
    kinds = collections.defaultdict(lambda: collections.defaultdict(list))
    for place in places:
        kinds[place.file.kind][place.file.path].append(place)
    queues = {}
    for kind, files in sorted(kinds.items()):
        each = []
        for path in sorted(files):
            rng.shuffle(files[path])
            each.append(files[path])
        rng.shuffle(each)
        queues[kind] = [p for round_ in range(max(map(len, each))) for own in each for p in own[round_:round_ + 1]]
    drawn, seen = [], set()
    while len(drawn) < count and any(queues.values()):
        for kind in sorted(queues):
            while queues[kind]:
                place = queues[kind].pop(0)
                if (place.file.path, place.scalar) not in seen:
                    seen.add((place.file.path, place.scalar))
                    drawn.append(place)
                    break
            if len(drawn) == count:
                break
    return drawn


def renamed(scalar, texts):
    """Another name of the same shape that stands nowhere in the tree."""
    if scalar.isdigit():
        number = int(scalar) + 7
        while any(re.search(rf"(?<!\d){number}(?!\d)", text) for text in texts):
            number += 1
        return str(number)
    head, slash, last = scalar.rpartition("/")
    stem, dot, ending = last.rpartition(".")
    if dot and stem and re.fullmatch(r"[a-z]{1,10}", ending):
        return f"{head}{slash}{stem}zq.{ending}"
    return f"{head}{slash}{last}{'ZQ' if last.isupper() else 'zq'}"


def audit(program, folder, today):
    done = subprocess.run([program, "audit", "--format", "json", "--lang", "en", "--fail-on", "none", "--today", today, str(folder)],
                          capture_output=True, text=True, check=False)
    if done.returncode in (0, 1, 4) and done.stdout:
        return json.loads(done.stdout)
    if done.returncode == 2:
        return {"refused": done.stderr, "findings": [], "not_analysed": []}
    sys.exit(f"{program} ended with {done.returncode} on {folder}: {done.stderr}")


def key(finding):
    return finding["rule"], finding["location"].get("path"), finding["message"], finding["symbol"]["name"]


def touches(place, path, line):
    return place.get("path") == path and place.get("line", 0) <= line <= place.get("end_line", place.get("line", 0))


def seen_in(report, before, mutant, old, new):
    """The rules of new findings that touch the place or name a word; then of those that do neither."""
    known = collections.Counter(map(key, before["findings"]))
    near, far = set(), set()
    word = re.compile(rf"(?<![A-Za-z0-9_])(?:{re.escape(old)}|{re.escape(new)})(?![A-Za-z0-9_])")
    for finding in report["findings"]:
        known[key(finding)] -= 1
        if known[key(finding)] >= 0:
            continue
        words = [finding["message"], finding.get("help", ""), finding["symbol"]["name"]] + [r["message"] for r in finding["related"]]
        spots = [finding["location"], *finding["related"]]
        hit = any(touches(s, mutant.file.path, mutant.line + 1) for s in spots) or any(word.search(w) for w in words)
        (near if hit else far).add(finding["name"])
    return sorted(near), sorted(far)


def judge(mutant, report, before, new):
    if "refused" in report:
        return "found", "refused"
    near, far = seen_in(report, before, mutant, mutant.scalar, new)
    if near:
        return "found", ",".join(near)
    refused = {n["path"] for n in report["not_analysed"]} - {n["path"] for n in before["not_analysed"]}
    if mutant.file.path in refused:
        return "found", "not analysed"
    return "missed", f"elsewhere: {','.join(far)}" if far else ""


def run(program, trees, count, seed, today, judged):
    rows = []
    per_tree = count // len(trees)
    for name, (live, dead) in candidates(trees).items():
        rng = random.Random(f"{seed} {name}")
        control = per_tree // 10
        mutants = draw(live, per_tree - control, rng) + draw(dead, control, rng)
        texts = [file.text for file in trees[name][1]]
        with tempfile.TemporaryDirectory(prefix="blind-") as work:
            folder = pathlib.Path(work, "tree")
            for path in trees[name][0]:
                source, target = pathlib.Path(trees[name].folder, path), folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                if source.is_symlink():
                    target.symlink_to(os.readlink(source))
                elif source.is_file():
                    shutil.copyfile(source, target)
                    shutil.copymode(source, target)
            before = audit(program, folder, today)
            if "refused" in before:
                sys.exit(f"{name} is refused before anything is changed: {before['refused']}")
            for mutant in mutants:
                new = renamed(mutant.scalar, texts)
                lines = list(mutant.file.lines)
                line = lines[mutant.line]
                lines[mutant.line] = line[:mutant.column] + new + line[mutant.column + len(mutant.scalar):]
                target = folder / mutant.file.path
                target.write_bytes("\n".join(lines).encode())
                outcome, how = judge(mutant, audit(program, folder, today), before, new)
                target.write_bytes(mutant.file.text.encode())
                reason = mutant.dead
                said = judged.get((name, mutant.file.path, mutant.scalar, line.strip()))
                if mutant.dead:
                    outcome = "alarm" if outcome == "found" else "harmless"
                elif said and said[0] == "harmless":
                    outcome, reason = ("alarm" if outcome == "found" else "harmless"), said[1]
                elif said and outcome == "missed":
                    reason = said[1]
                rows.append({"tree": name, "kind": mutant.file.kind, "path": mutant.file.path, "line": mutant.line + 1,
                             "column": mutant.column + 1, "old": mutant.scalar,
                             "new": new, "class": outcome, "by": how, "reason": reason, "text": line.strip()})
    return rows


class Tree(tuple):
    """(paths, files) with the folder that they are of."""


def read_judged(path):
    judged = {}
    if path and pathlib.Path(path).is_file():
        for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            cells = line.split("\t")
            if len(cells) != 6 or cells[4] not in ("harmless", "missed") or not cells[5]:
                sys.exit(f"{path}:{number}: wants tree, path, scalar, line, harmless or missed, reason")
            judged[tuple(cells[:4])] = cells[4], cells[5]
    return judged


COLUMNS = ("tree", "kind", "path", "line", "column", "old", "new", "class", "by", "reason", "text")


def write_results(path, rows):
    lines = ["\t".join(COLUMNS)] + ["\t".join(str(row[c]).replace("\t", " ") for c in COLUMNS) for row in rows]
    pathlib.Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


def percent(part, whole):
    return f"{100 * part / whole:.0f} %" if whole else "-"


def table(rows, column):
    out = [f"| {column} | mutants | found | missed | recall | harmless | false alarms |", "|---|---:|---:|---:|---:|---:|---:|"]
    groups = sorted({row[column] for row in rows})
    for group in [*groups, None]:
        own = [row for row in rows if group is None or row[column] == group]
        n = collections.Counter(row["class"] for row in own)
        out.append(f"| {group or '**all**'} | {len(own)} | {n['found']} | {n['missed']} | {percent(n['found'], n['found'] + n['missed'])} "
                   f"| {n['harmless']} | {n['alarm']} |")
    return "\n".join(out)


def cell(text):
    return text.replace("|", "\\|").replace("`", "'")


def explained(rows):
    out = []
    for kind in sorted({row["kind"] for row in rows}):
        own = [r for r in rows if r["kind"] == kind and r["class"] == "missed" and r["reason"]]
        if own:
            out += [f"### {kind}", ""]
            out += [f"* `{r['tree']}` {r['path']}:{r['line']}, `{cell(r['old'])}` in `{cell(r['text'][:100])}`: {r['reason']}" for r in own]
            out.append("")
    return "\n".join(out).rstrip() or "None."


def unexplained(rows):
    left = collections.Counter(r["kind"] for r in rows if r["class"] == "missed" and not r["reason"])
    return ", ".join(f"{kind} {count}" for kind, count in sorted(left.items())) + "." if left else "None."


def fill(document, blocks):
    text = pathlib.Path(document).read_text(encoding="utf-8")
    for name, block in blocks.items():
        begin, end = f"<!-- blind: {name} -->\n", f"<!-- /blind: {name} -->"
        if begin not in text or end not in text:
            sys.exit(f"{document} has no place for \"{name}\"")
        text = text[:text.index(begin) + len(begin)] + "\n" + block + "\n\n" + text[text.index(end):]
    pathlib.Path(document).write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--aethel", required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--today", default="2026-11-26")
    parser.add_argument("--judged")
    parser.add_argument("--results")
    parser.add_argument("--document")
    parser.add_argument("trees", nargs="+", metavar="NAME=FOLDER")
    options = parser.parse_args()
    trees = {}
    for given in options.trees:
        name, _, folder = given.partition("=")
        trees[name] = Tree(read_tree(folder))
        trees[name].folder = folder
    judged = read_judged(options.judged)
    rows = run(options.aethel, trees, options.count, options.seed, options.today, judged)
    used = {(r["tree"], r["path"], r["old"], r["text"]) for r in rows}
    for entry in judged.keys() - used:
        print(f"judged and not drawn any more: {' '.join(entry[:3])}", file=sys.stderr)
    if options.results:
        write_results(options.results, rows)
    if options.document:
        fill(options.document, {
            "kinds": table(rows, "kind"),
            "trees": table(rows, "tree"),
            "explained": explained(rows),
            "open": unexplained(rows),
        })
    print(table(rows, "kind"))


if __name__ == "__main__":
    main()
