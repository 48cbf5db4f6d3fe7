"""The plain-data form of a Python file: syntax nodes with spans.

Nodes are never changed. They aren't frozen dataclasses, as creating those takes twice the time.
"""

from __future__ import annotations

from dataclasses import dataclass

from wslint.findings.plain import Plain
from wslint.findings.span import Span

SCHEMA = 4


@dataclass(slots=True, repr=False, eq=False)
class Const(Plain):
    """A literal: str (f-strings are ``Op``), bytes, int, float, bool or None."""

    value: str | bytes | int | float | bool | None
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Ref(Plain):
    """A dotted name: ``a.b.c`` is ``("a", "b", "c")``."""

    parts: tuple[str, ...]
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Attr(Plain):
    """An attribute of something that is not a name: ``f().name``."""

    value: Expr
    name: str
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Arg(Plain):
    """An argument: ``keyword=value``, ``*value`` (star "*"), ``**value`` (star "**")."""

    value: Expr
    keyword: str = ""
    star: str = ""


@dataclass(slots=True, repr=False, eq=False)
class Call(Plain):
    """A call."""

    func: Expr
    args: tuple[Arg, ...]
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Seq(Plain):
    """A display: kind "tuple", "list" or "set"."""

    kind: str
    items: tuple[Expr, ...]
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Mapping(Plain):
    """A dict display; a key is None for ``**value``."""

    items: tuple[tuple[Expr | None, Expr], ...]
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Await(Plain):
    """``await value``."""

    value: Expr
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Yield(Plain):
    """``yield value`` or ``yield from value``."""

    value: Expr | None
    is_from: bool
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Param(Plain):
    """A parameter; kind "positional", "keyword", "*" or "**"."""

    name: str
    kind: str
    default: Expr | None
    annotation: Expr | None


@dataclass(slots=True, repr=False, eq=False)
class Lambda(Plain):
    """``lambda params: body``."""

    params: tuple[Param, ...]
    body: Expr
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Item(Plain):
    """``value[index]``."""

    value: Expr
    index: Expr
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Compare(Plain):
    """``left op right op right …``."""

    left: Expr
    ops: tuple[str, ...]
    rights: tuple[Expr, ...]
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Op(Plain):
    """Any other expression: its kind, and its operands in evaluation order.

    "and", "or", "not", "if" (test, then, else), "star", "add", "binary", "unary", "format",
    "opaque" …
    """

    kind: str
    operands: tuple[Expr, ...]
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class CompFor(Plain):
    """One ``for target in iterable if …`` of a comprehension."""

    target: Expr
    iterable: Expr
    conditions: tuple[Expr, ...]
    is_async: bool


@dataclass(slots=True, repr=False, eq=False)
class Comp(Plain):
    """A comprehension: kind "list", "set", "dict" or "generator"; a dict's element is a Seq."""

    kind: str
    element: Expr
    loops: tuple[CompFor, ...]
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Walrus(Plain):
    """``name := value``."""

    name: str
    value: Expr
    span: Span


Expr = (Const | Ref | Attr | Call | Seq | Mapping | Await | Yield | Lambda | Item | Compare
        | Op | Comp | Walrus)  # fmt: skip


@dataclass(slots=True, repr=False, eq=False)
class Import(Plain):
    """One name of an import statement.

    ``import a.b as c``: module "a.b", name "". ``from ..m import x as y``: level 2, module "m",
    name "x". ``alias`` is the name after ``as``, or "".
    """

    module: str
    name: str
    alias: str
    level: int
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Assign(Plain):
    """``target = … = value``; a bare annotation has no value; ``x += v`` is augmented."""

    targets: tuple[Expr, ...]
    value: Expr | None
    annotation: Expr | None
    augmented: bool
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Do(Plain):
    """An expression statement."""

    value: Expr
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class WithItem(Plain):
    """``value as target``."""

    value: Expr
    target: Expr | None


@dataclass(slots=True, repr=False, eq=False)
class With(Plain):
    """``with`` and ``async with``."""

    items: tuple[WithItem, ...]
    is_async: bool
    body: Block
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Branch(Plain):
    """``if`` (two arms: then, else); a ``match`` that is no chain of these has an arm per case."""

    test: Expr
    arms: tuple[Block, ...]
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Loop(Plain):
    """``for target in head`` and ``while head`` (no target)."""

    target: Expr | None
    head: Expr
    is_async: bool
    body: Block
    orelse: Block
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Handler(Plain):
    """``except type as name``."""

    type: Expr | None
    name: str
    body: Block
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Try(Plain):
    """``try``."""

    body: Block
    handlers: tuple[Handler, ...]
    orelse: Block
    final: Block
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Return(Plain):
    """``return``."""

    value: Expr | None
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Raise(Plain):
    """``raise``."""

    value: Expr | None
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Assert(Plain):
    """``assert``."""

    test: Expr
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Jump(Plain):
    """``break`` or ``continue``."""

    kind: str
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Declare(Plain):
    """``global`` or ``nonlocal``."""

    kind: str
    names: tuple[str, ...]
    span: Span


@dataclass(slots=True, repr=False, eq=False)
class Function(Plain):
    """A function definition; fixes locate it by ``name_span``. The docstring is not in the body."""

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
    docstring: str = ""


@dataclass(slots=True, repr=False, eq=False)
class Class(Plain):
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


@dataclass(slots=True, repr=False, eq=False)
class Script(Plain):
    """A whole file."""

    body: Block
    schema: int = SCHEMA
