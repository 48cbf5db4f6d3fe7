"""A name is replaced in a module where the websocket's handler does not look it up.

## What it does
Reports a name at the top of a module that a test replaces, with `monkeypatch.setattr`, `mock.patch`
or an assignment, if the handler of a websocket that the test opens uses what the name stood for,
and the handler's module has imported it by name (`from shared import manager`). It is not reported
if any code of the application may look the name up in the module where it is replaced.

## Why is this bad?
`from shared import manager` binds the object to a name of the handler's own module, once, when that
module is imported. The replacement changes the name in `shared` alone: the handler still uses the
real object. A test that then sends with the other one waits for ever; one that means to keep the
real service out calls it all the same.

## Example
```python
@pytest.fixture
def manager(monkeypatch):
    manager = Manager()
    monkeypatch.setattr("shared.manager", manager)  # sockets.py: from shared import manager
    return manager


def test_broadcast(client, manager):
    with client.websocket_connect("/news") as websocket:
        asyncio.run(manager.broadcast("hello"))
        assert websocket.receive_text() == "hello"
```

## Use instead
```python
@pytest.fixture
def manager(monkeypatch):
    manager = Manager()
    monkeypatch.setattr("sockets.manager", manager)
    return manager
```

## Fix safety
The fix is unsafe: with the replacement in place, the test runs other code than before. It gives
the patch the name that the handler's module uses, or overrides the dependency of FastAPI. A name
that is assigned by hand is left, as it is also restored by hand.

## Evidence
Starlette 1.10.0: the receive hangs; with the name replaced in the handler's module, it passes.

## See also
- https://docs.python.org/3/library/unittest.mock.html#where-to-patch
- https://github.com/frankbria/codeframe/issues/146: 30 tests that hang
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import (
    Action,
    RemoveArgument,
    ReplaceExpression,
    ReplaceStatement,
)
from wslint.findings.actions import Code as NewCode
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import callee, dotted
from wslint.rules.shared.fixes import symbol_of
from wslint.rules.shared.handlers import only_handler
from wslint.syntax import nodes as s
from wslint.timeline.application_model import Application, Code, Handler, Replacement
from wslint.timeline.model import Timeline

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("starlette", "fastapi")
)

_BY_HAND = "it is assigned by hand, and so it is restored by hand"
_SETATTR = ("setattr",)
_OBJECT = ("object",)
_OVERRIDE = "override the dependency: `app.dependency_overrides[name] = …`"


@RULE.checks
def replaced_elsewhere(timeline: Timeline) -> Iterator[Finding]:
    """Report each such replacement once."""
    path = timeline.test.path
    for socket in timeline.scopes_of("Socket"):
        app, handler = timeline.application_of(socket), only_handler(timeline, socket)
        if app is None or handler is None:
            continue
        for one in app.replaced:
            user = _user(handler, one)
            if user is not None:
                depends = _depends_on(user, one)
                yield RULE.finding(
                    one.place,
                    f"`{one.name}` is replaced where the handler does not look it up",
                    _OVERRIDE if depends else "replace the name in the module that uses it",
                    labels=[
                        Label(socket.origin.nearest_place(path), "the websocket is opened here"),
                        Label(
                            Place(user.path, user.node.name_span),
                            f"this uses the `{one.name}` that its module has imported",
                        ),
                    ],
                    fix=_overridden(app, one) if depends else _patched_there(one),
                    cause=f"replacement {one.place}",
                )


def _depends_on(user: Code, one: Replacement) -> bool:
    """Return whether FastAPI calls what is replaced: it keeps the function, and asks no module."""
    return any(depends is not None and one.is_of(depends) for depends in user.depends.values())


def _patched_there(one: Replacement) -> Fix | str:
    """Return the fix that gives a patch the name in the module that looks it up."""
    call = one.call
    if call is None:
        return _BY_HAND
    if len(one.targets) != 1 or not one.targets[0]:
        return f"`{one.name}` is not looked up in exactly one module that can be named"
    path, target = one.place.path, NewCode(f'"{one.targets[0]}"')
    actions: tuple[Action, ...] = (ReplaceExpression(path, call.args[0].value.span, target),)
    if not _text(call.args[0]):
        method = callee(call)[-1:]
        if len(call.args) < 2 or not _text(call.args[1]) or method not in (_SETATTR, _OBJECT):
            return "what is replaced is not written as a name here"
        actions += (RemoveArgument(path, call.span, "", 1),)
        if method == _OBJECT:
            patch = NewCode(".".join(callee(call)[:-1]))
            actions += (ReplaceExpression(path, call.func.span, patch),)
    return Fix("unsafe", f"replace `{one.targets[0]}`", actions)


def _overridden(app: Application, one: Replacement) -> Fix | str:
    """Return the fix that overrides a dependency of FastAPI in place of a name."""
    name, call = app.names.get(app.place, ""), one.call
    if call is None:
        return _BY_HAND
    given, new = [arg.value for arg in call.args[:-1]], call.args[-1].value
    if callee(call)[-1:] != _SETATTR or not given or not name:
        return "it is not known how the application is called here"
    if not isinstance(new, s.Ref) and not (isinstance(new, s.Lambda) and not new.params):
        return "the replacement may take arguments that FastAPI does not have"
    symbols, function = [symbol_of(name)], ".".join((*dotted(given[0]), one.name))
    if _text(call.args[0]):
        symbols.append(symbol_of(_text(call.args[0])))
        function = "{b}"
    fixture = ".".join(callee(call)[:-1])
    code = f"{fixture}.setitem({{a}}.dependency_overrides, {function}, {{0}})"
    action = ReplaceStatement(one.place.path, call.span, NewCode(code, tuple(symbols)), new.span)
    return Fix("unsafe", f"override the dependency `{one.name}`", (action,))


def _text(arg: s.Arg) -> str:
    """Return the text that an argument is by position, "" for any other."""
    value = arg.value.value if isinstance(arg.value, s.Const) else None
    return value if isinstance(value, str) and not arg.keyword and not arg.star else ""


def _user(handler: Handler, one: Replacement) -> Code | None:
    """Return the code of a handler that uses what is replaced, by a name of its own module."""
    for code in handler.code.reached():
        if any("." not in name and one.is_of(used) for name, used in code.uses.items()):
            return code
    return None
