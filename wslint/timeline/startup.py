"""The state that only the startup of an application sets: without it, the state is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from wslint.findings.span import Place, Span
from wslint.linking.program import Program
from wslint.syntax import nodes as s
from wslint.syntax.search import global_names, statements
from wslint.timeline.application_model import (
    Application,
    Code,
    Replacement,
    Shared,
    StartupState,
    method_of,
    written_item,
)

_DEPTH = 3
# these run a lifespan without a client, or replace the application
_STARTS = ("LifespanManager", "lifespan_context", "router.startup", "lifespan(", "startup(")

_CONNECTS = frozenset(("connect", "start", "open"))

_TAKES_NAMES = re.compile(rb"attr\(|\.object\(|\.multiple\(|_state\b|\bState\(|__dict__|\bvars\(")
# it may set the state of a request
_MIDDLEWARE = re.compile(rb"@\w+\.middleware|add_middleware\((?!\s*CORSM)|middleware=")


def set_again(
    program: Program, app: Application, test: str, replaced: Iterable[Replacement]
) -> Iterator[tuple[Replacement, StartupState]]:
    """Yield what a test sets and the startup surely sets too, if a client alone runs it."""
    states = [state for hook in app.startup for state in _sets(hook, 0)] if replaced else []
    states = [state for state in states if not _asks_first(program, state)]
    if not states or any(_starts(program.text(path, *_STARTS)) for path in program.around(test)):
        return
    for one in replaced:
        for state in states:
            if one.name == state.name and (
                (state.kind == "app" and one.app == app.place)
                or (state.kind == "global" and one.app is None and one.path == state.place.path)
            ):
                yield one, state


def _asks_first(program: Program, state: StartupState) -> bool:
    """Return whether the statement that sets a state may keep what it was, as by ``or``."""
    span, name = state.place.span, re.escape(state.name.encode())
    lines = program.text(state.place.path).split(b"\n")[span.line - 1 : span.end_line]
    owner = rb"\bstate\.|[\"']" if state.kind == "app" else rb"(?<![.\w])"
    return len(re.findall(rb"(?:%b)%b\b" % (owner, name), b"\n".join(lines))) > 1


def _starts(text: bytes) -> bool:
    """Return whether a test's file may run the startup without a client, or replace it."""
    return any(word.encode() in text for word in _STARTS)


def startup_state(program: Program, app: Application, test: str) -> Iterator[StartupState]:
    """Yield what the startup surely sets, and neither other code of the application nor tests."""
    if not app.startup:
        return
    started = [found for hook in app.startup for found in _started(hook, 0)]
    starts = [code for hook in app.startup for code in _closure(hook, 0)]
    starts += [method for _, method, _ in started]
    rest = _Rest(program, starts)
    tests = program.around(test)
    if any(_starts(rest.text(path, *_STARTS)) for path in tests):
        return
    own = {app.place.path, *(code.path for code in starts)}
    own |= {handler.code.path for handler in app.handlers}
    if any(_MIDDLEWARE.search(rest.text(path, "middleware")) for path in own):
        return
    states = [state for hook in app.startup for state in _sets(hook, 0)]
    states += [state for found in started for state in _attributes_set(*found)]
    for state in states:
        may_set = _MAY_SET.get(state.kind, _may_set)
        name = state.name.partition("[")[0].rpartition(".")[2]
        texts = (rest.text(path, name) for path in (*tests, *sorted(own)))
        word = name.encode()
        if not any(word in text and may_set(text, word) for text in texts):
            yield state


def _closure(code: Code, depth: int) -> Iterator[Code]:
    yield code
    if depth < _DEPTH:
        for used in code.uses.values():
            if isinstance(used, Code):
                yield from _closure(used, depth + 1)


