"""Starlette's and FastAPI's applications and routers: they take handlers, hooks and parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.timeline.application import REGISTERS
from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables, MethodCall
from wslint.timeline.interpreter.values import LibraryObject, Registration, Table, Value
from wslint.vocabulary import ROLES

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()

_NAMES = [name for name, role in ROLES.items() if role in ("Application", "Router")]


@TABLES.calls("Application", "Router")
def make_application(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``FastAPI(lifespan=…)``: its arguments are only looked at if a rule needs them."""
    interpreter.escapes.mark(call.args.all(), call.site.span)
    return interpreter.calls.library_object(call.name, call.args, call.site)


@TABLES.object_methods(*_NAMES)
def application_method(
    interpreter: Interpreter, app: LibraryObject, call: MethodCall
) -> Value | None:
    """Record what is registered; a decorator gets its function later."""
    if call.name not in REGISTERS:
        return None
    interpreter.escapes.mark(call.args.all(), call.site.span)
    made = interpreter.calls.library_object(f"{app.name}.{call.name}()", call.args, call.site)
    entry = Registration(call.name, call.args.values, call.args.keywords, made)
    interpreter.registrations.setdefault(app.id, []).append(entry)
    return made


def update_overrides(interpreter: Interpreter, owner: Value, call: MethodCall) -> Value | None:
    """``app.dependency_overrides.update({function: other})``."""
    given = call.args.get(0)
    if call.name == "update" and isinstance(given, Table):
        interpreter.attributes.note_overrides(owner, given.functions.items(), call.site.span)
    return None


TABLES.any_method.append(update_overrides)
