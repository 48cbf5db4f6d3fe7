"""FastAPI's ``dependency_overrides``: those without effect, and those that a test leaves on."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from functools import update_wrapper
from importlib import import_module
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from wslint.pytest_plugin.witness.place import Place
from wslint.pytest_plugin.witness.watch import Missing, Watch, WatchedTest


def without_effect(watch: Watch, fastapi: Any) -> None:
    """A client is used while its application overrides what none of its own routes depends on."""
    known: dict[tuple[int, int], set[Any]] = {}

    def call(client: Any, *_: Any, **__: Any) -> None:
        application = client.app
        overrides = getattr(application, "dependency_overrides", None)
        if not overrides:
            return
        key = id(application), len(application.routes)
        if key not in known:
            known[key] = set(_dependencies(application.routes))
        for function in overrides:
            if function not in known[key]:
                name = getattr(function, "__name__", "a dependency")
                watch.see(
                    "WS310", f"nothing in this application depends on the overridden `{name}`"
                )

    _check(fastapi)
    testclient = import_module("starlette.testclient")
    watch.observe(testclient, "TestClient.websocket_connect", call)
    watch.observe(testclient, "TestClient.request", call)


def left_on(watch: Watch, fastapi: Any) -> None:
    """A test runs with an override that an earlier test has left on.

    At its end, what a test has left is replaced by a twin, which does the same. If it is still
    there when a later test needs the dependency, that test has not set it by itself.
    """
    settled: WeakKeyDictionary[Any, dict[Any, Any]] = WeakKeyDictionary()
    # with the twins, so that no id is used again
    left: dict[int, tuple[Any, Any, WatchedTest]] = {}
    made: WeakSet[Any] = WeakSet(
        each for each in gc.get_objects() if issubclass(type(each), fastapi.FastAPI)
    )

    def make(application: Any, *_: Any, **__: Any) -> None:
        made.add(application)

    def settle() -> None:
        for application in made:
            settled[application] = dict(application.dependency_overrides)

    def look(test: WatchedTest) -> None:
        # an application that is made by a test may be set up for all that come after
        for application, known in settled.items():
            overrides = application.dependency_overrides
            for function, override in tuple(overrides.items()):
                is_new = known.get(function) is not override
                if is_new and (twin := _twin(override)) is not None:
                    overrides[function] = twin
                    left[id(twin)] = twin, function, test
        settle()

    def use(*_: Any, call: Any, **__: Any) -> None:
        if id(call) in left:
            _, function, test = left[id(call)]
            name = getattr(function, "__name__", "a dependency")
            watch.see(
                "override-left-on",
                f"this test left an override of `{name}` on, with which a later one ran",
                Place(test.path, test.line),
            )

    watch.observe(fastapi, "FastAPI.__init__", make)
    watch.observe(import_module("fastapi.dependencies.utils"), "get_dependant", use)
    watch.after_shared_fixture(settle)
    watch.after_test(look)
    settle()


def _twin(function: Any) -> Any:
    """Return another function that does the same; None if it is no plain function."""
    if type(function) is not FunctionType:
        return None
    code, names = function.__code__, function.__globals__
    twin = FunctionType(code, names, None, function.__defaults__, function.__closure__)
    twin.__kwdefaults__ = function.__kwdefaults__
    update_wrapper(twin, function)
    del vars(twin)["__wrapped__"]
    vars(twin).update(vars(function))  # it may be a wrapper itself
    return twin


def _dependencies(routes: Iterable[Any]) -> Iterator[Any]:
    """Yield what the routes of an application depend on, those of included routers too."""
    for route in routes:
        if hasattr(route, "effective_candidates"):
            yield from _dependencies(route.effective_candidates())
        # a websocket of an included router has another route around its own
        todo = [getattr(each, "dependant", None) for each in (route, _inner(route))]
        for dependant in todo:
            if dependant is not None:
                yield dependant.call
                todo += dependant.dependencies


def _inner(route: Any) -> Any:
    return getattr(route, "starlette_route", None)


def _check(fastapi: Any) -> None:
    """Raise Missing if the dependencies of a small application are not found."""

    async def socket(websocket: Any, _: Any = fastapi.Depends(_inner)) -> None: ...  # noqa: B008

    application, router = fastapi.FastAPI(), fastapi.APIRouter()
    router.add_api_websocket_route("/", socket)
    application.include_router(router)
    if _inner not in _dependencies(application.routes):
        raise Missing("the routes of FastAPI do not tell what they depend on")
