"""Keeps what is seen in each test, and observes functions of libraries."""

from __future__ import annotations

import asyncio
import functools
import inspect
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

from wslint.config.rule_names import rule_names
from wslint.findings.seen import Seen
from wslint.pytest_plugin.socket_tests import is_socket_test
from wslint.pytest_plugin.witness.place import Place, cause

# Runs with the arguments of a call. A generator goes on with its result or exception after it.
# What it yields, if anything, takes the place of the arguments; what it returns, of the result.
Observer = Callable[..., "Generator[Any, Any, Any] | None"]


@dataclass(eq=False)
class WatchedTest:
    """A test; ``counts`` if it uses a websocket, a communicator or an override."""

    id: str = ""
    path: str = ""
    line: int = 1
    item: Any = None
    is_coroutine: bool = False
    counts: bool = False
    failed: bool = False
    seen: dict[tuple[str, str, bool], tuple[Seen, bool]] = field(default_factory=dict)

    @property
    def all_seen(self) -> list[Seen]:
        """What was seen, if the test counts; some of it only if the test failed."""
        if not self.counts:
            return []
        found = self.seen.values()
        return [seen for seen, only_if_failed in found if self.failed or not only_if_failed]


class Missing(Exception):
    """A library does not have a name that a signal needs."""


def in_event_loop() -> bool:
    """Return whether an event loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Watch:
    """Observes tests. A signal that cannot be installed is off; ``off`` says why."""

    def __init__(self, relative: Callable[[str], str]) -> None:
        self.test: WatchedTest | None = None
        self.off: list[str] = []
        self._relative = relative
        self._tests: list[WatchedTest] = []
        self.records: dict[str, Any] = {}
        self._on_failure: list[Callable[[BaseException], None]] = []
        self._on_warning: list[Callable[[str, Place], None]] = []
        self._after_shared_fixture: list[Callable[[], None]] = []
        self._after_test: list[Callable[[WatchedTest], None]] = []
        self._at_end: list[Callable[[], None]] = []
        self._observers: dict[tuple[Any, str], list[Observer]] = {}
        self._undo: list[Callable[[], None]] = []

    def install(self, library: str, signal: Callable[[Watch, Any], None]) -> bool:
        """Install a signal if its library is imported; return whether that is settled."""
        if library not in sys.modules:
            return False
        before = len(self._undo)
        try:
            signal(self, import_module(library))
        except Exception as error:  # Missing, or what a library of another version raises
            self._back_to(before)
            self.off.append(f"{signal.__name__}: {error}")
        return True

    def observe(self, module: Any, name: str, observer: Observer) -> None:
        """Let an observer run with each call of a function or method. Raises Missing."""
        owner, path = module, name.split(".")
        for part in path[:-1]:
            owner = getattr(owner, part, None)
        original = getattr(owner, path[-1], None)
        if owner is None or not callable(original):
            raise Missing(f"{module.__name__} has no {name}")
        observers = self._observers.get((owner, path[-1]))
        if observers is None:
            observers = self._observers[owner, path[-1]] = []
            self._undo.append(partial(_restore, owner, path[-1], vars(owner).get(path[-1])))
            setattr(owner, path[-1], self._observed(original, observers))
        observers.append(observer)
        self._undo.append(partial(observers.remove, observer))

    def observe_reads(self, owner: type, name: str, observer: Callable[[Any], None]) -> None:
        """Call an observer whenever an attribute of an object is read."""

        def read(subject: Any) -> Any:
            self._guarded(observer, subject)
            try:
                return vars(subject)[name]
            except KeyError:
                raise AttributeError(name) from None

        def write(subject: Any, value: Any) -> None:
            vars(subject)[name] = value

        if name in vars(owner):
            raise Missing(f"{owner.__qualname__}.{name} is no plain attribute")
        setattr(owner, name, property(read, write))
        self._undo.append(lambda: delattr(owner, name))

    def after_shared_fixture(self, action: Callable[[], None]) -> None:
        """Call something after the setup of each fixture that several tests share."""
        self._after_shared_fixture.append(action)

    def share(self) -> None:
        """Note that a fixture that several tests share was set up."""
        for action in self._after_shared_fixture:
            self._guarded(action)

    def after_test(self, action: Callable[[WatchedTest], None]) -> None:
        """Call something after each test and its fixtures."""
        self._after_test.append(action)

    def at_end(self, action: Callable[[], None]) -> None:
        """Call something after the last test, when the fixtures of every scope are over."""
        self._at_end.append(action)

    def on_warning(self, action: Callable[[str, Place], None]) -> None:
        """Call something with the text and the place of each warning."""
        self._on_warning.append(action)

    def warn(self, text: str, place: Place) -> None:
        """Pass a warning on."""
        for action in self._on_warning:
            self._guarded(action, text, place)

    def use(self) -> WatchedTest | None:
        """Return the test that runs; from now on, it counts."""
        if self.test is not None:
            self.test.counts = True
        return self.test

    def see(
        self,
        what: str,
        message: str,
        place: Place | None = None,
        test: WatchedTest | None = None,
        *,
        only_if_failed: bool = False,
        latent: bool = False,
    ) -> None:
        """Note a hazard, ``what`` being the code of a rule, or a short name if there is none.

        The place is the innermost frame of the project, if none is given. Of several in one test
        that have the same message, the first is kept.
        """
        test = test or self.test
        if test is None:
            return
        name = rule_names().get(what, what)
        rule = what if name != what else ""
        path, line = place or cause() or (test.path, test.line)
        seen = Seen(rule, name, test.id, self._relative(path), line, message, latent)
        key = name, message, latent
        if key not in test.seen or (test.seen[key][1] and not only_if_failed):
            test.seen[key] = seen, only_if_failed

    def begin(self, test: WatchedTest) -> None:
        """Start a test."""
        self.test = test
        self._tests.append(test)

    def on_failure(self, action: Callable[[BaseException], None]) -> None:
        """Call something with the exception of each test that fails."""
        self._on_failure.append(action)

    def fail(self, error: BaseException) -> None:
        """Note that the test failed."""
        test = self.test
        if test is not None:
            test.failed = True
            for action in self._on_failure:
                self._guarded(action, error)
            self._count(test)

    def _count(self, test: WatchedTest) -> None:
        """Let a failed test count even if it failed before its websocket was open."""
        if test.failed and test.seen and not test.counts:
            test.counts = self._guarded(is_socket_test, test.item, otherwise=False)

    def end(self) -> None:
        """End the test that runs."""
        if self.test is not None:
            for action in self._after_test:
                self._guarded(action, self.test)
            self._count(self.test)
            self.test.item = None
            self.test = None

    def close(self) -> list[Seen]:
        """End the run: restore the libraries, and return what was seen in tests that count."""
        self._back_to(0)
        for action in self._at_end:
            self._guarded(action)
        return [seen for test in self._tests for seen in test.all_seen]

    def _back_to(self, count: int) -> None:
        while len(self._undo) > count:
            self._undo.pop()()

    def _observed(self, original: Any, observers: list[Observer]) -> Any:
        if inspect.iscoroutinefunction(original):

            @functools.wraps(original)
            async def asynchronous(*args: Any, **kwargs: Any) -> Any:
                __tracebackhide__ = True
                running, args, kwargs = self._start(observers, args, kwargs)
                try:
                    result = await original(*args, **kwargs)
                except BaseException as error:
                    self._fail(running, error)
                    raise
                return self._finish(running, result)

            return asynchronous

        @functools.wraps(original)
        def synchronous(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            running, args, kwargs = self._start(observers, args, kwargs)
            try:
                result = original(*args, **kwargs)
            except BaseException as error:
                self._fail(running, error)
                raise
            return self._finish(running, result)

        return synchronous

    def _start(self, observers: list[Observer], args: Any, kwargs: Any) -> Any:
        """Run observers up to the call; return the generators, and the arguments for the call."""
        running, changed = [], None
        for observer in tuple(observers):
            started = self._guarded(observer, *args, **kwargs)
            if started is not None:
                running.append(started)
                changed = self._guarded(next, started) or changed
        return (running, *(changed or (args, kwargs)))

    def _fail(self, running: list[Any], error: BaseException) -> None:
        for each in reversed(running):
            self._guarded(_throw, each, error)

    def _finish(self, running: list[Any], result: Any) -> Any:
        for each in reversed(running):
            result = self._guarded(_send, each, result, otherwise=result)
        return result

    def _guarded(
        self, action: Callable[..., Any], *args: Any, otherwise: Any = None, **kwargs: Any
    ) -> Any:
        """Keep an error of wslint from reaching the test."""
        try:
            return action(*args, **kwargs)
        except Exception as error:
            what = f"an error of wslint: {type(error).__name__}: {error}"
            if what not in self.off:
                self.off.append(what)
            return otherwise


def _restore(owner: Any, name: str, own: Any) -> None:
    if own is None:  # it was inherited
        delattr(owner, name)
    else:
        setattr(owner, name, own)


def _throw(running: Any, error: BaseException) -> None:
    try:
        running.throw(error)
    except BaseException as raised:
        if raised is not error:
            raise


def _send(running: Any, result: Any) -> Any:
    try:
        running.send(result)
    except StopIteration as stop:
        return result if stop.value is None else stop.value
    return result
