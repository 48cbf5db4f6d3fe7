"""An ASGI wrapper patches Channels' connection functions while the application runs.

## What it does
Reports an ASGI application defined in the tests (an `async def` with `scope`, `receive` and `send`,
or a class with such a `__call__`) that patches a connection function in a `with` around `await
app(...)`, if it is passed to a communicator.

## Why is this bad?
Channels' communicators patch the same function around each of their calls, while the application
is still running, so the patches are undone in a different order than they were applied. The
connection is closed all the same, and `channels.db.close_old_connections` stays a mock for the rest
of the process: later tests pass that should not. Patches of other names, such as
`aclose_old_connections` in `channels.consumer`, change nothing; up to Channels 4.1 they fail with
an AttributeError.

## Example
```python
def kept_open(app):
    async def wrapped(scope, receive, send):
        with mock.patch("channels.db.close_old_connections"):
            await app(scope, receive, send)

    return wrapped
```

## Use instead
```python
@mock.patch("channels.db.close_old_connections", new=mock.Mock())
def test_chat():
    async_to_sync(talk)()
```

## Fix safety
Unsafe: the communicator gets the unwrapped application. If a sync test drives it inside a
transaction, the fix also adds the patch that spans the test.

## Evidence
Channels 4.3.2 with a SQLite file: the test fails with the closed connection, and the patch of
`channels.db.close_old_connections` is left in place. With the fix it passes and leaves nothing
behind. On 4.1.0, where the communicators patch nothing and this rule is silent, a wrapper with that
patch alone works and leaves nothing behind; with any of the others it fails with an AttributeError.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import dotted
from wslint.rules.shared.database import (
    CLOSES,
    driven_communicators,
    in_transaction,
    keepalive_actions,
)
from wslint.syntax import nodes as s
from wslint.syntax.search import statements
from wslint.timeline.model import Resource, Timeline
from wslint.timeline.query import subject_of
from wslint.vocabulary import KEEPALIVE_TARGETS

RULE = Rule.of(__name__, __doc__, status="stable", fixable="sometimes", concerns=("channels>=4.2",))


@RULE.checks
def wrapper_leaks_its_patch(timeline: Timeline) -> Iterator[Finding]:
    """Report the patch in the wrapper, once for each communicator."""
    if timeline.environment.keeps_connections:
        return  # the plugin keeps the connection open, and restores the function after the test
    for scope in timeline.scopes_of("Communicator"):
        communicator = subject_of(timeline, scope)
        wrapper = communicator.wrapper
        patches = _patches(wrapper.node) if wrapper is not None else {}
        if wrapper is None or not patches:
            continue
        target = CLOSES if CLOSES in patches else next(iter(patches))
        yield RULE.finding(
            Place(wrapper.path, patches[target].span),
            "this patch is never undone, and does not keep the database connection open"
            if target == CLOSES
            else f"patching `{target}` does not keep the database connection open",
            "pass the unwrapped application to the communicator; in a sync test inside a "
            f"transaction, patch `{CLOSES}` for the whole test",
            labels=[
                Label(
                    communicator.origin.nearest_place(timeline.test.path),
                    "this communicator runs it",
                )
            ],
            fix=_fix(timeline, communicator),
            cause=communicator,
        )


def _patches(node: s.Function) -> dict[str, s.Call]:
    """Return the patches of connection functions around an await in an ASGI application."""
    found: dict[str, s.Call] = {}
    for statement in statements(node.body) if node.is_async else ():
        if not isinstance(statement, s.With):
            continue
        awaits = any(
            isinstance(inner, (s.Do, s.Return)) and isinstance(inner.value, s.Await)
            for inner in statements(statement.body)
        )
        for item in statement.items if awaits else ():
            call = item.value
            if not isinstance(call, s.Call) or not call.args:
                continue
            target = call.args[0].value
            if isinstance(target, s.Const) and target.value in KEEPALIVE_TARGETS:
                found.setdefault(str(target.value), call)
    return found


def _fix(timeline: Timeline, communicator: Resource) -> Fix | str:
    node, place = communicator.node, communicator.origin.place
    wrapped = node.args[0].value if node is not None and node.args else None
    if not isinstance(wrapped, s.Call) or len(wrapped.args) != 1:
        return "the application is not wrapped in the communicator's own arguments"
    bare = _written(wrapped.args[0].value)
    if not bare:
        return "the unwrapped application has no name here"
    actions: list[Action] = [ReplaceExpression(place.path, wrapped.span, Code(bare))]
    for scope in driven_communicators(timeline):
        if scope.subject == communicator.id and in_transaction(timeline, scope):
            actions += keepalive_actions(timeline, place.span, scope)
    return Fix("unsafe", "pass the unwrapped application to the communicator", tuple(actions))


def _written(app: s.Expr) -> str:
    """Return the source of a name, or of a call without arguments; "" for anything else."""
    if isinstance(app, s.Call) and not app.args and dotted(app.func):
        return f"{'.'.join(dotted(app.func))}()"
    return ".".join(dotted(app))
