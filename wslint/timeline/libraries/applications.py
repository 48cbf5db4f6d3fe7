"""Starlette's and FastAPI's applications and routers: they take handlers, hooks and parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.timeline.application import REGISTERS, Registration
from wslint.timeline.interpreter.values import Made, Value
from wslint.timeline.libraries.tables import LibraryCall, MethodCall, calls, made_methods
from wslint.vocabulary import ROLES

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Machine

_NAMES = [name for name, role in ROLES.items() if role in ("Application", "Router")]


@calls("Application", "Router")
def make_application(m: Machine, call: LibraryCall) -> Value:
    """``FastAPI(lifespan=…)``: what it is made of is looked at where a rule asks."""
    m.escape(call.args.all(), call.span)
    return Made(call.name, call.args, m.origin(call.span), m.number())


@made_methods(*_NAMES)
def application_method(m: Machine, app: Made, call: MethodCall) -> Value | None:
    """Remember what is registered; a decorator gets its function later."""
    if call.name not in REGISTERS:
        return None
    m.escape(call.args.all(), call.span)
    made = Made(f"{app.name}.{call.name}()", call.args, m.origin(call.span), m.number())
    entry = Registration(call.name, call.args.values, call.args.keywords, made)
    m.registrations.setdefault(app.id, []).append(entry)
    return made
