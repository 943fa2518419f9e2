#!/bin/sh
# The benchmarks build and run; what they measure is for people to read.
exec ./dev bench --benchmark_min_time=0.01
