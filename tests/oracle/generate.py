#!/usr/bin/env python3
"""`aethel init` and `aethel generate` over repositories that nobody here wrote.

For each folder: infer a product, answer what is asked with made-up facts, generate into a scratch folder, and ask other
people's parsers (PyYAML, json, kubectl kustomize where it is there) and the linker itself what they think of it.
A version of a server that the repository names and that is retired is a true finding, and counted apart.

    generate.py --aethel build/release/src/aethel FOLDER...
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

FACTS = {
    "product.name": "shop", "product.repository": "acme/shop", "product.registry": "ghcr.io/acme",
    "product.email": "ops@acme.dev", "cloud.account": '"123456789012"', "cloud.region": "us-east-1",
    "cloud.zone": "acme.dev",
}


def answers(asked):
    given = {}
    for key in asked:
        if key in FACTS:
            given[key] = FACTS[key]
        elif ".hosts." in key:
            given[key] = key.rsplit(".", 1)[1] + ".acme.dev"
        elif key.endswith("health.live"):
            given[key] = "/livez"
        elif key == "environments":
            given["environments.production.hosts.grafana"] = "grafana.acme.dev"
        elif key == "services":
            given.update({"services.web.port": "80", "services.web.health.live": "/livez"})
    return given


def check(aethel, folder, work):
    def run(*arguments):
        return subprocess.run([aethel, *arguments, "--lang", "en"], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)

    first = run("init", "--print", folder)
    if first.returncode == 4:
        return None, []
    asked = re.findall(r"^  ([a-z][\w.-]*)  ", first.stderr, re.M)
    file = work / "answers"
    file.write_text("".join(f"{key}: {value}\n" for key, value in answers(asked).items()))
    drafted = run("init", "--print", "--answers", str(file), folder)
    if drafted.returncode != 0:
        return 0, [f"init: {drafted.stderr.strip()[:300]}"]
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    (out / "aethel.yaml").write_text(drafted.stdout)
    generated = run("generate", str(out))
    if generated.returncode != 0:
        return 0, [f"generate: {generated.stderr.strip()[:300]}"]
    problems, files = [], 0
    for path in sorted(out.rglob("*")):
        if not path.is_file() or ".aethel" in path.parts:
            continue
        files += 1
        try:
            if path.suffix in (".yaml", ".yml"):
                list(yaml.safe_load_all(path.read_text()))
            elif path.suffix == ".json":
                json.loads(path.read_text())
        except Exception as error:  # whatever the parser says
            problems.append(f"{path.relative_to(out)}: {str(error).splitlines()[0]}")
    if shutil.which("kubectl"):
        for overlay in sorted((out / "infra/k8s/overlays").glob("*")):
            built = subprocess.run(["kubectl", "kustomize", str(overlay)], capture_output=True, text=True)
            if built.returncode != 0:
                problems.append(f"kustomize {overlay.name}: {built.stderr.strip()[:200]}")
    report = run("audit", "--format", "json", "--fail-on", "P2", str(out))
    for finding in json.loads(report.stdout)["findings"]:
        # The application and its Dockerfiles are not here, and how old its images are is not ours.
        if finding["name"] not in ("retired-image", "undefined-build-file"):
            place = finding["location"]
            problems.append(f'{place["path"]}:{place["line"]}: {finding["message"]}')
    return files, problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aethel", default="build/release/src/aethel")
    parser.add_argument("folders", nargs="+")
    options = parser.parse_args()
    bad = checked = total = 0
    with tempfile.TemporaryDirectory() as work:
        for folder in options.folders:
            files, problems = check(os.path.abspath(options.aethel), folder, pathlib.Path(work))
            if files is None:
                continue
            checked += 1
            total += files
            bad += bool(problems)
            for problem in problems:
                print(f"{os.path.basename(folder.rstrip('/'))}: {problem}")
    print(f"{checked} repositories, {total} files, {bad} with problems")
    return 1 if bad or not checked else 0


sys.exit(main())
