#!/usr/bin/env python3
"""--format sarif, github, junit and json by what others say of these formats, and a run beside a baseline.

sarif    the schema that OASIS publishes (sarif-schema-2.1.0.json.gz: oasis-tcs/sarif-spec at e0583813964e, sarif-2.1/schema), and what a viewer would show
junit    expat, and the schema of Jenkins' xUnit plugin (junit-10.xsd: jenkinsci/xunit-plugin, MIT) where xmllint is
github   the runner's own way of reading commands (actions/runner, ActionCommand.cs and ActionCommandManager.cs)
json     docs/report.schema.json

Ends with code 77, "skipped", where jsonschema is absent.
"""

import gzip
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree

try:
    import jsonschema
except ImportError as missing:
    print(f"SKIPPED: {missing}; python3 -m pip install jsonschema, or Debian's python3-jsonschema, brings it")
    sys.exit(77)

HERE = pathlib.Path(__file__).resolve().parent
AETHEL = str(pathlib.Path(sys.argv[1]).resolve())
FORMATS = ("sarif", "github", "junit", "json", "text")
passed = failed = 0


def expect(good, text):
    global passed, failed
    passed += bool(good)
    failed += not good
    if not good:
        print(f"failed: {text}")


# Names that each format has to escape: what XML forbids, what ends a property of a command, what begins one, what a URI may not hold.
FILES = {
    "compose.prod.yaml": "\ufeff# caf\u00e9 \U0001d11e\n"
    "services:\n"
    '  "caf\u00e9 \U0001d11e": {image: "nginx:1.28", volumes: ["./ssl:/etc/nginx/ssl:ro"]}\n'
    '  "a\\x01b\\x1b<&>\\"]]>": {image: "nginx:1.28", volumes: ["./a,b:c.conf:/etc/nginx/nginx.conf:ro"], depends_on: ["##[error]x\\n::error::y"]}\n'
    "  db:\n"
    "    image: postgres:18\n"
    "    environment:\n"
    "      POSTGRES_PASSWORD: ${DB_PASSWORD:-hunter2hunter2} # aethel: ignore[weak-default] a lab\n"
    "  cache:\n"
    "    image: redis:8\n"
    "    depends_on: [ghost]\n",
    "a b%,:\u00e9/compose.production.yaml": "services:\n  web:\n    image: nginx:1.28\n    depends_on: [nobody]\n    env_file: missing.env\n",
    "aethel.yaml": "version: 1\ntargets:\n  - {compose: compose.prod.yaml, stage: production}\n"
    "  - {compose: 'a b%,:\u00e9/compose.production.yaml', stage: production}\nignore:\n  - rule: undefined-path\n    name: ssl\n    reason: each host has its own {0}\n",
}


def aethel(folder, *arguments, code=None):
    done = subprocess.run([AETHEL, "audit", "--today", "2026-11-25", "--lang", "en", *arguments], cwd=folder, capture_output=True, check=False)
    if code is not None:
        expect(done.returncode == code, f"{arguments}: exit {done.returncode} instead of {code}: {done.stderr.decode()}")
    return done.stdout


def utf16(line, units):
    return len(line.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "replace"))


