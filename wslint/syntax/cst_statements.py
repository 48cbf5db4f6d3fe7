"""libcst statements to ``Script`` statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import libcst as cst

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.syntax.cst_expressions import ExpressionLowering


class StatementLowering(ExpressionLowering):
    """Lowers the statements of one parsed file."""

    def __init__(self, spans: Mapping[cst.CSTNode, Span]) -> None:
        super().__init__(spans)
        self.scopes: list[str] = []

    def block(self, node: cst.BaseSuite | cst.Module | None) -> s.Block:
        """Lower a suite, or a whole module."""
        if node is None:
            return ()
        if isinstance(node, cst.SimpleStatementSuite):
            return tuple(self._small(node.body))
        found: list[s.Stmt] = []
        for statement in node.body:
            if isinstance(statement, cst.SimpleStatementLine):
                found.extend(self._small(statement.body))
            else:
                found.append(_COMPOUND[type(statement)](self, statement))
        return tuple(found)

    def _small(self, body: Any) -> Iterator[s.Stmt]:
        for statement in body:
            handler = _SMALL.get(type(statement))
            if handler is not None:
                yield from handler(self, statement)

    def _expression(self, node: cst.Expr) -> Iterator[s.Stmt]:
        value = node.value
        strings = (cst.SimpleString, cst.ConcatenatedString)
        if isinstance(value, strings) and value.evaluated_value is not None:
            return
        yield s.Do(self.lower(value), self.spans[node])

    def _assign(self, node: cst.Assign) -> Iterator[s.Stmt]:
        targets = tuple(self.lower(target.target) for target in node.targets)
        yield s.Assign(targets, self.lower(node.value), None, False, self.spans[node])

    def _annotated(self, node: cst.AnnAssign) -> Iterator[s.Stmt]:
        annotation = self.lower(node.annotation.annotation)
        value = self.maybe(node.value)
        yield s.Assign((self.lower(node.target),), value, annotation, False, self.spans[node])

    def _augmented(self, node: cst.AugAssign) -> Iterator[s.Stmt]:
        target = self.lower(node.target)
        yield s.Assign((target,), self.lower(node.value), None, True, self.spans[node])

    def _delete(self, node: cst.Del) -> Iterator[s.Stmt]:
        span = self.spans[node]
        yield s.Do(s.Op("delete", (self.lower(node.target),), span), span)

    def _return(self, node: cst.Return) -> Iterator[s.Stmt]:
        yield s.Return(self.maybe(node.value), self.spans[node])

    def _raise(self, node: cst.Raise) -> Iterator[s.Stmt]:
        yield s.Raise(self.maybe(node.exc), self.spans[node])

    def _assert(self, node: cst.Assert) -> Iterator[s.Stmt]:
        yield s.Assert(self.lower(node.test), self.spans[node])

    def _jump(self, node: cst.Break | cst.Continue) -> Iterator[s.Stmt]:
        yield s.Jump(type(node).__name__.lower(), self.spans[node])

    def _declare(self, node: cst.Global | cst.Nonlocal) -> Iterator[s.Stmt]:
        names = tuple(item.name.value for item in node.names)
        yield s.Declare(type(node).__name__.lower(), names, self.spans[node])

    def _import(self, node: cst.Import) -> Iterator[s.Stmt]:
        for name in node.names:
            yield s.Import(_dotted(name.name), "", _alias(name), 0, self.spans[node])

    def _import_from(self, node: cst.ImportFrom) -> Iterator[s.Stmt]:
        module = _dotted(node.module) if node.module else ""
        level, span = len(node.relative), self.spans[node]
        if isinstance(node.names, cst.ImportStar):
            yield s.Import(module, "*", "", level, span)
            return
        for name in node.names:
            yield s.Import(module, _dotted(name.name), _alias(name), level, span)

    def _function(self, node: cst.FunctionDef) -> s.Stmt:
        decorators = tuple(self.lower(item.decorator) for item in node.decorators)
        params = self.params(node.params)
        returns = self.lower(node.returns.annotation) if node.returns else None
        qualname = ".".join([*self.scopes, node.name.value])
        self.scopes += [node.name.value, "<locals>"]
        self.yields.append(False)
        body = self.block(node.body)
        is_generator = self.yields.pop()
        del self.scopes[-2:]
        return s.Function(
            node.name.value, qualname, node.asynchronous is not None, is_generator, decorators,
            params, returns, body, self.spans[node.name], self.spans[node],
        )  # fmt: skip

    def _class(self, node: cst.ClassDef) -> s.Stmt:
        decorators = tuple(self.lower(item.decorator) for item in node.decorators)
        bases = tuple(self.lower(base.value) for base in node.bases)
        qualname = ".".join([*self.scopes, node.name.value])
        self.scopes.append(node.name.value)
        body = self.block(node.body)
        self.scopes.pop()
        return s.Class(
            node.name.value, qualname, bases, decorators, body,
            self.spans[node.name], self.spans[node],
        )  # fmt: skip

    def _with(self, node: cst.With) -> s.Stmt:
        items = tuple(
            s.WithItem(self.lower(item.item), self.lower(item.asname.name) if item.asname else None)
            for item in node.items
        )
        is_async = node.asynchronous is not None
        return s.With(items, is_async, self.block(node.body), self.spans[node])

    def _if(self, node: cst.If) -> s.Stmt:
        test, then = self.lower(node.test), self.block(node.body)
        if isinstance(node.orelse, cst.If):
            orelse: s.Block = (self._if(node.orelse),)
        else:
            orelse = self.block(node.orelse.body) if node.orelse else ()
        return s.Branch(test, (then, orelse), self.spans[node])

    def _match(self, node: cst.Match) -> s.Stmt:
        arms = [self.block(case.body) for case in node.cases]
        last = node.cases[-1]
        catches_all = isinstance(last.pattern, cst.MatchAs) and last.pattern.pattern is None
        if not (catches_all and last.guard is None):
            arms.append(())
        return s.Branch(self.lower(node.subject), tuple(arms), self.spans[node])

    def _for(self, node: cst.For) -> s.Stmt:
        target, head = self.lower(node.target), self.lower(node.iter)
        orelse = self.block(node.orelse.body) if node.orelse else ()
        is_async = node.asynchronous is not None
        return s.Loop(target, head, is_async, self.block(node.body), orelse, self.spans[node])

    def _while(self, node: cst.While) -> s.Stmt:
        head, body = self.lower(node.test), self.block(node.body)
        orelse = self.block(node.orelse.body) if node.orelse else ()
        return s.Loop(None, head, False, body, orelse, self.spans[node])

    def _try(self, node: cst.Try | cst.TryStar) -> s.Stmt:
        body = self.block(node.body)
        handlers = tuple(
            s.Handler(
                self.maybe(handler.type),
                _dotted(handler.name.name) if handler.name else "",
                self.block(handler.body),
                self.spans[handler],
            )
            for handler in node.handlers
        )
        orelse = self.block(node.orelse.body) if node.orelse else ()
        final = self.block(node.finalbody.body) if node.finalbody else ()
        return s.Try(body, handlers, orelse, final, self.spans[node])


def _dotted(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def _alias(node: cst.ImportAlias) -> str:
    return _dotted(node.asname.name) if node.asname else ""


_L = StatementLowering
_SMALL: dict[type[cst.CSTNode], Callable[[StatementLowering, Any], Iterator[s.Stmt]]] = {
    cst.Expr: _L._expression,
    cst.Assign: _L._assign,
    cst.AnnAssign: _L._annotated,
    cst.AugAssign: _L._augmented,
    cst.Del: _L._delete,
    cst.Return: _L._return,
    cst.Raise: _L._raise,
    cst.Assert: _L._assert,
    cst.Break: _L._jump,
    cst.Continue: _L._jump,
    cst.Global: _L._declare,
    cst.Nonlocal: _L._declare,
    cst.Import: _L._import,
    cst.ImportFrom: _L._import_from,
}
_COMPOUND: dict[type[cst.CSTNode], Callable[[StatementLowering, Any], s.Stmt]] = {
    cst.FunctionDef: _L._function,
    cst.ClassDef: _L._class,
    cst.With: _L._with,
    cst.If: _L._if,
    cst.Match: _L._match,
    cst.For: _L._for,
    cst.While: _L._while,
    cst.Try: _L._try,
    cst.TryStar: _L._try,
}
