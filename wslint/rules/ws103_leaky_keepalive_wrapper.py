"""An ASGI wrapper patches Channels' connection functions while the application runs.

## What it does
Reports an ASGI application of a test's own (an `async def` over `scope`, `receive` and `send`) that
patches a connection function by a `with` around `await app(...)`, where it is given to a
communicator.

## Why is this bad?
Channels' communicators patch the same function around each of their calls, while the application
still runs: the patches are undone in another order than they were made. The connection is closed
all the same, and `channels.db.close_old_connections` stays a mock for the rest of the process, so
that later tests pass that should not. Patches of other names, such as `aclose_old_connections` in
`channels.consumer`, change nothing, and up to Channels 4.1 fail with an AttributeError.

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
Unsafe: the communicator gets the application itself. Where a sync test drives it inside a
transaction, the patch that spans the test comes with the fix.

## Evidence
Channels 4.3.2 with a SQLite file: the test fails with the closed connection, and the patch of
`channels.db.close_old_connections` is left behind. With the fix it passes and leaves nothing
behind. On 4.1.0, where the communicators patch nothing and this rule is silent, a wrapper with that
patch alone works and leaves nothing behind; with any of the others it fails with an AttributeError.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.keepalive import driven_communicators, in_transaction
from wslint.rules.shared.keepalive_fix import keepalive_actions
from wslint.syntax import nodes as s
from wslint.syntax.search import statements
from wslint.timeline.model import Decorated, Resource, Timeline
from wslint.vocabulary import KEEPALIVE_TARGETS

RULE = Rule.of(__name__, __doc__, status="stable", fixable="sometimes", concerns=("channels>=4.2",))

CLOSES = "channels.db.close_old_connections"


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report the patch in the wrapper, once for each communicator."""
    for scope in timeline.scopes_of("Communicator"):
        made = timeline.resources[scope.subject]
        wrapper = made.wrapper
        patches = _patches(wrapper.node) if isinstance(wrapper, Decorated) else {}
        if wrapper is None or not patches:
            continue
        target = CLOSES if CLOSES in patches else next(iter(patches))
        yield RULE.finding(
            Place(wrapper.path, patches[target].span),
            f"this patch does not keep the connection open: {_why(target)}",
            "give the bare application to the communicator; a sync test inside a transaction "
            "patches `channels.db.close_old_connections` for the whole test",
            labels=[Label(made.origin.near(timeline.test.path), "this communicator runs it")],
            fix=_fix(timeline, made),
            cause=f"communicator {made.id}",
        )


def _why(target: str) -> str:
    if target == CLOSES:
        return (
            "the communicator patches the same function meanwhile, so the connection is closed, "
            "and this patch stays on for the rest of the process"
        )
    return f"Channels does not close it through `{target}`, but through `{CLOSES}`"


def _patches(node: s.Function) -> dict[str, s.Call]:
    """Give the patches of connection functions around an await in an ASGI application."""
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


def _fix(timeline: Timeline, made: Resource) -> Fix | str:
    node, path = made.node, made.origin.place.path
    wrapped = node.args[0].value if isinstance(node, s.Call) and node.args else None
    if not isinstance(wrapped, s.Call) or len(wrapped.args) != 1:
        return "the application is not wrapped in the communicator's own arguments"
    bare = wrapped.args[0].value
    if not isinstance(bare, s.Ref):
        return "the bare application has no name here"
    actions: list[Action] = [ReplaceExpression(path, wrapped.span, Code(".".join(bare.parts)))]
    for scope in driven_communicators(timeline):
        if scope.subject == made.id and in_transaction(timeline, scope):
            actions += keepalive_actions(timeline, made.origin.place.span, scope)
    return Fix("unsafe", "give the bare application to the communicator", tuple(actions))
