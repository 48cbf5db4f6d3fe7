"""The plugin explains what it knows, and is silent otherwise."""

from __future__ import annotations

import subprocess
import sys

import pytest
from warm import run_warm

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.usefixtures("only_this_plugin")

UNRELATED = """\
import asyncio
import pytest


def test_loop():
    raise RuntimeError("Event loop is closed")


def test_timeout():
    raise TimeoutError


def test_cancelled():
    raise asyncio.CancelledError


def test_other_loop():
    raise RuntimeError("<Queue> is bound to a different event loop")


def test_assertion():
    connected = False
    assert connected


def test_session():
    raise AttributeError("'Session' object has no attribute 'portal'")


def test_quoted():
    assert False, "the log says: assert connected; a stale message; the override has no effect"


@pytest.fixture
def broken():
    raise RuntimeError("database is locked")


def test_fixture(broken):
    pass


@pytest.mark.xfail(strict=True)
def test_expected():
    raise RuntimeError("This portal is not running")
"""
SOCKET = """\
from helpers import connect


class TestChat:
    def test_loop(self):
        connect()
        raise RuntimeError("Event loop is closed")
"""
HELPERS = """\
def connect():
    def inner():
        from channels.testing import WebsocketCommunicator
"""
NOT_ENTERED = """\
from starlette.applications import Starlette
from starlette.testclient import TestClient

client = TestClient(Starlette())


def test_chat():
    socket = client.websocket_connect("/")
    socket.receive_text()
"""
MARKED = """\
import pytest

WORD = {word!r}


@pytest.mark.skip
@pytest.fixture
def test_it():
    pass
"""
QUIET = ("-p", "no:cacheprovider", "-p", "no:django", "-p", "no:hypothesispytest")


def test_other_failures_get_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(UNRELATED)
    result = run_warm(pytester, *QUIET)
    result.assert_outcomes(failed=7, errors=1, xfailed=1)
    result.stdout.no_fnmatch_line("*wslint:*")


@pytest.mark.parametrize("arguments", [(), ("-n", "1")], ids=["", "xdist"])
def test_a_known_failure_is_explained(pytester: pytest.Pytester, arguments: tuple[str]) -> None:
    pytester.makepyfile(NOT_ENTERED)
    result = pytester.runpytest_subprocess(*QUIET, *arguments)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- wslint: what this failure comes from -*",
            "The session of `websocket_connect()` was never entered.",
            "cure: `with client.websocket_connect(*",
            "rule: WS401 websocket-not-entered",
            "Find the place: wslint check --select WS401 test_a_known_failure_is_explained.py",
        ]
    )


def test_an_alarm_meanwhile_does_not_end_the_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(NOT_ENTERED)
    pytester.makeconftest(
        "import pytest\n"
        "from wslint.pytest_plugin import explanations\n\n\n"
        "def alarm(*_):\n"
        "    pytest.fail('Timeout (>1.0s) from pytest-timeout.')\n\n\n"
        "explanations.explain_test = alarm\n"
    )
    result = run_warm(pytester, *QUIET)
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_a_wide_text_counts_in_a_test_with_a_socket(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SOCKET)
    pytester.makepyfile(helpers=HELPERS)
    result = run_warm(pytester, *QUIET)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["   rule: WS501 communicator-not-disconnected"])


@pytest.mark.skipif(pytest.version_tuple < (9,), reason="a warning before pytest 9")
@pytest.mark.parametrize("word", ["websocket_connect", "nothing"])
def test_collection(pytester: pytest.Pytester, word: str) -> None:
    pytester.makepyfile(MARKED.format(word=word))
    result = run_warm(pytester, *QUIET)
    result.assert_outcomes(errors=1)
    lines = ["*rule: WS205 *"]
    if word == "nothing":
        result.stdout.no_fnmatch_line(*lines)
    else:
        result.stdout.fnmatch_lines(lines)


def test_a_wrong_value_of_the_mode(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nwslint_keep_db_connections = on")
    result = run_warm(pytester, *QUIET)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*wslint_keep_db_connections must be auto or off, not 'on'"])


def test_mode_without_use(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nwslint_keep_db_connections = auto")
    pytester.makepyfile("def test_it(): pass")
    run_warm(pytester, *QUIET).assert_outcomes(passed=1)


def test_nothing_is_imported_for_a_run_that_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    pytester.makeconftest(
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    names = sorted(name for name in sys.modules if name.startswith('wslint'))\n"
        "    print('modules:', *names)\n"
    )
    result = pytester.runpytest_subprocess(*QUIET)
    result.stdout.fnmatch_lines(["modules: wslint wslint._version wslint.pytest_plugin"])


def test_the_explanation_imports_nothing_heavy() -> None:
    code = (
        "import sys, wslint.pytest_plugin.explanations, wslint.keepalive\n"
        "heavy = {'libcst', 'click', 'django', 'channels', 'starlette', 'wslint.rules'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
