"""A consumer class, or `as_asgi` without a call, is passed to a communicator.

## What it does
Reports a communicator whose application is a consumer class itself, or its `as_asgi` without the
call.

## Why is this bad?
A communicator calls its application with scope, receive and send. A class takes the scope for its
constructor and fails: `AsyncConsumer.__call__() missing 1 required positional argument: 'send'`;
`as_asgi` fails with `takes 1 positional argument but 2 were given`. Up to Channels 2 a class was
right, so old examples have it.

## Example
```python
communicator = WebsocketCommunicator(ChatConsumer, "/chat/")
```

## Use instead
```python
communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
```

## Fix safety
Safe: the code fails as it stands. There is no fix where the class comes in as an argument of the
function that makes the communicator: other callers may give an application.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: TypeError in every run.

## See also
- https://github.com/django/channels/issues/1573: the documentation's own test, after Channels 3
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.syntax import nodes as s
from wslint.timeline.model import Resource, Timeline

RULE = Rule.of(__name__, __doc__, status="stable", fixable="sometimes", concerns=("channels>=3",))

_FIXES = {"as_asgi": ("{0}.as_asgi()", "call as_asgi of the class"), "call": ("{0}()", "call it")}


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such communicator."""
    for made in timeline.resources:
        unfinished = made.unfinished
        node = made.node
        if not unfinished or not isinstance(node, s.Call):
            continue
        named = [arg.value for arg in node.args if arg.keyword == "application"]
        argument = (named or [arg.value for arg in node.args[:1]])[0]
        place = Place(made.origin.place.path, argument.span)
        fix: Fix | str
        if _is_parameter(made, argument):
            place = made.origin.seen_from(timeline.test.path)
            fix = "it comes in as an argument, in whose place other callers may give an application"
        else:
            template, title = _FIXES[unfinished]
            action = ReplaceExpression(place.path, argument.span, Code(template))
            fix = Fix("safe", title, (action,))
        what = "a consumer class" if unfinished == "as_asgi" else "`as_asgi` that isn't called"
        yield RULE.finding(
            place,
            f"{what} is given to a communicator, which calls it like an ASGI application and gets "
            "a TypeError",
            "give it `Consumer.as_asgi()`",
            fix=fix,
        )


def _is_parameter(made: Resource, argument: s.Expr) -> bool:
    """Tell whether an argument is a parameter of the function that makes the communicator."""
    function = made.birth[-1].function
    params = {param.name for param in function.params} if function is not None else set()
    return isinstance(argument, s.Ref) and argument.parts[0] in params - {"self", "cls"}
