"""contextlib, functools, and the builtins that pass values on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.syntax import nodes as s
from wslint.timeline.interpreter import connect_results
from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables, MethodCall, do_nothing
from wslint.timeline.interpreter.values import (
    NONE,
    Arguments,
    Cached,
    CallSite,
    Constant,
    Coroutine,
    Exit,
    Func,
    Items,
    Klass,
    Library,
    LibraryObject,
    Manager,
    Method,
    Object,
    Partial,
    ResourceRef,
    Super,
    Table,
    Unknown,
    Value,
    text_of,
)
from wslint.timeline.libraries.clients import transport_of
from wslint.timeline.model import Origin
from wslint.vocabulary import CANCEL_SCOPES, RAISES, SERVER_ATTRIBUTES, TIME_LIMITS

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()

_FEW = 2
_PLAIN_RAISES = ("pytest.raises", "unittest.TestCase.assertRaises")
_TASK_GROUP_TRANSPORTS = (
    "httpx_ws.transport.ASGIWebSocketTransport", "httpx_ws.transport.ASGIWebSocketAsyncTransport",
)  # fmt: skip
_DEADLINES = frozenset(("asyncio.timeout_at",))


@TABLES.calls("Harmless", "Mark", "PlainContext", "Decorating", "TimeLimit")
def make_plain(interpreter: Interpreter, call: LibraryCall) -> Value:
    """A call that does nothing to its arguments."""
    expected = expect_of_call(interpreter, call) if call.name in RAISES else None
    if expected is not None:
        return expected
    if call.name in ("builtins.len", "builtins.isinstance"):
        answered = connect_results.answered(call.args.get(0))
        if answered is not None:
            return answered
    if call.name not in ("builtins.print", "builtins.len"):
        connect_results.use(call.args.all())
    return interpreter.calls.library_object(call.name, call.args, call.site)


@TABLES.calls("NullContext")
def null_context(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``nullcontext(x)`` and ``closing(x)``, which give x."""
    return interpreter.calls.library_object(call.name, call.args, call.site)


@TABLES.object_enters("contextlib.nullcontext")
def enter_null_context(
    interpreter: Interpreter, context: LibraryObject, site: CallSite
) -> tuple[Value, Exit]:
    """``with nullcontext(x) as x``."""
    return context.args.get(0) or NONE, do_nothing


@TABLES.object_enters("contextlib.closing", "contextlib.aclosing")
def enter_closing(
    interpreter: Interpreter, context: LibraryObject, site: CallSite
) -> tuple[Value, Exit]:
    """``with closing(x) as x``, and ``async with aclosing(x) as x``."""
    value = context.args.get(0, "thing") or NONE
    name = "aclose" if context.name.endswith(".aclosing") else "close"
    close = interpreter.attributes.get(value, name, site.span)
    return value, interpreter.calls.later(close, Arguments(), site)


def expect_of_call(interpreter: Interpreter, call: LibraryCall) -> Value | None:
    """``pytest.raises(E, f, …)``, which calls f; None for one that is entered."""
    at = 1 if call.name in _PLAIN_RAISES else 2
    values = call.args.values
    if len(values) <= at or not call.args.exact:
        return None
    context = interpreter.calls.library_object(call.name, Arguments(values[:at]), call.site)
    _, leave = enter_expectation(interpreter, context, call.site)
    args = Arguments(values[at + 1 :], call.args.keywords)
    interpreter.calls.call(values[at], args, call.site)
    leave()
    return context


@TABLES.object_enters(*RAISES, "contextlib.suppress")
def enter_expectation(
    interpreter: Interpreter, context: LibraryObject, site: CallSite
) -> tuple[Value, Exit]:
    """``with pytest.raises(…)``, or ``with suppress(…)``, out of which an exception may come."""
    recorder, events = interpreter.recorder, interpreter.timeline.events
    happened, raises = len(events), context.name in RAISES
    if raises:
        expected = context.args.get(0, "expected_exception")
        scope = recorder.expect("Raises", [] if expected is None else [expected], site.origin)
        plain = context.name in _PLAIN_RAISES
        scope.matched = not plain or bool(context.args.keywords.keys() & {"match", "check"})
    else:
        expected = Items("tuple", context.args.values)
        scope = recorder.expect("Try", context.args.values, site.origin)

    def leave() -> bool:
        recorder.close(scope)
        happening = range(happened, len(events))
        recorder.caught(expected, scope, happening, site.statement, may_not=not raises)
        interpreter.escapes.end_sockets(happened)
        return True

    return context, leave


