"""The test's database connection: what closes it, what needs it, and how to keep it open."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import (
    END_OF_FILE,
    Action,
    AddDecorator,
    AddFixture,
    Code,
    InsertStatement,
    ReplaceExpression,
    Symbol,
)
from wslint.findings.finding import Fix, Label
from wslint.findings.span import Span
from wslint.rules.shared.code import (
    callee,
    index_at,
    is_decorated,
    methods_of,
    names_assigned,
)
from wslint.rules.shared.evaluation import evaluated, names_read
from wslint.rules.shared.fixes import has_enter_context, self_name
from wslint.syntax import nodes as s
from wslint.timeline.model import Consumer, Event, Lane, Moment, Scope, TestCase, Timeline
from wslint.timeline.order import any_open, is_open, overlaps, spans
from wslint.timeline.query import calls_of, lane_outside_tasks, outermost, subject_of
from wslint.vocabulary import KEEPALIVE_FIXTURE

CLOSES = "channels.db.close_old_connections"
"""The function by which Channels closes connections."""

A_MOCK = Symbol("unittest.mock.Mock", module="unittest", name="mock")

MOCK_ASSERTIONS = frozenset(
    (
        *("assert_called", "assert_called_once", "assert_called_with", "assert_called_once_with"),
        *("assert_not_called", "assert_any_call", "assert_has_calls", "assert_awaited"),
        *("assert_awaited_once", "assert_not_awaited"),
        *("called", "call_count", "call_args", "call_args_list", "mock_calls", "await_count"),
    )
)
"""A test that mentions one of these asserts on a mock."""

FLUSH_TITLE = "flush the tables after the test instead of rolling back"

WRITES = frozenset(
    ("create", "create_batch", "create_user", "create_superuser", "get_or_create",
     "update_or_create", "bulk_create", "bulk_update", "update", "delete", "save")
)  # fmt: skip
"""The queries that change rows."""

_PATCH = Symbol("unittest.mock.patch", module="unittest", name="mock")
# new= so that no argument is passed; a mock and not a lambda, which ruff's PT008 rejects
_KEEPALIVE = Code(f'{{a}}("{CLOSES}", new={{b}}())', (_PATCH, A_MOCK))
TRANSACTIONAL_MARK = Code(
    "{a}(transaction=True)", (Symbol("pytest.mark.django_db", module="pytest"),)
)
_MARK = Code(f'{{a}}("{KEEPALIVE_FIXTURE}")', (Symbol("pytest.mark.usefixtures", module="pytest"),))
_FIXTURE = Code(
    f"""\
@{{a}}
def {KEEPALIVE_FIXTURE}(monkeypatch):
    \"\"\"Keep Channels from closing the database connection of a sync test.\"\"\"
    monkeypatch.setattr("{CLOSES}", lambda: None)
""",
    (Symbol("pytest.fixture", module="pytest"),),
)
_COMMUNICATORS = ("WebsocketCommunicator", "ApplicationCommunicator")
_ADAPTERS = ("async_to_sync", "sync_to_async", "database_sync_to_async")
_DATABASE_ADAPTER = "database_sync_to_async"
_DRIVERS = ("AsyncToSync", "django")
_SENDS = ("send_to", "send_json_to", "send_input")


# Which communicators


def driven_communicators(timeline: Timeline) -> Iterator[Scope]:
    """Yield the communicators that a sync test drives through an adapter.

    In a native async test Channels' database jobs run in another thread with its own connection,
    so the test's connection is never closed.
    """
    for scope in timeline.scopes_of("Communicator"):
        lane = outermost(timeline, scope.opened.lane, inside=("task", "thread", "background"))
        is_driven = lane.kind == "loop" and lane.adapter in _DRIVERS
        if is_driven and subject_of(timeline, scope).role in _COMMUNICATORS:
            yield scope


def native_communicators(timeline: Timeline) -> list[Scope]:
    """Return the communicators that run in the event loop of a native async test."""
    return [
        scope
        for scope in timeline.scopes_of("Communicator")
        if (lane := lane_outside_tasks(timeline, scope.opened.lane)).kind == "loop"
        and lane.adapter == "native"
    ]


def in_transaction(timeline: Timeline, scope: Scope) -> bool:
    """Return whether a scope surely opens inside the test's transaction."""
    return any(
        transaction.certain and is_open(timeline, transaction, scope.opened)
        for transaction in timeline.scopes_of("Transaction")
    )


