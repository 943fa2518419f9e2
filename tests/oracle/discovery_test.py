#!/usr/bin/env python3
"""A short run of discovery.py: random ignore files, and this repository if it is one."""

import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

aethel = sys.argv[1] if len(sys.argv) > 1 else None
if aethel is None or shutil.which("git") is None:
    print("skipped: no git, or no program was given")
    sys.exit(77)
command = [sys.executable, str(ROOT / "tests/oracle/discovery.py"), "--aethel", aethel, "--patterns", "40"]
if (ROOT / ".git").exists():
    command.append(str(ROOT))
sys.exit(subprocess.run(command, check=False).returncode)
