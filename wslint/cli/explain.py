"""``wslint explain``."""

from __future__ import annotations

import sys

import click

from wslint.cli import echo

EXAMPLES = """\
\b
Examples:
  wslint explain "RuntimeError: Event loop is closed"
  pytest tests/test_chat.py | wslint explain
"""


@click.command("explain", short_help="Explain an error of a test.", epilog=EXAMPLES)
@click.argument("text", required=False, metavar="[ERROR]")
def command(text: str | None) -> None:
    """Explain ERROR, the text of a failure, or a traceback on standard input.

    Shows what may have caused it, what cures it, and the rules that find it. A traceback narrows
    the causes. The exit code is 1 if the text is not known.
    """
    from wslint.symptoms.matching import symptoms_in
    from wslint.symptoms.text import explanation
    from wslint.symptoms.tracebacks import failures_in

    if text is None or text == "-":
        text = _standard_input()
    if not text.strip():
        raise click.UsageError("give the text of an error, or a traceback on standard input")
    matches = symptoms_in(failures_in(text))
    if not matches:
        echo.error("wslint does not know this text; docs/symptoms.md lists the symptoms it knows")
        click.get_current_context().exit(1)
    echo.emit(explanation(matches))


def _standard_input() -> str:
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    return sys.stdin.buffer.read().decode("utf-8", "replace")
