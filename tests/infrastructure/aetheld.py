"""aetheld.py RENDERED: whether what is generated for aetheld fits aetheld. Each workload that runs its image is read from compose and from every
overlay; the program is asked what it is: its --help for commands, its own text for variables and folders, and, started with the generated
configuration and the variables that the workload is given, beside a real PostgreSQL and an S3 server, for ports, probes and metrics. Then the
same questions are asked of spoiled copies, and each slip has to be noticed."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "running"))
from servers import Scratch, run  # noqa: E402
from serving import free_ports  # noqa: E402

ACCESS, SECRET = "AKIDTEST", "test/secret+of=nobody"


class Program:
    def __init__(self, path):
        self.path, self.bytes, self.helps = path, pathlib.Path(path).read_bytes(), {}

    def help(self, words):
        key = tuple(words)
        if key not in self.helps:
            self.helps[key] = run([self.path, *words, "--help"])
        return self.helps[key]

    def knows(self, text):
        return text.encode() in self.bytes

    def wrong(self, words):
        """Why there is no such command line; nothing when there is."""
        at, rest = [], list(words)
        while rest:
            text = self.help(at)
            subcommands = re.findall(r"^  ([a-z]+) {2,}", text.partition("Subcommands:")[2], re.M)
            word = rest.pop(0)
            if word.startswith("-"):
                option = re.search(rf"^  (?:-\w,)?{re.escape(word)}(?: ([A-Z]+)(?::\{{(.*)\}})?)?(?: |$)", text, re.M)
                if not option:
                    return f"no option {word}"
                if option.group(1):
                    value = rest.pop(0) if rest else ""
                    if not value or option.group(2) and value not in option.group(2).split(","):
                        return f"{word} takes no {value or 'nothing'}"
            elif word in subcommands:
                at.append(word)
            elif subcommands or "Positionals:" not in text:
                return f"no {word}"
        return "" if at and "Subcommands:" not in self.help(at) else "no whole command"


class World:
    """A database, a bucket, and aetheld started with what is generated."""

    def __init__(self, scratch, program):
        self.scratch, self.program, self.started, self.repositories = scratch, program, {}, {}
        self.server = scratch.server(18)
        self.server.create("app")
        self.server.psql("app", "CREATE TABLE t AS SELECT g FROM generate_series(1, 1000) g")
        self.stores = []

    def close(self):
        for process in [each["process"] for each in self.started.values() if each.get("process")]:
            process.kill()
            process.wait()
        for store in self.stores:
            store.kill()
            store.wait()

    def repository(self, text):
        """The configuration with a bucket on this machine: its name and all else stay as generated. And its keys."""
        parsed = yaml.safe_load(text)
        bucket = parsed["backup"]["store"]["bucket"]
        if bucket not in self.repositories:
            store = subprocess.Popen([sys.executable, HERE.parent / "support/s3_server.py", "--access", ACCESS, "--secret", SECRET, "--bucket", f"{bucket}:lock",
                                      "--region", parsed["backup"]["store"]["region"]],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.stores.append(store)
            endpoint = f"http://127.0.0.1:{int(store.stdout.readline())}"
            self.repositories[bucket] = (endpoint, {})
        endpoint, keys = self.repositories[bucket]
        return text.replace(f"bucket: {bucket}\n", f"bucket: {bucket}\n    endpoint: {endpoint}\n"), keys

    def values(self, names, keys):
        known = {"DATABASE_URL": self.server.url("app"), "AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET, **keys}
        given = {name: known[name] for name in names if name in known}
        # In a cluster the agent of Pod Identity gives the credentials of the store.
        given.setdefault("AWS_ACCESS_KEY_ID", ACCESS)
        given.setdefault("AWS_SECRET_ACCESS_KEY", SECRET)
        if "ASAN_OPTIONS" in os.environ:
            given["ASAN_OPTIONS"] = os.environ["ASAN_OPTIONS"]
        return {**given, "PATH": f"{self.server.bin}:/usr/bin:/bin", "HOME": str(self.scratch.folder), "TMPDIR": str(self.scratch.folder)}

    def start(self, text, names):
        """What aetheld serve does with a configuration and these variables: how it ended, or its ports."""
        key = (text, tuple(sorted(names)))
        if key in self.started:
            return self.started[key]
        folder = self.scratch.folder / f"serve-{len(self.started)}"
        folder.mkdir()
        said = self.started[key] = {}
        try:
            text, keys = self.repository(text)
        except (yaml.YAMLError, KeyError, TypeError) as failure:
            said["refused"] = f"no bucket can be read from it: {failure!r}"
            return said
        config = folder / "aethel.yaml"
        config.write_text(text)
        if not keys:
            done = subprocess.run([self.program.path, "backup", "init", "--config", config], env=self.values((), {}), cwd=folder, capture_output=True, text=True)
            if done.returncode:
                said["refused"] = done.stderr
                return said
            keys.update(line.split("=", 1) for line in (folder / "aethel-keys.env").read_text().splitlines() if "=" in line and not line.startswith("#"))
        said["environment"] = self.values(names, keys)
        said["environment"]["AETHEL_CONFIG"] = str(config)
        # Two starts with one port of the program's own each, which may be taken on this machine: then it says which one it wanted.
        ports = {}
        for which, other in (("port", "metrics_port"), ("metrics_port", "port")):
            mixed = folder / f"{which}.yaml"
            mixed.write_text(text + f"  {other}: {free_ports(1)[0]}\n")
            process, line, errors = self.serve(mixed, said["environment"])
            banner = re.search(r"API on \S+?:(\d+), metrics on \S+?:(\d+)", line)
            busy = re.search(r"cannot listen on \S+:(\d+): .*in use", errors)
            if banner:
                ports[which] = int(banner.group(1 if which == "port" else 2))
            elif busy:
                ports[which] = int(busy.group(1))
            else:
                said["refused"] = f"{line}{errors}"
                return said
            process.kill()
            process.wait()
        here = free_ports(2)
        config.write_text(text + f"  port: {here[0]}\n  metrics_port: {here[1]}\n")
        process, line, errors = self.serve(config, said["environment"])
        if "no backups are made here" in line + errors:
            said["refused"] = line + errors
        said.update(process=process, api=ports["port"], metrics=ports["metrics_port"], here=dict(zip((ports["port"], ports["metrics_port"]), here)))
        return said

    def serve(self, config, environment):
        """The process, what it printed at the start, and what it complained of if it ended."""
        out = open(config.with_suffix(".out"), "w+")
        process = subprocess.Popen([self.program.path, "serve"], env={**environment, "AETHEL_CONFIG": str(config)}, cwd=config.parent, stdout=out, stderr=subprocess.PIPE, text=True)
        for _ in range(600):
            text = config.with_suffix(".out").read_text()
            if process.poll() is not None:
                return process, text, process.stderr.read()
            if text.startswith("serving"):
                time.sleep(0.2)  # for a second line
                return process, config.with_suffix(".out").read_text(), ""
            time.sleep(0.05)
        return process, "", "it says nothing"


def ask(port, path, limit=20):
    """The status and the body, given time to become 200."""
    end = time.monotonic() + limit
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            status, body = answer.status, answer.read().decode()
        if status != 503 or time.monotonic() > end:
            return status, body
        time.sleep(0.2)


class Workload:
    def __init__(self, where, name):
        self.where, self.name = where, name
        self.command, self.variables, self.probes, self.mounts, self.config = [], set(), {}, [], ""
        self.suspended, self.seconds, self.problems, self.ports = False, 0, [], set()


def is_aetheld(image):
    return image.rsplit("/", 1)[-1].split(":")[0].split("@")[0] == "aetheld"


def compose_workloads(rendered):
    names = re.findall(r"^([A-Z_0-9]+)=", (rendered / ".env.production.example").read_text(), re.M)
    (rendered / "env").write_text("".join(f"{name}=value\n" for name in names))
    model = json.loads(run(["compose-oracle", "-f", rendered / "compose.production.yaml", "--env-file", rendered / "env"], cwd=rendered))
    for name, service in model["services"].items():
        if not is_aetheld(service["image"]):
            continue
        one = Workload("compose", name)
        one.command = service["command"]
        one.variables = set(service.get("environment") or {})
        one.seconds = seconds(service.get("stop_grace_period") or "10s")
        for volume in service.get("volumes", []):
            one.mounts.append(volume["target"])
            file = pathlib.Path(volume.get("source") or "") / "aethel.yaml"
            if volume["type"] == "bind":
                one.config = (rendered / file).read_text() if (rendered / file).exists() else ""
                one.mounts.append(f"{volume['target']}/aethel.yaml")
        test = " ".join((service.get("healthcheck") or {}).get("test") or [])
        for port, path in re.findall(r"http://127\.0\.0\.1:(\d+)(/\S*)", test):
            one.probes["health check"] = (int(port), path)
        yield one


def seconds(text):
    found = re.fullmatch(r"(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?", text)
    return int(found.group(1) or 0) * 60 + float(found.group(2) or 0)


def pods(document):
    """Each pod's specification in an object, with whether something starts it by itself."""
    spec = document.get("spec") or {}
    if document["kind"] == "CronJob":
        yield spec["jobTemplate"]["spec"]["template"], bool(spec.get("suspend"))
    elif isinstance(spec.get("template"), dict) and "spec" in spec["template"]:
        yield spec["template"], False


