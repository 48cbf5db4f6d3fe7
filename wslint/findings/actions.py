"""Fix actions: the edits that a fix makes to a file, as plain data.

Rules describe a fix with these actions; ``wslint.fixes`` turns each into a libcst codemod.
"""

from __future__ import annotations

from dataclasses import dataclass

from wslint.findings.plain import Plain
from wslint.findings.span import Span

END_OF_FILE = Span(0, 0, 0, 0)


@dataclass(slots=True, repr=False, eq=False)
class Symbol(Plain):
    """A library object that new code refers to.

    ``qualified`` is its full name. If the file has no import for it yet, ``from module import
    name`` is added, or ``import module`` if ``name`` is empty. ``same_as`` are further names of the
    same object, under which the file may have imported it.

    >>> Symbol("unittest.mock.patch", module="unittest", name="mock")  # written mock.patch
    """

    qualified: str
    module: str
    name: str = ""
    same_as: tuple[str, ...] = ()


@dataclass(slots=True, repr=False, eq=False)
class Code(Plain):
    """New source text.

    ``text`` is a ``str.format`` template. ``{a}``, ``{b}`` … stand for ``symbols`` in order, as
    the file can refer to them; ``{0}`` stands for the source of the node that is replaced.
    Literal braces are doubled.
    """

    text: str
    symbols: tuple[Symbol, ...] = ()


@dataclass(slots=True, repr=False, eq=False)
class Action(Plain):
    """One edit of the file ``path``; ``place`` is the exact span of the node to change.

    A function or class is located by the span of its *name*, anything else by its own span.
    """

    path: str
    place: Span


@dataclass(slots=True, repr=False, eq=False)
class AddDecorator(Action):
    """Add ``@code`` to a function or class, at ``index`` of its decorators (-1: innermost).

    In ``code``, ``{0}`` stands for the expression at ``source``, if there is one.
    """

    code: Code
    index: int = 0
    source: Span | None = None


@dataclass(slots=True, repr=False, eq=False)
class RemoveDecorator(Action):
    """Remove a decorator; ``decorator`` is the span of its expression, without the ``@``."""

    decorator: Span


@dataclass(slots=True, repr=False, eq=False)
class OrderDecorators(Action):
    """Reorder the decorators; ``order`` lists the old indices, outermost first."""

    order: tuple[int, ...]


@dataclass(slots=True, repr=False, eq=False)
class MakeSync(Action):
    """Turn ``async def test(...): BODY`` into ``def test(...)`` that drives BODY.

    BODY becomes an inner coroutine function ``name``, run by ``adapter(name)()``. The docstring
    stays in the outer function. With ``from_sync`` the function is sync already, and other actions
    add awaits to BODY.
    """

    adapter: Code
    name: str
    from_sync: bool = False


@dataclass(slots=True, repr=False, eq=False)
class AddParameter(Action):
    """Add a parameter to a function that has none of that name, such as one for a fixture.

    It is annotated with ``type`` if the function's result is annotated.
    """

    name: str
    type: Symbol


@dataclass(slots=True, repr=False, eq=False)
class WrapBody(Action):
    """Wrap the body of a function (after its docstring) in ``with items:``.

    In ``code``, ``{0}`` stands for the expression at ``source``, if there is one.
    """

    items: Code
    source: Span | None = None


@dataclass(slots=True, repr=False, eq=False)
class WrapStatement(Action):
    """Wrap one statement in ``with items:``."""

    items: Code


@dataclass(slots=True, repr=False, eq=False)
class AssignToWith(Action):
    """Turn ``name = EXPRESSION`` into ``with EXPRESSION as name:`` around the rest of its block."""

    is_async: bool = False


@dataclass(slots=True, repr=False, eq=False)
class YieldInsideWith(Action):
    """Turn ``return X`` or ``yield X`` of a fixture into ``with X as name: yield name``.

    If X is a plain name: ``with X: yield X``. A return annotation ``T`` becomes
    ``Iterator[T]`` if the function was not a generator before.
    """

    name: str


@dataclass(slots=True, repr=False, eq=False)
class ReplaceExpression(Action):
    """Replace an expression with ``code``, in which ``{0}`` stands for the old source."""

    code: Code


@dataclass(slots=True, repr=False, eq=False)
class ReplaceCallee(Action):
    """Call ``code`` instead, with the same arguments; the place is that of the call."""

    code: Code


