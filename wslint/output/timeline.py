"""Draws the timeline of one test: a bar for what is open, a dot for what happens.

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
    """What lines are drawn with."""

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
    """Return the picture of a timeline, with what the rules found in it and what is unknown."""
    glyphs = glyphs or Glyphs()
    rows = rows_of(timeline, findings)
    test = timeline.test
    title = f"{where(_start(timeline), paint)}: {paint('bold', printable(test.qualname))}"
    out = [f"{title} ({'async' if test.is_async else 'sync'} {test.kind})", ""]
    if rows:
        drawn = _picture(rows, findings, paint, own=test.path, glyphs=glyphs, width=width)
        out += [*drawn, ""]
    else:
        out += ["Nothing that a rule speaks of happens in this test.", ""]
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
    # A column for each moment where they fit, else several moments share one. Where that is still
    # too wide, places say less.
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
        found = [finding for finding in findings if number in about[finding]]
        colour = "red" if found else _COLOURS.get(row.kind, "blue")
        drawn = _drawn(row, start, column, end, glyphs)
        blanks = " " * (end + 1 - start - len(drawn))
        path, rest = beside[number]
        path = _clipped(path, right - columns(rest), glyphs.dots)
        # what lies in another file stands out
        path = paint("dim" if row.place.path == own else "bold", path)
        label = row.label + " " * (labels - columns(row.label))
        yield f"{label}  {' ' * start}{paint(colour, drawn)}{blanks}  {path}{rest}".rstrip()
        for finding in found:
            sign = paint("red", f"{glyphs.points} {finding.code}")
            yield f"{'':{labels}}  {' ' * start}{sign}"


# The least that is left for drawing, for a place, and what lies between the three.
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
    """Return the path of a row, and what follows it."""
    span = row.place.span
    said = "  ".join(filter(None, (f":{span.line}:{span.column + 1}", row.about, row.via)))
    return printable(path_from_here(row.place.path)), said


def _widest(beside: Sequence[tuple[str, str]]) -> int:
    return max(columns(path) + columns(rest) for path, rest in beside)


def _clipped(path: str, width: int, dots: str) -> str:
    """Take away the front of a path that is too long, best at a folder's end."""
    if columns(path) <= max(width, 8):
        return path
    while columns(path) + len(dots) > max(width, 8):
        path = path[1:]
    return f"{dots}{path[max(path.find('/'), 0) :]}"


def _start(timeline: Timeline) -> Place:
    from wslint.findings.span import Place

    return Place(timeline.test.path, timeline.test.function.name_span)
