#!/usr/bin/env python3
"""Writes tests/syntax/dockerignore.tsv: ignore files and paths of our own, and what moby/patternmatcher
0.6.0, which BuildKit and the classic builder share, answers.

    cd tests/oracle/dockerignore && go mod tidy && go build -o /tmp/dockerignore .
    ./generate.py /tmp/dockerignore [CASES]

The seed is fixed: the same bytes every time. More cases than the default are for looking by hand.
"""

import pathlib
import posixpath
import random
import subprocess
import sys

OUT = pathlib.Path(__file__).resolve().parents[2] / "syntax" / "dockerignore.tsv"
NAMES = ["a", "b", "web", "node_modules", ".git", "dist", "x.js", "README.md", "a.b", "é", "-", "a b"]
WILD = ["*", "**", "?", "*.js", "*.md", "[a-c]", "[^a]", "a*", "*b", "a**b", "**.js", "w?b", "\\*", "a\\.b", "***"]
BAD = ["a(b)", "c++", "[", "[]", "[a-", "\\"]


def path(rng):
    return "/".join(rng.choice(NAMES) for _ in range(rng.randint(1, 4)))


def pattern(rng):
    parts = [rng.choice(WILD if rng.random() < 0.45 else NAMES) for _ in range(rng.randint(1, 4))]
    if rng.random() < 0.02:
        parts.append(rng.choice(BAD))
    text = "/".join(parts)
    shape = rng.random()
    if shape < 0.08:
        text = "/" + text
    elif shape < 0.14:
        text = "./" + text
    elif shape < 0.2:
        text += "/"
    elif shape < 0.23:
        text = "x/../" + text
    elif shape < 0.26:
        text = "  " + text + " "
    elif shape < 0.28:
        text = "# " + text
    return ("! " if rng.random() < 0.1 else "!") + text if rng.random() < 0.25 else text


def main():
    oracle, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 4000
    rng = random.Random(7)
    cases = []
    for _ in range(count):
        lines = [pattern(rng) for _ in range(rng.randint(1, 4))]
        file = "\n".join(lines)
        inner = path(rng)
        # A pattern meets its own path often enough to say something.
        if rng.random() < 0.4:
            plain = lines[0].strip("!/ ").replace("**", "a/b").replace("*", "b").replace("?", "e")
            inner = plain.strip("./") or inner
        inner = posixpath.normpath(inner)
        if not inner.startswith(("..", "/")):
            cases.append((file, inner))
    asked = "".join(f"{f.encode().hex()} {p.encode().hex()}\n" for f, p in cases)
    answers = subprocess.run([oracle], input=asked, capture_output=True, text=True, check=True).stdout.split()
    rows = sorted({(f.replace("\\", "\\\\").replace("\n", "\\n"), p.replace("\\", "\\\\"), a) for (f, p), a in zip(cases, answers)})
    OUT.write_text("".join(f"{f}\t{p}\t{a}\n" for f, p, a in rows), encoding="utf-8")
    print({a: answers.count(a) for a in set(answers)})


main()