def _sets(code: Code, depth: int) -> Iterator[StartupState]:
    """Yield what a startup function sets on every way to its end or to its yield."""
    declared = global_names(code.node.body)
    for statement in _surely(code.node.body):
        place = Place(code.path, statement.span)
        if isinstance(statement, s.Assign) and statement.value is not None:
            for target in statement.targets:
                parts = target.parts if isinstance(target, s.Ref) else ()
                if len(parts) > 2 and parts[-2] == "state":
                    yield StartupState("app", parts[-1], place)
                elif len(parts) == 1 and parts[0] in declared and _is_unset(code, parts[0]):
                    yield StartupState("global", parts[0], place)
                if isinstance(target, s.Item):
                    yield from _item_set(code, target, place)
        value = statement.value if isinstance(statement, (s.Do, s.Assign)) else None
        if isinstance(value, s.Yield):
            keys = value.value.items if isinstance(value.value, s.Mapping) else ()
            for key, _ in keys:
                if isinstance(key, s.Const) and isinstance(key.value, str):
                    yield StartupState("request", key.value, place)
            return
        for connected, span in _connected(code, statement):
            where = Place(code.path, span)
            yield StartupState("object", connected.name, where, connected.key)
        used = code.uses.get(".".join(_name_called(value)))
        if isinstance(used, Code) and isinstance(used.node, s.Function) and depth < _DEPTH:
            yield from _sets(used, depth + 1)


def _started(code: Code, depth: int) -> Iterator[tuple[Shared, Code, Place]]:
    """Yield the objects of the project of which a startup function surely calls a method."""
    for statement in _surely(code.node.body):
        value = statement.value if isinstance(statement, (s.Do, s.Assign)) else None
        if isinstance(value, s.Yield):
            return
        name = _name_called(value)
        used = code.uses.get(".".join(name))
        if isinstance(used, Code) and isinstance(used.node, s.Function) and depth < _DEPTH:
            yield from _started(used, depth + 1)
        owner = code.uses.get(name[0]) if len(name) == 2 else None
        method = method_of(owner, name[1]) if isinstance(owner, Shared) else None
        if isinstance(owner, Shared) and method is not None:
            yield owner, method, Place(code.path, statement.span)


def _attributes_set(owner: Shared, method: Code, place: Place) -> Iterator[StartupState]:
    """Yield the attributes that a method sets and that are None in a new object."""
    made = method_of(owner, "__init__")
    unset = {target for target, value in _assigned(made) if _is_none(value)}
    body = owner.code.node.body if owner.code is not None else ()
    unset |= {
        target.parts[0]
        for one in body
        if isinstance(one, s.Assign) and one.value is not None and _is_none(one.value)
        for target in one.targets
        if isinstance(target, s.Ref)
    }
    for target, value in _assigned(method):
        if target in unset and not _is_none(value):
            yield StartupState("attribute", f"{owner.name}.{target}", place, owner.key)


def _assigned(method: Code | None) -> Iterator[tuple[str, s.Expr]]:
    """Yield the attributes that a method surely assigns, and their values."""
    node = method.node if method is not None else None
    if not isinstance(node, s.Function) or not node.params:
        return
    for statement in _surely(node.body):
        if isinstance(statement, s.Assign) and statement.value is not None:
            for target in statement.targets:
                if isinstance(target, s.Ref) and target.parts[:-1] == (node.params[0].name,):
                    yield target.parts[-1], statement.value


def _is_none(value: s.Expr) -> bool:
    return isinstance(value, s.Const) and value.value is None


def _is_unset(code: Code, name: str) -> bool:
    used = code.uses.get(name)
    return isinstance(used, Shared) and used.kind == "None"


def _item_set(code: Code, item: s.Item, place: Place) -> Iterator[StartupState]:
    """Yield the item with a literal key that is set in a dict that is empty at import."""
    parts = item.value.parts if isinstance(item.value, s.Ref) else ()
    owner = code.uses.get(".".join(parts))
    if isinstance(owner, Shared) and owner.kind == "dict" and owner.is_empty:
        name = written_item(owner, item)
        if name:
            yield StartupState("item", name, place, owner.key)


def _name_called(value: s.Expr | None) -> tuple[str, ...]:
    """Return the dotted name of what is called, awaited or not; () if nothing is."""
    value = value.value if isinstance(value, s.Await) else value
    func = value.func if isinstance(value, s.Call) else None
    return func.parts if isinstance(func, s.Ref) else ()


