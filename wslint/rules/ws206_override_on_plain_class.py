"""A waffle override decorates a test class that does not support it.

## What it does
Reports `override_flag`, `override_switch` and `override_sample` on a test class that is not a
`unittest.TestCase`, and on a `SimpleTestCase` without `databases`.

## Why is this bad?
An override of a class works through the class's setUp. On a plain class it raises `TypeError: Can
only decorate subclasses of unittest.TestCase` where the class is defined, so no test of the file
runs. A `SimpleTestCase` forbids the override's queries.

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
Unsafe: the tests now run, and may fail. On a plain class the override moves to each test method,
and the class gets `pytest.mark.django_db` if its tests cannot use the database. A `SimpleTestCase`
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
from wslint.rules.shared.code import dotted
from wslint.timeline.model import Resource, Step, Timeline

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("django", "django-waffle")
)

_TESTCASE = Code("{a}", (Symbol("django.test.TestCase", module="django.test", name="TestCase"),))
_DJANGO_DB = Code("{a}", (Symbol("pytest.mark.django_db", module="pytest"),))


@RULE.checks
def override_on_wrong_class(timeline: Timeline) -> Iterator[Finding]:
    """Report each override on the class."""
    for override in timeline.resources:
        if override.role != "Override" or not override.on_class:
            continue
        step = override.birth[0]
        name = step.owner.name if step.owner is not None else "the class"
        if override.on_class == "simple":
            why = "a SimpleTestCase, which forbids its queries"
            advice = "derive the class from `django.test.TestCase`"
            fix = _base(timeline, step)
        else:
            why = "which is not a unittest.TestCase"
            advice = "decorate each test method; on the class, the decorator raises a TypeError"
            fix = _methods(timeline, override, step)
        message = f"{override.name} decorates {name}, {why}"
        yield RULE.finding(override.origin.place, message, advice, fix=fix, cause=override)


def _base(timeline: Timeline, step: Step) -> Fix | str:
    bases = step.owner.bases if step.owner is not None else ()
    own = [base for base in bases if dotted(base)[-1:] == ("SimpleTestCase",)]
    if len(own) != 1 or timeline.test.path != step.path:
        return "the class inherits SimpleTestCase through another class"
    action = ReplaceExpression(step.path, own[0].span, _TESTCASE)
    title = "let the class use the database"
    return Fix("unsafe", title, (action,), reveals=(timeline.test.qualname,))


def _methods(timeline: Timeline, override: Resource, step: Step) -> Fix | str:
    test, owner, place = timeline.test, step.owner, override.origin.place
    if owner is None or test.function not in owner.body or place.path != step.path:
        return "a test is inherited from another class, where the override would affect others"
    actions: list[Action] = [RemoveDecorator(step.path, owner.name_span, place.span)]
    if not test.database:
        actions.append(AddDecorator(step.path, owner.name_span, _DJANGO_DB))
    # below the marks, where overrides usually go
    below = len(test.function.decorators)
    actions.append(AddDecorator(step.path, test.function.name_span, Code("{0}"), below, place.span))
    title = "put the override on each test method"
    return Fix("unsafe", title, tuple(actions), reveals=(test.qualname,))
