"""What a fix does to a file, as plain data.

Rules describe a fix with these actions; the ``fix`` stage turns each into a libcst transformer.
A node is named by the exact span it has in the source that was judged: functions and classes by
the span of their *name*, everything else by its own span.
"""

from __future__ import annotations

from dataclasses import dataclass

from wslint.spans import Span


@dataclass(frozen=True, slots=True)
class Symbol:
    """A library object that new code mentions.

    ``qualified`` is its full name. Where the file has no way to say it yet, ``from module import
    name`` is added, or ``import module`` where ``name`` is empty.

    >>> Symbol("unittest.mock.patch", module="unittest", name="mock")  # written mock.patch
    """

    qualified: str
    module: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """New source text.

    ``text`` is a ``str.format`` template. ``{a}``, ``{b}`` … stand for ``symbols`` in order, as
    the file can write them; ``{0}`` stands for the source of the node that is replaced.
    Literal braces are doubled.
    """

    text: str
    symbols: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True)
class AddDecorator:
    """Put ``@code`` on a function or class, at ``index`` of its decorators (-1: innermost).

    ``{0}`` in it stands for the expression at ``source``, where one is given.
    """

    path: str
    target: Span
    code: Code
    index: int = 0
    source: Span | None = None


@dataclass(frozen=True, slots=True)
class RemoveDecorator:
    """Take a decorator away; ``decorator`` is the span of its expression, without the ``@``."""

    path: str
    target: Span
    decorator: Span


@dataclass(frozen=True, slots=True)
class OrderDecorators:
    """Bring the decorators into a new order; ``order`` lists the old indices, outermost first."""

    path: str
    target: Span
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MakeSync:
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


@dataclass(frozen=True, slots=True)
class WrapBody:
    """Put the whole body of a function (behind its docstring) into ``with items:``.

    ``{0}`` in it stands for the expression at ``source``, where one is given.
    """

    path: str
    target: Span
    items: Code
    source: Span | None = None


@dataclass(frozen=True, slots=True)
class WrapStatement:
    """Put one statement into ``with items:``."""

    path: str
    statement: Span
    items: Code


@dataclass(frozen=True, slots=True)
class AssignToWith:
    """Turn ``name = EXPRESSION`` into ``with EXPRESSION as name:`` around the rest of its block."""

    path: str
    statement: Span


@dataclass(frozen=True, slots=True)
class YieldInsideWith:
    """Turn ``return X`` or ``yield X`` of a fixture into ``with X as name: yield name``.

    Where X is a plain name, ``with X: yield X``. A return annotation ``T`` becomes
    ``Iterator[T]`` where the function was not a generator before.
    """

    path: str
    statement: Span
    name: str


@dataclass(frozen=True, slots=True)
class ReplaceExpression:
    """Put ``code`` in the place of an expression; ``{0}`` in it stands for the old source."""

    path: str
    expression: Span
    code: Code


@dataclass(frozen=True, slots=True)
class BindResult:
    """Turn the statement ``EXPRESSION`` into ``target = EXPRESSION``."""

    path: str
    expression: Span
    target: str


@dataclass(frozen=True, slots=True)
class AddWithItem:
    """Put ``code`` (``expression as name``) before an item of a ``with``.

    ``item`` is the span of that item's context expression.
    """

    path: str
    item: Span
    code: Code


@dataclass(frozen=True, slots=True)
class NameWithItem:
    """Give an item of a ``with`` an ``as name``; ``item`` is as in AddWithItem."""

    path: str
    item: Span
    name: str


@dataclass(frozen=True, slots=True)
class RemoveWithItem:
    """Take an item out of a ``with``; the body of a ``with`` that has no other takes its place."""

    path: str
    item: Span


@dataclass(frozen=True, slots=True)
class EnterStatement:
    """Turn the statement ``EXPRESSION`` into ``with EXPRESSION: pass``."""

    path: str
    expression: Span


@dataclass(frozen=True, slots=True)
class TakeIntoWith:
    """Take what follows a ``with`` in its block into it, up to the statement ``last``."""

    path: str
    statement: Span
    last: Span


@dataclass(frozen=True, slots=True)
class ReturnToYield:
    """Turn ``return X`` of a fixture into ``yield X``, and its annotation into an iterator's."""

    path: str
    statement: Span


@dataclass(frozen=True, slots=True)
class RemoveArgument:
    """Take a keyword argument out of a call."""

    path: str
    call: Span
    keyword: str


@dataclass(frozen=True, slots=True)
class InsertStatement:
    """Put the statement(s) ``code`` on lines of their own, before or after a statement."""

    path: str
    statement: Span
    code: Code
    after: bool = True


@dataclass(frozen=True, slots=True)
class ReplaceStatement:
    """Put the statement(s) ``code`` in the place of one, which must hold no comment within."""

    path: str
    statement: Span
    code: Code


@dataclass(frozen=True, slots=True)
class AddFixture:
    """Put the function ``code`` at the end of a file, which may be new.

    Nothing happens where the file binds ``name`` already, as another fix may have seen to.
    """

    path: str
    name: str
    code: Code


@dataclass(frozen=True, slots=True)
class ReplaceComment:
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