@dataclass(slots=True, repr=False, eq=False)
class RemoveAwait(Action):
    """Turn ``await EXPRESSION`` into ``EXPRESSION``."""


@dataclass(slots=True, repr=False, eq=False)
class BindResult(Action):
    """Turn the statement ``EXPRESSION`` into ``target = EXPRESSION``."""

    target: str


@dataclass(slots=True, repr=False, eq=False)
class AddWithItem(Action):
    """Insert ``code`` (``expression as name``) before an item of a ``with``.

    The place is that item's context expression.
    """

    code: Code


@dataclass(slots=True, repr=False, eq=False)
class NameWithItem(Action):
    """Add ``as name`` to an item of a ``with``; the place is as in AddWithItem.

    An empty name removes the one that is there.
    """

    name: str


@dataclass(slots=True, repr=False, eq=False)
class RemoveWithItem(Action):
    """Remove an item of a ``with``; if it is the only one, the body replaces the ``with``."""


@dataclass(slots=True, repr=False, eq=False)
class MoveToElse(Action):
    """Move the end of a ``try`` block, from the statement ``first`` on, to a new ``else``."""

    first: Span


@dataclass(slots=True, repr=False, eq=False)
class RemoveHandlers(Action):
    """Remove the handlers of a ``try``; their comments move above it.

    Its ``else`` goes to the end of its body, which replaces it if it has no ``finally``.
    """


@dataclass(slots=True, repr=False, eq=False)
class BoundLoop(Action):
    """Turn a loop without an end into ``for … in range(limit)``, after which ``failure`` runs.

    It is a ``while``, or a ``for`` over ``itertools.count()``.
    """

    limit: int
    failure: Code


@dataclass(slots=True, repr=False, eq=False)
class MakeWithSync(Action):
    """Turn ``async with`` into ``with``."""


@dataclass(slots=True, repr=False, eq=False)
class EnterStatement(Action):
    """Turn the statement ``EXPRESSION`` into ``with EXPRESSION: pass``."""

    is_async: bool = False


@dataclass(slots=True, repr=False, eq=False)
class TakeIntoWith(Action):
    """Move the statements that follow a ``with`` into it, up to the statement ``last``."""

    last: Span


@dataclass(slots=True, repr=False, eq=False)
class ReturnToYield(Action):
    """Turn ``return X`` of a fixture into ``yield X``, and adapt its annotation."""


@dataclass(slots=True, repr=False, eq=False)
class AddArgument(Action):
    """Add ``keyword=code`` to a call."""

    keyword: str
    code: Code


@dataclass(slots=True, repr=False, eq=False)
class RemoveArgument(Action):
    """Remove an argument from a call: by its keyword, or by its position if that is ""."""

    keyword: str
    position: int = 0


@dataclass(slots=True, repr=False, eq=False)
class InsertStatement(Action):
    """Insert the statement(s) ``code`` on lines of their own, before or after a statement.

    In ``code``, ``{0}``, ``{1}`` … stand for the expressions at ``sources``.
    """

    code: Code
    after: bool = True
    sources: tuple[Span, ...] = ()


@dataclass(slots=True, repr=False, eq=False)
class ReplaceStatement(Action):
    """Replace a statement with the statement(s) ``code``, and keep its comments.

    In ``code``, ``{0}`` stands for the statement or expression at ``source``, if there is one.
    """

    code: Code
    source: Span | None = None


@dataclass(slots=True, repr=False, eq=False)
class RemoveStatement(Action):
    """Remove a statement, unless nothing else is in its function.

    Its comments stay above what follows, or move above the statement ``heir`` around it.
    """

    heir: Span | None = None


@dataclass(slots=True, repr=False, eq=False)
class MoveStatement(Action):
    """Move a statement and the comments above it before the statement ``below``."""

    below: Span


@dataclass(slots=True, repr=False, eq=False)
class AddFixture(Action):
    """Append the function ``code`` at the END_OF_FILE; the file may be new.

    A file that already binds ``name`` (another fix may have added it) is left alone.
    """

    name: str
    code: Code


@dataclass(slots=True, repr=False, eq=False)
class ReplaceComment(Action):
    """Replace a comment, or a part of one, with ``text``; an empty text removes it."""

    text: str
