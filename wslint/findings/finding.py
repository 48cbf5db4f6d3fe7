"""Findings and fixes, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from wslint.findings.actions import Action
from wslint.findings.span import Place, Span

Applicability = Literal["safe", "unsafe", "display-only"]
# From the safest on. A display-only fix is made only if the settings name its rule.
TIERS: tuple[Applicability, ...] = ("safe", "unsafe", "display-only")


# The message of a label at another test with the same finding.
OTHER_TEST = "this test does it too"


@dataclass(frozen=True, slots=True)
class Label:
    """A secondary place of a finding, possibly in another file."""

    place: Place
    message: str


class Edit(NamedTuple):
    """New text for whole lines of a file; an empty span is an insertion before its line."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A codemod: its applicability, its title, and its actions by file.

    ``reveals`` names tests that did not do what they say. Findings that other rules report in them
    once they do are not counted as new: they are reported, or fixed in the next round. ``edits`` is
    what the actions do to the text, in the order of the files and lines: empty until the fix is
    made.
    """

    applicability: Applicability
    title: str
    actions: tuple[Action, ...]
    reveals: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """One hazard at one place.

    ``message`` names the hazard here, ``help`` says what to do and why; both start in lower case
    and have no full stop. If there is no ``fix``, ``no_fix`` says why. ``test`` is the qualified
    name of the test. ``cause`` is for deduplication: of two findings with the same cause, the one
    of the first rule is kept. ``also``: other causes; a match on any of them deduplicates too.
    ``concerns``: the library versions with the hazard, and those that the project names.
    ``within`` is the test that the place is in; "" for a place that several tests may share.
    ``seen``: a run of the tests has shown it. ``alternatives`` are other codemods that are right
    too, in order of safety; they are offered, and only ``fix`` is made.
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
    within: str = ""
    cause: str = field(default="", compare=False)
    also: tuple[str, ...] = field(default=(), compare=False)
    concerns: str = field(default="", compare=False)
    seen: bool = field(default=False, compare=False)
    alternatives: tuple[Fix, ...] = field(default=(), compare=False)

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
    """A test, or a part of one, that could not be judged, and why."""

    place: Place
    test: str
    reason: str
