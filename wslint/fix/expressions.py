"""An expression in the place of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fix import code
from wslint.fix.errors import CannotFix

if TYPE_CHECKING:
    from wslint.actions import ReplaceExpression
    from wslint.fix.context import Context

_ATOMS = (
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.BaseNumber,
    cst.SimpleString,
    cst.FormattedString,
    cst.BaseList,
    cst.BaseSet,
    cst.BaseDict,
    cst.Ellipsis,
)
# Where an expression ends at a comma, a bracket or the line's end, no operator takes a part of it.
_OPEN = (
    cst.Arg,
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
_LOOSE = (cst.Tuple, cst.Yield, cst.NamedExpr, cst.GeneratorExp)


def replace_expression(action: ReplaceExpression, context: Context) -> None:
    """Plan to put new code in the place of an expression."""
    tree = context.tree
    old = tree.expression(action.expression)
    if tree.around(old, cst.FormattedString) is not None:
        raise CannotFix("the place of the fix is inside an f-string")
    text = context.text(action.code, old, tree.scopes(old), code.OLD)
    template = code.expression(text, tree.module)
    around = tree.parent(old)

    def edit(updated: cst.BaseExpression) -> cst.BaseExpression:
        bare = updated.with_changes(lpar=(), rpar=())
        if isinstance(template, cst.Name) and template.value == code.OLD:
            return updated
        new = template.visit(_PutOld(template, bare))
        if not isinstance(new, cst.BaseExpression):
            raise CannotFix("the new code is no expression")
        lpar, rpar = [*updated.lpar, *new.lpar], [*new.rpar, *updated.rpar]
        new = new.with_changes(lpar=lpar, rpar=rpar)
        return parenthesised(new) if _needs_parentheses(new, around) else new

    context.edits.add(old, edit)


def _needs_parentheses(new: cst.BaseExpression, around: cst.CSTNode | None) -> bool:
    if new.lpar or isinstance(new, _ATOMS):
        return False
    return isinstance(new, _LOOSE) or not isinstance(around, _OPEN)


def parenthesised(node: cst.BaseExpression) -> cst.BaseExpression:
    """Put parentheses around an expression."""
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


class _PutOld(cst.CSTTransformer):
    """Puts the replaced expression where the template speaks of it."""

    def __init__(self, template: cst.BaseExpression, old: cst.BaseExpression) -> None:
        super().__init__()
        self._old = old
        self._open: set[cst.CSTNode] = set()
        todo: list[cst.CSTNode] = [template]
        while todo:
            node = todo.pop()
            if isinstance(node, _OPEN):
                self._open.update(node.children)
            todo += node.children

    def leave_Name(  # noqa: N802 - libcst finds it by this name
        self, original_node: cst.Name, updated_node: cst.Name
    ) -> cst.BaseExpression:
        if updated_node.value != code.OLD:
            return updated_node
        if updated_node.lpar:
            return self._old.with_changes(lpar=updated_node.lpar, rpar=updated_node.rpar)
        if isinstance(self._old, _ATOMS):
            return self._old
        if original_node in self._open and not isinstance(self._old, _LOOSE):
            return self._old
        return parenthesised(self._old)
