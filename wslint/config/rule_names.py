"""The codes and names of the rules, taken from the file names in ``wslint/rules``.

Settings can thus be checked without importing any rule.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING

from wslint.config.own_rules import known_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = re.compile(r"(ws\d{3})_(\w+)\.py")
_RULES = os.path.join(os.path.dirname(os.path.dirname(__file__)), "rules")


@cache
def rule_modules() -> Mapping[str, str]:
    """Return the module of each of wslint's rules by code, sorted."""
    names = sorted(name for name in os.listdir(_RULES) if _FILE.fullmatch(name))
    return {name[:5].upper(): name.removesuffix(".py") for name in names}


@cache
def _names() -> Mapping[str, str]:
    return {code: module[6:].replace("_", "-") for code, module in rule_modules().items()}


def rule_names() -> Mapping[str, str]:
    """Return the name of every rule by code, then of those of other packages."""
    own = known_rules()
    return {**_names(), **{code: rule.name for code, rule in own.items()}} if own else _names()
