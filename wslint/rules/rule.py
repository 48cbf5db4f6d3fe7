"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from wslint.finding import Finding
    from wslint.timeline.model import Timeline

Status = Literal["stable", "preview"]
Fixable = Literal["safe", "unsafe", "sometimes", "none"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as its file declares it.

    ``page`` is the module's docstring: headings "What it does", "Why is this bad?", "Example",
    "Use instead", "Fix safety", "Evidence". ``check`` yields findings about one timeline.
    ``yields_to`` names the rules that win where both report one cause. ``concerns`` names the
    versions in which the hazard exists (``"channels>=4.2"``); none means every version.
    """

    code: str
    name: str
    summary: str
    status: Status
    fixable: Fixable
    page: str
    check: Callable[[Timeline], Iterable[Finding]] | None
    yields_to: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()
