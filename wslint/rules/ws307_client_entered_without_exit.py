"""A client is entered by hand and never exited.

## What it does
Reports `client.__enter__()` in a test that opens a websocket, or in its setUp or fixtures, where no
way through the test leaves the client: no `__exit__`, no cleanup, no stack.

## Why is this bad?
The application is never shut down: its lifespan stops in the middle, what it has opened stays open,
and the thread of its event loop stays for the rest of the run. What goes wrong at shutdown is never
seen.

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
Safe in `setUp` and `setUpClass`: a cleanup leaves the client, as `__exit__` in tearDown would.

## Evidence
Starlette 0.20.4 to 1.10.0: the part of the lifespan behind its `yield` never runs.

## See also
- https://docs.python.org/3/library/unittest.html#unittest.TestCase.enterContext: enterContext
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, InsertStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.syntax import nodes as s
from wslint.timeline.model import Scope, Timeline

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("starlette", "fastapi")
)

_CLEANUPS = {"setUp": "addCleanup", "setUpClass": "addClassCleanup", "asyncSetUp": "addCleanup"}


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each client that is entered by hand and surely never left."""
    path = timeline.test.path
    if not timeline.scopes_of("Socket"):
        return
    for scope in timeline.scopes_of("Client"):
        client = timeline.resources[scope.subject]
        if not scope.by_hand or scope.closings or client.escaped or client.members:
            continue
        if scope.function is None:
            # not all of a module's top is read, so it may well be left there
            continue
        if any(lane.kind == "background" for lane in timeline.lanes):
            continue
        yield RULE.finding(
            scope.origin.near(path),
            "this client is entered and never left: the application is never shut down, and its "
            "event loop runs on in a thread",
            "let a `with` enter it, `enterContext` in setUp, or add a cleanup that leaves it",
            labels=[Label(client.origin.near(path), "the client is made here")],
            fix=_fix(timeline, scope),
            cause=f"entered {scope.origin.place}",
        )


def _fix(timeline: Timeline, scope: Scope) -> Fix | str:
    function, statement = scope.function, scope.statement
    if timeline.test.kind != "method" or function is None or function.name not in _CLEANUPS:
        return "nothing here leaves what is entered by hand; use a with, or a fixture with a with"
    call = statement.value if isinstance(statement, (s.Do, s.Assign)) else None
    func = call.func if isinstance(call, s.Call) else None
    entered = call is not None and call.span == scope.origin.place.span
    if not isinstance(func, s.Ref) or statement is None or not entered:
        return "the client is made and entered in one expression"
    owner = function.params[0].name if function.params else "self"
    name = ".".join(func.parts[:-1])
    code = Code(f"{owner}.{_CLEANUPS[function.name]}({name}.__exit__, None, None, None)")
    action = InsertStatement(scope.origin.place.path, statement.span, code)
    return Fix("safe", "leave the client when the test is over", (action,))
