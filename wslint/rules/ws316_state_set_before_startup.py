"""A test sets state that the application's startup sets anew when the client is entered.

## What it does
Reports `app.state.name` that a test or fixture sets, or a global of the application that it
replaces, if the client is entered after it, the application's startup surely sets the same, and the
handler of a websocket that this client opens reads it. What is set again after the client is
entered is not reported, nor what is only reset (to `None`, or to something empty).

## Why is this bad?
Entering the client runs the startup (`lifespan`), and what it sets replaces what the test has set.
The handler uses the real object: the test fails, waits for a message that its own object should
send, or passes while it talks to a real service.

## Example
```python
@pytest.fixture
def client():
    app.state.feed = FakeFeed()
    with TestClient(app) as client:  # lifespan: app.state.feed = Feed(settings.url)
        yield client
```

## Use instead
```python
@pytest.fixture
def client():
    with TestClient(app) as client:
        app.state.feed = FakeFeed()
        yield client
```

## Fix safety
Unsafe: the handler now uses what the test sets. The statement moves below the one that enters the
client, if both are in one block, nothing in between uses what it sets or is made of, and no other
client is entered after it; elsewhere there is no fix.

## Evidence
Starlette 0.27.0 to 1.10.0: the handler reads what the startup has set.

## See also
- https://www.starlette.io/lifespan/#running-lifespan-in-tests
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import MoveStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.linking.module import bound_names
from wslint.rules.rule import Rule
from wslint.rules.shared.code import block_of, position
from wslint.rules.shared.handlers import only_handler
from wslint.rules.shared.startup_state import is_read
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, statements, walk
from wslint.timeline.application_model import Handler, Replacement, StartupState
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import implies, is_open

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("starlette", "fastapi")
)

_EMPTY = frozenset(("dict", "list", "set", "tuple"))


@RULE.checks
def set_before_startup(timeline: Timeline) -> Iterator[Finding]:
    """Report each such statement once."""
    path = timeline.test.path
    for socket in timeline.scopes_of("Socket"):
        app, entered = timeline.application_of(socket), _entered(timeline, socket)
        handler = only_handler(timeline, socket)
        if app is None or entered is None or handler is None:
            continue
        for one, state in app.set_again:
            read = _read(handler, state)
            if read is None or not _is_lost(one, app.set_again, entered, socket):
                continue
            if _is_looked_at(one, entered):
                continue
            name = f"app.state.{state.name}" if state.kind == "app" else state.name
            yield RULE.finding(
                one.place,
                f"the startup sets `{name}` anew when the client is entered after this",
                "set it after the client is entered",
                labels=[
                    Label(entered.origin.nearest_place(path), "this runs the startup"),
                    Label(state.place, "the startup sets it here"),
                    Label(read, "the websocket's handler reads it here"),
                ],
                fix=_fix(timeline, one, entered),
                cause=f"state {one.place}",
            )


def _entered(timeline: Timeline, socket: Scope) -> Scope | None:
    """Return the scope of the client in which a websocket is opened."""
    scopes = timeline.scopes_of("Client")
    own = [scope for scope in scopes if scope.subject == socket.client]
    found = [scope for scope in own if is_open(timeline, scope, socket.opened)]
    return found[0] if len(found) == 1 else None


def _read(handler: Handler, state: StartupState) -> Place | None:
    """Return where the code of a handler reads a state, None if it doesn't."""
    for code in handler.code.reached():
        for ref in refs(code.node.body):
            if is_read(state, ref, code):
                return Place(code.path, ref.span)
    return None


def _is_lost(
    one: Replacement,
    replaced: tuple[tuple[Replacement, StartupState], ...],
    entered: Scope,
    socket: Scope,
) -> bool:
    """Return whether nothing but the startup sets what the handler reads at last."""
    if one.at.lane != entered.opened.lane or not implies(entered.opened.path, one.at.path):
        return False
    later = (other.at.index for other, _ in replaced if other.name == one.name)
    is_last = not any(one.at.index < index < socket.opened.index for index in later)
    return one.at.index < entered.opened.index and is_last and _is_meant(one, entered)


def _is_meant(one: Replacement, entered: Scope) -> bool:
    """Return whether a test sets something for the client: no reset, no patch that has ended."""
    statement, function = one.step.statement, one.step.function
    for block in statements(function.body) if function is not None else ():
        # a patch ends with its block
        is_around = isinstance(block, s.With) and block.span.contains(one.place.span)
        if is_around and not block.span.contains(entered.origin.place.span):
            return one.place.path != entered.origin.place.path
    value = statement.value if isinstance(statement, s.Assign) else None
    if isinstance(value, s.Const):
        return bool(value.value)
    if isinstance(value, s.Call):
        func = value.func
        return bool(value.args) or not isinstance(func, s.Ref) or func.parts[-1] not in _EMPTY
    return not isinstance(value, (s.Seq, s.Mapping)) or bool(value.items)


def _is_looked_at(one: Replacement, entered: Scope) -> bool:
    """Return whether a test looks at what it has set while the client is entered.

    It may be about the startup itself.
    """
    block = entered.statement
    return isinstance(block, s.With) and mentions(block.body, {one.name})


def _fix(timeline: Timeline, one: Replacement, entered: Scope) -> Fix | str:
    """Return the fix that moves a statement below the one that enters the client."""
    statement, function, block = one.step.statement, one.step.function, entered.statement
    path = one.place.path
    if function is None or function is not entered.function or not isinstance(block, s.With):
        return "the client is entered in another function"
    if statement is None or statement.span.line >= block.span.line:
        return "the statement that enters the client sets it too"
    if block.items[-1].value.span != entered.origin.place.span:
        return "the statement that enters the client goes on to open what reads it"
    later = [scope for scope in timeline.scopes_of("Client")
             if scope.origin.place.span.line > statement.span.line]  # fmt: skip
    if len({scope.origin.place for scope in later}) > 1:
        return "several clients are entered after it"
    between = _between(function.body, statement, block)
    if between is None:
        return "the client is not entered in the same block"
    if mentions(between, {one.name, *_local_names(function, statement)}):
        return "what comes between uses it, or what it is made of"
    below = next(statements(block.body)).span
    move = MoveStatement(path, statement.span, below)
    return Fix("unsafe", "set it after the client is entered", (move,))


def _between(body: s.Block, statement: s.Stmt, block: s.With) -> s.Block | None:
    """Return the statements between two of the same block; None if they aren't in one.

    The second may be in further ``with`` blocks.
    """
    own = block_of(body, statement)
    start = position(own, statement)
    later = own[start + 1 :] if start is not None else ()
    for number, one in enumerate(later):
        if one is block:
            return later[:number]
        if isinstance(one, s.With) and one.span.contains(block.span):
            inner = position(one.body, block)
            return None if inner is None else (*later[:number], *one.body[:inner])
    return None


def _local_names(function: s.Function, statement: s.Stmt) -> set[str]:
    """Return the names of a function's own, and those of objects, that a value is made of."""
    value = statement.value if isinstance(statement, s.Assign) else None
    own = {name for one in statements(function.body) for name in bound_names(one)}
    own |= {param.name for param in function.params}
    if value is None:
        return {ref.parts[0] for ref in refs(statement)} & own
    called = {id(node.func) for node in walk(value) if isinstance(node, s.Call)}
    return {
        ref.parts[0]
        for ref in refs(value)
        if ref.parts[0] in own or len(ref.parts) > 1 or id(ref) not in called
    }
