"""Applies fixes to several files in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from wslint.fixes.apply import apply_fix
from wslint.fixes.errors import CannotFix
from wslint.syntax.source import Unreadable, read_bytes

if TYPE_CHECKING:
    from wslint.findings.finding import Fix

FileSet = Mapping[str, bytes]
MayChange = Callable[[str], bool]


def read_files(
    paths: Iterable[str], overlay: Mapping[str, bytes], max_size: int
) -> dict[str, bytes]:
    """Read the files that are readable; ``overlay`` has the bytes of unsaved ones."""
    contents: dict[str, bytes] = {}
    for path in sorted(paths):
        data = overlay[path] if path in overlay else read_bytes(path, max_size=max_size)
        if not isinstance(data, Unreadable):
            contents[path] = data
    return contents


def apply_all(files: FileSet, fixes: Sequence[Fix], may_change: MayChange) -> FileSet:
    """Apply fixes that do not overlap, in all their files. Raises CannotFix."""
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


def overlapping_fixes(fixes: Mapping[int, Fix]) -> set[int]:
    """Return the numbers of the fixes that change a place which another one changes too."""
    places = sorted(
        (action.path, action.place[:2], action.place[2:], number)
        for number, fix in fixes.items()
        for action in fix.actions
    )
    found: set[int] = set()
    # those before the current one that go on after its start
    around: list[tuple[str, tuple[int, ...], tuple[int, ...], int]] = []
    for place in places:
        path, start, _, number = place
        around = [one for one in around if one[0] == path and one[2] > start]
        others = {one[3] for one in around} - {number}
        found |= others | ({number} if others else set())
        around.append(place)
    return found


def overlap(first: Fix, second: Fix) -> bool:
    """Return whether two fixes change the same place."""
    return any(
        a.path == b.path and a.place[:2] < b.place[2:] and b.place[:2] < a.place[2:]
        for a in first.actions
        for b in second.actions
    )
