"""The codes and names of the rules, read off the file names in ``wslint/rules``.

So settings are checked without importing a rule.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = re.compile(r"(ws\d{3})_(\w+)\.py")
_RULES = os.path.join(os.path.dirname(os.path.dirname(__file__)), "rules")


@cache
def rule_modules() -> Mapping[str, str]:
    """Return the module of every rule by its code, in the order of the codes."""
    names = sorted(name for name in os.listdir(_RULES) if _FILE.fullmatch(name))
    return {name[:5].upper(): name.removesuffix(".py") for name in names}


@cache
def rule_names() -> Mapping[str, str]:
    """Return the name of every rule by its code."""
    return {code: module[6:].replace("_", "-") for code, module in rule_modules().items()}
