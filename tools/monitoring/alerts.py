#!/usr/bin/env python3
"""alerts.py RENDERED: each alert has a severity, summary, description and runbook; each runbook an alert; each file of rules tests with a case of every kind,
and each alert fires in one of them. Links between runbooks resolve."""
import glob, os, re, sys
import yaml

root = sys.argv[1]
rules, tests, books = (f"{root}/infra/monitoring/rules", f"{root}/infra/monitoring/tests", f"{root}/docs/production/runbooks")
errors, alerts = [], {}
for file in sorted(glob.glob(rules + "/*.yaml")):
    for group in (yaml.safe_load(open(file)) or {}).get("groups") or []:
        for rule in group["rules"]:
            if "alert" in rule:
                name = rule["alert"]
                alerts.setdefault(name, os.path.basename(file))
                if rule["labels"].get("severity") not in ("page", "ticket", "none"):
                    errors.append(f"{name}: severity is page, ticket or none")
                for key in ("summary", "description", "runbook_url"):
                    if not rule["annotations"].get(key):
                        errors.append(f"{name}: no {key}")
                page = rule["annotations"]["runbook_url"].rsplit("/", 1)[1]
                if page != name + ".md" or not os.path.exists(f"{books}/{page}"):
                    errors.append(f"{name}: no runbook {page}")
pages = {os.path.basename(p)[:-3]: open(p).read() for p in glob.glob(books + "/*.md")}
# A product may have fewer services than the runbooks speak of.
by_service = ("Burn", "Http", "Ai", "Webhook", "Websocket", "ServiceTargetsMissing", "PostgresStorageFilling")
for name, text in pages.items():
    if name != "README" and name not in alerts and not any(part in name for part in by_service):
        errors.append(f"{name}.md: there is no such alert")
    for link in re.findall(r"\]\(([^):]+)\)", text):
        if not os.path.exists(f"{books}/{link}"):
            errors.append(f"{name}.md: links to {link}")
fired, kinds = set(), {}
for file in sorted(glob.glob(tests + "/*.yaml")):
    document = yaml.safe_load(open(file))
    for case in document["tests"]:
        for test in case.get("promql_expr_test", []):
            for sample in test["exp_samples"] or []:
                fired |= set(re.findall(r'alertname="(\w+)"', sample["labels"]))
        for rule_file in document["rule_files"]:
            kinds.setdefault(os.path.basename(rule_file), []).append(case["name"])
for name, file in alerts.items():
    if name not in fired:
        errors.append(f"{name}: fires in no test")
for file in sorted(set(alerts.values())):
    for kind in ("healthy", "no traffic", "absent series"):
        if not any(case.startswith(kind) for case in kinds.get(file, [])):
            errors.append(f"{file}: no test of the kind \"{kind}\"")
for error in errors:
    print(error)
print(f"{len(alerts)} alerts, {len(pages)} pages, {sum(map(len, kinds.values()))} cases")
sys.exit(1 if errors else 0)
