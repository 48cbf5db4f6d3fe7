"""What the rules about overrides in the wrong place share."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Symbol
from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.timeline.model import Lane, Scope, Timeline

ASYNC_TO_SYNC = Symbol("asgiref.sync.async_to_sync", module="asgiref.sync", name="async_to_sync")


def decorator_of_test(timeline: Timeline, span: Span) -> int | None:
    """Give the index of a decorator of the test by its span, None where it is none of them."""
    for number, decorator in enumerate(timeline.test.function.decorators):
        if decorator.span == span:
            return number
    return None


def overrides_in_lanes(timeline: Timeline) -> Iterator[tuple[Scope, Lane]]:
    """Give each override that is not entered in the test's own thread, with its lane."""
    for scope in timeline.scopes_of("Override"):
        lane = timeline.lanes[scope.opened.lane]
        while lane.kind == "task" and lane.parent is not None:
            lane = timeline.lanes[lane.parent]
        if lane.kind in ("loop", "thread"):
            yield scope, lane


def wrong_adapter(timeline: Timeline, override: Scope, lane: Lane) -> int | None:
    """Give the index of the adapter that stands on the wrong side of an override, if one does.

    Only on methods of a TestCase: on a module-level function no order is right.
    """
    made = timeline.resources[override.subject]
    at = decorator_of_test(timeline, made.origin.place.span)
    if at is None or timeline.test.kind != "method":
        return None
    origin = lane.origin
    above = decorator_of_test(timeline, origin.place.span) if origin is not None else None
    if above is not None:
        return above if lane.adapter in ("AsyncToSync", "DatabaseSyncToAsync") else None
    if lane.kind == "loop" and not timeline.test.function.is_async:
        # a sync body is a coroutine only because an adapter below the override makes it one
        return min((n for n in _adapters(timeline) if n > at), default=None)
    return None


def _adapters(timeline: Timeline) -> set[int]:
    """Give the indices of the decorators of the test that opened a lane."""
    found = set()
    for lane in timeline.lanes:
        if lane.origin is not None:
            at = decorator_of_test(timeline, lane.origin.place.span)
            if at is not None:
                found.add(at)
    return found


def asyncio_marks(function: s.Function) -> list[s.Expr]:
    """List the decorators that only mean "run this coroutine"."""
    found = []
    for decorator in function.decorators:
        ref = decorator.func if isinstance(decorator, s.Call) else decorator
        if isinstance(ref, s.Ref) and ref.parts[-2:] in (("mark", "asyncio"), ("mark", "anyio")):
            found.append(decorator)
    return found
