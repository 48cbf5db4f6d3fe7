"""A message is sent to a group, and the consumer has no method for its type.

## What it does
Reports a `group_send` of a test whose `type` is a literal, if the consumer of an open communicator
joins that group and has no method of that name (`"tram.left"` calls `tram_left`). The name of the
group is followed through attributes, f-strings and the parts of the path that a route names.

## Why is this bad?
The consumer ends with `ValueError: No handler for message type tram.left`. A later receive times
out, and `receive_nothing()` succeeds: nothing comes from a consumer that is gone.

## Example
```python
class Board(AsyncJsonWebsocketConsumer):
    async def tram_left(self, event):
        await self.send_json(event)


async def test_unknown_news(communicator):
    await get_channel_layer().group_send("trams", {"type": "tram.gone"})
    assert await communicator.receive_nothing()
```

## Use instead
```python
async def test_news(communicator):
    await get_channel_layer().group_send("trams", {"type": "tram.left"})
    assert await communicator.receive_json_from() == {"type": "tram.left"}
```

## Fix safety
Unsafe: the fix sends the only message that the consumer handles. If it handles several, or if the
test expects silence, there is no fix.

## Evidence
Channels 4.3.2: ValueError in the consumer's task; `receive_nothing()` is true, a receive times out.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.consumers import names_in_classes, own_methods
from wslint.rules.shared.group_names import joins
from wslint.syntax import nodes as s
from wslint.timeline.model import Consumer, Event, Resource, Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import calls_of, may_failure_pass, subject_of
from wslint.vocabulary import RECEIVES

RULE = Rule.of(__name__, __doc__, status="preview", fixable="sometimes", concerns=("channels",))

# what Channels' own consumers have
_DISPATCHES = frozenset(("dispatch", "__getattr__", "__getattribute__"))
_INHERITED = frozenset(
    ("websocket_connect", "websocket_receive", "websocket_disconnect", "http_request",
     "http_disconnect", "connect", "receive", "receive_json", "disconnect", "accept", "close",
     "send", "send_json", "decode_json", "encode_json", "dispatch")
)  # fmt: skip


@RULE.checks
def message_is_not_handled(timeline: Timeline) -> Iterator[Finding]:
    """Report each such message."""
    path = timeline.test.path
    for sent in timeline.events_of("Layer"):
        kind = sent.texts.get("type")
        if sent.name != "group_send" or kind is None:
            continue
        name = kind.replace(".", "_")
        made = _without_handler(timeline, sent, name)
        if made is None or name in _INHERITED or _expects_the_error(timeline, made, sent):
            continue
        consumer = made.consumers[0]
        owner = consumer.classes[0]
        yield RULE.finding(
            sent.origin.seen_from(path),
            f"the consumer has no method `{name}` for this message, and ends with an error",
            f"send a type that it handles, or give it a method `{name}`",
            labels=[
                Label(made.origin.nearest_place(path), "this communicator's consumer"),
                Label(Place(owner.path, owner.node.name_span), "its class"),
            ],
            fix=_fix(sent, consumer, _expects_silence(timeline, made, sent)),
        )


def _without_handler(timeline: Timeline, sent: Event, name: str) -> Resource | None:
    """Return a communicator that is open, and whose consumer gets the message with no method."""
    found: list[Resource] = []
    all_lack_it = True
    for scope in timeline.scopes_of("Communicator"):
        made = subject_of(timeline, scope)
        if is_open(timeline, scope, sent.at) is False:
            continue
        if len(made.consumers) != 1 or not made.consumers[0].is_known:
            return None
        consumer = made.consumers[0]
        own = names_in_classes(consumer)
        has_it = not consumer.classes or name in own or not _DISPATCHES.isdisjoint(own)
        all_lack_it = all_lack_it and not has_it
        is_member = joins(made, consumer, sent.texts.get("to"))
        if not has_it and is_member is True:
            return made
        if not has_it and is_member is None and not _expects_silence(timeline, made, sent):
            found.append(made)
    return found[0] if found and all_lack_it else None


def _expects_silence(timeline: Timeline, made: Resource, sent: Event) -> bool:
    """Return whether the test expects that nothing comes: the message may go to another group."""
    return any(call.name == "receive_nothing" for call in _calls_after(timeline, made, sent))


def _expects_the_error(timeline: Timeline, made: Resource, sent: Event) -> bool:
    """Return whether a later receive may fail as the test expects."""
    return any(
        call.name in RECEIVES and may_failure_pass(timeline, call.at)
        for call in _calls_after(timeline, made, sent)
    )


def _calls_after(timeline: Timeline, made: Resource, sent: Event) -> list[Event]:
    return [call for call in calls_of(timeline, made) if call.at.index > sent.at.index]


def _text(expr: s.Expr) -> str | None:
    value = expr.value if isinstance(expr, s.Const) else None
    return value if isinstance(value, str) else None


def _fix(sent: Event, consumer: Consumer, expects_silence: bool) -> Fix | str:
    handled = [
        name
        for name, method in own_methods(consumer).items()
        if len(method.function.params) == 2
        and not name.startswith("_")
        and name not in _INHERITED
        and not method.function.decorators
    ]
    if len(handled) != 1 or expects_silence:
        return "it is not known which message is meant"
    message = sent.node.args[1].value if sent.node is not None and len(sent.node.args) > 1 else None
    pairs = message.items if isinstance(message, s.Mapping) else ()
    given = next((value for key, value in pairs if _is_type(key)), None)
    if given is None or _text(given) is None:
        return "the message is written in another place"
    kind = sent.texts.get("type") or ""
    new = handled[0].replace("_", ".") if "." in kind else handled[0]
    action = ReplaceExpression(sent.origin.place.path, given.span, Code(f'"{new}"'))
    return Fix("unsafe", "send the message that the consumer handles", (action,))


def _is_type(key: s.Expr | None) -> bool:
    return key is not None and _text(key) == "type"
