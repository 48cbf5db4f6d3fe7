"""A websocket is left right after a send, and nothing is checked after it.

## What it does
Reports a websocket of Starlette's, FastAPI's or httpx-ws's client to which the test only sends, if
nothing comes after the last send: no receive of another one, no assertion that can fail, no
request. A `try` that swallows what the send raises changes nothing.

## Why is this bad?
A send only puts the message into a queue. The block ends before the application has handled it, and
cancels the handler. An application that fails on the message passes, and so does one that ignores
it.

## Example
```python
def test_says_hello(client):
    with client.websocket_connect("/chat") as websocket:
        websocket.send_text("hello")
```

## Use instead
```python
def test_says_hello(client):
    with client.websocket_connect("/chat") as websocket:
        websocket.send_text("hello")
        assert websocket.receive_text() == "hello, too"
```

## Fix safety
Unsafe: it receives all that the handler surely sends, greetings too, if the last message is
answered and the test itself sends all of them. A test whose application fails now fails, as it
should; what the answer is remains to be asserted. Only shown if the handler isn't known, as a
receive waits forever if no answer comes.

## Evidence
Starlette 1.10.0: a handler that raises 2 ms after it has received passes 118 of 120 runs. Read in
62 repositories: 2 findings in 2 of them, both true.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, Code, InsertStatement, RemoveHandlers
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Span
from wslint.rules.rule import Rule
from wslint.rules.shared.exchanges import answers
from wslint.rules.shared.handlers import handlers_of
from wslint.rules.shared.swallowing import asserts, only_goes_on
from wslint.syntax import nodes as s
from wslint.syntax.search import statements, walk
from wslint.timeline.application_model import Handler
from wslint.timeline.model import Event, Scope, Timeline
from wslint.timeline.order import has_escaped, implies, is_open
from wslint.timeline.query import asserts_of, calls_of, expectations, is_followed, subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes",
    yields_to=("WS313", "WS401", "WS402", "WS406"), concerns=("starlette", "fastapi", "httpx-ws"),
)  # fmt: skip

_KINDS = frozenset(("text", "json", "bytes"))


@RULE.checks
def left_after_a_send(timeline: Timeline) -> Iterator[Finding]:
    """Report the last send of each such websocket."""
    path = timeline.test.path
    for socket in timeline.scopes_of("Socket"):
        if not is_followed(timeline, socket) or subject_of(timeline, socket).members:
            continue
        session = subject_of(timeline, socket)
        calls = calls_of(timeline, session)
        last = calls[-1] if calls else None
        if (
            last is None
            or not last.name.startswith("send")
            or not implies(last.at.path, socket.opened.path)
        ):
            continue
        if has_escaped(timeline, session.id, last.at) or _may_be_caught(timeline, last):
            continue
        if any(call.name.startswith("receive") for call in calls):
            continue  # it may say goodbye
        if not _anything_after(timeline, last):
            yield RULE.finding(
                last.origin.seen_from(path),
                "the test ends with this send, so an application that fails on it passes",
                "receive the answer, or assert what the message changes",
                labels=[Label(socket.origin.nearest_place(path), "the websocket is opened here")],
                fix=_fix(timeline, socket, calls),
                cause=session,
            )


def _may_be_caught(timeline: Timeline, last: Event) -> bool:
    """Return whether a block around a send may make something of its failure."""
    return not all(
        isinstance(scope.statement, s.Try)
        and all(only_goes_on(handler.body) for handler in scope.statement.handlers)
        for scope in _around(timeline, last)
    )


def _around(timeline: Timeline, send: Event) -> list[Scope]:
    """Return the blocks that expect or catch what a send raises."""
    found = expectations(timeline)
    return [scope for scope in found if is_open(timeline, scope, send.at) is not False]


def _anything_after(timeline: Timeline, last: Event) -> bool:
    """Return whether a test may notice after a send what has become of it."""
    events = (event for event in timeline.events if event.at.index > last.at.index)
    if any(event.kind != "Coroutine" for event in events):
        return True
    later_asserts = [one for one in asserts_of(timeline, last) if one.at.index > last.at.index]
    if any(one.exists is None for one in later_asserts):
        return True
    vacuous = {one.origin.place.span for one in later_asserts if one.origin is not None}
    test, called = timeline.test, last.origin.seen_from(timeline.test.path)
    is_own = called.path == test.path and test.function.span.contains(called.span)
    if is_own and _is_used(test.function, called.span):
        return True
    later = list(_after(test.function, called.span.line if is_own else 0))
    if last.function is not None and last.function is not test.function:
        sent = _after(last.function, last.origin.place.span.line)
        if any(isinstance(node, s.Call) for node in walk(tuple(sent))):
            return True
    return any(one.span not in vacuous and (asserts(one) or _does(one)) for one in later)


def _does(statement: s.Stmt) -> bool:
    return isinstance(statement, s.Do) and not isinstance(statement.value, s.Const)


def _after(function: s.Function, line: int) -> Iterator[s.Stmt]:
    return (one for one in statements(function.body) if one.span.line > line)


def _is_used(function: s.Function, span: Span) -> bool:
    """Return whether the test looks at what the call that sends gives."""
    around = [one for one in statements(function.body) if one.span.contains(span)]
    last = around[-1] if around else None
    value = last.value if isinstance(last, s.Do) else None
    value = value.value if isinstance(value, s.Await) else value
    return not isinstance(last, s.With) and (value is None or value.span != span)


def _fix(timeline: Timeline, socket: Scope, calls: list[Event]) -> Fix | str:
    """Return the fix that receives what the application sends, and so its answer to each send."""
    sends = [call for call in calls if call.name.startswith("send")]
    same = [one for one in timeline.scopes_of("Socket") if one.origin.place == socket.origin.place]
    handlers = {id(one.code.node): one for each in same for one in handlers_of(timeline, each)}
    if len(handlers) > 1:
        return "the websocket reaches one handler or another"
    known = _known_answers(handlers.popitem()[1], len(sends)) if handlers else []
    if isinstance(known, str):
        return known
    actions: dict[object, Action] = {}
    for number, send in enumerate(sends):
        if send.statement is None or not send.receiver:
            return "a send is inside another expression"
        if send.origin.via:
            return "a send is in a helper, which other tests may call"
        own, path = send.name.removeprefix("send_"), send.origin.place.path
        if not known and own not in _KINDS:
            return "it is not known how the application answers"
        greetings, replies = (known[0], known[number + 1]) if known else ([], [own])
        receiver = ".".join(send.receiver)
        for kinds, after in ((greetings if not number else [], False), (replies, True)):
            code = "\n".join(f"{receiver}.receive_{kind}()" for kind in kinds)
            insert = InsertStatement(path, send.statement.span, Code(code), after)
            actions |= {(send.origin.place, after): insert} if kinds else {}
        for scope in _around(timeline, send):
            # else it swallows the failure of the receive too
            if isinstance(scope.statement, s.Try):
                actions[scope.origin] = RemoveHandlers(path, scope.statement.span)
    title = "receive the answer" if len(sends) == 1 else "receive the answers"
    return Fix("unsafe" if known else "display-only", title, tuple(actions.values()))


def _known_answers(handler: Handler, messages: int) -> list[list[str]] | str:
    """Return the kinds of what a handler sends: unasked, and then to each message.

    Else why they aren't known.
    """
    found = answers(handler.code, messages)
    if found is None:
        return "it is not known whether the application answers"
    kinds = [[name.removeprefix("send_") for name in names] for names in found]
    if not kinds[-1]:
        return "the application does not answer the last message"
    is_plain = all(kind in _KINDS for each in kinds for kind in each)
    return kinds if is_plain else "the application sends messages of other types"
