"""An assert that a websocket or communicator exists, which is always true.

## What it does
Reports an assert that says only that a websocket session of a test client, or a communicator, is
there: `assert websocket`, `assert websocket is not None`, `assert isinstance(communicator,
WebsocketCommunicator)`, and unittest's forms of them.

## Why is this bad?
The object is made before anything is sent. It is there whether the connection is accepted or
refused, so the assert can't fail. A communicator that is only constructed has not even asked the
application.

## Example
```python
async def test_connects():
    communicator = WebsocketCommunicator(application, "/chat")
    await communicator.connect()
    assert communicator is not None
```

## Use instead
```python
async def test_connects():
    communicator = WebsocketCommunicator(application, "/chat")
    connected, _ = await communicator.connect()
    assert connected
```

Entering `client.websocket_connect(…)` raises if the application refuses, so there it needs no
assert; what can be asserted is what the application sends, or `websocket.accepted_subprotocol`.

## Fix safety
There is no fix: it is not known what the application should do. For a communicator whose connect is
unchecked, [WS502](WS502.md) has one.

## Evidence
Channels 4.3.2: the assert holds for a consumer that closes in `connect()`. Starlette 1.10.0: it
holds for every session that is entered. Read in 75 repositories: 7 findings in 3, all true.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding
from wslint.rules.rule import Rule
from wslint.timeline.model import Timeline
from wslint.vocabulary import COMMUNICATORS, SESSIONS

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="none", yields_to=("WS401",),
    concerns=("channels", "starlette", "fastapi", "httpx-ws"),
)  # fmt: skip


@RULE.checks
def always_true(timeline: Timeline) -> Iterator[Finding]:
    """Report each such assertion."""
    for asserted in timeline.asserts:
        if asserted.exists is None or asserted.origin is None:
            continue
        role = timeline.resources[asserted.exists].role
        if role in SESSIONS or role in COMMUNICATORS:
            what = "websocket" if role in SESSIONS else "communicator"
            yield RULE.finding(
                asserted.origin.place,
                f"this {what} always exists, so the assert cannot fail",
                "assert what the application does: what is received, or connect()'s result",
                fix="it is not known what the application should do",
                cause=asserted.exists,
            )
