"""Observers see calls, never break them, and a signal without its names is off."""

from __future__ import annotations

import asyncio
import sys
import sysconfig
from collections.abc import Generator
from types import ModuleType
from typing import Any

import pytest

from wslint.findings.seen import Seen
from wslint.pytest_plugin.witness.place import Place, is_of_the_project
from wslint.pytest_plugin.witness.signals import SIGNALS, communicators, loops, overrides
from wslint.pytest_plugin.witness.watch import Watch, WatchedTest

PATH = "/p/test_a.py"


class Base:
    def inherited(self, value: int) -> int:
        return value


class Library(Base):
    def call(self, value: int = 1) -> int:
        if value < 0:
            raise ValueError(value)
        return value

    async def wait(self, value: int) -> int:
        return self.call(value)


@pytest.fixture
def module() -> Any:
    made: Any = ModuleType("library")
    made.Library = type("Library", (Library,), dict(vars(Library)))
    return made


@pytest.fixture
def watch() -> Watch:
    watch = Watch(lambda path: path)
    watch.begin(WatchedTest("test_a.py::test_a", PATH, 3, counts=True))
    return watch


def test_result_exception_and_arguments(watch: Watch, module: Any) -> None:
    notes: list[object] = []

    def observer(_: object, value: int = 0) -> Generator[Any, Any, Any]:
        try:
            result = yield ((library, value + 1), {}) if value == 5 else None
        except ValueError as error:
            notes.append(error.args)
            raise
        notes.append((value, result))
        return 100 if value == 7 else None

    library = module.Library()
    watch.observe(module, "Library.call", observer)
    assert [library.call(2), library.call(5), library.call(7)] == [2, 6, 100]
    with pytest.raises(ValueError, match="-1"):
        library.call(-1)
    assert notes == [(2, 2), (5, 6), (7, 7), (-1,)]


def test_coroutines(watch: Watch, module: Any) -> None:
    notes: list[int] = []
    watch.observe(module, "Library.wait", lambda _, value: notes.append(value))
    assert asyncio.iscoroutinefunction(module.Library.wait)
    assert asyncio.run(module.Library().wait(4)) == 4
    with pytest.raises(ValueError, match="-4"):
        asyncio.run(module.Library().wait(-4))
    assert notes == [4, -4]


def test_everything_is_restored(watch: Watch, module: Any) -> None:
    before = dict(vars(module.Library))
    for name in ("call", "inherited"):
        watch.observe(module, f"Library.{name}", lambda *_: None)
    watch.observe_reads(module.Library, "scope", lambda _: None)
    assert module.Library().inherited(3) == 3
    assert vars(module.Library) != before
    watch.close()
    assert dict(vars(module.Library)) == before


def test_an_error_of_an_observer_does_no_harm(watch: Watch, module: Any) -> None:
    def breaks_before(*_: object) -> None:
        raise KeyError

    def breaks_after(*_: object) -> Generator[None, Any, None]:
        yield
        raise LookupError

    def breaks_on_failure(*_: object) -> Generator[None, Any, None]:
        try:
            yield
        finally:
            raise OSError

    for observer in (breaks_before, breaks_after, breaks_on_failure):
        watch.observe(module, "Library.call", observer)
    assert module.Library().call(3) == 3
    with pytest.raises(ValueError, match="-3"):
        module.Library().call(-3)
    assert [reason.split(":")[1] for reason in watch.off] == [
        " KeyError",
        " OSError",
        " LookupError",
    ]


def test_a_signal_without_a_name_is_off(watch: Watch, module: Any) -> None:
    notes: list[str] = []

    def signal(watch: Watch, module: Any) -> None:
        watch.observe(module, "Library.call", lambda *_: notes.append("called"))
        watch.observe(module, "Library._gone", lambda *_: None)

    assert watch.install("asyncio", lambda watch, _: signal(watch, module))
    assert module.Library().call() == 1
    assert notes == []
    (reason,) = watch.off
    assert reason.endswith("library has no Library._gone")
    assert not watch.install("no_such_library", signal)


@pytest.mark.parametrize(
    ("library", "signal"), SIGNALS, ids=lambda one: getattr(one, "__name__", one)
)
def test_each_signal_can_be_off(
    watch: Watch, library: str, signal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that has none of the names that are needed turns the signal off, no more."""
    monkeypatch.setitem(sys.modules, library, ModuleType(library))
    assert watch.install(library, signal)
    reasons = [reason.partition(":")[0] for reason in watch.off]
    needs_none = signal in (communicators.never_awaited, overrides.patch_left_on, loops.lost_task)
    assert reasons == ([] if needs_none else [signal.__name__])
    assert needs_none or not watch._undo


def test_what_counts(watch: Watch) -> None:
    test = watch.test
    assert test is not None
    watch.see("WS501", "left", Place(PATH, 7))
    watch.see("WS501", "left", Place(PATH, 9))
    watch.see("WS402", "used", Place(PATH, 8), only_if_failed=True)
    watch.see("application-crashed", "ended", Place(PATH, 5), latent=True)
    left = Seen("WS501", "communicator-not-disconnected", test.id, PATH, 7, "left")
    ended = Seen("", "application-crashed", test.id, PATH, 5, "ended", True)
    assert test.all_seen == [left, ended]
    test.failed = True
    assert [seen.rule for seen in test.all_seen] == ["WS501", "WS402", ""]
    test.counts = False
    assert test.all_seen == []


def test_a_certain_sight_replaces_a_conditional_one(watch: Watch) -> None:
    assert watch.test is not None
    watch.see("WS101", "closed", Place(PATH, 1), only_if_failed=True)
    watch.see("WS101", "closed", Place(PATH, 2))
    assert [seen.line for seen in watch.test.all_seen] == [2]


def test_a_failure(watch: Watch) -> None:
    errors: list[BaseException] = []
    watch.on_failure(errors.append)
    assert watch.test is not None
    watch.test.counts = False
    watch.fail(error := ValueError())
    assert (watch.test.failed, watch.test.counts, errors) == (True, False, [error])


def test_nothing_is_seen_between_tests(watch: Watch) -> None:
    test = watch.test
    watch.end()
    watch.see("WS501", "left", Place(PATH, 7))
    assert test is not None
    assert test.all_seen == []
    assert watch.use() is None


def test_a_script_of_the_environment_is_not_of_the_project() -> None:
    assert not is_of_the_project(f"{sysconfig.get_path('scripts')}/pytest")
    assert is_of_the_project(PATH)
