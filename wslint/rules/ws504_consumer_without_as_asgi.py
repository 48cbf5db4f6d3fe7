"""A consumer class, or `as_asgi` without a call, is passed to a communicator.

## What it does
Reports a communicator whose application is a consumer class itself, or its `as_asgi` without the
call; also one that connects to a route which holds one of them.

## Why is this bad?
A communicator calls its application with scope, receive and send. A class passes the scope to its
constructor and fails: `AsyncConsumer.__call__() missing 1 required positional argument: 'send'`.
`as_asgi` fails with `takes 1 positional argument but 2 were given`. Up to Channels 2 a class was
correct, so old examples have it.

## Example
```python
communicator = WebsocketCommunicator(ChatConsumer, "/chat/")
```

## Use instead
```python
communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
```

## Fix safety
Safe: the code fails as it is. For a route the fix changes the file of the application, if that is
among the files to fix. There is no fix if the class is an argument of the function that creates the
communicator: other callers may pass an application.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: TypeError in every run.

## See also
- https://github.com/django/channels/issues/1573: the documentation's own test, after Channels 3
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import dotted
from wslint.syntax import nodes as s
from wslint.timeline.model import Resource, Timeline
from wslint.timeline.query import calls_of

RULE = Rule.of(__name__, __doc__, status="stable", fixable="sometimes", concerns=("channels>=3",))

_FIXES = {
    "as_asgi": ("{0}.as_asgi()", "call `as_asgi` of the class"),
    "call": ("{0}()", "call `as_asgi`"),
}
_WHAT = {"as_asgi": "a consumer class", "call": "`as_asgi` without a call"}


@RULE.checks
def no_application(timeline: Timeline) -> Iterator[Finding]:
    """Report each such communicator."""
    yield from _given(timeline)
    yield from _at_the_route(timeline)


def _given(timeline: Timeline) -> Iterator[Finding]:
    for communicator in timeline.resources:
        node, unfinished = communicator.node, communicator.unfinished
        if not unfinished or node is None:
            continue
        named = [arg.value for arg in node.args if arg.keyword == "application"]
        argument = (named or [arg.value for arg in node.args[:1]])[0]
        place = Place(communicator.origin.place.path, argument.span)
        fix: Fix | str
        if _is_parameter(communicator, argument):
            place = communicator.origin.seen_from(timeline.test.path)
            fix = "it is passed as an argument, and other callers may pass an application"
        else:
            template, title = _FIXES[unfinished]
            action = ReplaceExpression(place.path, argument.span, Code(template))
            fix = Fix("safe", title, (action,))
        yield RULE.finding(
            place,
            f"{_WHAT[unfinished]} is passed to a communicator, which expects an ASGI application",
            "pass `Consumer.as_asgi()`; anything else raises a TypeError when it is called",
            fix=fix,
        )


def _at_the_route(timeline: Timeline) -> Iterator[Finding]:
    """Report each communicator that only leads to routes with a class."""
    for communicator in timeline.resources:
        views = [consumer.unfinished_view for consumer in communicator.consumers]
        view, unfinished = (views[0], communicator.consumers[0].unfinished) if views else (None, "")
        connects = any(call.name == "connect" for call in calls_of(timeline, communicator))
        if view is not None and None not in views and connects:
            action = ReplaceExpression(view.path, view.span, Code(_FIXES[unfinished][0]))
            yield RULE.finding(
                communicator.origin.nearest_place(timeline.test.path),
                f"the route of this communicator holds {_WHAT[unfinished]}, not an application",
                "call `as_asgi()` of the class in the route; else each connect raises a TypeError",
                labels=[Label(view, "this is what the route holds")],
                fix=Fix("safe", "call as_asgi() in the route", (action,)),
                cause=communicator,
            )


def _is_parameter(communicator: Resource, argument: s.Expr) -> bool:
    """Return whether an argument is a parameter of the function that creates the communicator."""
    function = communicator.birth[-1].function
    params = {param.name for param in function.params} if function is not None else set()
    return not (params - {"self", "cls"}).isdisjoint(dotted(argument)[:1])
