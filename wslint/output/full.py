"""Each finding with its code, the reason, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.output import summary
from wslint.output.colour import Paint
from wslint.output.frame import Mark, frame, gutter_width
from wslint.output.text import printable
from wslint.source import DEFAULT_MAX_SIZE, Unreadable, read_bytes, split_lines
from wslint.spans import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wslint.finding import Finding
    from wslint.report import Report


def render(
    report: Report, *, colour: bool = False, show_unresolved: bool = False, quiet: bool = False
) -> str:
    """Return the report as text, without a summary if ``quiet``; lines end with a newline."""
    paint = Paint(colour)
    files = _Files(report.texts)
    rows: list[str] = []
    for finding in report.findings:
        rows += [*_finding(finding, files, paint), ""]
    rows += summary.closing(report, paint, show_unresolved=show_unresolved, quiet=quiet)
    return "".join(f"{row}\n" for row in rows)


def _finding(finding: Finding, files: _Files, paint: Paint) -> Iterator[str]:
    yield summary.head(finding, paint)
    frames: dict[str, list[Mark]] = {finding.path: [Mark(finding.span, "", primary=True)]}
    for label in finding.labels:
        mark = Mark(label.place.span, label.message, primary=False)
        frames.setdefault(label.place.path, []).append(mark)
    gutter = gutter_width(frames)
    for path, marks in frames.items():
        if path != finding.path:
            arrow = paint("blue", f"{'':{gutter}}-->")
            yield f"{arrow} {summary.where(Place(path, marks[0].span), paint)}"
        yield from frame(files.lines(path), marks, gutter, paint)
    yield from _notes(finding, gutter, paint)


def _notes(finding: Finding, gutter: int, paint: Paint) -> Iterator[str]:
    equals = f"{'':{gutter}} {paint('blue', '=')}"
    if finding.help:
        yield f"{equals} {paint('bold', 'help')}: {printable(finding.help)}"
    if finding.concerns:
        yield f"{equals} {paint('bold', 'concerns')}: {printable(finding.concerns)}"
    if finding.fix is not None:
        safe = finding.fix.applicability == "safe"
        tier = "safe" if safe else "unsafe: needs --unsafe-fixes"
        yield f"{equals} {paint('bold', 'fix')}: {printable(finding.fix.title)} ({tier})"
    elif finding.no_fix:
        yield f"{equals} {paint('bold', 'no fix')}: {printable(finding.no_fix)}"


class _Files:
    """The lines of files, read once, for showing only: what does not decode is replaced."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._lines = {path: split_lines(text) for path, text in texts.items()}

    def lines(self, path: str) -> list[str]:
        if path not in self._lines:
            self._lines[path] = self._read(path)
        return self._lines[path]

    def _read(self, path: str) -> list[str]:
        data = read_bytes(path, max_size=DEFAULT_MAX_SIZE)
        if isinstance(data, Unreadable) or len(data) > DEFAULT_MAX_SIZE:
            return []
        return split_lines(_decode(data))


def _decode(data: bytes) -> str:
    import io
    import tokenize

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding, "replace")
    except (SyntaxError, ValueError, LookupError):
        return data.decode("utf-8-sig", "replace")
