"""The fix for a connect whose result nobody looks at."""

from __future__ import annotations

from wslint.findings.actions import Action, BindResult, Code, InsertStatement, ReplaceExpression
from wslint.findings.finding import Fix
from wslint.rules.shared.connect_results import Outcome, asserted_true
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Event, Timeline


def assert_connected(timeline: Timeline, connect: Event, outcome: Outcome) -> Fix | str:
    """Unpack the result, and assert that the connection was accepted."""
    function = connect.function
    statement = connect.statement
    if function is None or statement is None or not timeline.test.holds(connect.origin):
        return "the connect is in a helper"
    actions = _actions(timeline, connect.origin.place.path, function.body, statement, outcome)
    if isinstance(actions, str):
        return actions
    title = "unpack the result and assert that the connection was accepted"
    return Fix("unsafe", title, actions)


def _actions(
    timeline: Timeline, path: str, body: s.Block, statement: s.Stmt, outcome: Outcome
) -> tuple[Action, ...] | str:
    first = Code("({0})[0]")
    given = asserted_true(statement)
    if given is not None:
        return (ReplaceExpression(path, given.span, first),)
    if isinstance(statement, s.Do):
        name = "accepted" if mentions(body, {"connected"}) else "connected"
        # where _ is gettext's, it must stay so
        other = "subprotocol" if _calls(body, "_") else "_"
        bind = BindResult(path, statement.value.span, f"{name}, {other}")
        return (bind, _assertion(timeline, path, statement, name))
    if not isinstance(statement, s.Assign) or statement.value is None:
        return "the result is used in a way that is not followed"
    target = statement.targets[0]
    name_of = target.items[0] if isinstance(target, s.Seq) else target
    name = name_of.parts[0] if isinstance(name_of, s.Ref) else "_"
    if name == "_":
        return "the result is bound to `_`, which says that it is not wanted"
    actions: tuple[Action, ...] = ()
    if name_of is target:
        actions = (ReplaceExpression(path, statement.value.span, first),)
    if outcome != "always true":
        actions += (_assertion(timeline, path, statement, name),)
    return actions


def _assertion(timeline: Timeline, path: str, statement: s.Stmt, name: str) -> InsertStatement:
    """Assert as the test does: by statement, or in a test case by assertTrue."""
    test = timeline.test
    text = f"assert {name}"
    if test.kind == "method" and test.function.params:
        text = f"{test.function.params[0].name}.assertTrue({name})"
    return InsertStatement(path, statement.span, Code(text))


def _calls(node: object, name: str) -> bool:
    if isinstance(node, s.Call) and isinstance(node.func, s.Ref) and node.func.parts == (name,):
        return True
    if isinstance(node, tuple):
        return any(_calls(item, name) for item in node)
    fields = getattr(node, "__dataclass_fields__", ())
    return any(_calls(getattr(node, field), name) for field in fields)
