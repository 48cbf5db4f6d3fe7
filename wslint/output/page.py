"""The page of a rule, which ``wslint rule`` prints and docs/rules contains."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.rules.rule import Rule

FIXABLE = {
    "safe": "fix: safe",
    "unsafe": "fix: needs --unsafe-fixes",
    "display-only": "fix: only shown",
    "sometimes": "fix: in some places",
    "none": "no fix",
}


_FIX = {"none": "-", "sometimes": "in some places"}


def table(rules: Sequence[Rule]) -> str:
    """Return a line for each rule: code, name, status, fix and summary, below a heading."""
    rows = [("code", "name", "status", "fix", "summary")]
    rows += [
        (rule.code, rule.name, rule.status, _FIX.get(rule.fixable, rule.fixable), rule.summary)
        for rule in rules
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    cells = ([f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)] for row in rows)
    return "".join("  ".join(row).rstrip() + "\n" for row in cells)


def page(rule: Rule) -> str:
    """Return the page as Markdown: a summary of the rule, then the docstring of its module."""
    about = [rule.status, FIXABLE[rule.fixable]]
    if rule.concerns:
        about.append(f"concerns {', '.join(rule.concerns)}")
    text = rule.page.partition("\n")[2].strip()
    return f"# {rule.code} {rule.name}\n\n{rule.summary} ({'; '.join(about)})\n\n{text}\n"
