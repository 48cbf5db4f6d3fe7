"""The fix that enters a client, and where a client is created."""

from __future__ import annotations

from wslint.findings.actions import (
    Action,
    AddWithItem,
    AssignToWith,
    Code,
    InsertStatement,
    ReplaceExpression,
    ReturnToYield,
    WrapBody,
    YieldInsideWith,
)
from wslint.findings.finding import Applicability, Fix, Label
from wslint.rules.shared.code import assigned_name, is_name
from wslint.rules.shared.fixes import has_enter_context, self_name
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, statements, walk
from wslint.timeline.application_model import Code as ApplicationCode
from wslint.timeline.model import Origin, Scope, Step, Timeline
from wslint.timeline.query import Client, calls_of, scopes_on

HELP = "enter the client around both: `with TestClient(app) as client:`"

_TITLE = "enter the client so that everything shares one event loop"
_OTHERWISE = "the fixture provides the client in a way that cannot be rewritten"
_DATABASE = frozenset(("create_all", "drop_all", "create_engine", "engine", "metadata", "upgrade"))
# an entered client waits for its sockets when it is left; one left open in a generator never ends
_BY_HAND = {"__anext__", "__next__", "anext", "asend"}


def birth_label(client: Client) -> Label:
    """Return a label at the place where the client is created."""
    return Label(client.resource.origin.place, "the client is created here and never entered")


def enter_client(
    client: Client, receiver: tuple[str, ...], *, for_startup: bool = False
) -> Fix | str:
    """Return the fix that enters a client where it is created, or why there is none.

    ``receiver`` is the dotted name under which the test uses the client. The fix is display-only if
    the application's startup may fail in a test, unless it is made ``for_startup``.
    """
    timeline, resource = client.timeline, client.resource
    if resource.members or not resource.birth:
        return "which client this is depends on the path the test takes"
    if scopes_on(timeline, "Client", resource):
        return "the client is also entered; the end of an inner `with` would leave it bare again"
    if mentions(timeline.test.function, _BY_HAND):
        return "the test drives a generator by hand, so what it opened may outlive the client"
    step = resource.birth[0]
    if step.frame not in ("module", "class") and not _is_assigned(client):
        return "the client is created inside another expression or object"
    actions = _actions(client, step, receiver)
    if isinstance(actions, str):
        return actions
    app = timeline.applications.get(resource.id)
    if app is not None and app.set_again:
        return f"the startup would set `{app.set_again[0][0].name}` anew, which the test sets"
    startup = app.startup if app is not None else ()
    title = f"{_TITLE}; this runs `{startup[0].node.name}`" if startup else _TITLE
    tier: Applicability = "unsafe"
    if isinstance(actions[0], (AssignToWith, AddWithItem)) and _is_safe(client, step):
        tier = "safe"
    elif not all(map(_is_left, client.sockets)):
        tier = "display-only"  # an entered client waits for them when it is left
    elif not for_startup and (
        any(map(_may_do_harm, startup)) or (app is not None and app.starts_otherwise)
    ):
        tier = "display-only"
    return Fix(tier, title, actions)


def _may_do_harm(startup: ApplicationCode) -> bool:
    """Return whether a startup awaits, raises, reads an object's state or names a database.

    What it needs is often there in production only, and a shutdown may drop all tables.
    """
    body = startup.node.body
    assigned = {id(target) for one in statements(body) if isinstance(one, s.Assign)
                for target in one.targets}  # fmt: skip
    if any(mentions(code.node, _DATABASE) for code in startup.reached()):
        return True
    return any(
        isinstance(node, (s.Await, s.Raise))
        or (isinstance(node, s.With) and node.is_async)
        or (isinstance(node, s.Ref) and "state" in node.parts[:-1] and id(node) not in assigned)
        for node in walk(body)
    )


def _is_safe(client: Client, step: Step) -> bool:
    """Return whether entering a client surely changes nothing but the event loop.

    Observed with Starlette 1.10.0: an entered client hangs on a socket that is never left, or left
    after the client, and it runs the application's startup. None of this can happen if the
    application is plain, the client exists in the test only, and each socket has its block.
    """
    timeline, resource = client.timeline, client.resource
    sessions = [r for r in timeline.resources if r.role == "Session" and r.parent == resource.id]
    sockets = {scope.subject: scope for scope in timeline.scopes_of("Socket")}
    origins = [call.origin for call in calls_of(timeline, resource)]
    origins += [session.origin for session in sessions]
    return (
        step.frame == "test"
        and resource.plain_app
        and not resource.escaped
        and not any(lane.concurrent for lane in timeline.lanes)
        and not any(origin.via for origin in origins)
        and all(s.id in sockets and _is_left(sockets[s.id]) for s in sessions)
    )


def _is_left(socket: Scope) -> bool:
    """Return whether a websocket is left somewhere, not only told goodbye by its ``close``."""
    is_only_closed = socket.by_hand and len(socket.closings) == len(socket.goodbyes)
    return bool(socket.closings) and not is_only_closed


def _is_assigned(client: Client) -> bool:
    """Return whether the statements that create a client hand on the client itself.

    ``Shop(TestClient(app))`` does not, nor does a class that creates a client for itself.
    """
    birth = client.resource.birth
    value = _value(birth[-1].statement)
    return getattr(value, "span", None) == client.resource.origin.place.span and all(
        isinstance(step.statement, s.Return) or assigned_name(step.statement) for step in birth[1:]
    )


def _value(statement: s.Stmt | None) -> s.Expr | None:
    if isinstance(statement, s.Do) and isinstance(statement.value, s.Yield):
        return statement.value.value
    return statement.value if isinstance(statement, (s.Assign, s.Return)) else None


