"""An async test or `setUp` in a class that never awaits it.

## What it does
Reports an `async def` test of a plain `unittest.TestCase`, and a setUp or tearDown that is a
coroutine which nothing drives: `async def setUp` in any test case, `asyncSetUp` in one of Django's.
The test, or the setUp, opens a socket or uses a communicator or an override. Methods that another
method calls are not reported, nor are classes with a base class or decorator that wslint cannot
follow.

## Why is this bad?
unittest calls the method, gets a coroutine and drops it. The test passes whatever the application
does; after a setUp that never ran, the test finds nothing set up. Python only warns.

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
Unsafe: the tests now run, and may fail. Tests that use Django's database need
`django.test.TestCase` instead. There is no fix for a setUp that is a coroutine: what it connects
has to belong to the test's own event loop.

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
from wslint.rules.shared.code import dotted
from wslint.timeline.model import NeverRuns, Timeline

RULE = Rule.of(__name__, __doc__, status="stable", fixable="sometimes", never_runs=True)

_ISOLATED = Symbol("unittest.IsolatedAsyncioTestCase", module="unittest")


@RULE.checks
def coroutine_is_dropped(timeline: Timeline) -> Iterator[Finding]:
    """Report the coroutine."""
    reason = timeline.never_runs
    if reason is None or reason.function is None:
        return
    name = reason.function.name
    if reason.kind == "setup":
        message = f"{name} is a coroutine that nothing awaits, so it never runs"
        advice = "do it at the beginning of the test, in the test's own event loop"
    else:
        message = f"{name} is a coroutine that unittest never awaits, so it always passes"
        advice = "derive the class from unittest.IsolatedAsyncioTestCase or django.test.TestCase"
    yield RULE.finding(reason.place, message, advice, fix=_fix(timeline, reason))


def _fix(timeline: Timeline, reason: NeverRuns) -> Fix | str:
    owner = timeline.test.owner
    if reason.kind == "setup":
        return "what it connects would belong to a different event loop than the test"
    if owner is None or all(one is not reason.function for one in owner.body):
        return "the class inherits the test"
    own = [base for base in owner.bases if dotted(base)[-1:] == ("TestCase",)]
    if len(own) != 1:
        return "the class inherits TestCase through another class"
    action = ReplaceExpression(reason.place.path, own[0].span, Code("{a}", (_ISOLATED,)))
    title = "let unittest drive the coroutines of the class"
    return Fix("unsafe", title, (action,), reveals=(timeline.test.qualname,))
