"""Times of wslint beside other tools: ``python -m benchmarks``, written to docs/benchmarks.md."""