def kubernetes_workloads(where, documents):
    for document in documents:
        for template, suspended in pods(document):
            for container in template["spec"].get("containers", []):
                if is_aetheld(container["image"]):
                    yield kubernetes_workload(where, document, template, container, suspended, documents)


def kubernetes_workload(where, document, template, container, suspended, documents):
    pod = template["spec"]
    one = Workload(where, f"{document['kind']} {document['metadata']['name']}")
    one.command, one.suspended, one.labels = container["command"], suspended, template["metadata"]["labels"]
    one.seconds = pod.get("terminationGracePeriodSeconds", 30)
    one.variables = {each["name"] for each in container.get("env", [])}
    for source in container.get("envFrom", []):
        secret = source["secretRef"]["name"]
        made = [each for each in documents if each["kind"] == "ExternalSecret" and each["spec"]["target"]["name"] == secret]
        one.variables |= {each["secretKey"] for external in made for each in external["spec"]["data"]}
        if not made:
            one.problems.append(f"nothing makes the Secret {secret}")
    named = {each["name"]: each["containerPort"] for each in container.get("ports", [])}
    one.ports = set(named.values())
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        if probe in container:
            get = container[probe]["httpGet"]
            one.probes[probe] = (named.get(get["port"], get["port"]), get["path"])
    volumes = {each["name"]: each for each in pod.get("volumes", [])}
    for mount in container.get("volumeMounts", []):
        if mount["mountPath"] == "/tmp":
            continue
        one.mounts.append(mount["mountPath"])
        if "configMap" in volumes[mount["name"]]:
            wanted = volumes[mount["name"]]["configMap"]["name"]
            for each in documents:
                if each["kind"] == "ConfigMap" and each["metadata"]["name"] == wanted:
                    one.config = each["data"].get("aethel.yaml", "")
            one.mounts.append(f"{mount['mountPath']}/aethel.yaml")
    for service in documents:
        if service["kind"] == "Service" and (service["spec"].get("selector") or {}).items() and service["spec"]["selector"].items() <= one.labels.items():
            one.ports |= {named.get(each["targetPort"], each["targetPort"]) for each in service["spec"]["ports"]}
    return one


