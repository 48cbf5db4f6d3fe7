"""A communicator's arguments are swapped, or a websocket is given an HTTP method.

## What it does
Reports an `HttpCommunicator` whose method is a path (it begins with `/`), and a
`WebsocketCommunicator` whose path is the name of an HTTP method, if the text is known.

## Why is this bad?
Nothing checks the arguments. The consumer sees a request with the method "/STATUS/" for the path
"GET". One that looks at neither answers, and the test passes without having requested the path that
it names. A `WebsocketCommunicator` has no method: the argument after the path is taken for the
headers.

## Example
```python
communicator = HttpCommunicator(StatusConsumer.as_asgi(), "/status/", "GET")
```

## Use instead
```python
communicator = HttpCommunicator(StatusConsumer.as_asgi(), "GET", "/status/")
```

## Fix safety
Unsafe: the consumer now gets a request for another path. A method passed to a
`WebsocketCommunicator` is removed.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: the swapped request passes although the named path answers 500;
with the fix it fails. The websocket is refused.

## See also
- https://channels.readthedocs.io/en/stable/topics/testing.html: the arguments of both communicators
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, RemoveArgument, ReplaceExpression
from wslint.findings.finding import Finding, Fix
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.syntax import nodes as s
from wslint.timeline.model import Resource, Timeline

RULE = Rule.of(__name__, __doc__, status="stable", fixable="sometimes", concerns=("channels",))

_METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"))


@RULE.checks
def swapped_arguments(timeline: Timeline) -> Iterator[Finding]:
    """Report each such communicator."""
    for made in timeline.resources:
        node, path = made.node, made.texts.get("path") or ""
        method = made.texts.get("method") or ""
        if node is None or made.members:
            continue
        if made.role == "HttpCommunicator" and method.startswith("/"):
            message = f'the method of this request is the path "{method}"'
            advice = "the order is `HttpCommunicator(application, method, path)`"
            argument = _argument(node, "method", 1)
            fix = _swap(made, node) if path.upper() in _METHODS else "the path is not a method"
        elif made.role == "WebsocketCommunicator" and path in _METHODS:
            message = f'the path of this websocket is the HTTP method "{path}"'
            advice = "the order is `WebsocketCommunicator(application, path)`"
            argument = _argument(node, "path", 1)
            fix = _without_method(made, node)
        else:
            continue
        place = made.origin.nearest_place(timeline.test.path)
        if argument is not None and place == made.origin.place:
            place = Place(place.path, argument.span)
        yield RULE.finding(place, message, advice, fix=fix)


def _argument(node: s.Call, keyword: str, position: int) -> s.Expr | None:
    for arg in node.args:
        if arg.keyword == keyword:
            return arg.value
    plain = [arg for arg in node.args if not arg.keyword and not arg.star]
    return plain[position].value if position < len(plain) else None


def _swap(made: Resource, node: s.Call) -> Fix | str:
    first, second = _argument(node, "method", 1), _argument(node, "path", 2)
    if not isinstance(first, s.Const) or not isinstance(second, s.Const):
        return "method and path are not both literals here"
    if any(arg.star for arg in node.args):
        return "some arguments are hidden behind a star"
    path = made.origin.place.path
    actions = (
        ReplaceExpression(path, first.span, _literal(second)),
        ReplaceExpression(path, second.span, _literal(first)),
    )
    return Fix("unsafe", "swap method and path", actions)


def _without_method(made: Resource, node: s.Call) -> Fix | str:
    plain = [arg.value for arg in node.args if not arg.keyword]
    path = plain[2] if len(plain) > 2 else None
    is_given = isinstance(path, s.Const) and isinstance(path.value, str)
    if not is_given or isinstance(plain[1], s.Ref) or any(arg.star for arg in node.args):
        return "the path is not given after the method"
    action = RemoveArgument(made.origin.place.path, node.span, "", position=1)
    return Fix("unsafe", "remove the method", (action,))


def _literal(const: s.Const) -> Code:
    text = str(const.value)
    written = repr(text) if '"' in text or "\\" in text else f'"{text}"'
    return Code(written.replace("{", "{{").replace("}", "}}"))
