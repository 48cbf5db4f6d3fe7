"""An async test or `setUp` in a class that never awaits it.

## What it does
Reports an `async def` test of a plain `unittest.TestCase`, and a setUp or tearDown that is a
coroutine where nothing drives it: `async def setUp` in any test case, `asyncSetUp` in one of
Django's. Only where the test, or the setUp, opens a socket or uses a communicator or an override;
silent where another method calls it, and where a base class or a decorator of the class isn't read.

## Why is this bad?
unittest calls the method, gets a coroutine and drops it. The test passes, whatever the application
does; of a setUp the test finds nothing done. Python only warns.

## Example
```python
class ChatTests(unittest.TestCase):
    async def test_join(self):
        communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
        connected, _ = await communicator.connect()
        self.assertTrue(connected)
        await communicator.disconnect()
```

## Use instead
```python
class ChatTests(unittest.IsolatedAsyncioTestCase):
    async def test_join(self):
        communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
        connected, _ = await communicator.connect()
        self.assertTrue(connected)
        await communicator.disconnect()
```

## Fix safety
Unsafe: the tests run now, and may fail. Tests that use Django's database want
`django.test.TestCase` instead. A setUp that is a coroutine has no fix: what it connects belongs to
the loop of the test.

## Evidence
pytest 9.2 with Channels 3.0.5, 4.1.0 and 4.3.2: the tests pass with a consumer that refuses
every connection; with the fix they fail. After a setUp that never ran: AttributeError.

## See also
- https://docs.python.org/3/library/unittest.html#unittest.IsolatedAsyncioTestCase:
  a class that drives coroutines
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression, Symbol
from wslint.findings.finding import Finding, Fix
from wslint.rules.rule import Rule
from wslint.syntax import nodes as s
from wslint.timeline.model import NeverRuns, Timeline

RULE = Rule.of(__name__, __doc__, status="stable", fixable="sometimes", never_runs=True)

_ISOLATED = Symbol("unittest.IsolatedAsyncioTestCase", module="unittest")


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report the coroutine."""
    idle = timeline.never_runs
    if idle is None or idle.function is None:
        return
    name = idle.function.name
    if idle.kind == "setup":
        message = f"{name} is a coroutine, which nothing drives here: what it does is never done"
        advice = "do it at the beginning of the test, in the test's own event loop"
    else:
        message = f"{name} is a coroutine, which unittest.TestCase drops: the test always passes"
        advice = "derive the class from unittest.IsolatedAsyncioTestCase or django.test.TestCase"
    yield RULE.finding(
        idle.place,
        message,
        advice,
        fix=_fix(timeline, idle),
    )


def _fix(timeline: Timeline, idle: NeverRuns) -> Fix | str:
    owner = timeline.test.owner
    if idle.kind == "setup":
        return "what it connects would belong to another event loop than the test's"
    bases = [base for base in owner.bases if isinstance(base, s.Ref)] if owner else []
    own = [base for base in bases if base.parts[-1] == "TestCase"]
    if len(own) != 1 or timeline.test.path != idle.place.path:
        return "the class gets its TestCase from another class"
    action = ReplaceExpression(idle.place.path, own[0].span, Code("{a}", (_ISOLATED,)))
    title = "let unittest drive the coroutines of the class"
    return Fix("unsafe", title, (action,), reveals=(timeline.test.qualname,))
