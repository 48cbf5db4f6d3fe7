"""What became of rules that are gone or have another name: codes are never used again.

Old codes and names keep working in settings, on the command line, in comments and in baselines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wslint.config.settings import Settings

# From an old code (upper case) or name (lower case) to the code of the rule that took its place;
# empty where the rule was removed and none did.
REDIRECTS: Mapping[str, str] = {}


def redirected(selector: str) -> str:
    """Return the selector that took the place of this one, which is often itself."""
    return REDIRECTS.get(selector, selector)


def old_selectors(settings: Settings) -> Iterator[str]:
    """Say of each selector in the settings that is out of date what stands for it now."""
    if not REDIRECTS:
        return
    from wslint.config.selection import spelled
    from wslint.rules import rule_names

    given = [
        *(one for by in settings.selections for one in (*(by.select or ()), *by.extend_select)),
        *(one for by in settings.selections for one in by.ignore),
        *settings.extend_safe_fixes,
        *settings.extend_unsafe_fixes,
        *(one for several in settings.per_file_ignores.values() for one in several),
    ]
    for selector in dict.fromkeys(map(spelled, given)):
        if selector in REDIRECTS:
            code = REDIRECTS[selector]
            now = f"now {code} ({rule_names()[code]})" if code else "removed, and means no rule"
            yield f"rule {selector} is {now}"
