"""FastAPI's ``dependency_overrides``: keys that nothing in the application depends on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from wslint.pytest_plugin.witness.watch import Missing, Watch


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
