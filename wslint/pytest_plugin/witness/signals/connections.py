"""Django's database connections: closed, passed by, or never committed, in a test's transaction."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from wslint.pytest_plugin.witness.place import Place, cause, place_of
from wslint.pytest_plugin.witness.watch import Watch, WatchedTest

_WRITES = ("INSERT", "UPDATE", "DELETE")


def closed_in_transaction(watch: Watch, base: Any) -> None:
    """A connection is closed inside a transaction, and needed again."""
    closed: WeakKeyDictionary[Any, tuple[WatchedTest, Place | None, str]] = WeakKeyDictionary()

    def see(test: WatchedTest, place: Place | None, rule: str) -> None:
        if watch.test is not None:
            # the next test of a class may find it closed
            watch.test.counts |= test.counts
            watch.see(
                rule, "the test's database connection was closed inside its transaction", place
            )

    def close(connection: Any) -> Generator[None, Any, None]:
        was_closed = connection.closed_in_transaction
        yield
        if connection.closed_in_transaction and not was_closed and watch.test is not None:
            rule = "WS101" if watch.records.get("overrides") else "WS104"
            closed[connection] = watch.test, cause(), rule

    def cursor(connection: Any, *_: Any, **__: Any) -> None:
        is_closed = connection.closed_in_transaction and connection.in_atomic_block
        if is_closed and connection in closed:
            see(*closed[connection])

    def fail(error: BaseException) -> None:
        # some queries ask the connection of the driver itself; PEP 249 names the base class
        if any(each.__name__ == "Error" for each in type(error).__mro__):
            for found in tuple(closed.values()):
                if found[0] is watch.test:
                    see(*found)

    watch.observe(base, "BaseDatabaseWrapper.close", close)
    watch.observe(base, "BaseDatabaseWrapper.cursor", cursor)
    watch.on_failure(fail)


def beside_the_transaction(watch: Watch, utils: Any) -> None:
    """A native async test writes, or fails to read, beside its own transaction.

    One that also deletes there may clean up itself.
    """
    connections: WeakSet[Any] = WeakSet()
    written: dict[str, Place | None] = {}

    def execute(cursor: Any, sql: Any, *_: Any, **__: Any) -> None:
        connection = cursor.db
        connections.add(connection)
        if watch.test is None or not watch.test.is_coroutine or connection.in_atomic_block:
            return
        if any(one.in_atomic_block and one.alias == connection.alias for one in connections):
            verb = str(sql).upper().partition(" ")[0]
            if verb in _WRITES:
                written.setdefault(verb, cause())
            else:
                see(cause(), only_if_failed=True)

    def see(place: Place | None, *, only_if_failed: bool) -> None:
        text = "a query ran on another connection than the transaction of the test"
        watch.see("WS106", text, place, only_if_failed=only_if_failed)

    def report(_: WatchedTest) -> None:
        for place in list(written.values())[:1]:
            see(place, only_if_failed="DELETE" in written)
        written.clear()

    watch.observe(utils, "CursorWrapper.execute", execute)
    watch.after_test(report)


def never_committed(watch: Watch, base: Any) -> None:
    """A failed test throws away what the project wanted to do on commit."""
    waiting: list[tuple[Any, Place | None]] = []

    def on_commit(connection: Any, function: Any, *_: Any, **__: Any) -> None:
        if connection.in_atomic_block and place_of(function) is not None:
            waiting.append((function, cause()))

    def run_hooks(connection: Any) -> None:
        ran = [entry[1] for entry in connection.run_on_commit]
        waiting[:] = [each for each in waiting if each[0] not in ran]

    def report(_: WatchedTest) -> None:
        for _, place in waiting:
            watch.see(
                "WS107",
                "what was passed to `on_commit()` never ran: the test's transaction never commits",
                place,
                only_if_failed=True,
            )
        waiting.clear()

    watch.observe(base, "BaseDatabaseWrapper.on_commit", on_commit)
    watch.observe(base, "BaseDatabaseWrapper.run_and_clear_commit_hooks", run_hooks)
    watch.after_test(report)
