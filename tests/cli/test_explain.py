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
