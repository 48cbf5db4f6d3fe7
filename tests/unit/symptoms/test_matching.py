"""Symptoms are told apart by class, text and frames."""

from __future__ import annotations

import re

import pytest

from wslint.symptoms.known import SYMPTOMS
from wslint.symptoms.matching import symptoms_in, symptoms_of
from wslint.symptoms.model import Failure
from wslint.symptoms.text import explanation
from wslint.symptoms.tracebacks import failures_in

PYTHON = """\
Traceback (most recent call last):
  File "/p/tests/test_chat.py", line 9, in test_chat
    async_to_sync(talk)()
  File "/lib/site-packages/waffle/testutils.py", line 84, in disable
    self.update(self.previous)
  File "/lib/site-packages/django/db/backends/base/base.py", line 300, in cursor
    return self._cursor()
django.db.utils.ProgrammingError: Cannot operate on a closed database.
"""
SHORT = """\
_________________________________ test_chat __________________________________
tests/test_chat.py:12: in test_chat
    socket.receive_text()
/lib/site-packages/starlette/testclient.py:160: in receive_text
    message = self.receive()
/lib/site-packages/starlette/testclient.py:150: in receive
    return self.portal.call(self._send_rx.receive)
E   Failed: Timeout (>4.0s) from pytest-timeout.
=========================== short test summary info ===========================
FAILED tests/test_chat.py::test_chat - Failed: Timeout (>4.0s) from pytest-timeout.
"""
LONG = """\
    async def test_chat():
>       await communicator.connect()

tests/test_chat.py:12:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _
    async def connect(self, timeout=1):
>       response = await self.receive_output(timeout)

/lib/site-packages/channels/testing/websocket.py:36:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _
>           raise TimeoutError from exc_val
E           TimeoutError

/lib/python3.12/asyncio/timeouts.py:115: TimeoutError
"""


def names(text: str) -> list[str]:
    return [match.symptom.name for match in symptoms_in(failures_in(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PYTHON, ["closed-connection-in-override"]),
        (SHORT, ["hang-in-receive"]),
        (LONG, ["connect-timed-out"]),
        ("Event loop is closed", ["closed-loop"]),
        ("RuntimeError('Event loop is closed')", ["closed-loop"]),
        ("E   RuntimeError: Event loop is closed", ["closed-loop"]),
        ("FAILED tests/a.py::test_b - RuntimeError: Event loop is closed", ["closed-loop"]),
        ("Task was destroyed but it is pending!", ["destroyed-task"]),
        ("CancelledError", ["cancelled", "cancelled-in-the-cleanup"]),
        ("asyncio.exceptions.CancelledError", ["cancelled", "cancelled-in-the-cleanup"]),
        ("hello", []),
        ("AssertionError: assert 1 == 2", []),
        ("KeyError: 'name'", []),
        ("ValueError: Event loop is closed", []),
    ],
)
def test_a_text_leads_to_its_symptoms(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("frames", "rules"),
    [
        (("channels/testing/websocket.py:receive_from", "asgiref/testing.py:receive_output"),
         {"WS507"}),
        (("starlette/testclient.py:get", "starlette/routing.py:app"),
         {"WS301", "WS302", "WS303", "WS306", "WS308"}),
    ],
)  # fmt: skip
def test_frames_decide_between_causes(frames: tuple[str, ...], rules: set[str]) -> None:
    failure = Failure("RuntimeError", "<Queue> is bound to a different event loop", frames)
    (match,) = symptoms_of(failure)
    assert match.is_certain
    assert {code for cause in match.causes for code in cause.rules} == rules


def test_a_closed_loop_of_a_client_of_the_application() -> None:
    frames = (
        "starlette/routing.py:app",
        "httpx/_client.py:get",
        "anyio/_backends/_asyncio.py:send",
    )
    (match,) = symptoms_of(Failure("RuntimeError", "Event loop is closed", frames))
    assert [cause.rules for cause in match.causes] == [("WS308",)]


def test_other_frames_are_no_certain_match() -> None:
    matches = symptoms_of(Failure("CancelledError", "", ("app/tasks.py:run",)))
    assert matches
    assert not any(match.is_certain for match in matches)


def test_a_cancelled_handler_is_told_from_a_communicator() -> None:
    frames = ("/app/tests.py:test_a", "starlette/testclient.py:__exit__")
    (match,) = symptoms_of(Failure("CancelledError", "", frames))
    assert match.symptom.name == "cancelled-in-the-cleanup"
    assert match.is_certain


def test_data_is_well_formed() -> None:
    for symptom in SYMPTOMS:
        assert symptom.exceptions or symptom.message, symptom.name
        for pattern in (symptom.message, symptom.without, *symptom.frames):
            re.compile(pattern)
        for cause in symptom.causes:
            re.compile(cause.frames)
            assert cause.text[0].islower() or cause.text[0] == "`", cause.text
            assert not cause.text.endswith("."), cause.text
            assert cause.cure, cause.text


def test_quotes_lead_to_their_symptom() -> None:
    for symptom, quote in ((each, quote) for each in SYMPTOMS for quote in each.quotes):
        if quote != "a bare `AssertionError` at `receive_json_from()`":
            assert symptom.name in names(quote), quote


def test_names_are_unique() -> None:
    assert len({symptom.name for symptom in SYMPTOMS}) == len(SYMPTOMS)


def test_an_explanation_names_causes_cures_rules_and_the_command() -> None:
    text = explanation(symptoms_in(failures_in(PYTHON)), "tests/a b.py")
    assert text.startswith("When a waffle override ends:\n1. A consumer closed")
    assert "   cure: keep the connection open for the whole test" in text
    assert "   rule: WS101 override-without-keepalive\n" in text
    assert text.endswith(
        "Find the place: wslint check --select WS101,WS102,WS103,WS202 'tests/a b.py'\n"
    )
    assert max(map(len, text.splitlines())) <= 100


def test_a_flag_that_a_consumer_reads_is_no_override() -> None:
    frames = ("channels/consumer.py:app", "waffle/models.py:get", "django/db/utils.py:__exit__")
    (match,) = symptoms_of(Failure("OperationalError", "the connection is closed", frames))
    assert match.symptom.name == "closed-connection-in-query"
