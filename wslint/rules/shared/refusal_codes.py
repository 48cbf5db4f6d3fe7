"""How a handler refuses a connection: by which close code, or by which HTTP status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from wslint.rules.shared.code import callee, caught_names, dotted, is_name, leaves, methods_of
from wslint.rules.shared.evaluation import evaluated, names_read
from wslint.rules.shared.handlers import (
    function_of,
    given_socket,
    init_of,
    is_wrapped,
    socket_name,
    socket_name_of,
)
from wslint.rules.shared.numbers import Numbers, NumbersIn
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.application_model import Code, Handler

_DEPTH = 3
_NOTHING = frozenset[str]()
_PLAIN_TYPES = frozenset(("WebSocket", "str"))
NORMAL = 1000
"""The code of a route that doesn't exist, and of ``close()`` without a code."""


class Refusal(NamedTuple):
    """The ``code`` of a WebSocketDisconnect, or the ``status_code`` of a denial response."""

    attribute: Literal["code", "status_code"]
    value: int


class _Way(NamedTuple):
    """A refusal, None if it isn't known.

    ``raised`` is the name of the exception that refuses, which may be caught; None for a close.
    """

    refusal: Refusal | None
    raised: tuple[str, ...] | None = None


def refusal_of(handler: Handler) -> Refusal | None:
    """Return how a handler refuses, None if it isn't known or may happen in several ways."""
    found = _all_refusals(handler)
    return found.pop() if len(found) == 1 else None


def likely_refusal_of(handler: Handler) -> Refusal | None:
    """Return the only way of refusing that is written in a handler, whatever else may happen."""
    found = _all_refusals(handler) - {None}
    return found.pop() if len(found) == 1 else None


def codes_of(handler: Handler) -> tuple[int, ...]:
    """Return the close codes with which a handler refuses, () if one is 1000 or isn't known."""
    found = _all_refusals(handler)
    codes = {one.value for one in found if one is not None and one.attribute == "code"}
    return tuple(sorted(codes)) if len(codes) == len(found) and NORMAL not in codes else ()


def _all_refusals(handler: Handler) -> set[Refusal | None]:
    function = handler.code.node
    if not isinstance(function, s.Function) or is_wrapped(function):
        return set()
    return set(_refusals_of(handler, socket_name(function)))


def accepts_first(handler: Handler) -> bool:
    """Return whether a handler surely accepts a connection before it may close or raise."""
    function = handler.code.node
    if not isinstance(function, s.Function) or is_wrapped(function):
        return False
    socket = socket_name(function)
    never_refuses = next(_refusals_of(handler, socket), "never") == "never"
    return never_refuses and _accepts(handler.code, function.body, socket, 0)


def names_of_takers(handler: Handler) -> set[str]:
    """Return the names of the functions and objects to which a handler gives its socket."""
    return set(_takers(handler.code, socket_name_of(handler.code), 0))


def _takers(code: Code, socket: str, depth: int) -> Iterator[str]:
    for node in walk(code.node.body):
        if isinstance(node, s.Call) and any(is_name(arg.value, socket) for arg in node.args):
            yield from dotted(node.func)
            inner = given_socket(code, node, socket)
            if inner is not None and depth < _DEPTH:
                yield from _takers(*inner, depth + 1)


def _accepts(code: Code, body: s.Block, socket: str, depth: int) -> bool:
    """Return whether a body surely accepts, on whichever way it is left."""
    for statement in body:
        if isinstance(statement, s.Branch):
            if any(_is_accept(code, call, socket, depth) for call in _calls((statement,))):
                return True
            accepted = [_accepts(code, arm, socket, depth) for arm in statement.arms]
            if all(accepted):
                return True
            ways = zip(statement.arms, accepted, strict=True)
            if any(leaves(arm) and not accepts for arm, accepts in ways):
                return False
        elif isinstance(statement, (s.With, s.Try)):
            if _accepts(code, statement.body, socket, depth):
                return True
        elif any(_is_accept(code, call, socket, depth) for call in _calls((statement,))):
            return True
        elif isinstance(statement, (s.Return, s.Raise)):
            return False
    return False


def _calls(body: s.Block) -> Iterator[s.Call]:
    """Yield the calls by a name that a body surely makes."""
    for expr in evaluated(body):
        called = {id(ref) for ref, is_called in names_read(expr) if is_called}
        yield from (n for n in walk(expr) if isinstance(n, s.Call) and id(n.func) in called)


def _is_accept(code: Code, call: s.Call, socket: str, depth: int) -> bool:
    """Return whether a call accepts the connection, itself or in a function of the project."""
    if dotted(call.func) == (socket, "accept"):
        return True
    inner, its_name = (given_socket(code, call, socket) if depth < _DEPTH else None) or (None, "")
    function = inner.node if inner is not None else None
    if inner is None or not isinstance(function, s.Function) or is_wrapped(function):
        return False
    return _accepts(inner, function.body, its_name, depth + 1)


def _refusals_of(handler: Handler, socket: str) -> Iterator[Refusal | None]:
    """Yield the refusals of a handler and of what runs before it; None for one that isn't known."""
    for code in handler.before:
        yield from (way.refusal for way in _ways(code, "", 1, {}))
    yield from (way.refusal for way in _ways(handler.code, socket, 0, {}))