def endangered_overrides(timeline: Timeline) -> Iterator[tuple[Scope, Scope]]:
    """Yield each override that loses its connection, with the first communicator that closes it."""
    if timeline.environment.test_database == "sqlite-memory":
        return
    for override in timeline.scopes_of("Override"):
        if timeline.lanes[override.opened.lane].kind == "loop":
            continue  # it can't even be entered there: WS201, WS202
        for communicator in driven_communicators(timeline):
            if (
                spans(timeline, override, communicator)
                and in_transaction(timeline, communicator)
                and not has_keepalive(timeline, communicator)
                and not _may_stay_open(timeline, communicator)
            ):
                yield override, communicator
                break


def _may_stay_open(timeline: Timeline, communicator: Scope) -> bool:
    """Return whether an async consumer may leave the connection open (observed).

    It does if it is never disconnected, and before Channels 4.2 if it runs no database code in a
    thread, which is not examined.
    """
    consumer = subject_of(timeline, communicator).consumer
    old = timeline.environment.version("channels") < (4, 2)
    return consumer == "AsyncConsumer" and (old or not communicator.closings)


def closing_labels(timeline: Timeline, communicator: Scope) -> list[Label]:
    """Return labels at the communicator that closes the connection and at its disconnect."""
    path = timeline.test.path
    born = subject_of(timeline, communicator).origin.nearest_place(path)
    return [
        Label(born, "this communicator's consumer closes the connection"),
        *(Label(by.nearest_place(path), "at the latest here") for by in communicator.closed_by[:1]),
    ]


# What keeps the connection open


def keepalives(timeline: Timeline) -> list[Scope]:
    """Return the patches that may keep the connection open while they are active."""
    patches = timeline.scopes_of("Keepalive")
    return [patch for patch in patches if subject_of(timeline, patch).works is not False]


def has_keepalive(timeline: Timeline, communicator: Scope) -> bool:
    """Return whether a keepalive that may work may span a communicator up to its disconnect."""
    if timeline.environment.keeps_connections:
        return True
    patches = keepalives(timeline)
    if any(spans(timeline, patch, communicator) is not False for patch in patches):
        return True
    # a subclass in the project may patch around each of its calls
    uses = calls_of(timeline, subject_of(timeline, communicator))
    return bool(patches) and all(any_open(timeline, patches, use.at) is not False for use in uses)


def ineffective_keepalive(timeline: Timeline, communicator: Scope) -> Scope | None:
    """Return a keepalive that is surely active at the wrong time, or does not help.

    It is active while the communicator is open, or it spans no communicator at all.
    """
    communicators = timeline.scopes_of("Communicator")
    for patch in timeline.scopes_of("Keepalive"):
        if overlaps(timeline, patch, communicator) or all(
            spans(timeline, patch, other) is False for other in communicators
        ):
            return patch
    return None


def needs_keepalive(timeline: Timeline) -> bool:
    """Return whether the test needs a keepalive once an adapter drives its coroutine."""
    return any(
        subject_of(timeline, scope).role in _COMMUNICATORS
        and not has_keepalive(timeline, scope)
        and in_transaction(timeline, scope)
        for scope in timeline.scopes_of("Communicator")
    )


# What closes the connection, and what needs it


def closed_at(timeline: Timeline, communicator: Scope) -> list[Moment]:
    """Return the moments after which the connection is surely closed.

    Since Channels 4.2 every consumer closes it when it is disconnected. Before, only what runs in
    a thread through ``database_sync_to_async`` does, as each method of a sync consumer (observed).
    """
    made = subject_of(timeline, communicator)
    if not made.consumers:
        return []
    if timeline.environment.version("channels") >= (4, 2):
        return communicator.closings
    uses = calls_of(timeline, made)
    if all(_works_in_thread(consumer, uses) for consumer in made.consumers):
        return [use.at for use in uses[:1]]
    return []


