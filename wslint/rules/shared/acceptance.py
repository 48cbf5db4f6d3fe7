"""Whether a consumer lets a connection in, as far as its ``connect`` says so."""

from __future__ import annotations

from collections.abc import Mapping

from wslint.rules.shared.code import callee, inner_blocks
from wslint.rules.shared.consumers import OwnMethod, called_at_connect, called_from, own_methods
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, walk
from wslint.timeline.model import Consumer

_DEPTH = 3
_ANSWERS = {"accept": True, "close": False}


def accepts_all(consumer: Consumer) -> bool:
    """Return whether a consumer surely accepts, whoever comes, as that of Channels does."""
    methods = own_methods(consumer)
    if "websocket_connect" in methods:
        return False
    connect = methods.get("connect")
    if connect is None:
        return consumer.is_known and "__call__" not in methods
    return _outcome(connect.function.body, methods, 0) is True


def may_close_after_accept(consumer: Consumer) -> bool:
    """Return whether a consumer may accept a connection and then close it at once."""
    methods = own_methods(consumer)
    closing = {"close"}
    for name in methods:
        bodies = (methods[one].function.body for one in called_from(methods, [name]))
        if any(mentions(body, {"close"}) for body in bodies):
            closing.add(name)
    bodies = (methods[name].function.body for name in called_at_connect(consumer))
    return any(_closes_after_accept(body, closing) for body in bodies)


def _closes_after_accept(body: s.Block, closing: set[str]) -> bool:
    has_accepted = False
    for statement in body:
        if has_accepted and mentions(statement, closing):
            return True
        if any(_closes_after_accept(block, closing) for block in inner_blocks(statement)):
            return True
        has_accepted = has_accepted or mentions(statement, {"accept"})
    return False


def _outcome(body: s.Block, methods: Mapping[str, OwnMethod], depth: int) -> bool | None:
    """Return whether a block surely accepts (True) or refuses (False), None if it depends."""
    for statement in body:
        if isinstance(statement, (s.With, s.Try)):
            answer = _outcome(statement.body, methods, depth)
        elif isinstance(statement, s.Branch):
            arms = [_outcome(arm, methods, depth) for arm in statement.arms]
            answer = arms[0] if arms.count(arms[0]) == len(arms) else None
        elif isinstance(statement, s.Raise):
            answer = False
        else:
            answer = _answer(statement, methods, depth)
        if answer is not None or isinstance(statement, s.Return):
            return answer
        if not isinstance(statement, (s.Do, s.Assign)) and _may_answer(statement, methods, depth):
            return None
    return None


def _answer(statement: s.Stmt, methods: Mapping[str, OwnMethod], depth: int) -> bool | None:
    """Return the answer of the first call in a simple statement that gives one."""
    if not isinstance(statement, (s.Do, s.Assign, s.Return)):
        return None
    for name in _called_on_self(statement):
        if name in _ANSWERS:
            return _ANSWERS[name]
        if name in methods and depth < _DEPTH:
            answer = _outcome(methods[name].function.body, methods, depth + 1)
            if answer is not None:
                return answer
    return None


def _may_answer(statement: s.Stmt, methods: Mapping[str, OwnMethod], depth: int) -> bool:
    """Return whether a compound statement may accept, close or leave ``connect``."""
    if any(isinstance(node, (s.Return, s.Raise)) for node in walk(statement)):
        return True
    names = set(_called_on_self(statement))
    inner = (methods[name].function for name in names & methods.keys() if depth < _DEPTH)
    names.update(name for function in inner for name in _called_on_self(function))
    return not names.isdisjoint(_ANSWERS)


def _called_on_self(node: object) -> list[str]:
    """Return the methods that are called on the consumer itself, in order."""
    calls = [callee(one) for one in walk(node) if isinstance(one, s.Call)]
    return [parts[1] for parts in calls if len(parts) == 2 and parts[0] == "self"]
