"""Selectors of rules: ``ALL``, a code, a prefix of codes, or a name."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from wslint.config.redirects import REDIRECTS, redirected
from wslint.config.rule_names import rule_names
from wslint.config.settings import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wslint.config.settings import Settings

# wslint's, and those of other packages
_CODE = re.compile(r"WS\d{0,3}|[A-Z]{3}\d{0,3}")
_FULL_CODE = re.compile(r"(?:WS|[A-Z]{3})\d{3}")
# The specificity of a full code or a name.
EXACT = 6


def spelled(selector: str) -> str:
    """Normalise the case of a selector: codes are upper case, names lower case."""
    selector = selector.strip()
    upper = selector.upper()
    return upper if upper == "ALL" or _CODE.fullmatch(upper) else selector.lower()


def normalise(selector: str) -> str:
    """Normalise the case of a selector, and redirect old codes and names."""
    return redirected(spelled(selector))


def matches(selector: str, code: str, name: str) -> bool:
    """Return whether a selector selects this rule.

    >>> matches("WS1", "WS101", "override-without-keepalive")
    True
    """
    selector = normalise(selector)
    if selector in ("ALL", name):
        return True
    return _CODE.fullmatch(selector) is not None and code.startswith(selector)


def specificity(selector: str) -> int:
    """Return a rank: if two selectors disagree about a rule, the more specific one wins."""
    selector = normalise(selector)
    if selector == "ALL":
        return 0
    is_prefix = _CODE.fullmatch(selector) and not _FULL_CODE.fullmatch(selector)
    return len(selector) if is_prefix else EXACT


def rank(selectors: Iterable[str], code: str, name: str) -> int:
    """Return the specificity of the most specific selector that matches a rule, or -1."""
    return max(
        (specificity(selector) for selector in selectors if matches(selector, code, name)),
        default=-1,
    )


def problem(selector: str, rules: Mapping[str, str]) -> str:
    """Return what is wrong with a selector, or ""; ``rules`` maps codes to names."""
    if any(matches(selector, code, name) for code, name in rules.items()):
        return ""
    if spelled(selector) in REDIRECTS:
        return ""  # an old code or name
    known = [*rules, *rules.values(), "ALL"]
    return f"unknown rule {selector!r}{did_you_mean(normalise(selector), known)}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean …?)`` with the closest known word, or ""."""
    import difflib

    spelled = {candidate.lower(): candidate for candidate in known}
    nearest = difflib.get_close_matches(word.lower(), spelled, n=1, cutoff=0.5)
    return f" (did you mean {spelled[nearest[0]]!r}?)" if nearest else ""


def check_selectors(where: str, selectors: Iterable[str]) -> None:
    """Raise ``ConfigError`` for a selector that matches no rule."""
    selectors = tuple(selectors)
    if not selectors:
        return
    for selector in selectors:
        if message := problem(selector, rule_names()):
            raise ConfigError(f"{where}: {message}")


def ignored_for_file(path: str, code: str, name: str, settings: Settings) -> bool:
    """Return whether ``per-file-ignores`` turns a rule off for a file."""
    if not settings.per_file_ignores:
        return False
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


def old_selectors(settings: Settings) -> Iterator[str]:
    """Yield a message for each outdated selector in the settings."""
    if not REDIRECTS:
        return
    selectors = [
        *(
            selector
            for selection in settings.selections
            for selector in (*(selection.select or ()), *selection.extend_select)
        ),
        *(selector for selection in settings.selections for selector in selection.ignore),
        *settings.extend_safe_fixes,
        *settings.extend_unsafe_fixes,
        *(selector for several in settings.per_file_ignores.values() for selector in several),
    ]
    for selector in dict.fromkeys(map(spelled, selectors)):
        if selector in REDIRECTS:
            code = REDIRECTS[selector]
            now = f"now {code} ({rule_names()[code]})" if code else "removed and matches no rule"
            yield f"rule {selector} is {now}"
