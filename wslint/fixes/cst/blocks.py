"""Edits of the statements of a block: wrap, insert, split a shared line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import libcst as cst

from wslint.fixes.cst import whitespace
from wslint.fixes.cst.with_layout import fitted
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from collections.abc import Sequence


Statements = list[cst.BaseStatement]


@dataclass(slots=True)
class Slot:
    """A statement, and what a fix inserts directly before and after it."""

    core: Statements
    before: Statements = field(default_factory=list)
    after: Statements = field(default_factory=list)


@dataclass(slots=True)
class Rest:
    """The statements after one in its block; an edit may move them into a new block."""

    statements: Statements
    footer: Sequence[cst.EmptyLine] = ()


SlotEdit = Callable[[Slot, Rest], None]


class BlockPlan:
    """The edits of a block; a statement is identified by its line and its number there."""

    def __init__(self, indent: str | None) -> None:
        self._indent = indent
        self._edits: dict[tuple[int, int], list[SlotEdit]] = {}

    def add(self, line: int, number: int, edit: SlotEdit) -> None:
        """Plan an edit of the statement ``number`` on a line."""
        self._edits.setdefault((line, number), []).append(edit)

    def __call__(
        self, block: cst.Module | cst.IndentedBlock | cst.SimpleStatementSuite
    ) -> cst.Module | cst.IndentedBlock:
        """Apply the edits."""
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
    """Split a line into one line for each statement."""
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
    """Move a suite on the line of its ``:`` to lines of its own."""
    if isinstance(suite, cst.IndentedBlock):
        return suite
    simple = cast("cst.SimpleStatementSuite", suite)
    line = cst.SimpleStatementLine(simple.body, trailing_whitespace=simple.trailing_whitespace)
    return cst.IndentedBlock([line], indent=indent)


def wrap(items: Sequence[cst.WithItem], indent: str | None, indents: Sequence[str]) -> SlotEdit:
    """Return an edit that wraps a statement in a ``with``."""

    def edit(slot: Slot, _rest: Rest) -> None:
        above = whitespace.leading(slot.core[0])
        slot.core[0] = whitespace.with_leading(slot.core[0], ())
        lines = whitespace.deeper(slot.core, indent or next(iter(indents), "    "))
        body = cst.IndentedBlock(lines, indent=indent)
        slot.core = [fitted(cst.With(items, body, leading_lines=above), indents)]

    return edit


def unwrap(slot: Slot, rest: Rest) -> None:
    """Replace a compound statement with its body."""
    block = slot.core[0]
    if not isinstance(block, cst.With | cst.Try) or not isinstance(block.body, cst.IndentedBlock):
        raise CannotFix("the block is on the same line as what begins it")
    first, *others = block.body.body
    above = [*block.leading_lines, *whitespace.leading(first)]
    slot.core = [whitespace.with_leading(first, above), *others]
    follower = slot.after or rest.statements
    if block.body.footer and follower:
        above = [*block.body.footer, *whitespace.leading(follower[0])]
        follower[0] = whitespace.with_leading(follower[0], above)
    elif block.body.footer:
        rest.footer = [*block.body.footer, *rest.footer]


def replace(new: Statements, comments: Sequence[str] = ()) -> SlotEdit:
    """Return an edit that replaces a statement and keeps the comments above and inside it.

    A single one inside goes to the end of the first new line.
    """

    def edit(slot: Slot, _rest: Rest) -> None:
        above = whitespace.leading(slot.core[0])
        inside = [*comments, *whitespace.end_comments(slot.core[0])]
        first = new[0]
        if isinstance(first, cst.SimpleStatementLine) and len(inside) == 1:
            first = whitespace.commented(first, inside.pop())
        lines = [cst.EmptyLine(comment=cst.Comment(text)) for text in inside]
        first = whitespace.with_leading(first, [*above, *lines, *whitespace.leading(first)])
        slot.core = [first, *new[1:]]

    return edit


def insert(new: Statements, *, after: bool, gap: int) -> SlotEdit:
    """Return an edit that inserts statements; ``gap``: blank lines around definitions."""

    def edit(slot: Slot, rest: Rest) -> None:
        added = list(new)
        defines = any(isinstance(part, cst.FunctionDef | cst.ClassDef) for part in new)
        if after:
            follower = slot.after or rest.statements
            slot.after += added
        else:
            follower = slot.core
            first = (slot.before or slot.core)[0]
            above, below = whitespace.split(whitespace.leading(first))
            (slot.before or slot.core)[0] = whitespace.with_leading(first, below)
            added[0] = whitespace.with_leading(added[0], [*above, *whitespace.leading(added[0])])
            slot.before[:0] = added
        if defines:
            group = slot.after if after else slot.before
            if after:
                at = len(group) - len(added)
                group[at] = whitespace.spaced(group[at], gap)
            if follower:
                follower[0] = whitespace.spaced(follower[0], gap)

    return edit


def is_docstring(line: cst.BaseStatement) -> bool:
    """Return whether a line begins with a string that nothing uses."""
    return (
        isinstance(line, cst.SimpleStatementLine)
        and isinstance(line.body[0], cst.Expr)
        and isinstance(line.body[0].value, cst.SimpleString | cst.ConcatenatedString)
    )


def split_docstring(body: cst.IndentedBlock) -> tuple[Statements, Statements]:
    """Split a body into its docstring and what follows it."""
    first, *rest = body.body
    if not is_docstring(first):
        return [], [first, *rest]
    docstring, *others = apart(first)
    if not others and not rest:
        raise CannotFix("the function has only a docstring")
    return [docstring], [*others, *rest]


def lift_blank(statements: Statements) -> Sequence[cst.EmptyLine]:
    """Remove and return the blank lines and type comment above the first statement."""
    above = whitespace.leading(statements[0])
    count = max((n + 1 for n, line in enumerate(above) if whitespace.is_signature(line)), default=0)
    blank, _ = whitespace.split(above[count:])
    count += len(blank)
    statements[0] = whitespace.with_leading(statements[0], above[count:])
    return above[:count]
