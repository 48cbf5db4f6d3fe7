"""Adds a suppression for each finding, on the line that it covers."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wslint.fixes.errors import CannotFix
from wslint.fixes.transforms.comments import check_only_comments
from wslint.fixes.write import Change
from wslint.suppressions.comments import reason_of, suppressions, with_codes
from wslint.syntax.source import Unreadable, read_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wslint.findings.finding import Finding
    from wslint.findings.report import Report, Suppression
    from wslint.suppressions.comments import Suppressions
    from wslint.syntax.source import Source

# The usual line length of formatters: a comment that would exceed it goes on a line above.
LINE_LENGTH = 88
# Comments cannot silence these: nothing was read, or they are about comments.
NOT_BY_COMMENT = {
    "WS900": "no comment can silence it; use per-file-ignores",
    "WS901": "wslint fix removes the comment",
}
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Added:
    """The files with new comments, the number of findings these silence, and the rest."""

    changes: tuple[Change, ...]
    count: int
    refused: tuple[tuple[Finding, str], ...]


class _Edit(NamedTuple):
    """Where codes go: after a line, above it, or into an existing comment."""

    line: int
    above: bool = False
    comment: Suppression | None = None


def is_reason(text: str) -> bool:
    """Return whether a comment with this reason is parsed back to it."""
    return text.isprintable() and reason_of(f"# wslint: ignore[WS] {text}") == text


def add_suppressions(report: Report, reason: str, *, max_size: int) -> Added:
    """Return the changed files with a suppression for every finding."""
    by_file: dict[str, list[Finding]] = {}
    refused: list[tuple[Finding, str]] = []
    for finding in report.findings:
        why = NOT_BY_COMMENT.get(finding.code)
        if why:
            refused.append((finding, why))
        else:
            by_file.setdefault(finding.path, []).append(finding)
    changes: list[Change] = []
    count = 0
    for path, findings in by_file.items():
        source = read_source(path, max_size=max_size)
        if isinstance(source, Unreadable):
            refused += [(finding, source.reason) for finding in findings]
            continue
        try:
            changes.append(Change(path, source.data, silenced(source, findings, reason)))
            count += len(findings)
        except CannotFix as error:
            refused += [(finding, error.reason) for finding in findings]
    return Added(tuple(changes), count, tuple(refused))


def silenced(source: Source, findings: Sequence[Finding], reason: str) -> bytes:
    """Return a file with a suppression for each of its findings. Raises CannotFix."""
    comments = suppressions(source)
    logical = comments.logical_lines or suppressions_lines(source)
    edits: dict[_Edit, list[str]] = {}
    for finding in findings:
        edit = _edit(source, comments, logical, finding, reason)
        codes = edits.setdefault(edit, [])
        if finding.code not in codes:
            codes.append(finding.code)
    after = _with_edits(source, edits, reason)
    check_only_comments(source, after, lost=len(edits))
    return after


def suppressions_lines(source: Source) -> tuple[tuple[int, int], ...]:
    """Return the first and last line of each logical line."""
    from wslint.suppressions.lines import Lines

    return Lines.of(source).logical


def _edit(
    source: Source,
    comments: Suppressions,
    logical: Sequence[tuple[int, int]],
    finding: Finding,
    reason: str,
) -> _Edit:
    span = finding.span
    whole = next(((a, b) for a, b in logical if a <= span.line <= b), (span.line, span.line))
    lines = dict.fromkeys((span.line, span.end_line, whole[1], whole[0]))
    for comment in comments.comments:
        own = comment.kind == "line" and comment.selectors and not comment.noqa
        if own and comment.line in lines:
            return _Edit(comment.line, comment=comment)
    possible = [line for line in lines if _takes_comment(source, line)]
    text = _comment([finding.code], reason)
    short = [
        line for line in possible if len(source.lines[line - 1]) + len(text) + 2 <= LINE_LENGTH
    ]
    if short:
        return _Edit(short[0])
    if _is_simple(source, whole):
        return _Edit(whole[0], above=True)
    if possible:
        return _Edit(possible[0])
    raise CannotFix("its lines have no room for a comment")


def _takes_comment(source: Source, line: int) -> bool:
    """Return whether text after a line is a comment: no string or backslash continues there."""
    lines = list(source.lines)
    lines[line - 1] += "  # wslint: ignore"
    try:
        return ast.dump(ast.parse("\n".join(lines))) == ast.dump(source.tree)
    except (SyntaxError, ValueError, RecursionError):
        return False


def _is_simple(source: Source, lines: tuple[int, int]) -> bool:
    """Return whether a logical line is a single statement without a block."""
    statements = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.stmt) and lines[0] <= node.lineno <= lines[1]
    ]
    return (
        len(statements) == 1
        and not hasattr(statements[0], "body")
        and statements[0].lineno == lines[0]
    )


def _comment(codes: Sequence[str], reason: str) -> str:
    return f"# wslint: ignore[{', '.join(codes)}] {reason}".rstrip()


def _with_edits(source: Source, edits: dict[_Edit, list[str]], reason: str) -> bytes:
    lines = list(_split(source.text))
    newline = next((end for line in lines if (end := line[len(line.rstrip("\r\n")) :])), "\n")
    for edit in sorted(edits, key=lambda edit: (edit.line, not edit.above), reverse=True):
        line = lines[edit.line - 1]
        code = line.rstrip("\r\n")
        end = line[len(code) :]
        if edit.comment is not None:
            span = edit.comment.span
            text = with_codes(edit.comment, edits[edit])
            lines[edit.line - 1] = code[: span.column] + text + code[span.end_column :] + end
        elif edit.above:
            indent = code[: len(code) - len(code.lstrip())]
            lines.insert(edit.line - 1, f"{indent}{_comment(edits[edit], reason)}{newline}")
        else:
            lines[edit.line - 1] = f"{code.rstrip()}  {_comment(edits[edit], reason)}{end}"
    try:
        return "".join(lines).encode(source.encoding)
    except UnicodeEncodeError as error:
        raise CannotFix(f"the reason cannot be encoded as {source.encoding}") from error


def _split(text: str) -> Iterator[str]:
    return (match[0] for match in _LINES.finditer(text) if match[0])
