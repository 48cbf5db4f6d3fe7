"""What runs coroutines and functions: asgiref's adapters, asyncio, threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables, MethodCall
from wslint.timeline.interpreter.values import (
    NONE,
    Adapted,
    Arguments,
    Bound,
    Constant,
    Coroutine,
    Items,
    Library,
    LibraryObject,
    Object,
    Partial,
    Task,
    Unknown,
    Value,
)
from wslint.timeline.model import Adapter

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()

_THREAD = "threading.Thread"

_ADAPTERS: tuple[Literal["AsyncToSync", "SyncToAsync", "DatabaseSyncToAsync"], ...] = (
    "AsyncToSync", "SyncToAsync", "DatabaseSyncToAsync"
)  # fmt: skip


@TABLES.calls(*_ADAPTERS)
def make_adapter(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``async_to_sync(f)``; without a function, the decorator with its options."""
    inner = call.args.get(0, "awaitable") or call.args.get(0, "func")
    if inner is None:
        return Partial(Library(call.name), call.args)
    role: Adapter = "ToThread"
    shared = call.args.keywords.get("thread_sensitive", Constant(True))
    if isinstance(shared, Constant) and shared.value and call.role in _ADAPTERS:
        # the thread of the sync test runs the function
        role = call.role
    return Adapted(role, inner, call.site.origin)


