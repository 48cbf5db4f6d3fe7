"""An object created at import is awaited in several event loops.

## What it does
Reports a module-level `asyncio.Queue`, `Event` or `Condition` on which a websocket handler waits,
or an async client (httpx, redis) through which it sends a request, if one test opens that websocket
more than once: through a client that was never entered, or through several clients. The object may
also be an attribute that a module-level object has from the beginning.

## Why is this bad?
Such an object belongs to the event loop in which something first has to wait for it. Each websocket
of a bare client has its own loop, and so does each client that is entered. The second one to wait
fails with `… is bound to a different event loop`, or hangs. Which test that is depends on the order
of the tests. A client keeps its connection for the next request: `Event loop is closed`.

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
The fix is unsafe: it enters the client, if one that was never entered opens both websockets, so
that both share its event loop. This runs the application's startup. The object still belongs to the
first loop: only the author knows where else to create it, and who needs it. It is display-only if
the startup awaits something or reads `app.state`, which may fail in a test.

## Evidence
Starlette 0.44.0 and 1.10.0, a queue on which the handlers of two websockets wait: `RuntimeError:
<Queue …> is bound to a different event loop`, with a bare client and with two entered ones. An
object on which nothing ever has to wait passes, so this rule is in preview. httpx 0.28.1, two
entered clients and a server that keeps connections: `RuntimeError: Event loop is closed`.

## See also
- https://github.com/fastapi/fastapi/issues/2637: a queue created at import
- https://github.com/Kludex/starlette/issues/1347: a second client
- https://github.com/pytest-dev/pytest-asyncio/issues/844: a client that is made at import
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.clients import enter_client
from wslint.rules.shared.code import dotted
from wslint.rules.shared.handlers import only_handler, sure_refs
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.application_model import Application, Code, Handler, Shared
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import entered
from wslint.timeline.query import Client, client_of, sends_on, subject_of
from wslint.vocabulary import HTTP_METHODS

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("starlette", "fastapi")
)

_REDIS = frozenset(
    ("get", "set", "publish", "ping", "exists", "delete", "incr", "expire", "hget", "hset",
     "hgetall", "lpush", "rpush", "lpop", "rpop", "sadd", "smembers", "xadd", "xread")
)  # fmt: skip
_WAITS: dict[str, AbstractSet[str] | tuple[str, ...]] = {
    "asyncio.Queue": ("get", "join"),
    "asyncio.PriorityQueue": ("get", "join"),
    "asyncio.LifoQueue": ("get", "join"),
    "asyncio.Event": ("wait",),
    "asyncio.Condition": ("wait", "wait_for"),
    # their connections are kept for the next request, and belong to the loop of the first
    "httpx.AsyncClient": HTTP_METHODS,
    "redis.asyncio.Redis": _REDIS,
    "redis.asyncio.from_url": _REDIS,
    "redis.asyncio.Redis.from_url": _REDIS,
}


@RULE.checks
def awaited_in_several_loops(timeline: Timeline) -> Iterator[Finding]:
    """Report each such object once, at the second loop that waits for it."""
    path = timeline.test.path
    waiting: dict[Place, list[Scope]] = {}
    for socket in timeline.scopes_of("Socket"):
        app, handler = timeline.application_of(socket), only_handler(timeline, socket)
        if app is None or handler is None:
            continue
        for place, (shared, read) in _waited_for(handler, sends_on(timeline, socket)).items():
            if app.is_mentioned(shared.name.partition(".")[0]) or _is_set_later(app, shared):
                continue
            earlier = waiting.setdefault(place, [])
            first = next((e for e in earlier if _is_other_loop(timeline, e, socket)), None)
            earlier.append(socket)
            if first is None:
                continue
            yield RULE.finding(
                place,
                f"`{shared.name}` is created at import, but awaited in several event loops",
                "create it in the application's lifespan",
                labels=[
                    Label(read, "a websocket's handler waits for it here"),
                    Label(first.origin.nearest_place(path), "one event loop"),
                    Label(socket.origin.nearest_place(path), "another event loop"),
                ],
                fix=_fix(timeline, first, socket),
                cause=f"object {place}",
            )


def _fix(timeline: Timeline, first: Scope, second: Scope) -> Fix | str:
    """Return the fix that enters the client of both websockets."""
    client = client_of(timeline, subject_of(timeline, second))
    if client is None or client.id != first.client:
        return "it is not known where to create the object"
    return enter_client(Client(timeline, client), subject_of(timeline, second).receiver)


def _waited_for(handler: Handler, sends: bool) -> dict[Place, tuple[Shared, Place]]:
    """Return the asyncio objects for which a handler surely waits by place, and where it does."""
    found: dict[Place, tuple[Shared, Place]] = {}
    for ref, code in sure_refs(handler.code, receives=sends, overridden=True):
        shared = _owner_of(code, ref.parts)
        if shared is None or shared.place is None:
            continue
        if ref.parts[-1] in _WAITS.get(shared.kind, ()):
            found.setdefault(shared.place, (shared, Place(code.path, ref.span)))
    return found


def _owner_of(code: Code, parts: tuple[str, ...]) -> Shared | None:
    """Return the object whose method a dotted name is, or that of an attribute of an object."""
    for owner, attribute in ((parts[:-1], ""), (parts[:-2], "".join(parts[-2:-1]))):
        shared = code.uses.get(".".join(owner))
        if isinstance(shared, Shared):
            return shared.held.get(attribute) if attribute else shared
    return None


def _is_set_later(app: Application, shared: Shared) -> bool:
    """Return whether code of the application gives an object's attribute another value."""
    attribute = shared.name.partition(".")[2]
    codes = (code for own in (*app.startup, *(h.code for h in app.handlers)) for code in _all(own))
    return bool(attribute) and any(
        isinstance(node, s.Assign) and any(dotted(t)[1:][-1:] == (attribute,) for t in node.targets)
        for code in codes
        for node in walk(tuple(one for one in code.node.body if not _is_init(one)))
    )


def _all(code: Code) -> Iterator[Code]:
    """Yield code that is reached, and the classes of the objects that it uses."""
    for one in code.reached():
        yield one
        yield from (used.code for used in one.uses.values()
                    if isinstance(used, Shared) and used.code is not None)  # fmt: skip


def _is_init(statement: s.Stmt) -> bool:
    return isinstance(statement, s.Function) and statement.name in ("__init__", "__post_init__")


def _is_other_loop(timeline: Timeline, one: Scope, other: Scope) -> bool:
    """Return whether two websockets surely run in different event loops."""
    loops = [
        None if socket.client is None else entered(timeline, socket.client, socket.opened)
        for socket in (one, other)
    ]
    return None not in loops and (one.client != other.client or False in loops)
