"""Rules that ``per-file-ignores`` turns off for some files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wslint.config.settings import Settings


def ignored_for_file(path: str, code: str, name: str, settings: Settings) -> bool:
    """Tell whether a rule is off for a file."""
    if not settings.per_file_ignores:
        return False
    from wslint.config.selection import matches
    from wslint.filesystem.patterns import Patterns

    root = settings.root.rstrip("/") + "/"
    below = path.startswith(root)
    path = path.removeprefix(root) if below else os.path.basename(path)
    for pattern, codes in settings.per_file_ignores.items():
        if any(matches(selector, code, name) for selector in codes):
            negated = pattern.startswith("!")
            if Patterns.parse([pattern[negated:]]).match_below(path) != negated:
                return True
    return False
