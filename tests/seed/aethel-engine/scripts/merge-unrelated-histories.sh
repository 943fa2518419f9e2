#!/usr/bin/env bash
# Joins a branch that shares no history with main.
set -euo pipefail
git merge --allow-unrelated-histories "${1:?branch}"
