#!/bin/sh
# Every test again under ThreadSanitizer, but for what only other people's programs do, and drills and
# crashes, which start a process each: what they do in it, backup and serve do as well.
exec ./dev test --preset tsan -E '^infrastructure|^running.(drill|crash)$'
