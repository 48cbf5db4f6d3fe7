"""``mock.patch``, pytest's ``monkeypatch`` and pytest-mock's ``mocker``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.calls import Exit
from wslint.timeline.interpreter.values import (
    NONE,
    Arguments,
    Constant,
    Func,
    Handle,
    Library,
    Made,
    ProjectModule,
    Unknown,
    Value,
)
from wslint.timeline.libraries.clients import close_scopes
from wslint.timeline.libraries.tables import (
    LibraryCall,
    MethodCall,
    calls,
    enters,
    methods,
    nothing,
)
from wslint.vocabulary import KEEPALIVE_TARGETS

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Machine


@calls("Patch")
def make_patch(m: Machine, call: LibraryCall) -> Value:
    """``mock.patch("a.b.c", …)``."""
    return _patch(m, _target(call.args.get(0, "target")), call.args, 1, call.span)


@calls("PatchObject")
def make_object_patch(m: Machine, call: LibraryCall) -> Value:
    """``mock.patch.object(module, "name", …)``."""
    target = _target(call.args.get(0, "target"), call.args.get(1, "attribute"))
    return _patch(m, target, call.args, 2, call.span)


@calls("PatchMultiple")
def make_multiple_patch(m: Machine, call: LibraryCall) -> Value:
    """``mock.patch.multiple("module", name=new, …)``: the keepalive among them, if any."""
    owner = call.args.get(0, "target")
    for name, new in call.args.keywords.items():
        target = f"{owner.value}.{name}" if _is_text(owner) else _target(owner, Constant(name))  # type: ignore[union-attr]
        if target in KEEPALIVE_TARGETS:
            return _patch(m, target, Arguments([NONE, new]), 1, call.span)
    return Handle(m.resource("Patch", call.span))


def _target(owner: Value | None, name: Value | None = None) -> str | None:
    """Give the dotted name that a patch replaces, "" for an object's, None where unknown."""
    if name is None:
        return owner.value if _is_text(owner) else None  # type: ignore[union-attr, return-value]
    if not _is_text(name):
        return None
    if isinstance(owner, Library):
        return f"{owner.name}.{name.value}"  # type: ignore[union-attr]
    if isinstance(owner, ProjectModule):
        return f"{owner.dotted}.{name.value}"  # type: ignore[union-attr]
    return None if isinstance(owner, Unknown) else ""


def _is_text(value: Value | None) -> bool:
    return isinstance(value, Constant) and isinstance(value.value, str)


def _patch(m: Machine, target: str | None, args: Arguments, new_at: int, span: Span) -> Handle:
    new = args.get(new_at, "new")
    if target is None or target in KEEPALIVE_TARGETS:
        right = KEEPALIVE_TARGETS.get(target or "")
        replaces = _replaces_well(new, args.keywords.get("new_callable"))
        works = False if right is False or replaces is False else right and replaces
        resource = m.resource("Keepalive", span, target or "")
        resource.works, resource.replaces, resource.node = works, replaces, m.called
    else:
        resource = m.resource("Patch", span, target)
    resource.injects = new is None
    return Handle(resource)


def _replaces_well(new: Value | None, factory: Value | None = None) -> bool | None:
    """Tell whether a replacement can stand for a sync function without arguments.

    ``factory`` is what makes the replacement, where that is said.
    """
    if new is None and factory is not None:
        return not factory.name.endswith("AsyncMock") if isinstance(factory, Library) else None
    if new is None or isinstance(new, (Library, Constant)):
        return True
    if isinstance(new, Func):
        required = [p for p in new.node.params if p.default is None and "*" not in p.kind]
        is_async = isinstance(new.node, s.Function) and new.node.is_async
        return not required and not is_async
    if isinstance(new, Made):
        return not new.name.endswith("AsyncMock")
    return None


@calls("Keepalive")
def make_keepalive(m: Machine, call: LibraryCall) -> Value:
    """Make a keepalive of the user's own, known by the settings: taken for one that works."""
    resource = m.resource("Keepalive", call.span, call.name)
    resource.works = True
    return Handle(resource)


