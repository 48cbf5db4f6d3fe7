"""Loops: give one without an end a number of rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.cst import code, node_queries
from wslint.fixes.cst.blocks import insert
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from wslint.findings.actions import BoundLoop
    from wslint.fixes.context import Context

_OPPOSITES: dict[type[cst.BaseCompOp], type[cst.BaseCompOp]] = {
    cst.Equal: cst.NotEqual,
    cst.LessThan: cst.GreaterThanEqual,
    cst.GreaterThan: cst.LessThanEqual,
    cst.In: cst.NotIn,
    cst.Is: cst.IsNot,
}
_OPPOSITES |= {other: one for one, other in _OPPOSITES.items()}


def bound_loop(action: BoundLoop, context: Context) -> None:
    """Plan to end a loop after a number of rounds."""
    tree = context.tree
    loop = tree.statement(action.place)
    if not isinstance(loop, cst.While | cst.For) or not isinstance(loop.body, cst.IndentedBlock):
        raise CannotFix("there is no loop at the place of the fix, or it is on one line")
    if loop.orelse is not None or (isinstance(loop, cst.For) and not _is_count(loop.iter)):
        raise CannotFix("the loop has an else, or an end")
    owner = tree.owner(loop) or tree.module
    is_dummy = node_queries.is_only_bound(owner, "_")
    fresh = node_queries.fresh("number", node_queries.names(owner))
    target = cst.Name("_" if is_dummy else fresh)
    rounds = cst.parse_expression(f"range({action.limit})")
    text = context.text(action.failure, loop, tree.scopes(loop))
    failure = code.statements(text, tree.module, tree.indent(loop))
    indent = tree.indent(loop.body)
    has_condition = isinstance(loop, cst.While) and not _is_true(loop.test)
    is_left = has_condition or _is_left(loop.body)

    def edit(updated: cst.While | cst.For) -> cst.For:
        body = cst.ensure_type(updated.body, cst.IndentedBlock)
        orelse = cst.Else(cst.IndentedBlock(failure, indent=indent)) if is_left else None
        if isinstance(updated, cst.For):
            return updated.with_changes(iter=rounds, orelse=orelse)
        if has_condition:
            test = _negated(updated.test)
            leave = cst.IndentedBlock([cst.SimpleStatementLine([cst.Break()])], indent=indent)
            body = body.with_changes(body=[cst.If(test, leave), *body.body])
        return cst.For(target, rounds, body, orelse, leading_lines=updated.leading_lines)

    context.edits.add(loop, edit)
    if not is_left:
        context.edit_statement(loop, insert(failure, after=True, gap=0))


def _is_true(test: cst.BaseExpression) -> bool:
    return isinstance(test, cst.Name | cst.Integer) and test.value in ("True", "1")


def _is_count(iterated: cst.BaseExpression) -> bool:
    """Return whether an expression is ``itertools.count()``."""
    if not isinstance(iterated, cst.Call) or iterated.args:
        return False
    function = iterated.func
    name = function.attr if isinstance(function, cst.Attribute) else function
    return isinstance(name, cst.Name) and name.value == "count"


def _is_left(node: cst.CSTNode) -> bool:
    """Return whether a block breaks out of the loop that it is the body of."""
    if isinstance(node, cst.Break):
        return True
    if isinstance(node, cst.FunctionDef | cst.ClassDef):
        return False
    if isinstance(node, cst.While | cst.For):
        return node.orelse is not None and _is_left(node.orelse)
    return any(map(_is_left, node_queries.children(node)))


def _negated(test: cst.BaseExpression) -> cst.BaseExpression:
    """Return the opposite of a condition, as one would write it."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return test.expression
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        (target,) = test.comparisons
        opposite = _OPPOSITES.get(type(target.operator))
        if opposite is not None:
            return test.with_changes(comparisons=[target.with_changes(operator=opposite())])
    if isinstance(test, cst.BooleanOperation):
        is_and = isinstance(test.operator, cst.And)
        left, right = (_operand(side, to_and=not is_and) for side in (test.left, test.right))
        operator = cst.Or() if is_and else cst.And()
        return test.with_changes(left=left, operator=operator, right=right)
    if isinstance(test, cst.IfExp | cst.NamedExpr | cst.Lambda) and not test.lpar:
        test = _in_parentheses(test)
    return cst.UnaryOperation(cst.Not(), test)


def _operand(side: cst.BaseExpression, *, to_and: bool) -> cst.BaseExpression:
    """Return the opposite of one side of ``and`` or ``or``, in parentheses where it needs them."""
    opposite = _negated(side)
    is_or = isinstance(opposite, cst.BooleanOperation) and isinstance(opposite.operator, cst.Or)
    if to_and and is_or and not opposite.lpar:
        return _in_parentheses(opposite)
    return opposite


def _in_parentheses(expression: cst.BaseExpression) -> cst.BaseExpression:
    return expression.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
