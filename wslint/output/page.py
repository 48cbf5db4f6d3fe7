"""The page of a rule, which ``wslint rule`` prints and docs/rules contains."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wslint.rules.rule import Rule

FIXABLE = {
    "safe": "fix: safe",
    "unsafe": "fix: needs --unsafe-fixes",
    "display-only": "fix: only shown",
    "sometimes": "fix: safe or unsafe, by the place",
    "none": "no fix",
}


def page(rule: Rule) -> str:
    """Return the page as Markdown: a summary of the rule, then the docstring of its module."""
    about = [rule.status, FIXABLE[rule.fixable], *(f"concerns {c}" for c in rule.concerns)]
    text = rule.page.partition("\n")[2].strip()
    return f"# {rule.code} {rule.name}\n\n{rule.summary} ({'; '.join(about)})\n\n{text}\n"
