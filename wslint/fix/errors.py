"""How the stage says no."""

from __future__ import annotations


class CannotFix(Exception):  # noqa: N818 - it is an answer, not an error
    """A fix was not made; ``reason`` says why, for the user."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
