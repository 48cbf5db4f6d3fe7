"""The table of output formats."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from wslint.config.settings import Settings
    from wslint.findings.report import Report


class Format(NamedTuple):
    """A module of this package with ``render``; one that shows pictures of timelines is slower."""

    module: str
    for_people: bool = False
    shows_pictures: bool = False


FORMATS = {
    "full": Format("full", for_people=True),
    "concise": Format("concise", for_people=True),
    "grouped": Format("grouped", for_people=True),
    "json": Format("json_format"),
    "json-lines": Format("json_lines"),
    "sarif": Format("sarif"),
    "github": Format("github"),
    "gitlab": Format("gitlab"),
    "junit": Format("junit"),
    "rdjson": Format("rdjson"),
    "markdown": Format("markdown"),
    "html": Format("html", shows_pictures=True),
}


def render(
    report: Report,
    name: str,
    settings: Settings,
    *,
    colour: bool = False,
    show_unresolved: bool = False,
    quiet: bool = False,
) -> str:
    """Return a report in one of ``FORMATS``."""
    chosen = FORMATS[name]
    module = import_module(f"wslint.output.{chosen.module}")
    options: dict[str, Any] = {"colour": colour, "show_unresolved": show_unresolved}
    if chosen.for_people:
        options["quiet"] = quiet
    if settings.unsafe_fixes or settings.rule_url:
        report = replace(report, unsafe_fixes=settings.unsafe_fixes, rule_url=settings.rule_url)
    if chosen.shows_pictures and report.findings:
        from wslint.output.pictures import with_pictures

        report = with_pictures(report, settings)
    text: str = module.render(report, **options)
    return text
