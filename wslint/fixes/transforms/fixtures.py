"""Fixtures: yield the value inside a ``with``, turn ``return`` into ``yield``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.findings.actions import ReturnToYield, Symbol, YieldInsideWith
from wslint.fixes.cst import node_queries
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from wslint.fixes.context import Context
    from wslint.fixes.cst.blocks import Rest, Slot, SlotEdit
    from wslint.fixes.cst.tree import Statement, Tree


def yield_inside_with(action: YieldInsideWith, context: Context) -> None:
    """Plan to yield a value from within a ``with``."""
    tree = context.tree
    statement = tree.statement(action.place)
    function = tree.owner(statement)
    if function is None:
        raise CannotFix("the statement is not in a function")
    value = _value(statement)
    _check(value)
    leaves = isinstance(statement, cst.Return)
    if leaves:
        _become_generator(statement, function, context)
    taken = node_queries.names(function.body) | node_queries.names(function.params)
    name = node_queries.fresh(action.name, taken)
    back = leaves and not _is_last(statement, function, tree)
    context.edit_statement(statement, _edit(name, back, tree.indent(statement)))


def return_to_yield(action: ReturnToYield, context: Context) -> None:
    """Plan to yield a value without leaving the blocks around it."""
    tree = context.tree
    statement = tree.statement(action.place)
    function = tree.owner(statement)
    if function is None or not isinstance(statement, cst.Return):
        raise CannotFix("the statement is not a return of a function")
    _become_generator(statement, function, context)
    if not _is_last(statement, function, tree):
        raise CannotFix("what follows the return would run too")

    def edit(slot: Slot, _rest: Rest) -> None:
        line = slot.core[0]
        if not isinstance(line, cst.SimpleStatementLine):
            raise CannotFix("the edits of this fix conflict")
        give = cst.Expr(cst.Yield(_value(line.body[0])))
        slot.core = [line.with_changes(body=[give])]

    context.edit_statement(statement, edit)


def _value(statement: Statement) -> cst.BaseExpression:
    value: cst.BaseExpression | cst.From | None = None
    if isinstance(statement, cst.Return):
        value = statement.value
    elif isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Yield):
        value = statement.value.value
    if value is None or isinstance(value, cst.From):
        raise CannotFix("the statement returns no value")
    return value


def _check(value: cst.BaseExpression) -> None:
    if isinstance(value, cst.Tuple):
        raise CannotFix("the statement returns several values")
    constant = isinstance(value, cst.Name) and value.value in {"None", "True", "False"}
    if constant or isinstance(value, cst.BaseNumber | cst.BaseString | cst.List | cst.Dict):
        raise CannotFix("the value cannot be entered")
    if any(isinstance(node, cst.Yield) for node in [value, *node_queries.own(value)]):
        raise CannotFix("the value contains a yield")


def _become_generator(statement: Statement, function: cst.FunctionDef, context: Context) -> None:
    """Check that the function may become a generator, and plan its new annotation."""
    tree = context.tree
    if node_queries.is_generator(function):
        raise CannotFix("the function is already a generator, and returns a value")
    if any(node not in context.converted for node in node_queries.returns(function)):
        raise CannotFix("the function also returns elsewhere")
    for child, parent in tree.ancestors(statement):
        if parent is function:
            break
        if isinstance(parent, cst.For | cst.While) and child is parent.body:
            raise CannotFix("the statement is in a loop")
    if any(
        isinstance(node, cst.Comment) and node.value.replace(" ", "").startswith("#type:(")
        for node in node_queries.own(function.body)
    ):
        raise CannotFix("the type comment of the function would be wrong")
    first = min(node_queries.returns(function), key=tree.positions.offsets)
    if function.returns is None or first is not statement:
        return
    kind = "AsyncIterator" if function.asynchronous else "Iterator"
    old = Symbol(f"typing.{kind}", "typing", kind)
    new = Symbol(f"collections.abc.{kind}", "collections.abc", kind)
    scopes = tree.scopes(function)
    name = next((n for s in (new, old) if (n := context.imports.known(s, function, scopes))), "")
    name = name or context.imports.name(new, function, scopes)
    context.edits.add(function.returns, lambda node: inside_iterator(node, name, tree.module))


def _is_last(statement: Statement, function: cst.FunctionDef, tree: Tree) -> bool:
    """Return whether nothing but clean-up runs after the statement."""
    for child, parent in tree.ancestors(statement):
        if parent is function:
            return True
        if isinstance(
            parent, cst.IndentedBlock | cst.SimpleStatementSuite | cst.SimpleStatementLine
        ):
            if parent.body[-1] is not child:
                return False
        elif isinstance(parent, cst.Try | cst.TryStar) and child is parent.body and parent.orelse:
            return False
    return True


def _edit(name: str, back: bool, indent: str | None) -> SlotEdit:
    def edit(slot: Slot, _rest: Rest) -> None:
        line = slot.core[0]
        if not isinstance(line, cst.SimpleStatementLine):
            raise CannotFix("the edits of this fix conflict")
        value = _value(line.body[0])
        if isinstance(value, cst.Name):
            handed, item = cst.Name(value.value), cst.WithItem(value)
        else:
            handed = cst.Name(name)
            item = cst.WithItem(value, cst.AsName(handed))
        give = cst.SimpleStatementLine(
            [cst.Expr(cst.Yield(handed))], trailing_whitespace=line.trailing_whitespace
        )
        body = cst.IndentedBlock([give], indent=indent)
        slot.core = [cst.With([item], body, leading_lines=line.leading_lines)]
        if back:
            slot.core.append(cst.SimpleStatementLine([cst.Return()]))

    return edit


def inside_iterator(annotation: cst.Annotation, name: str, module: cst.Module) -> cst.Annotation:
    """Turn ``T`` into ``name[T]``, within the quotes if ``T`` is a string."""
    old = annotation.annotation
    if isinstance(old, cst.SimpleString) and old.prefix == "" and "\\" not in old.raw_value:
        text = f"{old.quote}{name}[{old.raw_value}]{old.quote}"
        return annotation.with_changes(annotation=old.with_changes(value=text))
    func = cst.parse_expression(name, config=module.config_for_parsing)
    new = cst.Subscript(func, [cst.SubscriptElement(cst.Index(old))])
    return annotation.with_changes(annotation=new)
