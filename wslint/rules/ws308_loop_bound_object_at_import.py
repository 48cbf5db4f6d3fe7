"""An asyncio object created at import is awaited in several event loops.

## What it does
Reports an `asyncio.Queue`, `Event` or `Condition` at the top of a module, which the handler of a
websocket waits for, where one test opens that websocket more than once: through a client that was
never entered, or through several clients.

## Why is this bad?
Such an object belongs to the event loop in which something first has to wait for it. Each websocket
of a bare client has a loop of its own, and so has each client that is entered: the second one to
wait fails with `… is bound to a different event loop`, or hangs. Which test that is depends on
their order.

## Example
```python
news = asyncio.Queue()


async def read_news(websocket):
    await websocket.accept()
    await websocket.send_text(await news.get())
```

## Use instead
```python
@asynccontextmanager
async def lifespan(app):
    yield {"news": asyncio.Queue()}


async def read_news(websocket):
    await websocket.accept()
    await websocket.send_text(await websocket.state.news.get())
```

## Fix safety
There is no fix: where the object is to be made, and who has to get it, only its author knows.

## Evidence
Starlette 0.44.0 and 1.10.0, a queue for which the handlers of two sockets wait: `RuntimeError:
<Queue …> is bound to a different event loop`, with a bare client and with two entered ones. An
object for which nothing ever has to wait passes, which is why this rule is in preview.

## See also
- https://github.com/fastapi/fastapi/issues/2637: a queue made at import
- https://github.com/Kludex/starlette/issues/1347: a second client
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.handlers import reached, sure_refs
from wslint.timeline.application_model import Handler, Shared
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import entered

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="none", concerns=("starlette", "fastapi")
)

_WAITS = {
    "asyncio.Queue": ("get", "join"),
    "asyncio.PriorityQueue": ("get", "join"),
    "asyncio.LifoQueue": ("get", "join"),
    "asyncio.Event": ("wait",),
    "asyncio.Condition": ("wait", "wait_for"),
}


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such object once, at the second loop that waits for it."""
    path = timeline.test.path
    waiting: dict[Place, list[Scope]] = {}
    for socket in timeline.scopes_of("Socket"):
        app = timeline.application_of(socket)
        if app is None:
            continue
        url = timeline.resources[socket.subject].url
        handlers = reached(app, "websocket", url)
        for shared, read in (
            _waited_for(timeline, handlers[0], socket) if len(handlers) == 1 else ()
        ):
            if shared.place is None or app.is_spoken_of(shared.name):
                continue
            earlier = waiting.setdefault(shared.place, [])
            first = next((e for e in earlier if _other_loop(timeline, e, socket)), None)
            earlier.append(socket)
            if first is None:
                continue
            yield RULE.finding(
                shared.place,
                f"`{shared.name}` is made when its module is imported and belongs to the event "
                "loop that waits for it first; the websockets of a test wait for it in several",
                "make it in the lifespan of the application",
                labels=[
                    Label(read, "a websocket's handler waits for it here"),
                    Label(first.origin.near(path), "one event loop"),
                    Label(socket.origin.near(path), "another event loop"),
                ],
                fix="where the object is to be made is not known",
                cause=f"object {shared.place}",
            )


def _waited_for(
    timeline: Timeline, handler: Handler, socket: Scope
) -> Iterator[tuple[Shared, Place]]:
    """Give the asyncio objects for which a handler surely waits, and where."""
    sends = any(
        event.subject == socket.subject and event.name.startswith("send")
        for event in timeline.events_of("Socket")
    )
    seen: set[Place] = set()
    for ref, code in sure_refs(handler.code, receives=sends, overridden=True):
        shared = code.uses.get(ref.parts[0])
        if not isinstance(shared, Shared) or shared.place is None or shared.place in seen:
            continue
        methods = _WAITS.get(shared.kind, ())
        if len(ref.parts) > 1 and ref.parts[1] in methods:
            seen.add(shared.place)
            yield shared, Place(code.path, ref.span)


def _other_loop(timeline: Timeline, one: Scope, other: Scope) -> bool:
    """Tell whether two sockets surely run in different event loops."""
    loops = [
        entered(timeline, socket.client, socket.opened) if socket.client is not None else None
        for socket in (one, other)
    ]
    if None in loops:
        return False
    return one.client != other.client or False in loops
