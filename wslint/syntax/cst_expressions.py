"""libcst expressions to ``Script`` expressions."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import libcst as cst

from wslint.findings.span import Span
from wslint.syntax import nodes as s

_COMPARISONS = {
    cst.Equal: "==", cst.NotEqual: "!=", cst.Is: "is", cst.IsNot: "is not", cst.In: "in",
    cst.NotIn: "not in", cst.LessThan: "<", cst.LessThanEqual: "<=", cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
}  # fmt: skip
_COMPREHENSIONS = {cst.ListComp: "list", cst.SetComp: "set", cst.GeneratorExp: "generator"}


class ExpressionLowering:
    """Lowers the expressions of one parsed file; ``spans`` gives the place of each node."""

    def __init__(self, spans: Mapping[cst.CSTNode, Span]) -> None:
        self.spans = spans
        # one flag for each function being lowered: does it yield?
        self.yields: list[bool] = []

    def lower(self, node: cst.CSTNode) -> s.Expr:
        """Lower one expression; what has no form of its own becomes an opaque ``Op``."""
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            return handler(self, node)
        return s.Op("opaque", (), self.spans[node])

    def maybe(self, node: cst.CSTNode | None) -> s.Expr | None:
        """Lower an optional expression."""
        return None if node is None else self.lower(node)

    def _name(self, node: cst.Name) -> s.Expr:
        if node.value in _CONSTANTS:
            return s.Const(_CONSTANTS[node.value], self.spans[node])
        return s.Ref((_identifier(node.value),), self.spans[node])

    def _attribute(self, node: cst.Attribute) -> s.Expr:
        value, name = self.lower(node.value), _identifier(node.attr.value)
        if isinstance(value, s.Ref):
            return s.Ref((*value.parts, name), self.spans[node])
        return s.Attr(value, name, self.spans[node])

    def _call(self, node: cst.Call) -> s.Expr:
        args = tuple(
            s.Arg(self.lower(arg.value), arg.keyword.value if arg.keyword else "", arg.star)
            for arg in node.args
        )
        return s.Call(self.lower(node.func), args, self.spans[node])

    def _number(self, node: cst.Integer) -> s.Expr:
        return s.Const(node.evaluated_value, self.spans[node])

    def _float(self, node: cst.Float) -> s.Expr:
        return s.Const(node.evaluated_value, self.spans[node])

    def _string(self, node: cst.SimpleString | cst.ConcatenatedString) -> s.Expr:
        value = node.evaluated_value
        if isinstance(value, str):
            return s.Const(value, self.spans[node])
        if value is None and isinstance(node, cst.ConcatenatedString):  # it has an f-string
            return self._format(node)
        return s.Op("opaque", (), self.spans[node])

    def _format(self, node: cst.FormattedString | cst.ConcatenatedString) -> s.Expr:
        operands = tuple(
            self.lower(part.expression)
            for string in _strings(node)
            if isinstance(string, cst.FormattedString)
            for part in string.parts
            if isinstance(part, cst.FormattedStringExpression)
        )
        return s.Op("format", operands, self.spans[node])

    def _sequence(self, node: cst.Tuple | cst.List | cst.Set) -> s.Expr:
        kind = type(node).__name__.lower()
        return s.Seq(kind, tuple(self._element(item) for item in node.elements), self.spans[node])

    def _element(self, node: cst.BaseElement) -> s.Expr:
        value = self.lower(node.value)
        if isinstance(node, cst.StarredElement):
            return s.Op("star", (value,), value.span)
        return value

    def _dict(self, node: cst.Dict) -> s.Expr:
        items = tuple(
            (self.lower(item.key) if isinstance(item, cst.DictElement) else None,
             self.lower(item.value))
            for item in node.elements
        )  # fmt: skip
        return s.Mapping(items, self.spans[node])

    def _await(self, node: cst.Await) -> s.Expr:
        return s.Await(self.lower(node.expression), self.spans[node])

    def _yield(self, node: cst.Yield) -> s.Expr:
        if self.yields:
            self.yields[-1] = True
        if isinstance(node.value, cst.From):
            return s.Yield(self.lower(node.value.item), True, self.spans[node])
        return s.Yield(self.maybe(node.value), False, self.spans[node])

    def _lambda(self, node: cst.Lambda) -> s.Expr:
        self.yields.append(False)
        lowered = s.Lambda(self.params(node.params), self.lower(node.body), self.spans[node])
        self.yields.pop()
        return lowered

    def params(self, node: cst.Parameters) -> tuple[s.Param, ...]:
        """Lower a parameter list, in the order in which it stands."""
        found = [self._param(p, "positional") for p in (*node.posonly_params, *node.params)]
        if isinstance(node.star_arg, cst.Param):
            found.append(self._param(node.star_arg, "*"))
        found += [self._param(p, "keyword") for p in node.kwonly_params]
        if node.star_kwarg is not None:
            found.append(self._param(node.star_kwarg, "**"))
        return tuple(found)

    def _param(self, node: cst.Param, kind: str) -> s.Param:
        annotation = self.maybe(node.annotation.annotation) if node.annotation else None
        return s.Param(node.name.value, kind, self.maybe(node.default), annotation)

    def _subscript(self, node: cst.Subscript) -> s.Expr:
        indices = [self._index(item.slice, node) for item in node.slice]
        first = node.slice[0]
        has_star = isinstance(first.slice, cst.Index) and first.slice.star
        if len(indices) == 1 and not has_star and isinstance(first.comma, cst.MaybeSentinel):
            index = indices[0]
        else:
            index = s.Seq("tuple", tuple(indices), indices[0].span)
        return s.Item(self.lower(node.value), index, self.spans[node])

    def _index(self, item: cst.BaseSlice, node: cst.Subscript) -> s.Expr:
        if not isinstance(item, cst.Index):
            return s.Op("slice", (), self.spans[node])
        value = self.lower(item.value)
        return s.Op("star", (value,), value.span) if item.star else value

    def _comparison(self, node: cst.Comparison) -> s.Expr:
        ops = tuple(_COMPARISONS[type(part.operator)] for part in node.comparisons)
        rights = tuple(self.lower(part.comparator) for part in node.comparisons)
        return s.Compare(self.lower(node.left), ops, rights, self.spans[node])

    def _boolean(self, node: cst.BooleanOperation) -> s.Expr:
        kind = "and" if isinstance(node.operator, cst.And) else "or"
        operands = [node.right]
        left = node.left
        # libcst nests `a and b and c`, which Python takes as one
        while (
            isinstance(left, cst.BooleanOperation)
            and not left.lpar
            and isinstance(left.operator, type(node.operator))
        ):
            operands.append(left.right)
            left = left.left
        lowered = tuple(self.lower(operand) for operand in (left, *reversed(operands)))
        return s.Op(kind, lowered, self.spans[node])

    def _binary(self, node: cst.BinaryOperation) -> s.Expr:
        return s.Op("binary", (self.lower(node.left), self.lower(node.right)), self.spans[node])

    def _unary(self, node: cst.UnaryOperation) -> s.Expr:
        kind = "not" if isinstance(node.operator, cst.Not) else "unary"
        return s.Op(kind, (self.lower(node.expression),), self.spans[node])

    def _conditional(self, node: cst.IfExp) -> s.Expr:
        operands = (self.lower(node.test), self.lower(node.body), self.lower(node.orelse))
        return s.Op("if", operands, self.spans[node])

    def _comprehension(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> s.Expr:
        kind = _COMPREHENSIONS[type(node)]
        element = self.lower(node.elt)
        return s.Comp(kind, element, self._comp_loops(node.for_in), self.spans[node])

    def _dict_comprehension(self, node: cst.DictComp) -> s.Expr:
        pair = (self.lower(node.key), self.lower(node.value))
        element = s.Seq("tuple", pair, pair[0].span)
        return s.Comp("dict", element, self._comp_loops(node.for_in), self.spans[node])

    def _comp_loops(self, node: cst.CompFor | None) -> tuple[s.CompFor, ...]:
        found = []
        while node is not None:
            conditions = tuple(self.lower(test.test) for test in node.ifs)
            target, iterable = self.lower(node.target), self.lower(node.iter)
            found.append(s.CompFor(target, iterable, conditions, node.asynchronous is not None))
            node = node.inner_for_in
        return tuple(found)

    def _walrus(self, node: cst.NamedExpr) -> s.Expr:
        target = node.target
        name = target.value if isinstance(target, cst.Name) else ""
        return s.Walrus(name, self.lower(node.value), self.spans[node])


def _identifier(name: str) -> str:
    """Give a name as Python sees it."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def _strings(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    while isinstance(node, cst.ConcatenatedString):
        yield node.left
        node = node.right
    yield node


