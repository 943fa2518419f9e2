"""Runs the commands of a page, word for word, in one shell: blocks of ```sh, but for those after a line
<!-- not run: REASON -->. What the page cannot know - addresses, keys - is put in the place of its examples."""

import os
import pathlib
import subprocess

from servers import Failed

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def blocks(page):
    """(line, text) of each block that is to be run."""
    out, text, runs, before = [], None, False, ""
    for number, line in enumerate((ROOT / page).read_text().split("\n"), 1):
        if text is not None and line == "```":
            if runs:
                out.append((number - len(text), "\n".join(text)))
            text = None
        elif text is not None:
            text.append(line)
        elif line.startswith("```"):
            text, runs = [], line == "```sh" and not before.startswith("<!-- not run: ")
        if line.strip():
            before = line
    return out


def block_of(page, line):
    """The one block of a page that has this line."""
    found = [text for _, text in blocks(page) if line in text.split("\n")]
    if len(found) != 1:
        raise Failed(f"{page} has {len(found)} blocks with {line!r}")
    return found[0]


def run_page(page, folder, replaced, environment, umask=-1):
    """Returns what the commands printed. Each text to replace has to be there."""
    script = "set -eu\n"
    for line, text in blocks(page):
        script += f"echo '== {page}:{line}'\n{text}\n"
    for example, value in replaced:
        if example not in script:
            raise Failed(f"{page} does not say {example!r}")
        script = script.replace(example, value)
    done = subprocess.run(["sh"], input=script, text=True, cwd=folder, timeout=900, umask=umask, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}, **environment})
    if done.returncode != 0:
        raise Failed(f"the commands of {page} end with {done.returncode}:\n{done.stdout}")
    return done.stdout