def _connected(code: Code, statement: s.Stmt) -> Iterator[tuple[Shared, Span]]:
    """Yield the libraries' objects that are entered, or whose ``connect`` is awaited."""
    names: list[tuple[tuple[str, ...], Span]] = []
    if isinstance(statement, s.With) and statement.is_async:
        entered = [item.value for item in statement.items if isinstance(item.value, s.Ref)]
        names = [(value.parts, value.span) for value in entered]
    elif isinstance(statement, (s.Do, s.Assign)) and isinstance(statement.value, s.Await):
        name = _name_called(statement.value)
        names = [(name[:-1], statement.span)] if name[-1:] and name[-1] in _CONNECTS else []
    for name, span in names:
        used = code.uses.get(".".join(name))
        if isinstance(used, Shared) and "." in used.kind:
            yield used, span


def _may_set_attribute(text: bytes, name: bytes) -> bool:
    """Return whether a text may assign an attribute anything but None, or patch it."""
    word = re.escape(name)
    assigned = rb"\.%b\s*(:[^=\n]*)?=(?!=)(?!\s*None\b)" % word
    return bool(re.search(rb"%b|[\"'][\w.]*\b%b[\"']" % (assigned, word), text))


def _surely(body: s.Block) -> Iterator[s.Stmt]:
    """Yield the statements that run unconditionally, up to the first way out."""
    for statement in body:
        if isinstance(statement, (s.With, s.Try)):
            yield statement
            yield from _surely(statement.body)
        elif isinstance(statement, (s.Branch, s.Loop)):
            if any(isinstance(one, s.Return) for one in statements((statement,))):
                return
        elif isinstance(statement, (s.Function, s.Class)):
            continue
        elif isinstance(statement, (s.Return, s.Raise)):
            return
        else:
            yield statement


class _Rest:
    """The text of files without the functions that run at startup, to search in it."""

    def __init__(self, program: Program, starts: list[Code]) -> None:
        self._program = program
        self._starts = starts
        self._texts: dict[str, bytes] = {}

    def text(self, path: str, *searched: str) -> bytes:
        """Return that of a file, in which these words are searched."""
        whole = self._program.text(path, *searched)
        if path not in self._texts:
            lines = whole.split(b"\n")
            for code in self._starts:
                if code.path == path:
                    span = code.node.span
                    lines[span.line - 1 : span.end_line] = [b""] * (span.end_line - span.line + 1)
            self._texts[path] = b"\n".join(lines)
        return self._texts[path]


def _may_set(text: bytes, name: bytes) -> bool:
    """Return whether a text may assign, patch or delete an attribute of this name.

    The name alone, as a string, may be a key of a message: it counts beside what takes names.
    """
    word = re.escape(name)
    owner = rb"(?:[\w.]*\.)%b" % (b"?" if _TAKES_NAMES.search(text) else b"")
    quoted = rb"[\"']%b%b[\"']" % (owner, word)
    return bool(re.search(rb"\.%b\s*(:[^=\n]*)?=(?!=)|%b" % (word, quoted), text))


def _may_connect(text: bytes, name: bytes) -> bool:
    """Return whether a text may connect an object, replace it or enter it."""
    word = re.escape(name)
    calls = b"|".join(sorted(one.encode() for one in _CONNECTS))
    pattern = rb"\b%b\.(?:%b)\(|[\"'][\w.]*\b%b[\"']|with %b\s*[:,]" % (word, calls, word, word)
    return bool(re.search(pattern, text))


def _may_fill(text: bytes, name: bytes) -> bool:
    """Return whether a text may fill a dict, replace it or pass it on; not where it is made."""
    word = re.escape(name)
    item = rb"\[[^\]\n]*\]\s*=(?!=)"
    calls = rb"\.(?:update|setdefault|__setitem__)\b"
    other = rb"\s*(?::[^=\n]*)?\|?=(?!=)(?!\s*(?:\{\}|dict\(\))\s*(?:#|$))"
    given = rb"[(,]\s*(?:\w+\.)*%b\s*[,)]|[\"'][\w.]*\b%b[\"']" % (word, word)
    return bool(re.search(rb"\b%b(?:%b|%b|%b)|%b" % (word, item, calls, other, given), text, re.M))


_MAY_SET: dict[str, Callable[[bytes, bytes], bool]] = {
    "object": _may_connect,
    "attribute": _may_set_attribute,
    "item": _may_fill,
}