_CONSTANTS = {"None": None, "True": True, "False": False}
_L = ExpressionLowering
_HANDLERS: dict[type[cst.CSTNode], Callable[[ExpressionLowering, Any], s.Expr]] = {
    cst.Name: _L._name,
    cst.Attribute: _L._attribute,
    cst.Call: _L._call,
    cst.Integer: _L._number,
    cst.Float: _L._float,
    cst.SimpleString: _L._string,
    cst.ConcatenatedString: _L._string,
    cst.FormattedString: _L._format,
    cst.Tuple: _L._sequence,
    cst.List: _L._sequence,
    cst.Set: _L._sequence,
    cst.StarredElement: _L._element,
    cst.Dict: _L._dict,
    cst.Await: _L._await,
    cst.Yield: _L._yield,
    cst.Lambda: _L._lambda,
    cst.Subscript: _L._subscript,
    cst.Comparison: _L._comparison,
    cst.BooleanOperation: _L._boolean,
    cst.BinaryOperation: _L._binary,
    cst.UnaryOperation: _L._unary,
    cst.IfExp: _L._conditional,
    cst.ListComp: _L._comprehension,
    cst.SetComp: _L._comprehension,
    cst.GeneratorExp: _L._comprehension,
    cst.DictComp: _L._dict_comprehension,
    cst.NamedExpr: _L._walrus,
}
