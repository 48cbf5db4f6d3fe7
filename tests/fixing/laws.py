"""The laws: invariants of every fix, however the file is written."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from cases import Case, fixing_settings

from fixing.variations import VARIATIONS
from wslint.config.settings import Settings
from wslint.fixes.write import Change
from wslint.run.fix import Fixes, find_fixes, write_fixes

VERSIONS = ((3, 10), (3, 13))


@dataclass
class Tried:
    """The fixes that were tried, with the resulting files by variation."""

    kinds: Counter[str] = field(default_factory=Counter)
    fixed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    changes: dict[str, Change] = field(default_factory=dict)


def has(case: Case, kind: str) -> bool:
    """Return whether a case has a variation: one that changes a file which its fix changes."""
    fixed = case.expected.keys()
    return bool(fixed) and not fixed.isdisjoint(varied(case, kind))


def varied(case: Case, kind: str) -> dict[str, bytes]:
    """Return the files of a case that a variation changes."""
    vary, encoded = VARIATIONS[kind]
    found: dict[str, bytes] = {}
    for path in sorted((case.folder / "before").rglob("*.py")):
        plain = path.read_bytes()
        text = plain.decode()
        other = vary(text)
        try:
            data = encoded.encode(text if other is None else other)
        except UnicodeEncodeError:
            continue
        if data != plain and plain.strip():
            found[path.relative_to(case.folder / "before").as_posix()] = data
    return found


def check(case: Case, folder: Path, kind: str, tried: Tried) -> None:
    """Fix a case in a folder in one variation, and restore the folder."""
    settings = replace(fixing_settings(case, folder), cache=False)
    files = varied(case, kind) if kind else {}
    for name, data in files.items():
        assert parses(data), f"{name} is no Python as {kind}:\n{data.decode(errors='replace')}"
        (folder / name).write_bytes(data)
    fixes = find_fixes([str(folder)], settings)
    try:
        tried.kinds[kind] += 1
        tried.fixed[kind] += bool(fixes.changes)
        tried.refused.update(f"{finding.code} {reason}" for finding, reason in fixes.refused)
        assert not write_fixes(fixes)
        for change in fixes.changes:
            check_text(change)
            tried.changes[f"{case.id} {kind} {Path(change.path).name}"] = change
        check_again(folder, settings, fixes)
    finally:
        for change in fixes.changes:
            if change.before is None:
                Path(change.path).unlink()
        for name in {*files, *case.expected}:
            source = case.folder / "before" / name
            if source.is_file():
                (folder / name).write_bytes(source.read_bytes())


def check_text(change: Change) -> None:
    """Check one fixed file."""
    before, after = change.before or b"", change.after
    for version in VERSIONS:
        assert parses(after, version), f"no Python {version}:\n{after.decode(errors='replace')}"
    lost = comments(before) - comments(after)
    assert not lost, lost
    if change.before is None:
        return
    assert encoding(after) == encoding(before)
    assert after.startswith(b"\xef\xbb\xbf") == before.startswith(b"\xef\xbb\xbf")
    assert after.endswith((b"\n", b"\r")) == before.endswith((b"\n", b"\r"))
    assert newlines(after).keys() <= newlines(before).keys()
    assert not indents(before) or indents(after) <= indents(before), indents(after)


def check_again(folder: Path, settings: Settings, fixes: Fixes) -> None:
    """Check that fixed findings are gone, and that a second fix changes nothing."""
    again = find_fixes([str(folder)], settings)
    assert not again.report.errors
    assert not again.changes, again.changes[0].after.decode(errors="replace")
    before = Counter((each.path, each.code) for each in fixes.report.findings)
    after = Counter((each.path, each.code) for each in again.report.findings)
    for applied in fixes.applied:
        before[applied.path, applied.code] -= applied.count
    # one fix may resolve several findings
    assert all(count <= max(before[key], 0) for key, count in after.items()), (before, after)


def parses(data: bytes, version: tuple[int, int] = VERSIONS[-1]) -> bool:
    """Return whether a version of Python accepts a file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(data, feature_version=version)
        except SyntaxError:
            return False
    return True


def comments(data: bytes) -> Counter[str]:
    """Count comments by text, without those for wslint, which WS901 may remove."""
    tokens = tokenize.tokenize(io.BytesIO(data).readline)
    texts = (token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT)
    return Counter(text for text in texts if not re.search("wslint:|noqa", text))


def encoding(data: bytes) -> str:
    """Return the encoding that a file declares."""
    return tokenize.detect_encoding(io.BytesIO(data).readline)[0]


def newlines(data: bytes) -> Counter[bytes]:
    """Count line ends by kind."""
    return Counter(re.findall(rb"\r\n|\r|\n", data))


def indents(data: bytes) -> set[str]:
    """Return the indentation steps of a file: new code must use the same."""
    levels, found = [""], set()
    for token in tokenize.tokenize(io.BytesIO(data).readline):
        if token.type == tokenize.INDENT:
            found.add(token.string.removeprefix(levels[-1]))
            levels.append(token.string)
        elif token.type == tokenize.DEDENT:
            levels.pop()
    return found
