"""A native async test with a communicator runs inside a transaction the consumer cannot see.

## What it does
Reports a `django_db` mark without `transaction=True` on a native async test (an `async def` that a
pytest plugin drives) that uses a communicator and the database: it mentions `objects` or
`database_sync_to_async`, or uses pytest-django's `admin_user` or `admin_client`.

## Why is this bad?
The mark opens a transaction on the test's own connection. The consumer's database jobs run in
another thread, on another connection. They do not see what sync fixtures have written (with SQLite
in memory: `database table is locked`). What they and the test's own async queries write is not
rolled back, so later tests see it.

## Example
```python
@pytest.mark.asyncio
@pytest.mark.django_db
async def test_kept(message):
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/chat/lobby/")
```

## Use instead
```python
@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_kept(message):
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/chat/lobby/")
```

## Fix safety
Unsafe: the test is slower, since its tables are flushed afterwards, and the consumer sees different
rows.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2 with PostgreSQL, 4.3.2 with a SQLite file: the consumer does not
find a fixture's rows, and a later test finds what was written. With `transaction=True` neither
happens.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import callee
from wslint.rules.shared.database import in_transaction, native_communicators
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Timeline
from wslint.timeline.query import subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("channels", "pytest-django")
)

_DATABASE = frozenset(("objects", "database_sync_to_async"))
_ROWS = frozenset(("admin_user", "admin_client"))


@RULE.checks
def transaction_hides_rows(timeline: Timeline) -> Iterator[Finding]:
    """Report the mark once."""
    test = timeline.test
    if not test.is_async or test.database != "transaction":
        return
    if not mentions(test.function, _DATABASE) and _ROWS.isdisjoint(test.fixtures):
        return
    native = [one for one in native_communicators(timeline) if in_transaction(timeline, one)]
    if not native:
        return
    marks = (d for d in test.function.decorators if callee(d)[-1:] == ("django_db",))
    mark = next(marks, None)
    born = subject_of(timeline, native[0]).origin.nearest_place(test.path)
    yield RULE.finding(
        Place(test.path, mark.span if mark is not None else test.function.name_span),
        "the consumer runs outside this test's transaction and sees none of its rows",
        "use `@pytest.mark.django_db(transaction=True)`; what the consumer writes is not rolled "
        "back otherwise",
        labels=[Label(born, "this communicator's consumer")],
        fix=_fix(test.path, mark),
    )


def _fix(path: str, mark: s.Expr | None) -> Fix | str:
    if mark is None:
        return "the mark or fixture is not on the test itself"
    span, text = mark.span, "{0}(transaction=True)"
    if isinstance(mark, s.Call):
        given = next((arg for arg in mark.args if arg.keyword == "transaction"), None)
        if given is not None:
            span, text = given.value.span, "True"
        elif mark.args or not isinstance(mark.func, s.Ref):
            return "the mark has other arguments"
        else:
            text = ".".join(mark.func.parts) + "(transaction=True)"
    action = ReplaceExpression(path, span, Code(text))
    return Fix("unsafe", "flush the tables after the test instead of rolling back", (action,))
