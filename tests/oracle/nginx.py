#!/usr/bin/env python3
"""What nginx itself says of configurations: whether it can read them, and which location answers a path.

    tests/oracle/nginx.py --write            # tests/syntax/nginx.tsv and nginx_locations.tsv anew
    tests/oracle/nginx.py --field OUT DIR... # verdicts on the configurations below the folders, and on spoilt ones

Needs nginx and openssl on the PATH. Nothing but the loopback is used. docs/nginx-conformance.md says what is compared.
"""
import argparse
import http.client
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYNTAX = ROOT / "tests/syntax"
PARSER = re.compile(
    r'(unexpected "."|unexpected end of file, expecting (?:";" or )?"}"|unexpected end of parameter|too long parameter)')


def escaped(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n")


class Nginx:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "logs").mkdir()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
             "/CN=x", "-days", "2", "-keyout", str(self.folder / "key.pem"), "-out", str(self.folder / "cert.pem")],
            check=True, stderr=subprocess.DEVNULL)

    def config(self, text, name):
        """The text where it may stand: whole files as they are, others in `http` or in a server."""
        path = self.folder / name
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        if re.search(r"(?m)^\s*(http|stream|events)\s*\{", text):
            return path
        main = self.folder / "main.conf"
        inner = f"include {path};"
        if not re.search(r"(?m)^\s*(server|upstream\s+\S+|map\s+\S+\s+\S+)\s*\{", text):
            inner = "server { " + inner + " }"
        main.write_text("events { }\nhttp { " + inner + " }\n")
        return main

    def verdict(self, text, name="x.conf"):
        """ok, parser LINE MESSAGE, or meaning LINE: what was wrong before the end was reached."""
        main = self.config(text, name)
        run = subprocess.run(
            ["nginx", "-t", "-p", str(self.folder), "-e", str(self.folder / "logs/error.log"), "-c", str(main), "-g",
             f"pid {self.folder}/pid;"], capture_output=True, text=True, errors="replace", timeout=30)
        if run.returncode == 0:
            return "ok"
        emerg = [line for line in run.stderr.splitlines() if "[emerg]" in line]
        if not emerg:
            return "meaning 0"
        place = re.search(r" in (\S+):(\d+)$", emerg[0])
        mine = place is not None and pathlib.Path(place[1]) == self.folder / name
        line = int(place[2]) if mine else 0
        parser = PARSER.search(emerg[0])
        # What ends within the included file is said of that file only.
        if parser and mine:
            return f"parser {line} {parser[1]}"
        return f"meaning {line}"


# ---- syntax

OURS = [
    "", "# nothing", "\n\n", "user nobody;", "user nobody", "user nobody\n", ";", "{", "}", "{}", "};",
    "events { } http { }", "events { };", "events { } }", "events {", "events { worker_connections 5 }",
    "events { worker_connections 5; } http { server { listen 127.0.0.1:8 } }",
    'events { } http { add_header X "a"; }', 'events { } http { add_header X "a"b; }', "events { } http { add_header X 'a';; }",
    'events { } http { add_header X "a; }', "events { } http { add_header X 'a\n\n; }", 'events { } http { add_header X "a\\"; }',
    'events { } http { add_header X "a\\\\"; }', "events { } http { add_header X a\\ b; }", "events { } http { add_header X a\\; ; }",
    "events { } http { add_header X a\\{b; }", "events { } http { add_header X a}b; }", "events { } http { add_header X }; }",
    "events { } http { add_header X ${host}; }", "events { } http { add_header X $host; }", "events { } http { add_header X a#b; }",
    "events { } http { # } \n }", "events { } http { # {\n }", "events { } http {\r\n}\r\n", "events{}http{server{listen 127.0.0.1:8;}}",
    'events { } http { server { location ~ ^/[a-z]{2}/ { } } }', 'events { } http { server { location ~ "^/[a-z]{2}/" { } } }',
    'events { } http { server { if ($host = "a") { return 404; } } }', 'events { } http { server { if ($host = "a" ) { return 404; } } }',
    'events { } http { server { if ($host ~ "a"b) { return 404; } } }', 'events { } http { map $host $a { default ""; "" "x;y"; } }',
    "events { } http { map $host $a { default 1 } }", "events { } http { server { location / { } }", "events { } http { server { } } server { }",
    "events { } http { log_format x '$host' \"{'a': 1}\"; }", "events { } http { log_format x '$host' '{;}' }",
    "events { } http { add_header X " + "a" * 4095 + "; }", "events { } http { add_header X " + "a" * 4096 + "; }",
    "events { } http { add_header X " + "a" * 4095 + " ; }", "events { } http { add_header X " + "a" * 4094 + " ; }",
    "events { } http { add_header X '" + "a" * 4094 + "'; }", "events { } http { add_header X '" + "a" * 4095 + "'; }", "events { } http { add_header X '" + "a" * 4096 + "'; }",
    "#" + "a" * 4093 + "\nevents { }", "#" + "a" * 4094 + "\nevents { }", "#" + "a" * 4094 + "\n", "#" + "a" * 4095 + "\nevents { }", "#" + "a" * 5000 + "\nevents { }", "#" + "a" * 5000,
    "events { } http { add_header X \"a\"\n\"b\"; }", "events { } http { add_header\nX\na\n; }", 'events { } "http" { }', "events { } 'http' { };",
    "events { } http { server { return 200 \"a{b}c\"; } }", "events { } http { server { return 200 a{b}c; } }",
    "events { } http { server { return 200 'it\\'s'; } }", "events { } http { server { set $a \"$b{c\"; } }", "\ufeffevents { }",
    "events { } http { types { a/b c; d/e f } }", "events { } http { server { listen 127.0.0.1:8; } server {", "a'b;c",
    "events { } http { server_tokens off; $x }", "events { } http { add_header X a$; }", "events { } http { add_header X ${; }", "events { } http { add_header X $ {; }",
]


