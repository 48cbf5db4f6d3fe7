"""Django's signals and ``on_commit``: what saving a row sets off."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wslint.filesystem.paths import inside
from wslint.findings.span import Span
from wslint.linking.module import Module
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables
from wslint.timeline.interpreter.values import (
    NONE,
    Arguments,
    Bound,
    CallSite,
    Constant,
    Func,
    Klass,
    Object,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()

_SAVES = frozenset(
    ("create", "create_user", "create_superuser", "get_or_create", "update_or_create", "save")
)
_RUNS_CALLBACKS = re.compile(
    rb"captureOnCommitCallbacks|django_capture_on_commit_callbacks|[\"'][\w.]*on_commit[\"']"
)
_A_TEST = re.compile(rb"(async )?def test")
_SIGNALS = ("post_save", "pre_save")
_CONNECTS = tuple((signal, "connect") for signal in _SIGNALS)
_FILES = ("signals.py", "receivers.py", "handlers.py", "apps.py")


def on_commit(interpreter: Interpreter, call: LibraryCall) -> Value | None:
    """``transaction.on_commit(function)``, which never calls it inside the test's transaction."""
    func = call.args.get(0, "func")
    if call.name != "django.db.transaction.on_commit" or func is None:
        return None
    events = interpreter.timeline.events
    if interpreter.timeline.test.database != "transaction":
        interpreter.calls.call(func, Arguments(), call.site)
        return NONE
    around = interpreter.program.around(interpreter.timeline.test.path)
    if any(_runs_callbacks(interpreter, path) for path in around):
        return NONE
    event = interpreter.recorder.event("OnCommit", "on_commit", None, call.site)
    happened = len(events)
    with interpreter.application_followed():
        interpreter.escapes.run_in_background(func, Arguments(), call.site)
    event.sends = any(one.kind == "Layer" for one in events[happened:])
    return NONE


def _runs_callbacks(interpreter: Interpreter, path: str) -> bool:
    """Return whether test code may run the functions itself: it captures them, or patches this."""
    text = interpreter.program.text(path, "on_commit", "captureOnCommit")
    test = interpreter.timeline.test
    if path == test.path and _RUNS_CALLBACKS.search(text):
        text = _without_other_tests(text, test.function.span)
    return _RUNS_CALLBACKS.search(text) is not None


def _without_other_tests(text: bytes, own: Span) -> bytes:
    """Return the text of a file without the functions of all tests but one."""
    kept: list[bytes] = []
    hidden: int | None = None  # the indentation of a function that is left out
    for number, line in enumerate(text.split(b"\n"), 1):
        code = line.lstrip()
        indent = len(line) - len(code)
        if hidden is not None and code and indent <= hidden:
            hidden = None
        if hidden is None and _A_TEST.match(code) and not own.line <= number <= own.end_line:
            hidden = indent
        if hidden is None:
            kept.append(line)
    return b"\n".join(kept)


def run_receivers(
    interpreter: Interpreter, model: Klass | None, query: str, site: CallSite
) -> None:
    """Run what the project does when a row is saved: the model, and what is connected to it.

    Receivers are looked for in the files around the model.
    """
    if model is None or query not in _SAVES or interpreter.follows_application:
        return
    given: dict[str, Value] = {
        "sender": model,
        "instance": Unknown("the saved row"),
        "created": Constant(True),
    }
    save = interpreter.classes.found_attribute(model, "save")
    if isinstance(save, Func) and query != "save":
        with interpreter.application_followed():
            row = Object(interpreter.number(), model)
            interpreter.calls.call(Bound(save, row), Arguments(), site)
    modules = list(_modules(interpreter, model.module))
    names = {name for module in modules for name in _receivers(module, model.node.name)}
    found = [interpreter.names.module_name(module, name) for module in modules for name in names]
    functions = {id(one.node): one for one in found if isinstance(one, Func)}
    for function in functions.values():
        with interpreter.application_followed():
            interpreter.calls.call(function, Arguments([], dict(given)), site)


def _modules(interpreter: Interpreter, module: Module) -> Iterator[Module]:
    """Yield the module of a model, and those beside it in which receivers usually are."""
    yield module
    folder = os.path.dirname(module.path)
    for name in _FILES:
        path = inside(folder, name)
        found = interpreter.program.module(path) if interpreter.program.exists(path) else None
        if found is not None:
            yield found


def _receivers(module: Module, model: str) -> Iterator[str]:
    """Yield the names of the functions that a signal of a model calls, by their last parts.

    ``@receiver(post_save, sender=Model)`` or ``post_save.connect(function, sender=Model)``, also in
    the ``ready`` of the application.
    """
    functions = [one for one in module.calling({"receiver"}) if isinstance(one, s.Function)]
    for function in functions:
        for decorator in function.decorators:
            args = decorator.args if isinstance(decorator, s.Call) else ()
            if args and _last(args[0].value) in _SIGNALS and _is_sent_by(decorator, model):
                yield function.name
    if module.mentions(frozenset(_SIGNALS)):
        for node in walk(module.part(None)):
            func = node.func if isinstance(node, s.Call) else None
            is_connect = isinstance(func, s.Ref) and func.parts[-2:] in _CONNECTS
            if isinstance(node, s.Call) and is_connect and _is_sent_by(node, model):
                yield from (_last(arg.value) for arg in node.args[:1])


def _is_sent_by(call: object, model: str) -> bool:
    """Return whether a signal is connected for a model, by its class or as ``"app.Model"``."""
    args = call.args if isinstance(call, s.Call) else ()
    sender = next((arg.value for arg in args if arg.keyword == "sender"), None)
    named = sender.value if isinstance(sender, s.Const) else None
    return _last(sender) == model or (isinstance(named, str) and named.endswith(f".{model}"))


def _last(expr: s.Expr | None) -> str:
    return expr.parts[-1] if isinstance(expr, s.Ref) else ""


TABLES.any_call.append(on_commit)
