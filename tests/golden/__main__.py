"""Writes the golden files anew: ``python -m tests.golden``."""

from tests.goldens import rewrite

if __name__ == "__main__":
    rewrite()
