"""Lowers Python's syntax trees to ``Script``."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.syntax.patterns import lower_match

if TYPE_CHECKING:
    from wslint.syntax.source import Source

_NAME = re.compile(r"(?:async(?:\s|\\\r?\n)+)?(?:def|class)(?:\s|\\\r?\n)+(\w+)")
_COMPARISONS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in",
    ast.NotIn: "not in", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_COMPREHENSIONS = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator"}
_new = tuple.__new__


def lower(source: Source) -> s.Script:
    """Lower a whole file."""
    return s.Script(Lowering(source).block(source.tree.body))


class Lowering:
    """Lowers statements and expressions of one file."""

    def __init__(self, source: Source) -> None:
        self.lines = source.lines
        # None if the file is ASCII: columns in bytes are then columns in code points
        self.column = None if source.text.isascii() else source.column
        self.scopes: list[str] = []
        # one flag for each function being lowered: does it contain a yield?
        self.yields: list[bool] = []

    def span(self, node: Any) -> Span:
        """Return the span of a node; that of a tuple includes its parentheses."""
        line, end_line = node.lineno, node.end_lineno
        if self.column is None:
            # the same as Span(...), in half the time
            return _new(Span, (line, node.col_offset, end_line, node.end_col_offset))
        start = self.column(line, node.col_offset)
        return Span(line, start, end_line, self.column(end_line, node.end_col_offset))

    def lower(self, node: ast.expr) -> s.Expr:
        """Lower one expression; kinds without a node of their own become an opaque ``Op``."""
        handler = _EXPRESSIONS.get(type(node))
        if handler is not None:
            return handler(self, node)
        return s.Op("opaque", (), self.span(node))

    def maybe(self, node: ast.expr | None) -> s.Expr | None:
        """Lower an optional expression."""
        return None if node is None else self.lower(node)

    def _name(self, node: ast.Name) -> s.Expr:
        return s.Ref((node.id,), self.span(node))

    def _constant(self, node: ast.Constant) -> s.Expr:
        value = node.value
        if value is None or isinstance(value, (str, bytes, int, float)):
            return s.Const(value, self.span(node))
        return s.Op("opaque", (), self.span(node))

    def _attribute(self, node: ast.Attribute) -> s.Expr:
        value = self.lower(node.value)
        if isinstance(value, s.Ref):
            return s.Ref((*value.parts, node.attr), self.span(node))
        return s.Attr(value, node.attr, self.span(node))

    def _call(self, node: ast.Call) -> s.Expr:
        arguments: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        if node.keywords and isinstance(node.args[-1] if node.args else None, ast.Starred):
            arguments.sort(key=lambda arg: (arg.lineno, arg.col_offset))
        args = tuple(self._argument(arg) for arg in arguments)
        return s.Call(self.lower(node.func), args, self.span(node))

    def _argument(self, node: ast.expr | ast.keyword) -> s.Arg:
        if isinstance(node, ast.keyword):
            return s.Arg(self.lower(node.value), node.arg or "", "" if node.arg else "**")
        if isinstance(node, ast.Starred):
            return s.Arg(self.lower(node.value), "", "*")
        return s.Arg(self.lower(node), "", "")

    def _format(self, node: ast.JoinedStr) -> s.Expr:
        span = self.span(node)
        return s.Op("format", tuple(self._formatted(part, span) for part in node.values), span)

    def _formatted(self, part: ast.expr, span: Span) -> s.Expr:
        """Lower a part of the f-string at a span; one with a format or a conversion is opaque."""
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            return s.Const(part.value, span)  # text has a place of its own from Python 3.12 on
        if not isinstance(part, ast.FormattedValue):
            return self.lower(part)
        value = self.lower(part.value)
        is_plain = part.conversion == -1 and part.format_spec is None
        return value if is_plain else s.Op("opaque", (value,), value.span)

    def _sequence(self, node: ast.Tuple | ast.List | ast.Set) -> s.Expr:
        kind = type(node).__name__.lower()
        return s.Seq(kind, tuple(self.lower(item) for item in node.elts), self.span(node))

    def _starred(self, node: ast.Starred) -> s.Expr:
        value = self.lower(node.value)
        return s.Op("star", (value,), value.span)

    def _dict(self, node: ast.Dict) -> s.Expr:
        pairs = zip(node.keys, node.values, strict=True)
        items = tuple((self.maybe(key), self.lower(value)) for key, value in pairs)
        return s.Mapping(items, self.span(node))

    def _await(self, node: ast.Await) -> s.Expr:
        return s.Await(self.lower(node.value), self.span(node))

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> s.Expr:
        if self.yields:
            self.yields[-1] = True
        is_from = isinstance(node, ast.YieldFrom)
        return s.Yield(self.maybe(node.value), is_from, self.span(node))

    def _lambda(self, node: ast.Lambda) -> s.Expr:
        self.yields.append(False)
        lowered = s.Lambda(self.params(node.args), self.lower(node.body), self.span(node))
        self.yields.pop()
        return lowered

    def params(self, node: ast.arguments) -> tuple[s.Param, ...]:
        """Lower a parameter list, in source order."""
        plain = [*node.posonlyargs, *node.args]
        defaults = [None] * (len(plain) - len(node.defaults)) + [*node.defaults]
        params = [
            self._param(param, "positional", default)
            for param, default in zip(plain, defaults, strict=True)
        ]
        if node.vararg is not None:
            params.append(self._param(node.vararg, "*", None))
        params += [
            self._param(param, "keyword", default)
            for param, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)
        ]
        if node.kwarg is not None:
            params.append(self._param(node.kwarg, "**", None))
        return tuple(params)

    def _param(self, node: ast.arg, kind: str, default: ast.expr | None) -> s.Param:
        return s.Param(node.arg, kind, self.maybe(default), self.maybe(node.annotation))

    def _subscript(self, node: ast.Subscript) -> s.Expr:
        if isinstance(node.slice, ast.Tuple) and node.slice.elts:
            indices = tuple(self._index(item, node) for item in node.slice.elts)
            index: s.Expr = s.Seq("tuple", indices, indices[0].span)
        else:
            index = self._index(node.slice, node)
        return s.Item(self.lower(node.value), index, self.span(node))

    def _index(self, item: ast.expr, node: ast.Subscript) -> s.Expr:
        if isinstance(item, ast.Slice):
            span = self.span(node)
            bounds = (item.lower, item.upper, item.step)
            return s.Op("slice", tuple(self.maybe(b) or s.Const(None, span) for b in bounds), span)
        return self.lower(item)

    def _comparison(self, node: ast.Compare) -> s.Expr:
        ops = tuple(_COMPARISONS[type(operator)] for operator in node.ops)
        rights = tuple(self.lower(part) for part in node.comparators)
        return s.Compare(self.lower(node.left), ops, rights, self.span(node))

    def _boolean(self, node: ast.BoolOp) -> s.Expr:
        kind = "and" if isinstance(node.op, ast.And) else "or"
        return s.Op(kind, tuple(self.lower(value) for value in node.values), self.span(node))

    def _binary(self, node: ast.BinOp) -> s.Expr:
        kind = "add" if isinstance(node.op, ast.Add) else "binary"
        return s.Op(kind, (self.lower(node.left), self.lower(node.right)), self.span(node))

    def _unary(self, node: ast.UnaryOp) -> s.Expr:
        value = node.operand.value if isinstance(node.operand, ast.Constant) else None
        if isinstance(node.op, ast.USub) and isinstance(value, (int, float)):
            return s.Const(-value, self.span(node))
        kind = "not" if isinstance(node.op, ast.Not) else "unary"
        return s.Op(kind, (self.lower(node.operand),), self.span(node))

    def _conditional(self, node: ast.IfExp) -> s.Expr:
        operands = (self.lower(node.test), self.lower(node.body), self.lower(node.orelse))
        return s.Op("if", operands, self.span(node))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> s.Expr:
        kind = _COMPREHENSIONS[type(node)]
        loops = self._comp_loops(node.generators)
        return s.Comp(kind, self.lower(node.elt), loops, self.span(node))

    def _dict_comprehension(self, node: ast.DictComp) -> s.Expr:
        pair = (self.lower(node.key), self.lower(node.value))
        element = s.Seq("tuple", pair, pair[0].span)
        return s.Comp("dict", element, self._comp_loops(node.generators), self.span(node))

    def _comp_loops(self, generators: list[ast.comprehension]) -> tuple[s.CompFor, ...]:
        return tuple(
            s.CompFor(
                self.lower(generator.target),
                self.lower(generator.iter),
                tuple(self.lower(test) for test in generator.ifs),
                bool(generator.is_async),
            )
            for generator in generators
        )

    def _walrus(self, node: ast.NamedExpr) -> s.Expr:
        return s.Walrus(node.target.id, self.lower(node.value), self.span(node))

    # statements

    def block(self, body: Iterable[ast.stmt]) -> s.Block:
        """Lower the statements of a suite, or of a whole module."""
        statements: list[s.Stmt] = []
        for node in body:
            handler = _STATEMENTS.get(type(node))
            if handler is not None:
                handler(self, node, statements)
        return tuple(statements)

    def _expression(self, node: ast.Expr, statements: list[s.Stmt]) -> None:
        value = node.value
        if not (isinstance(value, ast.Constant) and isinstance(value.value, (str, bytes))):
            statements.append(s.Do(self.lower(value), self.span(node)))

    def _assign(self, node: ast.Assign, statements: list[s.Stmt]) -> None:
        targets = tuple(self.lower(target) for target in node.targets)
        statements.append(s.Assign(targets, self.lower(node.value), None, False, self.span(node)))

    def _annotated(self, node: ast.AnnAssign, statements: list[s.Stmt]) -> None:
        annotation, value = self.lower(node.annotation), self.maybe(node.value)
        target = (self.lower(node.target),)
        statements.append(s.Assign(target, value, annotation, False, self.span(node)))

    def _augmented(self, node: ast.AugAssign, statements: list[s.Stmt]) -> None:
        target = (self.lower(node.target),)
        statements.append(s.Assign(target, self.lower(node.value), None, True, self.span(node)))

    def _delete(self, node: ast.Delete, statements: list[s.Stmt]) -> None:
        span = self.span(node)
        targets = tuple(self.lower(target) for target in node.targets)
        target = targets[0] if len(targets) == 1 else s.Seq("tuple", targets, targets[0].span)
        statements.append(s.Do(s.Op("delete", (target,), span), span))

    def _return(self, node: ast.Return, statements: list[s.Stmt]) -> None:
        statements.append(s.Return(self.maybe(node.value), self.span(node)))

    def _raise(self, node: ast.Raise, statements: list[s.Stmt]) -> None:
        statements.append(s.Raise(self.maybe(node.exc), self.span(node)))

    def _assert(self, node: ast.Assert, statements: list[s.Stmt]) -> None:
        statements.append(s.Assert(self.lower(node.test), self.span(node)))

    def _jump(self, node: ast.Break | ast.Continue, statements: list[s.Stmt]) -> None:
        statements.append(s.Jump(type(node).__name__.lower(), self.span(node)))

    def _declare(self, node: ast.Global | ast.Nonlocal, statements: list[s.Stmt]) -> None:
        kind = type(node).__name__.lower()
        statements.append(s.Declare(kind, tuple(node.names), self.span(node)))

    def _import(self, node: ast.Import, statements: list[s.Stmt]) -> None:
        span = self.span(node)
        statements += [s.Import(name.name, "", name.asname or "", 0, span) for name in node.names]

    def _import_from(self, node: ast.ImportFrom, statements: list[s.Stmt]) -> None:
        module, level, span = node.module or "", node.level, self.span(node)
        statements += [
            s.Import(module, name.name, name.asname or "", level, span) for name in node.names
        ]

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, statements: list[s.Stmt]
    ) -> None:
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
        statements.append(
            s.Function(
                node.name, qualname, is_async, is_generator, decorators, params, returns, body,
                name_span, span, ast.get_docstring(node, clean=False) or "",
            )
        )  # fmt: skip

    def _class(self, node: ast.ClassDef, statements: list[s.Stmt]) -> None:
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
        statements.append(s.Class(node.name, qualname, bases, decorators, body, name_span, span))

    def _name_span(self, span: Span) -> Span:
        """Find the name of a function or class; ``ast`` has no span for it."""
        line, column = span[:2]
        match = _NAME.match(self.lines[line - 1], column)
        if match is None:  # the line continues after a backslash
            text = "\n".join(self.lines[line - 1 : span.end_line])
            match = _NAME.match(text, column)
            if match is None:
                return span
            before = text[: match.start(1)]
            line += before.count("\n")
            start = match.start(1) - (before.rfind("\n") + 1)
            return Span(line, start, line, start + len(match[1]))
        return Span(line, match.start(1), line, match.end(1))

    def _with(self, node: ast.With | ast.AsyncWith, statements: list[s.Stmt]) -> None:
        items = tuple(
            s.WithItem(self.lower(item.context_expr), self.maybe(item.optional_vars))
            for item in node.items
        )
        is_async = isinstance(node, ast.AsyncWith)
        statements.append(s.With(items, is_async, self.block(node.body), self.span(node)))

    def _if(self, node: ast.If, statements: list[s.Stmt]) -> None:
        test, then, orelse = self.lower(node.test), self.block(node.body), self.block(node.orelse)
        statements.append(s.Branch(test, (then, orelse), self.span(node)))

    def _match(self, node: ast.Match, statements: list[s.Stmt]) -> None:
        statements.append(lower_match(self, node))

    def _for(self, node: ast.For | ast.AsyncFor, statements: list[s.Stmt]) -> None:
        target, head = self.lower(node.target), self.lower(node.iter)
        orelse, is_async = self.block(node.orelse), isinstance(node, ast.AsyncFor)
        body = self.block(node.body)
        statements.append(s.Loop(target, head, is_async, body, orelse, self.span(node)))

    def _while(self, node: ast.While, statements: list[s.Stmt]) -> None:
        head, body, orelse = self.lower(node.test), self.block(node.body), self.block(node.orelse)
        statements.append(s.Loop(None, head, False, body, orelse, self.span(node)))

    def _try(self, node: Any, statements: list[s.Stmt]) -> None:
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
        statements.append(s.Try(body, handlers, orelse, final, self.span(node)))


_L = Lowering
_EXPRESSIONS: dict[type[ast.expr], Callable[[Lowering, Any], s.Expr]] = {
    ast.Name: _L._name,
    ast.Constant: _L._constant,
    ast.Attribute: _L._attribute,
    ast.Call: _L._call,
    ast.JoinedStr: _L._format,
    ast.Tuple: _L._sequence,
    ast.List: _L._sequence,
    ast.Set: _L._sequence,
    ast.Starred: _L._starred,
    ast.Dict: _L._dict,
    ast.Await: _L._await,
    ast.Yield: _L._yield,
    ast.YieldFrom: _L._yield,
    ast.Lambda: _L._lambda,
    ast.Subscript: _L._subscript,
    ast.Compare: _L._comparison,
    ast.BoolOp: _L._boolean,
    ast.BinOp: _L._binary,
    ast.UnaryOp: _L._unary,
    ast.IfExp: _L._conditional,
    ast.ListComp: _L._comprehension,
    ast.SetComp: _L._comprehension,
    ast.GeneratorExp: _L._comprehension,
    ast.DictComp: _L._dict_comprehension,
    ast.NamedExpr: _L._walrus,
}
_STATEMENTS: dict[type[ast.stmt], Callable[[Lowering, Any, list[s.Stmt]], None]] = {
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
    _STATEMENTS[ast.TryStar] = _L._try
