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
from wslint.output.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wslint.finding import Finding
    from wslint.output.colour import Paint
    from wslint.spans import Place
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


ASCII = Glyphs("-", "|", "|", ">", "*", "o", "^")


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
        out += [*_picture(rows, findings, paint, glyphs=glyphs, width=width), ""]
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
    glyphs: Glyphs,
    width: int,
) -> Iterator[str]:
    labels = max(len(row.label) for row in rows)
    moments = moments_of(rows)
    # A column each where they fit; else several moments share one.
    room = max(width - labels - 36, 24)
    step = min(max(room // len(moments), 1), 3)
    column = {m: min(n * step, n * room // len(moments)) for n, m in enumerate(moments)}
    end = column[moments[-1]] + step
    edge = f"{'time':{labels}}  {glyphs.line * end}{glyphs.arrow}"
    yield paint("blue", edge)
    about = {finding: marked(rows, finding) for finding in findings}
    for number, row in enumerate(rows):
        start = column[row.first]
        if row.shape != "bar":
            bar = glyphs.dot if row.shape == "dot" else glyphs.born
        elif row.last is None:
            bar = glyphs.opens + glyphs.line * (end - start)
        else:
            bar = glyphs.opens + glyphs.line * (column[row.last] - start - 1) + glyphs.closes
        drawn = f"{' ' * start}{bar}".ljust(end + 1)
        yield f"{row.label:{labels}}  {drawn}  {where(row.place, paint)}  {row.about}".rstrip()
        for finding in findings:
            if number in about[finding]:
                sign = paint("red", f"{glyphs.points} {finding.code}")
                yield f"{'':{labels}}  {' ' * start}{sign}"


def _start(timeline: Timeline) -> Place:
    from wslint.spans import Place

    return Place(timeline.test.path, timeline.test.function.name_span)
