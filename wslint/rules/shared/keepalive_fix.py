"""The fix that keeps the database connection open: a patch, or a fixture of conftest.py."""

from __future__ import annotations

from wslint.findings.actions import (
    END_OF_FILE,
    Action,
    AddDecorator,
    AddFixture,
    Code,
    InsertStatement,
    Symbol,
)
from wslint.findings.finding import Fix
from wslint.findings.span import Span
from wslint.rules.shared.setup import has_enter_context
from wslint.syntax import nodes as s
from wslint.timeline.model import Scope, Timeline
from wslint.vocabulary import KEEPALIVE_FIXTURE

MOCK = Symbol("unittest.mock.patch", module="unittest", name="mock")
A_MOCK = Symbol("unittest.mock.Mock", module="unittest", name="mock")
# new= so that no argument is passed; a mock and not a lambda, which ruff's PT008 turns down
KEEPALIVE = Code('{a}("channels.db.close_old_connections", new={b}())', (MOCK, A_MOCK))

_MARK = Code(f'{{a}}("{KEEPALIVE_FIXTURE}")', (Symbol("pytest.mark.usefixtures", module="pytest"),))
_FIXTURE = Code(
    f"""\
@{{a}}
def {KEEPALIVE_FIXTURE}(monkeypatch):
    \"\"\"Keep Channels from closing the database connection of a sync test.\"\"\"
    monkeypatch.setattr("channels.db.close_old_connections", lambda: None)
""",
    (Symbol("pytest.fixture", module="pytest"),),
)
_ADAPTERS = ("async_to_sync", "sync_to_async", "database_sync_to_async")


def add_keepalive(timeline: Timeline, target: Span, index: int = 0) -> tuple[Action, ...]:
    """Keep the connection open around the test, or a class, of the test's file.

    ``index`` is the patch's place among its decorators. A mark's is the top.
    """
    path, function = timeline.test.path, timeline.test.function
    # a mark takes what is no function for one more argument of its own: the test is gone (run)
    on_object = target == function.name_span and any(map(_is_adapter, function.decorators[:1]))
    if on_object or not _by_fixture(timeline):
        return (AddDecorator(path, target, KEEPALIVE, index),)
    mark = AddDecorator(path, target, _MARK, 0)
    if timeline.environment.has_keepalive_fixture:
        return (mark,)
    conftest = timeline.environment.conftest
    return (AddFixture(conftest, END_OF_FILE, KEEPALIVE_FIXTURE, _FIXTURE), mark)


def _by_fixture(timeline: Timeline) -> bool:
    """Tell whether the fixture is wanted, and a runner that knows fixtures is seen."""
    environment = timeline.environment
    known = timeline.test.kind == "function" or environment.pytest_django
    return environment.keepalive_style == "fixture" and known


def decorator_index(decorators: tuple[s.Expr, ...], span: Span) -> int:
    """Give the place of a decorator among others, 0 where it is none of them."""
    for number, decorator in enumerate(decorators):
        if decorator.span == span:
            return number
    return 0


def keepalive_fix(
    timeline: Timeline, override: Span, scope: Scope, *, for_class: bool = False
) -> Fix:
    """Give the safe fix that consists of ``keepalive_actions``."""
    actions = keepalive_actions(timeline, override, scope, for_class=for_class)
    marks = any(isinstance(action, AddDecorator) and action.code == _MARK for action in actions)
    what = "fixture" if marks else "patch"
    return Fix("safe", f"keep the connection open with a {what}", actions)


def keepalive_actions(
    timeline: Timeline, override: Span, scope: Scope, *, for_class: bool = False
) -> tuple[Action, ...]:
    """Put a keepalive on the test, its class, or its setUp, so that it spans a communicator.

    It goes beside the override where there is one; ``for_class``: other tests of the class need it
    too.
    """
    test = timeline.test
    owner = test.owner
    if owner is not None and test.kind == "method":
        on_class = for_class or any(decorator.span == override for decorator in owner.decorators)
        on_class = on_class and test.function in owner.body
        step = timeline.resources[scope.subject].birth[0]
        in_setup = step.frame == "setup"
        if _by_fixture(timeline) and (on_class or in_setup):
            return add_keepalive(timeline, owner.name_span)
        if in_setup and step.function is not None and step.function.body:
            first = step.function.body[0]
            name = step.function.params[0].name if step.function.params else "self"
            if has_enter_context(timeline, step.function):
                text = f"{name}.enterContext({KEEPALIVE.text})"
            else:
                text = f"keepalive = {KEEPALIVE.text}\nkeepalive.start()\n"
                text += f"{name}.addCleanup(keepalive.stop)"
            code = Code(text, KEEPALIVE.symbols)
            return (InsertStatement(step.path, first.span, code, after=False),)
        if on_class and not any(map(_is_bare_adapter, owner.body)):
            return add_keepalive(
                timeline, owner.name_span, decorator_index(owner.decorators, override)
            )
    index = decorator_index(test.function.decorators, override)
    return add_keepalive(timeline, test.function.name_span, index)


def _is_bare_adapter(statement: s.Stmt) -> bool:
    """Tell whether a method is an adapter object, on which a patch of the class fails.

    ``mock.patch`` reads it off the class, where asgiref binds None: the test then gets one argument
    too many (run). A patch above the adapter works.
    """
    found = statement.decorators[:1] if isinstance(statement, s.Function) else ()
    return any(map(_is_adapter, found))


def _is_adapter(decorator: s.Expr) -> bool:
    ref = decorator.func if isinstance(decorator, s.Call) else decorator
    return isinstance(ref, s.Ref) and ref.parts[-1] in _ADAPTERS
