"""The communicators of Channels: how they begin, where they run, and how they end."""

from __future__ import annotations

import asyncio
import inspect
import re
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from wslint.pytest_plugin.witness.applications import ApplicationRun, observed
from wslint.pytest_plugin.witness.place import Place, cause, is_of_the_project
from wslint.pytest_plugin.witness.watch import Missing, Watch, WatchedTest, in_event_loop

_CALLS = ("send_input", "receive_output", "receive_nothing", "wait")
_METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"))
_NEVER_AWAITED = re.compile(r"coroutine '(?:\w*(Communicator)\.)?([\w.<>]+)' was never awaited")
_TIMEOUTS = (TimeoutError, asyncio.TimeoutError)  # two classes before Python 3.11


@dataclass(eq=False)
class Conversation:
    """What a test does with one communicator, and what the application does."""

    test: WatchedTest
    place: Place | None
    run: ApplicationRun
    calls: list[str] = field(default_factory=list)
    loop: Any = None
    has_left: bool = False
    has_timed_out: bool = False
    has_raised: bool = False


class Conversations:
    """The conversations of the run. It keeps no communicator alive: its end would come later."""

    def __init__(self) -> None:
        self.all: list[Conversation] = []
        self._of: WeakKeyDictionary[Any, Conversation] = WeakKeyDictionary()

    def add(self, communicator: Any, conversation: Conversation) -> None:
        """Add a conversation."""
        self.all.append(conversation)
        self._of[communicator] = conversation

    def of(self, communicator: Any) -> Conversation | None:
        """Return the conversation of a communicator."""
        return self._of.get(communicator)


def record_conversations(watch: Watch, testing: Any) -> None:
    """Record what happens to each communicator; the signals below read it."""
    conversations = Conversations()

    def make(
        communicator: Any, application: Any, *args: Any, **kwargs: Any
    ) -> Generator[Any, Any, None]:
        test, run = watch.use(), ApplicationRun()
        if test is None:
            yield
            return
        conversation = Conversation(test, cause(), run)
        conversations.add(communicator, conversation)
        single = testing.guarantee_single_callable(application)
        try:
            yield (communicator, observed(single, run), *args), kwargs
        except RuntimeError:  # asgiref 3.8 starts a task here
            if not in_event_loop():
                watch.see("WS507", "a communicator was made outside of an event loop")
            raise
        if (future := vars(communicator).get("future")) is not None:
            # asgiref before 3.8 starts the application here
            conversation.loop = future.get_loop()

    def call(name: str) -> Any:
        def observer(communicator: Any, *args: Any, **__: Any) -> Generator[None, Any, None]:
            watch.use()
            conversation = conversations.of(communicator) or Conversation(
                WatchedTest(), None, ApplicationRun()
            )
            conversation.calls.append(name)
            kind = args[0].get("type", "") if args and isinstance(args[0], dict) else ""
            conversation.has_left |= name == "wait" or kind.endswith(".disconnect")
            try:
                yield
            except _TIMEOUTS:
                conversation.has_timed_out |= name == "receive_output"
                raise
            except Exception:
                conversation.has_raised = True
                raise

        return observer

    if not hasattr(testing, "guarantee_single_callable"):
        raise Missing("asgiref.testing has no guarantee_single_callable")
    watch.observe(testing, "ApplicationCommunicator.__init__", make)
    for name in _CALLS:
        watch.observe(testing, f"ApplicationCommunicator.{name}", call(name))
    watch.records["conversations"] = conversations


def _observe_calls(
    watch: Watch, testing: Any, observer: Callable[[Conversation], None]
) -> Conversations:
    """Let an observer run before each call of a communicator that is recorded."""
    conversations = _recorded(watch)

    def call(communicator: Any, *_: Any, **__: Any) -> None:
        conversation = conversations.of(communicator)
        if conversation is not None:
            observer(conversation)

    for name in _CALLS:
        watch.observe(testing, f"ApplicationCommunicator.{name}", call)
    return conversations


def _recorded(watch: Watch) -> Conversations:
    conversations = watch.records.get("conversations")
    if not isinstance(conversations, Conversations):
        raise Missing("communicators are not recorded")
    return conversations


def _report_each(watch: Watch, report: Callable[[Conversation], None]) -> None:
    """Report on each recorded conversation at the end of the run."""
    conversations = _recorded(watch)

    def report_all() -> None:
        for each in conversations.all:
            report(each)

    watch.at_end(report_all)


def never_disconnected(watch: Watch, _: Any) -> None:
    """A test that passes leaves an accepted communicator while its application runs."""

    def report(each: Conversation) -> None:
        is_left = each.run.is_accepted and not each.run.is_over
        if is_left and not (each.has_left or each.has_timed_out or each.test.failed):
            watch.see(
                "WS501",
                "a communicator was never disconnected: its application was still running",
                each.place,
                each.test,
            )

    _report_each(watch, report)


