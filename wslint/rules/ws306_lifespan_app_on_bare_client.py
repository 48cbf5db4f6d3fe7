"""A never-entered client reaches a handler that needs state set at startup.

## What it does
Reports a client that was never entered (`with TestClient(app) as client:`), where the handler of a
websocket that the test opens surely reads something that only the application's lifespan or startup
hook sets: `app.state.name`, a key of what the lifespan yields, or a global that is None before.

## Why is this bad?
A client runs the lifespan when it is entered, and only then. The handler fails with `'State' object
has no attribute …`, or works with what another test, which did enter a client, left in the
application: then the test passes or fails with the order of the tests.

## Example
```python
@asynccontextmanager
async def lifespan(app):
    yield {"rates": {"EUR": 1.0}}


async def send_rates(socket):
    await socket.accept()
    await socket.send_json(socket.state.rates)


def test_rates():
    client = TestClient(app)
    with client.websocket_connect("/rates") as socket:
        assert socket.receive_json() == {"EUR": 1.0}
```

## Use instead
```python
def test_rates():
    with TestClient(app) as client, client.websocket_connect("/rates") as socket:
        assert socket.receive_json() == {"EUR": 1.0}
```

## Fix safety
Unsafe: entering the client runs the application's startup and shutdown, which it did not before.

## Evidence
Starlette 0.20.4 to 1.10.0: `AttributeError: 'State' object has no attribute 'x'` with a bare
client, passes with an entered one; what a lifespan yields arrives from 0.27.0 on.

## See also
- https://github.com/Kludex/starlette/issues/1733: the two ways to make a client
- https://fastapi.tiangolo.com/advanced/testing-events/: startup in tests
- https://github.com/litestar-org/litestar/issues/108: the same with Litestar's client
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.clients import bare_sockets, enter_client
from wslint.rules.shared.handlers import reached, sure_refs
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.application_model import Application, Code, Handler, StartupState
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import is_open

RULE = Rule.of(
    __name__,
    __doc__,
    status="stable",
    fixable="sometimes",
    yields_to=("WS302", "WS301"),
    concerns=("starlette", "fastapi"),
)


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such client once."""
    path = timeline.test.path
    reported: set[int] = set()
    for socket, client in bare_sockets(timeline):
        app = timeline.applications.get(client.id)
        if app is None or not app.sets or client.id in reported:
            continue
        if _may_be_started(timeline, app, socket) or _may_fail(timeline, socket):
            continue
        found = _needed(timeline, app, socket)
        if found is None:
            continue
        reported.add(client.id)
        state, read = found
        session = timeline.resources[socket.subject]
        yield RULE.finding(
            client.origin.near(path),
            f"this client is never entered, so the startup of the application does not run and "
            f"`{_written(state)}` is not set, which the handler of this websocket needs",
            "enter the client: `with TestClient(app) as client:`",
            labels=[
                Label(socket.origin.near(path), "this websocket needs it"),
                Label(read, "it is read here"),
                Label(state.place, "only the startup sets it"),
            ],
            fix=enter_client(timeline, client, session.receiver),
            cause=f"client {client.id}",
        )


def _may_be_started(timeline: Timeline, app: Application, socket: Scope) -> bool:
    """Tell whether another client may have run the startup before: what it sets stays."""
    others = {client for client, other in timeline.applications.items() if other.place == app.place}
    others |= {r.id for r in timeline.resources if r.role == "TestClient"} - (
        timeline.applications.keys()
    )
    return any(
        scope.subject in others and scope.opened.index < socket.opened.index
        for scope in timeline.scopes_of("Client")
    )


def _may_fail(timeline: Timeline, socket: Scope) -> bool:
    """Tell whether the test may expect the handler to be refused or to fail."""
    return any(
        is_open(timeline, scope, socket.opened) is not False
        for kind in ("Raises", "Try")
        for scope in timeline.scopes_of(kind)
    )


def _needed(
    timeline: Timeline, app: Application, socket: Scope
) -> tuple[StartupState, Place] | None:
    """Give what each handler that may answer reads of the startup's state, and where."""
    sends = any(
        event.subject == socket.subject and event.name.startswith("send")
        for event in timeline.events_of("Socket")
    )
    url = timeline.resources[socket.subject].url
    found = [_read(app, handler, sends) for handler in reached(app, "websocket", url)]
    return found[0] if found and None not in found else None


def _read(app: Application, handler: Handler, sends: bool) -> tuple[StartupState, Place] | None:
    for ref, code in sure_refs(handler.code, receives=sends, overridden=app.overridden):
        for state in app.sets:
            if _is_read(state, ref, code):
                return state, Place(code.path, ref.span)
    return None


def _is_read(state: StartupState, ref: s.Ref, code: Code) -> bool:
    parts = ref.parts
    if state.kind == "global":
        # where the name stands alone, it may be asked whether it is None
        return (
            len(parts) > 1
            and parts[0] == state.name
            and code.path == state.place.path
            and not _stands_alone(code.node.body, state.name)
        )
    if mentions(code.node, {"hasattr", "getattr"}):
        return False
    for number, part in enumerate(parts[:-1]):
        if part == "state" and number and parts[number + 1] == state.name:
            of_app = parts[number - 1] == "app" or (number == 1 and parts[0] in code.uses)
            return of_app is (state.kind == "app")
    return False


def _stands_alone(node: object, name: str) -> bool:
    if isinstance(node, s.Ref):
        return node.parts == (name,)
    if isinstance(node, tuple):
        return any(_stands_alone(item, name) for item in node)
    fields = getattr(node, "__dataclass_fields__", ())
    return any(_stands_alone(getattr(node, field), name) for field in fields)


def _written(state: StartupState) -> str:
    prefix = {"app": "app.state.", "request": "state.", "global": ""}[state.kind]
    return f"{prefix}{state.name}"
