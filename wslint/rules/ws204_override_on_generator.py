"""An override or patch decorates a generator, and ends before the generator's body runs.

## What it does
Reports a waffle override or a `mock.patch` that decorates a generator function: a fixture with a
`yield`, a `@contextmanager` helper, any other generator. Also one above `@pytest.fixture`.

## Why is this bad?
The decorator is on while the function is called, and calling a generator function runs nothing of
its body. The flag is off, or the patch away, when the body and the test run; nothing says so. Under
`@pytest.fixture` the body never runs at all: pytest doesn't see that what is decorated is a
generator, and the test gets the generator itself. Above `@pytest.fixture`, pytest 9 finds no
fixture.

## Example
```python
@contextmanager
@override_flag("chat", active=True)
def chat():
    yield WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/chat/lobby/")
```

## Use instead
```python
@contextmanager
def chat():
    with override_flag("chat", active=True):
        yield WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/chat/lobby/")
```

## Fix safety
Unsafe: the flag is on now, and in a fixture the body runs. Safe for a patch that keeps the
database connection open, outside of a fixture.

## Evidence
Django 5.2 and 6.1 with waffle 5.0.0, Python 3.8 to 3.12: the flag is off and the patch is away in
every generator. pytest 7.4 to 9.2: the value of such a fixture is a generator.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, RemoveDecorator, WrapBody
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.linking.module import bound_names
from wslint.rules.rule import Rule
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, statements
from wslint.timeline.model import Decorated, Resource, Timeline

RULE = Rule.of(
    __name__,
    __doc__,
    status="stable",
    fixable="sometimes",
    yields_to=("WS201",),
    concerns=("django-waffle",),
)

_ROLES = ("Override", "Patch", "Keepalive")


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each override and patch that is over before its body runs."""
    for made in timeline.resources:
        decorated = made.over_before
        if made.role in _ROLES and isinstance(decorated, Decorated):
            yield _finding(timeline, made, decorated)


def _finding(timeline: Timeline, made: Resource, decorated: Decorated) -> Finding:
    node = decorated.node
    what = made.name if made.role == "Override" else "this patch"
    test = Place(timeline.test.path, timeline.test.function.name_span)
    place = made.origin.place
    return RULE.finding(
        place,
        f"{what} is over before the body of {node.name} runs: it is on only while the function is "
        "called, which runs nothing of a generator",
        "enter it inside the function, by a `with` around the body",
        labels=[Label(test, "this test uses it")] if test.path != place.path else [],
        fix=_fix(timeline, made, decorated),
        cause=f"override {made.id}",
    )


def _fix(timeline: Timeline, made: Resource, decorated: Decorated) -> Fix | str:
    path, node = decorated
    place = made.origin.place
    decorator = next((d for d in node.decorators if d.span == place.span), None)
    if decorator is None or place.path != path:
        return "the override or patch is made elsewhere"
    if not node.is_generator:
        return "the fixture has no yield, so it is over before the test in any form"
    if made.role == "Override" and node.is_async:
        return "an override can't be entered in a coroutine"
    if made.injects:
        return "the patch passes its mock as an argument"
    if mentions(decorator, _own_names(node)):
        return "a name in the decorator means something else in the function"
    actions = (
        RemoveDecorator(path, node.name_span, place.span),
        WrapBody(path, node.name_span, Code("{0}"), place.span),
    )
    safe = made.role == "Keepalive" and not any(map(_is_fixture, node.decorators))
    tier, title = "safe" if safe else "unsafe", "enter it inside the function, around its body"
    return Fix(tier, title, actions, reveals=(timeline.test.qualname,))  # type: ignore[arg-type]


def _own_names(node: s.Function) -> frozenset[str]:
    """Give the names that a function's body has of its own."""
    names = {param.name for param in node.params}
    for statement in statements(node.body):
        names.update(bound_names(statement))
    return frozenset(names)


def _is_fixture(decorator: s.Expr) -> bool:
    ref = decorator.func if isinstance(decorator, s.Call) else decorator
    return isinstance(ref, s.Ref) and ref.parts[-1] == "fixture"
