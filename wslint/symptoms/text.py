"""Explains a symptom in plain text."""

from __future__ import annotations

import shlex
import textwrap
from typing import TYPE_CHECKING

from wslint.config.rule_names import rule_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.symptoms.matching import Match
    from wslint.symptoms.model import Cause

_WIDTH = 96


def explanation(matches: Sequence[Match], path: str = "") -> str:
    """Return the causes and cures of what was matched, and the command that looks for them.

    ``path`` is the file of the test, if it is known.
    """
    parts = [_causes(match) for match in matches]
    codes = sorted({code for match in matches for cause in match.causes for code in cause.rules})
    if codes:
        where = f" {shlex.quote(path)}" if path else ""
        parts.append(f"Find the place: wslint check --select {','.join(codes)}{where}\n")
    return "\n".join(parts)


def _causes(match: Match) -> str:
    several = len(match.causes) > 1
    where = match.symptom.where
    lines = [f"{_sentence(where)}:"] if where else []
    for number, cause in enumerate(match.causes, 1):
        bullet = f"{number}. " if several else ""
        lines += _wrapped(bullet, f"{_sentence(cause.text)}.")
        lines += _wrapped(" " * len(bullet) + "cure: ", cause.cure)
        lines += [f"{' ' * len(bullet)}rule: {rule}" for rule in _rules(cause)]
    return "\n".join(lines) + "\n"


def _rules(cause: Cause) -> list[str]:
    names = rule_names()
    return [f"{code} {names[code]}" for code in cause.rules]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _wrapped(before: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=before, subsequent_indent=" " * len(before),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
