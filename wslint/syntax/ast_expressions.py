"""Expressions of ``ast`` to ``Script`` expressions: the same as those made of libcst's."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from wslint.findings.span import Span
from wslint.syntax import nodes as s

_COMPARISONS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in",
    ast.NotIn: "not in", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


_new = tuple.__new__


class AstExpressions:
    """Lowers the expressions of one file.

    ``column`` turns a line and a column in UTF-8 bytes into one in code points; None where the
    file is ASCII. Unlike libcst's, the spans of tuples and generators have their parentheses in.
    """

    def __init__(self, column: Callable[[int, int], int] | None) -> None:
        self.column = column
        # one flag for each function being lowered: does it yield?
        self.yields: list[bool] = []

    def span(self, node: Any) -> Span:
        """Give the place of a node."""
        line, end_line = node.lineno, node.end_lineno
        if self.column is None:
            # as Span(...), in half the time
            return _new(Span, (line, node.col_offset, end_line, node.end_col_offset))
        start = self.column(line, node.col_offset)
        return Span(line, start, end_line, self.column(end_line, node.end_col_offset))

    def lower(self, node: ast.expr) -> s.Expr:
        """Lower one expression; what has no form of its own becomes an opaque ``Op``."""
        handler = _HANDLERS.get(type(node))
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
        if value is None or isinstance(value, (str, int, float)):
            return s.Const(value, self.span(node))
        return s.Op("opaque", (), self.span(node))

    def _attribute(self, node: ast.Attribute) -> s.Expr:
        value = self.lower(node.value)
        if isinstance(value, s.Ref):
            return s.Ref((*value.parts, node.attr), self.span(node))
        return s.Attr(value, node.attr, self.span(node))

    def _call(self, node: ast.Call) -> s.Expr:
        given: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        if node.keywords and isinstance(node.args[-1] if node.args else None, ast.Starred):
            given.sort(key=lambda arg: (arg.lineno, arg.col_offset))
        args = tuple(self._argument(arg) for arg in given)
        return s.Call(self.lower(node.func), args, self.span(node))

    def _argument(self, node: ast.expr | ast.keyword) -> s.Arg:
        if isinstance(node, ast.keyword):
            return s.Arg(self.lower(node.value), node.arg or "", "" if node.arg else "**")
        if isinstance(node, ast.Starred):
            return s.Arg(self.lower(node.value), "", "*")
        return s.Arg(self.lower(node), "", "")

    def _format(self, node: ast.JoinedStr) -> s.Expr:
        operands = tuple(
            self.lower(part.value) for part in node.values if isinstance(part, ast.FormattedValue)
        )
        return s.Op("format", operands, self.span(node))

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
        """Lower a parameter list, in the order in which it stands."""
        plain = [*node.posonlyargs, *node.args]
        defaults = [None] * (len(plain) - len(node.defaults)) + [*node.defaults]
        found = [
            self._param(param, "positional", default)
            for param, default in zip(plain, defaults, strict=True)
        ]
        if node.vararg is not None:
            found.append(self._param(node.vararg, "*", None))
        found += [
            self._param(param, "keyword", default)
            for param, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)
        ]
        if node.kwarg is not None:
            found.append(self._param(node.kwarg, "**", None))
        return tuple(found)

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
            return s.Op("slice", (), self.span(node))
        return self.lower(item)

    def _comparison(self, node: ast.Compare) -> s.Expr:
        ops = tuple(_COMPARISONS[type(operator)] for operator in node.ops)
        rights = tuple(self.lower(part) for part in node.comparators)
        return s.Compare(self.lower(node.left), ops, rights, self.span(node))

    def _boolean(self, node: ast.BoolOp) -> s.Expr:
        kind = "and" if isinstance(node.op, ast.And) else "or"
        return s.Op(kind, tuple(self.lower(value) for value in node.values), self.span(node))

    def _binary(self, node: ast.BinOp) -> s.Expr:
        return s.Op("binary", (self.lower(node.left), self.lower(node.right)), self.span(node))

    def _unary(self, node: ast.UnaryOp) -> s.Expr:
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
                self.lower(one.target),
                self.lower(one.iter),
                tuple(self.lower(test) for test in one.ifs),
                bool(one.is_async),
            )
            for one in generators
        )

    def _walrus(self, node: ast.NamedExpr) -> s.Expr:
        return s.Walrus(node.target.id, self.lower(node.value), self.span(node))


_COMPREHENSIONS = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator"}
_L = AstExpressions
_HANDLERS: dict[type[ast.expr], Callable[[AstExpressions, Any], s.Expr]] = {
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
