"""What became of rules that are gone or have another name: codes are never used again.

Old codes and names keep working in settings, on the command line, in comments and in baselines.
"""

from __future__ import annotations

from collections.abc import Mapping

# From an old code (upper case) or name (lower case) to the code of the rule that took its place;
# empty where the rule was removed and none did.
REDIRECTS: Mapping[str, str] = {}


def redirected(selector: str) -> str:
    """Return the selector that took the place of this one, which is often itself."""
    return REDIRECTS.get(selector, selector)
