"""A test sleeps while a websocket is open.

## What it does
Reports a `time.sleep` in a test while one of its websockets is open.

## Why is this bad?
At Acme the application answers at once. A test that waits is slow, and still fails now and then.

## Example
```python
def test_order_is_announced(client):
    with client.websocket_connect("/orders") as socket:
        time.sleep(1)
        assert socket.receive_json() == {"id": 1}
```

## Use instead
```python
def test_order_is_announced(client):
    with client.websocket_connect("/orders") as socket:
        assert socket.receive_json() == {"id": 1}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.plugin import Finding, Label, Rule, Timeline, is_open

RULE = Rule.of(__name__, __doc__, status="stable", fixable="none", concerns=("starlette",))


@RULE.checks
def sleep_while_websocket_is_open(timeline: Timeline) -> Iterator[Finding]:
    """Report the first websocket that is surely open during each sleep."""
    path = timeline.test.path
    sleeps = [event for event in timeline.events_of("Blocking") if event.name == "time.sleep"]
    for sleep in sleeps:
        for socket in timeline.scopes_of("Socket"):
            if is_open(timeline, socket, sleep.at):
                yield RULE.finding(
                    sleep.origin.seen_from(path),
                    "the test sleeps while a websocket is open",
                    "remove it: `receive` waits for the next message by itself",
                    labels=[Label(socket.origin.seen_from(path), "this websocket is open")],
                    fix="only you know what it waits for",
                    cause=f"sleep at {sleep.origin.place}",
                )
                break
