"""Questions about the order of a timeline. Every answer is True, False or None for unknown."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.timeline.model import Lane, Moment, Path, Scope, Timeline


def implies(path: Path, condition: Path) -> bool:
    """Return whether code at ``path`` runs only where ``condition`` holds."""
    if not condition:
        return True
    arms = dict(path)
    return all(branch in arms and arms[branch] <= allowed for branch, allowed in condition)


def excludes(path: Path, other: Path) -> bool:
    """Return whether two paths are in different arms of one branch."""
    if not (path and other):
        return False
    arms = dict(path)
    return any(branch in arms and not arms[branch] & allowed for branch, allowed in other)


def _lineage(timeline: Timeline, lane: int) -> Iterator[Lane]:
    """Yield a lane and those above it."""
    current: int | None = lane
    while current is not None:
        entry = timeline.lanes[current]
        yield entry
        current = entry.parent


def _beside(timeline: Timeline, lane: int, other: int) -> Lane | None:
    """Return the outermost concurrent lane above ``lane`` that is not above ``other``."""
    others = {entry.id for entry in _lineage(timeline, other)}
    above = [entry for entry in _lineage(timeline, lane) if entry.id not in others]
    return next((entry for entry in reversed(above) if entry.concurrent), None)


def before(timeline: Timeline, first: Moment, second: Moment) -> bool | None:
    """Return whether ``first`` comes before ``second`` whenever both happen."""
    if first.lane == second.lane:
        return first.index < second.index
    a = _beside(timeline, first.lane, second.lane)
    b = _beside(timeline, second.lane, first.lane)
    if a is None and b is None:
        return first.index < second.index
    a_end = first.index if a is None else a.joined
    b_start = second.index if b is None else b.started
    if a_end is not None and a_end <= b_start:
        return True
    a_start = first.index if a is None else a.started
    b_end = second.index if b is None else b.joined
    if b_end is not None and b_end <= a_start:
        return False
    return None


def is_open(timeline: Timeline, scope: Scope, at: Moment) -> bool | None:
    """Return whether ``scope`` is open at a moment."""
    if _in_background(timeline, at.lane):
        return None
    opened = before(timeline, scope.opened, at)
    if opened is False or excludes(scope.opened.path, at.path):
        return False
    sure = opened is True and implies(at.path, scope.opened.path)
    closings = scope.closings if scope.ended is None else [*scope.closings, scope.ended]
    for closing in closings:
        closed = before(timeline, closing, at)
        if closed is False or excludes(closing.path, at.path):
            continue
        # it happens in this run of the code, or in each in which the scope is opened
        if closed is True and (
            implies(at.path, closing.path) or implies(scope.opened.path, closing.path)
        ):
            return False
        sure = False
    if sure and scope.subject >= 0 and has_escaped(timeline, scope.subject, at):
        return None
    return True if sure else None


def _in_background(timeline: Timeline, lane: int) -> bool:
    """Return whether a lane runs at times that are unknown, or perhaps never."""
    return any(entry.kind == "background" for entry in _lineage(timeline, lane))


def overlaps(timeline: Timeline, one: Scope, other: Scope) -> bool | None:
    """Return whether two scopes are open at one time."""
    answers = (is_open(timeline, one, other.opened), is_open(timeline, other, one.opened))
    if True in answers:
        return True
    return None if None in answers else False


def spans(timeline: Timeline, outer: Scope, inner: Scope) -> bool | None:
    """Return whether ``outer`` is open from the opening of ``inner`` to each of its closings."""
    answers = [is_open(timeline, outer, at) for at in (inner.opened, *inner.closings)]
    if False in answers:
        return False
    return None if None in answers else True


def any_open(timeline: Timeline, scopes: list[Scope], at: Moment) -> bool | None:
    """Return whether at least one of the scopes is open at a moment."""
    answers = [is_open(timeline, scope, at) for scope in scopes]
    if True in answers:
        return True
    return None if None in answers else False


def has_escaped(timeline: Timeline, subject: int, at: Moment) -> bool:
    """Return whether code that can't be read may have touched a resource before a moment."""
    resource = timeline.resources[subject]
    return any(
        before(timeline, moment, at) is not False and not excludes(moment.path, at.path)
        for moment in resource.escaped
    ) or any(has_escaped(timeline, member, at) for member in resource.members)


def entered(timeline: Timeline, subject: int, at: Moment) -> bool | None:
    """Return whether a client (or every one it may be) is entered at a moment."""
    scopes = [s for s in timeline.scopes if s.kind == "Client" and s.subject == subject]
    answer = any_open(timeline, scopes, at)
    if answer is True:
        return True
    members = timeline.resources[subject].members
    if members:
        answers = {entered(timeline, member, at) for member in members}
        return answers.pop() if answer is False and len(answers) == 1 else None
    if has_escaped(timeline, subject, at):
        return None
    if answer is False and any(
        is_open(timeline, scope, at) is not False for scope in _of_alternatives(timeline, subject)
    ):
        return None
    return answer


def _of_alternatives(timeline: Timeline, subject: int) -> list[Scope]:
    """Return the scopes of clients that stand for several, of which this may be one."""
    return [
        scope
        for scope in timeline.scopes
        if scope.kind == "Client"
        and scope.subject >= 0
        and subject in timeline.resources[scope.subject].members
    ]
