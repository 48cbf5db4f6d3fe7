"""Statements of one block: wrapped, inserted, split off their line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

import libcst as cst

from wslint.fixes.transforms import lines
from wslint.fixes.transforms.with_lines import fitted

Statements = list[cst.BaseStatement]


@dataclass(slots=True)
class Slot:
    """The place of one statement: itself, and what a fix puts right before and behind it."""

    core: Statements
    before: Statements = field(default_factory=list)
    after: Statements = field(default_factory=list)


@dataclass(slots=True)
class Rest:
    """What follows a statement in its block; an edit may take it into a block of its own."""

    statements: Statements
    footer: Sequence[cst.EmptyLine] = ()


SlotEdit = Callable[[Slot, Rest], None]


class BlockPlan:
    """The edits of the statements of one block, each named by its line and its place there."""

    def __init__(self, indent: str | None) -> None:
        self._indent = indent
        self._edits: dict[tuple[int, int], list[SlotEdit]] = {}

    def add(self, line: int, number: int, edit: SlotEdit) -> None:
        """Plan an edit of the statement ``number`` of a line."""
        self._edits.setdefault((line, number), []).append(edit)

    def __call__(
        self, block: cst.Module | cst.IndentedBlock | cst.SimpleStatementSuite
    ) -> cst.Module | cst.IndentedBlock:
        """Make the edits."""
        if isinstance(block, cst.SimpleStatementSuite):
            block = indented(block, self._indent)
        addressed = {line for line, _ in self._edits}
        slots: list[tuple[Slot, Sequence[SlotEdit]]] = []
        for index, line in enumerate(block.body):
            parts = apart(line) if index in addressed else [line]
            slots += [
                (Slot([part]), self._edits.get((index, number), ()))
                for number, part in enumerate(parts)
            ]
        rest = Rest([], block.footer)
        for slot, edits in reversed(slots):
            for edit in edits:
                edit(slot, rest)
            rest.statements[:0] = [*slot.before, *slot.core, *slot.after]
        return block.with_changes(body=rest.statements, footer=rest.footer)


def apart(line: cst.BaseStatement) -> Statements:
    """Give each statement of a line a line of its own."""
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) == 1:
        return [line]
    parts = [
        cst.SimpleStatementLine([part.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)])
        for part in line.body
    ]
    parts[0] = parts[0].with_changes(leading_lines=line.leading_lines)
    parts[-1] = parts[-1].with_changes(trailing_whitespace=line.trailing_whitespace)
    return list(parts)


def indented(suite: cst.BaseSuite, indent: str | None) -> cst.IndentedBlock:
    """Give a suite on the line of its ``:`` lines of its own."""
    if isinstance(suite, cst.IndentedBlock):
        return suite
    one = cast("cst.SimpleStatementSuite", suite)
    line = cst.SimpleStatementLine(one.body, trailing_whitespace=one.trailing_whitespace)
    return cst.IndentedBlock([line], indent=indent)


def wrap(items: Sequence[cst.WithItem], indent: str | None, indents: Sequence[str]) -> SlotEdit:
    """Plan to put a statement into a ``with``."""

    def edit(slot: Slot, _rest: Rest) -> None:
        above = lines.leading(slot.core[0])
        slot.core[0] = lines.with_leading(slot.core[0], ())
        body = cst.IndentedBlock(slot.core, indent=indent)
        slot.core = [fitted(cst.With(items, body, leading_lines=above), indents)]

    return edit


def replace(new: Statements) -> SlotEdit:
    """Plan to put statements in the place of one, below the comments above it."""

    def edit(slot: Slot, _rest: Rest) -> None:
        above = lines.leading(slot.core[0])
        first = lines.with_leading(new[0], [*above, *lines.leading(new[0])])
        slot.core = [first, *new[1:]]

    return edit


def insert(new: Statements, *, after: bool, gap: int) -> SlotEdit:
    """Plan to put statements before or behind one; ``gap``: blank lines around definitions."""

    def edit(slot: Slot, rest: Rest) -> None:
        added = list(new)
        defines = any(isinstance(part, cst.FunctionDef | cst.ClassDef) for part in new)
        if after:
            follower = slot.after or rest.statements
            slot.after += added
        else:
            follower = slot.core
            first = (slot.before or slot.core)[0]
            above, below = lines.split(lines.leading(first))
            (slot.before or slot.core)[0] = lines.with_leading(first, below)
            added[0] = lines.with_leading(added[0], [*above, *lines.leading(added[0])])
            slot.before[:0] = added
        if defines:
            group = slot.after if after else slot.before
            if after:
                at = len(group) - len(added)
                group[at] = lines.spaced(group[at], gap)
            if follower:
                follower[0] = lines.spaced(follower[0], gap)

    return edit
