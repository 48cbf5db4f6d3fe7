"""A click group that imports commands lazily and reports unexpected errors in one line."""

from __future__ import annotations

import errno
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from wslint.cli import echo
from wslint.config.settings import ConfigError
from wslint.syntax.source import os_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

INTERRUPTED = 130
# not a bug: the disk or the user's quota is full
_FULL = (errno.ENOSPC, errno.EDQUOT)


class LazyGroup(click.Group):
    """``commands_in`` maps the name of a command to the module with its ``command``."""

    def __init__(self, *args: Any, commands_in: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._modules = dict(commands_in)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names, in the order of the help page."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        module = self._modules.get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown name gets a suggestion."""
        if args and args[0] not in self._modules and not args[0].startswith("-"):
            from wslint.config.selection import did_you_mean

            near = did_you_mean(args[0], self._modules)
            if not near and os.path.lexists(args[0]):
                near = f" (did you mean 'wslint check {args[0]}'?)"
            ctx.fail(f"No such command {args[0]!r}.{near}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an unexpected exception becomes one message and exit code 2."""
        try:
            os.getcwd()
        except OSError as error:
            echo.error(f"the working directory: {os_reason(error)}")
            ctx.exit(2)
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            echo.error("interrupted")
            ctx.exit(INTERRUPTED)
        except ConfigError as error:  # in the configuration of some folder
            echo.error(str(error))
            ctx.exit(2)
        except Exception as error:
            if isinstance(error, BrokenPipeError):
                raise
            if isinstance(error, OSError) and error.errno in _FULL:
                echo.error(os_reason(error))
                ctx.exit(2)
            from wslint.run.file_checker import internal_error

            echo.problem(internal_error(error))
            ctx.exit(2)
