"""The rows of a picture of a timeline: what is open, and what happens meanwhile.

All pictures draw the same rows: a bar for a scope, a dot for an event, a circle for a client or
socket that is never entered.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from wslint.output.text import printable

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from wslint.findings.finding import Finding
    from wslint.findings.span import Place
    from wslint.timeline.model import Moment, Origin, Timeline

NO_END = "never closed"
NOT_ENTERED = "never entered"
MAYBE = "maybe"
NOT_AWAITED = "not awaited"


class Row(NamedTuple):
    """One line of the picture; times are indexes of moments.

    ``shape`` is "bar" (from ``first`` to ``last``, None if never closed), "dot" or "circle".
    ``kind``: the kind of the scope or event, or the role of what is never entered. ``where``: the
    lane, "" for the test's own. ``made``: where the subject was created. ``via``: what leads from
    the test to another file.
    """

    shape: str
    kind: str
    label: str
    place: Place
    first: int
    last: int | None = None
    where: str = ""
    note: str = ""
    made: Place | None = None
    via: str = ""

    @property
    def about(self) -> str:
        """The text beside the row."""
        return "  ".join(part for part in (self.where, self.note) if part)


def rows_of(timeline: Timeline, findings: Sequence[Finding]) -> list[Row]:
    """Return the rows, ordered by their start.

    A coroutine that is never awaited has a row only if a finding concerns it.
    """
    ran = {event.origin.place for event in timeline.events if event.kind != "Coroutine"}
    ran |= {scope.origin.place for scope in timeline.scopes}
    idle = {finding.place for finding in findings} - ran
    return sorted(_rows(timeline, idle), key=lambda row: (row.first, row.label))


def moments_of(rows: Sequence[Row]) -> list[int]:
    """Return the moments at which something starts, ends or happens."""
    return sorted({m for row in rows for m in (row.first, row.last) if m is not None})


def marked(rows: Sequence[Row], finding: Finding) -> list[int]:
    """Return the indexes of the rows that a finding is about.

    Those are the rows at its place; else the smallest row around or inside that place; else the
    first whose subject was created there; else the rows of the first label that has any.
    """
    for place in (finding.place, *(label.place for label in finding.labels)):
        numbers = [number for number, row in enumerate(rows) if row.place == place]
        if not numbers and place == finding.place:
            numbers = _nearest(rows, place) or _created_at(rows, place)
        if numbers:
            return numbers
    return []


def _nearest(rows: Sequence[Row], place: Place) -> list[int]:
    sizes = [
        (_size(row.place), number)
        for number, row in enumerate(rows)
        if _holds(row.place, place) or _holds(place, row.place)
    ]
    return [min(sizes)[1]] if sizes else []


def _created_at(rows: Sequence[Row], place: Place) -> list[int]:
    numbers = [n for n, row in enumerate(rows) if row.made is not None and _holds(row.made, place)]
    return numbers[:1]


def _holds(outer: Place, inner: Place) -> bool:
    return outer.path == inner.path and outer.span.contains(inner.span)


def _size(place: Place) -> tuple[int, int]:
    span = place.span
    return span.end_line - span.line, span.end_column - span.column


def _rows(timeline: Timeline, idle: Container[Place]) -> Iterator[Row]:
    opened = {scope.subject for scope in timeline.scopes}
    origins = {resource.id: resource.origin.place for resource in timeline.resources}
    for scope in timeline.scopes:
        if scope.kind == "Try":
            continue
        closings = [moment.index for moment in scope.closings]
        certain = scope.certain and not scope.opened.path
        notes = ["" if certain else MAYBE, "" if closings else NO_END]
        row = _row(
            *(timeline, "bar", scope.kind, _name(timeline, scope.subject, scope.kind)),
            *(scope.origin.place, scope.opened, ", ".join(filter(None, notes))),
        )
        yield row._replace(
            last=max(closings, default=None),
            made=origins.get(scope.subject),
            via=_via(timeline, scope.origin, scope.subject),
        )
    for resource in timeline.resources:
        if resource.id not in opened and resource.role not in _NOT_DRAWN:
            yield _row(
                *(timeline, "circle", resource.role, _name(timeline, resource.id, resource.role)),
                *(resource.origin.place, resource.born, NOT_ENTERED),
                via=_via(timeline, resource.origin, resource.id),
            )
    for event in timeline.events:
        waits = event.kind == "Coroutine"
        if waits and event.origin.place not in idle:
            continue
        notes = [NOT_AWAITED if waits else "", MAYBE if event.at.path else ""]
        what = "ORM " if event.kind == "Orm" else ""
        yield _row(
            *(timeline, "circle" if waits else "dot", event.kind),
            f"{what}{event.name or event.kind}{_number(timeline, event.subject)}",
            *(event.origin.place, event.at, ", ".join(filter(None, notes))),
            via=_via(timeline, event.origin),
        )


_NOT_DRAWN = ("Patch", "MonkeyPatch", "Mocker")


def _row(
    timeline: Timeline,
    shape: str,
    kind: str,
    label: str,
    place: Place,
    at: Moment,
    note: str,
    via: str = "",
) -> Row:
    lane = timeline.lanes[at.lane]
    number = lane.id
    if lane.kind == "loop" and lane.adapter == "native":
        # fixtures and tests of one scope share the runner's loop
        loop = (lane.adapter, lane.scope)
        number = next(one.id for one in timeline.lanes if (one.adapter, one.scope) == loop)
    where = "" if lane.kind == "main" else f"in {lane.kind} {number}"
    return Row(shape, kind, printable(label), place, at.index, None, where, note, via=via)


def _via(timeline: Timeline, origin: Origin, subject: int | None = None) -> str:
    """Name the fixture that creates something in another file, else the line that leads there."""
    own = timeline.test.path
    if origin.place.path == own:
        return ""
    for resource in timeline.resources:
        if resource.id == subject:
            for step in resource.birth:
                there = step.path == origin.place.path and step.frame == "fixture"
                if there and step.function and step.function.span.contains(origin.place.span):
                    return f"fixture {printable(step.function.name)}"
    seen = origin.seen_from(own)
    return f"from line {seen.span.line}" if seen.path == own else ""


def _name(timeline: Timeline, subject: int, otherwise: str) -> str:
    name = otherwise
    for resource in timeline.resources:
        if resource.id == subject:
            name = resource.name.rpartition(".")[2] or resource.role
    return f"{name}{_number(timeline, subject)}"


def _number(timeline: Timeline, subject: int | None) -> str:
    """Return a number if there are several resources of the same role."""
    roles = Counter(resource.role for resource in timeline.resources)
    seen: Counter[str] = Counter()
    for resource in timeline.resources:
        seen[resource.role] += 1
        if resource.id == subject:
            return f" #{seen[resource.role]}" if roles[resource.role] > 1 else ""
    return ""
