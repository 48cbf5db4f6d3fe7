"""Compares a report with what ``pytest --wslint-witness-report FILE`` saw at run time."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wslint.config.loader import shown
from wslint.config.redirects import redirected
from wslint.config.settings import ConfigError
from wslint.filesystem.safe_read import read_regular
from wslint.findings.seen import VERSION, Seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.findings.finding import Finding
    from wslint.findings.report import Report

_WITHIN_LINES = 6
# Rules that name one cause by different signs: what the one sees confirms the other.
_KIN = (
    ("WS101", "WS102", "WS103", "WS104", "WS202"),
    ("WS105", "WS106"),
    ("WS201", "WS202", "WS203"),
    ("WS301", "WS302", "WS303"),
    ("WS303", "WS306", "WS308", "WS507"),
    ("WS401", "WS313"),
    ("WS501", "WS507", "WS510"),
    ("WS502", "WS508"),
    ("WS502", "WS512", "WS514"),
)


def read_witness(path: str) -> list[Seen]:
    """Read what was seen, with absolute paths and node ids. Raises ConfigError.

    In the file, both are relative to pytest's rootdir, and that is relative to the file.
    """
    try:
        document = json.loads(read_regular(path))
        if document["version"] != VERSION:
            wanted = f"version {VERSION} of a witness report, not {document['version']!r}"
            raise ConfigError(f"{shown(path)}: must be {wanted}")
        root = os.path.join(os.path.dirname(os.path.abspath(path)), _text(document["rootdir"]))
        return [_seen(entry, root) for entry in document["seen"]]
    except OSError as error:
        raise ConfigError(f"{shown(path)}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        what = "is not a report of pytest --wslint-witness-report"
        raise ConfigError(f"{shown(path)}: {what}") from None


def _seen(entry: dict[str, Any], root: str) -> Seen:
    rule, name, test, path, message = (
        _text(entry[key]) for key in ("rule", "name", "test", "path", "message")
    )
    line = entry["line"]
    if type(line) is not int or line < 1:
        raise ValueError(line)
    file, colons, rest = test.partition("::")
    test = _absolute(root, file) + colons + rest
    return Seen(
        redirected(rule), name, test, _absolute(root, path), line, message, entry["latent"] is True
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _absolute(root: str, path: str) -> str:
    return os.path.normpath(os.path.join(root, path)).replace(os.sep, "/")


def with_witness(report: Report, witness: Sequence[Seen]) -> Report:
    """Return the report with confirmed findings, and what only the run saw in its files."""
    findings = tuple(
        replace(finding, seen=any(_confirms(seen, finding) for seen in witness))
        for finding in report.findings
    )
    known = [*findings, *(finding for finding, _ in report.suppressed)]
    only_seen = tuple(
        seen
        for seen in witness
        if not seen.latent
        and not any(_confirms(seen, finding) for finding in known)
        and not report.scope.isdisjoint((seen.path, seen.test.partition("::")[0]))
    )
    return replace(report, findings=findings, only_seen=only_seen)


def is_kin(seen: str, code: str) -> bool:
    """Return whether what was seen, by its rule, is what a rule is about."""
    return seen == code or any(seen in kin and code in kin for kin in _KIN)


def _confirms(seen: Seen, finding: Finding) -> bool:
    """Return whether the rule, or one of its kin, was seen in the test or near a place."""
    if not is_kin(seen.rule, finding.code):
        return False
    for place in (finding.place, *(label.place for label in finding.labels)):
        first, last = place.span.line - _WITHIN_LINES, place.span.end_line + _WITHIN_LINES
        if seen.path == place.path and first <= seen.line <= last:
            return True
    place = finding.test_place or finding.place
    file, _, names = seen.test.partition("::")
    name = names.partition("[")[0].replace("::", ".")
    return bool(finding.test) and file == place.path and name == finding.test
