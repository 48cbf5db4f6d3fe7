"""Applies the actions of a fix to one file."""

from __future__ import annotations

import ast
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import libcst as cst

from wslint.findings.actions import (
    Action,
    AddArgument,
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
from wslint.fixes import guards
from wslint.fixes.context import Context
from wslint.fixes.cst.bindings import Bindings, bindings
from wslint.fixes.cst.import_block import add_import, first_import
from wslint.fixes.cst.tree import Tree, logic_error, parse_tree
from wslint.fixes.cst.unused_imports import without_unused
from wslint.fixes.errors import CannotFix
from wslint.fixes.transforms.comments import replace_comments
from wslint.fixes.transforms.decorators import add_decorator, order_decorators, remove_decorator
from wslint.fixes.transforms.expressions import (
    add_argument,
    bind_result,
    remove_argument,
    replace_expression,
)
from wslint.fixes.transforms.fixtures import return_to_yield, yield_inside_with
from wslint.fixes.transforms.functions import make_sync, wrap_body
from wslint.fixes.transforms.statements import (
    add_fixture,
    insert_statement,
    replace_statement,
    wrap_statement,
)
from wslint.fixes.transforms.with_statements import (
    add_with_item,
    assign_to_with,
    enter_statement,
    name_with_item,
    remove_with_item,
    take_into_with,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# The planner of each action, but for ReplaceComment, which needs no tree.
_PLANS: dict[type[Action], Callable[[Any, Context], None]] = {
    AddDecorator: add_decorator,
    RemoveDecorator: remove_decorator,
    OrderDecorators: order_decorators,
    MakeSync: make_sync,
    WrapBody: wrap_body,
    WrapStatement: wrap_statement,
    AssignToWith: assign_to_with,
    YieldInsideWith: yield_inside_with,
    ReplaceExpression: replace_expression,
    BindResult: bind_result,
    AddWithItem: add_with_item,
    NameWithItem: name_with_item,
    RemoveWithItem: remove_with_item,
    EnterStatement: enter_statement,
    TakeIntoWith: take_into_with,
    ReturnToYield: return_to_yield,
    AddArgument: add_argument,
    RemoveArgument: remove_argument,
    InsertStatement: insert_statement,
    ReplaceStatement: replace_statement,
    AddFixture: add_fixture,
}


def apply_fix(source: bytes, path: str, actions: Sequence[Action]) -> bytes:
    """Apply the actions that concern ``path``. Raises CannotFix.

    The actions may be those of several fixes, if their places do not overlap.
    """
    own = [action for action in actions if action.path == path]
    comments = [action for action in own if isinstance(action, ReplaceComment)]
    if comments:
        if len(comments) != len(own):
            raise CannotFix("comments and code cannot be changed together")
        return replace_comments(source, path, comments)
    parsed, bound, tree = _parsed(source, path)
    try:
        context = Context(tree, bound)
        for action in own:
            if isinstance(action, YieldInsideWith | ReturnToYield):
                context.converted.add(context.tree.statement(action.place))
        for action in own:
            if not _is_covered(action, own, context.tree):
                _PLANS[type(action)](action, context)
        top = first_import(context.tree.module)
        if top is not None and context.imports.first_line < context.tree.positions.span(top).line:
            raise CannotFix("the file's imports are below the new code")
        module = context.edits.apply()
        for missing in context.imports.missing:
            module = add_import(module, *missing)
        if os.path.basename(path) != "__init__.py":
            module = without_unused(module, parsed, path)
        after = module.bytes
    except (cst.CSTValidationError, logic_error, UnicodeEncodeError, RecursionError) as error:
        raise CannotFix(f"the new code does not fit here: {error}") from error
    guards.check(source, after, path)
    return after


@lru_cache(maxsize=4)
def _parsed(source: bytes, path: str) -> tuple[ast.Module, Bindings, Tree]:
    """Parse a file; the result is cached, as no fix changes the trees."""
    parsed = guards.parsed(source, path)
    return parsed, bindings(parsed), parse_tree(source, path)


def _is_covered(action: Action, others: Sequence[Action], tree: Tree) -> bool:
    """Return whether another fix adds the same decorator to the class of the test."""
    if not isinstance(action, AddDecorator) or action.source is not None:
        return False
    definition = tree.definition(action.place)
    owner = tree.around(definition, cst.ClassDef, cst.FunctionDef)
    return definition.name.value.startswith("test") and any(
        isinstance(other, AddDecorator)
        and other.code == action.code
        and tree.definition(other.place) is owner
        for other in others
    )
