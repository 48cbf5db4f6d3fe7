"""A table of the findings by rule and file in Markdown, as for the summary of a step in CI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wslint.output import summary
from wslint.output.text import path_from_here, plural, printable

if TYPE_CHECKING:
    from wslint.findings.report import Report

# GitHub shows no summary of more than 1 MiB.
LIMIT = 1_000_000
_MOST_LINES = 10
# an underscore inside a word is none
_MARKUP = re.compile(r"[^\w ./:,-]|(?<![^\W_])_|_(?![^\W_])")


def render(report: Report, *, colour: bool = False, show_unresolved: bool = False) -> str:  # noqa: ARG001
    """Return a heading, the errors of the run, and a row for each rule and file."""
    last = summary.summary(report, show_unresolved=show_unresolved) or "Not everything was judged."
    parts = [f"### wslint\n\n{_escaped(last)}\n\n"]
    for error in report.errors:
        where = f"{path_from_here(error.path)}: " if error.path else ""
        parts.append(f"- error: {_escaped(where + error.message)}\n")
    rows: dict[tuple[str, str], list[int]] = {}
    names = {finding.code: finding.name for finding in report.findings}
    for finding in report.findings:
        rows.setdefault((finding.code, finding.path), []).append(finding.span.line)
    if rows:
        parts.append("\n| rule | file | problems | lines |\n|---|---|---|---|\n")
    for (code, path), lines in sorted(rows.items()):
        shown = ", ".join(map(str, lines[:_MOST_LINES])) + " …" * (len(lines) > _MOST_LINES)
        file = _escaped(path_from_here(path))
        parts.append(f"| {code} {names[code]} | {file} | {len(lines)} | {shown} |\n")
    return _cut(parts)


def _cut(parts: list[str]) -> str:
    size = 0
    for number, part in enumerate(parts):
        size += len(part.encode("utf-8", "replace"))
        if size > LIMIT:
            return f"{''.join(parts[:number])}\n… and {plural(len(parts) - number, 'more row')}\n"
    return "".join(parts)


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", printable(text))
