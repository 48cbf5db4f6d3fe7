"""The questions rules ask again and again: who uses what, in which thread, and what may fail."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from wslint.syntax import nodes as s
from wslint.timeline.fixture_decorators import is_autouse
from wslint.timeline.model import (
    Asserted,
    Event,
    Lane,
    LaneKind,
    Moment,
    Resource,
    Scope,
    ScopeKind,
    Timeline,
)
from wslint.timeline.order import any_open, before, entered, implies, is_open


@dataclass(frozen=True, slots=True)
class Client:
    """A test client that opens websockets."""

    timeline: Timeline
    resource: Resource

    @property
    def http_calls(self) -> list[Event]:
        """The HTTP calls of this client, in order."""
        return calls_of(self.timeline, self.resource)

    @property
    def sockets(self) -> list[Scope]:
        """Its websockets, in the order in which they open."""
        sockets = self.timeline.scopes_of("Socket")
        return [socket for socket in sockets if socket.client == self.resource.id]

    @property
    def bare_sockets(self) -> list[Scope]:
        """Its websockets that open while the client is surely not entered."""
        return [socket for socket in self.sockets if self.is_bare(socket.opened)]

    def is_bare(self, at: Moment) -> bool:
        """Return whether the client is surely not entered at a moment."""
        return entered(self.timeline, self.resource.id, at) is False


def clients(timeline: Timeline) -> Iterator[Client]:
    """Yield each client that opens a websocket."""
    for client in dict.fromkeys(socket.client for socket in timeline.scopes_of("Socket")):
        if client is not None:
            yield Client(timeline, timeline.resources[client])


def client_of(timeline: Timeline, session: Resource) -> Resource | None:
    """Return the client whose ``websocket_connect`` made a session."""
    return None if session.parent is None else timeline.resources[session.parent]


def is_followed(timeline: Timeline, socket: Scope) -> bool:
    """Return whether a websocket is one of a client whose behaviour is known, httpx-ws's too."""
    session = subject_of(timeline, socket)
    client = client_of(timeline, session)
    return session.role == "AsyncSession" or (client is not None and client.role == "TestClient")


def calls_of(timeline: Timeline, resource: Resource) -> list[Event]:
    """Return the calls of a resource's methods that run, in order."""
    return [e for e in timeline.events if e.subject == resource.id and e.kind != "Coroutine"]


def coroutines_of(timeline: Timeline, resource: Resource, name: str) -> list[Event]:
    """Return the calls of one method of a resource that only create a coroutine."""
    made = timeline.events_of("Coroutine")
    return [event for event in made if event.subject == resource.id and event.name == name]


def scopes_on(timeline: Timeline, kind: ScopeKind, resource: Resource) -> list[Scope]:
    """Return the scopes of one kind that a resource opens."""
    return [scope for scope in timeline.scopes_of(kind) if scope.subject == resource.id]


def subject_of(timeline: Timeline, used: Scope | Event) -> Resource:
    """Return the resource that is open in a scope, or whose method is called."""
    return timeline.resources[used.subject or 0]


def replaces(timeline: Timeline, names: AbstractSet[str]) -> bool:
    """Return whether the test replaces a function or object with one of these names."""
    return any(
        made.role == "Patch" and made.name.rpartition(".")[2] in names
        for made in timeline.resources
    )


def sends_on(timeline: Timeline, socket: Scope) -> bool:
    """Return whether the test sends anything through a websocket."""
    session = subject_of(timeline, socket)
    return any(call.name.startswith("send") for call in calls_of(timeline, session))


def lane_outside_tasks(timeline: Timeline, lane: int) -> Lane:
    """Return a lane, or for that of a task the lane in which the task runs."""
    return outermost(timeline, lane, inside=("task",))


def outermost(timeline: Timeline, lane: int, inside: Iterable[LaneKind]) -> Lane:
    """Return the first lane that is of none of these kinds, from a lane outwards."""
    found = timeline.lanes[lane]
    while found.kind in inside and found.parent is not None:
        found = timeline.lanes[found.parent]
    return found


def run_in_threads(timeline: Timeline, one: Scope, other: Scope) -> bool:
    """Return whether two scopes open in threads of the test, none of which waits for the other."""
    first, second = (_thread_of(timeline, scope.opened.lane) for scope in (one, other))
    if first is None or second is None or first is second:
        return False
    return not any(
        a.joined is not None and a.joined <= b.started
        for a, b in ((first, second), (second, first))
    )


def _thread_of(timeline: Timeline, lane: int) -> Lane | None:
    """Return the thread in which a lane runs beside others; that of ``to_thread`` is its task's."""
    inner = timeline.lanes[lane]
    while inner.adapter != "to_thread" and inner.parent is not None:
        inner = timeline.lanes[inner.parent]
    task = timeline.lanes[inner.parent] if inner.parent is not None else None
    return task if task is not None and task.kind == "task" else background_of(timeline, lane)


def background_of(timeline: Timeline, lane: int | None) -> Lane | None:
    """Return the thread that the test starts, in which a lane runs; None if there is none."""
    while lane is not None and timeline.lanes[lane].kind != "background":
        lane = timeline.lanes[lane].parent
    return None if lane is None else timeline.lanes[lane]


def follows(timeline: Timeline, later: Moment, earlier: Moment) -> bool:
    """Return whether ``later`` surely comes after ``earlier``, which then has happened."""
    return before(timeline, earlier, later) is True and implies(later.path, earlier.path)


def is_failure_expected(timeline: Timeline, at: Moment) -> bool | None:
    """Return whether an exception raised at a moment is what the test expects."""
    return any_open(timeline, timeline.scopes_of("Raises"), at)


def may_failure_pass(timeline: Timeline, at: Moment) -> bool:
    """Return whether an exception raised at a moment may be expected or caught."""
    return any_open(timeline, expectations(timeline), at) is not False


def ends_itself(timeline: Timeline, receive: Event) -> bool | None:
    """Return whether a receive times out by its own limit, not by a shorter one around it.

    Only its own cancels the application: asgiref's ``receive_output`` catches its TimeoutError.
    """
    own = receive.timeout
    limits = [
        limit.seconds
        for limit in timeline.scopes_of("Limit")
        if is_open(timeline, limit, receive.at) is not False
    ]
    if own is None:
        return None
    if any(seconds is not None and seconds < own for seconds in limits):
        return False
    return None if None in limits or own in limits or own == math.inf else True


def is_failure_swallowed(timeline: Timeline, at: Moment) -> bool:
    """Return whether an exception raised at a moment is caught, and nothing is done about it."""
    return any(
        is_open(timeline, scope, at) is True
        and not (
            isinstance(scope.statement, s.Try) and any(h.body for h in scope.statement.handlers)
        )
        for scope in timeline.scopes_of("Try")
    )


def asserts_of(timeline: Timeline, event: Event) -> Iterator[Asserted]:
    """Yield the assertions of a test, without those of autouse fixtures, which all tests have.

    Those of one that causes the ``event`` itself count.
    """
    for asserted in timeline.asserts:
        owner = asserted.owner
        if owner is None or owner is event.function or not is_autouse(owner):
            yield asserted


def expectations(timeline: Timeline) -> list[Scope]:
    """Return the blocks that expect an exception, or catch one."""
    return timeline.scopes_of("Raises") + timeline.scopes_of("Try")
