"""Exceptions become plain failures; nothing that goes wrong ends the run."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from wslint.pytest_plugin import explanations
from wslint.pytest_plugin.explanations import UNEXPLAINED, explain_test, failures_of


def raised(error: BaseException, context: BaseException | None = None) -> BaseException:
    try:
        if context is None:
            raise error
        try:
            raise context
        except type(context):
            raise error  # noqa: B904
    except type(error) as caught:
        return caught


def test_frames_lead_to_where_it_was_raised() -> None:
    (failure,) = failures_of(raised(KeyError("a")))
    assert (failure.exception, failure.message) == ("KeyError", "'a'")
    assert failure.frames is not None
    assert failure.frames[-1].endswith("test_explanations.py:raised")


def test_of_a_group_the_first_leaf_counts() -> None:
    group = pytest.importorskip("builtins").__dict__.get("ExceptionGroup")
    if group is not None:
        error = group("many", [group("inner", [ValueError("first")]), KeyError("second")])
        (failure,) = failures_of(error)
        assert (failure.exception, failure.message) == ("ValueError", "first")


def test_handled_exceptions_do_not_count() -> None:
    failures = failures_of(raised(AssertionError("own"), TimeoutError()))
    assert [failure.exception for failure in failures] == ["AssertionError"]


def test_a_hidden_timeout_comes_first() -> None:
    timeout = AssertionError("Timeout (>3.0s) from pytest-timeout.")
    failures = failures_of(raised(ValueError("own"), timeout))
    assert [failure.exception for failure in failures] == ["AssertionError", "ValueError"]


def test_a_cancelled_error_of_a_task() -> None:
    error = raised(asyncio.CancelledError(), asyncio.CancelledError("inner"))
    assert [failure.message for failure in failures_of(error)] == ["", "inner"]


class Unprintable(Exception):
    def __str__(self) -> str:
        raise OSError


def test_what_has_no_text() -> None:
    (failure,) = failures_of(raised(Unprintable()))
    assert failure.message == ""


def test_an_error_of_wslint_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(error: BaseException) -> Any:
        raise LookupError("a bug")

    monkeypatch.setattr(explanations, "certain_symptoms", broken)
    report: Any = SimpleNamespace(sections=[])
    item: Any = None
    explain_test(item, ValueError(), report)
    ((title, text),) = report.sections
    assert title == UNEXPLAINED
    assert "LookupError: a bug" in text
