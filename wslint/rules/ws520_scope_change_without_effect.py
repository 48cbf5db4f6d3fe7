"""A test changes a part of the scope that the consumer never sees.

## What it does
Reports `communicator.scope["key"] = …` after the communicator is connected, if a `URLRouter` or a
middleware of Channels is on the way to the consumer; and `communicator.scope["cookies"] = …` before
that, if Channels' `CookieMiddleware` is, which the stacks for sessions and users contain.

## Why is this bad?
Channels' routers and middleware hand on a copy of the scope, made when the test connects. What the
test puts into its own scope afterwards changes nothing: the consumer goes on with the user, session
or route of the handshake. `CookieMiddleware` reads the cookies from the headers, and replaces those
of the scope.

## Example
```python
async def test_history(user):
    communicator = WebsocketCommunicator(application, "/chat/")
    connected, _ = await communicator.connect()
    assert connected
    communicator.scope["user"] = user
```

## Use instead
```python
async def test_history(user):
    communicator = WebsocketCommunicator(application, "/chat/")
    communicator.scope["user"] = user
    connected, _ = await communicator.connect()
    assert connected
```

## Fix safety
Unsafe: the consumer now gets what the test sets. Cookies become a header.

## Evidence
Channels 4.3.2: behind a `URLRouter`, alone or in a `CookieMiddleware`, the consumer answers with
what the scope had at the handshake; with the fix it has what the test sets. Read in 115
repositories: 3 findings in one of them, all true.

## See also
- https://github.com/django/channels/issues/903: a user and cookies without effect
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, Code, MoveStatement, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.linking.module import bound_names
from wslint.rules.rule import Rule
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, statements
from wslint.timeline.model import Event, Resource, ScopeSet, Timeline
from wslint.timeline.query import calls_of, follows

RULE = Rule.of(__name__, __doc__, status="preview", fixable="sometimes", concerns=("channels",))

_COOKIES = frozenset((
    "channels.sessions.CookieMiddleware",
    "channels.sessions.SessionMiddlewareStack",
    "channels.auth.AuthMiddlewareStack",
))  # fmt: skip
_COPY = _COOKIES | {
    "channels.routing.URLRouter",
    "channels.sessions.SessionMiddleware",
    "channels.auth.AuthMiddleware",
}


@RULE.checks
def scope_is_a_copy(timeline: Timeline) -> Iterator[Finding]:
    """Report each such assignment."""
    for made in timeline.resources:
        connect = next((call for call in calls_of(timeline, made) if call.name == "connect"), None)
        if connect is None or made.role != "WebsocketCommunicator" or made.scope_uses:
            continue
        for one in made.scope_sets:
            copier = _on_the_way(made, _COPY)
            if copier and follows(timeline, one.at, connect.at):
                yield _finding(
                    timeline, one, made,
                    f'scope["{one.key}"] is set after connect(), when the consumer has a copy',
                    f"set it before `connect()`: {copier} copies the scope",
                    [Label(connect.origin.nearest_place(timeline.test.path), "connected here")],
                    _earlier(one, made, connect),
                )  # fmt: skip
            elif one.key == "cookies" and follows(timeline, connect.at, one.at):
                copier = _on_the_way(made, _COOKIES)
                if copier:
                    yield _finding(
                        timeline, one, made,
                        f'{copier} replaces scope["cookies"] by those of the headers',
                        "pass them in the header `cookie`", [], _header(one, made),
                    )  # fmt: skip


def _on_the_way(made: Resource, names: frozenset[str]) -> str:
    """Return what is surely on the way to the consumer, of some routers and middleware."""
    around = [consumer.around for consumer in made.consumers]
    sure = [name for name in (around[0] if around else ()) if all(name in way for way in around)]
    return next((name.rpartition(".")[2] for name in sure if name in names), "")


def _finding(
    timeline: Timeline,
    one: ScopeSet,
    made: Resource,
    message: str,
    advice: str,
    labels: list[Label],
    fix: Fix | str,
) -> Finding:
    path = timeline.test.path
    return RULE.finding(
        one.origin.nearest_place(path),
        message,
        advice,
        labels=[*labels, Label(made.origin.nearest_place(path), "the communicator is made here")],
        fix=fix,
        cause=f"scope {one.origin.place}",
    )


def _earlier(one: ScopeSet, made: Resource, connect: Event) -> Fix | str:
    """Return the fix that moves the assignment before the statement that connects."""
    statement, function, below = one.step.statement, one.step.function, connect.statement
    if not isinstance(statement, s.Assign) or below is None or function is None:
        return "it is not simply assigned"
    if function is not connect.function or (made.birth and made.birth[-1].statement is below):
        return "the communicator is made or connected elsewhere"
    between = [
        each
        for each in statements(function.body)
        if below.span.line <= each.span.line < statement.span.line
    ]
    names = {name for each in between for name in bound_names(each)}
    if mentions(statement, names) or not any(each is below for each in function.body):
        return "what it is set to is known only after the connect"
    move = MoveStatement(one.step.path, statement.span, below.span)
    return Fix("unsafe", "set it before connect()", (move,))


def _header(one: ScopeSet, made: Resource) -> Fix | str:
    """Return the fix that sets the header instead."""
    statement, path = one.step.statement, one.step.path
    target = statement.targets[0] if isinstance(statement, s.Assign) else None
    if not isinstance(statement, s.Assign) or statement.value is None:
        return "it is not simply assigned"
    if not isinstance(target, s.Item) or made.headers != ():
        return "the communicator has headers already"
    given = statement.value
    text = _literal_cookies(given)
    if text is None:
        value = '[\n    (b"cookie", "; ".join(map("=".join, {0}.items())).encode())\n]'
    elif text.isascii() and text.isprintable() and not {'"', "\\"}.intersection(text):
        text = text.replace("{", "{{").replace("}", "}}")
        value = f'[(b"cookie", b"{text}")]'
    else:
        return "the cookies are no plain text"
    actions: tuple[Action, ...] = (
        ReplaceExpression(path, target.index.span, Code('"headers"')),
        ReplaceExpression(path, given.span, Code(value)),
    )
    return Fix("unsafe", "pass the cookies in a header", actions)


def _literal_cookies(given: s.Expr) -> str | None:
    """Return the header for a dict of texts, None for anything else."""
    items = given.items if isinstance(given, s.Mapping) else ()
    texts = [
        f"{key.value}={value.value}"
        for key, value in items
        if isinstance(key, s.Const)
        and isinstance(key.value, str)
        and isinstance(value, s.Const)
        and isinstance(value.value, str)
    ]
    return "; ".join(texts) if isinstance(given, s.Mapping) and len(texts) == len(items) else None