def overlay(folder):
    return [each for each in yaml.safe_load_all(run(["kubectl", "kustomize", folder])) if each]


def check_workloads(workloads, program, world):
    """What is wrong with the workloads of one place, which run together."""
    problems = []
    clocks = [each for each in workloads if not each.suspended]
    if len(clocks) != 1 or clocks[0].command != ["aetheld", "serve"]:
        problems.append("not by one `aetheld serve` alone are backups made: " + ", ".join(f"{each.name} runs {' '.join(each.command)}" for each in clocks))
    for each in workloads:
        said = list(each.problems)
        why = program.wrong(each.command[1:]) if each.command[:1] == ["aetheld"] else "not aetheld"
        if why:
            said.append(f"{' '.join(each.command)}: {why}")
        said += [f"it does not know the variable {name}" for name in sorted(each.variables) if not program.knows(name)]
        said += [f"it does not know {path}" for path in each.mounts if not program.knows(path)]
        running = world.start(each.config, each.variables)
        if "refused" in running:
            said.append(f"it does not start: {running['refused'].strip()}")
        elif each.command == ["aetheld", "serve"]:
            said += check_running(each, running)
        problems += [f"{each.where}, {each.name}: {one}" for one in said]
    return problems


def check_running(each, running):
    said = []
    if not each.probes:
        said.append("nothing asks how it is")
    for probe, (port, path) in each.probes.items():
        if port not in running["here"]:
            said.append(f"{probe} asks port {port}, where nothing listens")
        elif (status := ask(running["here"][port], path)[0]) != 200:
            said.append(f"{probe} asks {path} on {port}, which answers {status}")
    if each.ports and each.ports != {running["api"], running["metrics"]}:
        said.append(f"its ports are {sorted((running['api'], running['metrics']))}, not {sorted(each.ports)}")
    serve = (yaml.safe_load(each.config).get("serve") or {})
    if each.seconds <= time_to_end(serve):
        said.append(f"it is killed after {each.seconds} s, and may take {time_to_end(serve)} s to end")
    if serve.get("address") != "0.0.0.0":
        said.append("it listens on loopback only, where no probe and no Prometheus reaches it")
    return said


