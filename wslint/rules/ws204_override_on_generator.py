"""An override or patch decorates a generator, and ends before the generator's body runs.

## What it does
Reports a waffle override or a `mock.patch` that decorates a generator function: a fixture with a
`yield`, a `@contextmanager` helper, or any other generator. Also reports one above
`@pytest.fixture`.

## Why is this bad?
The decorator is active only while the function is called, and calling a generator function runs
none of its body. When the body and the test run, the flag is off, or the patch is undone, without a
warning. Under `@pytest.fixture` the body never runs: pytest does not see that the decorated
function is a generator, and the test gets the generator itself. Above `@pytest.fixture`, pytest 9
finds no fixture.

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
Unsafe: the flag is now on, and the body of a fixture now runs. Safe for a patch that keeps the
database connection open, outside of a fixture.

## Evidence
Django 5.2 and 6.1 with waffle 5.0.0, Python 3.8 to 3.12: the flag is off and the patch is undone in
every generator. pytest 7.4 to 9.2: the value of such a fixture is a generator.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, RemoveDecorator, WrapBody
from wslint.findings.finding import Applicability, Finding, Fix, Label
from wslint.findings.span import Place
from wslint.linking.module import bound_names
from wslint.rules.rule import Rule
from wslint.rules.shared.code import is_decorated
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, statements
from wslint.timeline.model import Decorated, Resource, Timeline

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", yields_to=("WS201",),
    concerns=("django-waffle",),
)  # fmt: skip


@RULE.checks
def over_before_the_body_runs(timeline: Timeline) -> Iterator[Finding]:
    """Report each override and patch that ends before the body runs."""
    test = Place(timeline.test.path, timeline.test.function.name_span)
    for made in timeline.resources:
        decorated, place = made.over_before, made.origin.place
        if decorated is None or made.role not in ("Override", "Patch", "Keepalive"):
            continue
        what = made.name if made.role == "Override" else "this patch"
        yield RULE.finding(
            place,
            f"{what} ends before the body of {decorated.node.name} runs",
            "enter it inside the function, in a `with` around the body; calling a generator "
            "function runs none of its body",
            labels=[Label(test, "this test uses it")] if test.path != place.path else [],
            fix=_fix(timeline, made, decorated),
            cause=made,
        )


def _fix(timeline: Timeline, made: Resource, decorated: Decorated) -> Fix | str:
    path, node = decorated
    place = made.origin.place
    decorator = next((d for d in node.decorators if d.span == place.span), None)
    if decorator is None or place.path != path:
        return "the override or patch is created elsewhere"
    if not node.is_generator:
        return "the fixture has no yield, so it ends before the test in any form"
    if made.role == "Override" and node.is_async:
        return "an override cannot be entered in a coroutine"
    if made.injects:
        return "the patch passes its mock as an argument"
    if mentions(decorator, _own_names(node)):
        return "a name in the decorator means something else in the function"
    actions = (
        RemoveDecorator(path, node.name_span, place.span),
        WrapBody(path, node.name_span, Code("{0}"), place.span),
    )
    is_safe = made.role == "Keepalive" and not is_decorated(node, "fixture")
    tier: Applicability = "safe" if is_safe else "unsafe"
    title = "enter it inside the function, around its body"
    return Fix(tier, title, actions, reveals=(timeline.test.qualname,))


def _own_names(node: s.Function) -> frozenset[str]:
    """Return the names that a function's body binds itself."""
    names = {param.name for param in node.params}
    for statement in statements(node.body):
        names.update(bound_names(statement))
    return frozenset(names)
