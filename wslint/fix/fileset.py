"""Fixes that may touch several files, made in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from wslint.actions import AddFixture
from wslint.fix.apply import apply_fix
from wslint.fix.errors import CannotFix
from wslint.spans import Span

if TYPE_CHECKING:
    from wslint.actions import Action
    from wslint.finding import Fix

# the end of a file is in nobody's way
_END = Span(0, 0, 0, 0)

FileSet = Mapping[str, bytes]
MayChange = Callable[[str], bool]


def apply_all(files: FileSet, fixes: Sequence[Fix], may_change: MayChange) -> FileSet:
    """Make fixes whose places do not overlap in all their files, or in none: CannotFix."""
    actions = [action for fix in fixes for action in fix.actions]
    changed = dict(files)
    for path in sorted({action.path for action in actions}):
        if not may_change(path):
            raise CannotFix(f"the fix also changes {path}, which is not among the files to change")
        if path not in files:
            raise CannotFix(f"the fix also changes {path}, which was not read")
        own = [action for action in actions if action.path == path]
        changed[path] = apply_fix(files[path], path, own)
    return changed


def place(action: Action) -> Span:
    """Give the span that an action is about."""
    if isinstance(action, AddFixture):
        return _END
    for name in ("statement", "expression", "item"):
        span = getattr(action, name, None)
        if isinstance(span, Span):
            return span
    span = getattr(action, "target")  # noqa: B009 - the actions have it in no common class
    assert isinstance(span, Span)  # noqa: S101 - for the type
    return span


def overlap(one: Fix, other: Fix) -> bool:
    """Tell whether two fixes change the same place."""
    return any(
        a.path == b.path and place(a)[:2] < place(b)[2:] and place(b)[:2] < place(a)[2:]
        for a in one.actions
        for b in other.actions
    )
