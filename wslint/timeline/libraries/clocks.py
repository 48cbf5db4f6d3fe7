"""Clocks: asyncio's sleep, alarms of the system, and freezegun, which stops time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables, MethodCall
from wslint.timeline.interpreter.values import (
    NONE,
    Arguments,
    CallSite,
    Constant,
    Coroutine,
    Exit,
    Items,
    ResourceRef,
    Value,
)

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()


@TABLES.calls("Sleep")
def sleep(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``asyncio.sleep(1)``: time passes when it is awaited; none in ``sleep(0)``."""
    duration = call.args.get(0, "delay")
    if isinstance(duration, Constant) and not duration.value:
        return interpreter.calls.library_object(call.name, call.args, call.site)

    def run() -> Value:
        interpreter.recorder.event("Sleep", call.name, None, call.site)
        return NONE

    return Coroutine(run, call.site.origin)


@TABLES.calls("Alarm")
def set_alarm(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``signal.alarm(10)``: its signal ends what hangs, also if a fixture sets it."""
    interpreter.timeline.test.has_timeout = True
    return interpreter.calls.library_object(call.name, call.args, call.site)


@TABLES.calls("FreezeTime")
def make_freeze(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``freeze_time(…)``: nothing happens until it is entered or started."""
    resource = interpreter.recorder.resource(call.role, call.site.origin, call.name)
    resource.node, resource.clock = call.site.node, clock_under(call.args)
    return ResourceRef(resource)


def clock_under(args: Arguments) -> Literal["frozen", "asyncio", "runs"]:
    """Return which clocks still run under these arguments; one that is unknown may run."""
    if not args.exact or _may_be_true(args.get(3, "tick")):
        return "runs"
    if _may_be_true(args.get(6, "auto_tick_seconds")):
        return "runs"
    given = args.get(2, "ignore")
    ignored = _texts(given) if given is not None else []
    if ignored is None or "asgiref" in ignored:
        return "runs"
    is_real = _may_be_true(args.get(7, "real_asyncio")) or "asyncio" in ignored
    return "asyncio" if is_real else "frozen"


def _may_be_true(value: Value | None) -> bool:
    return value is not None and not (isinstance(value, Constant) and not value.value)


def _texts(value: Value) -> list[object] | None:
    if isinstance(value, Constant) and value.value is None:
        return []
    if not isinstance(value, Items) or not value.exact:
        return None
    return [item.value if isinstance(item, Constant) else None for item in value.values]


@TABLES.enters("FreezeTime")
def enter_freeze(
    interpreter: Interpreter, freeze: ResourceRef, site: CallSite
) -> tuple[Value, Exit]:
    """``with freeze_time(…)``: the clock stands still in the block."""
    scope = interpreter.recorder.open("Frozen", freeze.resource.id, site.origin)
    return freeze, lambda: interpreter.recorder.close(scope)


@TABLES.methods("FreezeTime")
def freeze_method(interpreter: Interpreter, freeze: ResourceRef, call: MethodCall) -> Value | None:
    """``start`` and ``stop`` enter and leave it by hand; ``tick`` and ``move_to`` move it once."""
    if call.name in ("start", "__enter__"):
        return enter_freeze(interpreter, freeze, call.site)[0]
    if call.name in ("stop", "__exit__"):
        interpreter.recorder.close_all("Frozen", freeze.resource.id, call.site.origin)
    return NONE
