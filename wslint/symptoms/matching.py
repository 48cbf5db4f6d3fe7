"""Which symptoms a failure shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslint.symptoms.known import SYMPTOMS

if TYPE_CHECKING:
    from wslint.symptoms.model import Cause, Failure, Symptom


@dataclass(frozen=True, slots=True)
class Match:
    """A symptom of a failure, and the causes that its frames leave.

    ``is_certain``: the frames are those of the symptom. Otherwise only the text is.
    """

    symptom: Symptom
    causes: tuple[Cause, ...]
    is_certain: bool


def symptoms_of(failure: Failure) -> list[Match]:
    """Return the symptoms that a failure shows: those that its frames confirm, if any."""
    found = [
        Match(symptom, _causes(symptom, failure), has_frames(symptom, failure))
        for symptom in SYMPTOMS
        if has_text(symptom, failure)
    ]
    certain = [match for match in found if match.is_certain]
    if failure.frames is None or not certain:
        return found
    return certain


def symptoms_in(failures: list[Failure]) -> list[Match]:
    """Return the symptoms of the first failure that has any, preferring one with its frames."""
    by_failure = [found for failure in failures if (found := symptoms_of(failure))]
    certain = [found for found in by_failure if found[0].is_certain]
    return next(iter((*certain, *by_failure)), [])


def has_text(symptom: Symptom, failure: Failure) -> bool:
    """Return whether class and message are those of a symptom. Without a class, any may be."""
    if not symptom.exceptions or failure.exception in symptom.exceptions:
        return re.search(symptom.message, failure.message) is not None
    if failure.exception:
        return False
    # a text of which it isn't known where the class ends
    named = any(re.search(rf"\b{name}\b", failure.message) for name in symptom.exceptions)
    found = re.search(symptom.message, failure.message)
    return found is not None and (named or bool(symptom.message))


def has_frames(symptom: Symptom, failure: Failure) -> bool:
    """Return whether a failure was raised where a symptom is."""
    if symptom.without and _passes(symptom.without, failure):
        return False
    return all(_passes(pattern, failure) for pattern in symptom.frames)


def _causes(symptom: Symptom, failure: Failure) -> tuple[Cause, ...]:
    """Return the causes to which the frames point, or all if they point to none."""
    pointed = [cause for cause in symptom.causes if cause.frames and _passes(cause.frames, failure)]
    return tuple(pointed) or symptom.causes


def _passes(pattern: str, failure: Failure) -> bool:
    """Return whether a pattern matches from the beginning of a frame."""
    frames = "\n".join(failure.frames or ())
    return re.search(f"^(?:{pattern})", frames, re.MULTILINE) is not None
