"""Order: what is before what, in which lanes, under which branches."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wslint.findings.span import Place, Span
from wslint.syntax import nodes as s
from wslint.timeline import order
from wslint.timeline.model import (
    Lane,
    Moment,
    Origin,
    Path,
    Resource,
    Scope,
    ScopeKind,
    TestCase,
    Timeline,
)

SPAN = Span(1, 0, 1, 0)
ORIGIN = Origin(Place("/t.py", SPAN))
NOBODY = s.Function("t", "t", False, False, (), (), None, (), SPAN, SPAN)


def line(*lanes: Lane) -> Timeline:
    timeline = Timeline(TestCase("/t.py", "t", NOBODY, "function", False))
    timeline.lanes = [Lane(0, "main", None, 0), *lanes]
    return timeline


def at(index: int, lane: int = 0, path: Path = ()) -> Moment:
    return Moment(lane, index, path)


def arm(branch: int, *numbers: int) -> Path:
    return ((branch, frozenset(numbers)),)


def scope(
    opened: Moment, *closings: Moment, kind: ScopeKind = "Socket", subject: int = -1
) -> Scope:
    return Scope(kind, subject, opened, ORIGIN, list(closings))


def client(number: int = 0, members: tuple[int, ...] = ()) -> Resource:
    return Resource(number, "TestClient", ORIGIN, at(1), (), members=members)


def test_one_lane_goes_by_index() -> None:
    assert order.before(line(), at(1), at(2)) is True
    assert order.before(line(), at(2), at(1)) is False


def test_a_lane_that_is_waited_for_goes_by_index() -> None:
    timeline = line(Lane(1, "loop", 0, 2))
    assert order.before(timeline, at(1), at(3, 1)) is True
    assert order.before(timeline, at(3, 1), at(4)) is True


def test_a_task_is_unordered_until_it_is_joined() -> None:
    task = Lane(1, "task", 0, 5, concurrent=True, joined=10)
    timeline = line(task)
    assert order.before(timeline, at(4), at(6, 1)) is True
    assert order.before(timeline, at(8), at(6, 1)) is None
    assert order.before(timeline, at(6, 1), at(8)) is None
    assert order.before(timeline, at(6, 1), at(11)) is True
    assert order.before(timeline, at(11), at(6, 1)) is False
    task.joined = None
    assert order.before(timeline, at(6, 1), at(11)) is None


def test_two_tasks_are_unordered_unless_one_has_ended() -> None:
    one = Lane(1, "task", 0, 5, concurrent=True, joined=20)
    other = Lane(2, "task", 0, 10, concurrent=True, joined=20)
    timeline = line(one, other)
    assert order.before(timeline, at(6, 1), at(11, 2)) is None
    one.joined = 9
    assert order.before(timeline, at(6, 1), at(11, 2)) is True
    assert order.before(timeline, at(11, 2), at(6, 1)) is False


def test_what_lies_below_a_task_belongs_to_it() -> None:
    task = Lane(1, "task", 0, 5, concurrent=True, joined=10)
    timeline = line(task, Lane(2, "thread", 1, 6))
    assert order.before(timeline, at(7, 2), at(8)) is None
    assert order.before(timeline, at(6, 1), at(7, 2)) is True
    assert order.before(timeline, at(7, 2), at(11)) is True


def test_open_between_opening_and_closing() -> None:
    socket = scope(at(2), at(5))
    answers = [order.is_open(line(), socket, at(index)) for index in (1, 3, 6)]
    assert answers == [False, True, False]
    assert order.is_open(line(), scope(at(2)), at(9)) is True


def test_open_under_branches() -> None:
    opened_in_arm = scope(at(2, path=arm(1, 0)))
    assert order.is_open(line(), opened_in_arm, at(3, path=arm(1, 0))) is True
    assert order.is_open(line(), opened_in_arm, at(3, path=arm(1, 1))) is False
    assert order.is_open(line(), opened_in_arm, at(3)) is None
    closed_in_arm = scope(at(2), at(4, path=arm(1, 0)))
    assert order.is_open(line(), closed_in_arm, at(5, path=arm(1, 0))) is False
    assert order.is_open(line(), closed_in_arm, at(5, path=arm(1, 1))) is True
    assert order.is_open(line(), closed_in_arm, at(5)) is None
    closed_in_both = scope(at(2), at(4, path=arm(1, 0)), at(5, path=arm(1, 1)))
    assert order.is_open(line(), closed_in_both, at(6)) is None


def test_what_runs_in_the_background_is_never_known() -> None:
    timeline = line(Lane(1, "background", 0, 2, concurrent=True))
    inside = scope(at(3, 1))
    assert order.is_open(timeline, inside, at(4, 1)) is None
    assert order.is_open(timeline, scope(at(1)), at(4, 1)) is None
    assert order.is_open(timeline, inside, at(9)) is None


def test_what_has_escaped_may_be_closed() -> None:
    timeline = line()
    timeline.resources = [client()]
    socket = scope(at(2), subject=0)
    assert order.is_open(timeline, socket, at(3)) is True
    timeline.resources[0].escaped.append(at(4))
    assert order.is_open(timeline, socket, at(3)) is True
    assert order.is_open(timeline, socket, at(5)) is None


def test_overlaps() -> None:
    one = scope(at(2), at(5))
    assert order.overlaps(line(), one, scope(at(3), at(4))) is True
    assert order.overlaps(line(), one, scope(at(1), at(9))) is True
    assert order.overlaps(line(), one, scope(at(6), at(9))) is False
    task = Lane(1, "task", 0, 1, concurrent=True, joined=9)
    assert order.overlaps(line(task), one, scope(at(3, 1), at(4, 1))) is None


def test_spans() -> None:
    inner = scope(at(3), at(6))
    assert order.spans(line(), scope(at(2), at(7)), inner) is True
    assert order.spans(line(), scope(at(2), at(5)), inner) is False
    assert order.spans(line(), scope(at(4), at(9)), inner) is False
    assert order.spans(line(), scope(at(2, path=arm(1, 0)), at(9)), inner) is None
    assert order.spans(line(), scope(at(2)), scope(at(3))) is True


def test_any_open() -> None:
    sure, never = scope(at(1)), scope(at(8))
    perhaps = scope(at(1, path=arm(1, 0)))
    assert order.any_open(line(), [never, perhaps, sure], at(5)) is True
    assert order.any_open(line(), [never, perhaps], at(5)) is None
    assert order.any_open(line(), [never], at(5)) is False
    assert order.any_open(line(), [], at(5)) is False


def test_entered() -> None:
    timeline = line()
    timeline.resources = [client(0), client(1), client(2, members=(0, 1))]
    assert order.entered(timeline, 2, at(9)) is False
    timeline.scopes = [scope(at(2), kind="Client", subject=0)]
    assert order.entered(timeline, 0, at(9)) is True
    assert order.entered(timeline, 1, at(9)) is False
    assert order.entered(timeline, 2, at(9)) is None
    timeline.scopes.append(scope(at(2), kind="Client", subject=1))
    assert order.entered(timeline, 2, at(9)) is True
    timeline.scopes = [scope(at(2), at(5), kind="Client", subject=2)]
    assert order.entered(timeline, 2, at(3)) is True
    assert order.entered(timeline, 1, at(3)) is None
    assert order.entered(timeline, 1, at(9)) is False
    timeline.resources[0].escaped.append(at(6))
    assert order.entered(timeline, 0, at(9)) is None
    assert order.entered(timeline, 2, at(9)) is None


@pytest.mark.parametrize(
    ("path", "condition", "answer"),
    [
        ((), (), True),
        (arm(1, 0), (), True),
        ((), arm(1, 0), False),
        (arm(1, 0), arm(1, 0, 1), True),
        (arm(1, 0, 1), arm(1, 0), False),
        (arm(1, 0), arm(2, 0), False),
        (arm(1, 0) + arm(2, 1), arm(2, 1), True),
    ],
)
def test_implies(path: Path, condition: Path, answer: bool) -> None:
    assert order.implies(path, condition) is answer


def test_excludes() -> None:
    assert order.excludes(arm(1, 0), arm(1, 1))
    assert not order.excludes(arm(1, 0), arm(1, 0, 1))
    assert not order.excludes(arm(1, 0), arm(2, 1))


@dataclass
class Drawn:
    timeline: Timeline
    moments: list[Moment]


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    """Lanes as an interpretation makes them: a lane starts in its parent and is joined later."""
    lanes: list[Lane] = []
    moments = [at(0)]
    index = 1
    for number in range(1, draw(st.integers(1, 5)) + 1):
        parent = draw(st.integers(0, number - 1))
        concurrent = draw(st.booleans())
        lanes.append(Lane(number, "task", parent, index, concurrent))
        for _ in range(draw(st.integers(1, 2))):
            index += 1
            moments.append(at(index, number))
        index += 1
        if concurrent and draw(st.booleans()):
            lanes[-1].joined = index
        moments.append(at(index + 1, draw(st.integers(0, number))))
        index += 2
    return Drawn(line(*lanes), moments)


@settings(deadline=None)
@given(drawn())
def test_before_is_antisymmetric(made: Drawn) -> None:
    for one in made.moments:
        for other in made.moments:
            if one != other:
                there = order.before(made.timeline, one, other)
                back = order.before(made.timeline, other, one)
                assert (there, back) in ((True, False), (False, True), (None, None))


@settings(deadline=None)
@given(drawn())
def test_before_never_contradicts_the_order_in_one_lane(made: Drawn) -> None:
    for one in made.moments:
        for other in made.moments:
            if one.lane == other.lane and one.index < other.index:
                assert order.before(made.timeline, one, other) is True


@settings(deadline=None)
@given(drawn(), st.data())
def test_before_is_transitive_where_it_is_known(made: Drawn, data: st.DataObject) -> None:
    one, two, three = (data.draw(st.sampled_from(made.moments)) for _ in range(3))
    if order.before(made.timeline, one, two) and order.before(made.timeline, two, three):
        assert order.before(made.timeline, one, three) is True
