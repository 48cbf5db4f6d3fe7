"""A name is replaced in a module where the websocket's handler does not look it up.

## What it does
Reports a name at the top of a module that a test replaces, with `monkeypatch.setattr`, `mock.patch`
or an assignment, if the handler of a websocket that the test opens uses what the name stood for,
and the handler's module has imported it by name (`from shared import manager`). It is not reported
if any code of the application may look the name up in the module where it is replaced.

## Why is this bad?
`from shared import manager` binds the object to a name of the handler's own module, once, when that
module is imported. The replacement changes the name in `shared` alone: the handler still uses the
real object. A test that then sends with the other one waits for ever; one that means to keep the
real service out calls it all the same.

## Example
```python
@pytest.fixture
def manager(monkeypatch):
    manager = Manager()
    monkeypatch.setattr("shared.manager", manager)  # sockets.py: from shared import manager
    return manager


def test_broadcast(client, manager):
    with client.websocket_connect("/news") as websocket:
        asyncio.run(manager.broadcast("hello"))
        assert websocket.receive_text() == "hello"
```

## Use instead
```python
@pytest.fixture
def manager(monkeypatch):
    manager = Manager()
    monkeypatch.setattr("sockets.manager", manager)
    return manager
```

## Fix safety
There is no fix: with the replacement in place, the test runs other code than before.

## Evidence
Starlette 1.10.0: the receive hangs; with the name replaced in the handler's module, it passes.

## See also
- https://docs.python.org/3/library/unittest.mock.html#where-to-patch
- https://github.com/frankbria/codeframe/issues/146: 30 tests that hang
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.handlers import dependencies, only_handler
from wslint.syntax import nodes as s
from wslint.timeline.application_model import Code, Handler, Replacement
from wslint.timeline.model import Timeline

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="none", concerns=("starlette", "fastapi")
)

_OVERRIDE = "override the dependency: `app.dependency_overrides[name] = …`"
_NO_FIX = "with the replacement in place, the test runs other code than before"


@RULE.checks
def replaced_elsewhere(timeline: Timeline) -> Iterator[Finding]:
    """Report each such replacement once."""
    path = timeline.test.path
    for socket in timeline.scopes_of("Socket"):
        app, handler = timeline.application_of(socket), only_handler(timeline, socket)
        if app is None or handler is None:
            continue
        for one in app.replaced:
            user = _user(handler, one)
            if user is not None:
                depends = _depends_on(user, one)
                yield RULE.finding(
                    one.place,
                    f"`{one.name}` is replaced where the handler does not look it up",
                    _OVERRIDE if depends else "replace the name in the module that uses it",
                    labels=[
                        Label(socket.origin.nearest_place(path), "the websocket is opened here"),
                        Label(
                            Place(user.path, user.node.name_span),
                            f"this uses the `{one.name}` that its module has imported",
                        ),
                    ],
                    fix=_NO_FIX,
                    cause=f"replacement {one.place}",
                )


def _depends_on(user: Code, one: Replacement) -> bool:
    """Return whether FastAPI calls what is replaced: it keeps the function, and asks no module."""
    names = dependencies(user.node) if isinstance(user.node, s.Function) else ()
    return any(name in user.uses and one.is_of(user.uses[name]) for name in names)


def _user(handler: Handler, one: Replacement) -> Code | None:
    """Return the code of a handler that uses what is replaced, by a name of its own module."""
    for code in handler.code.reached():
        if any("." not in name and one.is_of(used) for name, used in code.uses.items()):
            return code
    return None