def time_to_end(serve):
    """Seconds, by the configuration or by what the schema says of the program's own times."""
    schema = (HERE.parent.parent / "docs/aethel.schema.json").read_text()
    return sum(seconds(serve.get(name) or re.search(rf'"{name}": {{"description": "[^"]*Default: (\w+)\.', schema).group(1)) for name in ("drain", "grace"))


def check_compose(rendered, program, world):
    return check_workloads(list(compose_workloads(rendered)), program, world)


def check_overlay(rendered, name, program, world):
    documents = overlay(rendered / "infra/k8s/overlays" / name)
    workloads = list(kubernetes_workloads(name, documents))
    if name == "local":
        return [f"local, {each.name}: a laptop has no bucket" for each in workloads]
    problems = check_workloads(workloads, program, world)
    serving = next((each for each in workloads if not each.suspended), None)
    if serving is None or "api" not in (running := world.start(serving.config, serving.variables)):
        return problems or [f"{name}: nothing serves"]
    # Prometheus, and nobody else, gets in: where the metrics are.
    for policy in documents:
        chosen = policy["spec"].get("podSelector", {}).get("matchLabels") if policy["kind"] == "NetworkPolicy" else None
        if chosen and "app.kubernetes.io/name" in chosen and chosen.items() <= serving.labels.items():
            opened = {port["port"] for rule in policy["spec"].get("ingress", []) for port in rule["ports"]}
            if opened != {running["metrics"]}:
                problems.append(f"{name}: NetworkPolicy {policy['metadata']['name']} opens {sorted(opened)}, metrics are on {running['metrics']}")
            break
    else:
        problems.append(f"{name}: no NetworkPolicy lets Prometheus in")
    return problems + check_monitoring(rendered, running)


def check_monitoring(rendered, running):
    monitoring = rendered / "infra/monitoring"
    jobs = yaml.safe_load((monitoring / "base/config/prometheus.yml").read_text())["scrape_configs"]
    job = next((each for each in jobs if each["job_name"] == "aetheld"), None)
    if job is None:
        return ["Prometheus does not scrape aetheld"]
    problems, path = [], job.get("metrics_path", "/metrics")
    ports = {int(found.group(1)) for each in job["relabel_configs"] if (found := re.search(r":(\d+)$", each.get("replacement", "")))}
    out = next(each for each in yaml.safe_load_all((monitoring / "base/network-policies.yaml").read_text())
               if each and each["spec"].get("podSelector", {}).get("matchLabels") == {"app.kubernetes.io/name": "prometheus"} and "Egress" in each["spec"]["policyTypes"])
    if not any(port.get("port") == running["metrics"] for rule in out["spec"]["egress"] for port in rule.get("ports", [])):
        problems.append(f"Prometheus may not reach {running['metrics']}")
    if ports != {running["metrics"]}:
        return problems + [f"Prometheus scrapes {sorted(ports)}, metrics are on {running['metrics']}"]
    status, body = ask(running["here"][running["metrics"]], path)
    if status != 200:
        return problems + [f"Prometheus asks {path}, which answers {status}"]
    end = time.monotonic() + 20
    while "aethel_backup_last_success" not in body and time.monotonic() < end:  # until it has read the repository
        time.sleep(0.2)
        body = ask(running["here"][running["metrics"]], path)[1]
    exposed = set(re.findall(r"^# TYPE (\w+) ", body, re.M))
    for file in [*(monitoring / "rules").glob("*.yaml"), *(monitoring / "dashboards").glob("*.json")]:
        for name in sorted(set(re.findall(r"\baethel_(?:backup|drill)_\w+", file.read_text())) - exposed):
            problems.append(f"{file.name}: aetheld has no {name}")
    return problems


