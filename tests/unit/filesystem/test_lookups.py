"""Who uses an answer depends on what was looked up for it."""

from __future__ import annotations

import threading

from wslint.filesystem.lookups import Lookups, Memo, depend_on, record_listing, record_lookup


def look_up(path: str, answer: str = "") -> str:
    record_lookup(path)
    return answer


def test_lookups_in_a_block_are_recorded() -> None:
    look_up("/before")
    with Lookups() as lookups:
        look_up("/a")
        record_listing("/folder")
    look_up("/after")
    assert lookups.all() == ({"/a"}, {"/folder"})


def test_a_block_depends_on_those_inside_of_it() -> None:
    with Lookups() as outer:
        look_up("/a")
        with Lookups() as inner:
            look_up("/b")
        look_up("/c")
    assert inner.all()[0] == {"/b"}
    assert outer.all()[0] == {"/a", "/b", "/c"}


def test_a_remembered_answer_brings_its_lookups() -> None:
    memo: Memo[str, str] = Memo()
    with Lookups() as first:
        assert memo.get("key", lambda: look_up("/a", "found")) == "found"
    with Lookups() as second:
        assert memo.get("key", lambda: look_up("/b", "never")) == "found"
    assert first.all() == second.all() == ({"/a"}, set())


def test_lookups_that_come_later_count_too() -> None:
    shared = Lookups()
    with Lookups() as user:
        depend_on(shared)
    with shared:
        look_up("/late")
    assert user.all()[0] == {"/late"}


def test_circles_end() -> None:
    one, other = Lookups(), Lookups()
    with one:
        look_up("/one")
        depend_on(other)
    with other:
        look_up("/other")
        depend_on(one)
    assert one.all() == other.all() == ({"/one", "/other"}, set())


def test_an_error_ends_the_block() -> None:
    memo: Memo[str, str] = Memo()

    def fail() -> str:
        raise OSError

    with Lookups() as lookups:
        try:
            memo.get("key", fail)
        except OSError:
            look_up("/a")
        assert memo.get("key", lambda: "found") == "found"
    assert lookups.all()[0] == {"/a"}


def test_threads_record_separately() -> None:
    with Lookups() as lookups:
        thread = threading.Thread(target=look_up, args=("/elsewhere",))
        thread.start()
        thread.join()
    assert lookups.all()[0] == set()
