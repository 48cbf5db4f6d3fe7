"""Overrides of waffle, and mock's patches: where they are on, and for how long."""

from __future__ import annotations

import inspect
import os
from collections.abc import Generator
from typing import Any

from wslint.pytest_plugin.witness.place import Place, cause, decorated, place_of
from wslint.pytest_plugin.witness.watch import Watch, WatchedTest, in_event_loop

_OVERRIDES = ("override_flag", "override_switch", "override_sample")


def left_on(watch: Watch, testutils: Any) -> None:
    """A test with an override counts; one that is on at the end of the run was left on."""
    active: dict[int, tuple[Any, WatchedTest, Place | None]] = {}
    watch.records["overrides"] = active

    def enable(override: Any) -> Generator[None, Any, None]:
        test, place = watch.use(), cause()
        yield
        if test is not None:
            active[id(override)] = (override, test, place)

    def disable(override: Any) -> Generator[None, Any, None]:
        try:
            yield
        finally:
            active.pop(id(override), None)

    def report() -> None:
        for override, test, place in active.values():
            watch.see(
                "override-left-on",
                f"an override of {override.name!r} was never turned off",
                place,
                test,
            )

    for name in _OVERRIDES:
        watch.observe(testutils, f"{name}.enable", enable)
        watch.observe(testutils, f"{name}.disable", disable)
    watch.at_end(report)


def in_coroutine(watch: Watch, testutils: Any) -> None:
    """An override is turned on inside a running event loop, where Django refuses queries."""

    def enable(_: Any) -> None:
        if not in_event_loop() or os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE"):
            return
        watch.see(
            "WS201",
            "a waffle override was turned on inside a coroutine",
            place_of(decorated()),
        )

    for name in _OVERRIDES:
        watch.observe(testutils, f"{name}.enable", enable)


def on_generator(watch: Watch, testutils: Any) -> None:
    """An override decorates a generator, which begins when the override is over."""
    for name in _OVERRIDES:
        watch.observe(testutils, f"{name}.enable", _generator_observer(watch, "an override"))


def patch_on_generator(watch: Watch, mock: Any) -> None:
    """A patch decorates a generator, which begins when the patch is over."""
    watch.observe(mock, "_patch.__enter__", _generator_observer(watch, "a patch"))


def patch_left_on(watch: Watch, channels: Any) -> None:
    """The functions with which Channels closes connections are still replaced at the end."""
    names = ("close_old_connections", "aclose_old_connections")
    original = {name: getattr(channels, name) for name in names if hasattr(channels, name)}
    changed: dict[str, WatchedTest] = {}

    def is_changed(name: str) -> bool:
        return getattr(channels, name) is not original[name]

    def compare(test: WatchedTest) -> None:
        for name in filter(is_changed, original):
            changed.setdefault(name, test)

    def report() -> None:
        for name, test in changed.items():
            if is_changed(name):
                watch.see("WS103", f"`channels.db.{name}` was still patched at the end", test=test)

    watch.after_test(compare)
    watch.at_end(report)


def _generator_observer(watch: Watch, what: str) -> Any:
    def enter(_: Any) -> None:
        function = decorated()
        inner = inspect.unwrap(function) if function is not None else None
        if inspect.isgeneratorfunction(inner) or inspect.isasyncgenfunction(inner):
            watch.see(
                "WS204",
                f"{what} decorates a generator: it was over before the body began",
                place_of(function),
            )

    return enter
