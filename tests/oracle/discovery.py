#!/usr/bin/env python3
"""Compares discovery with git.

    tests/oracle/discovery.py --aethel build/dev/src/aethel [--plant] REPOSITORY...
    tests/oracle/discovery.py --aethel build/dev/src/aethel --patterns 2000

For each repository: the files that `aethel files` lists against `git ls-files` and
`git ls-files --others`, and `aethel files --query` against `git check-ignore`, on paths that
are there and on paths that are not. `--plant` first makes a copy and puts into it what
checkouts have and repositories lack: untracked and ignored files, deleted ones, nested
repositories, symlinks, names in other scripts. `--patterns` compares random ignore files.

Files excluded by the user's or the clone's own settings are no part of either side: git is
told not to read them, as aethel does not. Exit code 1 when a difference is not explained.
"""
import argparse
import collections
import json
import os
import random
import re
import subprocess
import sys
import tempfile

GIT = ["git", "-c", "core.excludesFile=/dev/null", "-c", "core.quotePath=false", "-c", "safe.directory=*"]


def git(repository, *arguments, given=None, codes=(0,)):
    done = subprocess.run(GIT + list(arguments), cwd=repository, input=given, stdout=subprocess.PIPE)
    if done.returncode not in codes:
        sys.exit(f"git {' '.join(arguments)} failed in {repository}")
    return done.stdout


def text(path):
    return path.decode("utf-8", "replace")


def records(output):
    return [record for record in output.split(b"\0") if record]


def aethel(options, repository, *arguments, given=None):
    command = [options.aethel, "files", repository, "--format", "json", *arguments]
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def compare_files(options, repository):
    """Returns (number of files, explained, unexplained); the last two as {reason: [path]}."""
    stages = [record.split(b"\t", 1) for record in records(git(repository, "ls-files", "-s", "-z"))]
    submodules = {text(path) for meta, path in stages if meta.startswith(b"160000")}
    tracked = {text(path) for _, path in stages}
    deleted = {text(path) for path in records(git(repository, "ls-files", "-d", "-z"))} - submodules
    others = {text(path) for path in records(
        git(repository, "ls-files", "--others", "--exclude-per-directory=.gitignore", "-z"))}
    expected = (tracked - deleted) | others

    answer = aethel(options, repository)
    found = {entry["path"] for entry in answer["files"] if entry["type"] != "directory"}
    not_walked = [item["path"] for item in answer["skipped"]
                  if item["path"].endswith("/") and item["reason"] in ("vendored", "generated", "nested-repository")]
    in_foreign = lambda path: any(path.startswith(directory) for directory in not_walked)

    explained, unexplained = collections.defaultdict(list), collections.defaultdict(list)
    for path in sorted(expected - found):
        if path.endswith("/") and path in not_walked:
            explained["repository inside, which git lists as one directory"].append(path)
        elif path in others and in_foreign(path):
            explained["untracked in a directory that is not ours"].append(path)
        else:
            unexplained["only git lists"].append(path)
    for path in sorted(found - expected):
        if path in deleted and in_foreign(path):
            explained["deleted in a directory that is not ours"].append(path)
        else:
            unexplained["only aethel lists"].append(path)
    for entry in answer["files"]:
        if entry["type"] != "directory" and entry["tracked"] != (entry["path"] in tracked):
            unexplained["tracked or not"].append(entry["path"])
        if (entry["type"] == "submodule") != (entry["path"] in submodules):
            unexplained["submodule or not"].append(entry["path"])
    return len(found), explained, unexplained


NAMES = [".env", ".env.local", "node_modules/a/index.js", "dist/app.js", "build/x", "out/y", "target/z",
         "coverage/lcov.info", "npm-debug.log", "a.log", ".DS_Store", "Thumbs.db", "x.pyc", "__pycache__/x",
         "venv/bin/python", "terraform.tfstate", ".terraform/x", "secrets/key.pem", "config.json", "tmp/a",
         "data/x.sqlite", "vendor/a", ".idea/b", "bin/tool", "obj/c", "lib/d", "a b.txt", "relatório.tmp"]


def invented_paths(repository, tracked, chosen):
    """Paths near the real ones that ignore files may speak of."""
    directories = {""}
    for path in tracked:
        while "/" in path:
            path = path.rsplit("/", 1)[0]
            directories.add(path + "/")
    directories = chosen.sample(sorted(directories), min(len(directories), 150))
    words = set(NAMES)
    ignore_files = [path for path in tracked if path.endswith(".gitignore")]
    for path in chosen.sample(ignore_files, min(len(ignore_files), 60)):
        try:
            lines = open(os.path.join(repository, path), encoding="utf-8", errors="replace").read().splitlines()
        except OSError:
            continue
        base = path[: -len(".gitignore")]
        for line in lines[:100]:
            name = re.sub(r"[!\\]", "", line.strip()).strip("/")
            if not name or name.startswith("#"):
                continue
            name = name.replace("**", "p/q").replace("*", "star").replace("?", "q")
            name = re.sub(r"\[.*?\]", "a", name)
            yield base + name
            yield base + name + "/below"
            words.add(name)
    for directory in directories:
        for word in chosen.sample(sorted(words), min(len(words), 40)):
            yield directory + word


