"""The consumer reads a part of the scope that this communicator does not have.

## What it does
Reports a communicator that connects, and whose consumer surely reads `self.scope["url_route"]`,
`["user"]`, `["session"]` or `["cookies"]` then, if there is no router or middleware on the way that
sets it, nor the test in the communicator's `scope`.

## Why is this bad?
A communicator's scope has only what it is given: the path, the headers and the subprotocols. What
the application around the consumer adds is missing where the test passes the consumer alone. The
`connect()` raises KeyError, in every test and whatever the test is about.

## Example
```python
async def test_join():
    communicator = WebsocketCommunicator(RoomConsumer.as_asgi(), "/rooms/tea/")
    connected, _ = await communicator.connect()  # KeyError: 'url_route'
    assert connected
```

## Use instead
```python
async def test_join():
    application = URLRouter(websocket_urlpatterns)
    communicator = WebsocketCommunicator(application, "/rooms/tea/")
    connected, _ = await communicator.connect()
    assert connected
```

## Fix safety
Unsafe: the fix sets the key in `communicator.scope`, which is the least change; the application
with its routes tests more. The argument of the route is the end of the path, if the consumer reads
only one. The user is an `AnonymousUser`. There is no fix for a session.

## Evidence
Channels 4.3.2: KeyError from `connect()`; with the key it passes. Read in 174 repositories: 50
findings in four of them, all true.

## See also
- https://github.com/django/channels/issues/983: url_route is missing
- https://github.com/django/channels/issues/1107: user is missing
- https://channels.readthedocs.io/en/stable/topics/testing.html: how to test with the routes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from wslint.findings.actions import Code, InsertStatement, Symbol
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place, Span
from wslint.rules.rule import Rule
from wslint.rules.shared.code import assigned_name, call_in, callee, dotted, keyword_of
from wslint.rules.shared.consumers import OwnMethod, own_methods
from wslint.rules.shared.evaluation import evaluated, names_read, tolerates
from wslint.rules.shared.fixes import self_name
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, walk
from wslint.timeline.model import Consumer, Resource, Timeline
from wslint.timeline.query import calls_of, is_failure_expected, replaces
from wslint.vocabulary import SCOPE_KEYS

RULE = Rule.of(__name__, __doc__, status="preview", fixable="sometimes", concerns=("channels",))

_KEYS = frozenset(("url_route", "user", "session", "cookies"))
_ANONYMOUS = Symbol(
    "django.contrib.auth.models.AnonymousUser", "django.contrib.auth.models", "AnonymousUser"
)
_FILLING = (("scope", "update"), ("scope", "setdefault"))
_DEPTH = 2
# the parts of `self.method`
_OWN = 2


class _Read(NamedTuple):
    """Where a consumer reads a part of its scope."""

    key: str
    place: Place


@RULE.checks
def key_is_missing(timeline: Timeline) -> Iterator[Finding]:
    """Report each such communicator."""
    path = timeline.test.path
    for made in timeline.resources:
        if made.role != "WebsocketCommunicator" or made.escaped or len(made.consumers) != 1:
            continue
        connect = next((call for call in calls_of(timeline, made) if call.name == "connect"), None)
        if connect is None or is_failure_expected(timeline, connect.at) is not False:
            continue
        given = {one.key for one in made.scope_sets if one.at.index < connect.at.index}
        if "" in given:
            continue
        missing = _missing(made.consumers[0], given)
        methods = own_methods(made.consumers[0])
        if not missing or replaces(timeline, set(methods)):
            continue
        first = next(iter(missing))
        yield RULE.finding(
            made.origin.nearest_place(path),
            f"the consumer reads `scope[{first!r}]`, which this communicator does not have",
            "pass the whole application, or set the key in `communicator.scope`",
            labels=[Label(place, "it is read here") for place in missing.values()],
            fix=_fix(made, missing, methods),
            cause=made,
        )


def _missing(consumer: Consumer, given: AbstractSet[str]) -> dict[str, Place]:
    """Return the parts of the scope that a consumer surely reads, and nothing gives.

    Each with the place where it is read first.
    """
    for name in consumer.around:
        keys = SCOPE_KEYS.get(name.partition(" ")[0])
        if keys is None:
            return {}  # another middleware may set anything
        given = given | set(keys)
    methods = own_methods(consumer)
    if not consumer.is_known or "__call__" in methods:
        return {}
    if any(_fills(one.function) for one in methods.values()):
        return {}
    connect = methods.get("websocket_connect") or methods.get("connect")
    reads = _reads(connect, methods, 0) if connect is not None else iter(())
    written = {key for one in methods.values() for key in _written(one.function)}
    found: dict[str, Place] = {}
    for one in reads:
        if one.key not in given | written:
            found.setdefault(one.key, one.place)
    return found


def _reads(method: OwnMethod, methods: Mapping[str, OwnMethod], depth: int) -> Iterator[_Read]:
    """Yield what a method surely reads of the scope, itself or in others that it uses."""
    function = method.function
    if not function.params or (function.decorators and not _is_property(function)):
        return
    me = self_name(function)
    for expr in evaluated(function.body, _goes_on_without):
        items = {id(node.value): node for node in walk(expr) if isinstance(node, s.Item)}
        for ref, is_called in names_read(expr):
            item = items.get(id(ref))
            if ref.parts == (me, "scope") and item is not None:
                key = item.index.value if isinstance(item.index, s.Const) else None
                if isinstance(key, str) and key in _KEYS:
                    yield _Read(key, Place(method.owner.path, item.span))
            elif depth < _DEPTH and ref.parts[0] == me and len(ref.parts) > 1:
                inner = methods.get(ref.parts[1])
                is_run = is_called and len(ref.parts) == _OWN
                if inner is not None and (is_run or _is_property(inner.function)):
                    yield from _reads(inner, methods, depth + 1)


def _is_property(function: s.Function) -> bool:
    """Return whether reading a method's name runs it."""
    names = [dotted(decorator)[-1:] for decorator in function.decorators]
    return names in ([("property",)], [("cached_property",)])


