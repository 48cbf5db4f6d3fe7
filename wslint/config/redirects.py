"""Redirects of rules that were removed or renamed; codes are never reused.

Old codes and names keep working in settings, on the command line, in comments and in baselines.
"""

from __future__ import annotations

from collections.abc import Mapping

# From an old code (upper case) or name (lower case) to the code of the rule that replaces it; empty
# if the rule was removed without a replacement.
REDIRECTS: Mapping[str, str] = {}


def redirected(selector: str) -> str:
    """Return the selector that replaces this one, or the selector itself."""
    return REDIRECTS.get(selector, selector)
