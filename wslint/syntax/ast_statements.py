"""Statements of ``ast`` to ``Script`` statements: the same as those made of libcst's.

libcst is ten times slower, so a file is judged by what this module makes of it; only tests with
findings are then read with libcst, and what is reported is what is found there.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.syntax.ast_expressions import AstExpressions

_NAME = re.compile(r"(?:async(?:\s|\\\r?\n)+)?(?:def|class)(?:\s|\\\r?\n)+(\w+)")


class AstStatements(AstExpressions):
    """Lowers the statements of one file, whose ``lines`` are given without their ends."""

    def __init__(self, lines: list[str], column: Callable[[int, int], int] | None) -> None:
        super().__init__(column)
        self.lines = lines
        self.scopes: list[str] = []

    def block(self, body: Iterable[ast.stmt]) -> s.Block:
        """Lower the statements of a suite, or of a whole module."""
        found: list[s.Stmt] = []
        for node in body:
            handler = _HANDLERS.get(type(node))
            if handler is not None:
                handler(self, node, found)
        return tuple(found)

    def _expression(self, node: ast.Expr, found: list[s.Stmt]) -> None:
        value = node.value
        if not (isinstance(value, ast.Constant) and isinstance(value.value, (str, bytes))):
            found.append(s.Do(self.lower(value), self.span(node)))

    def _assign(self, node: ast.Assign, found: list[s.Stmt]) -> None:
        targets = tuple(self.lower(target) for target in node.targets)
        found.append(s.Assign(targets, self.lower(node.value), None, False, self.span(node)))

    def _annotated(self, node: ast.AnnAssign, found: list[s.Stmt]) -> None:
        annotation, value = self.lower(node.annotation), self.maybe(node.value)
        target = (self.lower(node.target),)
        found.append(s.Assign(target, value, annotation, False, self.span(node)))

    def _augmented(self, node: ast.AugAssign, found: list[s.Stmt]) -> None:
        target = (self.lower(node.target),)
        found.append(s.Assign(target, self.lower(node.value), None, True, self.span(node)))

    def _delete(self, node: ast.Delete, found: list[s.Stmt]) -> None:
        span = self.span(node)
        targets = tuple(self.lower(target) for target in node.targets)
        target = targets[0] if len(targets) == 1 else s.Seq("tuple", targets, targets[0].span)
        found.append(s.Do(s.Op("delete", (target,), span), span))

    def _return(self, node: ast.Return, found: list[s.Stmt]) -> None:
        found.append(s.Return(self.maybe(node.value), self.span(node)))

    def _raise(self, node: ast.Raise, found: list[s.Stmt]) -> None:
        found.append(s.Raise(self.maybe(node.exc), self.span(node)))

    def _assert(self, node: ast.Assert, found: list[s.Stmt]) -> None:
        found.append(s.Assert(self.lower(node.test), self.span(node)))

    def _jump(self, node: ast.Break | ast.Continue, found: list[s.Stmt]) -> None:
        found.append(s.Jump(type(node).__name__.lower(), self.span(node)))

    def _declare(self, node: ast.Global | ast.Nonlocal, found: list[s.Stmt]) -> None:
        kind = type(node).__name__.lower()
        found.append(s.Declare(kind, tuple(node.names), self.span(node)))

    def _import(self, node: ast.Import, found: list[s.Stmt]) -> None:
        span = self.span(node)
        found += [s.Import(one.name, "", one.asname or "", 0, span) for one in node.names]

    def _import_from(self, node: ast.ImportFrom, found: list[s.Stmt]) -> None:
        module, level, span = node.module or "", node.level, self.span(node)
        found += [s.Import(module, one.name, one.asname or "", level, span) for one in node.names]

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, found: list[s.Stmt]) -> None:
        decorators = tuple(self.lower(decorator) for decorator in node.decorator_list)
        params, returns = self.params(node.args), self.maybe(node.returns)
        qualname = ".".join([*self.scopes, node.name])
        self.scopes += [node.name, "<locals>"]
        self.yields.append(False)
        body = self.block(node.body)
        is_generator = self.yields.pop()
        del self.scopes[-2:]
        is_async = isinstance(node, ast.AsyncFunctionDef)
        span = self.span(node)
        name_span = self._name_span(span)
        found.append(
            s.Function(
                node.name, qualname, is_async, is_generator, decorators, params, returns, body,
                name_span, span,
            )
        )  # fmt: skip

    def _class(self, node: ast.ClassDef, found: list[s.Stmt]) -> None:
        decorators = tuple(self.lower(decorator) for decorator in node.decorator_list)
        bases = tuple(
            self.lower(base.value if isinstance(base, ast.Starred) else base) for base in node.bases
        )
        qualname = ".".join([*self.scopes, node.name])
        self.scopes.append(node.name)
        body = self.block(node.body)
        self.scopes.pop()
        span = self.span(node)
        name_span = self._name_span(span)
        found.append(s.Class(node.name, qualname, bases, decorators, body, name_span, span))

    def _name_span(self, span: Span) -> Span:
        """Find the name of a function or class, whose place ``ast`` does not give."""
        line, column = span[:2]
        match = _NAME.match(self.lines[line - 1], column)
        if match is None:  # the line goes on behind a backslash
            text = "\n".join(self.lines[line - 1 : span.end_line])
            match = _NAME.match(text, column)
            if match is None:
                return span
            before = text[: match.start(1)]
            line += before.count("\n")
            start = match.start(1) - (before.rfind("\n") + 1)
            return Span(line, start, line, start + len(match[1]))
        return Span(line, match.start(1), line, match.end(1))

    def _with(self, node: ast.With | ast.AsyncWith, found: list[s.Stmt]) -> None:
        items = tuple(
            s.WithItem(self.lower(item.context_expr), self.maybe(item.optional_vars))
            for item in node.items
        )
        is_async = isinstance(node, ast.AsyncWith)
        found.append(s.With(items, is_async, self.block(node.body), self.span(node)))

    def _if(self, node: ast.If, found: list[s.Stmt]) -> None:
        test, then, orelse = self.lower(node.test), self.block(node.body), self.block(node.orelse)
        found.append(s.Branch(test, (then, orelse), self.span(node)))

    def _match(self, node: ast.Match, found: list[s.Stmt]) -> None:
        arms = [self.block(case.body) for case in node.cases]
        last = node.cases[-1]
        catches_all = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
        if not (catches_all and last.guard is None):
            arms.append(())
        found.append(s.Branch(self.lower(node.subject), tuple(arms), self.span(node)))

    def _for(self, node: ast.For | ast.AsyncFor, found: list[s.Stmt]) -> None:
        target, head = self.lower(node.target), self.lower(node.iter)
        orelse, is_async = self.block(node.orelse), isinstance(node, ast.AsyncFor)
        body = self.block(node.body)
        found.append(s.Loop(target, head, is_async, body, orelse, self.span(node)))

    def _while(self, node: ast.While, found: list[s.Stmt]) -> None:
        head, body, orelse = self.lower(node.test), self.block(node.body), self.block(node.orelse)
        found.append(s.Loop(None, head, False, body, orelse, self.span(node)))

    def _try(self, node: Any, found: list[s.Stmt]) -> None:
        body = self.block(node.body)
        handlers = tuple(
            s.Handler(
                self.maybe(handler.type),
                handler.name or "",
                self.block(handler.body),
                self.span(handler),
            )
            for handler in node.handlers
        )
        orelse, final = self.block(node.orelse), self.block(node.finalbody)
        found.append(s.Try(body, handlers, orelse, final, self.span(node)))


_L = AstStatements
_HANDLERS: dict[type[ast.stmt], Callable[[AstStatements, Any, list[s.Stmt]], None]] = {
    ast.Expr: _L._expression,
    ast.Assign: _L._assign,
    ast.AnnAssign: _L._annotated,
    ast.AugAssign: _L._augmented,
    ast.Delete: _L._delete,
    ast.Return: _L._return,
    ast.Raise: _L._raise,
    ast.Assert: _L._assert,
    ast.Break: _L._jump,
    ast.Continue: _L._jump,
    ast.Global: _L._declare,
    ast.Nonlocal: _L._declare,
    ast.Import: _L._import,
    ast.ImportFrom: _L._import_from,
    ast.FunctionDef: _L._function,
    ast.AsyncFunctionDef: _L._function,
    ast.ClassDef: _L._class,
    ast.With: _L._with,
    ast.AsyncWith: _L._with,
    ast.If: _L._if,
    ast.Match: _L._match,
    ast.For: _L._for,
    ast.AsyncFor: _L._for,
    ast.While: _L._while,
    ast.Try: _L._try,
}
if sys.version_info >= (3, 11):
    _HANDLERS[ast.TryStar] = _L._try
