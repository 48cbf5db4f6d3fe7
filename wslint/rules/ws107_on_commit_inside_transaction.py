"""A message is sent by `transaction.on_commit`, and the test's transaction never commits.

## What it does
Reports a receive of a communicator in a test inside a transaction (Django's `TestCase`, or a sync
test with `django_db`), if what the test has called before sends its message in
`transaction.on_commit`. Signal receivers of the saved model are followed.

## Why is this bad?
The test's transaction is rolled back at its end, so the function never runs and the message never
comes: TimeoutError at the receive.

## Example
```python
def plant(kind):
    tree = Tree.objects.create(kind=kind)
    transaction.on_commit(lambda: announce(tree))


class TreeTests(TestCase):
    async def test_planting_is_announced(self):
        communicator = WebsocketCommunicator(TreeConsumer.as_asgi(), "/trees/")
        connected, _ = await communicator.connect()
        self.assertTrue(connected)
        await sync_to_async(plant)("pear")
        self.assertEqual(await communicator.receive_json_from(), {"planted": "pear"})
```

## Use instead
```python
class TreeTests(TransactionTestCase):
    async def test_planting_is_announced(self): ...
```

## Fix safety
Unsafe: the tables are flushed after each test of the class, which is slower. A class with a
`setUpTestData` is left as it is, since a TransactionTestCase does not call it.

## Evidence
Django 5 and 6 with Channels 4.3.2: TimeoutError in a TestCase, the message in a
TransactionTestCase.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression, Symbol
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import dotted
from wslint.rules.shared.database import FLUSH_TITLE, flush_tables
from wslint.syntax.search import mentions
from wslint.timeline.model import Event, Timeline
from wslint.timeline.query import background_of, follows, is_failure_expected
from wslint.vocabulary import RECEIVES

RULE = Rule.of(__name__, __doc__, status="preview", fixable="sometimes", concerns=("channels",))

_TRANSACTIONAL = Symbol("django.test.TransactionTestCase", "django.test", "TransactionTestCase")


@RULE.checks
def message_never_comes(timeline: Timeline) -> Iterator[Finding]:
    """Report the first such receive."""
    test, path = timeline.test, timeline.test.path
    # pytest's async tests query on a connection of another thread, which commits at once
    if test.database != "transaction" or (test.is_async and not test.django):
        return
    waiting = [event for event in timeline.events_of("OnCommit") if event.sends]
    for receive in timeline.events_of("Communicator"):
        if receive.name not in RECEIVES or is_failure_expected(timeline, receive.at) is not False:
            continue
        earlier = [event for event in waiting if follows(timeline, receive.at, event.at)]
        if not earlier or _came_before(timeline, earlier[-1], receive):
            continue
        yield RULE.finding(
            receive.origin.nearest_place(path),
            "the message waits for a commit, and the test's transaction never commits",
            "use a TransactionTestCase, or `django_db(transaction=True)`",
            labels=[
                Label(earlier[-1].origin.seen_from(path), "this leads to the message"),
                Label(earlier[-1].origin.place, "it is sent after the commit"),
            ],
            fix=_fix(timeline),
            cause=f"commit {earlier[-1].origin.place}",
        )
        return


def _came_before(timeline: Timeline, waiting: Event, receive: Event) -> bool:
    """Return whether something else may have sent the message that is received."""
    sent = [e for e in timeline.events_of("Communicator") if e.name.startswith("send")]
    sent += [e for e in timeline.events_of("Layer") if background_of(timeline, e.at.lane) is None]
    return any(waiting.at.index < event.at.index < receive.at.index for event in sent)


def _fix(timeline: Timeline) -> Fix | str:
    test = timeline.test
    if test.owner is not None and test.django:
        bases = [base for base in test.owner.bases if dotted(base)[-1:] == ("TestCase",)]
        if len(bases) != 1:
            return "the class has its transaction from a base in another place"
        if test.class_data:
            return "only a TestCase calls `setUpTestData`"
        if any(event.hook == "setUpClass" for event in timeline.events_of("Orm")):
            return "the rows of `setUpClass` would be gone after the first test"
        if mentions(test.owner.body, {"captureOnCommitCallbacks"}):
            return "only a TestCase has `captureOnCommitCallbacks`"
        action = ReplaceExpression(test.path, bases[0].span, Code("{a}", (_TRANSACTIONAL,)))
        return Fix("unsafe", FLUSH_TITLE, (action,))
    return flush_tables(test)
