"""``wslint rule``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wslint.cli import echo
from wslint.cli.options import FILE, complete_rules, settings_for

if TYPE_CHECKING:
    from wslint.config.settings import Settings
    from wslint.rules.rule import Rule


@click.command("rule", short_help="Explain a rule.")
@click.argument("rule", required=False, metavar="[CODE|NAME]", shell_complete=complete_rules)
@click.option("--all", "every", is_flag=True, help="List every rule.")
@click.option(
    "--output-format",
    type=click.Choice(["text", "full", "json"]),
    default="text",
    show_default=True,
    help="With --all, text is a table and full has the pages.",
)
@click.option("--config", metavar="FILE", type=FILE, help="Use this configuration file.")
@click.option("--isolated", is_flag=True, help="Use no configuration file.")
def command(
    rule: str | None, every: bool, output_format: str, config: str | None, isolated: bool
) -> None:
    """Explain a rule, given by code or name."""
    from wslint.output.page import page, table
    from wslint.rules import all_rules

    if every == (rule is not None):
        raise click.UsageError("give a code or a name, or --all")
    settings = settings_for((".",), config=config, isolated=isolated)
    chosen = all_rules() if rule is None else (_find(rule),)
    if output_format == "json":
        import json

        described = [_as_json(each, settings) for each in chosen]
        echo.emit(json.dumps(described if every else described[0], indent=2) + "\n")
    elif every and output_format == "text":
        echo.emit(table(chosen))
    else:
        echo.emit("\n".join(map(page, chosen)))


def _find(selector: str) -> Rule:
    from wslint.config.redirects import REDIRECTS
    from wslint.config.rule_names import rule_names
    from wslint.config.selection import did_you_mean, normalise, spelled
    from wslint.rules import find_rule

    rule = find_rule(selector)
    if rule is None and spelled(selector) in REDIRECTS:
        raise echo.Failure(f"the rule {selector} was removed")
    if rule is None:
        names = rule_names()
        near = did_you_mean(normalise(selector), [*names, *names.values()])
        raise echo.Failure(f"no rule has the code or name {selector!r}{near}")
    return rule


def _as_json(rule: Rule, settings: Settings) -> dict[str, object]:
    from wslint.output.links import rule_link

    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "status": rule.status,
        "fixable": rule.fixable,
        "concerns": list(rule.concerns),
        "url": rule_link(rule.code, settings.rule_url),
        "page": rule.page,
    }
