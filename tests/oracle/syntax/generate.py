#!/usr/bin/env python3
"""Writes tests/syntax/*.tsv: inputs of our own, and what the programs that they are for make of them.

    cd tests/oracle/syntax && go mod tidy && go build -o /tmp/oracle . && npm install --prefix /tmp dotenv@17
    ./generate.py /tmp/oracle /tmp/node_modules/dotenv

compose-go 2.16.2 answers for compose_template and dotenv, BuildKit 0.17.3 for dockerfile, and dotenv
17.4 (16.6 answers the same) for dotenv_npm. Seeds are fixed: the same bytes every time.
"""

import pathlib
import random
import subprocess
import sys

OUT = pathlib.Path(__file__).resolve().parents[2] / "syntax"

TEMPLATES = """
$FOO|${FOO}|$FOO-bar|${FOO}bar|$$FOO|$${FOO}|$$$FOO|$|a $ string|^REGEX$|$}|$1|$-|${|${}|${ }|${ foo}|${foo }|${foo!}
${FOO:-d}|${BAR:-d}|${X:-d}|${FOO-d}|${BAR-d}|${X-d}|${FOO:+d}|${BAR:+d}|${X:+d}|${FOO+d}|${BAR+d}|${X+d}
${FOO:?m}|${BAR:?m}|${X:?m}|${FOO?m}|${BAR?m}|${X?m}|${X:?}|${X?}|${X:?need ${FOO}}|${X:?need ${Y:?inner}}
${X:-${FOO}}|${X:-${Y:-z}}|${X:-$FOO-$BAR}|${X:-${FOO} ${FOO}}|${BAR:-${FOO:+${A}}}|${X:-${Y}|${X:-${Y}} ${FOO}
${X:-{}}|${X:-{}} and ${FOO}|${X:-{"a":1}}|${JSON:-{}}|${X:-a}b}|${X:-a}${Y:-b}|${X:-a} } ${FOO}|{${FOO}}|${X:-}}
${X:-a-b?c+d}|${X-:-}|${X:a}|${X:}|${X::-a}|${X:--}|${X:-:-}|${X--}|${X:-/non:-alphanumeric}|${X?bar-baz}
postgres://${USER:-app}:${DB_PASSWORD:?set DB_PASSWORD}@db:5432/${DB:-app}|${REGISTRY:-ghcr.io/acme}/web:${TAG:-latest}
http://localhost:${PORT:-3000}/health|${A}${A}|${_x:-1}|${A1:-2}|${X:-é}|é$FOO|$FOOé|${X:-'q'}|${X:-"q"}|${X:-\\}}
"""

ENVS = r"""
FOO=bar|FOO = bar|FOO= bar |FOO="bar"|FOO='bar'|FOO="a\"b"|FOO='a\'b'|FOO="'x'"|FOO: bar|FOO:bar|FOO=1:B|export FOO=2
export\tFOO=2|  export FOO=2|exportFOO=2|export FOO|FOO|FOO\n|FOO\nBAR=1|A\n|FOO=|FOO=\nBAR=2|FOO= # c|FOO=#c|FOO=a#b
FOO=a #b|FOO=a # b|FOO="a#b" # c|FOO='a # b' # c|FOO="a"#c|FOO="a" b|FOO="a"BAR=2|# c|  # c\nFOO=1|FOO=$BAR|FOO='$A'
FOO="$A"|FOO=${A}x|FOO="${X:-d}"|X=${Y:-z}|X=1\nY=${X}2|X=1\nY='${X}'|X=1\nY="\${X}"|X=1\nY="$${X}"|X=$$A|X=${|X="${"
X=${A|X=${B:-${}}|X=${A:-${}}|X=${Y:?m}|X="a\nb"|X="a\\\nb"|X='a\nb'|X="a\\tb"|X='a\\tb'|X=a\\tb|X="\0101"|X="\077"
X="a\\nb"|X='a\\nb'|X="\\\\n"|X="a\r\nb"|A=1\r\nB=2\r\n|A="1"\r\nB='2' # c\r\n|\ufeffA=1|\ufeff# c\nA=1|FOO BAR=1|FOO BAR
FOO%=1|%=1|=1|="x"|A="|A="x|A='x|A="x\nB=1|A='x\nB=1|A=x"y|A="x"y"|A=`x`|A=`x\ny`|A="x`|A.b=1|A-b=1|a[1]=c|é=1|→=1
1A=2|A=1\nA=2|A==b|A=b=c|A=a b c|A="a b"  |A=\ta\t|A=\u00a0b|A\u00a0=b|A=\n"x"|A=\n\n'x'\n|A:\nx|A:|A: \n|A\n=b
DATABASE_URL=postgres://app:s3cret@db:5432/app?sslmode=disable|JWT_SECRET="change-me" # TODO|KEY='-----BEGIN\nx\n-----END'
SMTP_HOST=smtp.example.com|PASSWORD=p@$$w0rd|PASSWORD=p#w|PASSWORD="p#w"|JSON={"a":1}|JSON='{"a":"b"}'|URL=http://x/#y
A=1 # aethel: ignore[AE0101]|# aethel: ignore[AE0101]\nA=1|A='it''s'|A="\""|A='\''|A='\'\nB='2'|A="\"\nB="2"|A=1;B=2
"""

