"""A dependency is overridden that the application never asks for.

## What it does
Reports `app.dependency_overrides[function] = …` in a test that opens a websocket of that
application, in two cases:

- no `Depends` in the files of the application names the function;
- the websocket's handler is in a mounted application, which has overrides of its own.

## Why is this bad?
FastAPI looks overrides up by the function that a `Depends` of the same application names. Another
one changes nothing: the test runs the real code, and passes or fails with it.

## Example
```python
@app.websocket("/prices/{item}")
async def prices(websocket: WebSocket, item: str):
    await websocket.accept()
    await websocket.send_json({"price": price_of(item)})


def test_price(client):
    app.dependency_overrides[price_of] = lambda item: 99
    with client.websocket_connect("/prices/tea") as websocket:
        assert websocket.receive_json() == {"price": 99}
```

## Use instead
```python
def test_price(client, monkeypatch):
    monkeypatch.setattr("shop.app.price_of", lambda item: 99)
    with client.websocket_connect("/prices/tea") as websocket:
        assert websocket.receive_json() == {"price": 99}
```

## Fix safety
There is no fix: the name that the handler uses may be in several modules, and a mounted
application may have no name that the test can import.

## Evidence
FastAPI 0.115 and later with Starlette 1.10.0: the real function runs; with `monkeypatch.setattr`,
or with the override on the mounted application, the other one.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.handlers import dependencies, only_handler
from wslint.syntax import nodes as s
from wslint.timeline.application_model import Code, DependencyOverride, Handler
from wslint.timeline.model import Timeline

RULE = Rule.of(__name__, __doc__, status="preview", fixable="none", concerns=("fastapi",))

_NO_FIX = "where the name is used, or what the mounted application is called, is not known"


@RULE.checks
def override_changes_nothing(timeline: Timeline) -> Iterator[Finding]:
    """Report each such override once."""
    path = timeline.test.path
    for socket in timeline.scopes_of("Socket"):
        app, handler = timeline.application_of(socket), only_handler(timeline, socket)
        if app is None or handler is None:
            continue
        for override in app.overrides:
            if not override.asked_for:
                message = f"no `Depends` asks for `{override.name}`, so this override has no effect"
                advice = "replace the name that the handler uses, with `monkeypatch.setattr`"
            elif _is_elsewhere(override, handler):
                message = f"the mounted application does not see this override of `{override.name}`"
                advice = "set it in the `dependency_overrides` of the mounted application"
            else:
                continue
            place = Place(handler.code.path, handler.code.node.name_span)
            yield RULE.finding(
                override.place,
                message,
                advice,
                labels=[
                    Label(socket.origin.nearest_place(path), "the websocket is opened here"),
                    Label(place, "its handler"),
                ],
                fix=_NO_FIX,
                cause=f"override {override.place}",
            )


def _is_elsewhere(override: DependencyOverride, handler: Handler) -> bool:
    """Return whether a handler of another application asks for the function."""
    return override.app != handler.app and override.name in _asked_for(handler.code, set())


def _asked_for(code: Code, seen: set[int]) -> set[str]:
    """Return the names of the functions that a handler depends on, and those on others."""
    if id(code) in seen or not isinstance(code.node, s.Function):
        return set()
    seen.add(id(code))
    names: set[str] = set()
    for name in dependencies(code.node):
        used = code.uses.get(name)
        if isinstance(used, Code):
            names |= {used.node.name} | _asked_for(used, seen)
    return names