def _actions(client: Client, step: Step, receiver: tuple[str, ...]) -> tuple[Action, ...] | str:
    timeline = client.timeline
    used = [call.origin for call in calls_of(timeline, client.resource)]
    used += [socket.origin for socket in client.sockets]
    if step.frame in ("module", "class"):
        return _wrap_test(timeline, receiver, used)
    function, statement = step.function, step.statement
    if function is None or statement is None:
        return "the client is created in a place that cannot be rewritten"
    if any(statement.span.contains(origin.seen_from(step.path).span) for origin in used):
        return "the helper that creates the client has used it before it is returned"
    if step.frame == "fixture":
        return _in_fixture(step.path, function, statement)
    if step.frame == "setup":
        return enter_in_setup(timeline, step.path, function, statement)
    if step.frame == "test":
        return _in_test(step.path, function, statement, used)
    return "the client is created by a helper, which would change for its other callers too"


def _in_test(
    path: str, function: s.Function, statement: s.Stmt, used: list[Origin]
) -> tuple[Action, ...] | str:
    name = assigned_name(statement)
    if not name or statement not in function.body:
        return "the client is not simply assigned to a name in the test's own body"
    later = function.body[function.body.index(statement) + 1 :]
    block = _with_of_all(path, later, (name,), used)
    # with nothing in between, not even a comment, the two become one
    if block is not None and block.span.line > statement.span.end_line + 1:
        return (_enter_in(path, block, (name,)),)
    return (AssignToWith(path, statement.span),)


def _with_of_all(
    path: str, body: s.Block, receiver: tuple[str, ...], used: list[Origin]
) -> s.With | None:
    """Return the ``with`` that opens a websocket of a client and holds all that it is used for."""
    using = [one for one in body if _names(one, receiver)]
    block = using[0] if len(using) == 1 else None
    if not isinstance(block, s.With) or block.is_async:
        return None
    if not all(block.span.contains(origin.seen_from(path).span) for origin in used):
        return None
    if any(_names(item.value, receiver) for item in block.items):
        return block
    return _with_of_all(path, block.body, receiver, used)


def _enter_in(path: str, block: s.With, receiver: tuple[str, ...]) -> Action:
    item = next(item for item in block.items if _names(item.value, receiver))
    return AddWithItem(path, item.value.span, Code(".".join(receiver)))


def _names(node: object, receiver: tuple[str, ...]) -> bool:
    return any(ref.parts[: len(receiver)] == receiver for ref in refs(node))


def _in_fixture(path: str, function: s.Function, statement: s.Stmt) -> tuple[Action, ...] | str:
    block = _block_that_always_runs(function.body, statement)
    # what a return leaves would go on around a yield
    if block is None or not (function.is_generator or block is function.body):
        return _OTHERWISE
    name = assigned_name(statement)
    if name:
        last = block[-1]
        if function.is_generator:
            is_around = any(isinstance(node, s.Yield) for node in walk(block))
            return (AssignToWith(path, statement.span),) if is_around else _OTHERWISE
        if isinstance(last, s.Return) and is_name(last.value, name):
            return (AssignToWith(path, statement.span), ReturnToYield(path, last.span))
        return _OTHERWISE
    yields = isinstance(statement, s.Do) and isinstance(statement.value, s.Yield)
    if not yields and not isinstance(statement, s.Return):
        return _OTHERWISE
    is_taken = "client" in {param.name for param in function.params}
    return (YieldInsideWith(path, statement.span, "test_client" if is_taken else "client"),)


def _block_that_always_runs(body: s.Block, statement: s.Stmt) -> s.Block | None:
    """Return the block of a statement, if only ``with`` and ``try … finally`` are around it."""
    if statement in body:
        return body
    inner = (
        one.body
        for one in body
        if isinstance(one, s.With) or (isinstance(one, s.Try) and not one.handlers)
    )
    found = (_block_that_always_runs(block, statement) for block in inner)
    return next((block for block in found if block is not None), None)


def enter_in_setup(
    timeline: Timeline, path: str, function: s.Function, statement: s.Stmt
) -> tuple[Action, ...] | str:
    """Return the actions that enter what a statement of setUp makes, or why there are none."""
    if not isinstance(statement, s.Assign) or not isinstance(statement.value, s.Call):
        return "it is not simply assigned in the setup method"
    methods = {
        "setUp": ("enterContext", "addCleanup"),
        "setUpClass": ("enterClassContext", "addClassCleanup"),
    }
    if timeline.test.kind != "method" or function.name not in methods:
        return f"nothing exits what {function.name} enters; create it in a fixture"
    enter, clean_up = methods[function.name]
    owner = self_name(function)
    if has_enter_context(timeline, function):
        code = Code(f"{owner}.{enter}({{0}})")
        return (ReplaceExpression(path, statement.value.span, code),)
    target = statement.targets[0]
    if not isinstance(target, s.Ref):
        return "it is not simply assigned in the setup method"
    name = ".".join(target.parts)
    text = f"{name}.__enter__()\n{owner}.{clean_up}({name}.__exit__, None, None, None)"
    return (InsertStatement(path, statement.span, Code(text)),)


def _wrap_test(
    timeline: Timeline, receiver: tuple[str, ...], used: list[Origin]
) -> tuple[Action, ...] | str:
    if not receiver:
        return "the test reaches the client through an expression"
    test = timeline.test
    block = _with_of_all(test.path, test.function.body, receiver, used)
    if block is not None:
        return (_enter_in(test.path, block, receiver),)
    return (WrapBody(test.path, test.function.name_span, Code(".".join(receiver))),)
