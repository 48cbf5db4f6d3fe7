"""Adapters between sync and async: the event loop of a moment, and overrides inside of one."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, Code, MakeSync, RemoveDecorator, ReplaceExpression
from wslint.findings.finding import Fix
from wslint.findings.span import Span
from wslint.rules.shared.code import callee, dotted, index_at
from wslint.rules.shared.fixes import ASYNC_TO_SYNC
from wslint.syntax import nodes as s
from wslint.syntax.search import refs, walk
from wslint.timeline.model import Lane, Scope, Timeline
from wslint.timeline.query import lane_outside_tasks

_SCOPES = ("function", "class", "module", "package", "session")

_OWN_LOOPS = ("AsyncToSync", "asyncio.run", "run_until_complete")
_DRIVERS = frozenset(("async_to_sync", "AsyncToSync", "run", "run_until_complete"))


def loop_of(timeline: Timeline, lane: int) -> int | None:
    """Return a number for the event loop of a lane; None if there is none, or it isn't known.

    Those of the runner, in which it runs async tests and fixtures, have numbers below zero.
    """
    current: int | None = lane
    while current is not None:
        entry = timeline.lanes[current]
        current = entry.parent
        if entry.kind == "background":
            return None
        if entry.kind != "loop":
            continue
        if entry.adapter == "native":
            return -1 - _SCOPES.index(entry.scope) if entry.scope in _SCOPES else None
        if entry.adapter == "AsyncToSync" and _in_thread(timeline, current):
            continue  # in a thread that a loop started, asgiref goes back to that loop
        return entry.id if entry.adapter in ("AsyncToSync", "django", "asyncio.run") else None
    return None


def _in_thread(timeline: Timeline, lane: int | None) -> bool:
    while lane is not None:
        if timeline.lanes[lane].kind == "thread":
            return True
        lane = timeline.lanes[lane].parent
    return False


def one_coroutine(timeline: Timeline) -> Fix | str:
    """Return the fix that makes the body of a sync test one coroutine, driven once."""
    test = timeline.test
    if test.is_async or test.function.is_generator:
        return "the communicator is also used outside the test's own body"
    if test.database:
        return "the test may use the database in between, which is forbidden in a coroutine"
    origins = [lane.origin for lane in timeline.lanes if lane.adapter in _OWN_LOOPS and lane.origin]
    if not all(map(test.holds, origins)):
        return "what the test calls in between drives a coroutine itself"
    inner = (s.Function, s.Class, s.Lambda, s.Comp)
    calls = [node for node in walk(test.function.body, skip=inner) if isinstance(node, s.Call)]
    driven = [(call, call.func, name) for call in calls if (name := _driven_name(call.func))]
    if not driven or _drives_more(test.function.body, [func.span for _, func, _ in driven]):
        return "not every coroutine of the test is driven by `async_to_sync(…)(…)` in its body"
    actions: list[Action] = []
    for call, func, name in driven:
        actions.append(ReplaceExpression(test.path, func.span, Code(name)))
        actions.append(ReplaceExpression(test.path, call.span, Code("await {0}")))
    adapter = Code("{a}", (ASYNC_TO_SYNC,))
    actions.append(MakeSync(test.path, test.function.name_span, adapter, "run_test", True))
    return Fix("unsafe", "make the body one coroutine", tuple(actions))


def _driven_name(func: s.Expr) -> str:
    """Return ``name`` for ``async_to_sync(name)``, "" for anything else."""
    if not isinstance(func, s.Call) or len(func.args) != 1 or func.args[0].star:
        return ""
    is_adapter = dotted(func.func)[-1:] in (("async_to_sync",), ("AsyncToSync",))
    return ".".join(dotted(func.args[0].value)) if is_adapter else ""


def _drives_more(body: s.Block, known: list[Span]) -> bool:
    """Return whether anything but the known calls drives a coroutine."""
    return any(
        not _DRIVERS.isdisjoint(ref.parts) and not any(span.contains(ref.span) for span in known)
        for ref in refs(body)
    )


def decorator_of_test(timeline: Timeline, span: Span) -> int | None:
    """Return the index of a decorator of the test by its span."""
    return index_at(timeline.test.function.decorators, span)


def overrides_in_lanes(timeline: Timeline) -> Iterator[tuple[Scope, Lane]]:
    """Yield each override that is entered in an event loop or another thread, with its lane."""
    for override in timeline.scopes_of("Override"):
        lane = lane_outside_tasks(timeline, override.opened.lane)
        if lane.kind in ("loop", "thread"):
            yield override, lane


def wrong_adapter(timeline: Timeline, override: Scope, lane: Lane) -> int | None:
    """Return the index of the adapter on the wrong side of an override.

    Only on methods of a TestCase: on a module-level function no order works.
    """
    at = decorator_of_test(timeline, override.origin.place.span)
    if at is None or timeline.test.kind != "method":
        return None
    above = decorator_of_test(timeline, lane.origin.place.span) if lane.origin else None
    if above is not None:
        return above if lane.adapter in ("AsyncToSync", "DatabaseSyncToAsync") else None
    if lane.kind == "loop" and not timeline.test.function.is_async:
        # a sync body is a coroutine only because an adapter below the override makes it one
        origins = (lane.origin for lane in timeline.lanes if lane.origin is not None)
        adapters = (decorator_of_test(timeline, origin.place.span) for origin in origins)
        return min((n for n in adapters if n is not None and n > at), default=None)
    return None


def without_asyncio_marks(timeline: Timeline) -> list[Action]:
    """Return the actions that remove the marks which only mean "run this coroutine"."""
    test, function = timeline.test, timeline.test.function
    return [
        RemoveDecorator(test.path, function.name_span, mark.span)
        for mark in asyncio_marks(function)
    ]


def asyncio_marks(function: s.Function) -> list[s.Expr]:
    """Return the decorators that only mean "run this coroutine"."""
    marks = (("mark", "asyncio"), ("mark", "anyio"))
    return [decorator for decorator in function.decorators if callee(decorator)[-2:] in marks]
