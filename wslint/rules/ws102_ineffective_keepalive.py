"""A patch meant to keep the database connection open around a communicator does not.

## What it does
Reports a patch of a connection function in a test with a communicator, if the patch has no effect:
it replaces a function other than `channels.db.close_old_connections`, its replacement cannot be
called without arguments, or it ends before the communicator is disconnected. Tests that assert on
the mock are not reported.

## Why is this bad?
Channels closes connections only through `channels.db.close_old_connections`. A patch of
`django.db.close_old_connections`, of `channels.db.aclose_old_connections` or of a name in
`channels.consumer` changes nothing: the test's connection is closed inside its transaction, and a
waffle override that needs it later fails. An `AsyncMock`, or a function with parameters, fails by
itself as soon as a consumer ends.

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
Safe: the fix only changes the patch, or adds another one that spans the communicator.

## Evidence
Channels 3.0.5 to 4.3.2, with a SQLite file and PostgreSQL: with each of these patches the test
fails as it does without one; with the right patch it passes.

## See also
- https://github.com/django/channels/issues/2150: patches that are restored in the wrong order
- https://github.com/django/channels/pull/2101: what the communicators patch themselves
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.database import (
    A_MOCK,
    CLOSES,
    MOCK_ASSERTIONS,
    closing_labels,
    endangered_overrides,
    ineffective_keepalive,
    keepalive_actions,
)
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Resource, Scope, Timeline
from wslint.timeline.order import overlaps
from wslint.timeline.query import subject_of

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", yields_to=("WS201", "WS202"),
    concerns=("channels",),
)  # fmt: skip


@RULE.checks
def patch_has_no_effect(timeline: Timeline) -> Iterator[Finding]:
    """Report each such patch once."""
    found = list(_ineffective(timeline))
    if found and not mentions(timeline.test.function, MOCK_ASSERTIONS):
        for patch, override, communicator in found:
            yield _finding(timeline, patch, override, communicator)


def _ineffective(timeline: Timeline) -> Iterator[tuple[Resource, Resource | None, Scope]]:
    """Yield each patch that has no effect, the override that needs it, and a communicator."""
    reported: set[int] = set()
    for override, communicator in endangered_overrides(timeline):
        keepalive = ineffective_keepalive(timeline, communicator)
        if keepalive is not None:
            reported.add(keepalive.subject)
            patch = subject_of(timeline, keepalive)
            yield patch, subject_of(timeline, override), communicator
    for keepalive in timeline.scopes_of("Keepalive"):
        patch = subject_of(timeline, keepalive)
        if patch.name != CLOSES or patch.replaces is not False:
            continue
        for communicator in timeline.scopes_of("Communicator"):
            if patch.id not in reported and overlaps(timeline, keepalive, communicator):
                reported.add(patch.id)
                yield patch, None, communicator


def _finding(
    timeline: Timeline, patch: Resource, override: Resource | None, communicator: Scope
) -> Finding:
    labels = closing_labels(timeline, communicator)[:1]
    if override is not None:
        needs = override.origin.nearest_place(timeline.test.path)
        labels.append(Label(needs, "this needs the connection when it ends"))
    return RULE.finding(
        patch.origin.place,
        _message(patch),
        f"patch `{CLOSES}` with something that can be called without arguments, until the "
        "communicator is disconnected",
        labels=labels,
        fix=_fix(timeline, patch, override, communicator),
        cause=patch if override is None else override,
    )


def _message(patch: Resource) -> str:
    if patch.name != CLOSES:
        return f"patching `{patch.name}` does not keep the database connection open"
    if patch.replaces is False:
        return "this patch's replacement fails when Channels calls it without arguments in a thread"
    return "this patch does not span the communicator, so the database connection is closed anyway"


def _fix(
    timeline: Timeline, patch: Resource, override: Resource | None, communicator: Scope
) -> Fix | str:
    if patch.works is not False:
        needs = override or patch
        actions = keepalive_actions(timeline, needs.origin.place.span, communicator)
        title = "keep the connection open for the whole test"
        return Fix("safe", title, actions, reveals=(timeline.test.qualname,))
    if patch.node is None or patch.node.span != patch.origin.place.span:
        return "the function is replaced by an assignment"
    return _repair(timeline, patch, patch.node)


def _repair(timeline: Timeline, patch: Resource, node: s.Call) -> Fix | str:
    """Return the fix that writes the right target and replacement into the call itself."""
    path = patch.origin.place.path
    target, *others = node.args
    if not isinstance(target.value, s.Const):
        return "the patch names its target by an object"
    actions: list[Action] = []
    if patch.name != CLOSES:
        actions.append(ReplaceExpression(path, target.value.span, Code(f'"{CLOSES}"')))
    if patch.replaces is False:
        new = next((arg for arg in others if arg.keyword in ("", "new", "new_callable")), None)
        if new is None:
            return "the replacement is created elsewhere"
        text = "{a}" if new.keyword == "new_callable" else "{a}()"
        actions.append(ReplaceExpression(path, new.value.span, Code(text, (A_MOCK,))))
    title = "patch the function that Channels calls"
    return Fix("safe", title, tuple(actions), reveals=(timeline.test.qualname,))
