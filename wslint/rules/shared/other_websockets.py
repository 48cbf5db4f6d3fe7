"""Fixes of websockets that are opened as if they were of another kind."""

from __future__ import annotations

from wslint.findings.actions import (
    Action,
    Code,
    MakeWithSync,
    RemoveAwait,
    ReplaceCallee,
    ReplaceExpression,
    Symbol,
)
from wslint.findings.finding import Fix
from wslint.rules.shared.code import (
    assigned_name,
    call_in,
    called_name,
    callee,
    simple_name,
    with_item,
)
from wslint.syntax import nodes as s
from wslint.syntax.search import refs, walk
from wslint.timeline.model import Event, Scope, Timeline

ENTERS_ASYNC = {"enter_async_context": "enter_context", "enterAsyncContext": "enterContext"}
"""The methods that enter an async context, and those of the same objects for a sync one."""

NO_FIX = "every call in the block is written for a websocket of another kind"
_TRANSPORT = Symbol("httpx_ws.transport.ASGIWebSocketTransport", module="httpx_ws.transport",
                    name="ASGIWebSocketTransport")  # fmt: skip
_CONNECT = Symbol("httpx_ws.aconnect_ws", module="httpx_ws", name="aconnect_ws")
_METHODS = frozenset(
    ("send_text", "send_bytes", "send_json", "receive_text", "receive_bytes", "receive_json",
     "close")
)  # fmt: skip
_IN_A_FIXTURE = "the client is made outside of the test, where others may use it"


def with_httpx_ws(timeline: Timeline, call: Event) -> Fix | str:
    """Return the fix that gives the test's own httpx client the transport of httpx-ws."""
    transport, test = call.transport, timeline.test
    if transport is None:
        return NO_FIX
    if transport.path != test.path or not test.function.span.contains(transport.span):
        return _IN_A_FIXTURE
    actions: list[Action] = [ReplaceCallee(*transport, Code("{a}", (_TRANSPORT,)))]
    if call.name.endswith(".websockets"):
        return Fix("unsafe", "give the client a transport with websockets", tuple(actions))
    item = with_item(call.statement, call.origin.place.span)
    is_async = isinstance(call.statement, s.With) and call.statement.is_async
    name = simple_name(item.target) if item is not None and is_async else ""
    given = call.node.args if call.node is not None else ()
    url = given[0].value if len(given) == 1 and not given[0].keyword else None
    path = url.value if isinstance(url, s.Const) else None
    if not name or not isinstance(path, str) or not set(path).isdisjoint('"\\{}'):
        return NO_FIX
    if len(call.receiver) != 1 or not _is_only_called(test.function, name):
        return NO_FIX
    new = Code(f'{{a}}("{path}", {call.receiver[0]})', (_CONNECT,))
    actions.append(ReplaceExpression(*call.origin.place, new))
    return Fix("display-only", "open it with httpx-ws, which must be installed", tuple(actions))


def entered_sync(socket: Scope | Event) -> Fix | str:
    """Return the fix that enters the websocket of a sync client as it is meant to be."""
    statement, function, path = socket.statement, socket.function, socket.origin.place.path
    actions: list[Action]
    item = with_item(statement, socket.origin.place.span)
    if isinstance(statement, s.With) and item is not None and len(statement.items) == 1:
        name = simple_name(item.target)
        actions = [MakeWithSync(path, statement.span)]
        if item.target is None:
            return Fix("unsafe", "enter it with `with`", tuple(actions))
    else:
        call = call_in(statement) if statement is not None else None
        awaited = statement.value if isinstance(statement, s.Assign) else None
        name, stack = assigned_name(statement), callee(call)
        enters = ENTERS_ASYNC.get(called_name(call))
        if call is None or enters is None or not isinstance(awaited, s.Await):
            return NO_FIX
        enter = Code(".".join((*stack[:-1], enters)))
        actions = [RemoveAwait(path, awaited.span), ReplaceCallee(path, call.span, enter)]
    if function is None or not name or not _is_only_called(function, name):
        return NO_FIX
    awaits = [node for node in walk(function.body) if isinstance(node, s.Await)
              and callee(node.value)[:1] == (name,)]  # fmt: skip
    actions += [RemoveAwait(path, node.span) for node in awaits]
    return Fix("unsafe", "enter it with `with`, and await nothing of it", tuple(actions))


def _is_only_called(function: s.Function, name: str) -> bool:
    """Return whether all that is done with a websocket is to call what both kinds have."""
    used = [ref.parts[1:] for ref in refs(function.body) if ref.parts[0] == name]
    calls = [node for node in walk(function.body)
             if isinstance(node, s.Call) and callee(node)[:1] == (name,)]  # fmt: skip
    # the other one is where the name is bound
    return len(used) == len(calls) + 1 and all(callee(call)[1] in _METHODS for call in calls)
