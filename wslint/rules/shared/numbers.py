"""The numbers that code writes as constants, members of enumerations or arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from wslint.rules.shared.code import dotted, is_name, values_assigned
from wslint.rules.shared.handlers import arguments
from wslint.syntax import nodes as s
from wslint.timeline.application_model import Code, Shared

_DEPTH = 3
_CONSTANT = re.compile(r"(?:WS|HTTP)_(\d+)_\w+")
Numbers = frozenset[int | None]
_UNKNOWN: Numbers = frozenset((None,))


class NumbersIn(NamedTuple):
    """The numbers that expressions in a function may have, None for one that isn't known.

    ``given`` are those of its parameters.
    """

    code: Code
    function: s.Function
    given: Mapping[str, Numbers]

    def of(self, expr: s.Expr | None, depth: int = 0) -> Numbers:
        """Return the numbers that an expression may have."""
        if isinstance(expr, s.Const):
            return frozenset((expr.value,)) if isinstance(expr.value, int) else _UNKNOWN
        if isinstance(expr, s.Op) and expr.kind == "if":
            return frozenset().union(*(self.of(way, depth) for way in expr.operands[1:]))
        parts = dotted(expr)
        if not parts or depth > _DEPTH:
            return _UNKNOWN
        name = ".".join(parts)
        assigned = values_assigned(self.function, parts)
        if assigned:
            return frozenset().union(*(self.of(value, depth + 1) for value in assigned))
        if name in self.given:
            return self.given[name]
        used = self.code.uses.get(name)
        if isinstance(used, Shared) and isinstance(used.value, int):
            return frozenset((used.value,))
        constant = _CONSTANT.fullmatch(parts[-1])
        if constant is not None:
            return frozenset((int(constant[1]),))
        return self._of_class(parts[:-1] if parts[-1] == "value" else parts)

    def _of_class(self, parts: tuple[str, ...]) -> Numbers:
        """Return the number of an attribute in the body of a class, as of an enumeration."""
        owner = self.code.uses.get(".".join(parts[:-1]))
        body = owner.node.body if isinstance(owner, Code) and len(parts) > 1 else ()
        values = [
            one.value.value if isinstance(one.value, s.Const) else None
            for one in body
            if isinstance(one, s.Assign) and any(is_name(to, parts[-1]) for to in one.targets)
        ]
        known = values[0] if len(values) == 1 else None
        return frozenset((known,)) if isinstance(known, int) else _UNKNOWN

    def passed(self, called: Code, call: s.Call) -> dict[str, Numbers]:
        """Return the numbers that a call gives the parameters of a function."""
        node = called.node
        params = node.params if isinstance(node, s.Function) else ()
        defaults = {param.name: param.default for param in params if param.default is not None}
        given = defaults | arguments(self.code, called, call)
        return {name: self.of(value) for name, value in given.items()}
