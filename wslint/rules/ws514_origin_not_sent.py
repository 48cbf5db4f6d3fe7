"""The application checks the Origin, and the communicator sends none.

## What it does
Reports a `WebsocketCommunicator` without an `origin` header on an application behind
`AllowedHostsOriginValidator` or `OriginValidator`, if neither allows every origin (`"*"`).
`ALLOWED_HOSTS` is read from the settings module. Not reported if the test says by its name that the
Origin is what it is about, and asserts the refusal.

## Why is this bad?
Channels refuses a connection without an Origin before any consumer sees it. A test that expects
to be accepted fails for a reason that has nothing to do with it. One that expects a refusal passes
without the code that it means to test.

## Example
```python
application = AllowedHostsOriginValidator(URLRouter([path("ws/", Board.as_asgi())]))


async def test_stranger_is_refused():
    communicator = WebsocketCommunicator(application, "/ws/")
    connected, _ = await communicator.connect()
    assert not connected
```

## Use instead
```python
async def test_stranger_is_refused():
    headers = [(b"origin", b"http://clinic.example")]
    communicator = WebsocketCommunicator(application, "/ws/", headers=headers)
    connected, _ = await communicator.connect()
    assert not connected
```

## Fix safety
Unsafe: the connection reaches the consumer, so a test of a refusal may fail.

## Evidence
Channels 4.3.2: refused without the header, whatever the consumer does; accepted with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, AddArgument, Code, RemoveArgument
from wslint.findings.finding import Finding, Fix
from wslint.rules.rule import Rule
from wslint.rules.shared.code import dotted, keyword_of
from wslint.rules.shared.connects import connects
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.model import Environment, Resource, Timeline
from wslint.timeline.query import calls_of

_CHECKS = "OriginValidator"
# the position of the communicator's argument
_HEADERS = 2

RULE = Rule.of(__name__, __doc__, status="preview", fixable="sometimes", concerns=("channels",))


@RULE.checks
def connection_is_refused(timeline: Timeline) -> Iterator[Finding]:
    """Report each such communicator that connects."""
    path = timeline.test.path
    for made in timeline.resources:
        if made.role != "WebsocketCommunicator" or made.node is None or made.escaped:
            continue
        origin = _wanted_origin(made, timeline.environment)
        is_connected = any(call.name == "connect" for call in calls_of(timeline, made))
        may_send_it = made.headers is None or "origin" in made.headers or _sets_headers(made)
        if (
            origin is not None
            and is_connected
            and not may_send_it
            and not _is_meant(timeline, made)
        ):
            yield RULE.finding(
                made.origin.nearest_place(path),
                "the application checks the Origin and none is sent, so every connect is refused",
                'send one that it allows: `headers=[(b"origin", …)]`',
                fix=_fix(made, origin),
                cause=made,
            )


def _is_meant(timeline: Timeline, made: Resource) -> bool:
    """Return whether a test says by its name that a connect without an Origin is refused."""
    outcomes = {found for connect, found in connects(timeline) if connect.subject == made.id}
    name = timeline.test.qualname.lower()
    return outcomes == {"refused"} and any(word in name for word in ("origin", "host", "cross"))


def _wanted_origin(made: Resource, environment: Environment) -> str | None:
    """Return an origin that is allowed, "" if none is known; None if none may be needed."""
    around = {name for one in made.consumers for name in one.around}
    allowed = [_allowed(name, environment) for name in sorted(around) if name.endswith(_CHECKS)]
    allowed += [_allowed(name, environment) for name in sorted(around) if f"{_CHECKS} " in name]
    return allowed[0] if len(allowed) == 1 else None


def _allowed(middleware: str, environment: Environment) -> str | None:
    """Return an origin that a middleware allows; None if it may allow any."""
    name, _, origin = middleware.partition(" ")
    hosts = environment.allowed_hosts
    if name.endswith(".AllowedHostsOriginValidator"):
        if hosts is None or "*" in hosts:
            return None
        # without any, the hosts depend on DEBUG and on when the module was imported
        return f"http://{hosts[0].lstrip('.')}" if hosts else ""
    if origin in ("", "*"):
        return None
    return origin if "//" in origin else f"http://{origin.lstrip('.')}"


def _sets_headers(made: Resource) -> bool:
    """Return whether a function that leads to a communicator reaches for its scope's headers."""
    nodes = (node for step in made.birth if step.function for node in walk(step.function.body))
    return any(
        isinstance(node, s.Item)
        and dotted(node.value)[-1:] == ("scope",)
        and isinstance(node.index, s.Const)
        and node.index.value == "headers"
        for node in nodes
    )


def _fix(made: Resource, origin: str) -> Fix | str:
    place = made.origin.place
    if made.node is None or made.node.span != place.span:
        return "the class of the communicator decides about its headers"
    if not origin:
        return "it is not known which origin is allowed"
    header, actions = f'(b"origin", b"{origin}")', list[Action]()
    if made.headers:
        given, position = _headers(made.node)
        others = f"*{'.'.join(given.parts)}" if isinstance(given, s.Ref) else _written(given)
        if not others:
            return "the communicator is given headers"
        header = f"{others}, {header}"
        actions.append(RemoveArgument(place.path, place.span, *position))
    actions.append(AddArgument(place.path, place.span, "headers", Code(f"[{header}]")))
    return Fix("unsafe", "send an allowed Origin", tuple(actions))


def _headers(node: s.Call) -> tuple[s.Expr | None, tuple[str, int]]:
    """Return the argument that gives the headers, and by which keyword or position."""
    by_keyword = keyword_of(node, "headers")
    if by_keyword is not None:
        return by_keyword, ("headers", 0)
    by_position = [arg.value for arg in node.args[_HEADERS : _HEADERS + 1] if not arg.keyword]
    return next(iter(by_position), None), ("", _HEADERS)


def _written(headers: s.Expr | None) -> str:
    """Return the source of the items of a list of plain headers, "" for any other expression."""
    texts: list[str] = []
    for pair in headers.items if isinstance(headers, s.Seq) and headers.kind == "list" else ():
        parts = [part.value if isinstance(part, s.Const) else None
                 for part in (pair.items if isinstance(pair, s.Seq) else ())]  # fmt: skip
        plain = [part.decode() for part in parts if isinstance(part, bytes) and part.isascii()]
        if len(plain) != 2 or not all(text.isprintable() for text in plain):
            return ""
        if set("".join(plain)) & set('"\\{}'):
            return ""
        texts.append("({})".format(", ".join(f'b"{text}"' for text in plain)))
    return ", ".join(texts)