def _works_in_thread(consumer: Consumer, uses: list[Event]) -> bool:
    """Return whether a consumer used like this surely runs database code in a thread."""
    return consumer.role == "SyncConsumer" or next(_jobs(consumer, uses), None) is not None


def _jobs(consumer: Consumer, uses: list[Event]) -> Iterator[s.Function | None]:
    """Yield what an async consumer surely runs through ``database_sync_to_async``.

    None stands for a function that isn't a method of its class.
    """
    methods = methods_of(consumer.node)
    entries = ["connect"]
    if any(use.name in _SENDS for use in uses):
        entries += ["receive", "receive_json"]
    for entry in (methods[name] for name in entries if name in methods):
        for expr in evaluated(entry.body):
            for ref, is_called in names_read(expr):
                inner = methods.get(ref.parts[-1]) if len(ref.parts) == 2 else None
                if is_called and ref.parts[-1] == _DATABASE_ADAPTER:
                    yield None
                elif is_called and inner and is_decorated(inner, _DATABASE_ADAPTER):
                    yield inner


def own_queries(timeline: Timeline, communicator: Scope) -> Iterator[s.Function]:
    """Yield the methods of the consumer that surely send queries through the adapter."""
    made = subject_of(timeline, communicator)
    uses = calls_of(timeline, made)
    for job in _jobs(made.consumers[0], uses) if len(made.consumers) == 1 else ():
        read = [ref for expr in evaluated(job.body if job else ()) for ref, _ in names_read(expr)]
        if job is not None and any("objects" in ref.parts for ref in read):
            yield job


def queries(timeline: Timeline) -> Iterator[tuple[Event, Lane]]:
    """Yield what needs the connection of a sync test's own thread, with the lane that asks.

    What an async test of pytest runs in a thread has its own connection.
    """
    for event in timeline.events_of("Orm"):
        lane = loop = lane_outside_tasks(timeline, event.at.lane)
        if lane.kind == "thread" and lane.adapter in ("SyncToAsync", "DatabaseSyncToAsync"):
            loop = lane_outside_tasks(timeline, lane.parent or 0)
        elif lane.kind != "main" and not event.awaited:
            continue
        if loop.kind == "main" or (loop.kind == "loop" and loop.adapter in _DRIVERS):
            yield event, lane


# Fixes


def add_keepalive(timeline: Timeline, target: Span, index: int = 0) -> tuple[Action, ...]:
    """Return the actions that keep the connection open around the test, or around a class.

    ``index`` is the patch's place among the decorators; a mark goes to the top.
    """
    path, function = timeline.test.path, timeline.test.function
    # a mark passes an extra argument to what is not a function, and the test is gone (observed)
    on_object = target == function.name_span and any(map(_is_adapter, function.decorators[:1]))
    if on_object or not _by_fixture(timeline):
        return (AddDecorator(path, target, _KEEPALIVE, index),)
    mark = AddDecorator(path, target, _MARK, 0)
    environment = timeline.environment
    if environment.keepalive_style == "plugin" or environment.has_keepalive_fixture:
        return (mark,)
    return (AddFixture(environment.conftest, END_OF_FILE, KEEPALIVE_FIXTURE, _FIXTURE), mark)


def keepalive_around(timeline: Timeline, statement: str) -> Code | None:
    """Return code that keeps the connection open around a statement; None for a fixture."""
    if _by_fixture(timeline):
        return None
    return Code(f"with {_KEEPALIVE.text}:\n    {statement}", _KEEPALIVE.symbols)


def _by_fixture(timeline: Timeline) -> bool:
    """Return whether the settings ask for a fixture and the runner supports fixtures."""
    environment = timeline.environment
    known = timeline.test.kind == "function" or environment.pytest_django
    return environment.keepalive_style != "decorator" and known


