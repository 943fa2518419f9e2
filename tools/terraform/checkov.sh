#!/bin/sh
# checkov.sh RENDERED: Checkov reports exactly what RENDERED/infra/terraform/.checkov.yaml answers: nothing else, and no answer is left
# over. An answer may be left over where the product has not what it is about: then set SMALL=1.
# kit: checkov
set -eu
KIT=$(dirname -- "$0")/../kit
. "$KIT/kit.sh"
want checkov python3
folder=$(cd "$1/infra/terraform" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# From elsewhere: it takes a .checkov.yaml that lies where it is started, or where it looks.
cp -R "$folder" "$work/terraform"
rm "$work/terraform/.checkov.yaml"
cd "$work"
checkov -d terraform --framework terraform --skip-download --quiet --compact -o json >report.json || true
python3 - report.json "$folder/.checkov.yaml" "${SMALL-}" <<'END'
import json, re, sys
report = json.load(open(sys.argv[1]))
report = report[0] if isinstance(report, list) else report
answered = set(re.findall(r"^  - (CKV\w+)$", open(sys.argv[2]).read(), re.M))
failed = report["results"]["failed_checks"]
bad = [f"{c['check_id']} {c['resource']}: {c['check_name']} ({c['file_path']}:{c['file_line_range'][0]})" for c in failed if c["check_id"] not in answered]
if not sys.argv[3]:
    bad += [f"{check}: answered, and nothing asks" for check in sorted(answered - {c["check_id"] for c in failed})]
if report["summary"]["parsing_errors"]:
    bad.append(f"{report['summary']['parsing_errors']} files were not parsed: {report['results'].get('parsing_errors')}")
print("\n".join(bad + [f"checkov {report['summary']['checkov_version']}: {report['summary']['passed']} passed, {len(failed)} answered in .checkov.yaml, {len(bad)} not"]))
sys.exit(bool(bad))
END