def crashed(watch: Watch, _: Any) -> None:
    """An application ends with an exception that the test does not get."""

    def report(each: Conversation) -> None:
        is_group = "No handler for message type" in each.run.error
        is_expected = each.has_raised and not (is_group and each.test.failed)
        if each.run.outcome == "raised" and not is_expected:
            watch.see(
                "WS513" if is_group else "application-crashed",
                f"the application ended with {each.run.error[:100]}",
                each.place,
                each.test,
            )

    _report_each(watch, report)


def several_loops(watch: Watch, testing: Any) -> None:
    """A communicator is used in an event loop while its application ran in another."""

    def use(conversation: Conversation) -> None:
        loop = asyncio.get_running_loop()
        conversation.loop = conversation.loop or loop
        is_running = not (conversation.run.is_over or conversation.has_timed_out)
        if conversation.loop is not loop and is_running:
            watch.see(
                "WS507",
                "a communicator was used in another event loop than its application",
            )

    _observe_calls(watch, testing, use)


def used_after_timeout(watch: Watch, testing: Any) -> None:
    """A communicator is used after a receive that timed out and cancelled its application."""

    def use(conversation: Conversation) -> None:
        if conversation.has_timed_out:
            watch.see(
                "WS509",
                "a communicator was used after a receive that timed out had cancelled it",
                only_if_failed=True,
            )

    _observe_calls(watch, testing, use)


def never_accepts(watch: Watch, _: Any) -> None:
    """A failed test waits for an application that sends nothing at all."""

    def report(each: Conversation) -> None:
        if each.has_timed_out and not each.run.sent:
            watch.see(
                "WS512",
                "the application neither accepted nor closed in time",
                each.place,
                each.test,
                only_if_failed=True,
            )

    _report_each(watch, report)


def frozen_clock(watch: Watch, testing: Any) -> None:
    """A communicator of a failed test waits while freezegun stops the clock."""

    def wait(_: Conversation) -> None:
        # freezegun replaces functions of this module
        if getattr(time.monotonic, "__module__", "") == "freezegun.api":
            watch.see(
                "WS515",
                "a communicator waited while freezegun stopped the clock",
                only_if_failed=True,
            )

    _observe_calls(watch, testing, wait)


def consumer_class(watch: Watch, testing: Any) -> None:
    """A communicator gets a consumer class, or ``as_asgi`` itself."""

    def make(_: Any, application: Any, *__: Any, **___: Any) -> None:
        is_class = inspect.isclass(application) and hasattr(application, "as_asgi")
        if is_class or getattr(application, "__name__", "") == "as_asgi":
            watch.see("WS504", "a communicator got a consumer, not `as_asgi()`")

    watch.observe(testing, "ApplicationCommunicator.__init__", make)


def swapped_arguments(watch: Watch, testing: Any) -> None:
    """The method of a request is a path, or the path of a websocket is a method."""

    def make(_: Any, __: Any, scope: Any) -> None:
        if scope.get("method", "").startswith("/") or scope.get("path") in _METHODS:
            watch.see("WS505", "a communicator got a method for its path")

    watch.observe(testing, "ApplicationCommunicator.__init__", make)


def never_awaited(watch: Watch, _: Any) -> None:
    """Python warns that a coroutine was never awaited: a communicator's, or one of the project."""

    def warned(text: str, place: Place) -> None:
        found = _NEVER_AWAITED.match(text)
        if found is None:
            return
        owner, name = found.groups()
        if owner:
            watch.see("WS503", f"`{name}()` of a communicator was never awaited", place)
        elif is_of_the_project(place.path):
            watch.see("WS521", f"`{name}()` was never awaited", place, only_if_failed=True)

    watch.on_warning(warned)


class ConnectResult(tuple[Any, ...]):
    """The result of ``connect()``; it knows whether somebody looks at it."""

    is_read = False
    is_truth = False

    def __bool__(self) -> bool:
        self.is_truth = True
        return True


def _reading(name: str) -> Any:
    def read(self: ConnectResult, *args: Any) -> Any:
        self.is_read = True
        return getattr(tuple, name)(self, *args)

    return read


for _name in ("__iter__", "__getitem__", "__eq__", "__ne__", "__contains__"):
    setattr(ConnectResult, _name, _reading(_name))


def unread_connect_result(watch: Watch, websocket: Any) -> None:
    """Nobody looks at the result of ``connect()``, or only at its truth, which is always true."""
    conversations = _recorded(watch)
    results: list[tuple[Conversation, int, Place | None, ConnectResult]] = []

    def connect(communicator: Any, *_: Any, **__: Any) -> Generator[None, Any, Any]:
        place = cause()
        result = yield
        conversation = conversations.of(communicator)
        if conversation is None or type(result) is not tuple:
            return None
        results.append((conversation, len(conversation.calls), place, ConnectResult(result)))
        return results[-1][-1]

    def report() -> None:
        for conversation, before, place, result in results:
            received = "receive_output" in conversation.calls[before:]
            if not result.is_read:
                watch.see(
                    "WS508" if received else "WS502",
                    "the result of `connect()` was never looked at",
                    place,
                    conversation.test,
                    latent=not result.is_truth,
                )

    watch.observe(websocket, "WebsocketCommunicator.connect", connect)
    watch.at_end(report)
