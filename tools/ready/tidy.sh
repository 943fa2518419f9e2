#!/bin/sh
# clang-tidy, all its findings errors.
exec ./dev tidy
