"""Communicators and consumers of Channels."""

from __future__ import annotations

from wslint.symptoms.known.common import COMMUNICATOR, ONE_LOOP, TRANSACTION
from wslint.symptoms.model import Cause, Symptom

SYMPTOMS = (
    Symptom(
        "cancelled",
        ("CancelledError",),
        (
            Cause(
                "a receive that timed out has cancelled the application, and the communicator is "
                "used after it",
                "assert silence with `await communicator.receive_nothing()`",
                ("WS509",),
            ),
            Cause(
                "the communicator was connected in one event loop and is used in another",
                ONE_LOOP,
                ("WS507",),
            ),
            Cause(
                "a receive that should get a message has timed out, and the `finally` of the test "
                "disconnects: the TimeoutError is shown above",
                "look for the cause of that first",
            ),
        ),
        where="at `disconnect()` or a send",
        exceptions=("CancelledError",),
        frames=(COMMUNICATOR,),
    ),
    Symptom(
        "connect-timed-out",
        ("TimeoutError",),
        (
            Cause(
                "the consumer's `connect()` neither accepts nor closes: it is overridden without "
                "`await self.accept()` or `super().connect()`, or waits for something",
                "`await self.accept()`",
                ("WS512",),
            ),
        ),
        where="at `connect()`",
        exceptions=("TimeoutError",),
        frames=(r"channels/testing/websocket\.py:connect",),
    ),
    Symptom(
        "receive-timed-out",
        ("TimeoutError",),
        (
            Cause(
                "the connection was refused, and the result of `connect()` is not looked at",
                "`connected, _ = await communicator.connect()` and `assert connected`",
                ("WS502", "WS508"),
            ),
            Cause(
                "an earlier send is not awaited",
                "await it",
                ("WS503",),
            ),
            Cause(
                "the consumer does not await what it sends, or the group that it joins",
                "`await self.send(…)`; in a sync consumer "
                "`async_to_sync(self.channel_layer.group_add)(…)`",
                ("WS521",),
            ),
            Cause(
                "the consumer only answers, and the test has not sent anything yet",
                "send first what it answers",
                ("WS415",),
            ),
            Cause(
                "the group's message was sent before the consumer has joined the group",
                "first receive its answer, or `assert await communicator.receive_nothing()`",
                ("WS416",),
            ),
            Cause(
                "the message is sent by `transaction.on_commit`, and the test's transaction never "
                "commits",
                f"{TRANSACTION}, or `captureOnCommitCallbacks(execute=True)`",
                ("WS107",),
            ),
            Cause(
                "the consumer waits for a row that the test's transaction has locked",
                TRANSACTION,
                ("WS106",),
            ),
        ),
        where="at a receive",
        exceptions=("TimeoutError",),
        frames=(r"channels/testing/websocket\.py:receive|asgiref/testing\.py:receive_output",),
        without=r"channels/testing/(websocket\.py:connect|http\.py)",
    ),
    Symptom(
        "response-timed-out",
        ("TimeoutError",),
        (
            Cause(
                "`get_response()` is called twice, or the application never completes its response",
                "read the response once",
            ),
        ),
        where="at `get_response()`",
        exceptions=("TimeoutError",),
        frames=(r"channels/testing/http\.py:",),
    ),
    Symptom(
        "closed-by-the-consumer",
        (
            "AssertionError: Expected type 'websocket.send', but was 'websocket.close'",
            "a bare `AssertionError` at `receive_json_from()`",
        ),
        (
            Cause(
                "the connection was refused, and the result of `connect()` is not looked at",
                "`connected, _ = await communicator.connect()` and `assert connected`",
                ("WS502", "WS508"),
            ),
            Cause(
                "the consumer has closed the connection instead of sending",
                "receive the close with `receive_output()`, if it is expected",
            ),
        ),
        exceptions=("AssertionError",),
        message=r"^(Expected type 'websocket\.send'|$)",
        frames=(r"channels/testing/websocket\.py:receive_",),
    ),
    Symptom(
        "consumer-class",
        (
            "TypeError: AsyncConsumer.__call__() missing 1 required positional argument: 'send'",
            "TypeError: AsyncConsumer.as_asgi() takes 1 positional argument but 2 were given",
            "TypeError: MyConsumer() takes no arguments",
            "TypeError: object MyConsumer can't be used in 'await' expression",
        ),
        (
            Cause(
                "the consumer's class, or `as_asgi` without a call, is passed as the application, "
                "or held by a route",
                "pass `ChatConsumer.as_asgi()`",
                ("WS504",),
            ),
        ),
        exceptions=("TypeError",),
        message=r"__call__\(\) missing \d+ required positional arguments?: .*'send'"
        r"|as_asgi\(\) takes 1 positional argument|^\w+\(\) takes no arguments$"
        r"|^object \w+ can't be used in 'await' expression$",
        frames=(r"asgiref/compatibility\.py:|asgiref/testing\.py:|channels/",),
    ),
    Symptom(
        "not-awaited-connect",
        ("TypeError: cannot unpack non-iterable coroutine object",),
        (
            Cause(
                "`connect()` is not awaited",
                "`connected, _ = await communicator.connect()`",
                ("WS503",),
            ),
        ),
        exceptions=("TypeError",),
        message=r"cannot unpack non-iterable coroutine object",
        in_socket_test=True,
    ),
    Symptom(
        "never-awaited",
        ("RuntimeWarning: coroutine '…' was never awaited",),
        (
            Cause(
                "a call of a communicator is not awaited",
                "await it",
                ("WS503",),
            ),
            Cause(
                "the consumer or handler does not await what it calls",
                "await it",
                ("WS521",),
            ),
            Cause(
                "an `async def` test or setUp is in a class that does not run coroutines",
                "the base class that the library provides for it",
                ("WS506",),
            ),
        ),
        message=r"coroutine '.*' was never awaited",
        in_socket_test=True,
    ),
    Symptom(
        "no-such-route",
        ("ValueError: No route found for path",),
        (
            Cause(
                "the path of the communicator is in no route, or has a slash too many or too few",
                "the path as the routes have it",
                ("WS414",),
            ),
            Cause(
                "a `WebsocketCommunicator` is given a method in the place of the path",
                "`WebsocketCommunicator(application, path)`",
                ("WS505",),
            ),
        ),
        exceptions=("ValueError",),
        message=r"No route found for path",
        frames=(r"channels/routing\.py:",),
    ),
    Symptom(
        "no-handler",
        ("ValueError: No handler for message type",),
        (
            Cause(
                "the message that was sent to the consumer or its group has a `type` for which the "
                "consumer has no method; that ends the consumer",
                "the name of a method, with dots for underscores",
                ("WS513",),
                frames=r"channels/(consumer|utils)\.py:",
            ),
            Cause(
                "a `WebsocketCommunicator` is given a consumer of HTTP",
                "the consumer's own kind of communicator",
                frames=r"channels/testing/websocket\.py:connect",
            ),
        ),
        exceptions=("ValueError",),
        message=r"No handler for message type",
        frames=(r"channels/consumer\.py:",),
    ),
    Symptom(
        "unfilled-scope",
        ("KeyError: 'user'", "KeyError: 'url_route'"),
        (
            Cause(
                "the consumer is passed without the middleware or router that fills the scope",
                "pass the whole application, or set the key in `communicator.scope`",
                ("WS519",),
            ),
        ),
        exceptions=("KeyError",),
        message=r"^['\"](user|url_route|session|cookies|path_remaining)['\"]$",
        frames=(r"channels/(consumer|generic|middleware)",),
    ),
    Symptom(
        "scope-not-seen",
        ("the consumer does not see what the test puts into communicator.scope",),
        (
            Cause(
                "it is put there after the connect, when routers and middleware have copied the "
                "scope, or it is the cookies, which are read from the headers",
                "set it before the connect; pass cookies in the header `cookie`",
                ("WS520",),
            ),
        ),
        message=r"(communicator\.)?scope.* (has no effect|is (not seen|ignored))|not see.*scope",
        in_socket_test=True,
    ),
    Symptom(
        "no-redis",
        ("Connect call failed ('127.0.0.1', 6379)",),
        (
            Cause(
                "the tests use the channel layer of the settings, channels_redis, and no Redis "
                "runs there",
                "`channels.layers.InMemoryChannelLayer` in the settings of the tests",
            ),
        ),
        message=r"Connect call failed \(.*6379|Error \d+ connecting to .*:6379",
        in_socket_test=True,
    ),
    Symptom(
        "no-channel-layer",
        ("AttributeError: 'NoneType' object has no attribute 'group_add'",),
        (
            Cause(
                "no channel layer is configured in the settings of the tests",
                "`CHANNEL_LAYERS` with the in-memory layer",
            ),
        ),
        exceptions=("AttributeError",),
        message=r"'NoneType' object has no attribute 'group_(add|send|discard)'",
    ),
    Symptom(
        "live-server-in-memory",
        (
            (
                "ImproperlyConfigured: ChannelLiveServerTestCase can not be used with in memory "
                "databases"
            ),
        ),
        (
            Cause(
                "the live server is another process, which cannot see a database in memory",
                'a file for the test database: `TEST = {"NAME": …}`',
            ),
        ),
        exceptions=("ImproperlyConfigured",),
        message=r"can ?not be used with in.memory databases",
    ),
    Symptom(
        "refused-without-origin",
        ("connect() is False",),
        (
            Cause(
                "an origin validator refuses the handshake: a communicator sends no Origin header",
                '`headers=[(b"origin", b"http://localhost")]` with a host of `ALLOWED_HOSTS`',
                ("WS514",),
            ),
            Cause(
                "the consumer refuses the connection",
                "what its `connect()` asks for, such as a user in the scope",
            ),
        ),
        message=r"connect\(\)? (is|was|returns|returned) \(?False|assert connected\b",
        in_socket_test=True,
    ),
    Symptom(
        "stale-message",
        ("a message of another test is received",),
        (
            Cause(
                "the in-memory channel layer is one object for the whole process, so groups and "
                "messages remain for the next test",
                "an autouse fixture that calls `channel_layers.backends.clear()`",
            ),
            Cause(
                "a communicator of an earlier test is still connected",
                "disconnect it on every path",
                ("WS501", "WS510"),
            ),
            Cause(
                "it is what the application sends first, to everybody who connects",
                "receive it before the answer",
                ("WS417",),
            ),
        ),
        message=r"stale messages?|messages? (of|from) (another|an earlier|the previous) test",
        in_socket_test=True,
    ),
)
