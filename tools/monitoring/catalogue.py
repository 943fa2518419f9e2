#!/usr/bin/env python3
"""catalogue.py RENDERED [CATALOGUE]: every metric and label that rules, dashboards and AnalysisTemplates below RENDERED name is in the catalogue of metrics,
or is recorded by a rule; rate() stands on counters only; each emitter of what rules use has a scrape job. `--list-expressions` prints file and expression."""
import glob, json, os, re, sys
import yaml
from promql import names

here = os.path.dirname(os.path.abspath(__file__))


def expressions(root):
    """(file, kind, expression, rule or None); kind is rule, panel, variable or analysis."""
    for file in sorted(glob.glob(f"{root}/infra/monitoring/rules/*.yaml")):
        for group in (yaml.safe_load(open(file)) or {}).get("groups") or []:
            for rule in group["rules"]:
                yield file, "rule", rule["expr"], rule
    for file in sorted(glob.glob(f"{root}/infra/monitoring/dashboards/*.json")):
        board = json.load(open(file))
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                if target["datasource"]["type"] == "prometheus":
                    yield file, "panel", target["expr"], None
        for variable in board["templating"]["list"]:
            m = re.fullmatch(r"label_values\((.+), *(\w+)\)", variable["query"]["query"])
            yield file, "variable", f"count by ({m.group(2)}) ({m.group(1)})", None
    for file in sorted(glob.glob(f"{root}/infra/k8s/**/*.yaml", recursive=True)):
        try:
            documents = list(yaml.safe_load_all(open(file)))
        except yaml.YAMLError:
            continue
        for document in documents:
            if isinstance(document, dict) and document.get("kind") in ("AnalysisTemplate", "ClusterAnalysisTemplate"):
                for metric in document.get("spec", {}).get("metrics", []):  # a patch that deletes one has none
                    query = metric.get("provider", {}).get("prometheus", {}).get("query")
                    if query:
                        yield file, "analysis", re.sub(r"\{\{[^}]*\}\}", "x", query), None


def fill(text):
    """An expression of a dashboard with Grafana's variables filled in."""
    return re.sub(r"\$(\w+)", lambda m: {"__rate_interval": "5m", "__range": "1d", "__interval": "1m"}.get(m.group(1), "x"), text)


def main(root, catalogue):
    metrics, errors = {}, []
    for number, line in enumerate(open(catalogue), 1):
        if line.startswith("#") or not line.strip():
            continue
        columns = line.rstrip("\n").split("\t")
        if len(columns) != 5 or columns[1] not in ("counter", "gauge", "histogram"):
            errors.append(f"{catalogue}:{number}: wants name, type, labels, emitter, help")
            continue
        name, kind, labels, emitter, _ = columns
        if name in metrics:
            errors.append(f"{catalogue}:{number}: {name} stands twice")
        if kind == "counter" and not name.endswith("_total") and emitter in ("application", "aetheld"):
            errors.append(f"{catalogue}:{number}: counter {name} does not end in _total")
        for series, extra in {"histogram": (("_bucket", ["le"]), ("_sum", []), ("_count", []))}.get(kind, (("", []),)):
            metrics[name + series] = ("counter" if kind == "histogram" else kind, set(labels.split() + extra), emitter)

    config = yaml.safe_load(open(f"{root}/infra/monitoring/base/config/prometheus.yml"))
    target = {"job", "instance"} | set(config["global"]["external_labels"])
    jobs, found_by_name = set(), set()
    for scrape in config["scrape_configs"]:
        rules = scrape.get("relabel_configs", [])
        target |= {rule["target_label"] for rule in rules if not rule.get("target_label", "__").startswith("__")}
        if any(rule.get("target_label") == "job" for rule in rules):
            for rule in rules:
                if rule.get("action") == "keep" and "app_kubernetes_io_name" in rule["source_labels"][0]:
                    jobs |= set(rule["regex"].split("|"))
                    break
            else:
                found_by_name = True
        else:
            jobs.add(scrape["job_name"])
    for file in glob.glob(f"{root}/infra/monitoring/overlays/*/hosts.yaml"):
        for group in yaml.safe_load(open(file)) or []:
            target |= set(group.get("labels", {}))
    if found_by_name:
        for file in glob.glob(f"{root}/infra/monitoring/base/*.yaml") + glob.glob(f"{root}/infra/monitoring/exporters/*.yaml"):
            for document in yaml.safe_load_all(open(file)):
                for container in ((document or {}).get("spec") or {}).get("template", {}).get("spec", {}).get("containers", []):
                    if any(port.get("name") == "metrics" for port in container.get("ports", [])):
                        jobs.add(document["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"])

    all_expressions = list(expressions(root))
    for file, _, text, rule in all_expressions:
        if rule and "record" in rule:
            found, grouped, made = names(text)
            metrics.setdefault(rule["record"], ("gauge", set(), "rules"))[1].update(grouped + made + list(rule.get("labels", {})))
    alert_labels = {label for _, _, _, rule in all_expressions if rule and "alert" in rule for label in rule.get("labels", {})}
    metrics["ALERTS"][1].update(alert_labels)

    used, checked = set(), 0
    for file, kind, text, rule in all_expressions:
        where = f"{os.path.relpath(file, root)}: {(rule or {}).get('alert') or (rule or {}).get('record') or kind}"
        found, grouped, made = names(fill(text) if kind in ("panel", "variable") else text)
        known = set(target) | set(made)
        for metric, labels, function in found:
            checked += 1
            if not metric:
                errors.append(f"{where}: selects without a metric's name")
                continue
            if metric not in metrics:
                errors.append(f"{where}: nothing emits {metric}")
                continue
            sort, own, emitter = metrics[metric]
            used.add(metric)
            known |= own
            for label in labels:
                if label not in own | target:
                    errors.append(f"{where}: {metric} has no label {label}")
            if function in ("rate", "irate", "increase") and sort != "counter":
                errors.append(f"{where}: {function}() of {metric}, which is a {sort}")
            if emitter not in jobs | {"application", "rules"}:
                errors.append(f"{where}: {metric} comes from {emitter}, which nothing scrapes")
        for label in grouped:
            if label not in known:
                errors.append(f"{where}: no metric of it has the label {label}")
    for error in errors:
        print(error)
    unused = sorted(name for name in metrics if name not in used and not name.endswith(("_sum", "_count", "_bucket")))
    print(f"{len(all_expressions)} expressions, {checked} selectors, {len(used)} of {len(metrics)} series used; not used here: {' '.join(unused) or 'none'}")
    return 1 if errors else 0


if __name__ == "__main__":
    if sys.argv[1] == "--list-expressions":
        for file, kind, text, _ in expressions(sys.argv[2]):
            if kind != "rule":
                print(json.dumps([os.path.relpath(file, sys.argv[2]), fill(text)]))
        sys.exit(0)
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else here + "/../../src/knowledge/metrics.tsv"))
