"""An assert that a websocket or communicator exists, which is always true.

## What it does
Reports an assert that says only that a websocket session of a test client, or a communicator, is
there: `assert websocket`, `assert websocket is not None`, `assert isinstance(communicator,
WebsocketCommunicator)`, and unittest's forms of them.

## Why is this bad?
The object is made before anything is sent. It is there whether the connection is accepted or
refused, so the assert can't fail. A communicator that is only constructed has not even asked the
application.

## Example
```python
async def test_connects():
    communicator = WebsocketCommunicator(application, "/chat")
    await communicator.connect()
    assert communicator is not None
```

## Use instead
```python
async def test_connects():
    communicator = WebsocketCommunicator(application, "/chat")
    connected, _ = await communicator.connect()
    assert connected
```

Entering `client.websocket_connect(…)` raises if the application refuses, so there it needs no
assert; what can be asserted is what the application sends, or `websocket.accepted_subprotocol`.

## Fix safety
Unsafe: the assert is removed, where a checker of types may need it. The `with` that enters a
websocket checks that it is accepted, and gets the comments of the assert. For a communicator, the
result of its connect is asserted instead if it isn't yet, as by [WS502](WS502.md). There is no fix
if nothing else is in the function, or if the communicator isn't connected.

## Evidence
Channels 4.3.2: the assert holds for a consumer that closes in `connect()`. Starlette 1.10.0: it
holds for every session that is entered. Read in 75 repositories: 7 findings in 3, all true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wslint.findings.actions import Action, NameWithItem, RemoveStatement
from wslint.findings.finding import Finding, Fix
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import call_in, simple_name, with_item
from wslint.rules.shared.connect_assertions import assertions
from wslint.rules.shared.connects import connects
from wslint.syntax import nodes as s
from wslint.syntax.search import refs
from wslint.timeline.model import Timeline
from wslint.vocabulary import COMMUNICATORS, SESSIONS

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", yields_to=("WS401",),
    concerns=("channels", "starlette", "fastapi", "httpx-ws"),
)  # fmt: skip


@RULE.checks
def always_true(timeline: Timeline) -> Iterator[Finding]:
    """Report each such assertion."""
    for asserted in timeline.asserts:
        if asserted.exists is None or asserted.origin is None:
            continue
        role = timeline.resources[asserted.exists].role
        if role in SESSIONS or role in COMMUNICATORS:
            what = "websocket" if role in SESSIONS else "communicator"
            yield RULE.finding(
                asserted.origin.place,
                f"this {what} always exists, so the assert cannot fail",
                "assert what the application does: what is received, or connect()'s result",
                fix=_fix(timeline, asserted.exists, asserted.origin.place),
                cause=asserted.exists,
            )


def _fix(timeline: Timeline, resource: int, place: Place) -> Fix | str:
    """Return the fix that removes the assert where the connect is checked, or checks it."""
    if timeline.resources[resource].role in SESSIONS:
        return _without(timeline, resource, place)
    found = [pair for pair in connects(timeline) if pair[0].subject == resource]
    if len(found) != 1:
        return "the communicator is not connected, or several times"
    ((connect, outcome),) = found
    given, own = connect.statement, connect.origin.place
    is_earlier = own.path == place.path and own.span.line < place.span.line
    heir = given.span if given is not None and is_earlier else None
    removal = RemoveStatement(place.path, place.span, heir)
    if outcome in ("accepted", "refused"):
        return Fix("unsafe", "remove the assert: the connect is checked", (removal,))
    if outcome in ("unknown", "guards"):
        if not isinstance(given, s.Assign) or call_in(given) is not connect.node:
            return "it is not known what the test makes of the connect's result"
        outcome = "always true"
    fix, *_ = assertions(timeline, connect, outcome)
    if isinstance(fix, str):
        return fix
    return replace(fix, title="assert that the connect succeeded", actions=(*fix.actions, removal))


def _without(timeline: Timeline, session: int, place: Place) -> Fix:
    """Return the fix that leaves the check to the ``with`` that enters a session."""
    actions: list[Action] = [RemoveStatement(place.path, place.span)]
    for socket in timeline.scopes_of("Socket"):
        statement, call = socket.statement, socket.origin.place
        item = with_item(statement, call.span)
        if socket.subject != session or item is None or call.path != place.path:
            continue
        if statement is not None and statement.span.contains(place.span):
            actions = [RemoveStatement(place.path, place.span, statement.span)]
        name = simple_name(item.target)
        if name and socket.function is not None and not _is_used(timeline, socket.function, name):
            actions.append(NameWithItem(call.path, call.span, ""))
    return Fix("unsafe", "remove the assert: entering the websocket checks it", tuple(actions))


def _is_used(timeline: Timeline, function: s.Function, name: str) -> bool:
    """Return whether a name that a ``with`` binds is used, but for asserts that it exists."""
    vacuous = [one.origin.place.span for one in timeline.asserts
               if one.exists is not None and one.origin is not None]  # fmt: skip
    uses = [ref for ref in refs(function.body) if ref.parts[0] == name]
    return sum(not any(span.contains(ref.span) for span in vacuous) for ref in uses) > 1
