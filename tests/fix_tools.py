"""Helpers for sources, places in them, and actions there."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import dedent

from wslint.findings.actions import Action, Code, Symbol
from wslint.findings.finding import Edit
from wslint.findings.span import Span
from wslint.fixes.apply import apply_fix, edits_of
from wslint.fixes.errors import CannotFix
from wslint.syntax.source import Source

PATH = "/p/test_a.py"
MOCK = Symbol("unittest.mock.patch", module="unittest", name="mock")
SYNC = Symbol("asgiref.sync.async_to_sync", module="asgiref.sync", name="async_to_sync")
ADAPTER = Code("{a}", (SYNC,))


def text(source: str) -> str:
    """Dedent a source in a table of cases, and drop its first line end."""
    return dedent(source).removeprefix("\n")


def at(source: str, fragment: str, number: int = 0) -> Span:
    """Return the span of a fragment of a source."""
    start = -1
    for _ in range(number + 1):
        start = source.index(fragment, start + 1)
    return Span(*_point(source, start), *_point(source, start + len(fragment)))


def _point(source: str, offset: int) -> tuple[int, int]:
    before = source[:offset].replace("\r\n", "\n")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)


def name(source: str, of: str) -> Span:
    """Return the span of the name in a def or class."""
    keyword = "def" if f"def {of}" in source else "class"
    line, _, end_line, end_column = at(source, f"{keyword} {of}")
    return Span(line, end_column - len(of), end_line, end_column)


def fix(source: str, *actions: Action) -> str:
    """Apply actions to a source, and check that their edits do the same."""
    after = apply_fix(source.encode(), PATH, actions)
    assert edited(source.encode(), edits_of(source.encode(), PATH, actions)) == after
    return after.decode()


def edited(before: bytes, edits: Iterable[Edit]) -> bytes:
    """Return a file with the edits of a fix made."""
    source = Source.from_bytes(PATH, before)
    assert isinstance(source, Source)
    starts = [*source.line_starts, len(source.text)]
    text = source.text
    for edit in sorted(edits, key=lambda edit: edit.place.span, reverse=True):
        line, column, end_line, end_column = edit.place.span
        start, end = starts[line - 1] + column, starts[end_line - 1] + end_column
        text = text[:start] + edit.text + text[end:]
    return text.encode(source.encoding)


def refusal(source: str, *actions: Action) -> str:
    """Return the reason why actions are refused."""
    try:
        fix(source, *actions)
    except CannotFix as error:
        return error.reason
    raise AssertionError("the fix was made")
