"""Statements: wrap, replace, insert."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.cst import code, whitespace
from wslint.fixes.cst.blocks import insert, is_docstring, replace, wrap
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from wslint.findings.actions import (
        AddFixture,
        Code,
        InsertStatement,
        MoveStatement,
        RemoveStatement,
        ReplaceStatement,
        WrapStatement,
    )
    from wslint.fixes.context import Context
    from wslint.fixes.cst.blocks import Rest, Slot
    from wslint.fixes.cst.tree import Scope, Tree


def wrap_statement(action: WrapStatement, context: Context) -> None:
    """Plan to wrap a statement in a ``with``."""
    tree = context.tree
    statement = tree.statement(action.place)
    text = context.text(action.items, statement, tree.scopes(statement))
    items = code.with_items(text, tree.module)
    indents = tree.indents(statement)
    context.edit_statement(statement, wrap(items, tree.indent(statement), indents))


def replace_statement(action: ReplaceStatement, context: Context) -> None:
    """Plan to replace a statement."""
    tree = context.tree
    statement = tree.statement(action.place)
    old, comments = [], whitespace.comments(statement)
    if action.source is not None:
        kept = tree.part(action.source)
        # the comment at the end of the statement's own line stays above what replaces it
        line = kept if kept is statement else tree.parent(kept) or kept
        old = ["  ".join([context.unindented(kept), *whitespace.end_comments(line)])]
        repeated = whitespace.comments(line)
        comments = [text for text in comments if text not in repeated]
    text = context.text(action.code, statement, tree.scopes(statement), *old)
    new = code.statements(text, tree.module, tree.indent(statement))
    context.edit_statement(statement, replace(new, comments))


def insert_statement(action: InsertStatement, context: Context) -> None:
    """Plan to insert statements before or after one."""
    tree = context.tree
    if not tree.module.body:
        _begin(action.code, context)
        return
    statement = tree.statement(action.place)
    if action.after and isinstance(statement, cst.Return | cst.Raise | cst.Break | cst.Continue):
        raise CannotFix("nothing runs after the statement at the place of the fix")
    old = [text for span in action.sources for text in context.sources(span)]
    text = context.text(action.code, statement, tree.scopes(statement), *old)
    new = code.statements(text, tree.module, tree.indent(statement))
    gap = 1 if tree.indents(statement) else 2
    context.edit_statement(statement, insert(new, after=action.after, gap=gap))


def remove_statement(action: RemoveStatement, context: Context) -> None:
    """Plan to remove a statement, and to keep its comments."""
    tree = context.tree
    statement = tree.statement(action.place)
    line = tree.parent(statement)
    if not isinstance(line, cst.SimpleStatementLine):
        raise CannotFix("the statement is not on a line of its own")
    if whitespace.comments(line):
        raise CannotFix("the comment on the line is about what would be removed")
    block = tree.parent(line)
    is_body = isinstance(block, cst.IndentedBlock) and isinstance(
        tree.parent(block), cst.FunctionDef
    )
    lines = block.body if isinstance(block, cst.IndentedBlock) else ()
    is_first = _is_first(tree, line)
    is_start = is_first or (len(lines) > 1 and lines[1] is line and is_docstring(lines[0]))
    comments: list[cst.EmptyLine] = []

    def edit(slot: Slot, rest: Rest) -> None:
        if is_start and is_body and not rest.statements:
            raise CannotFix("nothing else is in the function")
        comments.extend(_take_out(slot, rest, is_first=is_first, stay=action.heir is None))

    context.edit_statement(statement, edit)
    if action.heir is None:
        return

    def inherit(slot: Slot, _rest: Rest) -> None:
        heir = slot.core[0]
        slot.core[0] = whitespace.with_leading(heir, [*whitespace.leading(heir), *comments])

    context.edit_statement(tree.statement(action.heir), inherit)


def _take_out(slot: Slot, rest: Rest, *, is_first: bool, stay: bool) -> whitespace.Lines:
    """Take a statement out of its block; return its comments, which ``stay`` there or go too."""
    above, own = whitespace.split(whitespace.leading(slot.core[0]))
    slot.core = []
    follower = slot.after or rest.statements
    kept = own if stay else ()
    if not follower:
        rest.footer = [*above, *kept, *rest.footer] if kept else rest.footer
        return own
    blank, below = whitespace.split(whitespace.leading(follower[0]))
    gap = () if is_first else max(above, blank, key=len)
    lines = [*above, *kept, *blank] if kept else gap
    follower[0] = whitespace.with_leading(follower[0], [*lines, *below])
    return own


def _is_first(tree: Tree, line: cst.CSTNode) -> bool:
    """Return whether a line is the first one of an indented block."""
    block = tree.parent(line)
    return isinstance(block, cst.IndentedBlock) and block.body[0] is line


def move_statement(action: MoveStatement, context: Context) -> None:
    """Plan to move a statement."""
    tree = context.tree
    statement = tree.statement(action.place)
    line = tree.parent(statement)
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) > 1:
        raise CannotFix("the statement is not on a line of its own")
    is_first = _is_first(tree, line)

    def leave(slot: Slot, rest: Rest) -> None:
        _take_out(slot, rest, is_first=is_first, stay=False)

    def arrive(slot: Slot, _rest: Rest) -> None:
        _, comments = whitespace.split(whitespace.leading(line))
        slot.before.append(whitespace.with_leading(line, comments))

    context.edit_statement(statement, leave)
    context.edit_statement(tree.statement(action.below), arrive)


def add_fixture(action: AddFixture, context: Context) -> None:
    """Plan a function at the end of a file, unless its name is already bound or planned."""
    tree = context.tree
    if action.name in context.bound.top or action.name in context.added:
        return
    context.added.add(action.name)
    if not tree.module.body:
        _begin(action.code, context)
        return
    last = tree.module.body[-1]
    statement = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    new = code.statements(context.text(action.code, statement, []), tree.module, None)
    context.edit_statement(statement, insert(new, after=True, gap=2))


def _begin(new_code: Code, context: Context) -> None:
    """Plan the first statements of an empty file."""
    module = context.tree.module
    scopes: list[Scope] = []
    text = context.text(new_code, module, scopes)
    new = code.statements(text, module, None)
    if module.header or module.footer:
        new[0] = whitespace.spaced(new[0], 1)

    def edit(module: cst.Module) -> cst.Module:
        return module.with_changes(body=[*module.body, *new], has_trailing_newline=True)

    context.edits.add(module, edit)
