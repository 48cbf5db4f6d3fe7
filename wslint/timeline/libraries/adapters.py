"""What drives coroutines and functions: asgiref's adapters, asyncio, threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wslint.timeline.interpreter.values import (
    NONE,
    Adapted,
    Arguments,
    Constant,
    Coroutine,
    Items,
    Library,
    Made,
    Partial,
    Task,
    Unknown,
    Value,
)
from wslint.timeline.libraries.tables import LibraryCall, MethodCall, calls, made_methods
from wslint.timeline.model import Adapter

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Machine

_ADAPTERS: tuple[Literal["AsyncToSync", "SyncToAsync", "DatabaseSyncToAsync"], ...] = (
    "AsyncToSync", "SyncToAsync", "DatabaseSyncToAsync"
)  # fmt: skip


@calls(*_ADAPTERS)
def make_adapter(m: Machine, call: LibraryCall) -> Value:
    """``async_to_sync(f)``; without a function the decorator with its options."""
    inner = call.args.get(0, "awaitable") or call.args.get(0, "func")
    if inner is None:
        return Partial(Library(call.name), call.args)
    role: Adapter = "ToThread"
    shared = call.args.keywords.get("thread_sensitive", Constant(True))
    if isinstance(shared, Constant) and shared.value and call.role in _ADAPTERS:
        # the thread of the sync test runs the function
        role = call.role
    return Adapted(role, inner, m.origin(call.span))


@calls("RunCoroutine")
def run_coroutine(m: Machine, call: LibraryCall) -> Value:
    """``asyncio.run(coroutine)``: a loop of its own, until the coroutine ends."""
    with m.in_lane("loop", m.origin(call.span), adapter="asyncio.run"):
        return m.awaited(call.args.get(0, "main") or NONE, call.span)


@calls("RunFunction")
def run_function(m: Machine, call: LibraryCall) -> Value:
    """``anyio.run(function, *arguments)``."""
    if not call.args.values:
        return Unknown("what is run is not known")
    func, *rest = call.args.values
    with m.in_lane("loop", m.origin(call.span), adapter="asyncio.run"):
        return m.awaited(m.call(func, Arguments(rest), call.span), call.span)


@calls("EventLoop")
def make_loop(m: Machine, call: LibraryCall) -> Value:
    """A loop object."""
    return Made("asyncio.EventLoop", call.args, m.origin(call.span), m.number())


@made_methods("asyncio.EventLoop")
def loop_method(m: Machine, loop: Made, call: MethodCall) -> Value | None:
    """``loop.run_until_complete`` drives, ``create_task`` starts."""
    if call.name == "run_until_complete":
        # the next call may find the same loop where this one has left it
        with m.in_lane("loop", m.origin(call.span), adapter="run_until_complete"):
            return m.awaited(call.args.get(0, "future") or NONE, call.span)
    if call.name == "create_task":
        return start_task(m, call.args.get(0), call)
    if call.name == "run_in_executor" and len(call.args.values) > 1:
        m.in_background(call.args.values[1], call.span, Arguments(call.args.values[2:]))
        return Unknown("the future of a thread")
    return None


@calls("Gather")
def gather(m: Machine, call: LibraryCall) -> Value:
    """``asyncio.gather(…)``: its tasks run beside each other, all have ended behind it."""
    values = list(call.args.values)
    if len(values) == 1 and isinstance(values[0], Items):
        values = list(values[0].values)

    def run() -> Value:
        tasks = [start_task(m, value, call) for value in values]
        return Items("list", [m.awaited(task, call.span) for task in tasks], call.args.exact)

    return Coroutine(run, m.origin(call.span))


def start_task(m: Machine, value: Value | None, call: LibraryCall | MethodCall) -> Value:
    """Start a task; it is joined where it is awaited."""
    if not isinstance(value, Coroutine):
        return value or Unknown("a task that can't be followed")
    with m.in_lane("task", m.origin(call.span), concurrent=True) as lane:
        result = value.run()
    return Task(lane, result)


@calls("CreateTask")
def create_task(m: Machine, call: LibraryCall) -> Value:
    """``asyncio.create_task(coroutine)``."""
    return start_task(m, call.args.get(0, "coro"), call)


@calls("TaskGroup")
def make_task_group(m: Machine, call: LibraryCall) -> Value:
    """``asyncio.TaskGroup()``."""
    return Made("asyncio.TaskGroup", call.args, m.origin(call.span), m.number())


@made_methods("asyncio.TaskGroup")
def task_group_method(m: Machine, group: Made, call: MethodCall) -> Value | None:
    """``group.create_task``: the group's end joins the task."""
    if call.name != "create_task":
        return None
    task = start_task(m, call.args.get(0, "coro"), call)
    m.stack_of(group).append(lambda: _join(m, task))
    return task


def _join(m: Machine, task: Value) -> None:
    if isinstance(task, Task):
        m.join_lane(task.lane)


@calls("AwaitFirst")
def await_first(m: Machine, call: LibraryCall) -> Value:
    """``asyncio.wait_for(awaitable, …)``."""
    inner = call.args.get(0, "fut")
    return Coroutine(lambda: m.awaited(inner or NONE, call.span), m.origin(call.span))


@calls("ToThread")
def to_thread(m: Machine, call: LibraryCall) -> Value:
    """``asyncio.to_thread(function, *arguments)``."""

    def run() -> Value:
        with m.in_lane("thread", m.origin(call.span), adapter="to_thread"):
            func, *rest = call.args.values
            return m.call(func, Arguments(rest, call.args.keywords), call.span)

    return Coroutine(run, m.origin(call.span)) if call.args.values else Unknown("no function")


@calls("Thread")
def make_thread(m: Machine, call: LibraryCall) -> Value:
    """``threading.Thread(target=…)``: runs at times that nobody knows."""
    target, args = call.args.get(1, "target"), call.args.get(3, "args")
    if target is not None:
        known = Arguments(list(args.values)) if isinstance(args, Items) else Arguments(exact=False)
        m.in_background(target, call.span, known)
    return Made("threading.Thread", call.args, m.origin(call.span), m.number())


@calls("Executor")
def make_executor(m: Machine, call: LibraryCall) -> Value:
    """``ThreadPoolExecutor()``."""
    return Made("concurrent.futures.Executor", call.args, m.origin(call.span), m.number())


@made_methods("concurrent.futures.Executor")
def executor_method(m: Machine, executor: Made, call: MethodCall) -> Value | None:
    """``submit`` and ``map`` run a function in a thread."""
    if call.name in ("submit", "map") and call.args.values:
        func, *rest = call.args.values
        known = Arguments(rest) if call.name == "submit" else Arguments(exact=False)
        m.in_background(func, call.span, known)
    return Unknown("the result of a thread")
