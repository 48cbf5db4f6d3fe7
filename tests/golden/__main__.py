"""Rewrites the golden files: ``python -m tests.golden``."""

from tests.goldens import rewrite

if __name__ == "__main__":
    rewrite()
