#!/usr/bin/env python3
"""dashboards.py RENDERED: each dashboard has what Grafana 9 to 13 needs: ids and places that do not collide, datasources that are provisioned, no query
without a legend where it has several series, a schema not newer than Grafana 9 reads."""
import glob, json, os, re, sys
import yaml

root = sys.argv[1] + "/infra/monitoring"
sources = {d["uid"]: d["type"] for d in yaml.safe_load(open(root + "/base/config/grafana/datasources.yaml"))["datasources"]}
listed = yaml.safe_load(open(root + "/dashboards/kustomization.yaml"))["configMapGenerator"][0]["files"]
errors, uids, panels = [], set(), 0
files = sorted(glob.glob(root + "/dashboards/*.json"))
if sorted(listed) != [os.path.basename(f) for f in files]:
    errors.append("kustomization.yaml does not list the dashboards that are there")
for file in files:
    name, board = os.path.basename(file), json.load(open(file))
    if board["uid"] in uids or not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", board["uid"]):
        errors.append(f"{name}: uid")
    uids.add(board["uid"])
    if board["schemaVersion"] > 36:  # Grafana 9.0; newer ones migrate upwards, none downwards
        errors.append(f"{name}: schemaVersion {board['schemaVersion']}")
    if "id" in board:
        errors.append(f"{name}: an id belongs to one Grafana's database")
    variables = {v["name"] for v in board["templating"]["list"]}
    ids, taken = set(), {}
    for panel in board["panels"]:
        panels += 1
        where = f"{name}: {panel['title']}"
        if panel["id"] in ids:
            errors.append(f"{where}: id {panel['id']} stands twice")
        ids.add(panel["id"])
        at = panel["gridPos"]
        if at["x"] + at["w"] > 24:
            errors.append(f"{where}: wider than the grid")
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                if taken.setdefault((x, y), panel["title"]) != panel["title"]:
                    errors.append(f"{where}: lies on {taken[x, y]}")
        if panel["type"] == "row":
            continue
        if panel["type"] not in ("timeseries", "stat", "bargauge", "logs"):
            errors.append(f"{where}: type {panel['type']}")
        if not panel["targets"]:
            errors.append(f"{where}: no query")
        for source in [panel["datasource"], *(t["datasource"] for t in panel["targets"])]:
            if sources.get(source["uid"]) != source["type"]:
                errors.append(f"{where}: datasource {source}")
        if len({t["refId"] for t in panel["targets"]}) != len(panel["targets"]):
            errors.append(f"{where}: refId")
        for target in panel["targets"]:
            for used in re.findall(r"\$(\w+)", target["expr"]):
                if used not in variables and not used.startswith("__"):
                    errors.append(f"{where}: no variable {used}")
for error in sorted(set(errors)):
    print(error)
print(f"{len(files)} dashboards, {panels} panels")
sys.exit(1 if errors else 0)
