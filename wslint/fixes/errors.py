"""The error of a fix that cannot be made."""

from __future__ import annotations


class CannotFix(Exception):
    """A fix cannot be made; ``reason`` says why, for the user."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
