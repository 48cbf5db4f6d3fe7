"""Processes that do pieces of work: all of it is done, whatever becomes of one of them."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from wslint.run import crew as crews
from wslint.run.crew import Crew, Job, Piece

on_posix = pytest.mark.skipif(os.name == "nt", reason="kills processes by a signal")


def begin() -> None:
    pass


def do(order: Any, items: Sequence[Any]) -> list[Any]:
    """What a process does with the items of a piece."""
    return [_done(order, item) for item in items]


def _done(order: Any, item: Any) -> Any:
    if order == "pid":
        time.sleep(0.01)
        return os.getpid()
    if order == "grow":
        return "x" * item
    if order == "fail":
        raise ValueError(f"no {item}")
    if isinstance(item, str):  # a file in which each death is noted, and how many there shall be
        path, deaths = item.split("|")
        with open(path, "a", encoding="utf-8") as stream:
            stream.write("x")
        if len(Path(path).read_text(encoding="utf-8")) <= int(deaths):
            os.kill(os.getpid(), signal.SIGKILL)
    return item


def died(item: Any) -> list[Any]:
    return [("died", item)]


@pytest.fixture(params=["fork", "spawn"])
def crew(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    if request.param == "fork" and sys.platform != "linux":
        pytest.skip("processes are forked on Linux only")
    # a proof may have left a thread behind
    threads = 1 if request.param == "fork" else 2
    monkeypatch.setattr("threading.active_count", lambda: threads)
    made = Crew(begin, do, died)
    yield made
    made.stop()
    assert not made.is_at_work


def hand_out(
    crew: Crew,
    order: Any,
    items: Sequence[Any],
    size: int,
    here: Callable[[Sequence[Any]], Any] | None = None,
) -> Job:
    job = Job(len(items), here)
    crew.add([Piece(job, order, items[at : at + size]) for at in range(0, len(items), size)])
    return job


def outcome(crew: Crew, job: Job, most: int = 3) -> list[Any]:
    while job.left:
        crew.help(most)
    return [answer for answers in job.done for answer in answers]


pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@pytest.mark.parametrize(("count", "size"), [(1, 7), (2, 1), (3, 100)])
def test_all_is_done(crew: Crew, count: int, size: int) -> None:
    crew.start(count)
    items = list(range(50))
    assert sorted(outcome(crew, hand_out(crew, "same", items, size))) == items


def test_several_take_part(crew: Crew) -> None:
    crew.start(2)
    # the second one is still being made while the first one begins
    assert len(set(outcome(crew, hand_out(crew, "pid", range(100), 1)))) == 2


def test_this_process_takes_part(crew: Crew) -> None:
    crew.start(1)
    here: list[int] = []

    def note(items: Sequence[int]) -> list[int]:
        here.extend(items)
        return list(items)

    jobs = [hand_out(crew, "same", range(at, at + 40), 10, note) for at in (0, 40)]
    assert sorted(outcome(crew, jobs[1]) + outcome(crew, jobs[0])) == list(range(80))
    assert here
    assert len(set(here)) == len(here)


def test_no_part_in_what_is_for_others(crew: Crew) -> None:
    crew.start(1)
    pids = outcome(crew, hand_out(crew, "pid", range(5), 1))
    assert os.getpid() not in pids


def test_answers_and_orders_of_any_size(crew: Crew) -> None:
    crew.start(2)
    sizes = [3_000_000, 1, 200_000] * 10
    assert sorted(map(len, outcome(crew, hand_out(crew, "grow", sizes, 1)))) == sorted(sizes)
    padded = [(number, b"y" * 1_000_000) for number in range(20)]
    assert sorted(outcome(crew, hand_out(crew, "same", padded, 2))) == padded


def test_one_that_is_being_made_gets_a_little(crew: Crew) -> None:
    """It reads nothing yet, so that to give it more could take as long as to make it."""
    crew.start(1)
    job = hand_out(crew, "same", [(number, b"y" * 100) for number in range(1000)], 400)
    (piece, size), *_ = crew._members[0].pieces
    assert (len(piece.items), size <= crews._ROOM) == (crews._FEW, True)
    assert len(outcome(crew, job)) == 1000
    job = hand_out(crew, "same", range(1000), 400)
    assert len(crew._members[0].pieces[0][0].items) == 400
    assert sorted(outcome(crew, job)) == list(range(1000))


def test_an_error_is_raised_here(crew: Crew) -> None:
    crew.start(2)
    job = hand_out(crew, "fail", ["thing"], 1)
    with pytest.raises(ValueError, match="no thing"):
        outcome(crew, job)


@on_posix
@pytest.mark.parametrize("size", [1, 100])
def test_one_that_dies_takes_nothing_with_it(crew: Crew, size: int, tmp_path: Path) -> None:
    crew.start(2)
    deadly = f"{tmp_path / 'deaths'}|100"
    items = [*range(20), deadly, *range(20, 40)]
    answers = outcome(crew, hand_out(crew, "same", items, size))
    assert ("died", deadly) in answers
    assert sorted(one for one in answers if isinstance(one, int)) == list(range(40))


@on_posix
def test_one_that_is_killed_once_is_not_to_blame(crew: Crew, tmp_path: Path) -> None:
    crew.start(2)
    item = f"{tmp_path / 'deaths'}|1"
    assert outcome(crew, hand_out(crew, "same", [item], 1)) == [item]


@on_posix
def test_one_that_died_while_it_had_nothing_to_do(crew: Crew) -> None:
    crew.start(2)
    assert outcome(crew, hand_out(crew, "same", [1], 1)) == [1]
    for member in crew._members:
        os.kill(member.process.pid or 0, signal.SIGKILL)
        member.process.join()
    assert sorted(outcome(crew, hand_out(crew, "same", range(30), 1))) == list(range(30))


@on_posix
def test_no_process_outlives_the_one_that_asks(crew: Crew) -> None:
    """Each would wait for ever where a later one kept the other end of its pipe open."""
    crew.start(3)
    pids = set(outcome(crew, hand_out(crew, "pid", range(100), 1)))
    processes = [member.process for member in crew._members]
    for member in crew._members:
        member.connection.close()  # as the system does when this process ends
    for process in processes:
        process.join(20)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert pids <= {process.pid for process in processes}


def test_it_ends_whatever_is_going_on(crew: Crew) -> None:
    crew.start(2)
    job = hand_out(crew, "pid", range(10_000), 1000)
    processes = [member.process for member in crew._members]
    crew.stop()
    assert job.left
    assert not any(process.is_alive() for process in processes)


class Packed:
    """Notes how often it is packed."""

    times = 0

    def __reduce__(self) -> tuple[Any, ...]:
        Packed.times += 1
        return int, (1,)


def test_large_pieces_are_packed_once(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are packed for a process that waits for them."""
    monkeypatch.setattr(Packed, "times", 0)
    crew.start(1)
    job = hand_out(crew, "same", [(Packed(), b"y" * 1000) for _ in range(800)], 20)
    for _ in range(100):
        crew.go_on()
    assert len(outcome(crew, job)) == 800
    assert Packed.times == 800


def test_some_more_is_given_ahead(crew: Crew) -> None:
    """A process goes on while this one does something else for a while."""
    crew.start(1)
    job = hand_out(crew, "pid", range(40), 1)
    assert len(crew._members[0].pieces) == crews._AHEAD
    outcome(crew, job)
    few = hand_out(crew, "pid", range(crews._AHEAD - 1), 1)  # whoever is done first takes the next
    assert len(crew._members[0].pieces) == 1
    outcome(crew, few)
    large = hand_out(crew, "same", [b"y" * crews._ROOM] * 40, 1)
    assert len(crew._members[0].pieces) == 1
    outcome(crew, large)
