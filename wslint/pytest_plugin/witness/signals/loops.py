"""Event loops: objects of another loop, and tasks that end with theirs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from importlib import import_module
from typing import Any

from wslint.pytest_plugin.witness.place import is_of_the_project
from wslint.pytest_plugin.witness.watch import Watch


def foreign_object(watch: Watch, mixins: Any) -> None:
    """A lock, queue or event is awaited in another loop than the one it belongs to."""

    def get_loop(subject: Any) -> Generator[None, Any, None]:
        try:
            yield
        except RuntimeError:
            watch.see(
                "WS308",
                f"an asyncio {type(subject).__name__} was used in another event loop than its own",
            )
            raise

    watch.observe(mixins, "_LoopBoundMixin._get_loop", get_loop)


def lost_task(watch: Watch, _: Any) -> None:
    """A task of the project ends with the loop of a call or websocket of a bare client."""

    def cancel_all(loop: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            return
        for task in asyncio.all_tasks(loop):
            code = getattr(task.get_coro(), "cr_code", None)
            if code is not None and is_of_the_project(code.co_filename):
                watch.see(
                    "WS303",
                    f"the task `{code.co_name}()` ended with the event loop of one call",
                    only_if_failed=True,
                )

    # anyio has a copy for Python 3.10
    backend = import_module("anyio._backends._asyncio")
    has_copy = hasattr(backend, "_cancel_all_tasks")
    watch.observe(backend if has_copy else asyncio.runners, "_cancel_all_tasks", cancel_all)