@TABLES.object_enters(*TIME_LIMITS)
def enter_time_limit(
    interpreter: Interpreter, context: LibraryObject, site: CallSite
) -> tuple[Value, Exit]:
    """``async with asyncio.timeout(seconds)``."""
    seconds = context.args.get(0) if context.name not in _DEADLINES else None
    limit = interpreter.recorder.limit(seconds, site.origin)

    def leave() -> bool:
        interpreter.recorder.close(limit)
        return context.name.endswith(".move_on_after")

    return context, leave


@TABLES.object_enters(*CANCEL_SCOPES)
def enter_cancel_scope(
    interpreter: Interpreter, context: LibraryObject, site: CallSite
) -> tuple[Value, Exit]:
    """``async with create_task_group()``, or what has one inside.

    In a helper of a fixture, it is the fixture whose task enters it.
    """
    scope = interpreter.recorder.open("CancelScope", -1, site.origin)
    fixture = next((frame for frame in interpreter.frames if frame.kind == "fixture"), None)
    if fixture is not None and fixture.function is not None:
        path, span = fixture.env.module.path, fixture.function.span
        scope.frame, scope.function = "fixture", fixture.function
        scope.origin = Origin(site.origin.seen_inside(path, span) or site.origin.place)
    return context, lambda: interpreter.recorder.close(scope)


@TABLES.object_enters("httpx.AsyncClient")
def enter_async_client(
    interpreter: Interpreter, client: LibraryObject, site: CallSite
) -> tuple[Value, Exit]:
    """``async with AsyncClient(transport=…)``: httpx-ws's transport has a task group."""
    transport = transport_of(client)
    if transport is not None and transport.name in _TASK_GROUP_TRANSPORTS:
        _, leave = enter_cancel_scope(interpreter, client, site)
        return client, leave
    return client, do_nothing


