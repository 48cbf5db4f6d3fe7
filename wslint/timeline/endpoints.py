"""Starlette's endpoint classes, as the functions that they amount to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wslint.findings.span import Place, Span
from wslint.syntax import nodes as s
from wslint.timeline.application_model import Code, Shared
from wslint.timeline.code_reader import CodeReader
from wslint.timeline.interpreter.values import Klass, Library, Value

if TYPE_CHECKING:
    from wslint.timeline.interpreter.classes import Classes

_WEBSOCKET = "starlette.endpoints.WebSocketEndpoint"


def websocket_endpoint(classes: Classes, reader: CodeReader, endpoint: Value | None) -> Code | None:
    """Return what a subclass of WebSocketEndpoint does, None for anything else.

    It is a function that calls ``on_connect`` (or accepts), then ``on_receive`` for each message
    and ``on_disconnect`` at the end, as ``dispatch`` of Starlette 1.10.0 does. The methods
    are in its ``uses``; a call has the place of the method's first statement.
    """
    if not isinstance(endpoint, Klass) or not _is_endpoint(classes, endpoint):
        return None
    if classes.found_attribute(endpoint, "dispatch") is not None:
        return None
    methods: dict[str, Code] = {}
    for name in ("on_connect", "on_receive", "on_disconnect"):
        found = classes.found_attribute(endpoint, name)
        definers = [base for base in classes.mro(endpoint) if isinstance(base, Klass)
                    and classes.own_attribute(base, name) is not None]  # fmt: skip
        method = _method(reader.code(found), endpoint, reader.code(endpoint), len(definers) == 1)
        if method is not None:
            methods[name] = method
        elif found is not None:
            return None
    node, path = endpoint.node, endpoint.module.path
    connect = methods.get("on_connect")
    socket = _first_param(connect) or "websocket"
    receive = _awaited(f"{socket}.receive", (), node.name_span)

    def call(name: str) -> s.Block:
        return (_awaited(name, (socket,), _start(methods[name])),) if name in methods else ()

    accept = (_awaited(f"{socket}.accept", (), node.name_span),)
    true = s.Const(True, node.name_span)
    loop = s.Loop(None, true, False, (receive, *call("on_receive")), (), node.span)
    served = s.Try((loop,), (), (), call("on_disconnect"), node.span)
    function = s.Function(
        node.name,
        node.qualname,
        is_async=True,
        is_generator=False,
        decorators=(),
        params=(s.Param(socket, "positional", None, None),),
        returns=None,
        body=(*(call("on_connect") or accept), served),
        name_span=node.name_span,
        span=node.span,
    )
    return Code.made_of(path, function, methods)


def _is_endpoint(classes: Classes, klass: Klass) -> bool:
    return any(isinstance(base, Library) and base.name == _WEBSOCKET for base in classes.mro(klass))


def _method(
    code: Code | None, klass: Klass, owner: Code | None, overrides_starlettes: bool
) -> Code | None:
    """Return a method as a function without ``self``, None for one that can't be followed."""
    node = code.node if code is not None else None
    if code is None or not isinstance(node, s.Function) or len(node.params) < 2:
        return None
    if node.decorators or not node.body:
        return None
    place = Place(klass.module.path, klass.node.name_span)
    me = {node.params[0].name: Shared(klass.node.name, "new", place, owner)}
    function = replace(node, params=node.params[1:])
    if overrides_starlettes:
        function.body = tuple(map(_without_super, node.body))
    return Code.made_of(code.path, function, {**code.uses, **me})


def _without_super(statement: s.Stmt) -> s.Stmt:
    """Return what ``await super().on_connect(websocket)`` does, which is to accept."""
    awaited = statement.value if isinstance(statement, s.Do) else None
    call = awaited.value if isinstance(awaited, s.Await) else None
    func = call.func if isinstance(call, s.Call) else None
    if not isinstance(call, s.Call) or not isinstance(func, s.Attr) or func.name != "on_connect":
        return statement
    owner = func.value.func if isinstance(func.value, s.Call) else None
    given = call.args[0].value if len(call.args) == 1 else None
    if isinstance(owner, s.Ref) and owner.parts == ("super",) and isinstance(given, s.Ref):
        return _awaited(f"{'.'.join(given.parts)}.accept", (), statement.span)
    return statement


def _first_param(code: Code | None) -> str:
    node = code.node if code is not None else None
    return node.params[0].name if isinstance(node, s.Function) else ""


def _start(code: Code) -> Span:
    return code.node.body[0].span


def _awaited(func: str, args: tuple[str, ...], span: Span) -> s.Do:
    """Return the statement ``await func(args)``."""
    given = tuple(s.Arg(s.Ref((name,), span)) for name in args)
    return s.Do(s.Await(s.Call(s.Ref(tuple(func.split(".")), span), given, span), span), span)
