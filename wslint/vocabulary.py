"""The roles of the libraries' names: qualified name to role.

A role says how the timeline treats an object. Names are those that code imports; re-exports of a
library are listed too, as libraries are never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

Role = Literal[
    "", "TestClient", "LoopTestClient", "Session", "AsyncSession", "Application", "Router",
    "WebsocketCommunicator", "HttpCommunicator", "ApplicationCommunicator",
    "SyncConsumer", "AsyncConsumer", "Override",
    "AsyncToSync", "SyncToAsync", "DatabaseSyncToAsync",
    "RunCoroutine", "RunFunction", "Gather", "AwaitFirst", "CreateTask", "TaskGroup", "EventLoop",
    "ToThread", "Thread", "Executor", "TimeLimit", "WaitFor",
    "Keepalive", "Patch", "PatchDict", "PatchObject", "PatchMultiple", "MonkeyPatch", "Mocker",
    "ContextManager", "ExitStack", "NullContext", "PlainContext", "Partial", "Decorating", "Cache",
    "Fixture", "Mark",
    "TestCase", "IsolatedTestCase", "SimpleTestCase", "DjangoTestCase", "TransactionTestCase",
    "SomeTestCase",
    "Range", "Super", "Enumerate", "Copy", "Dict", "Zip", "Next", "GetAttr", "HasAttr",
    "Transparent", "Property", "Namespace", "Cast", "ImportModule",
    "Harmless", "Blocking", "Sleep", "FreezeTime", "Alarm",
]  # fmt: skip
"""How the timeline treats an object; "" for unknown objects.