def database_marks(test: TestCase) -> list[s.Expr]:
    """Return the ``django_db`` marks of a test itself."""
    return [one for one in test.function.decorators if callee(one)[-1:] == ("django_db",)]


def flush_tables(test: TestCase) -> Fix | str:
    """Return the fix that gives a test a ``django_db`` mark with ``transaction=True``.

    The mark of a test wins over those of its class and module (pytest-django 4.14).
    """
    marks = database_marks(test)
    if test.django:
        return "it is no test of pytest alone"
    if len(marks) > 1:
        return "the test has several marks"
    if not marks:
        mark = AddDecorator(test.path, test.function.name_span, TRANSACTIONAL_MARK)
        return Fix("unsafe", FLUSH_TITLE, (mark,))
    if isinstance(marks[0], s.Call) and marks[0].args:
        return "the mark has other arguments"
    code = Code(".".join(callee(marks[0])) + "(transaction=True)")
    return Fix("unsafe", FLUSH_TITLE, (ReplaceExpression(test.path, marks[0].span, code),))


def keepalive_fix(
    timeline: Timeline, override: Span, communicator: Scope, *, for_class: bool = False
) -> Fix:
    """Return the safe fix that consists of ``keepalive_actions``."""
    actions = keepalive_actions(timeline, override, communicator, for_class=for_class)
    marks = any(isinstance(action, AddDecorator) and action.code == _MARK for action in actions)
    what = "fixture" if marks else "patch"
    return Fix("safe", f"keep the connection open with a {what}", actions)


def keepalive_actions(
    timeline: Timeline, override: Span, communicator: Scope, *, for_class: bool = False
) -> tuple[Action, ...]:
    """Return the actions that put a keepalive on the test, its class or its setUp.

    It spans the communicator, and goes beside the override if there is one. ``for_class``: other
    tests of the class need it too.
    """
    test = timeline.test
    owner = test.owner
    if owner is not None and test.kind == "method":
        at = index_at(owner.decorators, override)
        on_class = (for_class or at is not None) and test.function in owner.body
        step = subject_of(timeline, communicator).birth[0]
        setup = step.function if step.frame == "setup" else None
        if _by_fixture(timeline) and (on_class or step.frame == "setup"):
            return add_keepalive(timeline, owner.name_span)
        if setup is not None and setup.body:
            code = _in_setup(timeline, setup)
            return (InsertStatement(step.path, setup.body[0].span, code, after=False),)
        if on_class and not any(map(_fails_under_a_patch, owner.body)):
            return add_keepalive(timeline, owner.name_span, at or 0)
    index = index_at(test.function.decorators, override) or 0
    return add_keepalive(timeline, test.function.name_span, index)


def _in_setup(timeline: Timeline, setup: s.Function) -> Code:
    name, patch = self_name(setup), _KEEPALIVE.text
    if has_enter_context(timeline, setup):
        return Code(f"{name}.enterContext({patch})", _KEEPALIVE.symbols)
    text = f"keepalive = {patch}\nkeepalive.start()\n{name}.addCleanup(keepalive.stop)"
    return Code(text, _KEEPALIVE.symbols)


def _fails_under_a_patch(statement: s.Stmt) -> bool:
    """Return whether a part of a class is no method, though a patch of the class takes it for one.

    ``mock.patch`` wraps all that can be called and begins with ``test``, also objects; they then
    get one argument too many. So do adapters, as it reads them off the class, where asgiref binds
    None (both observed). A patch above the adapter works.
    """
    if isinstance(statement, s.Assign) and not isinstance(statement.value, s.Const):
        return any(name.startswith("test") for name in names_assigned(statement))
    found = statement.decorators[:1] if isinstance(statement, s.Function) else ()
    return any(map(_is_adapter, found))


def _is_adapter(decorator: s.Expr) -> bool:
    return callee(decorator)[-1:] in {(name,) for name in _ADAPTERS}
