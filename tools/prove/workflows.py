#!/usr/bin/env python3
"""Aethel's findings about workflows beside actionlint's: workflows.py AETHEL TESTDATA [TREES]

TESTDATA is that of actionlint: `ok` must stay silent; of `err` and `examples` each expected error counts as found when Aethel reports
something on that line. TREES is a folder of repositories: there both programs run, and every line that only one names is listed. Prints
Markdown, and what is missed with -v.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# Classes of actionlint that no rule of ours takes up, and why.
OTHERS = {
    "shellcheck": "another program's",
    "pyflakes": "another program's",
    "runner-label": "runners of one's own may have any label",
    "credentials": "a matter of committed credentials",
    "glob": "a filter that matches nothing is no error for GitHub",
    "matrix": "GitHub accepts values that repeat",
    "deprecated-commands": "they still run",
    "env-var": "the shell's affair",
    "shell-name": "the runner's affair",
    "action": "needs the definitions of public actions",
}
OURS = re.compile(r"AE06[0-4]\d")


def audit(aethel, root):
    run = subprocess.run([aethel, "audit", "--format", "json", str(root)], capture_output=True, text=True)
    if run.returncode not in (0, 1, 4) or not run.stdout:
        sys.exit(f"{root}: exit {run.returncode}\n{run.stderr}")
    return [f for f in json.loads(run.stdout)["findings"] if OURS.match(f["rule"])]


def line_of(finding):
    return finding["location"]["line"]


def place(finding):
    return finding["location"]["path"], line_of(finding)


def in_tree(aethel, file, folder):
    with tempfile.TemporaryDirectory() as root:
        target = pathlib.Path(root, ".github", "workflows", "test.yaml")
        target.parent.mkdir(parents=True)
        shutil.copy(file, target)
        # Local actions and workflows of the test data.
        for part in ("action", "my-action"):
            if (folder / part).is_dir():
                shutil.copytree(folder / part, pathlib.Path(root, part))
        return audit(aethel, root)


def expected(out):
    for line in out.read_text().splitlines():
        found = re.match(r"/?test\\?\.yaml:(\d+):\d+: ?(.*?)\\?\[([a-z-]+)\\?\]", line.replace("\\:", ":"))
        if found:
            yield int(found[1]), found[3], line


def testdata(aethel, data, verbose):
    silent = noisy = 0
    for file in sorted((data / "ok").glob("*.y*ml")):
        findings = in_tree(aethel, file, data / "ok")
        silent, noisy = (silent + 1, noisy) if not findings else (silent, noisy + 1)
        for finding in findings:
            print(f"* `ok/{file.name}:{line_of(finding)}` {finding['name']}: {finding['message']}")
    print(f"\n{silent} of {silent + noisy} files of `ok` are silent.\n")
    total, hit, missed = collections.Counter(), collections.Counter(), []
    extra = []
    for folder in ("err", "examples"):
        for out in sorted((data / folder).glob("*.out")):
            file = next((p for p in (out.with_suffix(".yaml"), out.with_suffix(".yml")) if p.exists()), None)
            if file is None:
                continue
            lines = collections.defaultdict(list)
            for finding in in_tree(aethel, file, data / folder):
                lines[line_of(finding)].append(finding)
            named = set()
            for line, kind, text in expected(out):
                total[kind] += 1
                named.add(line)
                # It places what is wrong with `needs` at the job.
                near = [f for n in lines for f in lines[n] if f["name"] == "undefined-job" and 0 <= n - line < 8]
                if line in lines or (kind == "job-needs" and near):
                    hit[kind] += 1
                else:
                    missed.append((kind, folder, file.name, text))
            for line in sorted(set(lines) - named):
                for finding in lines[line]:
                    extra.append(f"{folder}/{file.name}:{line} {finding['name']}: {finding['message']}")
    print("| class | errors | found | |\n|---|---|---|---|")
    for kind in sorted(total, key=lambda k: (k in OTHERS, k)):
        print(f"| {kind} | {total[kind]} | {hit[kind]} | {OTHERS.get(kind, '')} |")
    print(f"\n{len(extra)} findings on lines that actionlint does not name.\n")
    if verbose:
        for line in extra:
            print("* only ours:", line)
        for kind, folder, name, text in sorted(missed):
            if kind not in OTHERS:
                print(f"* missed: {folder}/{name} {text}")


def trees(aethel, root, verbose):
    ours, theirs, both, files = [], [], 0, 0
    for tree in sorted(p for p in root.iterdir() if (p / ".github/workflows").is_dir()):
        workflows = sorted((tree / ".github/workflows").glob("*.y*ml"))
        files += len(workflows)
        run = subprocess.run([os.environ.get("ACTIONLINT", "actionlint"), "-shellcheck=", "-pyflakes=", "-format", "{{json .}}",
                              *[str(w) for w in workflows]], capture_output=True, text=True, cwd=tree)
        reported = {}
        for error in json.loads(run.stdout or "[]"):
            if error["kind"] not in OTHERS:
                reported[os.path.relpath(error["filepath"], tree) if os.path.isabs(error["filepath"]) else error["filepath"], error["line"]] = error
        mine = {place(f): f for f in audit(aethel, tree)}
        both += len(set(mine) & set(reported))
        ours += [(tree.name, p, mine[p]) for p in sorted(set(mine) - set(reported))]
        theirs += [(tree.name, p, reported[p]) for p in sorted(set(reported) - set(mine))]
    print(f"\n{files} workflows: {both} places that both name, {len(ours)} only ours, {len(theirs)} only actionlint's.\n")
    if verbose:
        for name, (path, line), f in ours:
            print(f"* only ours: {name} {path}:{line} [{f['priority']} {f['name']}] {f['message']}")
        for name, (path, line), e in theirs:
            print(f"* only actionlint: {name} {path}:{line} [{e['kind']}] {e['message']}")


def main():
    arguments = [a for a in sys.argv[1:] if a != "-v"]
    verbose = "-v" in sys.argv
    testdata(arguments[0], pathlib.Path(arguments[1]), verbose)
    if len(arguments) > 2:
        trees(arguments[0], pathlib.Path(arguments[2]), verbose)


main()