def ours():
    texts = list(OURS)
    files = sorted(ROOT.glob("examples/*/nginx/**/*.conf")) + sorted(ROOT.glob("examples/*/nginx/**/*.template"))
    files += sorted(ROOT.glob("examples/*/deploy/nginx/*.conf")) + sorted(ROOT.glob("tests/seed/*/nginx/*.conf"))
    return texts, [path.read_text() for path in files]


def mutants(text, count, dice):
    """One slip each: a character that matters is lost, doubled or put in somewhere."""
    result = []
    marks = [i for i, c in enumerate(text) if c in "{};\"'\\#"]
    for _ in range(count):
        kind = dice.randrange(3)
        if kind == 0 and marks:
            at = dice.choice(marks)
            result.append(text[:at] + text[at + 1:])
        elif kind == 1 and marks:
            at = dice.choice(marks)
            result.append(text[:at] + text[at] + text[at:])
        else:
            at = dice.randrange(len(text) + 1)
            result.append(text[:at] + dice.choice("{};\"'\\#") + text[at:])
    return result


def neutral(text, folder):
    """What this machine lacks does not matter: names, certificates and included files. Lines stay where they are."""
    text = re.sub(r"(?m)^(\s*)(include|user|load_module|pid|error_log|access_log)\b[^;\n]*;", r"\1", text)
    text = re.sub(r"(ssl_certificate)\s+[^;\n]+;", rf"\1 {folder}/cert.pem;", text)
    text = re.sub(r"(ssl_certificate_key)\s+[^;\n]+;", rf"\1 {folder}/key.pem;", text)
    text = re.sub(r"(?m)^(\s*)(ssl_dhparam|ssl_trusted_certificate|ssl_client_certificate|auth_basic_user_file|http2|opentracing\w*|otel\w*|brotli\w*)\b[^;\n]*;",
                  r"\1", text)
    text = re.sub(r"(proxy_pass\s+https?://)(?!\$)[\w.-]+(:\d+)?", r"\g<1>127.0.0.1:9", text)
    text = re.sub(r"(fastcgi_pass|uwsgi_pass)\s+(?!unix|\$)[\w.:-]+;", r"\1 127.0.0.1:9;", text)
    text = re.sub(r"(?m)^(\s*server\s+)[\w.-]+(:\d+)?", r"\g<1>127.0.0.1:9", text)
    return text


def write_syntax(nginx):
    dice = random.Random(7)
    texts, files = ours()
    for text in files:
        text = neutral(text, "/work") if "ssl_certificate" not in text else neutral(text, nginx.folder)
        texts.append(text)
        texts += mutants(text, 12, dice)
    with open(SYNTAX / "nginx.tsv", "w", encoding="utf-8") as out:
        for text in texts:
            verdict = nginx.verdict(text)
            out.write(escaped(text.replace(str(nginx.folder), "/tmp/oracle")) + "\t" + verdict + "\n")
    return len(texts)


def field(nginx, out, folders):
    dice = random.Random(11)
    counts = {"files": 0, "mutants": 0}
    kinds = {}
    with open(out, "w", encoding="utf-8", errors="surrogateescape") as answers:
        for folder in folders:
            for path in sorted(pathlib.Path(folder).rglob("*")):
                name = path.name
                if ".git" in path.parts or not path.is_file() or path.is_symlink() or path.stat().st_size > 60_000:
                    continue
                if not (name.endswith((".conf", ".template")) or "nginx" in str(path).lower()):
                    continue
                if name.endswith((".md", ".yml", ".yaml", ".sh", ".go", ".py", ".js", ".json", ".j2", ".tf", ".php")):
                    continue
                text = path.read_text(encoding="utf-8", errors="surrogateescape")
                if "\0" in text or "{{" in text or "{%" in text:
                    continue
                if not re.search(r"(?m)^\s*(server|http|location\s+[^{\n]+|upstream\s+\S+)\s*\{", text):
                    continue
                text = neutral(text, nginx.folder)
                counts["files"] += 1
                for each in [text] + mutants(text, 20, dice):
                    verdict = nginx.verdict(each)
                    kinds[verdict.split(" ")[0]] = kinds.get(verdict.split(" ")[0], 0) + 1
                    answers.write(escaped(each) + "\t" + verdict + "\n")
                counts["mutants"] += 20
    print(f"{counts['files']} files, {counts['mutants']} spoilt copies: " +
          ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))


