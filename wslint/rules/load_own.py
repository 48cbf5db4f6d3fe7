"""Imports a rule of another package."""

from __future__ import annotations

import sys
from importlib import import_module

from wslint.config.own_rules import OwnRule, search_path
from wslint.config.settings import ConfigError
from wslint.rules.rule import Rule


def load_own_rule(own: OwnRule) -> Rule:
    """Return the rule, never from the working directory. Raises ConfigError."""
    where = f"plugins: {own.package}: {own.module}"
    path = sys.path[:]
    sys.path[:] = search_path()
    try:
        rule = getattr(import_module(own.module), "RULE", None)
    except (Exception, SystemExit) as error:
        reason = f"cannot be imported: {type(error).__name__}: {error}"
        raise ConfigError(f"{where} {reason}") from error
    finally:
        sys.path[:] = path
    if not isinstance(rule, Rule) or rule.code != own.code or rule.check is None:
        raise ConfigError(f"{where} has no RULE with the code {own.code} and a check")
    return rule
