"""Queries: who uses what, in which lane, and what may fail."""

from __future__ import annotations

import pytest

from wslint.findings.span import Place, Span
from wslint.syntax import nodes as s
from wslint.timeline import query
from wslint.timeline.model import (
    Event,
    EventKind,
    Lane,
    Moment,
    Origin,
    Path,
    Resource,
    Scope,
    TestCase,
    Timeline,
)

SPAN = Span(1, 0, 1, 0)
ORIGIN = Origin(Place("/t.py", SPAN))
FUNCTION = s.Function("t", "t", False, False, (), (), None, (), SPAN, SPAN)


def at(index: int, lane: int = 0, path: Path = ()) -> Moment:
    return Moment(lane, index, path)


def event(kind: EventKind, name: str, subject: int, index: int) -> Event:
    return Event(kind, name, subject, at(index), ORIGIN)


@pytest.fixture
def timeline() -> Timeline:
    """Two clients, of which the second is entered at 5, and a websocket of each."""
    made = Timeline(TestCase("/t.py", "t", FUNCTION, "function", False))
    made.lanes = [Lane(0, "main", None, 0)]
    made.resources = [
        Resource(0, "TestClient", ORIGIN, at(1), ()),
        Resource(1, "TestClient", ORIGIN, at(2), ()),
        Resource(2, "Session", ORIGIN, at(3), (), parent=0),
        Resource(3, "Session", ORIGIN, at(6), (), parent=1),
    ]
    made.scopes = [
        Scope("Socket", 2, at(3), ORIGIN, [at(9)], client=0),
        Scope("Client", 1, at(5), ORIGIN, [at(8)]),
        Scope("Socket", 3, at(6), ORIGIN, [at(7)], client=1),
    ]
    made.events = [
        event("Socket", "send_text", 2, 4),
        event("Coroutine", "get", 0, 4),
        event("Http", "get", 0, 4),
        event("Socket", "receive_text", 3, 6),
    ]
    return made


def test_clients_have_their_own_calls_and_websockets(timeline: Timeline) -> None:
    first, second = query.clients(timeline)
    assert [call.name for call in first.http_calls] == ["get"]
    assert second.http_calls == []
    assert [socket.subject for socket in first.sockets] == [2]
    assert [socket.subject for socket in first.bare_sockets] == [2]
    assert [socket.subject for socket in second.sockets] == [3]
    assert second.bare_sockets == []
    assert second.is_bare(at(4))
    assert not second.is_bare(at(6))


def test_a_session_leads_to_its_client_and_its_uses(timeline: Timeline) -> None:
    session = timeline.resources[2]
    assert query.client_of(timeline, session) is timeline.resources[0]
    assert query.client_of(timeline, timeline.resources[0]) is None
    assert [call.name for call in query.calls_of(timeline, session)] == ["send_text"]
    assert [scope.opened.index for scope in query.scopes_on(timeline, "Socket", session)] == [3]
    sockets = timeline.scopes_of("Socket")
    assert [query.sends_on(timeline, socket) for socket in sockets] == [True, False]
    assert query.subject_of(timeline, sockets[0]) is session
    assert query.subject_of(timeline, timeline.events[0]) is session


def test_a_coroutine_is_no_call(timeline: Timeline) -> None:
    client = timeline.resources[0]
    assert [call.kind for call in query.calls_of(timeline, client)] == ["Http"]
    assert len(query.coroutines_of(timeline, client, "get")) == 1
    assert query.coroutines_of(timeline, client, "post") == []


def test_lanes_outside_of_others(timeline: Timeline) -> None:
    timeline.lanes += [Lane(1, "loop", 0, 1), Lane(2, "task", 1, 2), Lane(3, "thread", 2, 3)]
    assert query.lane_outside_tasks(timeline, 2).id == 1
    assert query.lane_outside_tasks(timeline, 3).id == 3
    assert query.outermost(timeline, 3, inside=("task", "thread")).id == 1
    assert query.outermost(timeline, 0, inside=("main",)).id == 0


def test_what_follows_implies_what_it_follows(timeline: Timeline) -> None:
    arm: Path = ((1, frozenset((0,))),)
    assert query.follows(timeline, at(2), at(1))
    assert not query.follows(timeline, at(1), at(2))
    assert not query.follows(timeline, at(2), at(1, path=arm))
    assert query.follows(timeline, at(2, path=arm), at(1))


def test_failures_that_are_expected_or_caught(timeline: Timeline) -> None:
    assert query.is_failure_expected(timeline, at(2)) is False
    timeline.scopes += [
        Scope("Raises", -1, at(2), ORIGIN, [at(4)]),
        Scope("Try", -1, at(6), ORIGIN, [at(8)]),
    ]
    assert query.is_failure_expected(timeline, at(3)) is True
    assert query.is_failure_expected(timeline, at(7)) is False
    moments = [at(index) for index in (1, 3, 5, 7, 9)]
    assert [query.may_failure_pass(timeline, one) for one in moments] == [
        *(False, True, False, True, False)
    ]
