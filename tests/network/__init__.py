"""What downloads something: ``pytest -m network tests/network``."""
