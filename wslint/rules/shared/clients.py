"""What the rules about bare clients share: which sockets, and the fix that enters the client."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import (
    Action,
    AssignToWith,
    Code,
    InsertStatement,
    ReplaceExpression,
    WrapBody,
    YieldInsideWith,
)
from wslint.findings.finding import Fix, Label
from wslint.rules.shared.setup import has_enter_context
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Resource, Scope, Step, Timeline
from wslint.timeline.order import entered

_TITLE = "enter the client, so that everything shares one event loop"


def bare_sockets(timeline: Timeline) -> Iterator[tuple[Scope, Resource]]:
    """Give each socket that is opened on a client which surely isn't entered, with the client."""
    for scope in timeline.scopes_of("Socket"):
        client = scope.client
        if client is not None and entered(timeline, client, scope.opened) is False:
            yield scope, timeline.resources[client]


# An entered client waits for its sockets at its end; one that a generator left open never ends.
_BY_HAND = {"__anext__", "__next__", "anext", "asend"}


def birth_label(client: Resource) -> Label:
    """Point at the place where the client is made."""
    return Label(client.origin.place, "the client is made here and never entered")


def enter_client(timeline: Timeline, client: Resource, receiver: tuple[str, ...]) -> Fix | str:
    """Give the fix that enters a client where it is born, or say why there is none.

    ``receiver`` is the dotted name under which the test uses the client.
    """
    if client.members or not client.birth:
        return "which client this is depends on the way the test takes"
    if any(scope.subject == client.id for scope in timeline.scopes_of("Client")):
        return "the client is also entered; inside another with, that would leave it bare again"
    if mentions(timeline.test.function, _BY_HAND):
        return "the test drives a generator by hand: what that has opened may outlive the client"
    step = client.birth[0]
    if step.frame not in ("module", "class") and not _is_given(client):
        return "the client is made inside of another expression or object"
    actions = _actions(timeline, step, receiver)
    if isinstance(actions, str):
        return actions
    safe = isinstance(actions[0], AssignToWith) and _is_safe(timeline, client, step)
    return Fix("safe" if safe else "unsafe", _TITLE, actions)


def _is_safe(timeline: Timeline, client: Resource, step: Step) -> bool:
    """Tell whether entering a client surely changes nothing but the event loop.

    Run on Starlette 1.10.0: an entered client hangs on a socket that is never left or is left
    after the client, and runs what the application does at startup. None of it can happen where
    the application is plain, the client lives in the test alone, and each socket has its block.
    """
    sessions = [r for r in timeline.resources if r.role == "Session" and r.parent == client.id]
    sockets = {scope.subject: scope for scope in timeline.scopes_of("Socket")}
    used = [event.origin for event in timeline.events if event.subject == client.id]
    return (
        step.frame == "test"
        and client.plain_app
        and not client.escaped
        and not any(lane.concurrent for lane in timeline.lanes)
        and not any(origin.via for origin in (*used, *(s.origin for s in sessions)))
        and all(s.id in sockets and sockets[s.id].closings for s in sessions)
    )


def _is_given(client: Resource) -> bool:
    """Tell whether the statements that lead to a client's birth give the client itself.

    ``Shop(TestClient(app))`` does not, nor does a class that makes a client for itself.
    """
    values = [_value(step.statement) for step in client.birth]
    inner = [step.statement for step in client.birth[1:]]
    return getattr(values[-1], "span", None) == client.origin.place.span and all(
        isinstance(statement, s.Return) or (statement is not None and _assigned_name(statement))
        for statement in inner
    )


def _value(statement: s.Stmt | None) -> s.Expr | None:
    if isinstance(statement, s.Do) and isinstance(statement.value, s.Yield):
        return statement.value.value
    return statement.value if isinstance(statement, (s.Assign, s.Return)) else None


def _actions(timeline: Timeline, step: Step, receiver: tuple[str, ...]) -> tuple[Action, ...] | str:
    if step.frame in ("module", "class"):
        return _wrap_test(timeline, receiver)
    function, statement = step.function, step.statement
    if function is None or statement is None:
        return "the client is made in a place that can't be rewritten"
    if step.frame == "fixture":
        return _in_fixture(step.path, function, statement)
    if step.frame == "setup":
        return _in_setup(timeline, step.path, function, statement)
    if step.frame == "test":
        return _in_test(step.path, function, statement)
    return "the client is made by a helper, whose other callers would change too"


def _in_test(path: str, function: s.Function, statement: s.Stmt) -> tuple[Action, ...] | str:
    if _assigned_name(statement) and statement in function.body:
        return (AssignToWith(path, statement.span),)
    return "the client is not simply assigned to a name in the test's own body"


def _in_fixture(path: str, function: s.Function, statement: s.Stmt) -> tuple[Action, ...] | str:
    name = _assigned_name(statement)
    if name:
        if function.is_generator and statement in function.body:
            return (AssignToWith(path, statement.span),)
        returned = [
            last
            for last in function.body[-1:]
            if isinstance(last, s.Return) and _is_name(last.value, name)
        ]
        if returned and statement in function.body:
            return (YieldInsideWith(path, returned[0].span, name),)
        return "the fixture gives the client in a way that can't be rewritten"
    gives = isinstance(statement, s.Return) or (
        isinstance(statement, s.Do) and isinstance(statement.value, s.Yield)
    )
    if gives and statement in function.body:
        taken = {param.name for param in function.params}
        return (
            YieldInsideWith(path, statement.span, "test_client" if "client" in taken else "client"),
        )
    return "the fixture gives the client in a way that can't be rewritten"


def _in_setup(
    timeline: Timeline, path: str, function: s.Function, statement: s.Stmt
) -> tuple[Action, ...] | str:
    if not isinstance(statement, s.Assign) or statement.value is None:
        return "the client is not simply assigned in the setup method"
    methods = {
        "setUp": ("enterContext", "addCleanup"),
        "setUpClass": ("enterClassContext", "addClassCleanup"),
    }
    if timeline.test.kind != "method" or function.name not in methods:
        return f"nothing leaves what {function.name} enters; make the client in a fixture"
    enter, clean_up = methods[function.name]
    owner = function.params[0].name if function.params else "self"
    if has_enter_context(timeline, function):
        code = Code(f"{owner}.{enter}({{0}})")
        return (ReplaceExpression(path, statement.value.span, code),)
    target = statement.targets[0]
    if not isinstance(target, s.Ref):
        return "the client is not simply assigned in the setup method"
    name = ".".join(target.parts)
    text = f"{name}.__enter__()\n{owner}.{clean_up}({name}.__exit__, None, None, None)"
    return (InsertStatement(path, statement.span, Code(text)),)


def _wrap_test(timeline: Timeline, receiver: tuple[str, ...]) -> tuple[Action, ...] | str:
    if not receiver:
        return "the test reaches the client through an expression"
    test = timeline.test
    return (WrapBody(test.path, test.function.name_span, Code(".".join(receiver))),)


def _assigned_name(statement: s.Stmt) -> str:
    if isinstance(statement, s.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, s.Ref) and len(target.parts) == 1:
            return target.parts[0]
    return ""


def _is_name(value: s.Expr | None, name: str) -> bool:
    return isinstance(value, s.Ref) and value.parts == (name,)