def check_words(rendered, program):
    """Commands and objects that pages and scripts name."""
    generated = [each for folder in rendered.glob("infra/*/overlays/*/") for each in overlay(folder)]
    objects = {(each["kind"], each["metadata"]["name"]) for each in generated}
    namespaces = {each["metadata"].get("namespace") for each in generated}
    kinds = {"deploy": ("Deployment", "Rollout"), "cronjob": ("CronJob",)}
    problems = []
    for file in sorted(rendered.rglob("*")):
        if ".aethel" in file.parts or not file.is_file() or file.suffix not in (".md", ".yaml", ".yml", ".sh", ".example"):
            continue
        text = file.read_text()
        for line in re.findall(r"`[^`\n]*\baetheld? ((?:backup|serve|token)\b[^`\n]*)`", text) + re.findall(r"-- aetheld ([^`#\n]*)", text):
            if why := program.wrong(shlex.split(line)):
                problems.append(f"{file.name}: aetheld {line.strip()}: {why}")
        for line in text.splitlines():
            namespace = re.search(r"-n ([a-z][a-z0-9-]*)", line)
            if namespace and namespace.group(1) not in namespaces:
                continue  # of an operator, which is installed and not generated
            for kind, name in re.findall(r"\b(deploy|cronjob)/([a-z][a-z0-9-]*[a-z0-9])(?![A-Za-z0-9/.@])", line):
                # Folders are called so, too.
                if not (rendered / kind / name).exists() and not any((each, name) in objects for each in kinds[kind]):
                    problems.append(f"{file.name}: there is no {kind}/{name}")
    return problems


