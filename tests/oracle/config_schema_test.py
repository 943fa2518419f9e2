#!/usr/bin/env python3
"""docs/aethel.schema.json against the documents by which the reader is tested.

The reader (tests/unit/config_test.cc) and the schema must agree: editors go by the schema.
Ends with code 77, "skipped", where jsonschema or PyYAML is absent.
"""

import json
import pathlib
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]


class CoreLoader(yaml.SafeLoader):
    """Types as in YAML 1.2, which editors use: a date is a text, and so is "on"."""

    yaml_implicit_resolvers = {}


for tag, pattern, first in [
    ("null", r"~|null|Null|NULL|", list("~nN") + [""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)"
              r"|\.(nan|NaN|NAN)", list("-+0123456789.")),
]:
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


CoreLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: 0.5)
CoreLoader.add_constructor("tag:yaml.org,2002:int",
                          lambda loader, node: int(node.value, 0 if node.value[1:2] in "xo" else 10))


def cases():
    archive = (ROOT / "tests/cases/config.txtar").read_text(encoding="utf-8")
    parts = re.split(r"^-- (.+) --\n", archive, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2]))


def main():
    schema = json.loads((ROOT / "docs/aethel.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    passed = failed = 0
    for name, text in cases():
        accepted = validator.is_valid(yaml.load(text, CoreLoader))
        if accepted == (not name.startswith("invalid/")):
            passed += 1
            continue
        failed += 1
        print(f"{name}: {'accepted' if accepted else 'rejected'} by the schema")
        for error in validator.iter_errors(yaml.load(text, CoreLoader)):
            print(f"  {error.json_path}: {error.message}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main())
