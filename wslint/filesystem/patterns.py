"""The patterns of .gitignore files, which wslint's exclude settings use as well.

pathspec is not used: unlike git, it ignores directories under ``*`` followed by ``!*/``, and
importing it costs more than reading a thousand files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_GLOB = re.compile(r"[*?\[\\]")
_POSIX = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "lower": "a-z",
    "space": r"\s",
    "upper": "A-Z",
}
_NEVER = r"(?!)"


class Pattern(NamedTuple):
    """One line: its glob, and what it applies to."""

    glob: str
    negated: bool
    only_directories: bool
    anchored: bool

    def matches(self, path: str, name: str, *, is_directory: bool) -> bool:
        """Return whether this line matches the entry itself, not something above it."""
        if self.only_directories and not is_directory:
            return False
        subject = path if self.anchored else name
        if not _GLOB.search(self.glob):
            return subject == self.glob
        return _compiled(self.glob).fullmatch(subject) is not None


@dataclass(frozen=True)
class Patterns:
    """The lines of one file or setting; a later line overrides an earlier one."""

    patterns: tuple[Pattern, ...]

    @classmethod
    def parse(cls, lines: Iterable[str]) -> Patterns:
        """Parse lines as git does: comments, ``!``, escapes and trailing blanks."""
        return cls(tuple(pattern for line in lines if (pattern := _parse_line(line))))

    def match(self, path: str, *, is_directory: bool) -> bool | None:
        """Return True if an entry is matched, False if ``!`` re-includes it, None if neither.

        ``path`` is relative to the folder of the patterns, with ``/`` and without a trailing one.
        """
        name = path.rpartition("/")[2]
        if name not in self._names and not self._any_glob(path, name):
            return None
        for pattern in reversed(self.patterns):
            if pattern.matches(path, name, is_directory=is_directory):
                return not pattern.negated
        return None

    def match_below(self, path: str) -> bool:
        """Return whether a file or any directory above it is matched."""
        parts = path.split("/")
        return any(
            self.match("/".join(parts[:count]), is_directory=count < len(parts))
            for count in range(1, len(parts) + 1)
        )

    @cached_property
    def _names(self) -> frozenset[str]:
        # Most lines are plain names: a lookup avoids running a regex for most entries.
        return frozenset(p.glob.rpartition("/")[2] for p in self.patterns)

    @cached_property
    def _globs(self) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
        globs = [p for p in self.patterns if _GLOB.search(p.glob)]
        by_name = [_regex(p.glob) for p in globs if not p.anchored]
        by_path = [_regex(p.glob) for p in globs if p.anchored]
        return _union(by_name), _union(by_path)

    def _any_glob(self, path: str, name: str) -> bool:
        by_name, by_path = self._globs
        if by_name is not None and by_name.fullmatch(name):
            return True
        return by_path is not None and by_path.fullmatch(path) is not None


def _union(regexes: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(regexes), re.DOTALL) if regexes else None


def _parse_line(line: str) -> Pattern | None:
    if line.startswith("#"):
        return None
    stripped = line.rstrip(" ")
    if stripped.endswith("\\") and len(stripped) < len(line):
        stripped += " "
    negated = stripped.startswith("!")
    glob = stripped[1:] if negated else stripped
    only_directories = glob.endswith("/")
    if only_directories:
        glob = glob[:-1]
    anchored = "/" in glob
    glob = glob.removeprefix("/")
    return Pattern(glob, negated, only_directories, anchored) if glob else None


@lru_cache(maxsize=512)
def _compiled(glob: str) -> re.Pattern[str]:
    return re.compile(_regex(glob), re.DOTALL)


def _regex(glob: str) -> str:
    """Translate a glob into a regular expression that must match a whole path."""
    out: list[str] = []
    at = 0
    while at < len(glob):
        piece, at = _piece(glob, at)
        if piece is None:
            return _NEVER
        out.append(piece)
    return "".join(out)


def _piece(glob: str, at: int) -> tuple[str | None, int]:
    char = glob[at]
    if char == "*":
        return _stars(glob, at)
    if char == "?":
        return "[^/]", at + 1
    if char == "[":
        return _bracket(glob, at)
    if char == "\\":
        if at + 1 == len(glob):
            return None, at
        return re.escape(glob[at + 1]), at + 2
    return re.escape(char), at + 1


def _stars(glob: str, at: int) -> tuple[str, int]:
    end = at
    while end < len(glob) and glob[end] == "*":
        end += 1
    # git drops the text before the first wildcard: it reads "a**/b" as "**/b".
    first = _GLOB.search(glob)
    starts_part = (first is not None and first.start() == at) or glob[at - 1] == "/"
    if end - at >= 2 and starts_part:
        if glob.startswith("/", end):
            return "(?:.*/)?", end + 1
        if end == len(glob):
            return ".*", end
    return "[^/]*", end


def _bracket(glob: str, at: int) -> tuple[str | None, int]:
    end = at + 1
    negated = glob[end : end + 1] in ("!", "^")
    if negated:
        end += 1
    out: list[str] = []
    first = True
    while end < len(glob) and (first or glob[end] != "]"):
        first = False
        if glob.startswith("[:", end) and (close := glob.find(":]", end)) > 0:
            named = _POSIX.get(glob[end + 2 : close])
            if named is None:
                return None, at
            out.append(named)
            end = close + 2
            continue
        if glob[end] == "\\":
            end += 1
        char = glob[end : end + 1]
        out.append(char if char == "-" else re.escape(char))
        end += 1
    if end >= len(glob):
        return None, at
    body = "".join(out)
    if body.startswith("-") or body.endswith("-"):
        body = body.strip("-") + r"\-"
    return f"(?!/)[{'^' if negated else ''}{body}]", end + 1