"Session" and "Mocker" are created by a method or a fixture, so no name has these roles.
"SomeTestCase" is a class derived from a unittest class that cannot be read.
"""

ROLES: dict[str, Role] = {
    # Starlette, FastAPI, Litestar: clients that drive an application from sync tests
    "starlette.testclient.TestClient": "TestClient",
    "fastapi.testclient.TestClient": "TestClient",
    "litestar.testing.TestClient": "LoopTestClient",
    "litestar.testing.client.TestClient": "LoopTestClient",
    "litestar.testing.client.sync_client.TestClient": "LoopTestClient",
    "litestar.testing.create_test_client": "LoopTestClient",
    "litestar.testing.helpers.create_test_client": "LoopTestClient",
    # everything in an async client runs in the test's own loop
    "litestar.testing.AsyncTestClient": "PlainContext",
    "litestar.testing.create_async_test_client": "PlainContext",
    "litestar.testing.helpers.create_async_test_client": "PlainContext",
    # Starlette, FastAPI: the parts of clients
    "starlette.applications.Starlette": "Application",
    "fastapi.FastAPI": "Application",
    "fastapi.applications.FastAPI": "Application",
    "starlette.routing.Router": "Router",
    "fastapi.APIRouter": "Router",
    "fastapi.routing.APIRouter": "Router",
    # httpx-ws: connections of an async client, in the test's own loop
    "httpx_ws.aconnect_ws": "AsyncSession",
    # Channels: communicators
    "channels.testing.WebsocketCommunicator": "WebsocketCommunicator",
    "channels.testing.websocket.WebsocketCommunicator": "WebsocketCommunicator",
    "channels.testing.HttpCommunicator": "HttpCommunicator",
    "channels.testing.http.HttpCommunicator": "HttpCommunicator",
    "channels.testing.ApplicationCommunicator": "ApplicationCommunicator",
    "channels.testing.application.ApplicationCommunicator": "ApplicationCommunicator",
    "asgiref.testing.ApplicationCommunicator": "ApplicationCommunicator",
    # Channels: consumers; sync ones run in a thread
    "channels.consumer.SyncConsumer": "SyncConsumer",
    "channels.consumer.AsyncConsumer": "AsyncConsumer",
    "channels.generic.websocket.WebsocketConsumer": "SyncConsumer",
    "channels.generic.websocket.JsonWebsocketConsumer": "SyncConsumer",
    "channels.generic.websocket.AsyncWebsocketConsumer": "AsyncConsumer",
    "channels.generic.websocket.AsyncJsonWebsocketConsumer": "AsyncConsumer",
    "channels.generic.http.AsyncHttpConsumer": "AsyncConsumer",
    # waffle
    "waffle.testutils.override_flag": "Override",
    "waffle.testutils.override_switch": "Override",
    "waffle.testutils.override_sample": "Override",
    # asgiref: adapters between sync and async
    "asgiref.sync.async_to_sync": "AsyncToSync",
    "asgiref.sync.AsyncToSync": "AsyncToSync",
    "asgiref.sync.sync_to_async": "SyncToAsync",
    "asgiref.sync.SyncToAsync": "SyncToAsync",
    "channels.db.database_sync_to_async": "DatabaseSyncToAsync",
    "channels.db.DatabaseSyncToAsync": "DatabaseSyncToAsync",
    # running coroutines
    "asyncio.run": "RunCoroutine",
    "anyio.run": "RunFunction",
    "trio.run": "RunFunction",
    "asyncio.gather": "Gather",
    "asyncio.wait": "Gather",
    "asyncio.wait_for": "WaitFor",
    "asyncio.shield": "AwaitFirst",
    "asyncio.create_task": "CreateTask",
    "asyncio.ensure_future": "CreateTask",
    "asyncio.timeout": "TimeLimit",
    "asyncio.timeout_at": "TimeLimit",
    "async_timeout.timeout": "TimeLimit",
    "anyio.fail_after": "TimeLimit",
    "anyio.move_on_after": "TimeLimit",
    "trio.fail_after": "TimeLimit",
    "trio.move_on_after": "TimeLimit",
    "asyncio.TaskGroup": "TaskGroup",
    "asyncio.new_event_loop": "EventLoop",
    "asyncio.get_event_loop": "EventLoop",
    "asyncio.get_running_loop": "EventLoop",
    "asyncio.to_thread": "ToThread",
    "asyncio.sleep": "Sleep",
    "signal.alarm": "Alarm",
    "signal.setitimer": "Alarm",
    "anyio.to_thread.run_sync": "ToThread",
    "threading.Thread": "Thread",
    "concurrent.futures.ThreadPoolExecutor": "Executor",
    # patches
    "unittest.mock.patch": "Patch",
    "mock.patch": "Patch",
    "unittest.mock.patch.object": "PatchObject",
    "mock.patch.object": "PatchObject",
    "unittest.mock.patch.dict": "PatchDict",
    "mock.patch.dict": "PatchDict",
    "unittest.mock.patch.multiple": "PatchMultiple",
    "mock.patch.multiple": "PatchMultiple",
    "wslint.keepalive.keep_db_connections_open": "Keepalive",
    # freezegun
    "freezegun.freeze_time": "FreezeTime",
    "freezegun.api.freeze_time": "FreezeTime",
    # contextlib and functools
    "contextlib.contextmanager": "ContextManager",
    "contextlib.asynccontextmanager": "ContextManager",
    "contextlib.ExitStack": "ExitStack",
    "contextlib.AsyncExitStack": "ExitStack",
    "contextlib.nullcontext": "NullContext",
    "contextlib.closing": "NullContext",
    "contextlib.aclosing": "NullContext",
    "contextlib.suppress": "PlainContext",
    "functools.partial": "Partial",
    "functools.wraps": "Decorating",
    # pytest
    "pytest.MonkeyPatch": "MonkeyPatch",
    "pytest.MonkeyPatch.context": "MonkeyPatch",
    "_pytest.monkeypatch.MonkeyPatch": "MonkeyPatch",
    "pytest.fixture": "Fixture",
    "pytest_asyncio.fixture": "Fixture",
    "pytest.raises": "PlainContext",
    "pytest.warns": "PlainContext",
    # test case classes
    "unittest.TestCase": "TestCase",
    "unittest.case.TestCase": "TestCase",
    "unittest.IsolatedAsyncioTestCase": "IsolatedTestCase",
    "unittest.async_case.IsolatedAsyncioTestCase": "IsolatedTestCase",
    "django.test.SimpleTestCase": "SimpleTestCase",
    "django.test.testcases.SimpleTestCase": "SimpleTestCase",
    "django.test.TestCase": "DjangoTestCase",
    "django.test.testcases.TestCase": "DjangoTestCase",
    "django.test.TransactionTestCase": "TransactionTestCase",
    "django.test.testcases.TransactionTestCase": "TransactionTestCase",
    "django.test.LiveServerTestCase": "TransactionTestCase",
    "django.contrib.staticfiles.testing.StaticLiveServerTestCase": "TransactionTestCase",
    "channels.testing.ChannelsLiveServerTestCase": "TransactionTestCase",
    "channels.testing.live.ChannelsLiveServerTestCase": "TransactionTestCase",
    "rest_framework.test.APITestCase": "DjangoTestCase",
    "rest_framework.test.APISimpleTestCase": "SimpleTestCase",
    "rest_framework.test.APITransactionTestCase": "TransactionTestCase",
    "rest_framework.test.APILiveServerTestCase": "TransactionTestCase",
    "hypothesis.extra.django.TestCase": "DjangoTestCase",
    "hypothesis.extra.django.TransactionTestCase": "TransactionTestCase",
    # builtins that neither keep nor change their arguments
    "builtins.range": "Range",
    "builtins.super": "Super",
    "builtins.enumerate": "Enumerate",
    "builtins.dict": "Dict",
    "builtins.list": "Copy",
    "builtins.tuple": "Copy",
    "builtins.sorted": "Copy",
    "builtins.iter": "Copy",
    "builtins.zip": "Zip",
    "builtins.next": "Next",
    "builtins.__import__": "ImportModule",
    "importlib.import_module": "ImportModule",
    "builtins.getattr": "GetAttr",
    "builtins.hasattr": "HasAttr",
    "builtins.staticmethod": "Transparent",
    "builtins.classmethod": "Transparent",
    "builtins.property": "Property",
    "functools.cached_property": "Property",
    "django.utils.functional.cached_property": "Property",
    "functools.lru_cache": "Cache",
    "functools.cache": "Cache",
    "types.SimpleNamespace": "Namespace",
    "argparse.Namespace": "Namespace",
    "typing.cast": "Cast",
    "typing.override": "Transparent",
    "typing_extensions.override": "Transparent",
}
_HARMLESS: dict[str, Role] = dict.fromkeys(
    (
        "builtins.print", "builtins.len", "builtins.isinstance", "builtins.issubclass",
        "builtins.id", "builtins.repr", "builtins.str", "builtins.bool", "builtins.type",
        "builtins.callable", "builtins.hash", "builtins.any", "builtins.all",
        "json.dumps", "json.loads",
    ),
    "Harmless",
)  # fmt: skip
ROLES |= _HARMLESS
_BLOCKING: dict[str, Role] = dict.fromkeys(
    (
        "time.sleep", "urllib.request.urlopen",
        *(f"{library}.{method}" for library in ("requests", "httpx")
          for method in ("get", "post", "put", "patch", "delete", "options", "head", "request")),
    ),
    "Blocking",
)  # fmt: skip
ROLES |= _BLOCKING

LIBRARIES = frozenset(name.partition(".")[0] for name in ROLES)
"""The top-level packages with known names."""

PARTS_OF_LIBRARIES = {
    library: frozenset(
        parts[1]
        for parts in (name.split(".") for name in ROLES)
        if parts[0] == library and len(parts) > 2 and parts[1].islower()
    )
    for library in ("starlette", "fastapi", "litestar", "channels", "asgiref", "waffle", "django")
}
"""Modules that identify the package itself, as opposed to a namesake."""

USER_ROLES = (
    "TestClient", "LoopTestClient", "WebsocketCommunicator", "HttpCommunicator",
    "ApplicationCommunicator", "Override", "Keepalive", "DjangoTestCase", "TransactionTestCase",
    "AsyncToSync", "SyncToAsync", "Harmless",
)  # fmt: skip
"""The roles that settings may assign to names of the project."""

KEEPALIVE_TARGETS: dict[str, bool] = {
    # Does patching this name keep the test's connection open? (docs/facts.md, "Keepalives")
    "channels.db.close_old_connections": True,
    "channels.db.aclose_old_connections": False,
    "django.db.close_old_connections": False,
    "channels.consumer.aclose_old_connections": False,
    "channels.generic.websocket.aclose_old_connections": False,
    "channels.generic.http.aclose_old_connections": False,
}

SOCKET_WORDS = (
    b"websocket_connect", b"ommunicator", b"override_flag", b"override_switch", b"override_sample",
    b"aconnect_ws", b'.get("/ws', b".get('/ws",
)  # fmt: skip
"""A test file without any of these words opens no websocket by itself, nor asks for one by HTTP.

