"""The registry: each module ``wsNNN_some_name.py`` in this package is one rule.

Other packages add rules of their own (docs/own-rules.md), which settings must name.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from wslint.config import selection as selectors
from wslint.config.own_rules import known_rules
from wslint.config.rule_names import rule_modules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wslint.config.settings import Settings
    from wslint.rules.rule import Rule

# off only if it is ignored by its own name: an unread file must not pass for a checked one
_ABOUT_THE_RUN = "WS900"

PAGES = "docs/rules"
"""Where the pages of the rules are; a page is named after its code."""


def all_rules() -> tuple[Rule, ...]:
    """Return every rule, in the order of the codes, then those of other packages."""
    return (*_built_in(), *map(_rule, known_rules()))


@cache
def _built_in() -> tuple[Rule, ...]:
    return tuple(map(_rule, rule_modules()))


@cache
def _rule(code: str) -> Rule:
    from importlib import import_module

    if code in known_rules():
        from wslint.rules.load_own import load_own_rule

        return load_own_rule(known_rules()[code])
    rule: Rule = import_module(f"{__name__}.{rule_modules()[code]}").RULE
    return rule


def find_rule(code_or_name: str) -> Rule | None:
    """Return the rule of a full code or a name, in any case."""
    wanted = selectors.normalise(code_or_name)
    return next((rule for rule in all_rules() if wanted in (rule.code, rule.name)), None)


def rule_url(code: str) -> str:
    """Return the path of a rule's page."""
    return f"{PAGES}/{code}.md"


def selected_rules(settings: Settings, rules: Iterable[Rule] | None = None) -> tuple[Rule, ...]:
    """Return the rules that are on."""
    rules = all_rules() if rules is None else rules
    return tuple(rule for rule in rules if is_selected(rule, settings))


def is_on(code: str, settings: Settings) -> bool:
    """Return whether the rule with this code is on, without importing any other."""
    return is_selected(_rule(code), settings)


def is_selected(rule: Rule, settings: Settings) -> bool:
    """Return whether a rule is on. As in ruff, the more specific selector wins.

    Stable rules are on by default; preview rules are on with ``preview``, or if a ``select`` names
    them exactly. Later selections (the command line) override earlier ones (a file).
    """
    own = known_rules().get(rule.code)
    if own is not None and own.package not in settings.plugins:
        return False
    on = rule.status == "stable" or settings.preview
    for selection in settings.selections:
        best_select = _best(rule, (*(selection.select or ()), *selection.extend_select), settings)
        best_ignore = _best(rule, selection.ignore)
        if rule.code == _ABOUT_THE_RUN:
            on = on and best_ignore < selectors.EXACT
        elif best_ignore >= 0 and best_ignore >= best_select:
            on = False
        elif best_select >= 0:
            on = True
        elif selection.select is not None:
            on = False
    return on


def _best(rule: Rule, given: Iterable[str], settings: Settings | None = None) -> int:
    """Return how specific the best selector for a rule is; -1 if none matches."""
    needs_exact = settings is not None and rule.status == "preview" and not settings.preview
    ranks = (selectors.specificity(s) for s in given if selectors.matches(s, rule.code, rule.name))
    return max((r for r in ranks if r >= selectors.EXACT or not needs_exact), default=-1)
