"""Expressions: replace, bind to a name, add or remove an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.cst import code, whitespace
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from wslint.findings.actions import (
        AddArgument,
        BindResult,
        RemoveArgument,
        RemoveAwait,
        ReplaceCallee,
        ReplaceExpression,
    )
    from wslint.fixes.context import Context
    from wslint.fixes.cst.tree import Tree


_ATOMS = (
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.SimpleString,
    cst.FormattedString,
    cst.BaseList,
    cst.BaseSet,
    cst.BaseDict,
    cst.Ellipsis,
)
# Parents in which the expression ends at a comma, a bracket or the line: no parentheses needed.
_OPEN = (
    cst.Arg,
    cst.Assert,
    cst.Assign,
    cst.AssignTarget,
    cst.AnnAssign,
    cst.Annotation,
    cst.Element,
    cst.DictElement,
    cst.Expr,
    cst.Index,
    cst.Param,
    cst.Return,
    cst.WithItem,
    cst.Decorator,
    cst.If,
    cst.While,
    cst.Module,
)
# Parents whose children are bound names, or are not values.
_NAMING = (
    cst.AsName,
    cst.AssignTarget,
    cst.ClassDef,
    cst.ConcatenatedString,
    cst.FunctionDef,
    cst.ImportAlias,
    cst.ImportFrom,
    cst.NameItem,
)
_LOOSE = (cst.Tuple, cst.Yield, cst.NamedExpr, cst.GeneratorExp)


def replace_callee(action: ReplaceCallee, context: Context) -> None:
    """Plan to call something else."""
    tree = context.tree
    call = tree.expression(action.place)
    if not isinstance(call, cst.Call):
        raise CannotFix("there is no call at the place of the fix")
    new = code.expression(context.text(action.code, call, tree.scopes(call)), tree.module)
    context.edits.add(call, lambda updated: updated.with_changes(func=new))


def remove_await(action: RemoveAwait, context: Context) -> None:
    """Plan to remove an ``await``."""
    found = context.tree.expression(action.place)
    if not isinstance(found, cst.Await):
        raise CannotFix("there is no await at the place of the fix")

    def edit(updated: cst.Await) -> cst.BaseExpression:
        inner = updated.expression
        if isinstance(inner, _ATOMS) and "\n" not in context.tree.source(found):
            return inner
        return inner.with_changes(
            lpar=[*updated.lpar, *inner.lpar], rpar=[*inner.rpar, *updated.rpar]
        )

    context.edits.add(found, edit)


def bind_result(action: BindResult, context: Context) -> None:
    """Plan to assign the value of an expression statement to a target."""
    tree = context.tree
    statement = tree.parent(tree.expression(action.place))
    if not isinstance(statement, cst.Expr):
        raise CannotFix("the expression is not a statement")
    target = code.expression(action.target, tree.module)
    if not isinstance(target, cst.Name | cst.Tuple):
        raise CannotFix("the new target is not a name")

    def edit(node: cst.Expr) -> cst.Assign:
        new_target = cst.AssignTarget(target)
        return cst.Assign([new_target], node.value, semicolon=node.semicolon)

    context.edits.add(statement, edit)


def replace_expression(action: ReplaceExpression, context: Context) -> None:
    """Plan to replace an expression."""
    tree = context.tree
    old = tree.expression(action.place)
    if not _is_evaluated(old, tree):
        raise CannotFix("there is no separate expression at the place of the fix")
    if tree.around(old, cst.FormattedString) is not None:
        raise CannotFix("the place of the fix is inside an f-string")
    text = context.text(action.code, old, tree.scopes(old), code.OLD)
    template = code.expression(text, tree.module)
    around = tree.parent(old)

    def edit(updated: cst.BaseExpression) -> cst.BaseExpression:
        if isinstance(template, cst.Name) and template.value == code.OLD:
            return updated
        # parentheses are part of a tuple or generator; around anything else they are kept
        inside = isinstance(updated, cst.Tuple | cst.GeneratorExp)
        bare = updated if inside else updated.with_changes(lpar=(), rpar=())
        new = template.visit(_PutOld(template, bare))
        if not isinstance(new, cst.BaseExpression):
            raise CannotFix("the new code is not an expression")
        # those that only an await needs go with it
        only_needed = isinstance(updated, cst.Await | cst.NamedExpr) and isinstance(new, _ATOMS)
        if not inside and not (only_needed and _on_one_line(updated)):
            lpar, rpar = [*updated.lpar, *new.lpar], [*new.rpar, *updated.rpar]
            new = new.with_changes(lpar=lpar, rpar=rpar)
        return parenthesised(new) if _needs_parentheses(new, around) else new

    context.edits.add(old, edit)


def _on_one_line(node: cst.BaseExpression) -> bool:
    """Return whether the parentheses of an expression hold no line break, and so no comment."""
    around = [*(paren.whitespace_after for paren in node.lpar),
              *(paren.whitespace_before for paren in node.rpar)]  # fmt: skip
    return not any(isinstance(one, cst.ParenthesizedWhitespace) for one in around)


def _is_evaluated(node: cst.BaseExpression, tree: Tree) -> bool:
    """Return whether a node is a value, not a bound name or a part of a string."""
    around = tree.parent(node)
    if isinstance(around, cst.Arg):
        return around.value is node
    if isinstance(around, cst.Param):
        return around.name is not node
    if isinstance(around, cst.Attribute):
        return around.value is node and tree.around(node, cst.Import, cst.ImportFrom) is None
    return not isinstance(around, _NAMING)


def _needs_parentheses(new: cst.BaseExpression, around: cst.CSTNode | None) -> bool:
    if new.lpar or isinstance(new, _ATOMS):
        return False
    if isinstance(new, cst.BaseNumber):
        return isinstance(around, cst.Attribute)
    if isinstance(new, cst.Await):
        # it binds more tightly than all operators but **
        is_power = isinstance(around, cst.BinaryOperation) and isinstance(
            around.operator, cst.Power
        )
        of_await = isinstance(around, cst.Attribute | cst.Subscript | cst.Call | cst.Await)
        return is_power or of_await
    return isinstance(new, _LOOSE) or not isinstance(around, _OPEN)


def parenthesised(node: cst.BaseExpression) -> cst.BaseExpression:
    """Put parentheses around an expression."""
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


class _PutOld(cst.CSTTransformer):
    """Replaces the placeholder of the template by the old expression."""

    def __init__(self, template: cst.BaseExpression, old: cst.BaseExpression) -> None:
        super().__init__()
        self._old = old
        self._parents: dict[cst.CSTNode, cst.CSTNode] = {}
        todo: list[cst.CSTNode] = [template]
        while todo:
            node = todo.pop()
            self._parents.update(dict.fromkeys(node.children, node))
            todo += node.children

    def leave_Name(  # noqa: N802 - the name libcst calls
        self, original_node: cst.Name, updated_node: cst.Name
    ) -> cst.BaseExpression:
        if updated_node.value != code.OLD:
            return updated_node
        if updated_node.lpar:
            return self._old.with_changes(lpar=updated_node.lpar, rpar=updated_node.rpar)
        if _needs_parentheses(self._old, self._parents.get(original_node)):
            return parenthesised(self._old)
        return self._old


def add_argument(action: AddArgument, context: Context) -> None:
    """Plan to add a keyword argument to a call."""
    tree = context.tree
    call = tree.expression(action.place)
    if not isinstance(call, cst.Call):
        raise CannotFix("there is no call at the place of the fix")
    value = code.expression(context.text(action.code, call, tree.scopes(call)), tree.module)
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    new = cst.Arg(value, cst.Name(action.keyword), equal)

    span = tree.positions.span(call)
    unit = tree.module.default_indent
    indent = tree.positions.text.split("\n")[span.line - 1]
    depth = len(indent) - len(indent.lstrip()) + len(unit)

    def edit(updated: cst.Call) -> cst.Call:
        args = list(updated.args)
        # another action may have removed it
        if any(_keyword(arg) == action.keyword or arg.star == "**" for arg in args):
            raise CannotFix(f"the call may already have an argument {action.keyword}")
        if not args:
            return updated.with_changes(args=[new])
        last = args[-1]
        between = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        if isinstance(updated.whitespace_before_args, cst.ParenthesizedWhitespace):
            between = cst.Comma(whitespace_after=updated.whitespace_before_args)
        added = new.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
        args[-1] = last.with_changes(comma=between, whitespace_after_arg=cst.SimpleWhitespace(""))
        longer = updated.with_changes(args=[*args, added])
        text = tree.module.code_for_node(longer)
        if "\n" in text or span.column + len(text) <= whitespace.WIDTH:
            return longer
        return _on_lines(longer, unit, depth + len(text) - text.index("("))

    context.edits.add(call, edit)


def _on_lines(call: cst.Call, unit: str, width: int) -> cst.Call:
    """Put the arguments of a call on a line of their own, or each on one, as black does."""
    before, end = whitespace.wrapped(unit)
    args = list(call.args)
    if width > whitespace.WIDTH:
        lines = cst.Comma(whitespace_after=before)
        args = [arg.with_changes(comma=lines) for arg in args[:-1]] + args[-1:]
        args[-1] = args[-1].with_changes(comma=cst.Comma(whitespace_after=end))
    else:
        args[-1] = args[-1].with_changes(whitespace_after_arg=end)
    return call.with_changes(args=args, whitespace_before_args=before)


def remove_argument(action: RemoveArgument, context: Context) -> None:
    """Plan to remove an argument from a call."""
    call = context.tree.expression(action.place)
    if not isinstance(call, cst.Call):
        raise CannotFix("there is no call at the place of the fix")
    matching = [n for n, arg in enumerate(call.args) if _keyword(arg) == action.keyword]
    if not action.keyword:
        matching = matching[action.position : action.position + 1]
    if len(matching) != 1:
        raise CannotFix(f"the call has no argument {action.keyword or action.position}")
    number = matching[0]

    def edit(updated: cst.Call) -> cst.Call:
        args = [arg for n, arg in enumerate(updated.args) if n != number]
        if args and number == len(args):
            # keep the whitespace before the closing parenthesis
            removed = updated.args[number]
            args[-1] = args[-1].with_changes(
                comma=removed.comma, whitespace_after_arg=removed.whitespace_after_arg
            )
        if not args and not whitespace.comments(updated.whitespace_before_args):
            updated = updated.with_changes(whitespace_before_args=cst.SimpleWhitespace(""))
        return updated.with_changes(args=args)

    context.edits.add(call, edit)


def _keyword(arg: cst.Arg) -> str:
    return arg.keyword.value if arg.keyword is not None else ""
