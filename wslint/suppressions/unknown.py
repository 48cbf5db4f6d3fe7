"""Ignore comments that name a rule which does not exist, as a typing error does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.config.rule_names import rule_names
from wslint.config.selection import problem
from wslint.findings.report import Notice
from wslint.suppressions.comments import suppressions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wslint.findings.report import Suppression
    from wslint.syntax.source import Source


def unknown_rules(source: Source) -> list[Notice]:
    """Return a warning for each unknown rule in the ``# wslint:`` comments of a file."""
    return unknown_in(source.path, suppressions(source).comments)


def unknown_in(path: str, comments: Iterable[Suppression]) -> list[Notice]:
    """Return the same for comments that were read; a ``# noqa`` may be for another tool."""
    rules = rule_names()
    return [
        Notice(path, comment.line, f"ignore comment: {message}")
        for comment in comments
        if not comment.noqa
        for selector in comment.selectors
        if (message := problem(selector, rules))
    ]
