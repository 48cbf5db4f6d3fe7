"""The actions of one fix, made in one file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import libcst as cst

from wslint.actions import (
    Action,
    AddDecorator,
    AddFixture,
    AddWithItem,
    AssignToWith,
    BindResult,
    EnterStatement,
    InsertStatement,
    MakeSync,
    NameWithItem,
    OrderDecorators,
    RemoveArgument,
    RemoveDecorator,
    RemoveWithItem,
    ReplaceComment,
    ReplaceExpression,
    ReplaceStatement,
    ReturnToYield,
    TakeIntoWith,
    WrapBody,
    WrapStatement,
    YieldInsideWith,
)
from wslint.fix import code, guards
from wslint.fix.arguments import remove_argument
from wslint.fix.assign import assign_to_with
from wslint.fix.bindings import bindings
from wslint.fix.comments import replace_comments
from wslint.fix.context import Context
from wslint.fix.errors import CannotFix
from wslint.fix.expressions import bind_result, replace_expression
from wslint.fix.fixtures import return_to_yield, yield_inside_with
from wslint.fix.functions import make_sync, wrap_body
from wslint.fix.heading import parted
from wslint.fix.import_block import add_import, first_import
from wslint.fix.statements import (
    add_fixture,
    insert_statement,
    replace_statement,
    wrap_statement,
)
from wslint.fix.tree import Tree
from wslint.fix.unused import without_unused
from wslint.fix.with_bodies import enter_statement, take_into_with
from wslint.fix.with_items import add_with_item, name_with_item, remove_with_item
from wslint.lower.apart import exceeds
from wslint.source import Source, Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

# libcst 1.8.0 does not have it yet.
_LogicError: type[Exception] = getattr(cst, "CSTLogicError", cst.CSTValidationError)


def apply_fix(source: bytes, path: str, actions: Sequence[Action]) -> bytes:
    """Make the actions that concern ``path``; CannotFix where that can't be done.

    The actions may be those of several fixes, if their places do not overlap.
    """
    own = [action for action in actions if action.path == path]
    comments = [action for action in own if isinstance(action, ReplaceComment)]
    if comments:
        if len(comments) != len(own):
            raise CannotFix("comments are changed by themselves")
        return replace_comments(source, path, comments)
    parsed = guards.parsed(source, path)
    bound = bindings(parsed)
    try:
        context = Context(_tree(source, path), bound)
        for action in own:
            if isinstance(action, YieldInsideWith | ReturnToYield):
                context.converted.add(context.tree.statement(action.statement))
        for action in own:
            _plan(action, context)
        top = first_import(context.tree.module)
        if top is not None and context.imports.first_line < context.tree.positions[top].line:
            raise CannotFix("the imports of the file stand below the new code")
        module = context.edits.apply()
        for missing in context.imports.missing:
            module = add_import(module, *missing)
        if os.path.basename(path) != "__init__.py":
            module = without_unused(module, parsed, path)
        after = module.bytes
    except (cst.CSTValidationError, _LogicError, UnicodeEncodeError, RecursionError) as error:
        raise CannotFix(f"the new code does not fit in: {error}") from error
    guards.check(source, after, path)
    return after


def _tree(source: bytes, path: str) -> Tree:
    read = Source.from_bytes(path, source, max_size=len(source))
    if isinstance(read, Unreadable) or exceeds(read.measures[0], read.measures[1] // 4):
        raise CannotFix("the file is nested too deeply, or too large, to be rewritten safely")
    try:
        tree = Tree(parted(cst.parse_module(source)))
    except (cst.ParserSyntaxError, _LogicError, SyntaxError, ValueError) as error:
        raise CannotFix(f"libcst does not parse the file: {error}") from error
    if tree.positions.text.encode(tree.module.encoding) != source:
        raise CannotFix("libcst does not reproduce this file exactly")
    return tree


def _plan(action: Action, context: Context) -> None:
    if isinstance(action, AddDecorator | RemoveDecorator | OrderDecorators):
        _plan_decorators(action, context)
    elif isinstance(action, MakeSync):
        make_sync(action, context)
    elif isinstance(action, WrapBody):
        wrap_body(action, context)
    elif isinstance(action, WrapStatement):
        wrap_statement(action, context)
    elif isinstance(action, AssignToWith):
        assign_to_with(action, context)
    elif isinstance(action, YieldInsideWith):
        yield_inside_with(action, context)
    elif isinstance(action, BindResult):
        bind_result(action, context)
    elif isinstance(action, ReplaceExpression):
        replace_expression(action, context)
    elif isinstance(action, ReplaceStatement):
        replace_statement(action, context)
    elif isinstance(action, ReturnToYield):
        return_to_yield(action, context)
    elif isinstance(action, RemoveArgument):
        remove_argument(action, context)
    elif isinstance(action, InsertStatement):
        insert_statement(action, context)
    elif isinstance(action, AddFixture):
        add_fixture(action, context)
    elif not isinstance(action, ReplaceComment):
        _plan_with(action, context)


def _plan_with(
    action: AddWithItem | NameWithItem | RemoveWithItem | EnterStatement | TakeIntoWith,
    context: Context,
) -> None:
    if isinstance(action, AddWithItem):
        add_with_item(action, context)
    elif isinstance(action, NameWithItem):
        name_with_item(action, context)
    elif isinstance(action, RemoveWithItem):
        remove_with_item(action, context)
    elif isinstance(action, EnterStatement):
        enter_statement(action, context)
    else:
        take_into_with(action, context)


def _plan_decorators(
    action: AddDecorator | RemoveDecorator | OrderDecorators, context: Context
) -> None:
    tree = context.tree
    definition = tree.definition(action.target)
    plan = context.decorators(definition)
    if isinstance(action, AddDecorator):
        old = context.sources(action.source)
        text = context.text(action.code, definition, tree.scopes(definition), *old)
        plan.add(code.expression(text, tree.module), action.index)
    elif isinstance(action, OrderDecorators):
        plan.order(action.order)
    else:
        expression = tree.expression(action.decorator)
        found = [each.decorator for each in definition.decorators]
        if expression not in found:
            raise CannotFix("the place of the fix is no decorator of the function")
        plan.remove(found.index(expression))
