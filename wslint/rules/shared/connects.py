"""What a test makes of the result of a communicator's ``connect``: (accepted, subprotocol)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from wslint.findings.span import Place
from wslint.rules.shared.code import is_name, simple_name
from wslint.rules.shared.swallowing import asserts
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, statements, walk
from wslint.timeline.model import Event, Origin, Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import expectations
from wslint.vocabulary import RECEIVES

Outcome = Literal["accepted", "refused", "always true", "guards", "dropped", "unused", "unknown"]

HELP = "unpack the result, `connected, _ = await ….connect()`, and assert `connected`"

_RECEIVES = tuple(RECEIVES)
# a receive from a refused communicator times out
_TIMEOUTS = frozenset(("Exception", "BaseException", "TimeoutError"))


def connects(timeline: Timeline) -> Iterator[tuple[Event, Outcome]]:
    """Yield each connect of a communicator with its outcome."""
    for event in timeline.events_of("Communicator"):
        if event.name == "connect":
            yield event, outcome(event)


def received_later(timeline: Timeline, connect: Event) -> list[Event]:
    """Return the receives from the communicator, which fail after a refusal."""
    return [
        event
        for event in timeline.events_of("Communicator")
        if event.subject == connect.subject and event.name.startswith(_RECEIVES)
    ]


def is_tolerated(timeline: Timeline, receive: Event) -> bool:
    """Return whether a receive may fail, as it does after a refusal, and the test goes on."""
    around = (
        scope for scope in expectations(timeline)
        if _TIMEOUTS.intersection(name.rpartition(".")[2] for name in scope.expected)
        and is_open(timeline, scope, receive.at) is True
    )  # fmt: skip
    return any(
        not isinstance(scope.statement, s.Try)
        or not any(
            asserts(one) for handler in scope.statement.handlers for one in statements(handler.body)
        )
        for scope in around
    )


def outcome(connect: Event) -> Outcome:
    """Return what the test makes of the result of a connect, as far as it is known."""
    uses = connect.result_uses
    if "used" in uses and not uses & {"accepted", "refused"}:
        return "unknown"
    order: tuple[Outcome, ...] = (
        "refused", "accepted", "always true", "guards", "unused", "dropped",
    )  # fmt: skip
    return next((known for known in order if known in uses), "unknown")


def guards_of(connect: Event) -> list[Place]:
    """Return each ``if`` without ``else`` of the same function that asks for the result."""
    path, function = connect.origin.place.path, connect.function
    given = connect.statement.targets if isinstance(connect.statement, s.Assign) else ()
    names = {ref.parts[-1] for ref in refs(given)}
    call = connect.origin.place.span
    return [
        Place(path, one.span)
        for one in statements(function.body if function is not None else ())
        if isinstance(one, s.Branch) and not one.arms[-1]
        if one.test.span.contains(call) or mentions(one.test, names)
    ]


def is_under(origin: Origin | None, guards: Sequence[Place]) -> bool:
    """Return whether something happens under an `if` that only an accepted connection passes."""
    return origin is not None and any(
        origin.seen_inside(guard.path, guard.span) is not None for guard in guards
    )


def is_discarded(timeline: Timeline, connect: Event) -> bool:
    """Return whether a test says by a `_` that it doesn't want what its helper returns."""
    given = given_back(timeline, connect)
    return given is not None and simple_name(given.target) == "_"


def dropped_at(timeline: Timeline, connect: Event) -> Origin:
    """Return where the result of a connect is dropped: at the call of a helper that returns it."""
    given, via = given_back(timeline, connect), connect.origin.via
    return connect.origin if given is None else Origin(given.place, via[:-1])


class GivenBack(NamedTuple):
    """A call of a helper that returns the result of its connect, in the test's file.

    ``target`` is what the caller binds the first part of the result to, None if it isn't known.
    ``parts``: how many values the helper returns, and which of them says that it connected; None if
    that isn't known.
    """

    place: Place
    statement: s.Stmt | None
    target: s.Expr | None
    parts: tuple[int, int] | None


def given_back(timeline: Timeline, connect: Event) -> GivenBack | None:
    """Return the call of the helper that returns the result, None if the test connects itself."""
    test, via = timeline.test, connect.origin.via
    returned = _returned(connect) if via and via[-1].path == test.path else None
    if returned is None:
        return None
    nodes = (node for node in walk(test.function.body) if isinstance(node, (s.Assign, s.Do)))
    call = next((node for node in nodes if node.span.contains(via[-1].span)), None)
    targets = call.targets if isinstance(call, s.Assign) else ()
    target = targets[0] if len(targets) == 1 else None
    given = target.items if isinstance(target, s.Seq) else (target,)
    at, count = returned
    known = given[at] if at >= 0 and len(given) == count else None
    if at < 0 and connect.function is not None and connect.function.name == "connect":
        at, count = 0, 2  # as what it overrides
    return GivenBack(via[-1], call, known, (count, at) if at >= 0 else None)


def _returned(connect: Event) -> tuple[int, int] | None:
    """Return at which place of how many values a helper returns what its connect gives.

    The place is -1 if it isn't known; None if it is not returned.
    """
    body = connect.function.body if connect.function is not None else ()
    bound = connect.statement.targets if isinstance(connect.statement, s.Assign) else ()
    target = bound[0] if len(bound) == 1 else None
    is_unpacked = isinstance(target, s.Seq) and bool(target.items)
    name = simple_name(target.items[0] if isinstance(target, s.Seq) and is_unpacked else target)
    values = [one.value for one in statements(body) if isinstance(one, s.Return)]
    value = values[0] if len(values) == 1 else None
    if name in ("", "_") or not mentions(value, {name}):
        return None
    items = value.items if isinstance(value, s.Seq) else (value,)
    at = next((n for n, item in enumerate(items) if is_name(item, name)), -1)
    return at if is_unpacked else -1, len(items)
