"""Answers to a handshake that have no effect: ``accept`` that is not called, or not awaited."""

from __future__ import annotations

from collections.abc import Iterable

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Fix, Label
from wslint.findings.span import Place
from wslint.rules.shared.code import callee
from wslint.syntax import nodes as s
from wslint.syntax.search import statements

IdleAnswer = s.Ref | s.Call
_ANSWERS = frozenset(("accept", "close"))


def idle_answers(function: s.Function, owner: str) -> list[IdleAnswer]:
    """Return the statements that name an answer of ``owner``, and don't call or don't await it."""
    found: list[IdleAnswer] = []
    for node in statements(function.body):
        value = node.value if isinstance(node, s.Do) else None
        if isinstance(value, s.Ref) or (isinstance(value, s.Call) and function.is_async):
            parts = callee(value)
            if len(parts) == 2 and parts[0] == owner and parts[1] in _ANSWERS:
                found.append(value)
    return found


def ids_of_names(idle: Iterable[IdleAnswer]) -> set[int]:
    """Return the ids of the nodes by which they name the answer."""
    return {id(one.func if isinstance(one, s.Call) else one) for one in idle}


def label_of(path: str, idle: IdleAnswer) -> Label:
    """Return the label that says why it has no effect."""
    is_call = isinstance(idle, s.Call)
    said = "this coroutine is never awaited" if is_call else "this is no call"
    return Label(Place(path, idle.span), said)


def give_effect(path: str, function: s.Function, idle: IdleAnswer) -> Fix:
    """Return the fix that calls it, and awaits it in a coroutine."""
    called = "{0}" if isinstance(idle, s.Call) else "{0}()"
    code = Code(f"await {called}" if function.is_async else called)
    return Fix("display-only", "answer the handshake", (ReplaceExpression(path, idle.span, code),))