# ---- locations

PARTS = ["a", "ab", "api", "ws", "img", "x"]
EXPRESSIONS = ["^/a", "^/api/", "\\.php$", "\\.(gif|jpe?g|png)$", "b/", "^/[a-z]{2}/", "^/(?:ws|img)(/|$)", "x$", "/a+b", "^/$", "[^/]$", "^/A", "\\d"]


def location(dice, depth, names):
    names.append(f"n{len(names)}")
    name = names[-1]
    kind = dice.choice(["", "", "", "=", "^~", "~", "~*"])
    inside = ""
    if kind in ("~", "~*"):
        pattern = '"' + dice.choice(EXPRESSIONS) + '"'
    else:
        pattern = "/" + "/".join(dice.choice(PARTS) for _ in range(dice.randrange(0, 3))) + dice.choice(["", "/"])
        pattern = re.sub("/+", "/", pattern)
    if depth == 0 and kind != "=" and dice.random() < 0.3:
        seen = set()
        for _ in range(dice.randrange(1, 3)):
            names.append(f"n{len(names)}")
            if kind in ("", "^~"):
                inner = pattern + ("" if pattern.endswith("/") else "/") + dice.choice(PARTS)
                mark = dice.choice(["", "^~", "="])
                if dice.random() < 0.4:
                    mark, inner = "~", '"' + dice.choice(EXPRESSIONS) + '"'
                if inner in seen:
                    names.pop()
                    continue
                seen.add(inner)
                inside += f" location {mark} {inner} {{ return 200 {names[-1]}; }}"
            else:
                inside += f' location ~ "{dice.choice(EXPRESSIONS)}" {{ return 200 {names[-1]}; }}'
    return kind, pattern, f"location {kind} {pattern} {{ return 200 {name};{inside} }}"


def servers(dice, count):
    for _ in range(count):
        names, seen, lines = [], set(), []
        for _ in range(dice.randrange(2, 9)):
            kind, pattern, text = location(dice, 0, names)
            key = pattern if kind in ("", "^~") else kind + pattern
            if kind not in ("~", "~*"):
                if key in seen:
                    continue
                seen.add(key)
            lines.append(text)
        paths = {"/"}
        while len(paths) < 14:
            path = "/" + "/".join(dice.choice(PARTS) for _ in range(dice.randrange(0, 4)))
            paths.add(path + dice.choice(["", "/", ".php", ".jpg", "1"]) if path != "/" else "/")
        yield "server { listen PORT; return_or_not; " + " ".join(lines) + " }", sorted(paths)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def write_locations(nginx, count):
    dice = random.Random(3)
    asked = 0
    with open(SYNTAX / "nginx_locations.tsv", "w", encoding="utf-8") as out:
        cases = [(text.replace("return_or_not; ", ""), paths) for text, paths in servers(dice, count)]
        ports, blocks = [], []
        for text, _ in cases:
            ports.append(20000 + len(ports))
            blocks.append(text.replace("PORT", f"127.0.0.1:{ports[-1]}", 1))
        main = nginx.folder / "serve.conf"
        main.write_text("worker_processes 1;\nevents { worker_connections 2000; }\nhttp { access_log off; root /nonexistent;\n" + "\n".join(blocks) + "\n}\n")
        process = subprocess.Popen(["nginx", "-p", str(nginx.folder), "-e", str(nginx.folder / "logs/error.log"), "-c", str(main), "-g",
                                    f"daemon off; pid {nginx.folder}/pid;"])
        try:
            for _ in range(100):
                try:
                    socket.create_connection(("127.0.0.1", ports[-1]), 0.2).close()
                    break
                except OSError:
                    time.sleep(0.05)
            for (text, paths), port in zip(cases, ports):
                answers = []
                for path in paths:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                    connection.request("GET", path)
                    response = connection.getresponse()
                    body = response.read().decode()
                    answers.append(f"{path}={body if response.status == 200 else '-'}")
                    connection.close()
                    asked += 1
                out.write(escaped(text.replace("listen PORT; ", "")) + "\t" + " ".join(answers) + "\n")
        finally:
            process.terminate()
            process.wait()
    return count, asked


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--field", nargs="+")
    options = parser.parse_args()
    if not shutil.which("nginx") or not shutil.which("openssl"):
        print("nginx or openssl is not here", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as folder:
        nginx = Nginx(folder)
        if options.write:
            print(write_syntax(nginx), "texts")
            print("%d servers, %d requests" % write_locations(nginx, 150))
        if options.field:
            field(nginx, options.field[0], options.field[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
