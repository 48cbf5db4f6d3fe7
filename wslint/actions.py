"""What a fix does to a file, as plain data.

Rules describe a fix with these actions; the ``fix`` stage turns each into a libcst transformer.
A node is named by the exact span it has in the source that was judged: functions and classes by
the span of their *name*, everything else by its own span.
"""

from __future__ import annotations

from dataclasses import dataclass

from wslint.plain import Plain
from wslint.spans import Span


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
class AddDecorator(Plain):
    """Put ``@code`` on a function or class, at ``index`` of its decorators (-1: innermost).

    ``{0}`` in it stands for the expression at ``source``, where one is given.
    """

    path: str
    target: Span
    code: Code
    index: int = 0
    source: Span | None = None


@dataclass(slots=True, repr=False, eq=False)
class RemoveDecorator(Plain):
    """Take a decorator away; ``decorator`` is the span of its expression, without the ``@``."""

    path: str
    target: Span
    decorator: Span


@dataclass(slots=True, repr=False, eq=False)
class OrderDecorators(Plain):
    """Bring the decorators into a new order; ``order`` lists the old indices, outermost first."""

    path: str
    target: Span
    order: tuple[int, ...]


@dataclass(slots=True, repr=False, eq=False)
class MakeSync(Plain):
    """Turn ``async def test(...): BODY`` into ``def test(...)`` that drives BODY.

    BODY becomes an inner coroutine function ``name``, run by ``adapter(name)()``. The docstring
    stays in the outer function. With ``from_sync`` the function is sync already, and other actions
    put awaits into BODY.
    """

    path: str
    target: Span
    adapter: Code
    name: str
    from_sync: bool = False


@dataclass(slots=True, repr=False, eq=False)
class WrapBody(Plain):
    """Put the whole body of a function (behind its docstring) into ``with items:``.

    ``{0}`` in it stands for the expression at ``source``, where one is given.
    """

    path: str
    target: Span
    items: Code
    source: Span | None = None


@dataclass(slots=True, repr=False, eq=False)
class WrapStatement(Plain):
    """Put one statement into ``with items:``."""

    path: str
    statement: Span
    items: Code


@dataclass(slots=True, repr=False, eq=False)
class AssignToWith(Plain):
    """Turn ``name = EXPRESSION`` into ``with EXPRESSION as name:`` around the rest of its block."""

    path: str
    statement: Span


@dataclass(slots=True, repr=False, eq=False)
class YieldInsideWith(Plain):
    """Turn ``return X`` or ``yield X`` of a fixture into ``with X as name: yield name``.

    Where X is a plain name, ``with X: yield X``. A return annotation ``T`` becomes
    ``Iterator[T]`` where the function was not a generator before.
    """

    path: str
    statement: Span
    name: str


@dataclass(slots=True, repr=False, eq=False)
class ReplaceExpression(Plain):
    """Put ``code`` in the place of an expression; ``{0}`` in it stands for the old source."""

    path: str
    expression: Span
    code: Code


@dataclass(slots=True, repr=False, eq=False)
class BindResult(Plain):
    """Turn the statement ``EXPRESSION`` into ``target = EXPRESSION``."""

    path: str
    expression: Span
    target: str


@dataclass(slots=True, repr=False, eq=False)
class AddWithItem(Plain):
    """Put ``code`` (``expression as name``) before an item of a ``with``.

    ``item`` is the span of that item's context expression.
    """

    path: str
    item: Span
    code: Code


@dataclass(slots=True, repr=False, eq=False)
class NameWithItem(Plain):
    """Give an item of a ``with`` an ``as name``; ``item`` is as in AddWithItem."""

    path: str
    item: Span
    name: str


@dataclass(slots=True, repr=False, eq=False)
class RemoveWithItem(Plain):
    """Take an item out of a ``with``; the body of a ``with`` that has no other takes its place."""

    path: str
    item: Span


@dataclass(slots=True, repr=False, eq=False)
class EnterStatement(Plain):
    """Turn the statement ``EXPRESSION`` into ``with EXPRESSION: pass``."""

    path: str
    expression: Span


@dataclass(slots=True, repr=False, eq=False)
class TakeIntoWith(Plain):
    """Take what follows a ``with`` in its block into it, up to the statement ``last``."""

    path: str
    statement: Span
    last: Span


@dataclass(slots=True, repr=False, eq=False)
class ReturnToYield(Plain):
    """Turn ``return X`` of a fixture into ``yield X``, and its annotation into an iterator's."""

    path: str
    statement: Span


@dataclass(slots=True, repr=False, eq=False)
class RemoveArgument(Plain):
    """Take a keyword argument out of a call."""

    path: str
    call: Span
    keyword: str


@dataclass(slots=True, repr=False, eq=False)
class InsertStatement(Plain):
    """Put the statement(s) ``code`` on lines of their own, before or after a statement."""

    path: str
    statement: Span
    code: Code
    after: bool = True


@dataclass(slots=True, repr=False, eq=False)
class ReplaceStatement(Plain):
    """Put the statement(s) ``code`` in the place of one, which must hold no comment within."""

    path: str
    statement: Span
    code: Code


@dataclass(slots=True, repr=False, eq=False)
class AddFixture(Plain):
    """Put the function ``code`` at the end of a file, which may be new.

    Nothing happens where the file binds ``name`` already, as another fix may have seen to.
    """

    path: str
    name: str
    code: Code


@dataclass(slots=True, repr=False, eq=False)
class ReplaceComment(Plain):
    """Put ``text`` in the place of a comment, or a part of one; without text it goes away."""

    path: str
    target: Span
    text: str


Action = (
    AddDecorator
    | RemoveDecorator
    | OrderDecorators
    | MakeSync
    | WrapBody
    | WrapStatement
    | AssignToWith
    | YieldInsideWith
    | ReplaceExpression
    | BindResult
    | AddWithItem
    | NameWithItem
    | RemoveWithItem
    | EnterStatement
    | TakeIntoWith
    | ReturnToYield
    | RemoveArgument
    | InsertStatement
    | ReplaceStatement
    | AddFixture
    | ReplaceComment
)
