"""``wslint explain``."""

from __future__ import annotations

from click.testing import CliRunner

from wslint.cli import main


def test_text_as_an_argument() -> None:
    result = CliRunner().invoke(main, ["explain", "RuntimeError: This portal is not running"])
    assert result.exit_code == 0
    assert result.stdout == (
        "The session is used after its block, or left after its client.\n"
        "cure: use it inside the block; in a fixture, `yield` it\n"
        "rule: WS402 websocket-outlives-its-block\n"
        "\n"
        "Find the place: wslint check --select WS402\n"
    )


def test_traceback_on_standard_input() -> None:
    text = b'  File "/lib/asgiref/testing.py", line 1, in wait\nasyncio.CancelledError\n\xff\n'
    result = CliRunner().invoke(main, ["explain"], input=text)
    assert result.exit_code == 0
    assert "WS509" in result.stdout


def test_unknown_text() -> None:
    result = CliRunner().invoke(main, ["explain", "KeyError: 'name'"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "does not know this text" in result.stderr


def test_nothing_to_explain() -> None:
    result = CliRunner().invoke(main, ["explain"], input="\n")
    assert result.exit_code == 2
    assert "standard input" in result.stderr


CHAINED = """\
___________________________ test_name ___________________________

test_names.py:29: in test_name
/v/site-packages/starlette/testclient.py:176: in receive
E           anyio.ClosedResourceError

/v/site-packages/anyio/streams/memory.py:101: ClosedResourceError

During handling of the above exception, another exception occurred:

test_names.py:18: in names
E           AttributeError: 'State' object has no attribute 'names'

/v/site-packages/starlette/datastructures.py:699: AttributeError
"""
CLOSED = """\
____________________ ERROR at setup of test_line ____________________

test_line.py:3: in line
E   RuntimeError: This portal is not running

/v/site-packages/anyio/from_thread.py:12: RuntimeError
"""


def test_the_last_exception_of_a_chain_counts() -> None:
    result = CliRunner().invoke(main, ["explain"], input=CHAINED)
    assert result.stdout.endswith("--select WS305,WS306\n")


def test_each_failure_of_a_run_is_explained() -> None:
    again = CHAINED.replace("test_name ", "test_same ")
    result = CliRunner().invoke(main, ["explain"], input=CHAINED + CLOSED + again)
    first, second = result.stdout.split("\n\n\n")
    assert first.startswith("test_name, test_same\n\n1. The startup")
    assert second.startswith("test_line\n\nThe session is used after its block")


def test_the_code_of_a_rule_is_no_error() -> None:
    result = CliRunner().invoke(main, ["explain", "WS301"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("; `wslint rule WS301` is about a rule\n")
