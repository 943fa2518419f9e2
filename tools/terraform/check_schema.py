#!/usr/bin/env python3
"""check_schema.py RENDERED: the Terraform files against the AWS provider's schema, without Terraform, provider or network.

Every type, argument and block is known, may be set and is there where required; every var, local, data source, ephemeral resource,
resource and attribute that an expression names exists, indexed where it is many; modules get what they require; nothing declared is
unused. Needs python-hcl2; with other folders than RENDERED/infra/terraform: --folder.
"""
import gzip
import json
import pathlib
import re
import sys

try:
    import hcl2
except ImportError:
    print("SKIPPED: no python-hcl2: tools/kit/build.sh linters", file=sys.stderr)
    sys.exit(77)

TABLE = json.load(gzip.open(pathlib.Path(__file__).resolve().parents[2] / "tests/oracle/aws_schema.json.gz"))
META = {"for_each", "count", "provider", "depends_on", "lifecycle", "provisioner", "connection"}
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
problems = []
counts = {"files": 0, "types": set(), "arguments": 0, "references": 0}


def problem(where, text):
    problems.append(f"{where}: {text}")


def unquote(name):
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name


def strings_out(text):
    """The expression with its strings emptied, and the expressions that stood in them."""
    code, inner, i = [], [], 0
    while i < len(text):
        if text[i] != '"':
            code.append(text[i])
            i += 1
            continue
        code.append('""')
        i += 1
        while i < len(text) and text[i] != '"':
            if text[i] == "\\":
                i += 2
            elif text.startswith("${", i) and not text.startswith("$${", i - 1):
                depth, start = 1, i + 2
                i += 2
                quoted = False
                while i < len(text) and depth:
                    if text[i] == '"' and text[i - 1] != "\\":
                        quoted = not quoted
                    elif not quoted:
                        depth += {"{": 1, "}": -1}.get(text[i], 0)
                    i += 1
                inner.append(text[start : i - 1])
            else:
                i += 1
        i += 1
    return "".join(code), inner


def paths(text):
    """The dotted paths of an expression; an index is the part "[]"."""
    code, inner = strings_out(text)
    for part in inner:
        yield from paths(part)
    i = 0
    while i < len(code):
        found = IDENTIFIER.match(code, i)
        if not found or (i and (code[i - 1].isalnum() or code[i - 1] in "_.")):
            i += 1
            continue
        path, i = [found.group()], found.end()
        while i < len(code):
            if code[i] == "." and IDENTIFIER.match(code, i + 1):
                found = IDENTIFIER.match(code, i + 1)
                path.append(found.group())
                i = found.end()
            elif code.startswith(".*", i):
                path.append("[]")
                i += 2
            elif code[i] == "[":
                depth, start = 0, i
                while i < len(code):
                    depth += {"[": 1, "]": -1}.get(code[i], 0)
                    i += 1
                    if not depth:
                        break
                yield from paths(code[start + 1 : i - 1])
                path.append("[]")
            else:
                break
        if not (i < len(code) and code[i] == "("):
            yield path


