"""Plain data is compared, hashed and shown by its fields."""

from __future__ import annotations

import pytest

from wslint.findings import actions
from wslint.findings.span import Span
from wslint.syntax.nodes import Const, Item, Ref

PLACE = Span(1, 0, 1, 3)


def test_it_is_compared_by_its_fields() -> None:
    one = Item(Ref(("a", "b"), PLACE), Const(1, PLACE), PLACE)
    assert one == Item(Ref(("a", "b"), PLACE), Const(1, PLACE), PLACE)
    assert hash(one) == hash(Item(Ref(("a", "b"), PLACE), Const(1, PLACE), PLACE))
    assert one != Item(Ref(("a", "c"), PLACE), Const(1, PLACE), PLACE)
    assert Ref(("a",), PLACE) != Const("a", PLACE)
    assert one != (Ref(("a", "b"), PLACE), Const(1, PLACE), PLACE)


def test_it_is_shown_by_its_fields() -> None:
    shown = "Ref(parts=('a',), span=Span(line=1, column=0, end_line=1, end_column=3))"
    assert repr(Ref(("a",), PLACE)) == shown


@pytest.mark.parametrize("data", [Ref(("a",), PLACE), actions.Code("a", ())])
def test_it_has_nothing_but_its_fields(data: object) -> None:
    with pytest.raises(AttributeError):
        data.more = 1  # type: ignore[attr-defined]
