"""Tests that download something: ``pytest -m network tests/network``."""