def sarif(root, text, code, fresh=None):
    schema = json.loads(gzip.decompress((HERE / "sarif-schema-2.1.0.json.gz").read_bytes()))
    log = json.loads(text)
    for error in jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).iter_errors(log):
        expect(False, f"sarif: {error.json_path}: {error.message[:200]}")
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    expect(run["invocations"][0]["exitCode"] == code, "sarif: the exit code")
    expect(run["results"] and all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"]), "sarif: ruleIndex")
    expect(len({r["partialFingerprints"]["aethel/v1"] for r in run["results"]}) == len(run["results"]), "sarif: fingerprints are not unique")
    expect(all(rule["help"]["text"] and rule["help"]["markdown"] for rule in rules), "sarif: help")
    for result in run["results"]:
        for place in result["locations"] + result.get("relatedLocations", []):
            physical = place["physicalLocation"]
            path = pathlib.Path(root, urllib.parse.unquote(physical["artifactLocation"]["uri"]))
            expect(path.is_file(), f"sarif: no {path}")
            region = physical.get("region")
            if region and path.is_file():
                lines = path.read_text(encoding="utf-8-sig").split("\n")
                line = lines[region["startLine"] - 1]
                place["text"] = line[utf16(line, region["startColumn"] - 1):][: region["endColumn"] - region["startColumn"]] if region["startLine"] == region["endLine"] else ""
    ignored = [r for r in run["results"] if r.get("suppressions")]
    expect({(r["suppressions"][0]["kind"], r["suppressions"][0]["justification"]) for r in ignored} ==
           {("inSource", "a lab"), ("external", "each host has its own {0}")}, "sarif: suppressions")
    by_name = {r["properties"]["symbol"]: r for r in run["results"]}
    for name, written in (("ssl", "./ssl"), ("ghost", "ghost"), ("nobody", "nobody")):
        expect(name in by_name and by_name[name]["locations"][0]["text"] == written, f"sarif: the region of {name} is {by_name.get(name, {}).get('locations')}")
    if fresh is not None:
        counts = run["properties"]["baseline"]
        expect((counts["new"] > 0) == fresh and counts["unchanged"] > 0, f"sarif: counts {counts}")
    states = {r.get("baselineState") for r in run["results"] if not r.get("suppressions")}
    expect(states == ({None} if fresh is None else {"new", "unchanged"} if fresh else {"unchanged"}), f"sarif: baselineState {states}")


ESCAPES = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
COMMANDS = {"error", "warning", "notice", "group", "endgroup", "debug", "add-mask", "add-path", "set-env", "set-output", "save-state", "stop-commands", "echo",
            "add-matcher", "remove-matcher", "internal-set-repo-path"}


def unescape(text, tokens):
    for escaped, token in ESCAPES:
        if token in tokens:
            text = text.replace(escaped, token)
    return text


def commands(text):
    for line in text.split("\n"):
        stripped = line.lstrip()
        if stripped.startswith("::") and "::" in stripped[2:]:
            head, _, data = stripped[2:].partition("::")
            name, _, rest = head.partition(" ")
            if name in COMMANDS:
                properties = dict(p.split("=", 1) for p in rest.split(",") if "=" in p)
                yield name, {k: unescape(v, "\r\n:,%") for k, v in properties.items()}, unescape(data, "\r\n%")
                continue
        found = re.search(r"##\[(\w[\w-]*)[^\]]*\]", line)
        if found and found.group(1) in COMMANDS:
            yield "##" + found.group(1), {}, line


def github(root, text, findings):
    seen = list(commands(text.decode()))
    expect({name for name, _, _ in seen} <= {"error", "warning", "notice", "group", "endgroup"}, f"github: commands {seen}")
    notes = [each for each in seen if each[0] in ("error", "warning", "notice")]
    expect(len(notes) == findings, f"github: {len(notes)} annotations of {findings} findings")
    for name, properties, data in notes:
        path = pathlib.Path(root, properties["file"])
        expect(path.is_file() and data and properties["title"], f"github: {name} {properties}")
        if properties["line"] != properties["endLine"]:
            expect("col" not in properties, "github: columns over several lines")
        elif path.is_file():
            line = path.read_text(encoding="utf-8-sig").split("\n")[int(properties["line"]) - 1]
            expect(1 <= int(properties["col"]) <= int(properties["endColumn"]) <= max(len(line.encode("utf-16-le")) // 2, 1), f"github: columns {properties}")
    expect(any(p["file"] == "a b%,:\u00e9/compose.production.yaml" for _, p, _ in notes), "github: a path with all signs")


def junit(text, work, failures, skipped):
    suites = xml.etree.ElementTree.fromstring(text)
    for suite in suites:
        count = {"tests": len(suite.findall("testcase")), "failures": len(suite.findall("testcase/failure")),
                 "errors": len(suite.findall("testcase/error")), "skipped": len(suite.findall("testcase/skipped"))}
        expect(all(int(suite.get(k)) == v for k, v in count.items()), f"junit: {suite.get('name')} {count}")
    for name in ("tests", "failures", "errors"):
        expect(int(suites.get(name)) == sum(int(suite.get(name)) for suite in suites), f"junit: {name}")
    expect(int(suites.get("failures")) == failures, f"junit: {suites.get('failures')} failures instead of {failures}")
    expect(len(suites.findall("testsuite/testcase/skipped")) == skipped, f"junit: skipped, instead of {skipped}")
    if shutil.which("xmllint"):
        path = pathlib.Path(work, "report.xml")
        path.write_bytes(text)
        done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", str(HERE / "junit-10.xsd"), str(path)], capture_output=True, text=True, check=False)
        expect(done.returncode == 0, f"junit: {done.stderr}")
    else:
        print("not asked: xmllint, of Debian's libxml2-utils")


def main():
    work = tempfile.mkdtemp(prefix="formats-")
    root = pathlib.Path(work, "tree")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    schema = json.loads((HERE.parents[1] / "docs/report.schema.json").read_text(encoding="utf-8"))
    report = json.loads(aethel(root, "--format", "json", "--verbose", ".", code=1))
    jsonschema.Draft202012Validator(schema).validate(report)
    expect("baseline" not in report, "json: a baseline without one")
    findings = report["findings"]
    blockers = sum(f["priority"] == "P0" for f in findings)
    expect(len(findings) >= 5 and 0 < blockers, f"{len(findings)} findings, {blockers} of them P0")
    for name in FORMATS:
        first = aethel(root, "--format", name, ".", "--threads", "1")
        expect(first == aethel(root, "--format", name, ".", "--threads", "8") and first, f"{name}: the same bytes")
        expect(b"hunter2hunter2" not in first, f"{name}: a secret")
        expect(str(root).encode() not in first, f"{name}: an absolute path")
    sarif(root, aethel(root, "--format", "sarif", "."), 1)
    github(root, aethel(root, "--format", "github", "."), len(findings))
    junit(aethel(root, "--format", "junit", "."), work, blockers, len(findings) - blockers + 2)

    # All of it is old: nothing fails. Then one more.
    aethel(root, "--baseline", "old.yaml", "--update-baseline", ".", code=0)
    report = json.loads(aethel(root, "--baseline", "old.yaml", "--format", "json", ".", code=0))
    jsonschema.Draft202012Validator(schema).validate(report)
    expect({f["baseline"] for f in report["findings"]} == {"unchanged"}, "json: unchanged")
    sarif(root, aethel(root, "--baseline", "old.yaml", "--format", "sarif", "."), 0, fresh=False)
    junit(aethel(root, "--baseline", "old.yaml", "--format", "junit", "."), work, 0, len(findings) + 2)
    compose = root / "compose.prod.yaml"
    compose.write_text(compose.read_text(encoding="utf-8").replace("[ghost]", "[ghost, spook]"), encoding="utf-8")
    sarif(root, aethel(root, "--baseline", "old.yaml", "--format", "sarif", ".", code=1), 1, fresh=True)
    text = aethel(root, "--baseline", "old.yaml", "--format", "github", ".").decode()
    expect([d for n, _, d in commands(text) if n == "error" and "spook" in d] and text.count("::error ") == 1, f"github: only the new one\n{text}")
    shutil.rmtree(work)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main())
