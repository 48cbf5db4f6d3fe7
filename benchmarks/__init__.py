"""Compares the speed of wslint with other tools: ``python -m benchmarks``."""
