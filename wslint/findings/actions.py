"""What a fix does to a file, as plain data.

Rules describe a fix with these actions; the ``fix`` stage turns each into a libcst transformer.
"""

from __future__ import annotations

from dataclasses import dataclass

from wslint.findings.plain import Plain
from wslint.findings.span import Span

END_OF_FILE = Span(0, 0, 0, 0)


@dataclass(slots=True, repr=False, eq=False)
class Symbol(Plain):
    """A library object that new code mentions.

    ``qualified`` is its full name. Where the file has no way to say it yet, ``from module import
    name`` is added, or ``import module`` where ``name`` is empty.

    >>> Symbol("unittest.mock.patch", module="unittest", name="mock")  # written mock.patch
    """

    qualified: str
    module: str
    name: str = ""


@dataclass(slots=True, repr=False, eq=False)
class Code(Plain):
    """New source text.

    ``text`` is a ``str.format`` template. ``{a}``, ``{b}`` … stand for ``symbols`` in order, as
    the file can write them; ``{0}`` stands for the source of the node that is replaced.
    Literal braces are doubled.
    """

    text: str
    symbols: tuple[Symbol, ...] = ()


@dataclass(slots=True, repr=False, eq=False)
class Action(Plain):
    """One change of the file ``path`` at ``place``, the exact span of a node as it was judged.

    A function or class is named by the span of its *name*, everything else by its own span.
    """

    path: str
    place: Span


@dataclass(slots=True, repr=False, eq=False)
class AddDecorator(Action):
    """Put ``@code`` on a function or class, at ``index`` of its decorators (-1: innermost).

    ``{0}`` in it stands for the expression at ``source``, where one is given.
    """

    code: Code
    index: int = 0
    source: Span | None = None


@dataclass(slots=True, repr=False, eq=False)
class RemoveDecorator(Action):
    """Take a decorator away; ``decorator`` is the span of its expression, without the ``@``."""

    decorator: Span


@dataclass(slots=True, repr=False, eq=False)
class OrderDecorators(Action):
    """Bring the decorators into a new order; ``order`` lists the old indices, outermost first."""

    order: tuple[int, ...]


@dataclass(slots=True, repr=False, eq=False)
class MakeSync(Action):
    """Turn ``async def test(...): BODY`` into ``def test(...)`` that drives BODY.

    BODY becomes an inner coroutine function ``name``, run by ``adapter(name)()``. The docstring
    stays in the outer function. With ``from_sync`` the function is sync already, and other actions
    put awaits into BODY.
    """

    adapter: Code
    name: str
    from_sync: bool = False


@dataclass(slots=True, repr=False, eq=False)
class WrapBody(Action):
    """Put the whole body of a function (behind its docstring) into ``with items:``.

    ``{0}`` in it stands for the expression at ``source``, where one is given.
    """

    items: Code
    source: Span | None = None


@dataclass(slots=True, repr=False, eq=False)
class WrapStatement(Action):
    """Put one statement into ``with items:``."""

    items: Code


@dataclass(slots=True, repr=False, eq=False)
class AssignToWith(Action):
    """Turn ``name = EXPRESSION`` into ``with EXPRESSION as name:`` around the rest of its block."""


@dataclass(slots=True, repr=False, eq=False)
class YieldInsideWith(Action):
    """Turn ``return X`` or ``yield X`` of a fixture into ``with X as name: yield name``.

    Where X is a plain name, ``with X: yield X``. A return annotation ``T`` becomes
    ``Iterator[T]`` where the function was not a generator before.
    """

    name: str


@dataclass(slots=True, repr=False, eq=False)
class ReplaceExpression(Action):
    """Put ``code`` in the place of an expression; ``{0}`` in it stands for the old source."""

    code: Code


@dataclass(slots=True, repr=False, eq=False)
class BindResult(Action):
    """Turn the statement ``EXPRESSION`` into ``target = EXPRESSION``."""

    target: str


@dataclass(slots=True, repr=False, eq=False)
class AddWithItem(Action):
    """Put ``code`` (``expression as name``) before an item of a ``with``.

    The place is that item's context expression.
    """

    code: Code


@dataclass(slots=True, repr=False, eq=False)
class NameWithItem(Action):
    """Give an item of a ``with`` an ``as name``; the place is as in AddWithItem."""

    name: str


@dataclass(slots=True, repr=False, eq=False)
class RemoveWithItem(Action):
    """Take an item out of a ``with``; the body of a ``with`` that has no other takes its place."""


@dataclass(slots=True, repr=False, eq=False)
class EnterStatement(Action):
    """Turn the statement ``EXPRESSION`` into ``with EXPRESSION: pass``."""


@dataclass(slots=True, repr=False, eq=False)
class TakeIntoWith(Action):
    """Take what follows a ``with`` in its block into it, up to the statement ``last``."""

    last: Span


@dataclass(slots=True, repr=False, eq=False)
class ReturnToYield(Action):
    """Turn ``return X`` of a fixture into ``yield X``, and its annotation into an iterator's."""


@dataclass(slots=True, repr=False, eq=False)
class RemoveArgument(Action):
    """Take a keyword argument out of a call."""

    keyword: str


@dataclass(slots=True, repr=False, eq=False)
class InsertStatement(Action):
    """Put the statement(s) ``code`` on lines of their own, before or after a statement."""

    code: Code
    after: bool = True


@dataclass(slots=True, repr=False, eq=False)
class ReplaceStatement(Action):
    """Put the statement(s) ``code`` in the place of one, which must hold no comment within."""

    code: Code


@dataclass(slots=True, repr=False, eq=False)
class AddFixture(Action):
    """Put the function ``code`` at the END_OF_FILE, which may be new.

    Nothing happens where the file binds ``name`` already, as another fix may have seen to.
    """

    name: str
    code: Code


@dataclass(slots=True, repr=False, eq=False)
class ReplaceComment(Action):
    """Put ``text`` in the place of a comment, or a part of one; without text it goes away."""

    text: str
