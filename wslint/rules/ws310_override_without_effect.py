"""A dependency is overridden that the application never asks for.

## What it does
Reports `app.dependency_overrides[function] = …` in a test that opens a websocket of that
application, in two cases:

- no `Depends` in the files of the application names the function;
- the websocket's handler is in a mounted application, which has overrides of its own.

## Why is this bad?
FastAPI looks overrides up by the function that a `Depends` of the same application names. Another
one changes nothing: the test runs the real code, and passes or fails with it.

## Example
```python
@app.websocket("/prices/{item}")
async def prices(websocket: WebSocket, item: str):
    await websocket.accept()
    await websocket.send_json({"price": price_of(item)})


def test_price(client):
    app.dependency_overrides[price_of] = lambda item: 99
    with client.websocket_connect("/prices/tea") as websocket:
        assert websocket.receive_json() == {"price": 99}
```

## Use instead
```python
def test_price(client, monkeypatch):
    monkeypatch.setattr("shop.app.price_of", lambda item: 99)
    with client.websocket_connect("/prices/tea") as websocket:
        assert websocket.receive_json() == {"price": 99}
```

## Fix safety
The fix is unsafe: with the other function in place, the test runs other code than before. It
replaces the name in the one module that looks it up, with `monkeypatch`, or overrides the
dependency in the mounted application. A name that several modules look up, or none, is left.

## Evidence
FastAPI 0.115 and later with Starlette 1.10.0: the real function runs; with `monkeypatch.setattr`,
or with the override on the mounted application, the other one.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import (
    Action,
    AddParameter,
    ReplaceExpression,
    ReplaceStatement,
    Symbol,
)
from wslint.findings.actions import Code as NewCode
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import call_in, callee, is_decorated, keyword_of
from wslint.rules.shared.fixes import self_name, symbol_of
from wslint.rules.shared.handlers import only_handler
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, statements
from wslint.timeline.application_model import Application, Code, DependencyOverride, Handler
from wslint.timeline.model import Step, Timeline

RULE = Rule.of(__name__, __doc__, status="preview", fixable="sometimes", concerns=("fastapi",))

_MONKEYPATCH = Symbol("pytest.MonkeyPatch", module="pytest")
_PATCH = Symbol("unittest.mock.patch", module="unittest", name="mock")


@RULE.checks
def override_changes_nothing(timeline: Timeline) -> Iterator[Finding]:
    """Report each such override once."""
    path = timeline.test.path
    for socket in timeline.scopes_of("Socket"):
        app, handler = timeline.application_of(socket), only_handler(timeline, socket)
        if app is None or handler is None:
            continue
        for override in app.overrides:
            if not override.asked_for:
                message = f"no `Depends` asks for `{override.name}`, so this override has no effect"
                advice = "replace the name that the handler uses, with `monkeypatch.setattr`"
                fix = _replaced_by_name(timeline, override)
            elif _is_elsewhere(override, handler):
                message = f"the mounted application does not see this override of `{override.name}`"
                advice = "set it in the `dependency_overrides` of the mounted application"
                fix = _overridden_there(override, app, handler)
            else:
                continue
            place = Place(handler.code.path, handler.code.node.name_span)
            yield RULE.finding(
                override.place,
                message,
                advice,
                labels=[
                    Label(socket.origin.nearest_place(path), "the websocket is opened here"),
                    Label(place, "its handler"),
                ],
                fix=fix,
                cause=f"override {override.place}",
            )


def _replaced_by_name(timeline: Timeline, override: DependencyOverride) -> Fix | str:
    """Return the fix that replaces the name in the module that looks it up."""
    if not override.targets:
        return f"no code of the application uses `{override.name}`"
    if len(override.targets) > 1 or not override.targets[0]:
        return f"`{override.name}` is not looked up in exactly one module that can be named"
    step, statement = override.step, override.step.statement
    value = _value_of(statement)
    if statement is None or value is None or _override_of(statement) is None:
        return "the statement does more than override this one"
    function = step.function
    me = _test_case(timeline, step)
    if me and function is not None and not mentions(function, {"patcher"}):
        patched = NewCode(
            f'patcher = {{a}}("{override.targets[0]}", {{0}})\n'
            f"patcher.start()\n{me}.addCleanup(patcher.stop)",
            (_PATCH,),
        )
        action = ReplaceStatement(step.path, statement.span, patched, value.span)
        return Fix("unsafe", f"replace `{override.targets[0]}`", (action,))
    if function is None or not _can_use_monkeypatch(timeline, step):
        return "pytest gives `monkeypatch` to tests and to fixtures of a test only"
    code = NewCode(f'monkeypatch.setattr("{override.targets[0]}", {{0}})')
    return Fix(
        "unsafe",
        f"replace `{override.targets[0]}`",
        (
            ReplaceStatement(step.path, statement.span, code, value.span),
            AddParameter(step.path, function.name_span, "monkeypatch", _MONKEYPATCH),
        ),
    )


def _overridden_there(
    override: DependencyOverride, application: Application, handler: Handler
) -> Fix | str:
    """Return the fix that sets the override in the application of the handler."""
    app = application.names.get(handler.app or application.place, "")
    owner = _override_of(override.step.statement)
    if owner is None or not app:
        return "what the mounted application is called is not known"
    step, symbols = override.step, (symbol_of(app),)
    if any(one.step.function is step.function and not _is_elsewhere(one, handler)
           for one in application.overrides):  # fmt: skip
        return "the outer application has other overrides there"
    # what takes the override back, too
    body: s.Block = (step.statement,) if step.statement is not None else ()
    if step.function is not None:
        body = step.function.body
    found = [ref for ref in refs(body) if ref.parts[: len(owner.parts)] == owner.parts]
    actions: list[Action] = []
    for ref in found:
        new = f"{{a}}.{'.'.join(ref.parts[len(owner.parts) - 1 :])}"
        assigned = _assigned_to(body, ref)
        if assigned is None:
            actions.append(ReplaceExpression(step.path, ref.span, NewCode(new, symbols)))
        else:
            code = NewCode(f"{new} = {{0}}", symbols)
            statement, value = assigned
            actions.append(ReplaceStatement(step.path, statement.span, code, value.span))
    return Fix("unsafe", f"override it in `{app}`", tuple(actions))


def _assigned_to(body: s.Block, target: s.Ref) -> tuple[s.Assign, s.Expr] | None:
    """Return the statement that assigns to just this target, and the value."""
    for one in statements(body):
        if isinstance(one, s.Assign) and len(one.targets) == 1 and one.targets[0] is target:
            return (one, one.value) if one.value is not None and not one.augmented else None
    return None


def _override_of(statement: s.Stmt | None) -> s.Ref | None:
    """Return `app.dependency_overrides` in the statement that sets or updates it."""
    target = statement.targets[0] if isinstance(statement, s.Assign) else None
    owner = target.value if isinstance(target, s.Item) else None
    func = callee(statement.value) if isinstance(statement, s.Do) else ()
    if func[-1:] == ("update",) and statement is not None:
        owner = s.Ref(func[:-1], statement.span)
    return owner if isinstance(owner, s.Ref) and owner.parts[-1] == "dependency_overrides" else None


def _value_of(statement: s.Stmt | None) -> s.Expr | None:
    """Return the other function in a statement that overrides one dependency."""
    if isinstance(statement, s.Assign):
        return statement.value if len(statement.targets) == 1 else None
    call = call_in(statement) if isinstance(statement, s.Do) else None
    given = call.args[0].value if call is not None and len(call.args) == 1 else None
    return given.items[0][1] if isinstance(given, s.Mapping) and len(given.items) == 1 else None


def _can_use_monkeypatch(timeline: Timeline, step: Step) -> bool:
    """Return whether pytest can give the function that is running its `monkeypatch`."""
    if step.frame == "test":
        return timeline.test.kind == "function"
    own = step.function.decorators if step.function is not None else ()
    fixtures = [one for one in own if callee(one)[-1:] == ("fixture",)]
    return any(keyword_of(one, "scope") is None for one in fixtures)


def _test_case(timeline: Timeline, step: Step) -> str:
    """Return the name of the test case in its `setUp` or test, "" elsewhere."""
    function = step.function
    is_own = step.frame in ("test", "setup") and timeline.test.kind == "method"
    if not is_own or function is None or is_decorated(function, "classmethod", "staticmethod"):
        return ""
    return self_name(function) if function.params else ""


def _is_elsewhere(override: DependencyOverride, handler: Handler) -> bool:
    """Return whether a handler of another application asks for the function."""
    return override.app != handler.app and override.name in _asked_for_by(handler)


def _asked_for_by(handler: Handler) -> set[str]:
    """Return the names of the functions that FastAPI calls for a handler and its routers."""
    before = [code for code in handler.before if code is not None]
    seen = set[int]()
    deeper = (_asked_for(code, seen) for code in (handler.code, *before))
    return {code.node.name for code in before}.union(*deeper)


def _asked_for(code: Code, seen: set[int]) -> set[str]:
    """Return the names of the functions that a handler depends on, and those on others."""
    if id(code) in seen or not isinstance(code.node, s.Function):
        return set()
    seen.add(id(code))
    names: set[str] = set()
    for used in code.depends.values():
        if used is not None:
            names |= {used.node.name} | _asked_for(used, seen)
    return names