def _ways(
    code: Code | None, socket: str, depth: int, given: Mapping[str, Numbers]
) -> Iterator[_Way]:
    """Yield the refusals before the accept; ``given`` are numbers for the parameters."""
    function = code.node if code is not None else None
    if code is None or not isinstance(function, s.Function) or depth > _DEPTH:
        yield _Way(None)
        return
    if depth and is_wrapped(function):
        yield _Way(None)
        return
    yield from _ways_of_dependencies(code, depth)
    if depth == 0 and any(_is_validated(param) for param in function.params
                          if param.name not in code.depends):  # fmt: skip
        yield _Way(None)
    caught, after = _caught(function.body), set[int]()
    numbers = NumbersIn(code, function, given)
    accepted = False
    for node in walk(function.body):
        if accepted and id(node) not in after:
            continue
        if isinstance(node, s.Raise) and node.value is not None:
            kind = callee(node.value)[-1:]
            if not _is_caught(kind, caught.get(id(node), _NOTHING)):
                yield from (_Way(refusal, kind) for refusal in _raised(numbers, node.value))
        elif isinstance(node, s.Call):
            called = dotted(node.func)
            used = function_of(code, called)
            if called == (socket, "close"):
                yield from map(_Way, _refusals(numbers, node, "code", NORMAL))
            if used is not None and isinstance(used.node, s.Function):
                inner = given_socket(code, node, socket)
                its_name = inner[1] if inner is not None else socket_name_of(used)
                passed = numbers.passed(used, node)
                for way in _ways(used, its_name, depth + 1, passed):
                    if way.raised is None or not _is_caught(
                        way.raised, caught.get(id(node), _NOTHING)
                    ):
                        yield way
            if _is_accept(code, node, socket, depth):
                accepted = True
                after |= _ways_around(function.body, node)


def _ways_of_dependencies(code: Code, depth: int) -> Iterator[_Way]:
    for depends in code.depends.values():
        if depends is None or not _refuses_nothing(depends):
            init = init_of(depends) if depends is not None else None
            yield from _ways(init, "", depth + 1, {})


def _refuses_nothing(code: Code) -> bool:
    """Return whether a dependency is a class of which FastAPI only makes an object."""
    node = code.node
    return isinstance(node, s.Class) and not node.bases and "__init__" not in methods_of(node)


def _ways_around(body: s.Block, accept: s.Call) -> set[int]:
    """Return the nodes that run instead if something before an accept raises, as a handler does."""
    found = set[int]()
    for statement in walk(body):
        inner = statement.body if isinstance(statement, (s.Try, s.With)) else ()
        nodes = list(walk(inner))
        at = next((number for number, node in enumerate(nodes) if node is accept), 0)
        if any(isinstance(node, (s.Call, s.Item, s.Raise)) for node in nodes[:at]):
            if isinstance(statement, s.Try):
                blocks = [handler.body for handler in statement.handlers]
                found |= {id(node) for block in blocks for node in walk(block)}
            elif isinstance(statement, s.With) and _suppressed(statement):
                found |= {id(node) for node in walk(body)}
    return found


def _caught(body: s.Block) -> dict[int, frozenset[str]]:
    """Return the names of the exceptions that are caught around the nodes of a body."""
    found: dict[int, frozenset[str]] = {}
    for statement in walk(body):
        names = frozenset[str]()
        if isinstance(statement, s.Try) and not _raises_again(statement):
            names = frozenset[str]().union(*map(caught_names, statement.handlers))
        elif isinstance(statement, s.With):
            names = _suppressed(statement)
        if names and isinstance(statement, (s.Try, s.With)):
            for node in walk(statement.body):
                found[id(node)] = found.get(id(node), _NOTHING) | names
    return found


def _suppressed(statement: s.With) -> frozenset[str]:
    """Return the names of the exceptions that a ``with suppress(…)`` catches."""
    calls = [item.value for item in statement.items if isinstance(item.value, s.Call)]
    args = [arg for call in calls if callee(call)[-1:] == ("suppress",) for arg in call.args]
    return frozenset("".join(dotted(arg.value)[-1:]) for arg in args)


def _is_caught(kind: tuple[str, ...], names: frozenset[str]) -> bool:
    return not names.isdisjoint((*kind, "Exception", "BaseException"))


def _raises_again(statement: s.Try) -> bool:
    return any(
        isinstance(node, s.Raise) and node.value is None
        for handler in statement.handlers
        for node in walk(handler.body)
    )


def _is_validated(param: s.Param) -> bool:
    """Return whether FastAPI may refuse a value of a parameter."""
    if param.annotation is None or dotted(param.annotation)[-1:] in {(n,) for n in _PLAIN_TYPES}:
        return False
    parts = walk((param.annotation, param.default))
    return not any(isinstance(n, s.Call) and callee(n)[-1:] == ("Depends",) for n in parts)


def _raised(numbers: NumbersIn, value: s.Expr) -> Iterator[Refusal | None]:
    name = callee(value)[-1:]
    if name == ("WebSocketException",):
        return _refusals(numbers, value, "code", None)
    if name == ("HTTPException",):
        return _refusals(numbers, value, "status_code", None)
    return iter((None,))


def _refusals(
    numbers: NumbersIn,
    call: s.Expr,
    attribute: Literal["code", "status_code"],
    default: int | None,
) -> Iterator[Refusal | None]:
    """Yield the refusals with the numbers that a call may be given."""
    args = call.args if isinstance(call, s.Call) else ()
    named = (arg.value for arg in args if arg.keyword == attribute)
    given = next(named, args[0].value if args and not args[0].keyword else None)
    for number in (default,) if given is None else numbers.of(given):
        yield Refusal(attribute, number) if number is not None else None
