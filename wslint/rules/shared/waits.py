"""Whether a test waits for something, as by a sleep or by polling."""

from __future__ import annotations

from wslint.rules.shared.code import called_name
from wslint.syntax import nodes as s
from wslint.syntax.search import walk

_WAITS = ("sleep", "wait", "poll", "eventually", "retry", "until")
_WAITS_TOO = ("join", "call", "result", "acquire")


def may_wait(function: s.Function, handlers: set[int]) -> bool:
    """Return whether a function waits for something outside of the handlers in it."""
    own = tuple(one for one in function.body if id(one) not in handlers)
    return any(map(_waits, walk(own)))


def _waits(node: object) -> bool:
    """Return whether a node waits for something: a loop without a target, or a call by its name."""
    if isinstance(node, s.Loop):
        return node.target is None
    if not isinstance(node, s.Call):
        return False
    name = called_name(node)
    return name.lstrip("_").startswith(_WAITS) or name in _WAITS_TOO
