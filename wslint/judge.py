"""Judges one file: lowers it, links it, builds its timelines and asks the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wslint.config import Settings
    from wslint.finding import Finding, Unresolved
    from wslint.source import Source


class Judgement(NamedTuple):
    """What the rules say about one file, and how many tests they saw."""

    findings: list[Finding]
    unresolved: list[Unresolved]
    tests: int = 0


def judge_file(source: Source, settings: Settings, project: object) -> Judgement:  # noqa: ARG001
    """Judge one file. No rule is asked yet."""
    return Judgement([], [])