@enters("Keepalive")
def enter_keepalive(m: Machine, patch: Handle, span: Span) -> tuple[Value, Exit]:
    """While it is on, the connection functions of Channels do nothing."""
    scope = m.open("Keepalive", patch.resource.id, span)
    return Unknown("a mock"), lambda: m.close(scope)


@enters("Patch")
def enter_patch(m: Machine, patch: Handle, span: Span) -> tuple[Value, Exit]:
    """A patch of something that does not matter here."""
    return Unknown("a mock"), nothing


@methods("Keepalive", "Patch")
def patch_method(m: Machine, patch: Handle, call: MethodCall) -> Value | None:
    """``start`` and ``stop`` are entering and leaving by hand."""
    if patch.resource.role == "Keepalive":
        if call.name in ("start", "__enter__"):
            enter_keepalive(m, patch, call.span)
        elif call.name in ("stop", "__exit__"):
            close_scopes(m, "Keepalive", patch.resource.id, call.span)
    return Unknown("a mock")


@calls("MonkeyPatch")
def make_monkeypatch(m: Machine, call: LibraryCall) -> Value:
    """``pytest.MonkeyPatch()`` and ``pytest.MonkeyPatch.context()``."""
    return Handle(m.resource("MonkeyPatch", call.span, call.name))


@methods("MonkeyPatch")
def monkeypatch_method(m: Machine, fixture: Handle, call: MethodCall) -> Value | None:
    """``monkeypatch.setattr("a.b.c", new)`` or ``(module, "name", new)``."""
    if call.name == "context":
        return fixture
    if call.name == "undo":
        for scope in fixture.resource.started:
            m.close(scope, call.span)
    if call.name != "setattr":
        return NONE
    by_name = _is_text(call.args.get(0, "target")) and call.args.get(2) is None
    if by_name:
        target, new_at = _target(call.args.get(0, "target")), 1
    else:
        target, new_at = _target(call.args.get(0, "target"), call.args.get(1, "name")), 2
    return _started(m, fixture, _patch(m, target, call.args, new_at, call.span), call.span)


@enters("MonkeyPatch")
def enter_monkeypatch(m: Machine, fixture: Handle, span: Span) -> tuple[Value, Exit]:
    """``with monkeypatch.context() as m``: undone at its end."""
    started = len(fixture.resource.started)

    def leave() -> None:
        for scope in fixture.resource.started[started:]:
            m.close(scope)

    return fixture, leave


def assign_by_hand(m: Machine, target: str, value: Value, span: Span) -> None:
    """``channels.db.close_old_connections = f``, until the function itself is put back."""
    if isinstance(value, Library) and value.name == target:
        for scope in m.timeline.scopes_of("Keepalive"):
            if m.timeline.resources[scope.subject].by_hand:
                m.close(scope, span)
        return
    handle = _patch(m, target, Arguments([value]), 0, span)
    handle.resource.by_hand = True
    m.open("Keepalive", handle.resource.id, span)


@methods("Mocker")
def mocker_method(m: Machine, fixture: Handle, call: MethodCall) -> Value | None:
    """``mocker.patch("a.b.c")``; ``mocker.patch.object`` comes as the name "patch.object"."""
    if call.name == "patch":
        patch = _patch(m, _target(call.args.get(0, "target")), call.args, 1, call.span)
        return _started(m, fixture, patch, call.span)
    if call.name == "patch.object":
        target = _target(call.args.get(0, "target"), call.args.get(1, "attribute"))
        return _started(m, fixture, _patch(m, target, call.args, 2, call.span), call.span)
    return Unknown("a mock")


def _started(m: Machine, fixture: Handle, patch: Handle, span: Span) -> Value:
    """Enter a patch that lasts as long as the fixture it was made with."""
    if patch.resource.role == "Keepalive":
        scope = m.open("Keepalive", patch.resource.id, span)
        fixture.resource.started.append(scope)
    return Unknown("a mock")