DOCKERFILES = r"""
FROM alpine|FROM alpine:3 AS build\nFROM build|ARG V=3\nFROM alpine:$V|ARG V=3\nFROM alpine:${V:-4} as Web|FROM ${X:-node}
ARG A=1\nARG B=$A.2\nFROM x:$B|ARG A="1 2"\nFROM x|ARG I='a'\nFROM $I|FROM "$X"|FROM a\$b|FROM|FROM a b|FROM a AS b c
FROM --platform=$BUILDPLATFORM golang:1.23 AS b\nRUN --mount=type=cache,target=/c go build\nFROM scratch\nCOPY --from=b /x /x
FROM a\nRUN echo x \\\n # comment\n  y|FROM a\nRUN x \\\n\n y|FROM a\nRUN <<EOF\nFROM no\nEOF\nRUN z|FROM a\nRUN <<-E\n\tE\nRUN z
FROM a\nCOPY <<a <<b /d/\n1\na\n2\nb\nRUN z|FROM a\nRUN <<'E' cat\n$x\nE|FROM a\nRUN cat <<E > /x\n1\nE|FROM a\nRUN <<E\n1
# escape=`\nFROM a\nRUN dir `\n  x|# syntax=docker/dockerfile:1\n# escape=`\nFROM a|\n# escape=`\nFROM a\nRUN x `|# escape=x\nFROM a
\ufeffFROM a\r\nRUN x \\\r\n y\r\n|from a as b\nrun x|FROM a\nONBUILD RUN <<E\n1\nE\nRUN z|RUN x\nFROM a|FROM a\nFOO b|FROM a AS 9x
ARG A\nFROM x|FROM $TYPO|FROM a:${A+b}|ARG A=b\nFROM a:${A:+c}|FROM ${|FROM ${A|ARG A=1 B=2\nFROM x:$A$B|FROM a\nARG A=2\nFROM x:$A
FROM a\nHEALTHCHECK --interval=5s --timeout=3s CMD curl -f http://localhost:3000/|FROM a\nLABEL a="b \\\n c"|FROM a\n  WORKDIR  /x  |
"""


def literal(text):
    return text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t").replace("\\ufeff", "\ufeff") \
        .replace("\\u00a0", "\u00a0").replace("\\u2192", "\u2192")


def listed(block, unescape):
    cases = [case for line in block.strip("\n").split("\n") for case in line.split("|") if case]
    return [literal(case) if unescape else case for case in cases]


def random_templates(rng):
    tokens = ["${", "$", "}", "{", ":-", "-", ":?", "?", ":+", "+", "FOO", "BAR", "A", "X", "JSON", "$$", "\n", " ",
              "a", "1", "_", "${FOO", "${X:-", "${X-", "${FOO:+", "${BAR+", "${A?", "${FOO}", "${X}", ":", '"', "!"]
    return ["".join(rng.choice(tokens) for _ in range(rng.randint(2, 10))) for _ in range(250)]


def random_envs(rng, quotes):
    parts = ["a", "b c", "#", " #", "$A", "${X:-d}", "${KEY}", "\\n", '\\"', "\\'", "\\$", "\\\\", "\n", "é", " ", "{", "=",
             "\\0101"]

    def value():
        body = "".join(rng.choice(parts) for _ in range(rng.randint(0, 4)))
        quote = rng.choice(["", *quotes])
        return quote + (body if quote else body.replace("\n", "")) + quote

    def line():
        tail = rng.choice([" ", " # c", "\t#c", " x"]) if rng.random() < 0.3 else ""
        return (rng.choice(["", "", " ", "export "]) + rng.choice(["KEY", "FOO", "X", "B.C", "A"])
                + rng.choice(["=", "=", "=", " = ", ": ", ":", "= "]) + value() + tail
                + rng.choice(["\n", "\n", "\r\n", "\n\n", "\n# c\n"]))

    return ["".join(line() for _ in range(rng.randint(1, 4))) for _ in range(250)]


def random_dockerfiles(rng):
    lines = listed(DOCKERFILES, True)
    pool = [line for case in lines for line in case.split("\n") if line not in ("\\", "")] + ["EOF", "a", "E", "# comment", ""]
    return ["\n".join([rng.choice(["FROM alpine", "ARG IMG=node\nARG TAG=1\nFROM $IMG:$TAG AS build"])]
                      + [rng.choice(pool) for _ in range(rng.randint(1, 7))]) + "\n" for _ in range(150)]


def escape(text):
    return "".join({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(c, c) for c in text)


def write(name, inputs, command):
    inputs = list(dict.fromkeys(inputs))
    asked = "\n".join(text.encode().hex() for text in inputs) + "\n"
    answers = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(answers) == len(inputs)
    (OUT / f"{name}.tsv").write_text("".join(f"{escape(i)}\t{a}\n" for i, a in zip(inputs, answers)))


def main():
    oracle, npm = sys.argv[1:]
    write("compose_template", listed(TEMPLATES, False) + random_templates(random.Random(1)), [oracle, "compose_template"])
    envs = listed(ENVS, True)
    write("dotenv", envs + random_envs(random.Random(2), "\"'"), [oracle, "dotenv"])
    write("dotenv_npm", envs + random_envs(random.Random(3), "\"'`"),
          ["node", pathlib.Path(__file__).with_name("npm.js"), npm])
    write("dockerfile", listed(DOCKERFILES, True) + random_dockerfiles(random.Random(4)), [oracle, "dockerfile"])


if __name__ == "__main__":
    main()
