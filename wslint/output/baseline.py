"""Baselines: known findings, so only new ones are reported.

A baseline is a JSON file with the fingerprints of findings. These consist of file, code and test,
so they survive moved lines; several of one code in one test are numbered. Paths are relative to the
folder of the baseline, so it works from any working directory.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from wslint.config.loader import shown
from wslint.config.redirects import REDIRECTS, redirected
from wslint.config.settings import ConfigError
from wslint.filesystem.safe_read import read_regular
from wslint.output.ascii_json import json_text
from wslint.output.fingerprint import fingerprints, marks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wslint.findings.finding import Finding
    from wslint.findings.report import Report

VERSION = 1


def read_baseline(path: str) -> frozenset[str]:
    """Read the fingerprints of a baseline. Raises ConfigError."""
    try:
        document = json.loads(read_regular(path))
        if document["version"] != VERSION:
            wanted = f"version {VERSION} of a baseline, not {document['version']!r}"
            raise ConfigError(f"{shown(path)}: must be {wanted}")
        known = frozenset(str(entry["fingerprint"]) for entry in document["findings"])
        return known | _redirected(document["findings"])
    except OSError as error:
        what = f"no such baseline: {error.strerror} (--write-baseline creates one)"
        raise ConfigError(f"{shown(path)}: {what}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        what = "is not a baseline written by wslint (--write-baseline creates one)"
        raise ConfigError(f"{shown(path)}: {what}") from None


def _redirected(entries: Sequence[Mapping[str, str]]) -> frozenset[str]:
    """Return the fingerprints of entries with old codes under the current codes."""
    if not any(entry["code"] in REDIRECTS for entry in entries):
        return frozenset()
    return frozenset(marks((e["path"], redirected(e["code"]), e["test"]) for e in entries))


def without_known(report: Report, known: frozenset[str], path: str) -> tuple[Report, int]:
    """Return the report without known findings, and the number of those that are gone.

    A baseline may cover files outside of this run; their entries count as gone only if all other
    entries were found.
    """
    marks = fingerprints(report.findings, _relative_to(path))
    new = [one for one, mark in zip(report.findings, marks, strict=True) if mark not in known]
    held = len(report.findings) - len(new)
    others = zip(report.elsewhere, fingerprints(report.elsewhere, _relative_to(path)), strict=True)
    elsewhere = tuple(one for one, mark in others if mark not in known)
    report = replace(report, findings=tuple(new), baselined=held, elsewhere=elsewhere)
    return report, len(known.difference(marks))


def baseline_text(findings: Sequence[Finding], path: str) -> str:
    """Return the text of a baseline at ``path``, one finding a line, for small diffs."""
    path_of = _relative_to(path)
    entries = [
        {
            "path": path_of(finding.path),
            "code": finding.code,
            "test": finding.within,
            "fingerprint": mark,
        }
        for finding, mark in zip(findings, fingerprints(findings, path_of), strict=True)
    ]
    lines = ",\n".join(f"    {json_text(entry)}" for entry in entries)
    listed = f"[\n{lines}\n  ]" if entries else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'


def _relative_to(path: str) -> Callable[[str], str]:
    folder = os.path.dirname(os.path.abspath(path))

    def path_of(file: str) -> str:
        try:
            return os.path.relpath(file, folder).replace(os.sep, "/")
        except ValueError:  # on another drive
            return file

    return path_of
