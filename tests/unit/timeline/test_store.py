"""The store: views, forks, and bringing them together."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from wslint.timeline.interpreter.store import Store
from wslint.timeline.interpreter.values import (
    MAX_OPTIONS,
    Constant,
    Library,
    OneOf,
    Unknown,
    Value,
    join,
)


def test_a_fork_sees_and_hides() -> None:
    base = Store()
    base.put(1, "a", Constant(1))
    fork = base.fork()
    assert fork.get(1, "a") is base.get(1, "a")
    fork.put(1, "a", Constant(2))
    fork.put(1, "b", Constant(3))
    value = base.get(1, "a")
    assert isinstance(value, Constant)
    assert value.value == 1
    assert base.get(1, "b") is None
    assert fork.get(2, "a") is None
    assert set(fork.of(1)) == {"a", "b"}


def test_absorbing_joins_what_was_written() -> None:
    base = Store()
    base.put(1, "kept", kept := Constant(0))
    base.put(1, "a", Constant("before"))
    one, other = base.fork(), base.fork()
    one.put(1, "a", Constant("one"))
    one.put(1, "new", new := Constant("new"))
    base.absorb([one, other], base)
    joined = base.get(1, "a")
    assert isinstance(joined, OneOf)
    assert {option.value for option in joined.values} == {"one", "before"}  # type: ignore[union-attr]
    assert base.get(1, "kept") is kept
    assert base.get(1, "new") is new


def test_the_same_value_on_every_way_stays_itself() -> None:
    base, value = Store(), Constant(1)
    views = [base.fork(), base.fork()]
    for view in views:
        view.put(1, "a", value)
    into = base.fork()
    base.absorb(views, into)
    assert into.get(1, "a") is value
    assert base.get(1, "a") is None


def test_join() -> None:
    one, two = Constant(1), Constant(1)
    assert join([one, two]) is one
    assert isinstance(join([Constant(1), Constant(True)]), OneOf)
    assert isinstance(join([Library("a"), Library("b")]), OneOf)
    assert isinstance(join([Library("a"), Library("a")]), Library)
    assert isinstance(join([]), Unknown)
    assert isinstance(join([Constant(n) for n in range(MAX_OPTIONS + 1)]), Unknown)
    nested = join([join([Library("a"), Library("b")]), Library("c")])
    assert isinstance(nested, OneOf)
    assert len(nested.values) == 3


Writes = st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc")), max_size=6)


@settings(deadline=None)
@given(Writes, st.lists(Writes, min_size=1, max_size=3))
def test_behind_a_branch_each_arms_value_is_possible(
    before: list[tuple[int, str]], arms: list[list[tuple[int, str]]]
) -> None:
    base = Store()
    for number, (owner, name) in enumerate(before):
        base.put(owner, name, Constant(number))
    views = []
    for arm, writes in enumerate(arms):
        view = base.fork()
        for number, (owner, name) in enumerate(writes):
            view.put(owner, name, Constant(f"{arm}.{number}"))
        views.append(view)
    into = base.fork()
    base.absorb(views, into)
    for owner in range(3):
        for name in "abc":
            ends = [view.get(owner, name) for view in views]
            wanted = {end.value for end in ends if isinstance(end, Constant)}
            assert options(into.get(owner, name)) == wanted


def options(value: Value | None) -> set[object]:
    values = value.values if isinstance(value, OneOf) else (value,)
    return {option.value for option in values if isinstance(option, Constant)}
