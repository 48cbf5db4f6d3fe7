"""A test asserts state that a websocket handler may not have changed yet.

## What it does
Reports an assertion on an object that a websocket's handler surely changes (one at the top of a
module of the application, in its `state`, or the test's own), if nothing ensures that the handler
has done so:

- right after the websocket is opened, if the handler awaits something between its accept and the
  change;
- right after a message is sent, with no answer received;
- after the websocket's block, if the handler awaits something before the change.

A condition that asks for a part of the last message, such as its type, is followed if the test
writes the message out. If it asks for something else as well, the assertion must be that a value of
the message is there that was not there at first.

Tests that sleep, wait or poll are not reported.

## Why is this bad?
The handler runs in another thread. `websocket_connect` returns at the accept, and a send returns
when the message is in the queue. Leaving the block cancels the handler at its next `await`. Whether
the change has happened is a race: with two milliseconds of work before it, the assertion was wrong
in nearly every run; with less, now and then, mostly on a busy machine.

## Example
```python
with client.websocket_connect("/theatre") as websocket:
    assert len(audience) == 1
```

## Use instead
```python
with client.websocket_connect("/theatre") as websocket:
    assert websocket.receive_text() == "take your seat"
    assert len(audience) == 1
```

## Fix safety
The fix is unsafe: it waits, for up to a second, until what is asserted holds. To receive something
that the application sends after the change is better, if it sends something. After the block the
fix waits at its end, while the handler still runs. There is none for a value that the test has read
before, for an assertion that may raise or change something itself, and for a handler that does not
catch the disconnect: the block would end with it.

## Evidence
Starlette 0.37.2, 0.44.0 and 1.10.0, with bare and entered clients, 60 runs each. With 2 ms of work
before the change: wrong in 56 to 60 runs, in each of the three places. Without any work: wrong in
14 to 60 runs after a send, never after a connect, and after a block on 0.44.0 alone, in up to 29
(the last two are not reported).

## See also
- https://github.com/marimo-team/marimo/issues/10615: one member instead of two, in CI
- https://github.com/bakdata/streams-explorer/issues/292: a sleep before the disconnect is asserted
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from wslint.findings.actions import Code as NewCode
from wslint.findings.actions import InsertStatement, NameWithItem
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import called_name, callee, names_assigned, simple_name, with_item
from wslint.rules.shared.expectations import asserted as expected
from wslint.rules.shared.expectations import asserts_absence, condition
from wslint.rules.shared.handler_changes import Change, changes
from wslint.rules.shared.handlers import only_handler, socket_name_of
from wslint.rules.shared.messages import UNKNOWN, Value, literal
from wslint.rules.shared.waits import SLEEP, may_wait, wait_loop
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, statements, walk
from wslint.timeline.application_model import Code, Shared, method_of
from wslint.timeline.model import Asserted, Moment, Scope, Timeline
from wslint.timeline.order import excludes, has_escaped, implies

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("starlette", "fastapi")
)

_CHANGING = frozenset(
    ("pop", "popleft", "popitem", "get_nowait", "remove", "discard", "clear", "next", "index")
)
_NAMES = ("websocket", "socket", "session", "closed_here")
_AFTER_EXIT = "after the exit, which cancels the handler"


class _Use(NamedTuple):
    """What happened last with a websocket ("open", "use" or "exit"), and its calls so far.

    ``message`` is what was sent last.
    """

    socket: Scope
    what: str
    calls: list[str]
    message: Value


@RULE.checks
def asserted_too_early(timeline: Timeline) -> Iterator[Finding]:
    """Report each such assertion once."""
    apps = timeline.applications.values()
    handlers = [handler.code for app in apps for handler in app.handlers]
    if may_wait(timeline.test.function, handlers):
        return
    for asserted in timeline.asserts:
        origin = asserted.origin
        if asserted.owner is not None and may_wait(asserted.owner, handlers):
            continue
        # an assertion in a helper may be called once everything is done
        if origin is None or origin.via or origin.place.path != timeline.test.path:
            continue
        statement = _statement_of(timeline, asserted)
        is_absence = statement is not None and asserts_absence(statement)
        for change, when in _too_early(timeline, asserted.at, statement):
            # before something is added, it is right that nothing is there
            if _reads(asserted, change) and (change.removes or not is_absence):
                yield RULE.finding(
                    origin.place,
                    f"`{change.written}` is asserted {when}; the handler may not have changed it",
                    "first receive something that the application sends after the change",
                    labels=[Label(change.place, "the handler changes it here, in another thread")],
                    fix=_fix(timeline, asserted, change),
                )
                break


def _expects_the_change(statement: s.Stmt | None, change: Change, message: Value) -> bool:
    """Return whether a statement asserts a value of the message that wasn't there at first."""
    test, at_first = expected(statement) if statement is not None else None, change.shared.value
    if not isinstance(test, s.Compare) or test.ops != ("==",) or not isinstance(message, Mapping):
        return False
    values = [side.value for side in (test.left, test.rights[0]) if isinstance(side, s.Const)]
    sent = [value for value in message.values() if type(value) is type(at_first)]
    return len(values) == 1 and values[0] in sent and values[0] != at_first


