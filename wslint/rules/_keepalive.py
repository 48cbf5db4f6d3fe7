"""What the rules about the database connection share: who uses it when, and the keepalive fix."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.actions import Action, AddDecorator, Code, InsertStatement, Symbol
from wslint.lower import script as s
from wslint.rules._setup import has_enter_context
from wslint.spans import Span
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import any_open, is_open, overlaps, spans

MOCK = Symbol("unittest.mock.patch", module="unittest", name="mock")
A_MOCK = Symbol("unittest.mock.Mock", module="unittest", name="mock")
# new= so that no argument is passed; a mock and not a lambda, which ruff's PT008 turns down
KEEPALIVE = Code('{a}("channels.db.close_old_connections", new={b}())', (MOCK, A_MOCK))

_ADAPTERS = ("async_to_sync", "sync_to_async", "database_sync_to_async")
_ROLES = ("WebsocketCommunicator", "ApplicationCommunicator")


def driven_communicators(timeline: Timeline) -> Iterator[Scope]:
    """Give the communicators that a sync test drives through an adapter.

    In a native async test the jobs of Channels run on another thread with a connection of its
    own, so the test's connection is never closed.
    """
    for scope in timeline.scopes_of("Communicator"):
        if timeline.resources[scope.subject].role not in _ROLES:
            continue
        lane = timeline.lanes[scope.opened.lane]
        while lane.kind not in ("loop", "main") and lane.parent is not None:
            lane = timeline.lanes[lane.parent]
        if lane.kind == "loop" and lane.adapter in ("AsyncToSync", "django"):
            yield scope


def in_transaction(timeline: Timeline, scope: Scope) -> bool:
    """Tell whether a scope surely opens inside the test's transaction."""
    return any(
        transaction.facts.get("certain") and is_open(timeline, transaction, scope.opened)
        for transaction in timeline.scopes_of("Transaction")
    )


def endangered_overrides(timeline: Timeline) -> Iterator[tuple[Scope, Scope]]:
    """Give each override that would lose its connection without a keepalive, with a communicator.

    Each override comes once, with the first communicator that closes the connection under it.
    """
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
                and not _stays_open(timeline, communicator)
            ):
                yield override, communicator
                break


def _stays_open(timeline: Timeline, communicator: Scope) -> bool:
    """Tell whether an async consumer may leave the connection alone (run).

    It does where it is never disconnected, and up to Channels 4.1 where it runs no database code
    in a thread, which is not looked at.
    """
    consumer = timeline.resources[communicator.subject].facts.get("consumer")
    old = timeline.environment.version("channels") < (4, 2)
    return consumer == "AsyncConsumer" and (old or not communicator.closings)


def has_keepalive(timeline: Timeline, scope: Scope) -> bool:
    """Tell whether a keepalive that may work may span a communicator up to its disconnect."""
    keepalives = [k for k in timeline.scopes_of("Keepalive") if k.facts.get("works") is not False]
    if any(spans(timeline, keepalive, scope) is not False for keepalive in keepalives):
        return True
    # a subclass of the user's may patch around each call of its own
    uses = [e for e in timeline.events_of("Communicator") if e.subject == scope.subject]
    return bool(keepalives) and all(
        any_open(timeline, keepalives, use.at) is not False for use in uses
    )


def ineffective_keepalive(timeline: Timeline, scope: Scope) -> Scope | None:
    """Give a keepalive that is surely on at a wrong time for a communicator, or does not help it.

    It is on while the communicator is open, or it spans no communicator at all.
    """
    communicators = timeline.scopes_of("Communicator")
    for keepalive in timeline.scopes_of("Keepalive"):
        if overlaps(timeline, keepalive, scope) or all(
            spans(timeline, keepalive, communicator) is False for communicator in communicators
        ):
            return keepalive
    return None


def uses_communicator(timeline: Timeline) -> bool:
    """Tell whether the test needs a keepalive once its coroutine is driven by an adapter."""
    found = [s for s in timeline.scopes_of("Communicator") if not has_keepalive(timeline, s)]
    return any(
        timeline.resources[scope.subject].role in _ROLES and in_transaction(timeline, scope)
        for scope in found
    )


def decorator_index(decorators: tuple[s.Expr, ...], span: Span) -> int:
    """Give the place of a decorator among others, 0 where it is none of them."""
    for number, decorator in enumerate(decorators):
        if decorator.span == span:
            return number
    return 0


def keepalive_actions(timeline: Timeline, override: Span, scope: Scope) -> tuple[Action, ...]:
    """Put a keepalive on the test, its class, or its setUp, so that it spans a communicator."""
    test = timeline.test
    owner = test.owner
    if owner is not None and test.kind == "method":
        step = timeline.resources[scope.subject].birth[0]
        if step.frame == "setup" and step.function is not None and step.function.body:
            first = step.function.body[0]
            name = step.function.params[0].name if step.function.params else "self"
            if has_enter_context(timeline, step.function):
                text = f"{name}.enterContext({KEEPALIVE.text})"
            else:
                text = f"keepalive = {KEEPALIVE.text}\nkeepalive.start()\n"
                text += f"{name}.addCleanup(keepalive.stop)"
            code = Code(text, KEEPALIVE.symbols)
            return (InsertStatement(step.path, first.span, code, after=False),)
        on_class = any(decorator.span == override for decorator in owner.decorators)
        if on_class and not any(map(_is_bare_adapter, owner.body)):
            index = decorator_index(owner.decorators, override)
            return (AddDecorator(test.path, owner.name_span, KEEPALIVE, index),)
    index = decorator_index(test.function.decorators, override)
    return (AddDecorator(test.path, test.function.name_span, KEEPALIVE, index),)


def _is_bare_adapter(statement: s.Stmt) -> bool:
    """Tell whether a method is an adapter object, on which a patch of the class fails.

    ``mock.patch`` reads it off the class, where asgiref binds None: the test then gets one argument
    too many (run). A patch above the adapter works.
    """
    if not isinstance(statement, s.Function) or not statement.decorators:
        return False
    outermost = statement.decorators[0]
    ref = outermost.func if isinstance(outermost, s.Call) else outermost
    return isinstance(ref, s.Ref) and ref.parts[-1] in _ADAPTERS
