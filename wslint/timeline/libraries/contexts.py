"""contextlib, functools and the builtins through which values travel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.syntax import nodes as s
from wslint.timeline.interpreter.values import (
    NONE,
    Arguments,
    Constant,
    Coroutine,
    Func,
    Items,
    Klass,
    Library,
    Made,
    Manager,
    Object,
    Partial,
    Super,
    Unknown,
    Value,
)
from wslint.timeline.libraries.tables import LibraryCall, MethodCall, calls, made_methods

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Machine

_FEW = 2


@calls("Harmless", "Mark", "PlainContext", "Decorating")
def make_plain(m: Machine, call: LibraryCall) -> Value:
    """Something that does nothing to what it is given."""
    return Made(call.name, call.args, m.origin(call.span), m.number())


@calls("NullContext")
def null_context(m: Machine, call: LibraryCall) -> Value:
    """``nullcontext(x)`` and ``closing(x)`` give x."""
    return Made("contextlib.nullcontext", call.args, m.origin(call.span), m.number())


@calls("ExitStack")
def make_stack(m: Machine, call: LibraryCall) -> Value:
    """``ExitStack()``."""
    return Made("contextlib.ExitStack", call.args, m.origin(call.span), m.number())


@made_methods("contextlib.ExitStack")
def stack_method(m: Machine, stack: Made, call: MethodCall) -> Value | None:
    """What is entered on the stack is left when the stack is."""
    exits = m.stack_of(stack)
    if call.name == "enter_context":
        value, leave = m.enter(call.args.get(0, "cm") or NONE, call.span)
        exits.append(leave)
        return value
    if call.name == "enter_async_context":

        def run() -> Value:
            value, leave = m.enter(call.args.get(0, "cm") or NONE, call.span)
            exits.append(leave)
            return value

        return Coroutine(run, m.origin(call.span))
    if call.name in ("callback", "push_async_callback") and call.args.values:
        func, *rest = call.args.values
        args = Arguments(rest, call.args.keywords)
        exits.append(m.run_later(func, args, call.span))
        return func
    if call.name in ("push", "push_async_exit"):
        m.escape(call.args.all(), call.span)
        return call.args.get(0, "exit") or NONE
    if call.name in ("close", "__exit__"):
        m.leave_stack(stack)
        return NONE
    if call.name == "aclose":
        return Coroutine(lambda: _leave(m, stack), m.origin(call.span))
    if call.name == "pop_all":
        moved = make_stack(m, LibraryCall("", "", Arguments(), call.span))
        m.stack_of(moved).extend(exits)  # type: ignore[arg-type]
        exits.clear()
        return moved
    return NONE


def _leave(m: Machine, stack: Made) -> Value:
    m.leave_stack(stack)
    return NONE


@calls("ContextManager")
def make_manager(m: Machine, call: LibraryCall) -> Value:
    """``contextmanager(f)`` called as a function."""
    return Manager(call.args.get(0, "func") or Unknown("no function"))


@calls("Partial")
def make_partial(m: Machine, call: LibraryCall) -> Value:
    """``functools.partial(f, …)``."""
    if not call.args.values:
        return Unknown("a partial of nothing")
    func, *rest = call.args.values
    return Partial(func, Arguments(rest, call.args.keywords, call.args.exact))


@calls("Fixture")
def fixture_options(m: Machine, call: LibraryCall) -> Value:
    """``pytest.fixture(scope=…)``: the decorator with its options; with a function, a fixture."""
    target = call.args.get(0, "fixture_function")
    if isinstance(target, Func) and isinstance(target.node, s.Function):
        options = Partial(Library(call.name), Arguments([], call.args.keywords))
        return m.decorate(options, target, target.node, call.span, target.owner)
    return Partial(Library(call.name), call.args)


@calls("Range")
def make_range(m: Machine, call: LibraryCall) -> Value:
    """``range(n)``: two rounds stand for more."""
    stop = call.args.get(0 if len(call.args.values) == 1 else 1)
    if isinstance(stop, Constant) and isinstance(stop.value, int) and stop.value > 0:
        numbers: list[Value] = [Constant(n) for n in range(min(stop.value, _FEW))]
        return Items("list", numbers)
    return Unknown("a range of unknown length")


@calls("Enumerate")
def make_enumerate(m: Machine, call: LibraryCall) -> Value:
    """``enumerate(x)``."""
    value = call.args.get(0, "iterable")
    if isinstance(value, Items):
        pairs: list[Value] = [
            Items("tuple", [Constant(number), item]) for number, item in enumerate(value.values)
        ]
        return Items("list", pairs, value.exact)
    return Unknown("an enumeration of what can't be followed")


@calls("Zip")
def make_zip(m: Machine, call: LibraryCall) -> Value:
    """``zip(x, y)``."""
    values = call.args.values
    columns = [value.values for value in values if isinstance(value, Items)]
    if not values or len(columns) < len(values):
        return Unknown("a zip of what can't be followed")
    exact = all(isinstance(value, Items) and value.exact for value in values)
    rows: list[Value] = [Items("tuple", list(row)) for row in zip(*columns, strict=False)]
    return Items("list", rows, exact)


@calls("Copy")
def copy(m: Machine, call: LibraryCall) -> Value:
    """``list(x)``, ``tuple(x)``, ``sorted(x)``, ``iter(x)``."""
    value = call.args.get(0)
    if value is None:
        return Items("list", [])
    return Items("list", list(value.values), value.exact) if isinstance(value, Items) else value


@calls("Next")
def make_next(m: Machine, call: LibraryCall) -> Value:
    """``next(x)``."""
    value = call.args.get(0)
    return m.any_item(value) if value is not None else NONE


@calls("GetAttr")
def get_attribute(m: Machine, call: LibraryCall) -> Value:
    """``getattr(x, "name")``."""
    value, name = call.args.get(0), call.args.get(1)
    if value is not None and isinstance(name, Constant) and isinstance(name.value, str):
        return m.attribute(value, name.value, call.span)
    return Unknown("an attribute whose name is computed")


@calls("Namespace")
def make_namespace(m: Machine, call: LibraryCall) -> Value:
    """``SimpleNamespace(x=…)``."""
    made = Object(m.number(), None)
    for name, value in call.args.keywords.items():
        m.store.put(made.id, name, value)
    return made


@calls("Cast")
def cast(m: Machine, call: LibraryCall) -> Value:
    """``typing.cast(T, x)``."""
    return call.args.get(1, "val") or NONE


@calls("Super")
def make_super(m: Machine, call: LibraryCall) -> Value:
    """``super()``."""
    if len(call.args.values) == 2 and isinstance(call.args.values[0], Klass):
        return Super(call.args.values[1], call.args.values[0])
    for frame in reversed(m.frames):
        if frame.klass is not None and frame.receiver is not None:
            return Super(frame.receiver, frame.klass)
    return Unknown("super() outside a method")