def compare_ignored(options, repository, seed):
    chosen = random.Random(seed)
    tracked = [text(path) for path in records(git(repository, "ls-files", "-z"))]
    ignored = [text(path) for path in records(git(
        repository, "ls-files", "--others", "--ignored", "--exclude-per-directory=.gitignore", "-z"))]
    skipped = aethel(options, repository)["skipped"]
    foreign = [item["path"] for item in skipped if item["path"].endswith("/") and item["reason"] != "ignored"]
    # Ignore files of directories that are not ours are not read.
    ours = lambda path: not any(path.startswith(directory) for directory in foreign)
    tracked, ignored = list(filter(ours, tracked)), list(filter(ours, ignored))
    asked = set(chosen.sample(ignored, min(len(ignored), 2000)))
    asked.update(chosen.sample(tracked, min(len(tracked), 500)))
    asked.update(invented_paths(repository, tracked, chosen))
    tracked = set(tracked)
    barriers = set()
    for record in records(git(repository, "ls-files", "-s", "-z")):
        meta, path = record.split(b"\t", 1)
        if meta[:6] in (b"120000", b"160000"):
            barriers.add(text(path))
    def fair(path):
        if not path or "\n" in path or "\ufffd" in path or "//" in path or path.startswith("/"):
            return False
        parts = path.split("/")
        if ".." in parts or "." in parts or ".git" in parts or "" in parts:
            return False
        for i in range(1, len(parts) + 1):
            part = "/".join(parts[:i])
            if part in barriers or (i < len(parts) and os.path.islink(os.path.join(repository, part))):
                return False  # git refuses to look beyond
        return ours(path)

    paths = sorted(path for path in asked if fair(path))
    # Without the index: with it git also leaves out directories that hold a tracked file.
    output = git(repository, "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n", codes=(0, 1),
                 given="\0".join(paths).encode()).split(b"\0")
    wanted = {}
    for i in range(0, len(output) - 3, 4):
        source, _, pattern, path = (text(field) for field in output[i:i + 4])
        wanted[path] = (os.path.basename(source) == ".gitignore" and not pattern.startswith("!")
                        and path not in tracked)
    lines = [path + "/" if os.path.isdir(os.path.join(repository, path)) else path for path in paths]
    answers = aethel(options, repository, "--query", given="\n".join(lines).encode())["answers"]
    differences = [answer["path"] for answer, path in zip(answers, paths)
                   if bool(answer["ignored"]) != wanted[path]]
    return len(paths), sum(wanted.values()), differences


def plant(repository, into, seed):
    """A copy with what checkouts have; hard links, so that nothing existing may be written."""
    subprocess.run(["cp", "-al", repository + "/.", into], check=True)
    chosen = random.Random(seed)
    tracked = [text(path) for path in records(git(into, "ls-files", "-z"))]
    directories = sorted({os.path.dirname(path) for path in tracked})
    def write(path):
        full = os.path.join(into, path)
        try:
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "x") as file:
                file.write("planted\n")
        except OSError:
            pass  # a file stands where a directory should be
    for directory in chosen.sample(directories, min(len(directories), 60)):
        for name in chosen.sample(NAMES, 6):
            write(os.path.join(directory, name))
        write(os.path.join(directory, chosen.choice(["日本.txt", "com espaço.md", "tab\there", "UPPER.MD"])))
    for directory in chosen.sample(directories, min(len(directories), 8)):
        path = os.path.join(into, directory, ".gitignore")
        if not os.path.exists(path):
            with open(path, "w") as file:
                file.write(chosen.choice(["*\n", "*.txt\n!keep.txt\n", "/dist\nnode_modules/\n", "\ufeffbuild/\r\n*.log\r\n"]))
    for path in chosen.sample(tracked, min(len(tracked), 15)):
        full = os.path.join(into, path)
        if os.path.lexists(full) and not os.path.isdir(full):
            os.remove(full)
    for i, directory in enumerate(chosen.sample(directories, min(len(directories), 3))):
        inner = os.path.join(into, directory, f"inner{i}")
        os.makedirs(inner, exist_ok=True)
        subprocess.run(["git", "init", "-q", inner], check=True)
        write(os.path.join(directory, f"inner{i}", "compose.yml"))
    for directory in chosen.sample(directories, min(len(directories), 3)):
        for name, target in (("to-top", into), ("to-nothing", "nowhere"), ("to-up", "..")):
            path = os.path.join(into, directory, name)
            if not os.path.lexists(path):
                os.symlink(target, path)


