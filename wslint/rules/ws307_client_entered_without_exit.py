"""A client is entered by hand and never exited.

## What it does
Reports `client.__enter__()` in a test that opens a websocket, or in its setUp or fixtures, if no
path through the test exits the client: no `__exit__`, no cleanup, no exit stack.

## Why is this bad?
The application is never shut down: its lifespan stops halfway, what it opened stays open, and the
thread of its event loop lives on for the rest of the run. Errors at shutdown are never seen.

## Example
```python
class ChatTests(unittest.TestCase):
    def setUp(self):
        self.client = TestClient(app)
        self.client.__enter__()
```

## Use instead
```python
class ChatTests(unittest.TestCase):
    def setUp(self):
        self.client = self.enterContext(TestClient(app))
```

## Fix safety
Safe in `setUp` and `setUpClass`: a cleanup exits the client, as `__exit__` in tearDown would.

## Evidence
Starlette 0.20.4 to 1.10.0: the part of the lifespan after its `yield` never runs.

## See also
- https://docs.python.org/3/library/unittest.html#unittest.TestCase.enterContext: enterContext
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, InsertStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import dotted
from wslint.rules.shared.fixes import self_name
from wslint.syntax import nodes as s
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.query import subject_of

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("starlette", "fastapi")
)

_CLEANUPS = {"setUp": "addCleanup", "setUpClass": "addClassCleanup", "asyncSetUp": "addCleanup"}


@RULE.checks
def entered_without_exit(timeline: Timeline) -> Iterator[Finding]:
    """Report each client that is entered by hand and surely never exited."""
    path = timeline.test.path
    if not timeline.scopes_of("Socket") or any(
        lane.kind == "background" for lane in timeline.lanes
    ):
        return
    for scope in timeline.scopes_of("Client"):
        client = subject_of(timeline, scope)
        if not scope.by_hand or scope.closings or client.escaped or client.members:
            continue
        if scope.function is None:
            continue  # not all module-level code is read, so it may well be exited there
        yield RULE.finding(
            scope.origin.nearest_place(path),
            "this client is entered and never exited, so the application is never shut down",
            "enter it in a `with`, or with `enterContext` in setUp, or add a cleanup that exits it",
            labels=[Label(client.origin.nearest_place(path), "the client is created here")],
            fix=_fix(timeline, scope),
            cause=f"entered {scope.origin.place}",
        )


def _fix(timeline: Timeline, scope: Scope) -> Fix | str:
    function, statement, place = scope.function, scope.statement, scope.origin.place
    if timeline.test.kind != "method" or function is None or function.name not in _CLEANUPS:
        return "nothing here can exit the client; use a `with`, or a fixture with a `with`"
    call = statement.value if isinstance(statement, (s.Do, s.Assign)) else None
    func = dotted(call.func) if isinstance(call, s.Call) and call.span == place.span else ()
    if statement is None or not func:
        return "the client is created and entered in one expression"
    cleanup, name = _CLEANUPS[function.name], ".".join(func[:-1])
    code = Code(f"{self_name(function)}.{cleanup}({name}.__exit__, None, None, None)")
    action = InsertStatement(place.path, statement.span, code)
    return Fix("safe", "exit the client when the test is over", (action,))
