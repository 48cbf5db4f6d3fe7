"""Waiting in a test, as by a sleep or by polling: whether it does, and the code that does."""

from __future__ import annotations

from collections.abc import Iterable

from wslint.findings.actions import Symbol
from wslint.rules.shared.code import called_name, calls_underscore
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.application_model import Code

_WAITS = ("sleep", "wait", "poll", "eventually", "retry", "until")
_WAITS_TOO = ("join", "call", "result", "acquire")
SLEEP = Symbol("time.sleep", module="time")


def wait_loop(function: s.Function, condition: str) -> str:
    """Return the code with which a function waits until a condition holds, for a second at most.

    Its ``{a}`` is ``SLEEP``.
    """
    name = "_attempt" if calls_underscore(function.body) else "_"
    return f"for {name} in range(100):\n    if {condition}:\n        break\n    {{a}}(0.01)\n"


def may_wait(function: s.Function, handlers: Iterable[Code]) -> bool:
    """Return whether a function waits for something outside of the handlers in it."""
    nodes = [handler.node for handler in handlers]
    ids, places = set(map(id, nodes)), {node.name_span for node in nodes}
    own = tuple(
        one
        for one in function.body
        # an endpoint class amounts to a function of the same place
        if id(one) not in ids and not (isinstance(one, s.Class) and one.name_span in places)
    )
    return any(map(_waits, walk(own)))


def _waits(node: object) -> bool:
    """Return whether a node waits for something: a loop without a target, or a call by its name."""
    if isinstance(node, s.Loop):
        return node.target is None
    if not isinstance(node, s.Call):
        return False
    name = called_name(node)
    return name.lstrip("_").startswith(_WAITS) or name in _WAITS_TOO
