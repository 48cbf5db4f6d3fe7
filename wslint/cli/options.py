"""The options that several commands share, and their effect on the settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wslint.cli.echo import Failure, warning

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from wslint.config.settings import Settings

# A name that test runners collect: under any other one, nothing would be judged.
UNNAMED = "test_stdin.py"
F = TypeVar("F", bound=Callable[..., Any])
# Accepts any text; the shell completes it as a path.
FILE = click.Path(readable=False)


def _listed(
    _ctx: click.Context, _option: click.Parameter, values: Sequence[str]
) -> tuple[str, ...]:
    """Accept ``--select A,B`` as well as ``--select A --select B``."""
    return tuple(part.strip() for item in values for part in item.split(",") if part.strip())


def complete_rules(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete codes and names of rules, also after a comma."""
    from click.shell_completion import CompletionItem

    from wslint.config.rule_names import rule_names

    before, comma, begun = incomplete.rpartition(",")
    names = rule_names()
    codes = [code for code in names if code.startswith(begun.upper())]
    matching = codes or [name for name in names.values() if name.startswith(begun.lower())]
    return [CompletionItem(f"{before}{comma}{word}", help=names.get(word)) for word in matching]


def _selectors(name: str, text: str) -> Callable[[F], F]:
    return click.option(
        name,
        multiple=True,
        metavar="RULES",
        callback=_listed,
        help=text,
        shell_complete=complete_rules,
    )


def _colour(ctx: click.Context, _option: click.Parameter, choice: str) -> None:
    ctx.color = {"always": True, "never": False}.get(choice)


def colour_option(function: F) -> F:
    """Add ``--color``; its value is kept in the click context."""
    option = click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        expose_value=False,
        callback=_colour,
        help="When to use colours; auto considers NO_COLOR, FORCE_COLOR and the terminal.",
    )
    return option(function)


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("paths", nargs=-1, type=FILE),
    _selectors("--select", "Enable only these rules: codes, prefixes of codes, names, or ALL."),
    _selectors("--ignore", "Disable these rules."),
    _selectors("--extend-select", "Enable these rules in addition."),
    click.option("--preview/--no-preview", default=None, help="Also enable preview rules."),
    click.option("--config", metavar="FILE", type=FILE, help="Use this configuration file."),
    click.option("--isolated", is_flag=True, help="Use no configuration file."),
    click.option(
        "--force-exclude/--no-force-exclude",
        default=None,
        help="Skip excluded files even if they are passed by name (for pre-commit).",
    ),
    click.option(
        "--jobs",
        "-j",
        type=click.IntRange(min=1),
        metavar="N",
        help="The number of processes; by default one, and more if there is enough work.",
    ),
    click.option("--no-cache", is_flag=True, help="Do not read or write the cache."),
    colour_option,
)


def selection_options(function: F) -> F:
    """Add the paths and the options that select files and rules."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


_FIXING: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--unsafe-fixes/--no-unsafe-fixes",
        default=None,
        help="Also apply fixes that may change behaviour.",
    ),
    click.option(
        "--exit-non-zero-on-fix",
        is_flag=True,
        help="Exit with 1 if anything was fixed, even if no problems remain.",
    ),
)


class WithPaths(click.Command):
    """A command that takes paths, none of which is taken for an option.

    An optional value of an option must follow ``=``.
    """

    optional = ("--add-ignore",)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse options that are files too, and add an empty value to an option without one."""
        options = args[: args.index("--")] if "--" in args else args
        for option in options:
            if option.startswith("-") and option != "-" and os.path.lexists(option):
                both = "is an option, and a file in the working directory"
                raise click.UsageError(f"{option} {both}: write ./{option} or put -- before it")
        return super().parse_args(ctx, [f"{a}=" if a in self.optional else a for a in args])


def fixing_options(function: F) -> F:
    """Add the options that select fixes."""
    for option in reversed(_FIXING):
        function = option(function)
    return function


def with_unsafe_fixes(settings: Settings, given: bool | None) -> Settings:
    """Return the settings with the option ``--unsafe-fixes``."""
    from wslint.config.loader import override

    return override(settings, unsafe_fixes=given)


def read_input(
    paths: tuple[str, ...], stdin_filename: str | None, **options: Any
) -> tuple[tuple[str, ...], tuple[str, bytes] | None, Settings]:
    """Return the paths, the name and bytes of standard input, and the settings."""
    if "-" not in paths and (paths or not stdin_filename):
        from wslint.config.loader import override
        from wslint.discovery.chosen_tests import chosen_tests

        paths, tests = chosen_tests(paths or (".",))
        return paths, None, override(settings_for(paths, **options), tests=tests or None)
    if paths not in ((), ("-",)):
        raise click.UsageError("- (standard input) cannot be combined with other paths")
    name = stdin_filename or UNNAMED
    settings = settings_for([name], **options)
    if sys.stdin is None:
        raise Failure("standard input is closed")
    return (), (name, sys.stdin.buffer.read(settings.max_file_size + 1)), settings


def settings_for(
    paths: Sequence[str],
    *,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    extend_select: tuple[str, ...] = (),
    preview: bool | None = None,
    config: str | None = None,
    isolated: bool = False,
    force_exclude: bool | None = None,
    no_cache: bool = False,
    jobs: int | None = None,
) -> Settings:
    """Return the settings for the paths, with the options applied."""
    from wslint.config.loader import load_settings, override, with_selection
    from wslint.config.selection import old_selectors
    from wslint.config.settings import ConfigError, Selection

    if config is not None and isolated:
        raise click.UsageError("--config and --isolated cannot be used together")
    try:
        settings = load_settings(paths, config=config, isolated=isolated)
        settings = override(
            settings,
            preview=preview,
            force_exclude=force_exclude,
            cache=False if no_cache else None,
            jobs=jobs,
        )
        if select or ignore or extend_select:
            selection = Selection(select or None, ignore, extend_select)
            settings = with_selection(settings, selection)
    except ConfigError as error:
        raise Failure(str(error)) from None
    for message in old_selectors(settings):
        warning(message)
    return settings
