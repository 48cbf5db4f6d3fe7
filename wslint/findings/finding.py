"""What a rule has to say about a place, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from wslint.findings.actions import Action
from wslint.findings.span import Place, Span

Applicability = Literal["safe", "unsafe", "display-only"]
# From the most welcome to the least; the last is shown, and made only where settings name its rule.
TIERS: tuple[Applicability, ...] = ("safe", "unsafe", "display-only")


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that a finding speaks of, maybe in another file."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A codemod: its tier, its name, and what it does to which files.

    ``reveals`` names tests that have not done what they say: what other rules say of them once
    they do is not new.
    """

    applicability: Applicability
    title: str
    actions: tuple[Action, ...]
    reveals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One hazard at one place.

    ``message`` says what is wrong here and why it matters, ``help`` what to do; both without a
    capital and a full stop. Where there is no ``fix``, ``no_fix`` says why not at this place.
    ``test`` is ``qualified.name`` of the test, ``cause`` tells findings of one cause apart from
    others: of two findings of one cause, the rule that comes first wins. ``also`` are further
    causes, each of which alone would do. ``concerns`` says which versions of which libraries have
    the hazard, and which the project names.
    """

    code: str
    name: str
    place: Place
    message: str
    help: str
    labels: tuple[Label, ...] = ()
    fix: Fix | None = None
    no_fix: str = ""
    test: str = ""
    test_place: Place | None = None
    cause: str = field(default="", compare=False)
    also: tuple[str, ...] = field(default=(), compare=False)
    concerns: str = field(default="", compare=False)

    @property
    def path(self) -> str:
        """The file of the primary span."""
        return self.place.path

    @property
    def span(self) -> Span:
        """The primary span."""
        return self.place.span


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A test, or a part of one, that was left unjudged, and why."""

    place: Place
    test: str
    reason: str
