"""Django's sync test client is used in a coroutine, beside a communicator.

## What it does
Reports a request of `django.test.Client` (also `self.client` and the fixture `client`) in a
coroutine, if a communicator then receives what the view sends; and `login()`, `force_login()` or
`logout()` there. Not reported where it runs in a thread: `await sync_to_async(client.get)(…)`, or
where another message may wait: a greeting of the consumer, or its answer to the test.

## Why is this bad?
The view runs in the thread of the event loop. A view reaches a consumer with
`async_to_sync(channel_layer.group_send)(…)`, which raises RuntimeError in such a thread: "You
cannot use AsyncToSync in the same thread as an async event loop - just await the async function
directly." A login uses the database, which raises SynchronousOnlyOperation.

## Example
```python
async def test_news(communicator, client):
    client.post("/news/", {"text": "hello"})
    assert await communicator.receive_json_from() == {"text": "hello"}
```

## Use instead
```python
async def test_news(communicator, async_client):
    await async_client.post("/news/", {"text": "hello"})
    assert await communicator.receive_json_from() == {"text": "hello"}
```

## Fix safety
Unsafe: the call moves to a thread, `await sync_to_async(lambda: client.post(…))()`. That is the
least change; `django.test.AsyncClient` reads better.

## Evidence
Django 6.1.3, asgiref 3.13.0, Channels 4.3.2: the RuntimeError and the SynchronousOnlyOperation,
with pytest-asyncio and in an async method of a TestCase; with the fix both pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression, Symbol
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.consumers import own_methods
from wslint.syntax.search import mentions
from wslint.timeline.model import Consumer, Event, Scope, Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import follows, is_failure_expected, lane_outside_tasks, subject_of
from wslint.vocabulary import RECEIVES

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("channels", "django")
)

_SENDS = frozenset(("send", "send_json", "base_send", "group_send"))
_LOGINS = ("login", "force_login", "logout")
_SYNC_TO_ASYNC = Symbol("asgiref.sync.sync_to_async", "asgiref.sync", "sync_to_async")


@RULE.checks
def sync_client_in_coroutine(timeline: Timeline) -> Iterator[Finding]:
    """Report each such call."""
    path = timeline.test.path
    communicators = timeline.scopes_of("Communicator")
    for call in timeline.events_of("DjangoClient"):
        in_loop = lane_outside_tasks(timeline, call.at.lane).kind == "loop"
        if not communicators or not in_loop or is_failure_expected(timeline, call.at) is not False:
            continue
        if call.name in _LOGINS:
            if not timeline.environment.async_unsafe:
                message = f"`{call.name}()` of the sync client uses the database in a coroutine"
                yield _finding(timeline, call, message, [])
            continue
        receive = _receives_from_view(timeline, call)
        if receive is not None:
            message = "the view runs in the event loop, where it cannot send to a consumer"
            place = receive.origin.nearest_place(path)
            yield _finding(timeline, call, message, [Label(place, "what it sends is awaited here")])


def _finding(timeline: Timeline, call: Event, message: str, labels: list[Label]) -> Finding:
    return RULE.finding(
        call.origin.nearest_place(timeline.test.path),
        message,
        "use `django.test.AsyncClient`, or `await sync_to_async(client.get)(…)`",
        labels=labels,
        fix=_fix(call),
        cause=f"client {call.origin.place}",
    )


def _receives_from_view(timeline: Timeline, call: Event) -> Event | None:
    """Return the receive after a request that can get nothing but what the view sends."""
    open_now = {
        scope.subject
        for scope in timeline.scopes_of("Communicator")
        if is_open(timeline, scope, call.at) is True and not _may_wait(timeline, scope, call)
    }
    for event in timeline.events_of("Communicator"):
        if event.at.index < call.at.index or event.subject not in open_now:
            continue
        is_receive = event.name in RECEIVES
        return event if is_receive and follows(timeline, event.at, call.at) else None
    return None


def _may_wait(timeline: Timeline, scope: Scope, call: Event) -> bool:
    """Return whether a message may wait that is no view's: a greeting, an answer to the test."""
    greets = any(map(_greets, subject_of(timeline, scope).consumers))
    waits = greets
    for event in timeline.events_of("Communicator"):
        if event.subject == scope.subject and event.at.index < call.at.index:
            waits = event.name.startswith("send") or (waits and event.name not in RECEIVES)
    return waits


def _greets(consumer: Consumer) -> bool:
    """Return whether a consumer may send before it has got a message."""
    methods = own_methods(consumer)
    pending, seen = ["connect", "websocket_connect"], set[str]()
    while pending:
        method = methods.get(name := pending.pop())
        if method is None or name in seen:
            continue
        seen.add(name)
        if mentions(method.function.body, _SENDS):
            return True
        pending += [other for other in methods if mentions(method.function.body, {other})]
    return False


def _fix(call: Event) -> Fix | str:
    if call.function is None or not call.function.is_async or call.node is None:
        return "the call is in a sync function"
    code = Code("await {a}(lambda: {0})()", (_SYNC_TO_ASYNC,))
    action = ReplaceExpression(call.origin.place.path, call.node.span, code)
    return Fix("unsafe", "run the request in a thread", (action,))
