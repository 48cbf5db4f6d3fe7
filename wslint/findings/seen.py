"""What a run of the tests showed, as plain data."""

from __future__ import annotations

from typing import NamedTuple

# of the file that the pytest plugin writes and ``check --witness`` reads
VERSION = 1


class Seen(NamedTuple):
    """A hazard that was seen at run time.

    ``rule`` is empty if no rule exists for it; ``name`` is a short name in any case. ``test`` is
    the node id of pytest. ``path`` and ``line`` are the place of the cause. What is ``latent`` did
    no harm in this run: it confirms a finding, and is not listed itself.
    """

    rule: str
    name: str
    test: str
    path: str
    line: int
    message: str
    latent: bool = False

    @property
    def what(self) -> str:
        """The rule, or the short name."""
        return self.rule or self.name