def expressions(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.startswith("${") or '"${' in key or (key.startswith('"') and "${" in key):
                yield key
            elif key.startswith("(") and key.endswith(")"):
                yield "${" + key + "}"
            yield from expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions(inner)
    elif isinstance(value, str):
        yield value


def code_of(text):
    return text[2:-1] if text.startswith("${") and text.endswith("}") and not text.startswith('"') else text


def without_comments(value):
    if isinstance(value, dict):
        return {k: without_comments(v) for k, v in value.items() if k not in ("__comments__", "__inline_comments__")}
    return [without_comments(v) for v in value] if isinstance(value, list) else value


class Module:
    def __init__(self, folder):
        self.folder = folder
        self.blocks = {}
        for file in sorted(folder.glob("*.tf")):
            counts["files"] += 1
            for kind, blocks in without_comments(hcl2.loads(file.read_text())).items():
                for block in blocks:
                    self.blocks.setdefault(kind, []).append((file, block))
        self.variables = {unquote(n): b for _, v in self.blocks.get("variable", []) for n, b in v.items()}
        self.outputs = {unquote(n): b for _, v in self.blocks.get("output", []) for n, b in v.items()}
        self.locals = {n for _, v in self.blocks.get("locals", []) for n in v if n != "__is_block__"}
        self.calls = {unquote(n): b for _, v in self.blocks.get("module", []) for n, b in v.items()}
        self.things = {}
        for kind in ("resource", "data", "ephemeral"):
            for file, by_type in self.blocks.get(kind, []):
                for type_, by_name in by_type.items():
                    for name, block in by_name.items():
                        self.things[(kind, unquote(type_), unquote(name))] = (file, block)
        self.used = set()

    def check(self, modules):
        for (kind, type_, name), (file, block) in self.things.items():
            where = f"{file}: {kind} {type_}.{name}"
            counts["types"].add((kind, type_))
            body = TABLE[kind].get(type_)
            if body is None:
                problem(where, "no such type")
            else:
                self.body(where, body, block, META if kind == "resource" else META | {"lifecycle"})
        for name, block in self.calls.items():
            self.call(name, block, modules)
        for kind, blocks in self.blocks.items():
            for file, block in blocks:
                self.references(f"{file}: {kind} {' '.join(k for k in list(block)[:1] if kind != 'locals')}", block)
        for kind, names in (("var", self.variables), ("local", self.locals)):
            for name in names:
                if (kind, name) not in self.used:
                    problem(self.folder, f"{kind}.{name} is declared and not used")
        for (kind, type_, name), (file, _) in self.things.items():
            if kind != "resource" and (kind, type_, name) not in self.used:
                problem(file, f"{kind} {type_}.{name} is not used")

    def body(self, where, body, block, meta):
        given = {}
        for name, value in block.items():
            if name == "__is_block__" or name in meta:
                continue
            if name == "dynamic":
                for dynamic in value:
                    for label, inner in dynamic.items():
                        given.setdefault(unquote(label), []).extend(inner["content"])
            else:
                given[name] = value
        for name, value in given.items():
            counts["arguments"] += 1
            if name not in body:
                problem(where, f"no argument {name!r}")
                continue
            mode, what = body[name]
            is_block = isinstance(value, list) and any(isinstance(v, dict) and v.get("__is_block__") for v in value)
            if mode == "c":
                problem(where, f"{name!r} can only be read")
            elif isinstance(what, dict) and "block" in what:
                if not is_block:
                    problem(where, f"{name!r} is a block, not an argument")
                elif what["max"] and len(value) > what["max"] and "dynamic" not in block:
                    problem(where, f"{name!r} stands more than once")
                elif what["block"] != "any":
                    for inner in value:
                        self.body(f"{where}.{name}", what["block"], inner, set())
            elif is_block:
                problem(where, f"{name!r} is an argument, not a block")
            elif not self.fits(what, value):
                problem(where, f"{name!r} takes {json.dumps(what)}, not {json.dumps(value)}")
        for name, (mode, _) in body.items():
            if mode == "r" and name not in given:
                problem(where, f"{name!r} is required")

    @staticmethod
    def fits(what, value):
        if isinstance(value, str) and value.startswith("${"):
            return True
        if what == "bool":
            return isinstance(value, bool)
        if what == "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        if what == "string":
            return isinstance(value, (str, int, float, bool))
        if isinstance(what, list):
            return isinstance(value, list if what[0] == "list" else dict)
        return True

    def call(self, name, block, modules):
        where = f"{self.folder}: module {name}"
        source = (self.folder / unquote(block["source"])).resolve()
        if source not in modules:
            problem(where, f"no module at {source}")
            return
        callee = modules[source]
        for argument in block:
            if argument not in {"source", "providers", "for_each", "count", "depends_on", "__is_block__"} | set(callee.variables):
                problem(where, f"the module has no variable {argument!r}")
        for variable, declared in callee.variables.items():
            if "default" not in declared and variable not in block:
                problem(where, f"variable {variable!r} is required")

    def references(self, where, block):
        texts = [code_of(t) for t in expressions(block)]
        bound = {"each", "count", "self", "path", "terraform"}
        for text in texts:
            for names in re.findall(r"\bfor\s+([A-Za-z_][\w-]*(?:\s*,\s*[A-Za-z_][\w-]*)?)\s+in\b", text):
                bound |= {n.strip() for n in names.split(",")}

        def labels(value):
            if isinstance(value, dict):
                for key, inner in value.items():
                    if key == "dynamic" and isinstance(inner, list):
                        bound.update(unquote(label) for d in inner for label in d)
                    labels(inner)
            elif isinstance(value, list):
                for inner in value:
                    labels(inner)

        labels(block)
        ignored = set()

        def ignores(value):
            if isinstance(value, dict):
                for key, inner in value.items():
                    if key in ("ignore_changes", "providers", "configuration_aliases", "provider") and isinstance(inner, (list, dict, str)):
                        ignored.update(code_of(t) for t in expressions(inner))
                        if isinstance(inner, dict):
                            ignored.update(inner)
                    ignores(inner)
            elif isinstance(value, list):
                for inner in value:
                    ignores(inner)

        ignores(block)
        for text in texts:
            if text in ignored:
                continue
            for path in paths(text):
                self.reference(where, path, bound)

    def reference(self, where, path, bound):
        root, shown = path[0], ".".join(path).replace(".[]", "[]")
        if root in bound or len(path) == 1:
            return
        counts["references"] += 1
        if root in ("var", "local", "module"):
            known = {"var": self.variables, "local": self.locals, "module": self.calls}[root]
            self.used.add((root, path[1]))
            if path[1] not in known:
                problem(where, f"{shown} is not declared")
            elif root == "module":
                outputs = MODULES[(self.folder / unquote(self.calls[path[1]]["source"])).resolve()].outputs
                if len(path) > 2 and path[2] not in outputs:
                    problem(where, f"{shown}: the module has no such output")
            return
        kind, rest = ("resource", path) if root.startswith("aws_") else (root, path[1:])
        if kind not in ("resource", "data", "ephemeral"):
            problem(where, f"{shown}: nothing is called {root}")
            return
        key = (kind, *rest[:2])
        self.used.add(key)
        if len(rest) < 2 or key not in self.things:
            problem(where, f"{shown} is not declared")
            return
        _, block = self.things[key]
        many = "for_each" in block or "count" in block
        rest = rest[2:]
        if not rest:
            return
        if many != (rest[0] == "[]"):
            problem(where, f"{shown}: " + ("there are many: which one" if many else "there is but one"))
            return
        rest = rest[1:] if many else rest
        body = TABLE[kind].get(key[1], {})
        while rest:
            if rest[0] not in body:
                problem(where, f"{shown}: no attribute {rest[0]!r}")
                return
            what = body[rest[0]][1]
            rest = rest[1:]
            if isinstance(what, dict) and "block" in what:
                what = ["list", {"object": what["block"]}]
            if isinstance(what, list):
                if rest and rest[0] != "[]":
                    problem(where, f"{shown}: a list, of which one has to be chosen")
                    return
                rest, what = rest[1:], what[1]
            if not isinstance(what, dict) or what["object"] == "any":
                if rest:
                    problem(where, f"{shown}: {rest[0]!r} of what has no parts")
                return
            body = what["object"]


folder = pathlib.Path(sys.argv[2] if sys.argv[1] == "--folder" else sys.argv[1] + "/infra/terraform").resolve()
MODULES = {d: Module(d) for d in [folder, *sorted(p for p in folder.rglob("*") if p.is_dir())] if any(d.glob("*.tf"))}
for module in MODULES.values():
    module.check(MODULES)
for text in problems:
    print(text, file=sys.stderr)
print(
    f"aws {TABLE['version']}: {len(MODULES)} modules, {counts['files']} files, {len(counts['types'])} types, {counts['arguments']} arguments, "
    f"{counts['references']} references, {len(problems)} problems"
)
sys.exit(bool(problems))
