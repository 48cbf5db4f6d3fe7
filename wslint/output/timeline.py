"""Draws the timeline of one test: a bar for what is open, a dot for what happens.

time                ────────────────────►
override_flag         ├──────────────┤     test_chat.py:9
▲ WS101
WebsocketCommunicator     ├────────┤       test_chat.py:13  in loop 1
receive_json_from           ●              test_chat.py:16  in loop 1
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wslint.output.summary import where
from wslint.output.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wslint.finding import Finding
    from wslint.output.colour import Paint
    from wslint.spans import Place
    from wslint.timeline.model import Moment, Timeline

NO_END = "never closed"


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


class _Row(NamedTuple):
    first: int
    last: int | None
    label: str
    place: Place
    lane: int
    glyph: str = ""  # of a single moment; nothing for a bar
    note: str = ""


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
    rows = sorted(_rows(timeline, glyphs), key=lambda row: (row.first, row.label))
    test = timeline.test
    title = f"{where(_start(timeline), paint)}: {paint('bold', printable(test.qualname))}"
    out = [f"{title} ({'async' if test.is_async else 'sync'} {test.kind})", ""]
    if rows:
        out += [*_picture(timeline, rows, findings, paint, glyphs=glyphs, width=width), ""]
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
    timeline: Timeline,
    rows: Sequence[_Row],
    findings: Sequence[Finding],
    paint: Paint,
    *,
    glyphs: Glyphs,
    width: int,
) -> Iterator[str]:
    labels = max(len(row.label) for row in rows)
    moments = sorted({m for row in rows for m in (row.first, row.last) if m is not None})
    # A column each where they fit; else several moments share one.
    room = max(width - labels - 36, 24)
    step = min(max(room // len(moments), 1), 3)
    column = {m: min(n * step, n * room // len(moments)) for n, m in enumerate(moments)}
    end = column[moments[-1]] + step
    edge = f"{'time':{labels}}  {glyphs.line * end}{glyphs.arrow}"
    yield paint("blue", edge)
    for row in rows:
        start = column[row.first]
        if row.glyph:
            bar = row.glyph
        elif row.last is None:
            bar = glyphs.opens + glyphs.line * (end - start)
        else:
            bar = glyphs.opens + glyphs.line * (column[row.last] - start - 1) + glyphs.closes
        drawn = f"{' ' * start}{bar}".ljust(end + 1)
        about = "  ".join(note for note in (_lane(timeline, row.lane), row.note) if note)
        yield f"{row.label:{labels}}  {drawn}  {where(row.place, paint)}  {about}".rstrip()
        for finding in findings:
            if finding.place == row.place:
                sign = paint("red", f"{glyphs.points} {finding.code}")
                yield f"{'':{labels}}  {' ' * start}{sign}"


def _rows(timeline: Timeline, glyphs: Glyphs) -> Iterator[_Row]:
    opened = {scope.subject for scope in timeline.scopes}
    for scope in timeline.scopes:
        if scope.kind == "Try":
            continue
        closings = [moment.index for moment in scope.closings]
        last = max(closings, default=None)
        certain = scope.facts.get("certain", True) and not scope.opened.path
        notes = ["" if certain else "maybe", "" if closings else NO_END]
        note = ", ".join(filter(None, notes))
        label = _name(timeline, scope.subject, scope.kind)
        yield _row(scope.opened, last, label, scope.origin.place, note=note)
    for resource in timeline.resources:
        if resource.id not in opened and resource.role not in _NOT_DRAWN:
            label = _name(timeline, resource.id, resource.role)
            place = resource.origin.place
            yield _row(resource.born, None, label, place, glyph=glyphs.born, note="never entered")
    for event in (event for event in timeline.events if event.kind != "Coroutine"):
        label = f"{event.name or event.kind}{_number(timeline, event.subject)}"
        note = "maybe" if event.at.path else ""
        yield _row(event.at, None, label, event.origin.place, glyph=glyphs.dot, note=note)


_NOT_DRAWN = ("Patch", "MonkeyPatch", "Mocker")


def _row(first: Moment, last: int | None, label: str, place: Place, **about: str) -> _Row:
    return _Row(first.index, last, printable(label), place, first.lane, **about)


def _name(timeline: Timeline, subject: int, otherwise: str) -> str:
    name = otherwise
    for resource in timeline.resources:
        if resource.id == subject:
            name = resource.name.rpartition(".")[2] or resource.role
    return f"{name}{_number(timeline, subject)}"


def _number(timeline: Timeline, subject: int | None) -> str:
    """Tell resources of one role apart, where there are several."""
    roles = Counter(resource.role for resource in timeline.resources)
    seen: Counter[str] = Counter()
    for resource in timeline.resources:
        seen[resource.role] += 1
        if resource.id == subject:
            return f" #{seen[resource.role]}" if roles[resource.role] > 1 else ""
    return ""


def _lane(timeline: Timeline, lane: int) -> str:
    found = timeline.lanes[lane]
    return "" if found.kind == "main" else f"in {found.kind} {found.id}"


def _start(timeline: Timeline) -> Place:
    from wslint.spans import Place

    return Place(timeline.test.path, timeline.test.function.name_span)
