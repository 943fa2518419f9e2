#!/usr/bin/env python3
"""Compare `aethel render` with compose-go on the real projects of tests/compose/sets.tsv.

  tests/oracle/compose_conformance.py --repos CHECKOUTS --aethel build/dev/src/aethel

CHECKOUTS holds one directory per repository, OWNER+NAME, at the commit that the list names (tools/compose-oracle/sets
--fetch brings them). A set is equal when both print the same JSON, byte for byte after sorting the keys, or when both
refuse it. Fails on any difference. --write writes docs/compose-conformance.md.
"""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LIST = ROOT / "tests" / "compose" / "sets.tsv"
ORACLE = ROOT / "tools" / "compose-oracle"
PAGE = ROOT / "docs" / "compose-conformance.md"


def read_sets():
    with open(LIST, encoding="utf-8", newline="") as file:
        yield from csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)


def checkout_of(repos, row):
    return repos / row["repository"].replace("/", "+")


def files_of(row):
    return [] if row["files"] == "-" else row["files"].split(" ")


def ask_oracle(oracle, repos, rows):
    """One answer a set, from one process."""
    lines = []
    for number, row in enumerate(rows):
        directory = checkout_of(repos, row).resolve() / row["directory"]
        lines.append(json.dumps({"id": str(number), "directory": str(directory), "project_directory": ".",
                                 "files": files_of(row), **json.loads(row["options"])}))
    run = subprocess.run([oracle, "--batch"], input="\n".join(lines), stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def ask_aethel(aethel, repos, row):
    directory = row["directory"]
    command = [aethel, "render", ".", "--show-values", "--project-directory", directory]
    for name in files_of(row):
        command += ["-f", os.path.normpath(os.path.join(directory, name))]
    options = json.loads(row["options"])
    for name, value in options.get("env", {}).items():
        command += ["--env", f"{name}={value}"]
    for name in options.get("env_files", []):
        command += ["--env-file", os.path.normpath(os.path.join(directory, name))]
    for name in options.get("profiles", []):
        command += ["--profile", name]
    run = subprocess.run(command, cwd=checkout_of(repos, row), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode not in (0, 1):
        return {"failure": f"exit status {run.returncode}: {run.stderr.strip()[-300:]}"}
    return {"model": json.loads(run.stdout)} if run.returncode == 0 else {"error": run.stderr.strip()}


def canonical(document):
    return json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False)


def first_difference(ours, theirs, path=""):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            if key not in ours:
                return f"{path}.{key} is missing"
            if key not in theirs:
                return f"{path}.{key} is too much"
            found = first_difference(ours[key], theirs[key], f"{path}.{key}")
            if found:
                return found
        return ""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (left, right) in enumerate(zip(ours, theirs)):
            found = first_difference(left, right, f"{path}[{index}]")
            if found:
                return found
        return ""
    return "" if canonical(ours) == canonical(theirs) else f"{path} is {canonical(ours)[:80]}, not {canonical(theirs)[:80]}"


def judge(ours, theirs):
    if "failure" in ours:
        return "difference: " + ours["failure"]
    if "error" in theirs:
        return "both refuse" if "error" in ours else "difference: compose-go refuses: " + theirs["error"][:120]
    if "error" in ours:
        return "difference: Aethel refuses: " + ours["error"][:200]
    if canonical(ours["model"]) == canonical(theirs["model"]):
        return "equal"
    return "difference: " + first_difference(ours["model"], theirs["model"]).lstrip(".")


def page(rows, verdicts, version):
    equal = sum(verdict == "equal" for verdict in verdicts)
    refused = sum(verdict == "both refuse" for verdict in verdicts)
    different = len(verdicts) - equal - refused
    cases = len(list((ROOT / "tests" / "compose" / "cases").glob("*.txtar")))
    lines = [
        "# Conformance with compose", "",
        "<!-- Written by tests/oracle/compose_conformance.py. -->", "",
        f"Aethel reads compose files by itself. What it makes of them is compared with {version}, the library inside of",
        "`docker compose`: the whole merged model, as JSON, byte for byte after sorting the keys.", "",
        f"* {cases} small cases, one a feature or an oddity: `tests/compose/cases`. They run with the unit tests.",
        f"* {len(rows)} real projects of {len({row['repository'] for row in rows})} repositories, below:"
        f" **{equal} equal, {refused} refused by both, {different} different**.", "",
        "To repeat it:", "",
        "```sh",
        "tools/compose-oracle/sets --fetch CHECKOUTS   # brings the repositories at these commits",
        "tests/oracle/compose_conformance.py --repos CHECKOUTS --aethel build/dev/src/aethel --write",
        "```", "",
        "What is compared, and where `docker compose config` itself prints something else, is said in",
        "[tools/compose-oracle](../tools/compose-oracle/README.md). `aethel render` never reads the process's environment, and has no",
        "network: a remote `include` is a file that is not there.", "",
        "What is known to differ, found by comparing random projects; no real one of them does it:", "",
        "* A line `=value` of an env file: compose makes a variable without a name of it, Aethel none.",
        "* `~/x` in an included file: without `HOME` the oracle takes `~` for a folder. Aethel leaves it alone.",
        "* Sizes in hexadecimal floating point (`mem_limit: 0x1p-2`) and counts of 2^63 and more: Aethel refuses them.",
        "* Limits that compose does not have: 300,000 nodes a document after expanding aliases, 400,000 a project, 500 levels,",
        "  50 includes and 100 `extends` in a row, 8 MiB of values of variables. A project over them is named as not analysed.", "",
        "`-` stands for the files that compose finds by itself. Options: variables of the environment, env files, profiles.", "",
        "| repository | commit | directory | files | options | outcome |",
        "|---|---|---|---|---|---|",
    ]
    for row, verdict in zip(rows, verdicts):
        options = "" if row["options"] == "{}" else f"`{row['options']}`"
        cells = [row["repository"], f"`{row['commit'][:10]}`", f"`{row['directory']}`", f"`{row['files']}`", options, verdict]
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repos", type=pathlib.Path, required=True, help="directory of the checkouts")
    parser.add_argument("--aethel", required=True, help="the built program")
    parser.add_argument("--oracle", help="the built oracle (default: build it)")
    parser.add_argument("--write", action="store_true", help="write docs/compose-conformance.md")
    options = parser.parse_args()

    rows = list(read_sets())
    missing = sorted({row["repository"] for row in rows if not checkout_of(options.repos, row).is_dir()})
    for repository in missing:
        print(f"no checkout of {repository}", file=sys.stderr)
    if options.write and missing:
        return 2
    rows = [row for row in rows if row["repository"] not in missing]
    with tempfile.TemporaryDirectory() as scratch:
        oracle = options.oracle and os.path.abspath(options.oracle)
        if not oracle:
            oracle = os.path.join(scratch, "compose-oracle")
            subprocess.run(["go", "build", "-o", oracle, "."], cwd=ORACLE, check=True)
        answers = ask_oracle(oracle, options.repos, rows)
    aethel = os.path.abspath(options.aethel)
    verdicts = [judge(ask_aethel(aethel, options.repos, row), answer) for row, answer in zip(rows, answers)]
    for row, verdict in zip(rows, verdicts):
        if verdict.startswith("difference"):
            print(f"{row['repository']} {row['directory']} {row['files']} {row['options']}\n  {verdict}")
    counts = {word: sum(verdict.split(":")[0] == word for verdict in verdicts) for word in ("equal", "both refuse", "difference")}
    print(", ".join(f"{count} {word}" for word, count in counts.items()))
    if options.write:
        modules = (ORACLE / "go.mod").read_text(encoding="utf-8").split()
        version = "compose-go " + modules[modules.index("github.com/compose-spec/compose-go/v2") + 1].removeprefix("v")
        PAGE.write_text(page(rows, verdicts, version), encoding="utf-8")
    return 1 if counts["difference"] else 0


sys.exit(main())
