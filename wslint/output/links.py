"""The addresses of the pages of the rules."""

from __future__ import annotations

from functools import cache

_LABEL = "Documentation"


def rule_link(code: str, template: str = "") -> str | None:
    """Return the absolute address of a rule's page, or None if there is none.

    ``template`` is the setting ``rule-url``; without it, the address is below the documentation
    that wslint's metadata names, and a rule of another package has none.
    """
    template = template or (_default_template() if code.startswith("WS") else "")
    return template.replace("{code}", code) if template else None


@cache
def _default_template() -> str:
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("wslint").get_all("Project-URL") or []
    except PackageNotFoundError:  # a checkout that is not installed
        return ""
    named = dict(url.split(", ", 1) for url in urls)
    return f"{named[_LABEL].rstrip('/')}/rules/{{code}}.md" if _LABEL in named else ""
