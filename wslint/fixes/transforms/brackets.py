"""Lists inside brackets, one entry a line."""

from __future__ import annotations

import libcst as cst

WIDTH = 88
Whitespace = cst.BaseParenthesizableWhitespace


def around_new(between: Whitespace) -> tuple[Whitespace, Whitespace]:
    """Part the whitespace before an entry into that before and behind a new one put there.

    What stands at the end of the line stays with the entry before, comments on lines of their
    own with the entry behind.
    """
    if not isinstance(between, cst.ParenthesizedWhitespace):
        return between, between
    return (
        between.with_changes(empty_lines=()),
        between.with_changes(first_line=cst.TrailingWhitespace()),
    )


def wrapped(unit: str) -> tuple[cst.ParenthesizedWhitespace, cst.ParenthesizedWhitespace]:
    """Give the whitespace before an entry on a line of its own, and before the bracket's end."""
    return (
        cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(unit)),
        cst.ParenthesizedWhitespace(indent=True),
    )
