"""The runs of statements in which two versions of a tree differ.

A codemod keeps each node that it does not change. So statements are compared by identity, and only
those that differ are rendered: the cost is that of the change, not that of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import compress, count
from operator import is_not
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wslint.fixes.cst.tree import Tree

_Statements = list[cst.BaseStatement]


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring statements of one block, before and after.

    ``line`` is the first line of ``old`` in the file. ``depth``: the number of blocks around, as
    each of which ``old`` and ``new`` have one line ``if 1:`` at the top, so they can be parsed.
    """

    line: int
    depth: int
    old: str
    new: str

    @property
    def old_text(self) -> str:
        """The lines of the file before."""
        return _without_lines(self.old, self.depth)

    @property
    def new_text(self) -> str:
        """The lines of the file after."""
        return _without_lines(self.new, self.depth)


@lru_cache(maxsize=32)
def changed_runs(tree: Tree, changed: cst.Module) -> tuple[Run, ...]:
    """Return the runs in which ``changed`` differs from the module of ``tree``, in order.

    They are kept, as are the modules of ``fixes.apply``: for the new text, then for the edits.
    """
    old = tree.module
    if _differ(old, changed) or not old.body:
        return (Run(1, 0, tree.positions.text, changed.code),)
    runs = tuple(_runs(tree, old, changed, []))
    text = tree.positions.text
    if any(not text.startswith(run.old_text, tree.positions.line_start(run.line)) for run in runs):
        # such as a last line without an end, which is rendered with one
        return (Run(1, 0, text, changed.code),)
    return runs


def changed_text(tree: Tree, changed: cst.Module) -> str:
    """Return the text of ``changed``, of which only the runs are rendered."""
    text, parts, end = tree.positions.text, [], 0
    for run in changed_runs(tree, changed):
        start = tree.positions.line_start(run.line)
        parts += [text[end:start], run.new_text]
        end = start + len(run.old_text)
    return "".join([*parts, text[end:]])


def _runs(
    tree: Tree,
    old: cst.Module | cst.IndentedBlock,
    new: cst.Module | cst.IndentedBlock,
    indents: list[str | None],
) -> Iterator[Run]:
    for before, after in _changed_ranges(old.body, new.body):
        if len(before) == len(after) == 1:
            blocks = _blocks(before[0], after[0])
            if blocks is not None:
                yield from _runs(tree, *blocks, [*indents, blocks[0].indent])
                continue
        yield Run(
            tree.positions.first_line(before[0]),
            len(indents),
            _rendered(tree.module, before, indents),
            _rendered(tree.module, after, indents),
        )


def _changed_ranges(
    old: Sequence[cst.BaseStatement], new: Sequence[cst.BaseStatement]
) -> Iterator[tuple[_Statements, _Statements]]:
    """Yield what differs between two unchanged statements, with at least one old statement."""
    equal = _equal(old, new)
    rest = min(len(old), len(new)) - equal
    same_end = min(_equal(old[::-1], new[::-1]), rest)
    end_old, end_new = len(old) - same_end, len(new) - same_end
    place = {id(old[number]): number for number in range(equal, end_old)}
    start_old = start_new = equal
    for at in range(equal, end_new + 1):
        number = end_old if at == end_new else place.get(id(new[at]), -1)
        if number < start_old:
            continue
        before, after = [*old[start_old:number]], [*new[start_new:at]]
        if after and not before:
            # an insertion: together with one of its neighbours
            if start_old:
                before = [old[start_old - 1]]
                after = [*before, *after]
            else:
                before = [old[0]]
                after = [*after, old[0]]
        if before:
            yield before, after
        start_old, start_new = number + 1, at + 1


def _equal(old: Sequence[cst.BaseStatement], new: Sequence[cst.BaseStatement]) -> int:
    """Count the statements at the start that are the same."""
    return next(compress(count(), map(is_not, old, new)), min(len(old), len(new)))


def _blocks(
    old: cst.BaseStatement, new: cst.BaseStatement
) -> tuple[cst.IndentedBlock, cst.IndentedBlock] | None:
    """Return the bodies of two compound statements that differ only there."""
    before, after = getattr(old, "body", None), getattr(new, "body", None)
    if not isinstance(before, cst.IndentedBlock) or not isinstance(after, cst.IndentedBlock):
        return None
    same = type(old) is type(new) and not _differ(old, new) and not _differ(before, after)
    return (before, after) if same else None


def _differ(old: cst.CSTNode, new: cst.CSTNode) -> bool:
    """Return whether anything but the body differs."""
    return any(
        not _is_same(getattr(old, field.name), getattr(new, field.name))
        for field in fields(old)
        if field.name != "body"
    )


def _is_same(old: object, new: object) -> bool:
    if isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)):
        return len(old) == len(new) and all(a is b for a, b in zip(old, new, strict=True))
    return old is new or (not isinstance(old, cst.CSTNode) and old == new)


def _rendered(module: cst.Module, body: _Statements, indents: Sequence[str | None]) -> str:
    if not body:
        return ""  # a block without statements is rendered as `pass`
    for indent in reversed(indents):
        body = [cst.If(cst.Integer("1"), cst.IndentedBlock(body, indent=indent))]
    return "".join(map(module.code_for_node, body))


def _without_lines(text: str, count: int) -> str:
    lines = text.splitlines(keepends=True) if count else []
    return text[sum(map(len, lines[:count])) :]
