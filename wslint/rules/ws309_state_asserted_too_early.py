"""A test asserts state that a websocket handler may not have changed yet.

## What it does
Reports an assertion on an object at the top of the application's module, which the handler of a
websocket surely changes, where nothing says that the handler has done so: right after the websocket
is opened, while the handler awaits something between its accept and the change; right after a
message is sent, with no answer received; or behind the websocket's block, where the handler awaits
something before the change. Tests that sleep, wait or poll are left alone.

## Why is this bad?
The handler runs in another thread. `websocket_connect` returns at the accept, a send when the
message is in the queue; leaving the block cancels the handler at its next `await`. Whether the
change is there is a race: with two milliseconds of work before it, the assertion was wrong in
nearly every run; with less, now and then, most of all on a busy machine.

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
There is no fix: what the application sends behind the change, or could send, only its author knows.

## Evidence
Starlette 0.37.2, 0.44.0 and 1.10.0, with bare and entered clients, 60 runs each. With 2 ms of work
before the change: wrong in 56 to 60 runs, in each of the three places. Without any: in 14 to 60
runs behind a send, never behind a connect, and behind a block on 0.44.0 alone, in up to 29 (the
last two are not reported).

## See also
- https://github.com/marimo-team/marimo/issues/10615: one member instead of two, in CI
- https://github.com/bakdata/streams-explorer/issues/292: a sleep before the disconnect is asserted
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.changes import Change, changes
from wslint.rules.shared.handlers import reached
from wslint.syntax import nodes as s
from wslint.timeline.model import Asserted, Moment, Origin, Scope, Timeline
from wslint.timeline.order import excludes, has_escaped, implies

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="none", concerns=("starlette", "fastapi")
)

_WAITS = ("sleep", "wait", "poll", "eventually", "retry", "until")
_WAITS_TOO = ("join", "call", "result", "acquire")


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such assertion once."""
    if _waits(timeline.test.function):
        return
    for asserted in timeline.asserts:
        origin = asserted.origin
        # what stands in a helper may be called once all is done
        if origin is None or origin.via or origin.place.path != timeline.test.path:
            continue
        for change, why in _too_early(timeline, asserted):
            if any(
                read.key == change.shared.key and read.rest[: len(change.rest)] == change.rest
                for read in asserted.reads
            ):
                yield _finding(origin, change, why)
                break


def _too_early(timeline: Timeline, asserted: Asserted) -> Iterator[tuple[Change, str]]:
    """Give what the handler of the websocket that was used last may not yet have changed."""
    last = _last(timeline, asserted.at)
    if last is None:
        return
    socket, what, used = last
    app = timeline.application_of(socket)
    url = timeline.resources[socket.subject].url
    handlers = reached(app, "websocket", url) if app is not None else []
    received = any(name.startswith("receive") for name in used)
    sent = bool(used) and used[-1].startswith("send")
    for change in changes(handlers[0].code) if len(handlers) == 1 else ():
        if change.phase == "connect" and change.waits and not received:
            yield change, "when the websocket is open, before the handler"
        elif change.phase == "message" and sent and (change.waits or what == "use"):
            yield change, "when the message is sent, before the handler has read it and"
        elif change.phase == "end" and change.waits and what == "exit":
            yield change, "when the websocket is left, which cancels the handler before it"


def _last(timeline: Timeline, at: Moment) -> tuple[Scope, str, list[str]] | None:
    """Give the websocket with which something happened last, what, and its uses so far.

    None where something else happened last, or it isn't known what.
    """
    sockets = timeline.scopes_of("Socket")
    of = {socket.subject: socket for socket in sockets}
    happened: list[tuple[Moment, Scope | None, str]] = []
    for socket in sockets:
        happened.append((socket.opened, socket, "open"))
        happened += [(moment, socket, "exit") for moment in socket.closings]
    uses = timeline.events_of("Socket")
    happened += [(use.at, of.get(use.subject or 0), "use") for use in uses]
    happened += [(call.at, None, "") for call in timeline.events_of("Http")]
    earlier = [
        one for one in happened if one[0].index < at.index and not excludes(one[0].path, at.path)
    ]
    if not earlier:
        return None
    moment, found, what = max(earlier, key=lambda one: one[0].index)
    if found is None or moment.lane != at.lane or not implies(at.path, moment.path):
        return None
    if has_escaped(timeline, found.subject, at):
        return None
    own = [use.name for use in uses if use.subject == found.subject and use.at.index < at.index]
    return found, what, own


def _waits(node: object) -> bool:
    """Tell whether a test waits for something: it sleeps, or looks again and again."""
    if isinstance(node, s.Loop) and node.target is None:
        return True
    if isinstance(node, s.Call):
        ref = node.func
        name = ref.parts[-1] if isinstance(ref, s.Ref) else getattr(ref, "name", "")
        if name.lstrip("_").startswith(_WAITS) or name in _WAITS_TOO:
            return True
    if isinstance(node, tuple):
        return any(map(_waits, node))
    fields = getattr(node, "__dataclass_fields__", ())
    return any(_waits(getattr(node, name)) for name in fields)


def _finding(origin: Origin, change: Change, why: str) -> Finding:
    return RULE.finding(
        origin.place,
        f"`{change.written}` is asserted {why} has surely changed it: the handler runs in another "
        "thread, and this passes or fails by chance",
        "receive something that the application sends behind the change, before this",
        labels=[Label(change.place, "the handler changes it here")],
        fix="what the application sends behind the change is not known",
    )