A patch of close_old_connections matters only where something is opened.
"""

TRIGGERS = (*SOCKET_WORDS, b"TestClient", b"test_client", b"old_connections")
"""A file without any of these words creates nothing that appears in a timeline."""

SOCKET_METHODS = frozenset(("websocket_connect",))
"""Methods whose test is listed as unresolved if their receiver cannot be followed."""

SERVER_ATTRIBUTES = frozenset(
    ("client_state", "application_state", "state", "path_params", "query_params", "headers", "url",
     "cookies", "client", "accept")
)  # fmt: skip
"""What Starlette's WebSocket has, and the session of its test client does not."""


def is_private(name: str) -> bool:
    """Return whether a name is private to its class or module."""
    return name.startswith("_") and not name.startswith("__")


SCOPE_KEYS = {
    "channels.routing.ProtocolTypeRouter": (),
    "channels.routing.URLRouter": ("url_route",),
    "channels.security.websocket.OriginValidator": (),
    "channels.security.websocket.AllowedHostsOriginValidator": (),
    "channels.sessions.CookieMiddleware": ("cookies",),
    "channels.sessions.SessionMiddleware": ("session",),
    "channels.sessions.SessionMiddlewareStack": ("cookies", "session"),
    "channels.auth.AuthMiddleware": ("user",),
    "channels.auth.AuthMiddlewareStack": ("cookies", "session", "user"),
}
"""What Channels' routers and middleware put into the scope, of which they make a copy for it."""

