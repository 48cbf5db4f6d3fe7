"""A never-entered client reaches a handler that needs state set at startup.

## What it does
Reports a `TestClient` that was never entered (`with TestClient(app) as client:`), if the handler of
a websocket that the test opens, or what FastAPI calls for it, surely reads something that only the
application's lifespan or startup hook sets or connects: `app.state.name`, a key of what the
lifespan yields, a global that is None before, a key of a dict that is empty before, or an object,
as with `await broadcast.connect()`.

## Why is this bad?
A client runs the lifespan only when it is entered. The handler fails with `'State' object has no
attribute …`, or it uses what another test, which did enter a client, left in the application. Then
the test passes or fails with the order of the tests.

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
Unsafe: entering the client runs the application's startup and shutdown, which did not run before.

## Evidence
Starlette 0.20.4 to 1.10.0: `AttributeError: 'State' object has no attribute 'x'` with a bare
client, passes with an entered one. What a lifespan yields arrives from 0.27.0 on.

## See also
- https://github.com/Kludex/starlette/issues/1733: the two ways to use a client
- https://fastapi.tiangolo.com/advanced/testing-events/: startup in tests
- https://github.com/litestar-org/litestar/issues/108: the same with Litestar's client
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.clients import enter_client
from wslint.rules.shared.handlers import handlers_of, sure_refs
from wslint.rules.shared.startup_state import is_injected, is_read
from wslint.timeline.application_model import Application, Handler, StartupState
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.query import clients, may_failure_pass, sends_on, subject_of

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", yields_to=("WS302", "WS301"),
    concerns=("starlette", "fastapi"),
)  # fmt: skip

_PREFIXES = {"app": "app.state.", "request": "state."}


@RULE.checks
def startup_state_is_missing(timeline: Timeline) -> Iterator[Finding]:
    """Report each such client once."""
    path = timeline.test.path
    for client in clients(timeline):
        app = timeline.applications.get(client.resource.id)
        if app is None or not app.startup:
            continue
        for socket in client.bare_sockets:
            if _may_be_started(timeline, app, socket):
                continue
            needed = _needed(timeline, app, socket)
            if needed is None or may_failure_pass(timeline, socket.opened):
                continue
            state, read = needed
            name = f"{_PREFIXES.get(state.kind, '')}{state.name}"
            what = "connect" if state.kind == "object" else "set"
            yield RULE.finding(
                client.resource.origin.nearest_place(path),
                f"this client is never entered, so startup does not {what} `{name}`",
                "enter the client: `with TestClient(app) as client:`",
                labels=[
                    Label(socket.origin.nearest_place(path), "this websocket needs it"),
                    Label(read, "it is read here"),
                    Label(state.place, f"only the startup {what}s it"),
                ],
                fix=enter_client(client, subject_of(timeline, socket).receiver, for_startup=True),
                cause=client.resource,
            )
            break


def _may_be_started(timeline: Timeline, app: Application, socket: Scope) -> bool:
    """Return whether another client may have run the startup before: what it sets stays."""
    apps = timeline.applications
    others = {client for client, other in apps.items() if other.place == app.place}
    others |= {r.id for r in timeline.resources if r.role == "TestClient" and r.id not in apps}
    return any(
        scope.subject in others and scope.opened.index < socket.opened.index
        for scope in timeline.scopes_of("Client")
    )


def _needed(
    timeline: Timeline, app: Application, socket: Scope
) -> tuple[StartupState, Place] | None:
    """Return the startup state that each handler that may answer reads, and where."""
    sends = sends_on(timeline, socket)
    found = [_read(app, handler, sends) for handler in handlers_of(timeline, socket)]
    return found[0] if found and None not in found else None


def _read(app: Application, handler: Handler, sends: bool) -> tuple[StartupState, Place] | None:
    for ref, code in sure_refs(handler.code, receives=sends, overridden=app.overridden):
        for state in app.sets:
            if is_read(state, ref, code) or (not app.overridden and is_injected(state, ref, code)):
                return state, Place(code.path, ref.span)
    return None