@TABLES.calls("RunCoroutine")
def run_coroutine(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``asyncio.run(coroutine)``: a loop of its own, until the coroutine ends."""
    with interpreter.recorder.in_lane("loop", call.site.origin, adapter="asyncio.run"):
        return interpreter.expressions.awaited(call.args.get(0, "main") or NONE)


@TABLES.calls("RunFunction")
def run_function(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``anyio.run(function, *arguments)``."""
    if not call.args.values:
        return Unknown("what is run is not known")
    func, *rest = call.args.values
    with interpreter.recorder.in_lane("loop", call.site.origin, adapter="asyncio.run"):
        return interpreter.expressions.awaited(
            interpreter.calls.call(func, Arguments(rest), call.site)
        )


@TABLES.calls("EventLoop")
def make_loop(interpreter: Interpreter, call: LibraryCall) -> Value:
    """A loop object."""
    return interpreter.calls.library_object("asyncio.EventLoop", call.args, call.site)


@TABLES.object_methods("asyncio.EventLoop")
def loop_method(interpreter: Interpreter, loop: LibraryObject, call: MethodCall) -> Value | None:
    """``loop.run_until_complete`` drives, ``create_task`` starts."""
    if call.name == "run_until_complete":
        # the next call may run in the same loop
        with interpreter.recorder.in_lane("loop", call.site.origin, adapter="run_until_complete"):
            return interpreter.expressions.awaited(call.args.get(0, "future") or NONE)
    if call.name == "create_task":
        return start_task(interpreter, call.args.get(0), call)
    if call.name == "run_in_executor" and len(call.args.values) > 1:
        interpreter.escapes.run_in_background(
            call.args.values[1], Arguments(call.args.values[2:]), call.site
        )
        return Unknown("the future of a thread")
    return None


@TABLES.calls("Gather")
def gather(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``asyncio.gather(…)``: its tasks run concurrently, and all have ended after it."""
    values = list(call.args.values)
    if len(values) == 1 and isinstance(values[0], Items):
        values = list(values[0].values)

    def run() -> Value:
        tasks = [start_task(interpreter, value, call) for value in values]
        return Items(
            "list", [interpreter.expressions.awaited(task) for task in tasks], call.args.exact
        )

    return Coroutine(run, call.site.origin)


def start_task(
    interpreter: Interpreter, value: Value | None, call: LibraryCall | MethodCall
) -> Value:
    """Start a task, which is joined where it is awaited."""
    if not isinstance(value, Coroutine):
        return value or Unknown("a task that can't be followed")
    with interpreter.recorder.in_lane("task", call.site.origin, concurrent=True) as lane:
        result = value.run()
    return Task(lane, result)


@TABLES.calls("CreateTask")
def create_task(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``asyncio.create_task(coroutine)``."""
    return start_task(interpreter, call.args.get(0, "coro"), call)


@TABLES.calls("TaskGroup")
def make_task_group(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``asyncio.TaskGroup()``."""
    return interpreter.calls.library_object("asyncio.TaskGroup", call.args, call.site)


@TABLES.object_methods("asyncio.TaskGroup")
def task_group_method(
    interpreter: Interpreter, group: LibraryObject, call: MethodCall
) -> Value | None:
    """``group.create_task``: the group's end joins the task."""
    if call.name != "create_task":
        return None
    task = start_task(interpreter, call.args.get(0, "coro"), call)
    interpreter.context_managers.stack_of(group).append(lambda: _join(interpreter, task))
    return task


def _join(interpreter: Interpreter, task: Value) -> None:
    if isinstance(task, Task):
        interpreter.recorder.join_lane(task.lane)


@TABLES.calls("AwaitFirst")
def await_first(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``asyncio.shield(awaitable)``."""
    inner = call.args.get(0, "arg")
    return Coroutine(lambda: interpreter.expressions.awaited(inner or NONE), call.site.origin)


@TABLES.calls("WaitFor")
def wait_for(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``asyncio.wait_for(awaitable, timeout)``."""
    inner, timeout = call.args.get(0, "fut"), call.args.get(1, "timeout")

    def run() -> Value:
        recorder = interpreter.recorder
        limit = recorder.limit(timeout, call.site.origin)
        result = interpreter.expressions.awaited(inner or NONE)
        recorder.close(limit)
        return result

    return Coroutine(run, call.site.origin)


@TABLES.calls("ToThread")
def to_thread(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``asyncio.to_thread(function, *arguments)``."""

    def run() -> Value:
        with interpreter.recorder.in_lane("thread", call.site.origin, adapter="to_thread"):
            func, *rest = call.args.values
            return interpreter.calls.call(func, Arguments(rest, call.args.keywords), call.site)

    return Coroutine(run, call.site.origin) if call.args.values else Unknown("no function")


@TABLES.calls("Thread")
def make_thread(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``threading.Thread(target=…)``: runs at times that are unknown."""
    if call.klass is not None:
        return Object(interpreter.number(), call.klass)
    target, args = call.args.get(1, "target"), call.args.get(3, "args")
    if target is not None:
        known = Arguments(list(args.values)) if isinstance(args, Items) else Arguments(exact=False)
        lane = interpreter.escapes.run_in_background(target, known, call.site)
        thread = interpreter.calls.library_object("threading.Thread", call.args, call.site)
        interpreter.context_managers.stack_of(thread).append(
            lambda: interpreter.recorder.join_lane(lane)
        )
        return thread
    return interpreter.calls.library_object("threading.Thread", call.args, call.site)


@TABLES.object_methods("threading.Thread")
def thread_method(
    interpreter: Interpreter, thread: LibraryObject, call: MethodCall
) -> Value | None:
    """``join`` without a timeout waits for the end of the thread."""
    if call.name == "join" and not call.args.all():
        interpreter.context_managers.leave_stack(thread)
    return NONE if call.name in ("start", "join") else None


def own_thread_method(interpreter: Interpreter, thread: Value, call: MethodCall) -> Value | None:
    """``start()`` of a subclass of Thread runs its ``run``; None for another method."""
    klass = thread.klass if isinstance(thread, Object) else None
    if klass is None or call.name not in ("start", "join") or not isinstance(thread, Object):
        return None
    bases = interpreter.classes.mro(klass)
    run = interpreter.classes.found_attribute(klass, "run")
    if run is None or not any(isinstance(b, Library) and b.name == _THREAD for b in bases):
        return None
    if interpreter.classes.found_attribute(klass, call.name) is not None:
        return None
    joins = interpreter.context_managers.stack_of(thread)
    if call.name == "start":
        lane = interpreter.escapes.run_in_background(Bound(run, thread), Arguments(), call.site)
        joins.append(lambda: interpreter.recorder.join_lane(lane))
    elif not call.args.all():
        interpreter.context_managers.leave_stack(thread)
    return NONE


@TABLES.calls("Executor")
def make_executor(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``ThreadPoolExecutor()``."""
    return interpreter.calls.library_object("concurrent.futures.Executor", call.args, call.site)


@TABLES.object_methods("concurrent.futures.Executor")
def executor_method(
    interpreter: Interpreter, executor: LibraryObject, call: MethodCall
) -> Value | None:
    """``submit`` and ``map`` run a function in a thread."""
    if call.name == "submit" and call.args.values:
        func, *rest = call.args.values
        interpreter.escapes.run_in_background(func, Arguments(rest), call.site)
    elif call.name == "map" and len(call.args.values) > 1:
        func, first, *others = call.args.values
        items = first.values if isinstance(first, Items) and first.exact else None
        # two calls stand for any more
        for item in (Unknown("an item"),) * 2 if items is None else items[:2]:
            known = Arguments([item]) if not others else Arguments(exact=False)
            interpreter.escapes.run_in_background(func, known, call.site)
    return Unknown("the result of a thread")


TABLES.any_method.append(own_thread_method)
