"""Draws the timeline of a test as text: a bar for what is open, a dot for an event.

time                ────────────────────►
override_flag         ├──────────────┤     test_chat.py:9
▲ WS101
WebsocketCommunicator     ├────────┤       test_chat.py:13  in loop 1
receive_json_from           ●              test_chat.py:16  in loop 1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslint.output.rows import Row, marked, moments_of, rows_of
from wslint.output.summary import where
from wslint.output.text import columns, path_from_here, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wslint.findings.finding import Finding
    from wslint.findings.span import Place
    from wslint.output.colour import Paint
    from wslint.timeline.model import Timeline


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a picture."""

    line: str = "─"
    opens: str = "├"
    closes: str = "┤"
    arrow: str = "►"
    dot: str = "●"
    born: str = "○"
    points: str = "▲"
    dots: str = "…"


ASCII = Glyphs("-", "|", "|", ">", "*", "o", "^", "...")


def draw(
    timeline: Timeline,
    findings: Sequence[Finding],
    paint: Paint,
    *,
    glyphs: Glyphs | None = None,
    width: int = 100,
) -> str:
    """Return the picture of a timeline, with the findings in it and what is unknown."""
    glyphs = glyphs or Glyphs()
    rows = rows_of(timeline, findings)
    test = timeline.test
    title = f"{where(_start(timeline), paint)}: {paint('bold', printable(test.qualname))}"
    out = [f"{title} ({'async' if test.is_async else 'sync'} {test.kind})", ""]
    if rows:
        drawn = _picture(rows, findings, paint, own=test.path, glyphs=glyphs, width=width)
        out += [*drawn, ""]
    else:
        out += ["No event relevant to any rule occurs in this test.", ""]
    for finding in findings:
        code, message = paint("red", finding.code), printable(finding.message)
        out.append(f"{where(finding.place, paint)}: {code} {message}")
    for unknown in timeline.unresolved:
        reason = printable(unknown.reason)
        out.append(f"{where(unknown.place, paint)}: {paint('yellow', 'unknown')}: {reason}")
    return "\n".join(out).rstrip() + "\n"


def _picture(
    rows: Sequence[Row],
    findings: Sequence[Finding],
    paint: Paint,
    *,
    own: str,
    glyphs: Glyphs,
    width: int,
) -> Iterator[str]:
    labels = max(columns(row.label) for row in rows)
    moments = moments_of(rows)
    # One column for each moment if they fit, else several moments share one. If that is still too
    # wide, places are shortened.
    least = min(LEAST, len(moments))
    beside = [_beside(row) for row in rows]
    shortest = [(f"{glyphs.dots}/{path.rpartition('/')[2]}", rest) for path, rest in beside]
    if labels + least + GAPS + min(_widest(beside), _widest(shortest)) > width:
        beside = [_beside(row._replace(via="")) for row in rows]
    right = max(min(_widest(beside), width - labels - least - GAPS), SHORTEST)
    room = max(width - labels - right - GAPS, least)
    step = min(max(room // len(moments), 1), max(3, width // 30))
    column = {m: min(n * step, n * room // len(moments)) for n, m in enumerate(moments)}
    end = column[moments[-1]] + step
    yield paint("blue", f"{'time':{labels}}  {glyphs.line * end}{glyphs.arrow}")
    about = {finding: marked(rows, finding) for finding in findings}
    for number, row in enumerate(rows):
        start = column[row.first]
        row_findings = [finding for finding in findings if number in about[finding]]
        colour = "red" if row_findings else _COLOURS.get(row.kind, "blue")
        drawn = _drawn(row, start, column, end, glyphs)
        blanks = " " * (end + 1 - start - len(drawn))
        path, rest = beside[number]
        path = _clipped(path, right - columns(rest), glyphs.dots)
        # places in another file are highlighted
        path = paint("dim" if row.place.path == own else "bold", path)
        label = row.label + " " * (labels - columns(row.label))
        yield f"{label}  {' ' * start}{paint(colour, drawn)}{blanks}  {path}{rest}".rstrip()
        for finding in row_findings:
            sign = paint("red", f"{glyphs.points} {finding.code}")
            yield f"{'':{labels}}  {' ' * start}{sign}"


# The minimum widths of the drawing and of a place, and the space around them.
LEAST = 24
SHORTEST = 16
GAPS = 6
_COLOURS = {
    "Client": "green",
    "TestClient": "green",
    "Keepalive": "green",
    "Override": "magenta",
    "Transaction": "yellow",
    "Raises": "yellow",
}


def _drawn(row: Row, start: int, column: Mapping[int, int], end: int, glyphs: Glyphs) -> str:
    if row.shape != "bar":
        return glyphs.dot if row.shape == "dot" else glyphs.born
    if row.last is None:
        return glyphs.opens + glyphs.line * (end - start)
    return glyphs.opens + glyphs.line * (column[row.last] - start - 1) + glyphs.closes


def _beside(row: Row) -> tuple[str, str]:
    """Return the path of a row, and the text after it."""
    span = row.place.span
    text = "  ".join(filter(None, (f":{span.line}:{span.column + 1}", row.about, row.via)))
    return printable(path_from_here(row.place.path)), text


def _widest(beside: Sequence[tuple[str, str]]) -> int:
    return max(columns(path) + columns(rest) for path, rest in beside)


def _clipped(path: str, width: int, dots: str) -> str:
    """Cut the start of a path that is too long, if possible between folders."""
    if columns(path) <= max(width, 8):
        return path
    while columns(path) + len(dots) > max(width, 8):
        path = path[1:]
    return f"{dots}{path[max(path.find('/'), 0) :]}"


def _start(timeline: Timeline) -> Place:
    from wslint.findings.span import Place

    return Place(timeline.test.path, timeline.test.function.name_span)
