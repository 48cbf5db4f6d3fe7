"""Blocks around a connect that expect an exception, and the fix that asserts the close code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

from wslint.findings.actions import (
    Action,
    Code,
    InsertStatement,
    NameWithItem,
    ReplaceExpression,
    ReplaceStatement,
    Symbol,
)
from wslint.findings.finding import Applicability, Fix
from wslint.rules.shared.code import block_of, blocks_of, dotted, simple_name, with_item
from wslint.rules.shared.handlers import handlers_of, is_wrapped, only_handler
from wslint.rules.shared.refusal_codes import (
    NORMAL,
    Refusal,
    codes_of,
    likely_refusal_of,
    refusal_of,
)
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, statements
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import calls_of, is_followed, replaces, subject_of

HELP = "assert the close code the application refuses with; an unknown route closes with 1000"

_SERVERS = ("starlette.websockets.WebSocketDisconnect", "fastapi.WebSocketDisconnect",
            "fastapi.websockets.WebSocketDisconnect")  # fmt: skip
DISCONNECTS = frozenset((*_SERVERS, "httpx_ws.WebSocketDisconnect"))
_DISCONNECT = {
    "fastapi": ("fastapi.WebSocketDisconnect", "fastapi", "WebSocketDisconnect"),
    "starlette": (
        "starlette.websockets.WebSocketDisconnect", "starlette.websockets", "WebSocketDisconnect",
    ),
    "httpx_ws": ("httpx_ws.WebSocketDisconnect", "httpx_ws", "WebSocketDisconnect"),
}  # fmt: skip
_DENIAL = (
    "starlette.testclient.WebSocketDenialResponse", "starlette.testclient",
    "WebSocketDenialResponse",
)  # fmt: skip
_WHY = "  # the code of a route that does not exist"
_MISSING = ("no_such", "unknown_r", "unknown_p", "missing_route", "missing_path", "not_found",
            "notfound", "nonexist", "does_not_exist", "doesnt_exist", "404", "undefined",
            "unregistered", "wrong_path", "wrong_route", "invalid_path", "invalid_route",
            "invalid_endpoint", "bad_path", "bad_route", "without_route",
            "unknown_u", "missing_url", "wrong_url", "bad_url", "invalid_url", "nowhere",
            "no_websocket", "without_slash", "trailing_slash", "not_match", "no_match",
            "no_route", "removed")  # fmt: skip
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_NAMES = ("refused", "refusal", "refused_connect")


class _Expected(NamedTuple):
    """The codes or statuses of which a refusal has one; any but ``NORMAL``, if there are none.

    ``is_sure``: nothing else can happen.
    """

    attribute: Literal["code", "status_code"] = "code"
    values: tuple[int, ...] = ()
    is_sure: bool = False


def around_connects(
    timeline: Timeline, kind: Literal["Raises", "Try"]
) -> Iterator[tuple[Scope, Scope]]:
    """Yield each scope of a kind in which a websocket opens, with the first such websocket."""
    sockets = [one for one in timeline.scopes_of("Socket") if is_followed(timeline, one)]
    for scope in timeline.scopes_of(kind):
        inside = [socket for socket in sockets if is_open(timeline, scope, socket.opened) is True]
        if inside:
            yield scope, inside[0]


def is_checked(scope: Scope) -> bool:
    """Return whether a test may check the exception that a ``raises`` block catches.

    It may if the block matches the text, if its name is used, or if the block isn't a plain
    ``with`` statement, or a call with a function.
    """
    statement, function = scope.statement, scope.function
    if isinstance(statement, s.Do) and statement.value.span == scope.origin.place.span:
        return scope.matched
    item = with_item(statement, scope.origin.place.span)
    if scope.matched or item is None or function is None or not isinstance(statement, s.With):
        return True
    if not isinstance(item.value, s.Call):
        return True
    if item.target is None:
        return False
    others = [other for other in statement.items if other is not item]
    name = simple_name(item.target)
    outside = (one for one in _without(function.body, statement) if not _says_it_exists(one, name))
    return not name or mentions((*others, *statement.body, *outside), {name})


def _says_it_exists(statement: s.Stmt, name: str) -> bool:
    """Return whether a statement asserts only that there is an exception, as there always is."""
    test = statement.test if isinstance(statement, s.Assert) else None
    if isinstance(test, s.Compare):
        is_none = isinstance(test.rights[0], s.Const) and test.rights[0].value is None
        test = test.left if is_none and test.ops in (("is not",), ("!=",)) else None
    return dotted(test) in ((name,), (name, "value"))


def codes_with_normal(scope: Scope) -> tuple[s.Compare, tuple[int, ...]] | None:
    """Return the check that admits 1000 among other close codes, with the others, if it is alone.

    ``assert refused.value.code in (1000, 1008)``
    """
    statement, function = scope.statement, scope.function
    item = with_item(statement, scope.origin.place.span)
    name = simple_name(item.target) if item is not None else ""
    if not name or function is None or statement is None or scope.matched:
        return None
    uses = [one for one in _without(function.body, statement) if mentions(one, {name})]
    test = uses[0].test if len(uses) == 1 and isinstance(uses[0], s.Assert) else None
    if not isinstance(test, s.Compare) or test.ops != ("in",):
        return None
    admitted = test.rights[0].items if isinstance(test.rights[0], s.Seq) else ()
    values = [one.value for one in admitted if isinstance(one, s.Const)]
    codes = tuple(value for value in values if isinstance(value, int) and value != NORMAL)
    is_whole = dotted(test.left) == (name, "value", "code") and len(values) == len(admitted)
    return (test, codes) if is_whole and NORMAL in values and codes else None


def _without(body: s.Block, left_out: s.Stmt) -> Iterator[s.Stmt]:
    """Yield the innermost statements of a body, without those of one statement."""
    for statement in body:
        if statement is left_out:
            continue
        blocks = blocks_of(statement)
        if not any(block_of(block, left_out) for block in blocks):
            yield statement
        for block in blocks:
            if block_of(block, left_out):
                yield from _without(block, left_out)


def known_refusal(timeline: Timeline, scope: Scope, socket: Scope) -> Refusal | None:
    """Return the refusal by a handler that a block expects, None if it isn't known.

    Denial responses exist since Starlette 0.37.
    """
    if not _is_one_refusal(timeline, scope, socket):
        return None
    handler = only_handler(timeline, socket)
    refusal = refusal_of(handler) if handler is not None else None
    if is_denial(refusal):
        return refusal if timeline.environment.version("starlette") >= (0, 37) else None
    return refusal


def _is_one_refusal(timeline: Timeline, scope: Scope, socket: Scope) -> bool:
    """Return whether all that a block can expect is that its only connect is refused."""
    app = timeline.application_of(socket)
    handler = only_handler(timeline, socket)
    if app is None or handler is None or app.handles_exceptions or scope.frame == "helper":
        return False
    asked = [code for code in handler.code.reached() if isinstance(code.node, s.Function)]
    replaced = any(code.is_at(one.name, one.path) for code in asked for one in app.overrides)
    names = {ref.parts[-1] for code in asked for ref in refs(code.node)}
    if replaced or replaces(timeline, names):
        return False
    same = [one for one in timeline.scopes_of(scope.kind) if one.origin.place == scope.origin.place]
    sockets = [
        one
        for one in timeline.scopes_of("Socket")
        if any(is_open(timeline, other, one.opened) is True for other in same)
    ]
    handlers = {id(h.code.node) for one in sockets for h in handlers_of(timeline, one)}
    if len(handlers) > 1 or len(sockets) > len(same):
        return False
    used = [call for call in calls_of(timeline, subject_of(timeline, socket))
            if is_open(timeline, scope, call.at) is True]  # fmt: skip
    body = blocks_of(scope.statement)[:1] if scope.statement is not None else []
    raises = any(isinstance(one, s.Raise) for block in body for one in statements(block))
    return len(used) < 2 and not raises


def is_denial(refusal: Refusal | None) -> bool:
    """Return whether an application refuses with an HTTP response."""
    return refusal is not None and refusal.attribute == "status_code"


def advice(refusal: Refusal | None) -> str:
    """Return what to assert of a refusal."""
    if refusal is None:
        return HELP
    if is_denial(refusal):
        return (
            "expect `WebSocketDenialResponse` and assert its `status_code`: the application "
            f"refuses with HTTP {refusal.value}"
        )
    if refusal.value == NORMAL:
        return "let the application refuse with a code of its own; 1000 is that of an unknown route"
    return f"assert the close code {refusal.value}, with which the application refuses"


def expects_missing_route(timeline: Timeline, scope: Scope, socket: Scope) -> bool:
    """Return whether a test is about a route that the application, as far as is known, lacks."""
    app, url = timeline.application_of(socket), subject_of(timeline, socket).url
    if app is None or scope.function is None:
        return False
    sockets = [handler for handler in app.handlers if handler.kind == "websocket"]
    has_none = bool(sockets) and all(one.route is not None for one in sockets)
    said = (scope.function.name, timeline.test.qualname, scope.function.docstring, url or "")
    about = _NO_LETTER.sub("", " ".join(said).lower())
    # who writes the application in the test's file knows its routes
    is_meant = app.place.path == timeline.test.path or any(
        word.replace("_", "") in about for word in _MISSING
    )
    return is_meant and has_none and (url is None or not handlers_of(timeline, socket))


def assert_the_code(
    timeline: Timeline, scope: Scope, socket: Scope, refusal: Refusal | None
) -> Fix | str:
    """Return the fix that expects the refusal of the application.

    Where that isn't sure it is display-only. It expects the code that the handler names, or else
    any but that of a missing route: an application that refuses without a code closes with 1000,
    too.
    """
    if refusal is not None and refusal.value == NORMAL:
        return "the application refuses with 1000, the code of a route that does not exist"
    handler = only_handler(timeline, socket)
    code = handler.code.node if handler is not None else None
    if refusal is None and isinstance(code, s.Function) and is_wrapped(code):
        return "a decorator of the handler may refuse with any code"
    expected = _expected(timeline, scope, socket, refusal)
    statement, function = scope.statement, scope.function
    item = with_item(statement, scope.origin.place.span)
    call = item.value if item is not None else None
    if statement is None or item is None or not isinstance(call, s.Call) or not call.args:
        return "no plain `with` statement expects the exception"
    path = scope.origin.place.path
    denied = expected.attribute == "status_code"
    symbol = Symbol(*_DENIAL) if denied else disconnect_of(timeline, socket)
    actions: list[Action] = []
    if denied or not DISCONNECTS.issuperset(scope.expected):
        by_keyword = (arg for arg in call.args if arg.keyword == "expected_exception")
        given = next(by_keyword, call.args[0])
        actions.append(ReplaceExpression(path, given.value.span, Code("{a}", (symbol,))))
    if isinstance(item.target, s.Ref):
        name = item.target.parts[0]
    else:
        free = [name for name in _NAMES if not mentions(function, {name})]
        if not free:
            return "the names for the exception are taken"
        name = free[0]
        actions.append(NameWithItem(path, call.span, name))
    check = Code(_check(dotted(call.func), name, expected))
    others = _without(function.body, statement) if function is not None else ()
    vacuous = next((one for one in others if _says_it_exists(one, name)), None)
    if isinstance(vacuous, s.Assert) and vacuous.span[2:] == vacuous.test.span[2:]:
        actions.append(ReplaceStatement(path, vacuous.span, check))
    else:
        actions.append(InsertStatement(path, statement.span, check))
    if not expected.values:
        return Fix("display-only", "expect a refusal by a route that exists", tuple(actions))
    tier: Applicability = "unsafe" if expected.is_sure else "display-only"
    return Fix(tier, "assert how the application refuses", tuple(actions))


def _expected(
    timeline: Timeline, scope: Scope, socket: Scope, refusal: Refusal | None
) -> _Expected:
    """Return what can be asserted of a refusal, also where it isn't the only thing to happen."""
    if refusal is not None:
        return _Expected(refusal.attribute, (refusal.value,), True)
    handler = only_handler(timeline, socket)
    if handler is None or not _is_one_refusal(timeline, scope, socket):
        return _Expected()
    codes, likely = codes_of(handler), likely_refusal_of(handler)
    if codes:
        return _Expected("code", codes, True)
    if likely is None or likely == Refusal("code", NORMAL):
        return _Expected()
    return _Expected(likely.attribute, (likely.value,))


def disconnect_of(timeline: Timeline, socket: Scope) -> Symbol:
    """Return the exception by which a websocket tells that it is refused or closed."""
    subject = socket.subject if socket.client is None else socket.client
    library = timeline.resources[subject].name.partition(".")[0]
    symbol = Symbol(*_DISCONNECT.get(library, _DISCONNECT["starlette"]))
    return symbol if library == "httpx_ws" else replace(symbol, same_as=_SERVERS)


def _check(func: tuple[str, ...], name: str, expected: _Expected) -> str:
    """Return the assertion, in the style of the block that expects the exception."""
    by_method = bool(func) and func[-1].startswith("assert")
    owner, values = ".".join(func[:-1]), expected.values
    actual = f"{name}.{'exception' if by_method else 'value'}.{expected.attribute}"
    if not values:
        check = f"{owner}.assertNotEqual({actual}, {NORMAL})" if by_method else ""
        return (check or f"assert {actual} != {NORMAL}") + _WHY
    if len(values) > 1:
        return (
            f"{owner}.assertIn({actual}, {values})" if by_method else f"assert {actual} in {values}"
        )
    only = values[0]
    return f"{owner}.assertEqual({actual}, {only})" if by_method else f"assert {actual} == {only}"
