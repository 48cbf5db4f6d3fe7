"""The project's own context managers that swallow exceptions, as ``contextlib.suppress`` does."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.syntax import nodes as s
from wslint.syntax.search import statements, walk
from wslint.timeline.interpreter.statements import yields
from wslint.vocabulary import LOGS


def swallowed(function: s.Function | s.Lambda) -> list[s.Expr]:
    """Return the exceptions that an ``__exit__``, or a generator at its ``yield``, swallows.

    There are none if it may do anything else about them, so that the test can notice.
    """
    if isinstance(function, s.Lambda) or not function.body:
        return []
    return list(_at_yield(function.body) if function.is_generator else _at_exit(function))


def _at_exit(function: s.Function) -> Iterator[s.Expr]:
    *before, last = function.body
    value = last.value if isinstance(last, s.Return) else None
    if value is None or not _only_logs(tuple(before)):
        return
    if isinstance(value, s.Op) and value.kind == "and" and _is_there(value.operands[0]):
        value = value.operands[-1]
    names = {(param.name,) for param in function.params}
    if _is_there(value) or (isinstance(value, s.Const) and value.value is True):
        yield _everything(last)
    elif isinstance(value, s.Call) and len(value.args) == 2 and isinstance(value.func, s.Ref):
        given, kind = (arg.value for arg in value.args)
        is_own = isinstance(given, s.Ref) and given.parts in names
        if is_own and value.func.parts in {("isinstance",), ("issubclass",)}:
            yield kind


def _at_yield(body: s.Block) -> Iterator[s.Expr]:
    tries = [one for one in statements(body) if isinstance(one, s.Try) and yields(one.body)]
    catching = [one for one in tries if one.handlers]
    if len(catching) != 1 or catching[0].orelse:
        return
    (tried,) = catching
    if not all(_only_logs(handler.body) for handler in tried.handlers):
        return
    # what comes after it may check what has happened
    checked = (s.Assert, s.Raise, s.Call)
    after = [one for one in statements(body) if one.span.line > tried.span.end_line]
    if any(isinstance(node, checked) for node in walk(tuple(after))):
        return
    if any(isinstance(node, (s.Assert, s.Raise)) for node in walk(tried.final)):
        return
    for handler in tried.handlers:
        yield _everything(handler) if handler.type is None else handler.type


def _everything(node: s.Stmt | s.Handler) -> s.Expr:
    return s.Ref(("BaseException",), node.span)


def _is_there(expr: s.Expr) -> bool:
    """Return whether an expression is ``name is not None``."""
    right = expr.rights[0] if isinstance(expr, s.Compare) and expr.ops == ("is not",) else None
    return isinstance(right, s.Const) and right.value is None


def _only_logs(body: s.Block) -> bool:
    """Return whether statements do nothing but log, in some cases or always."""
    return all(map(_is_log, body))


def _is_log(statement: s.Stmt) -> bool:
    if isinstance(statement, s.Branch):
        return all(map(_only_logs, statement.arms))
    if isinstance(statement, s.Return):
        return statement.value is None
    value = statement.value if isinstance(statement, s.Do) else None
    func = value.func if isinstance(value, s.Call) else None
    is_call = isinstance(func, s.Ref) and func.parts[-1] in LOGS
    return is_call or isinstance(value, (s.Const, s.Op))