def _fix(timeline: Timeline, asserted: Asserted, change: Change) -> Fix | str:
    """Return the fix that waits until what is asserted holds, while the handler runs."""
    use, statement = _last_use(timeline, asserted.at), _statement_of(timeline, asserted)
    waited = condition(statement) if statement is not None else None
    if use is None or statement is None or waited is None:
        return "what is asserted is not one expression"
    if any(isinstance(node, s.Item) or called_name(node) in _CHANGING for node in walk(statement)):
        return "what is asserted may raise before the change, or change something itself"
    handler = only_handler(timeline, use.socket)
    if handler is None or _fails_at_the_end(handler.code):
        return "the handler does not catch the disconnect: if it waits for it, the block fails"
    block = use.socket.statement
    socket = with_item(block, use.socket.origin.place.span)
    name = simple_name(socket.target) if socket is not None else ""
    names = {ref.parts[0] for ref in refs(statement)}
    if not names.isdisjoint((name, *_read_before(timeline.test.function))):
        return "what is asserted was read before"
    path, (text, sources) = timeline.test.path, waited
    code = wait_loop(timeline.test.function, text)
    place, after = statement.span, False
    naming: tuple[NameWithItem, ...] = ()
    if use.what == "exit":
        if socket is None or not isinstance(block, s.With) or use.socket.frame != "test":
            return "the websocket has no block in the test"
        place, after = block.body[-1].span, True
        if change.phase == "end" and use.calls[-1:] != ["close"]:
            named = name or next(n for n in _NAMES if not mentions(timeline.test.function, {n}))
            if not name:
                naming = (NameWithItem(path, socket.value.span, named),)
            code = f"{named}.close()\n{code}"
    action = InsertStatement(path, place, NewCode(code, (SLEEP,)), after, sources)
    return Fix("unsafe", f"wait until `{change.written}` has changed", (*naming, action))


def _fails_at_the_end(code: Code) -> bool:
    """Return whether a handler receives where nothing catches the disconnect."""
    receives = {f"{socket_name_of(code)}.receive_{kind}" for kind in ("text", "json", "bytes")}
    calls = (node for node in walk(code.node, skip=(s.Try,)) if isinstance(node, s.Call))
    return any(".".join(callee(call)) in receives for call in calls)


def _statement_of(timeline: Timeline, asserted: Asserted) -> s.Stmt | None:
    span = asserted.origin.place.span if asserted.origin is not None else None
    return next((one for one in statements(timeline.test.function.body) if one.span == span), None)


def _read_before(function: s.Function) -> Iterator[str]:
    """Yield the names that a test gives a value it has read, and not a new object."""
    for statement in statements(function.body):
        value = statement.value if isinstance(statement, s.Assign) else None
        is_new = (isinstance(value, s.Call) and not value.args and simple_name(value.func)) or (
            isinstance(value, s.Seq) and not value.items
        )
        is_new = is_new or isinstance(value, s.Const)
        if not is_new:
            yield from names_assigned(statement)


def _reads(asserted: Asserted, change: Change) -> bool:
    return any(
        read.key == change.shared.key
        and any(rest[: len(change.rest)] == change.rest for rest in _read(change.shared, read.rest))
        for read in asserted.reads
    )


def _read(owner: Shared, rest: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the attributes that are read: a method or property of one ``return`` has its own."""
    method = method_of(owner, rest[0]) if len(rest) == 1 else None
    node = method.node if method is not None else None
    if not isinstance(node, s.Function) or not node.params or not node.body or node.is_async:
        return [rest]
    *before, last = node.body
    if not isinstance(last, s.Return) or not all(isinstance(one, s.Do) for one in before):
        return [rest]
    return [rest, *(ref.parts[1:] for ref in refs(last) if ref.parts[0] == node.params[0].name)]


def _too_early(
    timeline: Timeline, at: Moment, statement: s.Stmt | None
) -> Iterator[tuple[Change, str]]:
    """Yield what the handler of the last used websocket may not yet have changed."""
    use = _last_use(timeline, at)
    handler = only_handler(timeline, use.socket) if use is not None else None
    if use is None or handler is None:
        return
    has_received = any(name.startswith("receive") for name in use.calls)
    has_sent = bool(use.calls) and use.calls[-1].startswith("send")
    for change in changes(handler.code, use.message):
        if change.phase == "connect" and change.waits and not has_received:
            yield change, _AFTER_EXIT if use.what == "exit" else "right after the connect"
        elif change.may_not and not _expects_the_change(statement, change, use.message):
            continue
        elif change.phase == "message" and has_sent and (change.waits or use.what == "use"):
            yield change, "right after a send" if use.what == "use" else _AFTER_EXIT
        elif change.phase == "end" and change.waits and use.what == "exit":
            yield change, _AFTER_EXIT


def _last_use(timeline: Timeline, at: Moment) -> _Use | None:
    """Return the last use of a websocket; None if something else came last, or it isn't known."""
    sockets = {socket.subject: socket for socket in timeline.scopes_of("Socket")}
    calls = timeline.events_of("Socket")
    happened: list[tuple[Moment, Scope | None, str]] = [
        *((socket.opened, socket, "open") for socket in timeline.scopes_of("Socket")),
        *((end, socket, "exit") for socket in timeline.scopes_of("Socket")
          for end in socket.closings),
        *((call.at, sockets.get(call.subject or 0), "use") for call in calls),
        *((call.at, None, "") for call in timeline.events_of("Http")),
    ]  # fmt: skip
    earlier = [
        one for one in happened if one[0].index < at.index and not excludes(one[0].path, at.path)
    ]
    if not earlier:
        return None
    moment, socket, what = max(earlier, key=lambda one: one[0].index)
    if socket is None or moment.lane != at.lane or not implies(at.path, moment.path):
        return None
    if has_escaped(timeline, socket.subject, at):
        return None
    own = [c for c in calls if c.subject == socket.subject and c.at.index < at.index]
    last = own[-1].node if own else None
    message = literal(last.args[0].value) if last is not None and last.args else UNKNOWN
    return _Use(socket, what, [call.name for call in own], message)
