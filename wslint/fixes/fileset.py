"""Applies fixes to several files in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from wslint.fixes.apply import apply_fix
from wslint.fixes.errors import CannotFix
from wslint.syntax.source import Unreadable, read_bytes

if TYPE_CHECKING:
    from wslint.findings.actions import Action
    from wslint.findings.finding import Fix

Key = TypeVar("Key")
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
    """Apply fixes that do not overlap, in all their files. Raises CannotFix.

    What several of them do, such as entering the client in ``setUp``, is done once.
    """
    actions = list(dict.fromkeys(action for fix in fixes for action in fix.actions))
    changed = dict(files)
    for path in sorted({action.path for action in actions}):
        if not may_change(path):
            raise CannotFix(f"the fix also changes {path}, which is not among the files to change")
        if path not in files:
            raise CannotFix(f"the fix also changes {path}, which was not read")
        own = [action for action in actions if action.path == path]
        changed[path] = apply_fix(files[path], path, own)
    return changed


def overlapping_fixes(fixes: Mapping[Key, Fix]) -> set[Key]:
    """Return the keys of the fixes that change a place which another one changes differently."""
    keys: dict[Action, set[Key]] = {}
    for key, fix in fixes.items():
        for action in fix.actions:
            keys.setdefault(action, set()).add(key)
    found: set[Key] = set()
    # those before the current one that go on after its start
    around: list[tuple[Action, set[Key]]] = []
    for action, own in sorted(keys.items(), key=lambda item: (item[0].path, item[0].place)):
        start = action.place[:2]
        around = [one for one in around if one[0].path == action.path and one[0].place[2:] > start]
        for _, others in around:
            if own != others:  # fixes with both actions mean the same
                found |= own | others
        around.append((action, own))
    return found


def overlap(first: Fix, second: Fix) -> bool:
    """Return whether two fixes change the same place differently."""
    return any(
        a.path == b.path and a.place[:2] < b.place[2:] and b.place[:2] < a.place[2:]
        for a in first.actions
        for b in second.actions
        if a not in second.actions or b not in first.actions
    )
