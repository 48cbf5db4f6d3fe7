"""unittest: coroutines that it calls and does not await."""

from __future__ import annotations

import inspect
from typing import Any

from wslint.pytest_plugin.socket_tests import is_socket_test
from wslint.pytest_plugin.witness.place import place_of
from wslint.pytest_plugin.witness.watch import Watch


def never_run(watch: Watch, case: Any) -> None:
    """A plain TestCase calls a coroutine: nothing runs. Other base classes override the method."""

    def call(_: Any, method: Any) -> None:
        test = watch.test
        if test is not None and inspect.iscoroutinefunction(method):
            test.counts |= is_socket_test(test.item)
            watch.see(
                "WS506",
                "an `async def` test of a plain TestCase was never awaited",
                place_of(method),
            )

    watch.observe(case, "TestCase._callTestMethod", call)
