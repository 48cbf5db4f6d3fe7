"""A native async test with a communicator runs inside a transaction the consumer cannot see.

## What it does
Reports a `django_db` mark without `transaction=True` on a native async test (an `async def` that
pytest's plugin drives) that uses a communicator and itself uses the database: it names `objects`,
`database_sync_to_async`, or pytest-django's `admin_user` or `admin_client`.

## Why is this bad?
The mark puts the test's own connection into a transaction. The consumer's database jobs run in
another thread, on another connection: they don't see what sync fixtures have written (with SQLite
in memory: `database table is locked`), and what they and the test's own async queries write is not
rolled back, so later tests find it.

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
Unsafe: the test is slower, since its tables are emptied behind it, and the consumer sees other
rows.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2 with PostgreSQL, 4.3.2 with a SQLite file: the consumer finds no row
of a fixture, and a later test finds what was written; with `transaction=True` neither.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.keepalive import in_transaction, native_communicators
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Timeline

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("channels", "pytest-django")
)

_DATABASE = frozenset(("objects", "database_sync_to_async"))
_ROWS = frozenset(("admin_user", "admin_client"))


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report the mark once."""
    test = timeline.test
    if not test.is_async or test.database != "transaction":
        return
    if not mentions(test.function, _DATABASE) and _ROWS.isdisjoint(test.fixtures):
        return
    native = [one for one in native_communicators(timeline) if in_transaction(timeline, one)]
    if not native:
        return
    mark = next((d for d in test.function.decorators if _is_mark(d)), None)
    born = timeline.resources[native[0].subject].origin.near(test.path)
    yield RULE.finding(
        Place(test.path, mark.span if mark is not None else test.function.name_span),
        "the transaction of this test is on a connection of its own: the consumer runs on another, "
        "so it doesn't see what the test has written, and what it writes stays for later tests",
        "use `@pytest.mark.django_db(transaction=True)`",
        labels=[Label(born, "the consumer behind this communicator")],
        fix=_fix(test.path, mark),
    )


def _is_mark(decorator: s.Expr) -> bool:
    ref = decorator.func if isinstance(decorator, s.Call) else decorator
    return isinstance(ref, s.Ref) and ref.parts[-1] == "django_db"


def _fix(path: str, mark: s.Expr | None) -> Fix | str:
    title = "empty the tables behind the test instead of rolling back"
    if mark is None:
        return "the mark, or the fixture, is not on the test itself"
    if isinstance(mark, s.Call):
        given = next((arg for arg in mark.args if arg.keyword == "transaction"), None)
        if given is not None:
            action = ReplaceExpression(path, given.value.span, Code("True"))
            return Fix("unsafe", title, (action,))
        if mark.args or not isinstance(mark.func, s.Ref):
            return "the mark has other arguments"
        text = ".".join(mark.func.parts) + "(transaction=True)"
        return Fix("unsafe", title, (ReplaceExpression(path, mark.span, Code(text)),))
    return Fix(
        "unsafe", title, (ReplaceExpression(path, mark.span, Code("{0}(transaction=True)")),)
    )
