#!/bin/sh
# Every test again under ThreadSanitizer, but for what only other people's programs do.
exec ./dev test --preset tsan -E '^infrastructure'
