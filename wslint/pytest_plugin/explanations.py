"""Adds a section to the report of a failure that wslint knows."""

from __future__ import annotations

import traceback
from asyncio import CancelledError
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wslint.pytest_plugin.socket_tests import is_socket_file, is_socket_test
from wslint.symptoms.matching import Match, symptoms_of
from wslint.symptoms.model import Failure
from wslint.symptoms.text import explanation
from wslint.symptoms.tracebacks import frame_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

SECTION = "wslint: what this failure comes from"
UNEXPLAINED = "wslint: an error of its own"
_CHAIN = 20


def explain_test(item: pytest.Item, error: BaseException, report: pytest.TestReport) -> None:
    """Explain a failed test, its setup or its teardown."""
    with _guarded(report):
        matches = certain_symptoms(error)
        if any(match.symptom.in_socket_test for match in matches) and not is_socket_test(item):
            matches = [match for match in matches if not match.symptom.in_socket_test]
        if matches:
            text = explanation(matches, item.location[0])
            report.sections.append((SECTION, _witnessed(item) + text))


def _witnessed(item: pytest.Item) -> str:
    """Return a line with what ``--wslint-witness`` saw in a test; empty if it is off."""
    witness = item.config.pluginmanager.get_plugin("wslint-witness")
    found = witness.seen_in(item.nodeid) if witness is not None else []
    what = ", ".join(dict.fromkeys(f"{seen.what} in line {seen.line}" for seen in found))
    return f"Seen in this test: {what}\n\n" if what else ""


def explain_collection(
    collector: pytest.Collector, error: BaseException, report: pytest.CollectReport
) -> None:
    """Explain a file that could not be collected."""
    with _guarded(report):
        matches = certain_symptoms(error)
        if matches and is_socket_file(str(collector.path)):
            path = collector.nodeid.partition("::")[0]
            report.sections.append((SECTION, explanation(matches, path)))


@contextmanager
def _guarded(report: pytest.TestReport | pytest.CollectReport) -> Iterator[None]:
    """Keep an error of wslint from ending the run."""
    try:
        yield
    except Exception:
        report.sections.append((UNEXPLAINED, traceback.format_exc()))


def certain_symptoms(error: BaseException) -> list[Match]:
    """Return the symptoms of an exception that its frames confirm."""
    for failure in failures_of(error):
        found = [match for match in symptoms_of(failure) if match.is_certain]
        if found:
            return found
    return []


def failures_of(error: BaseException) -> Iterator[Failure]:
    """Yield what ended a test: a timeout of pytest-timeout, and the exception itself.

    The signal of pytest-timeout interrupts a receive; what the application raises because of that
    then hides the timeout. Up to Python 3.10, a task raises a CancelledError of its own, whose
    context is the one that tells where. Other exceptions of the chain have been handled by someone.
    """
    chain = [error]
    while chain[-1].__context__ is not None and len(chain) < _CHAIN:
        chain.append(chain[-1].__context__)
    yield from (_failure(each) for each in chain[1:] if "pytest-timeout" in _text(each))
    yield _failure(error)
    if isinstance(error, CancelledError):
        yield from (_failure(each) for each in chain[1:] if isinstance(each, CancelledError))


def _failure(error: BaseException) -> Failure:
    leaf = _first_leaf(error)
    frames = tuple(
        frame_of(frame.f_code.co_filename, frame.f_code.co_name)
        for frame, _ in traceback.walk_tb(leaf.__traceback__)
    )
    return Failure(type(leaf).__name__, _text(leaf), frames)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # the fault of the exception
        return ""


def _first_leaf(error: BaseException) -> BaseException:
    """Return the first exception in a group, as the others mostly follow from it."""
    while type(error).__name__.endswith("ExceptionGroup"):  # also the backport for Python 3.10
        inner = getattr(error, "exceptions", ())
        if not inner:
            break
        error = inner[0]
    return error
