"""Comments that silence rules: ``# wslint: ignore[…]``, ``# wslint: file-ignore[…]``, ``# noqa``.

A comment after code covers its line, and the whole statement if that is the first or last line of
one. A comment on a line of its own covers the statement below it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

from wslint.config.own_rules import known_rules
from wslint.config.selection import matches, normalise
from wslint.findings.report import Suppression
from wslint.suppressions.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from wslint.findings.finding import Finding
    from wslint.syntax.source import Source

# the rule about unused suppressions
UNUSED = "WS901"

# A reason ends at a comment for another tool, not at any "#": it may contain an issue number.
_TO_END = r".*?(?=\#\s*(?:noqa|wslint:|type:|fmt:|pragma:|pylint:|pyright:|nosec)|$)"
_START = r"\#\s*wslint:\s*(?P<file>file-)?ignore(?![\w-])\s*"
_OWN = re.compile(rf"{_START}(?:\[(?P<codes>[^\]]*)\])?(?P<reason>{_TO_END})")
_OWN_WITHOUT_CODES = re.compile(rf"{_START}(?P<codes>(?!))?(?P<reason>{_TO_END})")
_NOQA = re.compile(rf"\#\s*noqa(?![\w-])(?:\s*:(?P<rest>{_TO_END}))?", re.IGNORECASE)
_NOQA_CODE = re.compile(r"\s*(?:,\s*)?((?:[A-Za-z]+[0-9]+|[a-z]+(?:-[a-z]+)+|WS|ALL)(?![\w-]))")


def silences(comment: Suppression, code: str, name: str) -> bool:
    """Return whether a comment selects this rule.

    Findings about suppressions are silenced only by their own code or name.
    """
    if code == UNUSED:
        return any(normalise(s) in (code, name) for s in comment.selectors)
    return not comment.selectors or any(matches(s, code, name) for s in comment.selectors)


def without(comment: Suppression, unused: Collection[str]) -> str:
    """Return the text of a comment without unused selectors; empty if none is left."""
    kept = [selector for selector in comment.selectors if selector not in unused]
    if not comment.noqa:
        inner = _OWN.match(comment.text)
        if not (kept and inner and inner["codes"]):
            return ""
        start, end = inner.span("codes")
        return f"{comment.text[:start]}{', '.join(kept)}{comment.text[end:]}"
    match = _NOQA.match(comment.text)
    start = match.start("rest") if match and match["rest"] else len(comment.text)
    codes, length = _noqa_codes(comment.text[start:])
    kept = [code for code in codes if code not in unused]
    comma = ", " if "," in comment.text[start : start + length] else " "
    return f"{comment.text[:start]} {comma.join(kept)}{comment.text[start + length :]}" * bool(kept)


def with_codes(comment: Suppression, codes: Sequence[str]) -> str:
    """Return the text of a wslint comment with more codes."""
    start, _, rest = comment.text.rstrip().partition("]")
    new = [code for code in codes if code not in comment.selectors]
    return ", ".join([start.rstrip(" ,"), *new]) + "]" + rest


def reason_of(comment: str) -> str:
    """Return the reason in a ``# wslint:`` comment."""
    match = _OWN.search(comment)
    return match["reason"].strip(" \t:,-") if match else ""


@dataclass(frozen=True)
class Suppressions:
    """The suppressions of one file, and the first and last line of each logical line."""

    comments: tuple[Suppression, ...] = ()
    logical_lines: tuple[tuple[int, int], ...] = ()

    def covers(self, finding: Finding) -> Suppression | None:
        """Return the nearest comment that silences the finding."""
        return next(self.covering(finding), None)

    def covering(self, finding: Finding) -> Iterator[Suppression]:
        """Yield every comment that silences the finding, the nearest first."""
        span = finding.span
        lines = {span.line, span.end_line}
        before = bisect_right(self.logical_lines, span.line, key=itemgetter(0))
        if before and span.line <= self.logical_lines[before - 1][1]:
            lines |= {*self.logical_lines[before - 1]}
        for line in sorted(lines):
            for comment in self._of_lines.get(line, ()):
                if silences(comment, finding.code, finding.name):
                    yield comment
        for comment in self._of_statements_and_files:
            if comment.first <= span.line <= comment.last and silences(
                comment, finding.code, finding.name
            ):
                yield comment

    @cached_property
    def _of_lines(self) -> dict[int, list[Suppression]]:
        found: dict[int, list[Suppression]] = {}
        for comment in self.comments:
            if comment.kind == "line":
                found.setdefault(comment.line, []).append(comment)
        return found

    @cached_property
    def _of_statements_and_files(self) -> list[Suppression]:
        kinds = ("statement", "file")
        return [one for kind in kinds for one in self.comments if one.kind == kind]


def may_suppress(data: bytes) -> bool:
    """Return whether a file may contain a suppression."""
    lowered = data.lower()
    return b"wslint:" in lowered or b"noqa" in lowered


def suppressions(source: Source) -> Suppressions:
    """Find the comments of a file that silence rules."""
    if not may_suppress(source.data):
        return Suppressions()
    lines = Lines.of(source)
    comments: list[Suppression] = []
    for comment in lines.comments:
        for match in _own_comments(comment.text):
            kind: Literal["line", "statement", "file"] = "file" if match["file"] else "line"
            codes = match["codes"]
            named = _split(codes) if codes is not None else ()
            if codes is not None and not named:
                continue  # empty brackets select nothing
            first, last = 1, len(source.lines)
            if kind == "line":
                first = last = comment.line
                if comment.alone:
                    kind, (first, last) = "statement", lines.below(comment)
            comments.append(
                Suppression(
                    kind,
                    comment.line,
                    comment.column + match.start(),
                    first,
                    last,
                    named,
                    match["reason"].strip(" \t:,-"),
                    text=match[0],
                )
            )
        comments += _noqa(comment.line, comment.column, comment.text)
    return Suppressions(tuple(comments), lines.logical)


def _own_comments(text: str) -> Iterator[re.Match[str]]:
    at, last = 0, text.rfind("]")
    # the end of codes is looked for only where there is one
    while match := (_OWN if at < last else _OWN_WITHOUT_CODES).search(text, at):
        yield match
        at = match.end()


def _split(codes: str) -> tuple[str, ...]:
    return tuple(code for code in re.split(r"[\s,]+", codes) if code)


def _noqa(line: int, column: int, text: str) -> list[Suppression]:
    """Read ``# noqa`` as flake8 does; codes of other tools are skipped."""
    comments: list[Suppression] = []
    for match in _NOQA.finditer(text):
        rest = match["rest"] or ""
        codes, at = _noqa_codes(rest)
        own = tuple(code for code in codes if _may_be_ours(code))
        if codes and not own:
            continue
        comments.append(
            Suppression(
                "line",
                line,
                column + match.start(),
                line,
                line,
                own,
                rest[at:].strip(" \t:,-"),
                noqa=True,
                text=match[0],
            )
        )
    return comments


def _noqa_codes(rest: str) -> tuple[list[str], int]:
    """Return the codes after ``noqa:``, and where they end."""
    codes: list[str] = []
    at = 0
    while code := _NOQA_CODE.match(rest, at):
        codes.append(code[1])
        at = code.end()
    return codes, at


def _may_be_ours(code: str) -> bool:
    ours = ("WS", *(own[:3] for own in known_rules()))
    return "-" in code or code == "ALL" or normalise(code).startswith(ours)
