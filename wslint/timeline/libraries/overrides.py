"""waffle's overrides: they write to the database when they are entered and when they are left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.findings.span import Span
from wslint.timeline.interpreter.calls import Exit
from wslint.timeline.interpreter.values import NONE, Handle, Unknown, Value
from wslint.timeline.libraries.clients import close_scopes
from wslint.timeline.libraries.tables import LibraryCall, MethodCall, calls, enters, methods

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Machine


@calls("Override")
def make_override(m: Machine, call: LibraryCall) -> Value:
    """``override_flag(…)``: nothing happens before it is entered."""
    return Handle(m.resource("Override", call.span, call.name.rpartition(".")[2]), call.klass)


@enters("Override")
def enter_override(m: Machine, override: Handle, span: Span) -> tuple[Value, Exit]:
    """The override is on; leaving it needs the database again."""
    scope = m.open("Override", override.resource.id, span)
    return Unknown("what an override gives"), lambda: m.close(scope)


@methods("Override")
def override_method(m: Machine, override: Handle, call: MethodCall) -> Value | None:
    """``enable`` and ``disable`` are entering and leaving by hand."""
    if call.name in ("enable", "__enter__"):
        enter_override(m, override, call.span)
    elif call.name in ("disable", "__exit__"):
        close_scopes(m, "Override", override.resource.id, call.span)
    return NONE
