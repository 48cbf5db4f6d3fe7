"""What the rules about applications share: which handler a test reaches, and what surely runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wslint.syntax import nodes as s
from wslint.timeline.application_model import Application, Code, Handler

_DEPTH = 3
_CATCHES = frozenset(("AttributeError", "KeyError", "Exception", "BaseException"))


def reached(app: Application, kind: str, url: str | None, method: str = "") -> list[Handler]:
    """Give the handler that answers a url; where it isn't known, every one that may."""
    handlers = [
        handler
        for handler in app.handlers
        if handler.kind == kind and (not method or handler.method in ("", method))
    ]
    if url is None:
        return handlers
    for handler in handlers:
        if handler.route is None:
            return []
        if _matches(handler.route, url):
            return [handler]
    return []


def _matches(route: str, url: str) -> bool:
    path = re.sub(r"^\w+://[^/]*", "", url).partition("?")[0]
    parts = re.split(r"\{\w+(:\w+)?\}", route)
    kinds = [kind or "" for kind in parts[1::2]]
    pattern = re.escape(parts[0])
    for kind, text in zip(kinds, parts[2::2], strict=True):
        pattern += (".*" if kind == ":path" else "[^/]+") + re.escape(text)
    return re.fullmatch(pattern, path) is not None


def sure_refs(
    code: Code, *, receives: bool, overridden: bool = False, depth: int = 0
) -> Iterator[tuple[s.Ref, Code]]:
    """Give the dotted names that a handler surely reads, with the code that reads each.

    Without ``receives`` only what runs before it waits for a message for the first time; where
    dependencies are ``overridden``, nothing that they read.
    """
    if not isinstance(code.node, s.Function):
        return
    if depth == 0 and not overridden:
        for name in _dependencies(code.node):
            used = code.uses.get(name)
            if isinstance(used, Code):
                yield from sure_refs(used, receives=True, depth=1)
    for expr in evaluated(code.node.body):
        for ref, is_called in names_read(expr):
            if not receives and ref.parts[-1].startswith(("receive", "iter_")):
                return
            yield ref, code
            used = code.uses.get(".".join(ref.parts)) if is_called else None
            if isinstance(used, Code) and depth < _DEPTH:
                yield from sure_refs(used, receives=receives, depth=depth + 1)


def _dependencies(function: s.Function) -> Iterator[str]:
    """Give the names of what FastAPI calls before a handler."""
    todo: list[object] = [(param.default, param.annotation) for param in function.params]
    while todo:
        node = todo.pop()
        if isinstance(node, s.Call) and isinstance(node.func, s.Ref):
            given = node.args[0].value if node.args else None
            if node.func.parts[-1] in ("Depends", "Security") and isinstance(given, s.Ref):
                yield given.parts[0]
        if isinstance(node, tuple):
            todo += node
        else:
            todo += [getattr(node, n) for n in getattr(node, "__dataclass_fields__", ())]


def evaluated(body: s.Block) -> list[s.Expr]:
    """List the expressions that a body surely evaluates."""
    found: list[s.Expr] = []
    _run(body, found)
    return found


def _run(body: s.Block, found: list[s.Expr]) -> bool:
    """Collect what is surely evaluated; False where control may not reach the end."""
    for statement in body:
        if isinstance(statement, s.With):
            found += [item.value for item in statement.items]
            goes_on = _run(statement.body, found)
        elif isinstance(statement, s.Try):
            if any(_catches(handler) for handler in statement.handlers):
                return False
            goes_on = _run(statement.body, found) and _run(statement.orelse, found)
        elif isinstance(statement, s.Branch):
            found.append(statement.test)
            goes_on = not any(leaves(arm) for arm in statement.arms)
        elif isinstance(statement, s.Loop):
            found.append(statement.head)
            endless = isinstance(statement.head, s.Const) and bool(statement.head.value)
            if statement.target is None and endless:
                _run(statement.body, found)
                return False
            goes_on = not leaves(statement.body)
        else:
            goes_on = not isinstance(statement, (s.Return, s.Raise, s.Jump))
            value = getattr(statement, "test", None) or getattr(statement, "value", None)
            if value is not None:
                found.append(value)
        if not goes_on:
            return False
    return True


def leaves(body: s.Block) -> bool:
    """Tell whether a block has a way out of the code around it."""
    for statement in body:
        if isinstance(statement, (s.Return, s.Raise, s.Jump)):
            return True
        if isinstance(statement, (s.Function, s.Class)):
            continue
        inner = [getattr(statement, name, ()) for name in ("body", "orelse", "final")]
        inner += getattr(statement, "arms", ())
        inner += [handler.body for handler in getattr(statement, "handlers", ())]
        if any(leaves(block) for block in inner):
            return True
    return False


def _catches(handler: s.Handler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.items if isinstance(handler.type, s.Seq) else (handler.type,)
    return any(isinstance(t, s.Ref) and t.parts[-1] in _CATCHES for t in types)


def names_read(node: object, called: bool = False) -> Iterator[tuple[s.Ref, bool]]:
    """Give the names that evaluating an expression surely reads, and whether each is called."""
    if isinstance(node, s.Ref):
        yield node, called
    elif isinstance(node, s.Call):
        for arg in node.args:
            yield from names_read(arg.value)
        yield from names_read(node.func, True)
    elif isinstance(node, s.Op) and node.kind in ("and", "or", "if"):
        yield from names_read(node.operands[0])
    elif isinstance(node, s.Comp):
        yield from names_read(node.loops[0].iterable)
    elif isinstance(node, s.Lambda):
        return
    elif isinstance(node, tuple):
        for item in node:
            yield from names_read(item)
    else:
        for name in getattr(node, "__dataclass_fields__", ()):
            yield from names_read(getattr(node, name))
