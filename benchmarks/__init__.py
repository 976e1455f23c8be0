"""Measurements against the real peers; `python -m benchmarks`."""
