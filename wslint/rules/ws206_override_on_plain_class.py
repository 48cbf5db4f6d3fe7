"""A waffle override decorates a test class that does not support it.

## What it does
Reports `override_flag`, `override_switch` and `override_sample` on a test class that is no
`unittest.TestCase`, and on a `SimpleTestCase` without `databases`.

## Why is this bad?
An override of a class works through the class's setUp. On a plain class it raises `TypeError: Can
only decorate subclasses of unittest.TestCase` where the class is defined, so no test of the file
runs. A `SimpleTestCase` forbids the queries that the override makes.

## Example
```python
@override_flag("chat", active=True)
class TestChat:
    def test_chat(self):
        async_to_sync(talk)()
```

## Use instead
```python
class TestChat:
    @override_flag("chat", active=True)
    def test_chat(self):
        async_to_sync(talk)()
```

## Fix safety
Unsafe: the tests run now, and may fail. On a plain class the override goes to each test method, and
the class gets `pytest.mark.django_db` where its tests can't use the database. A `SimpleTestCase`
becomes a `TestCase`.

## Evidence
Django 5.2 and 6.1 with waffle 5.0.0: the TypeError at import; on a SimpleTestCase
`DatabaseOperationForbidden`.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import (
    Action,
    AddDecorator,
    Code,
    RemoveDecorator,
    ReplaceExpression,
    Symbol,
)
from wslint.findings.finding import Finding, Fix
from wslint.rules.rule import Rule
from wslint.syntax import nodes as s
from wslint.timeline.model import Resource, Step, Timeline

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("django", "django-waffle")
)

_TESTCASE = Code("{a}", (Symbol("django.test.TestCase", module="django.test", name="TestCase"),))
_DJANGO_DB = Code("{a}", (Symbol("pytest.mark.django_db", module="pytest"),))


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each override on the class."""
    for made in timeline.resources:
        kind = made.on_class
        if made.role == "Override" and kind:
            yield _finding(timeline, made, kind)


def _finding(timeline: Timeline, made: Resource, kind: str) -> Finding:
    step = made.birth[0]
    name = step.owner.name if step.owner is not None else "the class"
    if kind == "simple":
        why = "a SimpleTestCase, which forbids the queries that the override makes"
        advice = "derive the class from django.test.TestCase"
    else:
        why = "no unittest.TestCase: the decorator raises a TypeError, and no test of the file runs"
        advice = "decorate each test method"
    return RULE.finding(
        made.origin.place,
        f"{made.name} decorates {name}, which is {why}",
        advice,
        fix=_base(timeline, step) if kind == "simple" else _methods(timeline, made, step),
        cause=f"override {made.id}",
    )


def _base(timeline: Timeline, step: Step) -> Fix | str:
    bases = step.owner.bases if step.owner is not None else ()
    own = [base for base in bases if isinstance(base, s.Ref)]
    own = [base for base in own if base.parts[-1] == "SimpleTestCase"]
    if len(own) != 1 or timeline.test.path != step.path:
        return "the class gets its SimpleTestCase from another class"
    action = ReplaceExpression(step.path, own[0].span, _TESTCASE)
    return Fix(
        "unsafe", "let the class use the database", (action,), reveals=(timeline.test.qualname,)
    )


def _methods(timeline: Timeline, made: Resource, step: Step) -> Fix | str:
    test, owner, place = timeline.test, step.owner, made.origin.place
    if owner is None or test.function not in owner.body or place.path != step.path:
        return "a test is inherited from another class, where the override would be on for others"
    actions: list[Action] = [RemoveDecorator(step.path, owner.name_span, place.span)]
    if not test.database:
        actions.append(AddDecorator(step.path, owner.name_span, _DJANGO_DB))
    # below the marks, where overrides stand
    below = len(test.function.decorators)
    actions.append(AddDecorator(step.path, test.function.name_span, Code("{0}"), below, place.span))
    return Fix(
        "unsafe", "put the override on each test method", tuple(actions), reveals=(test.qualname,)
    )
