"""A patch meant to keep the database connection open around a communicator does not.

## What it does
Reports a patch of a connection function in a test with a communicator, where the patch does not
work: it replaces another function than `channels.db.close_old_connections`, it puts something in
its place that cannot be called without arguments, or it is over before the communicator is
disconnected. Not where the test asserts on the mock.

## Why is this bad?
Channels closes connections through `channels.db.close_old_connections` alone. A patch of
`django.db.close_old_connections`, of `channels.db.aclose_old_connections` or of a name in
`channels.consumer` changes nothing: the test's connection is closed inside its transaction, and a
waffle override that needs it afterwards fails. An `AsyncMock`, or a function with parameters,
fails by itself as soon as a consumer ends.

## Example
```python
@pytest.mark.django_db
@override_flag("chat", active=True)
@mock.patch("django.db.close_old_connections", new=mock.Mock())
def test_echo():
    async_to_sync(talk)()
```

## Use instead
```python
@pytest.mark.django_db
@override_flag("chat", active=True)
@mock.patch("channels.db.close_old_connections", new=mock.Mock())
def test_echo():
    async_to_sync(talk)()
```

## Fix safety
Safe: only the patch is changed, or another one is added that spans the communicator.

## Evidence
Channels 3.0.5 to 4.3.2, with a SQLite file and PostgreSQL: each of these patches leaves the test
failing as it does without a patch; the right one passes.

## See also
- https://github.com/django/channels/issues/2150: patches that are restored in the wrong order
- https://github.com/django/channels/pull/2101: what the communicators patch themselves
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.keepalive import LOOKED_AT, endangered_overrides, ineffective_keepalive
from wslint.rules.shared.keepalive_fix import A_MOCK, keepalive_actions
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Resource, Scope, Timeline
from wslint.timeline.order import overlaps

RULE = Rule.of(
    __name__,
    __doc__,
    status="stable",
    fixable="sometimes",
    yields_to=("WS201", "WS202"),
    concerns=("channels",),
)

TARGET = "channels.db.close_old_connections"


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such patch once."""
    found = list(_found(timeline))
    if found and not mentions(timeline.test.function, LOOKED_AT):
        yield from found


def _found(timeline: Timeline) -> Iterator[Finding]:
    reported: set[int] = set()
    for override, communicator in endangered_overrides(timeline):
        keepalive = ineffective_keepalive(timeline, communicator)
        if keepalive is not None:
            reported.add(keepalive.subject)
            yield _finding(timeline, keepalive, override, communicator)
    for keepalive in timeline.scopes_of("Keepalive"):
        made = timeline.resources[keepalive.subject]
        if made.name != TARGET or made.replaces is not False:
            continue
        for communicator in timeline.scopes_of("Communicator"):
            if made.id not in reported and overlaps(timeline, keepalive, communicator):
                reported.add(made.id)
                yield _finding(timeline, keepalive, None, communicator)


def _finding(
    timeline: Timeline, keepalive: Scope, override: Scope | None, communicator: Scope
) -> Finding:
    path = timeline.test.path
    made = timeline.resources[keepalive.subject]
    born = timeline.resources[communicator.subject].origin.near(path)
    labels = [Label(born, "the consumer behind this communicator closes the connection")]
    if override is not None:
        needs = timeline.resources[override.subject].origin
        labels.append(Label(needs.near(path), "needs the connection when it is left"))
    return RULE.finding(
        made.origin.place,
        f"this patch does not keep the database connection open: {_why(made)}",
        f"patch `{TARGET}` with something that can be called without arguments, for the whole "
        "test, up to the end of the communicator",
        labels=labels,
        fix=_fix(timeline, made, override, communicator),
        cause=f"override {override.subject}" if override is not None else f"patch {made.id}",
    )


def _why(made: Resource) -> str:
    if made.name != TARGET:
        return f"Channels does not close it through `{made.name}`, but through `{TARGET}`"
    if made.replaces is False:
        return (
            "Channels calls what it puts there in a thread, without arguments, so a coroutine "
            "function or a function with parameters fails"
        )
    return "it is not on from before the communicator is connected until it is disconnected"


def _fix(
    timeline: Timeline, made: Resource, override: Scope | None, communicator: Scope
) -> Fix | str:
    if made.works is not False:
        place = timeline.resources[override.subject].origin.place if override else made.origin.place
        actions = keepalive_actions(timeline, place.span, communicator)
        return Fix("safe", "keep the connection open for the whole test", actions)
    node = made.node
    if not isinstance(node, s.Call) or node.span != made.origin.place.span:
        return "the function is replaced by an assignment"
    return _repair(made, node)


def _repair(made: Resource, node: s.Call) -> Fix | str:
    """Write the right target and the right replacement into the call itself."""
    path = made.origin.place.path
    target, *others = node.args
    if not isinstance(target.value, s.Const):
        return "the patch names its target by an object"
    actions: list[Action] = []
    if made.name != TARGET:
        actions.append(ReplaceExpression(path, target.value.span, Code(f'"{TARGET}"')))
    if made.replaces is False:
        new = next((arg for arg in others if arg.keyword in ("", "new", "new_callable")), None)
        if new is None:
            return "what it puts there is made elsewhere"
        text = "{a}" if new.keyword == "new_callable" else "{a}()"
        actions.append(ReplaceExpression(path, new.value.span, Code(text, (A_MOCK,))))
    return Fix("safe", "patch the function that Channels calls", tuple(actions))
