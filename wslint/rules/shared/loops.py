"""In which event loop something happens, and a sync test made one coroutine."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, Code, MakeSync, ReplaceExpression, Symbol
from wslint.findings.finding import Fix
from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Timeline

ASYNC_TO_SYNC = Symbol("asgiref.sync.async_to_sync", module="asgiref.sync", name="async_to_sync")
NATIVE = -1
"""The loop in which the runner runs async tests and fixtures."""

_DRIVERS = frozenset(("async_to_sync", "AsyncToSync", "run", "run_until_complete"))


def loop_of(timeline: Timeline, lane: int) -> int | None:
    """Give a number for the loop of a lane; None where there is none, or nobody knows which."""
    threads: list[str] = []
    current: int | None = lane
    while current is not None:
        entry = timeline.lanes[current]
        current = entry.parent
        if entry.kind == "background":
            return None
        if entry.kind == "thread":
            threads.append(entry.adapter)
        if entry.kind != "loop":
            continue
        if entry.adapter == "native":
            return NATIVE
        if entry.adapter == "AsyncToSync" and _in_thread(timeline, current):
            continue  # from a thread of a loop, asgiref goes back to that loop
        return entry.id if entry.adapter in ("AsyncToSync", "django", "asyncio.run") else None
    return None


def _in_thread(timeline: Timeline, lane: int | None) -> bool:
    while lane is not None:
        if timeline.lanes[lane].kind == "thread":
            return True
        lane = timeline.lanes[lane].parent
    return False


def one_coroutine(timeline: Timeline) -> Fix | str:
    """Make a sync test, which drives coroutines one by one, one that drives a single coroutine."""
    test = timeline.test
    if test.is_async or test.function.is_generator:
        return "the communicator is also used outside the test's own body"
    if test.database:
        return "the test may use the database between, which is forbidden in a coroutine"
    driven = list(_driven(test.function.body))
    outside = {call.func.span for call in driven}
    if not driven or any(_drives(statement, outside) for statement in test.function.body):
        return "not every coroutine of the test is driven by `async_to_sync(…)(…)` in its body"
    actions: list[Action] = []
    for call in driven:
        (argument,) = call.func.args  # type: ignore[union-attr]
        inner = Code(".".join(argument.value.parts))  # type: ignore[union-attr]
        actions.append(ReplaceExpression(test.path, call.func.span, inner))
        actions.append(ReplaceExpression(test.path, call.span, Code("await {0}")))
    adapter = Code("{a}", (ASYNC_TO_SYNC,))
    actions.append(MakeSync(test.path, test.function.name_span, adapter, "run_test", True))
    return Fix("unsafe", "make the body one coroutine", tuple(actions))


def _driven(node: object) -> Iterator[s.Call]:
    """Give each ``async_to_sync(name)(…)`` that is not in a function or comprehension within."""
    if isinstance(node, (s.Function, s.Class, s.Lambda, s.Comp)):
        return
    if isinstance(node, s.Call) and _is_adapter(node.func):
        yield node
    if isinstance(node, tuple):
        for item in node:
            yield from _driven(item)
    for name in getattr(node, "__dataclass_fields__", ()):
        yield from _driven(getattr(node, name))


def _is_adapter(func: s.Expr) -> bool:
    return (
        isinstance(func, s.Call)
        and isinstance(func.func, s.Ref)
        and func.func.parts[-1] in ("async_to_sync", "AsyncToSync")
        and len(func.args) == 1
        and not func.args[0].star
        and isinstance(func.args[0].value, s.Ref)
    )


def _drives(node: object, known: set[Span]) -> bool:
    """Tell whether anything but the known calls drives a coroutine."""
    if isinstance(node, s.Call) and node.span in known:
        return False
    if isinstance(node, s.Ref):
        return mentions(node, _DRIVERS)
    if isinstance(node, tuple):
        return any(_drives(item, known) for item in node)
    fields = getattr(node, "__dataclass_fields__", ())
    return any(_drives(getattr(node, name), known) for name in fields)
