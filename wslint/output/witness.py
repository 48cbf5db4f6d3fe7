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
    from wslint.findings.span import Place

_WITHIN_LINES = 6
# Rules that name one cause by different signs: what the one sees confirms the other.
_KIN = (
    ("WS101", "WS102", "WS103", "WS104", "WS202"),
    ("WS105", "WS106"),
    ("WS201", "WS202", "WS203"),
    ("WS301", "WS302", "WS303", "WS314"),
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
    line, latent = entry["line"], entry["latent"]
    if type(line) is not int or line < 1 or type(latent) is not bool:
        raise ValueError(entry)
    file, colons, rest = test.partition("::")
    test = _absolute(root, file) + colons + rest
    return Seen(redirected(rule), name, test, _absolute(root, path), line, message, latent)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _absolute(root: str, path: str) -> str:
    return os.path.normpath(os.path.join(root, path)).replace(os.sep, "/")


def with_witness(report: Report, witness: Sequence[Seen]) -> Report:
    """Return the report with confirmed findings, and what only the run saw in its files."""
    by_file: dict[str, dict[Seen, None]] = {}
    for seen in witness:
        for file in (seen.path, _file(seen)):
            by_file.setdefault(file, {})[seen] = None
    confirming: set[Seen] = set()

    def is_seen(finding: Finding) -> bool:
        files = {place.path for place in (*_places(finding), _of_test(finding))}
        near = [seen for file in files for seen in by_file.get(file, ())]
        found = [seen for seen in near if _confirms(seen, finding)]
        confirming.update(found)
        return bool(found)

    findings = tuple(replace(finding, seen=is_seen(finding)) for finding in report.findings)
    for suppressed, _ in report.suppressed:
        is_seen(suppressed)
    only_seen = tuple(
        seen
        for seen in dict.fromkeys(witness)
        if not (seen.latent or seen in confirming)
        and not report.scope.isdisjoint((seen.path, _file(seen)))
    )
    return replace(report, findings=findings, only_seen=only_seen)


def is_kin(seen: str, code: str) -> bool:
    """Return whether what was seen, by its rule, is what a rule is about."""
    return seen == code or any(seen in kin and code in kin for kin in _KIN)


def _confirms(seen: Seen, finding: Finding) -> bool:
    """Return whether the rule, or one of its kin, was seen in the test or near a place."""
    if not is_kin(seen.rule, finding.code):
        return False
    for path, span in _places(finding):
        is_near = span.line - _WITHIN_LINES <= seen.line <= span.end_line + _WITHIN_LINES
        if seen.path == path and is_near:
            return True
    name = seen.test.partition("::")[2].partition("[")[0].replace("::", ".")
    is_same = name == finding.test and _file(seen) == _of_test(finding).path
    return bool(finding.test) and is_same


def _places(finding: Finding) -> list[Place]:
    return [finding.place, *(label.place for label in finding.labels)]


def _of_test(finding: Finding) -> Place:
    return finding.test_place or finding.place


def _file(seen: Seen) -> str:
    return seen.test.partition("::")[0]
