"""Benchmarks: the real program over HTTP, each figure beside its yardstick from the same run.

`script/bench NAME…` prints a table and keeps `bench/results.json`; `docs/performance.md` explains each.
"""
