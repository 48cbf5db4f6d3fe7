"""Questions about pieces of code: names, decorators, ``with`` items and blocks."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.syntax.search import refs, statements, walk


def dotted(expr: object) -> tuple[str, ...]:
    """Return the parts of a dotted name, () for any other expression."""
    return expr.parts if isinstance(expr, s.Ref) else ()


def callee(expr: object) -> tuple[str, ...]:
    """Return the parts of the name that is called; a name that isn't called stands for itself.

    So that is the name of a decorator, with or without arguments.
    """
    return dotted(expr.func if isinstance(expr, s.Call) else expr)


def called_name(expr: object) -> str:
    """Return the last name of what is called, awaited or not; "" if nothing is."""
    expr = expr.value if isinstance(expr, s.Await) else expr
    func = expr.func if isinstance(expr, s.Call) else None
    return func.name if isinstance(func, s.Attr) else "".join(dotted(func)[-1:])


def simple_name(expr: object) -> str:
    """Return a name without dots, "" for any other expression."""
    parts = dotted(expr)
    return parts[0] if len(parts) == 1 else ""


def keyword_of(call: object, name: str) -> s.Expr | None:
    """Return the argument that a call gives by a keyword, None if there is none."""
    args = call.args if isinstance(call, s.Call) else ()
    return next((arg.value for arg in args if arg.keyword == name), None)


def is_name(expr: object, name: str) -> bool:
    """Return whether an expression is this name without dots."""
    return dotted(expr) == (name,)


def is_decorated(function: s.Function, *names: str) -> bool:
    """Return whether a decorator's last name is one of these."""
    return any(callee(decorator)[-1:] in {(name,) for name in names}
               for decorator in function.decorators)  # fmt: skip


def index_at(exprs: tuple[s.Expr, ...], span: Span) -> int | None:
    """Return the index of the expression with this span."""
    return next((number for number, expr in enumerate(exprs) if expr.span == span), None)


def assigned_name(statement: object) -> str:
    """Return the one name without dots that a statement assigns to, "" otherwise."""
    if isinstance(statement, s.Assign) and len(statement.targets) == 1:
        return simple_name(statement.targets[0])
    return ""


def names_assigned(statement: s.Stmt) -> set[str]:
    """Return the names without dots that a statement assigns to."""
    targets = statement.targets if isinstance(statement, s.Assign) else ()
    return {ref.parts[0] for ref in refs(targets) if len(ref.parts) == 1}


def values_assigned(function: s.Function, name: tuple[str, ...]) -> list[s.Expr | None]:
    """Return what a function assigns to a dotted name; None for what isn't known."""
    found: list[s.Expr | None] = []
    for one in statements(function.body):
        if isinstance(one, s.Assign) and one.value is not None:
            for target in one.targets:
                if dotted(target) == name:
                    found.append(None if one.augmented else one.value)
                elif any(ref.parts == name for ref in refs(_parts(target))):
                    found.append(None)
        elif isinstance(one, s.Loop) and any(ref.parts == name for ref in refs(one.target)):
            found.append(None)
    return found


def _parts(target: s.Expr) -> tuple[s.Expr, ...]:
    """Return the targets in ``a, b = …``."""
    return target.items if isinstance(target, s.Seq) else ()


def call_in(statement: s.Stmt) -> s.Call | None:
    """Return the call that a statement makes, awaited or not, with or without an assignment."""
    value = statement.value if isinstance(statement, (s.Do, s.Assign)) else None
    value = value.value if isinstance(value, s.Await) else value
    return value if isinstance(value, s.Call) else None


def with_item(statement: object, span: Span) -> s.WithItem | None:
    """Return the item of a ``with`` statement whose expression has this span."""
    items = statement.items if isinstance(statement, s.With) else ()
    return next((item for item in items if item.value.span == span), None)


def blocks_of(statement: s.Stmt) -> list[s.Block]:
    """Return the blocks of a compound statement."""
    if isinstance(statement, (s.With, s.Function, s.Class)):
        return [statement.body]
    if isinstance(statement, s.Loop):
        return [statement.body, statement.orelse]
    if isinstance(statement, s.Branch):
        return list(statement.arms)
    if isinstance(statement, s.Try):
        handlers = [handler.body for handler in statement.handlers]
        return [statement.body, *handlers, statement.orelse, statement.final]
    return []


def block_of(body: s.Block, wanted: s.Stmt) -> s.Block:
    """Return the innermost block in a body that has a statement, () if none has."""
    if any(statement is wanted for statement in body):
        return body
    found = (block_of(block, wanted) for one in body for block in blocks_of(one))
    return next(filter(None, found), ())


def position(block: s.Block, wanted: s.Stmt | None) -> int | None:
    """Return the index of a statement in a block, None if it isn't there or is deeper in it."""
    return next((number for number, one in enumerate(block) if one is wanted), None)


def calls_underscore(body: s.Block) -> bool:
    """Return whether a body calls ``_``, as gettext, which must then keep its meaning."""
    return any(isinstance(node, s.Call) and callee(node) == ("_",) for node in walk(body))


def caught_names(handler: s.Handler) -> frozenset[str]:
    """Return the names of the exceptions that an ``except`` catches, without their modules."""
    given = handler.type
    if given is None:
        return frozenset(("BaseException",))
    kinds = given.items if isinstance(given, s.Seq) else (given,)
    return frozenset(name for kind in kinds for name in dotted(kind)[-1:])


def inner_blocks(statement: s.Stmt) -> list[s.Block]:
    """Return the blocks of a compound statement that run as part of the code around it."""
    return [] if isinstance(statement, (s.Function, s.Class)) else blocks_of(statement)


def leaves(body: s.Block) -> bool:
    """Return whether a block has a way out of the code around it."""
    return any(
        isinstance(statement, (s.Return, s.Raise, s.Jump))
        or any(map(leaves, inner_blocks(statement)))
        for statement in body
    )


def goes_elsewhere(body: s.Block) -> bool:
    """Return whether a block has a way out of the code around it that is no failure."""
    return any(isinstance(one, s.Return) for one in statements(body)) or _jumps(body)


def _jumps(body: s.Block) -> bool:
    return any(
        isinstance(one, s.Jump)
        or (not isinstance(one, s.Loop) and any(map(_jumps, inner_blocks(one))))
        for one in body
    )


def is_endless(loop: s.Loop) -> bool:
    """Return whether a loop is ``while True``."""
    return loop.target is None and isinstance(loop.head, s.Const) and bool(loop.head.value)


def sure_statements(body: s.Block) -> Iterator[s.Stmt]:
    """Yield the statements that run whatever the conditions are."""
    for statement in body:
        if isinstance(statement, (s.With, s.Try)):
            yield from sure_statements(statement.body)
        else:
            yield statement


def methods_of(node: object) -> dict[str, s.Function]:
    """Return the methods of a class by name."""
    body = node.body if isinstance(node, s.Class) else ()
    return {one.name: one for one in body if isinstance(one, s.Function)}
