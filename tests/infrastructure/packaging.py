"""packaging.py WORK: whether packaging/ fits aetheld: commands, ports, paths, times, libraries; and what our linker says of the image."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

from aetheld import HERE, Program, World, ask, seconds, time_to_end
from servers import Scratch, run

ROOT = HERE.parent.parent
CONFIGURATION = """version: 1
backup:
  database: main
  store:
    bucket: backups
    region: us-east-1
serve:
  address: 127.0.0.1
"""
COMPOSE = """services:
  aetheld:
    build: {context: ., dockerfile: packaging/Dockerfile}
    volumes: ["drills:/var/lib/aethel", "./aethel.yaml:/etc/aethel/aethel.yaml:ro"]
volumes:
  drills:
"""
problems = []


def expect(good, what):
    if not good:
        problems.append(what)


def values(text, name):
    return re.findall(rf"^{name}=(.*)$", text, re.M)


def check_unit(program):
    unit = (ROOT / "packaging/aetheld.service").read_text()
    words = shlex.split(values(unit, "ExecStart")[0])
    expect(words[0] == "aetheld" and not program.wrong(words[1:]), f"ExecStart: {program.wrong(words[1:])}")
    expect(program.knows(words[words.index("--config") + 1]), "the configuration stands where aetheld does not look")
    expect(values(unit, "KillSignal") == ["SIGTERM"] and values(unit, "ExecReload") == ["sh -c 'kill -HUP $MAINPID'"], "other signals than those of its --help")
    for signal in ("SIGHUP", "SIGTERM"):
        expect(signal in program.help(["serve"]), f"aetheld serve says nothing of {signal}")
    expect(seconds(values(unit, "TimeoutStopSec")[0]) > time_to_end({}), "it is killed before it has ended")
    expect(program.knows("/var/lib/" + values(unit, "StateDirectory")[0]), "aetheld does not know the StateDirectory")
    user = (ROOT / "packaging/aetheld-sysusers.conf").read_text().split()[1]
    expect(values(unit, "User") == [user] and values(unit, "Group") == [user], "aetheld-sysusers.conf makes another user")


def check_image(program, world):
    image = (ROOT / "packaging/Dockerfile").read_text()
    running = world.start(CONFIGURATION, {"DATABASE_URL", "BACKUP_SERVICE_KEY", "BACKUP_SIGNING_KEY"})
    if "refused" in running:
        problems.append(running["refused"])
        return
    exposed = {int(each) for each in re.search(r"^EXPOSE (.*)$", image, re.M).group(1).split()}
    expect(exposed == {running["api"], running["metrics"]}, f"it exposes {sorted(exposed)}, and serves on {running['api']} and {running['metrics']}")
    port, path = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", image).groups()
    expect(int(port) in running["here"] and ask(running["here"][int(port)], path)[0] == 200, f"its health check asks {path} on {port}")
    command = json.loads(re.findall(r"^CMD (.*)$", image, re.M)[-1])
    expect(command[0] == "aetheld" and not program.wrong(command[1:]), f"CMD {command}")
    # Who runs it is who the generated manifests say.
    for text in (ROOT / "templates/kubernetes/infra/k8s/base").glob("*aetheld.yaml"):
        for user in re.findall(r"runAs(?:User|Group): (\d+)", text.read_text()):
            expect(f"USER {user}:{user}\n" in image and f"--uid {user} " in image, f"{text.name} runs it as {user}")
    # Each library that the program asks for is in a package that is named.
    for library in re.findall(r"NEEDED.*\[(.*)\]", run(["readelf", "-d", program.path])):
        if re.match(r"ld-linux|lib(c|m|resolv|gcc_s|fmt|yaml-0)\.so", library):
            continue  # of every Debian; fmt and libyaml are in the release itself
        packages = {line.split(":")[0] for line in run(["dpkg", "-S", f"*/{library}"]).splitlines()}
        expect(any(re.search(rf"[ \"]{re.escape(each)}[ \"]", image) for each in packages), f"{library} is in none of its packages: {packages}")


def copied(image):
    """What the build takes from the repository."""
    return [word for line in re.findall(r"^COPY ((?!--from).*)$", image, re.M) for word in line.split()[:-1]]


def check_context(work):
    """With what is copied, and nothing else, the release can be configured, and no source is missing."""
    for name in copied((ROOT / "packaging/Dockerfile").read_text()):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, work / name)
    for command in (["cmake", "--preset", "release"], ["ninja", "-C", "build/release", "-n", "aetheld"]):
        done = subprocess.run(command, cwd=work, capture_output=True, text=True)
        expect(done.returncode == 0, f"{' '.join(command)}: {done.stderr or done.stdout[-500:]}")


def check_linker(work):
    """Our linker finds nothing, and what a slip makes of it."""
    (work / "packaging").mkdir()
    shutil.rmtree(work / "build", ignore_errors=True)
    # Templates are no files of this repository: a compose file with tags in it cannot be read.
    shutil.rmtree(work / "templates")
    (work / "templates").mkdir()
    (work / "templates/README.md").write_text("left out\n")
    (work / "compose.yaml").write_text(COMPOSE)
    (work / "aethel.yaml").write_text("version: 1\n")
    image = (ROOT / "packaging/Dockerfile").read_text()

    def audit(text):
        (work / "packaging/Dockerfile").write_text(text)
        done = subprocess.run([os.environ["AETHEL"], "audit", "--format", "json", "--fail-on", "P2", work], capture_output=True, text=True)
        return json.loads(done.stdout)

    report = audit(image)
    expect(not report["findings"] and not report["not_analysed"], f"our linker says {report['findings']} {report['not_analysed']}")
    expect(report["summary"]["references"]["resolved"] >= 5, f"it looked at {report['summary']['references']}")
    for good, bad, rule in (("COPY cmake cmake", "COPY cmaek cmake", "undefined-copy-source"), ("--from=build", "--from=biuld", "undefined-build-stage")):
        expect(any(each["name"] == rule for each in audit(image.replace(good, bad))["findings"]), f"{bad}: no {rule}")


def main():
    work = pathlib.Path(sys.argv[1]) / "context"
    work.mkdir()
    program = Program(os.environ["AETHELD"])
    with Scratch() as scratch:
        world = World(scratch, program)
        try:
            check_unit(program)
            check_image(program, world)
        finally:
            world.close()
    check_context(work)
    check_linker(work)
    print("\n".join(problems) or "the unit and the image fit aetheld")
    return 1 if problems else 0


sys.exit(main())
