"""The command line. Each command is one file, imported only when it runs."""

from __future__ import annotations

import click

from wslint import __version__
from wslint.cli.lazy import LazyGroup


@click.group(
    cls=LazyGroup,
    commands_in={
        "check": "wslint.cli.check",
        "fix": "wslint.cli.fix",
        "rule": "wslint.cli.rule",
        "trace": "wslint.cli.trace",
        "explain": "wslint.cli.explain",
        "server": "wslint.cli.server",
        "clean": "wslint.cli.clean",
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(
    __version__, "-V", "--version", prog_name="wslint", message="%(prog)s %(version)s"
)
def main() -> None:
    """Find hazards in tests of websocket code, and fix them."""
