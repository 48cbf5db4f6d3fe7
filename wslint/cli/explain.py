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
    the causes; of pytest's output, each failed test is explained. The exit code is 1 if the text is
    not known.
    """
    from wslint.rules import find_rule
    from wslint.symptoms.matching import symptoms_in
    from wslint.symptoms.text import explanation
    from wslint.symptoms.tracebacks import failures_in, tests_in

    if text is None or text == "-":
        text = _standard_input()
    if not text.strip():
        raise click.UsageError("give the text of an error, or a traceback on standard input")
    explained: dict[str, list[str]] = {}
    for test, failure in tests_in(text).items():
        if matches := symptoms_in(failures_in(failure)):
            explained.setdefault(explanation(matches), []).append(test)
    if not explained:
        hint = ""
        if rule := find_rule(text.strip()):
            hint = f"; `wslint rule {rule.code}` is about a rule"
        echo.error(f"wslint does not know this text{hint}")
        click.get_current_context().exit(1)
    several = len(explained) > 1
    texts = (f"{', '.join(tests)}\n\n{text}" if several else text
             for text, tests in explained.items())  # fmt: skip
    echo.emit("\n\n".join(texts))


def _standard_input() -> str:
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    return sys.stdin.buffer.read().decode("utf-8", "replace")