def random_pattern(chosen):
    parts = []
    for _ in range(chosen.choice([1, 1, 1, 2, 2, 3])):
        if chosen.random() < 0.2:
            parts.append("**")
            continue
        part = ""
        for _ in range(chosen.randint(1, 4)):
            part += chosen.choice(["a", "b", "c", "ab", "a", "b", "*", "?", "[ab]", "[!a]", "[^b-c]", "[[:alpha:]]",
                                   "\\a", "\\*", " ", ".", "**", "[a", "]", "[]a]", "-"])
        parts.append(part)
    pattern = "/".join(parts) + chosen.choice(["", "", "", "/", " ", "\\ ", "/*", "\r"])
    # Before 2.52 git took `a**/` for `a` before a leading `**/`.
    pattern = re.sub(r"\*\*+(?=/)", lambda m: "**" if m.start() == 0 or pattern[m.start() - 1] == "/" else "*", pattern)
    return chosen.choice(["", "", "", "!", "/"]) + pattern


def compare_patterns(options, count, seed):
    chosen = random.Random(seed)
    differences = 0
    with tempfile.TemporaryDirectory() as directory:
        git(directory, "init", "-q", ".")
        names = ["a", "b", "c", "ab", "ba", "abc", "a b", ".a", "a-b", "]", "a.b", "aab", "*"]
        made = set()
        for one in names:
            for two in names[:6]:
                os.makedirs(os.path.join(directory, one, two), exist_ok=True)
                made.update([one, f"{one}/{two}"])
        for number in range(count):
            files = {"": [random_pattern(chosen) for _ in range(chosen.randint(1, 6))]}
            if number % 3 == 0:
                files[chosen.choice(["a", "b", "a/b"])] = [random_pattern(chosen) for _ in range(chosen.randint(1, 3))]
            for where, lines in files.items():
                with open(os.path.join(directory, where, ".gitignore"), "w", newline="") as file:
                    file.write("\n".join(lines) + chosen.choice(["", "\n"]))
            paths = sorted({"/".join(chosen.choice(names) for _ in range(chosen.randint(1, 4)))
                            for _ in range(150)} | set(chosen.sample(sorted(made), 20)))
            output = git(directory, "check-ignore", "--stdin", "-z", "-v", "-n", codes=(0, 1),
                         given="\0".join(paths).encode()).split(b"\0")
            wanted = [bool(output[i]) and not output[i + 2].startswith(b"!") for i in range(0, len(output) - 3, 4)]
            lines = [path + "/" if path in made else path for path in paths]
            answers = aethel(options, directory, "--query", given="\n".join(lines).encode())["answers"]
            for path, want, answer in zip(paths, wanted, answers):
                if want != bool(answer["ignored"]):
                    differences += 1
                    print(f"{files!r}: {path!r}: git says {want}, aethel {answer['ignored']!r}")
            for where in files:
                os.remove(os.path.join(directory, where, ".gitignore"))
    print(f"{count} random sets of ignore files, {differences} differences")
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aethel", required=True, help="the program")
    parser.add_argument("--plant", action="store_true", help="compare a copy with planted files")
    parser.add_argument("--patterns", type=int, default=0, help="compare so many random sets of ignore files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("repositories", nargs="*")
    options = parser.parse_args()
    options.aethel = os.path.abspath(options.aethel)
    failed = options.patterns > 0 and compare_patterns(options, options.patterns, options.seed) > 0
    if options.repositories:
        print("| repository | files | explained | unexplained | asked | ignored | differ |")
        print("|---|--:|--:|--:|--:|--:|--:|")
    for repository in options.repositories:
        name = os.path.basename(os.path.abspath(repository))
        with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(repository))) as copy:
            if options.plant:
                plant(repository, copy, options.seed)
                repository = copy
            count, explained, unexplained = compare_files(options, repository)
            asked, ignored, differences = compare_ignored(options, repository, options.seed)
        total = lambda group: sum(len(paths) for paths in group.values())
        print(f"| {name} | {count} | {total(explained)} | {total(unexplained)} | {asked} | {ignored} | {len(differences)} |")
        for reason, paths in explained.items():
            print(f"  explained: {reason}: {len(paths)}", file=sys.stderr)
        for reason, paths in list(unexplained.items()) + [("check-ignore differs", differences)]:
            for path in paths[:20]:
                print(f"  {reason}: {path!r}", file=sys.stderr)
        failed = failed or bool(unexplained) or bool(differences)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