def _goes_on_without(handler: s.Handler) -> bool:
    """Return whether an ``except`` catches that a key is missing, and does not refuse for it."""
    return tolerates(handler) and not mentions(handler.body, {"close"})


def _fills(function: s.Function) -> bool:
    """Return whether a method sets the scope as a whole, or several of its keys."""
    return any(
        (isinstance(node, s.Call) and callee(node)[-2:] in _FILLING)
        or (
            isinstance(node, s.Assign)
            and any(dotted(target)[-1:] == ("scope",) for target in node.targets)
        )
        for node in walk(function.body)
    )


def _written(function: s.Function) -> Iterator[str]:
    """Yield the parts of the scope that a method sets."""
    for node in walk(function.body):
        for target in node.targets if isinstance(node, s.Assign) else ():
            if isinstance(target, s.Item) and isinstance(target.index, s.Const):
                yield str(target.index.value)


def _fix(made: Resource, missing: Iterable[str], methods: Mapping[str, OwnMethod]) -> Fix | str:
    """Return the fix that sets the keys right after the communicator is made."""
    step = made.birth[-1] if made.birth else None
    statement = step.statement if step is not None else None
    name = assigned_name(statement)
    if statement is None or not name or call_in(statement) is not made.node:
        return "the communicator is not simply assigned to a name"
    lines: list[str] = []
    symbols: tuple[Symbol, ...] = ()
    sources: tuple[Span, ...] = ()
    for key in missing:
        value: str | None = None
        if key == "url_route":
            value, sources = _route_arguments(made, methods)
        elif key == "user":
            value, symbols = "{a}()", (_ANONYMOUS,)
        elif key == "cookies":
            value = "{{}}"
        if value is None:
            return f"it is not known what `scope[{key!r}]` should be"
        lines.append(f'{name}.scope["{key}"] = {value}')
    code = Code("\n".join(lines), symbols)
    action = InsertStatement(made.origin.place.path, statement.span, code, sources=sources)
    keys = " and ".join(f"`scope[{key!r}]`" for key in missing)
    return Fix("unsafe", f"set {keys}", (action,))


def _route_arguments(
    made: Resource, methods: Mapping[str, OwnMethod]
) -> tuple[str | None, tuple[Span, ...]]:
    """Return the ``url_route`` whose only argument is the end of the path, and what it copies."""
    names = {name for one in methods.values() for name in _arguments(one.function)}
    last = _last_part(made)
    if len(names) != 1 or not last:
        return None, ()
    sources = () if isinstance(last, str) else (last.span,)
    text = f'"{last}"' if isinstance(last, str) else "str({0})"
    return f'{{{{"kwargs": {{{{"{names.pop()}": {text}}}}}}}}}', sources


def _last_part(made: Resource) -> str | s.Expr | None:
    """Return the last part of a path: a word, or the expression that is all of it."""
    args = made.node.args if made.node is not None else ()
    given = [arg.value for arg in args[1:2] if not arg.keyword]
    path = keyword_of(made.node, "path") or next(iter(given), None)
    written = path.operands if isinstance(path, s.Op) and path.kind == "format" else ()
    known = made.texts.get("path")
    pieces = (known,) if known is not None else tuple(map(_text_or_expr, written))
    segments: list[list[str | s.Expr]] = [[]]
    for piece in pieces:
        if not isinstance(piece, str):
            segments[-1].append(piece)
            continue
        text, query, _ = piece.partition("?")
        first, *others = text.split("/")
        segments[-1] += [first] if first else []
        segments += [[one] if one else [] for one in others]
        if query:
            break
    last = next((segment for segment in reversed(segments) if segment), [])
    only = last[0] if len(last) == 1 else None
    is_word = isinstance(only, str) and only.replace("-", "").replace("_", "").isalnum()
    return only if is_word or not isinstance(only, str) else None


def _text_or_expr(part: s.Expr) -> str | s.Expr:
    return part.value if isinstance(part, s.Const) and isinstance(part.value, str) else part


def _arguments(function: s.Function) -> Iterator[str]:
    """Yield the arguments of the route that a method reads: ``…["kwargs"]["name"]``."""
    for node in walk(function.body):
        owner = node.value if isinstance(node, s.Item) else None
        is_kwargs = isinstance(owner, s.Item) and getattr(owner.index, "value", "") == "kwargs"
        if isinstance(node, s.Item) and is_kwargs and isinstance(node.index, s.Const):
            yield str(node.index.value)