COMMUNICATORS = frozenset(("WebsocketCommunicator", "HttpCommunicator", "ApplicationCommunicator"))
"""Classes, by which a test is known to use a communicator."""

RECEIVES = frozenset(("receive_from", "receive_json_from", "receive_output"))
"""The methods of a communicator that wait for a message, and raise if none comes."""

ASGI_PARTS = ("as_asgi", "channels.routing.", "channels.auth.", "channels.sessions.",
              "channels.security.", "channels.middleware.")  # fmt: skip
"""What the names of consumers' applications, routers and middleware of Channels begin with."""

FIELDS = frozenset(("dataclasses.field", "attrs.field", "attr.ib", "attr.field"))
"""Calls that declare an attribute in the body of a class."""

COMMUNICATOR_METHODS = frozenset(
    ("send_json_to", "receive_json_from", "send_to", "receive_from", "receive_nothing")
)
"""The same for communicators. ``connect`` is too common a name, so it counts only with the word
"communicator" in its receiver."""

LOGS = frozenset(
    ("debug", "info", "warning", "warn", "error", "exception", "log", "print_exc", "print")
)
"""Functions and methods that only report something."""

RAISES = frozenset(
    ("pytest.raises", "unittest.TestCase.assertRaises",
     "unittest.TestCase.assertRaisesRegex", "unittest.TestCase.assertRaisesMessage")
)  # fmt: skip
"""Contexts that expect an exception."""

TIME_LIMITS = tuple(name for name, role in ROLES.items() if role == "TimeLimit")
"""Contexts that end their body after some time."""

SESSIONS = frozenset(("Session", "AsyncSession"))
"""The test's ends of a websocket that a context manager opens."""

CANCEL_SCOPES = ("anyio.create_task_group", "anyio.CancelScope", "trio.open_nursery")
"""Async contexts with a cancel scope of anyio or trio."""

NO_RETURN = frozenset(
    ("pytest.fail", "pytest.skip", "pytest.exit", "pytest.xfail", "unittest.TestCase.fail",
     "unittest.TestCase.skipTest", "sys.exit")
)  # fmt: skip
"""Calls that never return."""

KEEPALIVE_FIXTURE = "keep_db_connections_open"
"""The fixture that fixes write to a conftest.py. wslint's pytest plugin has one of this name."""

OWN_KEEPALIVE = f"wslint.keepalive.{KEEPALIVE_FIXTURE}"
"""wslint's own context manager, which has no effect in a native async test."""

KEEPALIVE_MIXIN = "wslint.keepalive.KeepDbConnectionsOpenMixin"
"""wslint's own base class, which keeps connections open in every test."""

KEEPALIVE_NAMES = frozenset(name.rpartition(".")[2] for name in KEEPALIVE_TARGETS)

HTTP_METHODS = frozenset(
    ("get", "post", "put", "patch", "delete", "options", "head", "request", "stream")
)


class Vocabulary:
    """The roles of the libraries' names and of those in the user's settings."""

    def __init__(self, added: Mapping[str, str] | None = None) -> None:
        self._roles = {**ROLES, **cast("Mapping[str, Role]", added or {})}

    def role(self, qualified: str) -> Role:
        """Return the role of a qualified name, "" if it has none."""
        role = self._roles.get(qualified, "")
        if not role and qualified.startswith("pytest.mark."):
            return "Mark"
        return role
