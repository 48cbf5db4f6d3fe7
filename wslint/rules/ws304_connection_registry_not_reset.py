"""An application keeps the sockets of one test and sends to them in the next.

## What it does
Reports a module-level set, list, dict or manager object of an application to which a websocket
handler adds its socket and from which nothing ever removes one. It may also be an attribute of a
class, or of the one object that its `__new__` keeps. The test opens such a socket and reaches code
that sends to all of them, and nothing in its file, in a conftest.py or in the file of one of its
fixtures mentions the registry.

## Why is this bad?
When a test leaves its websocket, the registry keeps the closed one. The next message to all fails
with `ClosedResourceError` (Starlette 0.45.1 and later), in whichever test sends it. Tests pass
alone and fail together, and entering the client does not help. In production the same list grows,
and a closed socket ends the broadcast for the others.

## Example
```python
listeners = set()


async def listen(websocket):
    await websocket.accept()
    listeners.add(websocket)
    async for _ in websocket.iter_text():
        for listener in listeners:
            await listener.send_text("news")
```

## Use instead
```python
listeners = set()


async def listen(websocket):
    await websocket.accept()
    listeners.add(websocket)
    try:
        async for _ in websocket.iter_text():
            for listener in listeners:
                await listener.send_text("news")
    finally:
        listeners.discard(websocket)
```

## Fix safety
Display-only: the fix adds a fixture that empties the registry after each test of the file. The
tests pass then, but the application still keeps closed sockets, and no test can tell any more. Mend
the handler first.

## Evidence
Starlette 0.45.1 to 1.10.0, with FastAPI 0.115.8 and 0.165.0: the second test fails with
`ClosedResourceError`, with a bare and an entered client; it passes if the registry is emptied
between the tests. Starlette 0.45.0 and earlier lose the message without an error.

## See also
- https://github.com/Kludex/starlette/issues/2918: broken by 0.45.1 (closed)
- https://github.com/Kludex/starlette/pull/2829:
  the change: the queue of a finished session is closed
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, InsertStatement, Symbol
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import methods_of
from wslint.rules.shared.fixes import self_name
from wslint.rules.shared.handlers import only_handler, reached
from wslint.rules.shared.registries import Registry, registries, sends
from wslint.timeline.application_model import Application
from wslint.timeline.model import TestCase, Timeline

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="display-only",
    concerns=("starlette>=0.45.1", "fastapi"),
)  # fmt: skip


@RULE.checks
def registry_is_not_reset(timeline: Timeline) -> Iterator[Finding]:
    """Report each such registry once."""
    reported: set[str] = set()
    for socket in timeline.scopes_of("Socket"):
        app, handler = timeline.application_of(socket), only_handler(timeline, socket)
        if app is None or handler is None:
            continue
        for registry in registries(app, handler):
            if registry.written in reported or _is_mentioned(app, registry):
                continue
            if not sends(handler, registry) and not _is_sent_to_by_http(timeline, app, registry):
                continue
            reported.add(registry.written)
            yield RULE.finding(
                socket.origin.seen_from(timeline.test.path),
                f"`{registry.written}` still holds this websocket when a later test sends to all",
                "remove the websocket in a `finally`, or empty the registry in an autouse fixture; "
                "sending to a closed one fails with ClosedResourceError, in another test",
                labels=[Label(registry.place, "the application keeps it here for ever")],
                fix=_fix(timeline, app, registry),
                cause=f"registry {registry.written}",
            )


def _is_mentioned(app: Application, registry: Registry) -> bool:
    names = (registry.shared.name, registry.attribute, "reload")
    return app.is_mentioned(*filter(None, names))


def _is_sent_to_by_http(timeline: Timeline, app: Application, registry: Registry) -> bool:
    """Return whether an HTTP call of the test reaches a handler that sends to all."""
    return any(
        sends(handler, registry)
        for call in timeline.events_of("Http")
        if call.url
        for handler in reached(app, "http", call.url, call.name)
    )


def _fix(timeline: Timeline, app: Application, registry: Registry) -> Fix | str:
    name, test = registry.shared.name, timeline.test
    if registry.shared.kind == "new":
        return "the registry belongs to a class, not to an object at the top of a module"
    rest = f".{registry.attribute}" if registry.attribute else ""
    # in the file of the application itself, the name needs no import
    in_test = registry.shared.place is not None and registry.shared.place.path == test.path
    symbols = (
        ()
        if in_test
        else (Symbol(f"{registry.shared.module}.{name}", registry.shared.module, name),)
    )
    clear = f"{name if in_test else '{a}'}{rest}.clear"
    if test.kind == "method":
        return _in_setup(test, Code(clear, symbols))
    if app.top is None:
        return "there is no place for a fixture"
    fixture = "{a}" if in_test else "{b}"
    code = Code(
        f"@{fixture}(autouse=True)\ndef empty_{name}():\n    yield\n    {clear}()",
        (*symbols, Symbol("pytest.fixture", "pytest")),
    )
    action = InsertStatement(test.path, app.top, code, after=False)
    return Fix("display-only", "empty the registry after each test", (action,))


def _in_setup(test: TestCase, clear: Code) -> Fix | str:
    """Return the fix that empties the registry after each test of a unittest class."""
    methods = methods_of(test.owner)
    setup, first = methods.get("setUp"), next(iter(methods.values()), None)
    if setup is not None and setup.body and setup.params:
        text, place = f"{self_name(setup)}.addCleanup({clear.text})", setup.body[0].span
    elif setup is None and first is not None and not first.decorators:
        text = f"def setUp(self):\n    super().setUp()\n    self.addCleanup({clear.text})"
        place = first.span
    else:
        return "empty the registry in a setUp of this class"
    action = InsertStatement(test.path, place, Code(text, clear.symbols), after=False)
    return Fix("display-only", "empty the registry after each test", (action,))
