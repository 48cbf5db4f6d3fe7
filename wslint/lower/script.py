"""The plain-data form of a Python file: syntax with spans, which goes to and from JSON.

Nodes are never changed, but not frozen, as it takes twice the time to make a frozen one.
"""

from __future__ import annotations

from dataclasses import dataclass

from wslint.spans import Span

SCHEMA = 3


@dataclass(slots=True, unsafe_hash=True)
class Const:
    """A literal: str (f-strings are ``Op``), int, float, bool or None."""

    value: str | int | float | bool | None
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Ref:
    """A dotted name: ``a.b.c`` is ``("a", "b", "c")``."""

    parts: tuple[str, ...]
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Attr:
    """An attribute of something that is not a name: ``f().name``."""

    value: Expr
    name: str
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Arg:
    """An argument: ``keyword=value``, ``*value`` (star "*"), ``**value`` (star "**")."""

    value: Expr
    keyword: str = ""
    star: str = ""


@dataclass(slots=True, unsafe_hash=True)
class Call:
    """A call."""

    func: Expr
    args: tuple[Arg, ...]
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Seq:
    """A display: kind "tuple", "list" or "set"."""

    kind: str
    items: tuple[Expr, ...]
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Mapping:
    """A dict display; a key is None for ``**value``."""

    items: tuple[tuple[Expr | None, Expr], ...]
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Await:
    """``await value``."""

    value: Expr
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Yield:
    """``yield value`` or ``yield from value``."""

    value: Expr | None
    is_from: bool
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Param:
    """A parameter; kind "positional", "keyword", "*" or "**"."""

    name: str
    kind: str
    default: Expr | None
    annotation: Expr | None


@dataclass(slots=True, unsafe_hash=True)
class Lambda:
    """``lambda params: body``."""

    params: tuple[Param, ...]
    body: Expr
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Item:
    """``value[index]``."""

    value: Expr
    index: Expr
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Compare:
    """``left op right op right …``."""

    left: Expr
    ops: tuple[str, ...]
    rights: tuple[Expr, ...]
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Op:
    """Any other expression whose operands are evaluated in order, by its kind.

    "and", "or" (two or more), "not", "if" (test, then, else), "star", "binary", "unary",
    "format", "opaque" …
    """

    kind: str
    operands: tuple[Expr, ...]
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class CompFor:
    """One ``for target in iterable if …`` of a comprehension."""

    target: Expr
    iterable: Expr
    conditions: tuple[Expr, ...]
    is_async: bool


@dataclass(slots=True, unsafe_hash=True)
class Comp:
    """A comprehension: kind "list", "set", "dict" or "generator"; a dict's element is a Seq."""

    kind: str
    element: Expr
    loops: tuple[CompFor, ...]
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Walrus:
    """``name := value``."""

    name: str
    value: Expr
    span: Span


Expr = (Const | Ref | Attr | Call | Seq | Mapping | Await | Yield | Lambda | Item | Compare | Op
        | Comp | Walrus)  # fmt: skip


@dataclass(slots=True, unsafe_hash=True)
class Import:
    """One name of an import statement.

    ``import a.b as c``: module "a.b", name "". ``from ..m import x as y``: level 2, module "m",
    name "x". ``alias`` is what stands behind ``as``, else "".
    """

    module: str
    name: str
    alias: str
    level: int
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Assign:
    """``target = … = value``; a bare annotation has no value; ``x += v`` is augmented."""

    targets: tuple[Expr, ...]
    value: Expr | None
    annotation: Expr | None
    augmented: bool
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Do:
    """An expression statement."""

    value: Expr
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class WithItem:
    """``value as target``."""

    value: Expr
    target: Expr | None


@dataclass(slots=True, unsafe_hash=True)
class With:
    """``with`` and ``async with``."""

    items: tuple[WithItem, ...]
    is_async: bool
    body: Block
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Branch:
    """``if`` (two arms: then, else) and ``match`` (an arm a case; an empty last one: no case)."""

    test: Expr
    arms: tuple[Block, ...]
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Loop:
    """``for target in head`` and ``while head`` (no target)."""

    target: Expr | None
    head: Expr
    is_async: bool
    body: Block
    orelse: Block
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Handler:
    """``except type as name``."""

    type: Expr | None
    name: str
    body: Block
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Try:
    """``try``."""

    body: Block
    handlers: tuple[Handler, ...]
    orelse: Block
    final: Block
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Return:
    """``return``."""

    value: Expr | None
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Raise:
    """``raise``."""

    value: Expr | None
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Assert:
    """``assert``."""

    test: Expr
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Jump:
    """``break`` or ``continue``."""

    kind: str
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Declare:
    """``global`` or ``nonlocal``."""

    kind: str
    names: tuple[str, ...]
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Function:
    """A function definition; ``name_span`` is where a fix finds it."""

    name: str
    qualname: str
    is_async: bool
    is_generator: bool
    decorators: tuple[Expr, ...]
    params: tuple[Param, ...]
    returns: Expr | None
    body: Block
    name_span: Span
    span: Span


@dataclass(slots=True, unsafe_hash=True)
class Class:
    """A class definition."""

    name: str
    qualname: str
    bases: tuple[Expr, ...]
    decorators: tuple[Expr, ...]
    body: Block
    name_span: Span
    span: Span


Stmt = (Import | Assign | Do | With | Branch | Loop | Try | Return | Raise | Assert | Jump | Declare
        | Function | Class)  # fmt: skip
Block = tuple[Stmt, ...]


@dataclass(slots=True, unsafe_hash=True)
class Script:
    """A whole file."""

    body: Block
    schema: int = SCHEMA
