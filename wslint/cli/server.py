"""``wslint server``."""

from __future__ import annotations

import click

from wslint.cli.echo import Failure


@click.command("server", short_help="Start the language server for editors.")
@click.option("--stdio", is_flag=True, hidden=True, help="For editors that always pass it.")
def command(stdio: bool) -> None:  # noqa: ARG001
    """Start the language server on standard input and output; editors start it.

    It needs the extra lsp: pip install 'wslint[lsp]'. docs/editors.md has the settings of editors.
    """
    try:
        import lsprotocol  # noqa: F401
        import pygls  # noqa: F401
    except ImportError:
        raise Failure("the language server needs pygls: pip install 'wslint[lsp]'") from None
    from wslint.server.server import create_server

    click.get_current_context().exit(create_server().run())
