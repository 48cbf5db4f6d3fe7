"""``mock.patch``, pytest's ``monkeypatch`` and pytest-mock's ``mocker``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.syntax import nodes as s
from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables, MethodCall, do_nothing
from wslint.timeline.interpreter.values import (
    NONE,
    Arguments,
    CallSite,
    Constant,
    Exit,
    Func,
    Klass,
    Library,
    LibraryObject,
    Method,
    ProjectModule,
    ResourceRef,
    Table,
    Unknown,
    Value,
    text_of,
)
from wslint.timeline.model import Origin
from wslint.vocabulary import KEEPALIVE_NAMES, KEEPALIVE_TARGETS

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()


@TABLES.calls("Patch")
def make_patch(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``mock.patch("a.b.c", …)``."""
    return _patch(interpreter, _target(call.args.get(0, "target")), call.args, 1, call.site)


@TABLES.calls("PatchObject")
def make_object_patch(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``mock.patch.object(module, "name", …)``."""
    return _patch_attribute(interpreter, call.args, "attribute", call.site)


@TABLES.calls("PatchMultiple")
def make_multiple_patch(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``mock.patch.multiple("module", name=new, …)``: the keepalive among them, if any."""
    owner = call.args.get(0, "target")
    for name, new in call.args.keywords.items():
        text = text_of(owner)
        target = _target(owner, Constant(name)) if text is None else f"{text}.{name}"
        if target in KEEPALIVE_TARGETS:
            return _patch(interpreter, target, Arguments([NONE, new]), 1, call.site)
    return ResourceRef(interpreter.recorder.resource("Patch", call.site.origin))


def _target(owner: Value | None, name: Value | None = None) -> str | None:
    """Return the dotted name that a patch replaces, None if unknown.

    It is only ".name" for what is no module; unknown too where that may be a module with a function
    that closes connections.
    """
    if name is None:
        return text_of(owner)
    text = text_of(name)
    if text is None:
        return None
    if isinstance(owner, Library):
        return f"{owner.name}.{text}"
    if isinstance(owner, ProjectModule):
        return f"{owner.dotted}.{text}"
    may_be_module = text in KEEPALIVE_NAMES and not isinstance(owner, Klass)
    return None if isinstance(owner, Unknown) or may_be_module else f".{text}"


def _patch(
    interpreter: Interpreter, target: str | None, args: Arguments, new_at: int, site: CallSite
) -> ResourceRef:
    new = args.get(new_at, "new")
    if target is None or target in KEEPALIVE_TARGETS:
        right = KEEPALIVE_TARGETS.get(target or "")
        replaces = _replaces_well(new, args.keywords.get("new_callable"))
        works = False if right is False or replaces is False else right and replaces
        resource = interpreter.recorder.resource("Keepalive", site.origin, target or "")
        resource.works, resource.replaces, resource.node = works, replaces, site.node
    else:
        resource = interpreter.recorder.resource("Patch", site.origin, target)
        _note_replacement(interpreter, target, site)
    resource.injects = new is None
    return ResourceRef(resource)


def _patch_attribute(
    interpreter: Interpreter, args: Arguments, keyword: str, site: CallSite
) -> ResourceRef:
    """Patch an attribute of an object, whose name is the second argument."""
    owner, name = args.get(0, "target"), args.get(1, keyword)
    if isinstance(owner, Method) and text_of(name):
        interpreter.attributes.note_replacement(owner, text_of(name) or "", site.span, site.node)
    return _patch(interpreter, _target(owner, name), args, 2, site)


def _replace_global(
    interpreter: Interpreter, target: str, new: Value | None, site: CallSite
) -> None:
    """Give a name at the top of a module another value for the rest of the test."""
    module, _, name = target.rpartition(".")
    path = interpreter.program.find(module, 0, site.origin.place.path) if module else ""
    if new is not None and not interpreter.path:
        interpreter.globals_set[path, name] = new


def _note_replacement(interpreter: Interpreter, target: str, site: CallSite) -> None:
    """Record that a name at the top of a module of the project is replaced."""
    module, _, name = target.rpartition(".")
    path = interpreter.program.find(module, 0, site.origin.place.path) if module else ""
    if path.endswith(".py"):
        owner = ProjectModule(path, module)
        interpreter.attributes.note_replacement(owner, name, site.span, site.node)


def _replaces_well(new: Value | None, factory: Value | None = None) -> bool | None:
    """Return whether a replacement can be called like a sync function without arguments.

    ``factory`` is ``new_callable``, if it is given.
    """
    if new is None and factory is not None:
        return not factory.name.endswith("AsyncMock") if isinstance(factory, Library) else None
    if new is None or isinstance(new, (Library, Constant)):
        return True
    if isinstance(new, Func):
        required = [p for p in new.node.params if p.default is None and "*" not in p.kind]
        is_async = isinstance(new.node, s.Function) and new.node.is_async
        return not required and not is_async
    if isinstance(new, LibraryObject):
        return not new.name.endswith("AsyncMock")
    return None


@TABLES.calls("Keepalive")
def make_keepalive(interpreter: Interpreter, call: LibraryCall) -> Value:
    """A keepalive of the project's own, by the settings: it is taken for one that works."""
    resource = interpreter.recorder.resource("Keepalive", call.site.origin, call.name)
    resource.works = True
    return ResourceRef(resource)


@TABLES.enters("Keepalive")
def enter_keepalive(
    interpreter: Interpreter, patch: ResourceRef, site: CallSite
) -> tuple[Value, Exit]:
    """``with mock.patch(…)``: in the block, Channels closes no connections."""
    scope = interpreter.recorder.open("Keepalive", patch.resource.id, site.origin)
    return Unknown("a mock"), lambda: interpreter.recorder.close(scope)


@TABLES.enters("Patch")
def enter_patch(interpreter: Interpreter, patch: ResourceRef, site: CallSite) -> tuple[Value, Exit]:
    """A patch of something else, which does not matter here."""
    return Unknown("a mock"), do_nothing


@TABLES.methods("Keepalive", "Patch")
def patch_method(interpreter: Interpreter, patch: ResourceRef, call: MethodCall) -> Value | None:
    """``start`` and ``stop`` enter and leave it by hand."""
    if patch.resource.role == "Keepalive":
        if call.name in ("start", "__enter__"):
            enter_keepalive(interpreter, patch, call.site)
        elif call.name in ("stop", "__exit__"):
            interpreter.recorder.close_all("Keepalive", patch.resource.id, call.site.origin)
    return Unknown("a mock")


@TABLES.calls("MonkeyPatch")
def make_monkeypatch(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``pytest.MonkeyPatch()`` and ``pytest.MonkeyPatch.context()``."""
    return ResourceRef(interpreter.recorder.resource("MonkeyPatch", call.site.origin, call.name))


@TABLES.calls("PatchDict")
def patch_dict(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``patch.dict(owner, {key: value})``."""
    owner, values = call.args.get(0, "in_dict"), call.args.get(1, "values")
    if owner is not None and isinstance(values, Table):
        given = values.functions.items()
        interpreter.attributes.note_overrides(owner, given, call.site.span)
    return interpreter.calls.library_object(call.name, call.args, call.site)


@TABLES.methods("MonkeyPatch")
def monkeypatch_method(
    interpreter: Interpreter, fixture: ResourceRef, call: MethodCall
) -> Value | None:
    """``monkeypatch.setattr("a.b.c", new)`` or ``(module, "name", new)``."""
    if call.name == "context":
        return fixture
    if call.name == "undo":
        for scope in fixture.resource.started:
            interpreter.recorder.close(scope, call.site.origin)
    if call.name == "setitem":
        owner, key, new = (call.args.get(number, name) for number, name in
                           enumerate(("dic", "name", "value")))  # fmt: skip
        if owner is not None and key is not None:
            interpreter.attributes.set_item(owner, key, new or NONE, call.site.span)
    if call.name != "setattr":
        return NONE
    by_name = text_of(call.args.get(0, "target")) is not None and call.args.get(2) is None
    if by_name:
        patch = _patch(interpreter, _target(call.args.get(0, "target")), call.args, 1, call.site)
    else:
        patch = _patch_attribute(interpreter, call.args, "name", call.site)
        owner, name, new = (call.args.get(number, given) for number, given in
                            enumerate(("target", "name", "value")))  # fmt: skip
        if owner is not None and new is not None:  # for the rest of the test
            interpreter.attributes.set_in_state(owner, text_of(name) or "", new)
    _replace_global(interpreter, patch.resource.name, call.args.get(1 if by_name else 2), call.site)
    return _started(interpreter, fixture, patch, call.site)


@TABLES.enters("MonkeyPatch")
def enter_monkeypatch(
    interpreter: Interpreter, fixture: ResourceRef, site: CallSite
) -> tuple[Value, Exit]:
    """``with monkeypatch.context() as m``: undone at its end."""
    started = len(fixture.resource.started)

    def leave() -> None:
        for scope in fixture.resource.started[started:]:
            interpreter.recorder.close(scope)

    return fixture, leave


@TABLES.assignments(*KEEPALIVE_TARGETS)
def assign_by_hand(interpreter: Interpreter, target: str, value: Value, origin: Origin) -> None:
    """``channels.db.close_old_connections = f``, until the function itself is restored."""
    if isinstance(value, Library) and value.name == target:
        for scope in interpreter.timeline.scopes_of("Keepalive"):
            if interpreter.timeline.resources[scope.subject].by_hand:
                interpreter.recorder.close(scope, origin)
        return
    ref = _patch(interpreter, target, Arguments([value]), 0, CallSite(origin))
    ref.resource.by_hand = True
    interpreter.recorder.open("Keepalive", ref.resource.id, origin)


@TABLES.methods("Mocker")
def mocker_method(interpreter: Interpreter, fixture: ResourceRef, call: MethodCall) -> Value | None:
    """``mocker.patch("a.b.c")``; ``mocker.patch.object`` has the name "patch.object"."""
    if call.name == "patch":
        patch = _patch(interpreter, _target(call.args.get(0, "target")), call.args, 1, call.site)
        return _started(interpreter, fixture, patch, call.site)
    if call.name == "patch.object":
        patch = _patch_attribute(interpreter, call.args, "attribute", call.site)
        return _started(interpreter, fixture, patch, call.site)
    return Unknown("a mock")


def _started(
    interpreter: Interpreter, fixture: ResourceRef, patch: ResourceRef, site: CallSite
) -> Value:
    """Enter a patch that ends with the fixture that made it."""
    if patch.resource.role == "Keepalive":
        scope = interpreter.recorder.open("Keepalive", patch.resource.id, site.origin)
        fixture.resource.started.append(scope)
    return Unknown("a mock")
