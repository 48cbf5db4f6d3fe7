"""What the rules about the database connection share: who uses it when, and what keeps it open."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import any_open, is_open, overlaps, spans

LOOKED_AT = frozenset(
    (
        *("assert_called", "assert_called_once", "assert_called_with", "assert_called_once_with"),
        *("assert_not_called", "assert_any_call", "assert_has_calls", "assert_awaited"),
        *("assert_awaited_once", "assert_not_awaited"),
        *("called", "call_count", "call_args", "call_args_list", "mock_calls", "await_count"),
    )
)
"""A test that says one of these asserts on a mock."""

_ROLES = ("WebsocketCommunicator", "ApplicationCommunicator")


def driven_communicators(timeline: Timeline) -> Iterator[Scope]:
    """Give the communicators that a sync test drives through an adapter.

    In a native async test the jobs of Channels run on another thread with a connection of its
    own, so the test's connection is never closed.
    """
    for scope in timeline.scopes_of("Communicator"):
        if timeline.resources[scope.subject].role not in _ROLES:
            continue
        lane = timeline.lanes[scope.opened.lane]
        while lane.kind not in ("loop", "main") and lane.parent is not None:
            lane = timeline.lanes[lane.parent]
        if lane.kind == "loop" and lane.adapter in ("AsyncToSync", "django"):
            yield scope


def native_communicators(timeline: Timeline) -> list[Scope]:
    """List the communicators that run in the loop of a native async test."""
    found: list[Scope] = []
    for scope in timeline.scopes_of("Communicator"):
        lane = timeline.lanes[scope.opened.lane]
        while lane.kind == "task" and lane.parent is not None:
            lane = timeline.lanes[lane.parent]
        if lane.kind == "loop" and lane.adapter == "native":
            found.append(scope)
    return found


def in_transaction(timeline: Timeline, scope: Scope) -> bool:
    """Tell whether a scope surely opens inside the test's transaction."""
    return any(
        transaction.certain and is_open(timeline, transaction, scope.opened)
        for transaction in timeline.scopes_of("Transaction")
    )


def endangered_overrides(timeline: Timeline) -> Iterator[tuple[Scope, Scope]]:
    """Give each override that would lose its connection without a keepalive, with a communicator.

    Each override comes once, with the first communicator that closes the connection under it.
    """
    if timeline.environment.test_database == "sqlite-memory":
        return
    for override in timeline.scopes_of("Override"):
        if timeline.lanes[override.opened.lane].kind == "loop":
            continue  # it can't even be entered there: WS201, WS202
        for communicator in driven_communicators(timeline):
            if (
                spans(timeline, override, communicator)
                and in_transaction(timeline, communicator)
                and not has_keepalive(timeline, communicator)
                and not _stays_open(timeline, communicator)
            ):
                yield override, communicator
                break


def _stays_open(timeline: Timeline, communicator: Scope) -> bool:
    """Tell whether an async consumer may leave the connection alone (run).

    It does where it is never disconnected, and up to Channels 4.1 where it runs no database code
    in a thread, which is not looked at.
    """
    consumer = timeline.resources[communicator.subject].consumer
    old = timeline.environment.version("channels") < (4, 2)
    return consumer == "AsyncConsumer" and (old or not communicator.closings)


def has_keepalive(timeline: Timeline, scope: Scope) -> bool:
    """Tell whether a keepalive that may work may span a communicator up to its disconnect."""
    keepalives = [
        k
        for k in timeline.scopes_of("Keepalive")
        if timeline.resources[k.subject].works is not False
    ]
    if any(spans(timeline, keepalive, scope) is not False for keepalive in keepalives):
        return True
    # a subclass of the user's may patch around each call of its own
    uses = [e for e in timeline.events_of("Communicator") if e.subject == scope.subject]
    return bool(keepalives) and all(
        any_open(timeline, keepalives, use.at) is not False for use in uses
    )


def ineffective_keepalive(timeline: Timeline, scope: Scope) -> Scope | None:
    """Give a keepalive that is surely on at a wrong time for a communicator, or does not help it.

    It is on while the communicator is open, or it spans no communicator at all.
    """
    communicators = timeline.scopes_of("Communicator")
    for keepalive in timeline.scopes_of("Keepalive"):
        if overlaps(timeline, keepalive, scope) or all(
            spans(timeline, keepalive, communicator) is False for communicator in communicators
        ):
            return keepalive
    return None


def uses_communicator(timeline: Timeline) -> bool:
    """Tell whether the test needs a keepalive once its coroutine is driven by an adapter."""
    found = [s for s in timeline.scopes_of("Communicator") if not has_keepalive(timeline, s)]
    return any(
        timeline.resources[scope.subject].role in _ROLES and in_transaction(timeline, scope)
        for scope in found
    )
