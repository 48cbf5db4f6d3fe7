"""How the stage says no."""

from __future__ import annotations


class CannotFix(Exception):
    """A fix was not made; ``reason`` says why, for the user."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
