"""The options that several commands share, and the settings that they lead to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wslint.cli.echo import Failure, warning

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from wslint.config.settings import Settings

# A name that test runners collect: under another one, nothing in it would be judged.
UNNAMED = "test_stdin.py"
F = TypeVar("F", bound=Callable[..., Any])
# Any text, of which nothing is checked; the shell completes it as a path.
FILE = click.Path(readable=False)


def _listed(_ctx: click.Context, _option: click.Parameter, given: Sequence[str]) -> tuple[str, ...]:
    """Accept ``--select A,B`` as well as ``--select A --select B``."""
    return tuple(part.strip() for item in given for part in item.split(",") if part.strip())


def complete_rules(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer codes and names of rules, after a comma too."""
    from click.shell_completion import CompletionItem

    from wslint.config.rule_names import rule_names

    before, comma, begun = incomplete.rpartition(",")
    names = rule_names()
    codes = [code for code in names if code.startswith(begun.upper())]
    found = codes or [name for name in names.values() if name.startswith(begun.lower())]
    return [CompletionItem(f"{before}{comma}{one}", help=names.get(one)) for one in found]


def _selectors(name: str, text: str) -> Callable[[F], F]:
    return click.option(
        name,
        multiple=True,
        metavar="RULES",
        callback=_listed,
        help=text,
        shell_complete=complete_rules,
    )


def _colour(ctx: click.Context, _option: click.Parameter, given: str) -> None:
    ctx.color = {"always": True, "never": False}.get(given)


def colour_option(function: F) -> F:
    """Add ``--color``; what it says is kept in the context, as click itself does."""
    option = click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        expose_value=False,
        callback=_colour,
        help="When to use colours; with auto NO_COLOR, FORCE_COLOR and the terminal decide.",
    )
    return option(function)


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("paths", nargs=-1, type=FILE),
    _selectors("--select", "Only these rules: codes, beginnings of codes, names, or ALL."),
    _selectors("--ignore", "Not these rules."),
    _selectors("--extend-select", "These rules as well."),
    click.option("--preview/--no-preview", default=None, help="Rules that are still on trial."),
    click.option("--config", metavar="FILE", type=FILE, help="Use this configuration file."),
    click.option("--isolated", is_flag=True, help="Use no configuration file."),
    click.option(
        "--force-exclude/--no-force-exclude",
        default=None,
        help="Leave out excluded files even where they are named (for pre-commit).",
    ),
    click.option(
        "--jobs",
        "-j",
        type=click.IntRange(min=1),
        metavar="N",
        help="Use so many processes; by default one, and several where there is much to do.",
    ),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
    colour_option,
)


def selection_options(function: F) -> F:
    """Add the paths and the options that say which files and which rules are meant."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


_FIXING: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--unsafe-fixes/--no-unsafe-fixes",
        default=None,
        help="Also make fixes that may change behaviour.",
    ),
    click.option(
        "--exit-non-zero-on-fix",
        is_flag=True,
        help="Exit with 1 where anything was fixed, even if nothing is left.",
    ),
)


class WithOptionalValues(click.Command):
    """A command with options that take a value only behind ``=``, so never a path."""

    optional = ("--add-ignore",)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Return such an option without a value an empty one."""
        return super().parse_args(ctx, [f"{a}=" if a in self.optional else a for a in args])


def fixing_options(function: F) -> F:
    """Add the options that say which fixes are made."""
    for option in reversed(_FIXING):
        function = option(function)
    return function


def with_unsafe_fixes(settings: Settings, given: bool | None) -> Settings:
    """Return the settings as ``--unsafe-fixes`` changes them."""
    from wslint.config.loader import override

    return override(settings, unsafe_fixes=given)


def read_input(
    paths: tuple[str, ...], stdin_filename: str | None, **options: Any
) -> tuple[tuple[str, ...], tuple[str, bytes] | None, Settings]:
    """Return the paths, or the name and the bytes of standard input, and the settings for them."""
    if "-" not in paths and (paths or not stdin_filename):
        paths = paths or (".",)
        return paths, None, settings_for(paths, **options)
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
    """Return the settings that hold for the paths, as the options change them."""
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
