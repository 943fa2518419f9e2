#!/bin/sh
# Each fuzz target for a short while, from its corpus.
exec ./dev fuzz 15
