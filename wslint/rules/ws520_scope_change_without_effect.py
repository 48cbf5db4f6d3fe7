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

import re
from collections.abc import Iterator

from wslint.findings.actions import Action, Code, MoveStatement, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.linking.module import bound_names
from wslint.rules.rule import Rule
from wslint.rules.shared.code import block_of, callee, position
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Event, Resource, ScopeSet, Timeline
from wslint.timeline.query import calls_of, follows
from wslint.vocabulary import SCOPE_KEYS

RULE = Rule.of(__name__, __doc__, status="preview", fixable="sometimes", concerns=("channels",))

_COPY = frozenset(name for name, keys in SCOPE_KEYS.items() if keys)
_COOKIES = frozenset(name for name, keys in SCOPE_KEYS.items() if "cookies" in keys)
# what a cookie, or a literal of bytes, can't have
_NOT_PLAIN = re.compile(r"[^ -~]|[\"\\,]|;(?! )")


@RULE.checks
def scope_is_a_copy(timeline: Timeline) -> Iterator[Finding]:
    """Report each such assignment."""
    path = timeline.test.path
    for made in timeline.resources:
        connect = next((call for call in calls_of(timeline, made) if call.name == "connect"), None)
        if connect is None or made.role != "WebsocketCommunicator" or made.escaped:
            continue
        if any(not one.key for one in made.scope_sets):
            continue
        for one in made.scope_sets:
            problem = _problem(timeline, made, connect, one)
            if problem is not None:
                message, advice, fix = problem
                yield RULE.finding(
                    one.origin.nearest_place(path),
                    message,
                    advice,
                    labels=[
                        Label(made.origin.nearest_place(path), "the communicator is made here"),
                        Label(connect.origin.nearest_place(path), "connected here"),
                    ],
                    fix=fix,
                    cause=f"scope {one.origin.place}",
                )


def _problem(
    timeline: Timeline, made: Resource, connect: Event, one: ScopeSet
) -> tuple[str, str, Fix | str] | None:
    """Return message, advice and fix for an assignment; None if it has an effect."""
    copier, reader = _on_the_way(made, _COPY), _on_the_way(made, _COOKIES)
    if copier and follows(timeline, one.at, connect.at) and _is_used_later(timeline, made, one):
        message = f'scope["{one.key}"] is set after connect(), when the consumer has a copy'
        advice = f"set it before `connect()`: {copier} copies the scope"
        return message, advice, _earlier(one, made, connect)
    if reader and one.key == "cookies" and follows(timeline, connect.at, one.at):
        message = f'{reader} replaces scope["cookies"] by those of the headers'
        return message, "pass them in the header `cookie`", _header(one, made)
    return None


def _on_the_way(made: Resource, names: frozenset[str]) -> str:
    """Return what is surely on the way to the consumer, of some routers and middleware."""
    around = [consumer.around for consumer in made.consumers]
    sure = [name for name in (around[0] if around else ()) if all(name in way for way in around)]
    return next((name.rpartition(".")[2] for name in sure if name in names), "")


def _is_used_later(timeline: Timeline, made: Resource, one: ScopeSet) -> bool:
    """Return whether the test still exchanges messages with the consumer."""
    calls = [call for call in calls_of(timeline, made) if call.at.index > one.at.index]
    return bool(calls) and calls[0].name not in ("disconnect", "wait")


def _earlier(one: ScopeSet, made: Resource, connect: Event) -> Fix | str:
    """Return the fix that moves the assignment before the statement that connects."""
    statement, function, below = one.step.statement, one.step.function, connect.statement
    if not isinstance(statement, (s.Assign, s.Do)) or below is None or function is None:
        return "it is not simply assigned"
    if function is not connect.function or (made.birth and made.birth[-1].statement is below):
        return "the communicator is made or connected elsewhere"
    if any(other.key == one.key and other.at.index < one.at.index for other in made.scope_sets):
        return "it is set before as well"
    block = block_of(function.body, below)
    start, end = position(block, below), position(block, statement)
    if end is None:
        return "it is set under a condition"
    between = block[start:end]
    names = {name for each in between for name in bound_names(each)}
    if mentions(statement, names):
        return "what it is set to is known only after the connect"
    if not all(isinstance(each, s.Assert) or _sets_an_item(each) for each in between[1:]):
        return "the test does something else in between"
    move = MoveStatement(one.step.path, statement.span, below.span)
    return Fix("unsafe", "set it before connect()", (move,))


def _sets_an_item(statement: s.Stmt) -> bool:
    """Return whether a statement is like that which sets a part of the scope."""
    if isinstance(statement, s.Assign):
        return isinstance(statement.targets[0], s.Item)
    return isinstance(statement, s.Do) and callee(statement.value)[-2:] == ("scope", "update")


def _header(one: ScopeSet, made: Resource) -> Fix | str:
    """Return the fix that sets the header instead."""
    statement, path = one.step.statement, one.step.path
    target = statement.targets[0] if isinstance(statement, s.Assign) else None
    if not isinstance(statement, s.Assign) or statement.value is None:
        return "it is not simply assigned"
    if one.step.frame == "helper":
        return "other tests may use the helper without the middleware"
    keys = {other.key for other in made.scope_sets} | made.scope_gets
    if not isinstance(target, s.Item) or made.headers != () or "headers" in keys:
        return "the communicator has headers already"
    if "cookies" in made.scope_gets:
        return "the test uses the cookies of the scope elsewhere, too"
    given = statement.value
    text = _literal_cookies(given)
    if text is None:
        value = '[\n    (b"cookie", "; ".join(map("=".join, {0}.items())).encode())\n]'
    elif text and not _NOT_PLAIN.search(text):
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
    """Return the header for literal cookies, "" if it can't have them, None for computed ones."""
    if not isinstance(given, s.Mapping):
        return "" if isinstance(given, s.Const) else None
    parts = [part for item in given.items for part in item]
    known = [part.value for part in parts if isinstance(part, s.Const)]
    texts = [value for value in known if isinstance(value, str)]
    if len(texts) < len(known) or any("; " in one or _NOT_PLAIN.search(one) for one in texts):
        return ""
    if len(texts) < len(parts):
        return None
    return "; ".join(map("=".join, zip(texts[::2], texts[1::2], strict=True)))
