"""Fingerprints identify findings across runs, even if their lines have moved."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wslint.output.text import path_from_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wslint.findings.finding import Finding


def fingerprints(
    findings: Iterable[Finding], path_of: Callable[[str], str] = path_from_here
) -> list[str]:
    """Return a fingerprint of each finding: from its file, code and test, not its line.

    What several tests share, such as a fixture, has the same one whichever of them shows it.

    Several findings of one code in one test are numbered in order. ``path_of`` converts paths as
    they are written.
    """
    return marks((path_of(finding.path), finding.code, finding.within) for finding in findings)


def marks(keys: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return the fingerprints of findings, given as path, code and test."""
    import hashlib

    seen: Counter[tuple[str, str, str]] = Counter()
    digests = []
    for key in keys:
        seen[key] += 1
        text = "\0".join((*key, str(seen[key])))
        digests.append(hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32])
    return digests