# A slip, the place that notices it, and a word of what is said.
SLIPS = [
    ("compose", "compose.production.yaml", "command: [aetheld, serve]", "command: [aetheld, watch]", "no watch"),
    ("compose", "compose.production.yaml", "command: [aetheld, serve]", "command: [aetheld, backup, run]", "not by one `aetheld serve`"),
    ("compose", "compose.production.yaml", "127.0.0.1:9401/readyz", "127.0.0.1:9402/readyz", "nothing listens"),
    ("compose", "compose.production.yaml", "127.0.0.1:9401/readyz", "127.0.0.1:9401/ready", "answers 404"),
    ("compose", "compose.production.yaml", "      BACKUP_SIGNING_KEY:", "      BACKUP_SIGN_KEY:", "variable BACKUP_SIGN_KEY"),
    ("compose", "compose.production.yaml", "/etc/aethel:ro", "/etc/aetheld:ro", "know /etc/aetheld"),
    ("compose", "compose.production.yaml", "stop_grace_period: 45s # time to drain, and", "stop_grace_period: 30s # time to drain, and", "may take 30"),
    ("compose", "deploy/aetheld/aethel.yaml", "  schedule: \"0 */6", "  schedules: \"0 */6", "schedules"),
    ("compose", "deploy/aetheld/aethel.yaml", "0 */6 * * *", "0 */6 * *", "not a schedule"),
    ("compose", "deploy/aetheld/aethel.yaml", "  address: 0.0.0.0", "  drain: 5s", "loopback"),
    ("production", "infra/k8s/base/deployment-aetheld.yaml", "path: /startupz", "path: /startz", "answers 404"),
    ("production", "infra/k8s/base/deployment-aetheld.yaml", "containerPort: 9401", "containerPort: 8080", "where nothing listens"),
    ("production", "infra/k8s/base/deployment-aetheld.yaml", "containerPort: 9400", "containerPort: 9100", "its ports are"),
    ("production", "infra/k8s/base/service-aetheld.yaml", "targetPort: http", "targetPort: 8080", "its ports are"),
    ("production", "infra/k8s/base/restore-drill-cronjob.yaml", "--level, L3", "--depth, L3", "no option --depth"),
    ("production", "infra/k8s/base/restore-drill-cronjob.yaml", "--level, L3", "--level, L5", "takes no L5"),
    ("production", "infra/k8s/base/restore-drill-cronjob.yaml", "suspend: true", "suspend: false", "not by one"),
    ("production", "infra/k8s/base/secrets.yaml", "secretKey: BACKUP_SIGNING_KEY", "secretKey: BACKUP_SIGNING", "BACKUP_SIGNING_KEY is not set"),
    ("production", "infra/k8s/base/networkpolicy.yaml", "port: 9400", "port: 9401", "NetworkPolicy"),
    ("production", "infra/monitoring/base/config/prometheus.yml", "${1}:9400", "${1}:9401", "Prometheus scrapes [9401]"),
    ("production", "infra/monitoring/rules/backups.yaml", "aethel_backup_size_bytes)\n", "aethel_backup_bytes)\n", "no aethel_backup_bytes"),
    ("words", "infra/k8s/README.md", "aetheld backup list", "aetheld backup lst", "no lst"),
    ("words", "infra/k8s/README.md", "cronjob/restore-drill", "cronjob/backup", "no cronjob/backup"),
]


def main():
    rendered = pathlib.Path(sys.argv[1]).resolve()
    program = Program(os.environ["AETHELD"])
    environments = sorted(each.name for each in (rendered / "infra/k8s/overlays").iterdir())

    def check(where, tree):
        if where == "compose":
            return check_compose(tree, program, world)
        return check_words(tree, program) if where == "words" else check_overlay(tree, where, program, world)

    if not (rendered / "deploy/aetheld").exists():
        # Without a database there is no aetheld, anywhere.
        left = [str(each) for name in ["compose.production.yaml", "infra/k8s", "infra/monitoring/base", ".github"]
                for each in [rendered / name, *(rendered / name).rglob("*")] if each.is_file() and "aetheld backup" in each.read_text()]
        print("\n".join(left) or "no database, no aetheld")
        return 1 if left else 0
    with Scratch() as scratch:
        world = World(scratch, program)
        try:
            problems = [each for where in ["compose", *environments, "words"] for each in check(where, rendered)]
            # The commands of the CronJob and of the pages, with the generated configuration.
            running = next((each for each in world.started.values() if "api" in each), None)
            if running is None:
                print("\n".join(problems))
                return 1
            for words in (["run"], ["drill", "--level", "L3"], ["list"]):
                done = subprocess.run([program.path, "backup", *words], env=running["environment"], cwd=scratch.folder, capture_output=True, text=True)
                if done.returncode:
                    problems.append(f"aetheld backup {' '.join(words)}: {done.stdout}{done.stderr}")
            noticed = 0
            for number, (where, file, good, bad, word) in enumerate(SLIPS):
                copy = scratch.folder / f"slip-{number}"
                shutil.copytree(rendered, copy, ignore=shutil.ignore_patterns(".aethel", "terraform"))
                text = (copy / file).read_text()
                if good not in text:
                    problems.append(f"slip {number}: {file} has no {good!r}")
                    continue
                (copy / file).write_text(text.replace(good, bad))
                said = check(where, copy)
                shutil.rmtree(copy)
                if any(word in each for each in said):
                    noticed += 1
                else:
                    problems.append(f"nobody notices {bad!r} in {file}: {said}")
        finally:
            world.close()
    print("\n".join(problems), end="\n" if problems else "")
    print(f"compose, {', '.join(environments)}: {'no' if not problems else len(problems)} problems; {noticed} of {len(SLIPS)} slips noticed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
