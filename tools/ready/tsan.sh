#!/bin/sh
# Every test again under ThreadSanitizer.
exec ./dev test --preset tsan
