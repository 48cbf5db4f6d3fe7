"""waffle's overrides: they write to the database when they are entered and left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables, MethodCall
from wslint.timeline.interpreter.values import NONE, CallSite, Exit, ResourceRef, Unknown, Value

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()


@TABLES.calls("Override")
def make_override(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``override_flag(…)``: nothing happens until it is entered."""
    return ResourceRef(
        interpreter.recorder.resource("Override", call.site.origin, call.name.rpartition(".")[2]),
        call.klass,
    )


@TABLES.enters("Override")
def enter_override(
    interpreter: Interpreter, override: ResourceRef, site: CallSite
) -> tuple[Value, Exit]:
    """``with override_flag(…)``: on in the block; leaving it needs the database again."""
    scope = interpreter.recorder.open("Override", override.resource.id, site.origin)
    return Unknown("what an override gives"), lambda: interpreter.recorder.close(scope)


@TABLES.methods("Override")
def override_method(
    interpreter: Interpreter, override: ResourceRef, call: MethodCall
) -> Value | None:
    """``enable`` and ``disable`` enter and leave it by hand."""
    if call.name in ("enable", "__enter__"):
        enter_override(interpreter, override, call.site)
    elif call.name in ("disable", "__exit__"):
        interpreter.recorder.close_all("Override", override.resource.id, call.site.origin)
    return NONE
