"""Applies the actions of a fix to one file."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import libcst as cst

from wslint.findings.actions import (
    Action,
    AddArgument,
    AddDecorator,
    AddFixture,
    AddParameter,
    AddWithItem,
    AssignToWith,
    BindResult,
    BoundLoop,
    EnterStatement,
    InsertStatement,
    MakeSync,
    MakeWithSync,
    MoveStatement,
    MoveToElse,
    NameWithItem,
    OrderDecorators,
    RemoveArgument,
    RemoveAwait,
    RemoveDecorator,
    RemoveHandlers,
    RemoveStatement,
    RemoveWithItem,
    ReplaceCallee,
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
from wslint.fixes.cst.runs import changed_runs, changed_text
from wslint.fixes.cst.tree import Tree, logic_error, parse_tree
from wslint.fixes.cst.unused_imports import UsedNames, without_unused
from wslint.fixes.errors import CannotFix
from wslint.fixes.line_edits import line_edits
from wslint.fixes.transforms.comments import replace_comments, replaced_lines
from wslint.fixes.transforms.decorators import add_decorator, order_decorators, remove_decorator
from wslint.fixes.transforms.expressions import (
    add_argument,
    bind_result,
    remove_argument,
    remove_await,
    replace_callee,
    replace_expression,
)
from wslint.fixes.transforms.fixtures import return_to_yield, yield_inside_with
from wslint.fixes.transforms.functions import add_parameter, make_sync, wrap_body
from wslint.fixes.transforms.loops import bound_loop
from wslint.fixes.transforms.statements import (
    add_fixture,
    insert_statement,
    move_statement,
    remove_statement,
    replace_statement,
    wrap_statement,
)
from wslint.fixes.transforms.try_statements import move_to_else, remove_handlers
from wslint.fixes.transforms.with_statements import (
    add_with_item,
    assign_to_with,
    enter_statement,
    make_with_sync,
    name_with_item,
    remove_with_item,
    take_into_with,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wslint.findings.finding import Edit

# The planner of each action, but for ReplaceComment, which needs no tree.
_PLANS: dict[type[Action], Callable[[Any, Context], None]] = {
    AddDecorator: add_decorator,
    RemoveDecorator: remove_decorator,
    OrderDecorators: order_decorators,
    MakeSync: make_sync,
    AddParameter: add_parameter,
    WrapBody: wrap_body,
    WrapStatement: wrap_statement,
    AssignToWith: assign_to_with,
    YieldInsideWith: yield_inside_with,
    ReplaceExpression: replace_expression,
    BindResult: bind_result,
    ReplaceCallee: replace_callee,
    RemoveAwait: remove_await,
    MakeWithSync: make_with_sync,
    AddWithItem: add_with_item,
    NameWithItem: name_with_item,
    RemoveWithItem: remove_with_item,
    BoundLoop: bound_loop,
    MoveStatement: move_statement,
    MoveToElse: move_to_else,
    RemoveHandlers: remove_handlers,
    EnterStatement: enter_statement,
    TakeIntoWith: take_into_with,
    ReturnToYield: return_to_yield,
    AddArgument: add_argument,
    RemoveArgument: remove_argument,
    InsertStatement: insert_statement,
    ReplaceStatement: replace_statement,
    RemoveStatement: remove_statement,
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
    module, tree = _changed(source, path, tuple(own)), _parsed(source, path).tree
    try:
        after = changed_text(tree, module).encode(module.encoding)
    except UnicodeEncodeError as error:
        raise CannotFix(f"the new code does not fit here: {error}") from error
    guards.check(source, after, path)
    return after


def edits_of(source: bytes, path: str, actions: Sequence[Action]) -> list[Edit]:
    """Return the edits that the actions of one fix make in ``path``. Raises CannotFix.

    It costs as much as the change, not as much as the file, and checks no guards: ``apply_fix``
    has done that, for this fix alone or together with others.
    """
    own = [action for action in actions if action.path == path]
    comments = [action for action in own if isinstance(action, ReplaceComment)]
    if comments:
        return [
            edit
            for lines in replaced_lines(source, path, comments)
            for edit in line_edits(path, lines.line, lines.old, lines.new)
        ]
    module = _changed(source, path, tuple(own))
    return [
        edit
        for run in changed_runs(_parsed(source, path).tree, module)
        for edit in line_edits(path, run.line, run.old_text, run.new_text)
    ]


class _Parsed(NamedTuple):
    tree: Tree
    bound: Bindings
    used: UsedNames


@lru_cache(maxsize=4)
def _parsed(source: bytes, path: str) -> _Parsed:
    """Parse a file; the result is cached, as no fix changes the trees."""
    parsed = guards.parsed(source, path)
    tree = parse_tree(source, path)
    return _Parsed(tree, bindings(parsed), UsedNames(parsed, tree.positions.text))


@lru_cache(maxsize=32)
def _changed(source: bytes, path: str, own: tuple[Action, ...]) -> cst.Module:
    """Return the module with the actions applied, and with its imports adapted.

    It is cached, as a fix that was tried alone is then asked for its edits.
    """
    parsed = _parsed(source, path)
    context = Context(parsed.tree, parsed.bound)
    tree = parsed.tree
    try:
        for action in own:
            if isinstance(action, YieldInsideWith | ReturnToYield):
                context.converted.add(tree.statement(action.place))
        for action in own:
            if not _is_covered(action, own, tree):
                _PLANS[type(action)](action, context)
        top = first_import(tree.module)
        if top is not None and context.imports.first_line < tree.positions.span(top).line:
            raise CannotFix("the file's imports are below the new code")
        module = context.edits.apply()
        for missing in context.imports.missing:
            module = add_import(module, *missing)
        if os.path.basename(path) != "__init__.py":
            module = without_unused(tree, module, parsed.used, path)
    except (cst.CSTValidationError, logic_error, UnicodeEncodeError, RecursionError) as error:
        raise CannotFix(f"the new code does not fit here: {error}") from error
    return module


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