@TABLES.calls("ExitStack")
def make_stack(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``ExitStack()``."""
    return interpreter.calls.library_object("contextlib.ExitStack", call.args, call.site)


@TABLES.object_methods("contextlib.ExitStack")
def stack_method(interpreter: Interpreter, stack: LibraryObject, call: MethodCall) -> Value | None:
    """``enter_context`` and the like: what is entered is left when the stack is."""
    exits = interpreter.context_managers.stack_of(stack)
    if call.name == "enter_context":
        value, leave = interpreter.context_managers.enter(call.args.get(0, "cm") or NONE, call.site)
        exits.append(leave)
        return value
    if call.name == "enter_async_context":

        def run() -> Value:
            value, leave = interpreter.context_managers.enter(
                call.args.get(0, "cm") or NONE, call.site
            )
            exits.append(leave)
            return value

        return Coroutine(run, call.site.origin)
    if call.name in ("callback", "push_async_callback") and call.args.values:
        func, *rest = call.args.values
        args = Arguments(rest, call.args.keywords)
        exits.append(interpreter.calls.later(func, args, call.site))
        return func
    if call.name in ("push", "push_async_exit"):
        interpreter.escapes.mark(call.args.all(), call.site.span)
        return call.args.get(0, "exit") or NONE
    if call.name in ("close", "__exit__"):
        interpreter.context_managers.leave_stack(stack)
        return NONE
    if call.name in ("aclose", "__aexit__"):
        return Coroutine(lambda: _leave(interpreter, stack), call.site.origin)
    if call.name == "__aenter__":
        return Coroutine(lambda: stack, call.site.origin)
    if call.name == "__enter__":
        return stack
    if call.name == "pop_all":
        moved = make_stack(interpreter, LibraryCall("", "", Arguments(), call.site))
        interpreter.context_managers.stack_of(moved).extend(exits)  # type: ignore[arg-type]
        exits.clear()
        return moved
    return NONE


def _leave(interpreter: Interpreter, stack: LibraryObject) -> Value:
    interpreter.context_managers.leave_stack(stack)
    return NONE


@TABLES.calls("ContextManager")
def make_manager(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``contextmanager(f)`` called as a function."""
    return Manager(call.args.get(0, "func") or Unknown("no function"))


@TABLES.calls("Partial")
def make_partial(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``functools.partial(f, …)``."""
    if not call.args.values:
        return Unknown("a partial of nothing")
    func, *rest = call.args.values
    return Partial(func, Arguments(rest, call.args.keywords, call.args.exact))


@TABLES.calls("Cache")
def make_cached(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``lru_cache(maxsize=…)``: the decorator with its options; with a function, that function."""
    target = call.args.get(0, "user_function")
    if target is not None and interpreter.decorators.is_callable(target):
        return Cached(target)
    return Partial(Library(call.name), call.args)


@TABLES.calls("Fixture")
def fixture_options(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``pytest.fixture(scope=…)``: the decorator with its options; with a function, a fixture."""
    target = call.args.get(0, "fixture_function")
    if isinstance(target, Func) and isinstance(target.node, s.Function):
        options = Partial(Library(call.name), Arguments([], call.args.keywords))
        return interpreter.decorators.apply(options, target, target.node, target.owner, call.site)
    return Partial(Library(call.name), call.args)


@TABLES.calls("Range")
def make_range(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``range(n)``: two rounds stand for any more."""
    stop = call.args.get(0 if len(call.args.values) == 1 else 1)
    if isinstance(stop, Constant) and isinstance(stop.value, int) and stop.value > 0:
        numbers: list[Value] = [Constant(n) for n in range(min(stop.value, _FEW))]
        return Items("list", numbers)
    return Unknown("a range of unknown length")


@TABLES.calls("Enumerate")
def make_enumerate(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``enumerate(x)``."""
    value = call.args.get(0, "iterable")
    if isinstance(value, Items):
        pairs: list[Value] = [
            Items("tuple", [Constant(number), item]) for number, item in enumerate(value.values)
        ]
        return Items("list", pairs, value.exact)
    return Unknown("an enumeration of what can't be followed")


@TABLES.calls("Zip")
def make_zip(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``zip(x, y)``."""
    values = call.args.values
    columns = [value.values for value in values if isinstance(value, Items)]
    if not values or len(columns) < len(values):
        return Unknown("a zip of what can't be followed")
    exact = all(isinstance(value, Items) and value.exact for value in values)
    rows: list[Value] = [Items("tuple", list(row)) for row in zip(*columns, strict=False)]
    return Items("list", rows, exact)


@TABLES.calls("Copy")
def copy(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``list(x)``, ``tuple(x)``, ``sorted(x)``, ``iter(x)``."""
    value = call.args.get(0)
    if value is None:
        return Items("list", [])
    return Items("list", list(value.values), value.exact) if isinstance(value, Items) else value


@TABLES.calls("Dict")
def make_dict(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``dict(x)``, ``dict(name=x)``."""
    value, table = call.args.get(0), Table({}, exact=call.args.exact)
    if isinstance(value, Table):
        table.values.update(value.values)
        table.exact = table.exact and value.exact
    elif value is not None:
        return interpreter.calls.library_object(call.name, call.args, call.site)
    table.values.update(call.args.keywords)
    return table


@TABLES.calls("Next")
def make_next(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``next(x)``."""
    value = call.args.get(0)
    return interpreter.attributes.any_item(value) if value is not None else NONE


@TABLES.calls("GetAttr")
def get_attribute(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``getattr(x, "name")``, also with a default."""
    value, name, default = (call.args.get(number) for number in range(3))
    if value is not None and isinstance(name, Constant) and isinstance(name.value, str):
        if isinstance(value, ResourceRef) and value.resource.role == "Session":
            is_set = interpreter.store.get(value.id, name.value) is not None
            # the session has none of these, and so nothing fails
            if default is not None and name.value in SERVER_ATTRIBUTES and not is_set:
                return default
        found = interpreter.attributes.get(value, name.value, call.site.span)
        is_absent = isinstance(value, Object) and isinstance(found, Method)
        return default if is_absent and default is not None else found
    return Unknown("an attribute whose name is computed")


@TABLES.calls("HasAttr")
def has_attribute(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``hasattr(x, "name")``, which is known of the project's objects."""
    value, name = call.args.get(0), call.args.get(1)
    if isinstance(value, Object) and isinstance(name, Constant) and isinstance(name.value, str):
        found = interpreter.attributes.get(value, name.value, call.site.span)
        return Constant(not isinstance(found, Method))
    return interpreter.calls.library_object(call.name, call.args, call.site)


@TABLES.calls("Namespace")
def make_namespace(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``SimpleNamespace(x=…)``."""
    made = Object(interpreter.number(), None)
    for name, value in call.args.keywords.items():
        interpreter.store.put(made.id, name, value)
    return made


@TABLES.calls("Cast")
def cast(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``typing.cast(T, x)``."""
    return call.args.get(1, "val") or NONE


@TABLES.calls("ImportModule")
def import_module(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``import_module("a.b")``; ``__import__("a.b")`` gives ``a``."""
    name = text_of(call.args.get(0, "name"))
    if not name or name.startswith("."):
        return Unknown("a module whose name is computed")
    alias = "" if call.name == "builtins.__import__" and len(call.args.all()) == 1 else "module"
    module = interpreter.frame.env.module
    return interpreter.names.imported(s.Import(name, "", alias, 0, call.site.span), module)


@TABLES.calls("Super")
def make_super(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``super()``."""
    if len(call.args.values) == 2 and isinstance(call.args.values[0], Klass):
        return Super(call.args.values[1], call.args.values[0])
    for frame in reversed(interpreter.frames):
        if frame.klass is not None and frame.receiver is not None:
            return Super(frame.receiver, frame.klass)
    return Unknown("super() outside a method")
