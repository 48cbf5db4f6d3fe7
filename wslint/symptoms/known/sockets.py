"""Websocket sessions of Starlette's test client, and those of httpx-ws."""

from __future__ import annotations

from wslint.symptoms.known.common import CLIENT
from wslint.symptoms.model import Cause, Symptom

_EXPECTED_OF_THE_CLIENT = Cause(
    "the test expects `WebSocketException`, which only handlers raise: the client "
    "raises `WebSocketDisconnect` with its code",
    "`pytest.raises(WebSocketDisconnect)`, and assert its code",
    ("WS419",),
)
SYMPTOMS = (
    Symptom(
        "closed-resource-at-send",
        ("anyio.ClosedResourceError", "anyio.BrokenResourceError"),
        (
            Cause(
                "the application sends to a socket of an earlier test, which is still in its "
                "registry; entering the client does not cure it",
                "empty the registry between tests, or remove the socket in a `finally`",
                ("WS304",),
            ),
        ),
        where="when the application sends",
        exceptions=("ClosedResourceError", "BrokenResourceError"),
        frames=(r"starlette/websockets\.py:send",),
    ),
    Symptom(
        "closed-resource-in-test",
        ("anyio.ClosedResourceError",),
        (
            Cause(
                "the session is used after the end of its `with`",
                "use it inside the block; in a fixture, `yield` it",
                ("WS402",),
            ),
        ),
        where="when the test receives or sends",
        exceptions=("ClosedResourceError", "BrokenResourceError"),
        frames=(r"(starlette/testclient|httpx_ws/_api)\.py:(receive|send)",),
        without=r"starlette/websockets\.py:send",
    ),
    Symptom(
        "sent-after-close",
        ('RuntimeError: Cannot call "send" once a close message has been sent.',),
        (
            Cause(
                "the application sends to a socket that it has closed itself, and that is still in "
                "its registry",
                "remove the socket in a `finally`",
                ("WS304",),
            ),
        ),
        exceptions=("RuntimeError", "WebSocketDisconnected"),
        message=r"once a close message has been sent",
        frames=(r"starlette/websockets\.py:",),
    ),
    Symptom(
        "portal-is-gone",
        ("RuntimeError: This portal is not running",),
        (
            Cause(
                "the session is used after its block, or left after its client",
                "use it inside the block; in a fixture, `yield` it",
                ("WS402",),
            ),
        ),
        exceptions=("RuntimeError",),
        message=r"This portal is not running",
        frames=(rf"{CLIENT}",),
    ),
    Symptom(
        "session-not-entered",
        ("AttributeError: 'WebSocketTestSession' object has no attribute 'portal'",),
        (
            Cause(
                "the session of `websocket_connect()` was never entered",
                "`with client.websocket_connect(…) as socket:`",
                ("WS401",),
            ),
        ),
        exceptions=("AttributeError",),
        message=r"'WebSocketTestSession' object has no attribute "
        r"'(portal|exit_stack|_?(send|receive)_(rx|tx|queue))'",
    ),
    Symptom(
        "private-attribute",
        ("AttributeError: 'WebSocketTestSession' object has no attribute '_send_rx'",),
        (
            Cause(
                "the test uses a private attribute of the session, which other versions of "
                "Starlette don't have",
                "`receive()` and `send()` of the session; pytest-timeout ends one that waits",
                ("WS407",),
            ),
        ),
        where="in the test's own code",
        exceptions=("AttributeError",),
        message=r"'WebSocketTestSession' object has no attribute '_[a-z]\w*'",
        without=r"starlette/testclient\.py:",
    ),
    Symptom(
        "async-session-not-entered",
        ("AttributeError: '_AsyncGeneratorContextManager' object has no attribute 'send_text'",),
        (
            Cause(
                "the connection of httpx-ws's `aconnect_ws()` was never entered",
                "`async with aconnect_ws(…, client) as socket:`",
                ("WS401",),
            ),
        ),
        exceptions=("AttributeError",),
        message=r"'_AsyncGeneratorContextManager' object has no attribute '(send|receive)_\w+'",
    ),
    Symptom(
        "no-such-websocket",
        (
            "AttributeError: 'AsyncClient' object has no attribute 'websocket_connect'",
            "TypeError: 'WebSocketTestSession' object does not support the asynchronous context",
        ),
        (
            Cause(
                "httpx has no websockets, and the session of the test client is entered with a "
                "plain `with`",
                "`with client.websocket_connect(…)` of a `TestClient`, or httpx-ws",
                ("WS313",),
            ),
        ),
        exceptions=("AttributeError", "TypeError"),
        message=r"'(Async)?Client' object has no attribute 'websocket_connect'|"
        r"WebSocketTestSession' object does not support the asynchronous context|"
        r"'WebSocketTestSession' (object )?has no attribute '__a",  # Python 3.10
    ),
    Symptom(
        "no-upgrade",
        ("httpx_ws.WebSocketUpgradeError: <Response [404 Not Found]>",),
        (
            Cause(
                "the client's transport is httpx's own, which opens no websockets",
                "`AsyncClient(transport=ASGIWebSocketTransport(app))` of httpx-ws",
                ("WS313",),
            ),
            Cause("the application has no websocket route of this path", "compare the paths"),
        ),
        exceptions=("WebSocketUpgradeError",),
        message=r"<Response \[404",
    ),
    Symptom(
        "servers-attribute",
        ("AttributeError: 'WebSocketTestSession' object has no attribute 'client_state'",),
        (
            Cause(
                "the session of the test is not the server's websocket and has none of its "
                "attributes",
                "`receive()`, and look at the type or code of the message",
                ("WS407",),
            ),
        ),
        exceptions=("AttributeError",),
        message=r"'WebSocketTestSession' object has no attribute "
        r"'(client_state|application_state|accept|state|app|path_params|query_params|headers|url)'",
    ),
    Symptom(
        "no-state",
        ("AttributeError: 'State' object has no attribute '…'",),
        (
            Cause(
                "the startup of the application never ran, because the client was never entered",
                "`with TestClient(app) as client:`",
                ("WS306",),
            ),
            Cause(
                "the client was entered twice; after the inner block it is as if never entered",
                "enter it once",
                ("WS305",),
            ),
        ),
        exceptions=("AttributeError",),
        message=r"'State' object has no attribute",
        frames=(r"(starlette|litestar)/datastructures",),
    ),
    Symptom(
        "no-startup",
        ("AttributeError: 'MemoryBackend' object has no attribute '_published'",),
        (
            Cause(
                "the startup of the application, which connects the broadcaster, never ran, "
                "because the client was never entered",
                "`with TestClient(app) as client:`",
                ("WS306",),
            ),
        ),
        exceptions=("AttributeError",),
        message=r"'MemoryBackend' object has no attribute '_pu",
    ),
    Symptom(
        "receive-timeout",
        (
            (
                "TypeError: WebSocketTestSession.receive_text() got an unexpected keyword argument "
                "'timeout'"
            ),
        ),
        (
            Cause(
                "the sockets of Starlette's client have no timeout",
                "remove it, and use pytest-timeout",
                ("WS404",),
            ),
        ),
        exceptions=("TypeError",),
        message=r"receive(_\w+)?\(\) got an unexpected keyword argument 'timeout'",
    ),
    Symptom(
        "refused-connect",
        ("starlette.websockets.WebSocketDisconnect",),
        (
            Cause(
                "no route has this path: the code is 1000 and there is no reason",
                "the path as the routes have it",
                ("WS414",),
            ),
            Cause(
                "the application refuses the connection, with a code or status of its own",
                "what it asks for, such as a token, a header or `subprotocols=[…]`",
            ),
            _EXPECTED_OF_THE_CLIENT,
        ),
        where="in `websocket_connect()`",
        exceptions=("WebSocketDisconnect", "WebSocketDenialResponse"),
        frames=(r"starlette/testclient\.py:__enter__", r"starlette/testclient\.py:_raise_on_close"),
    ),
    Symptom(
        "closed-by-the-handler",
        ("starlette.websockets.WebSocketDisconnect",),
        (
            Cause(
                "the handler has closed the connection, or returned, instead of sending",
                "receive only what it sends, or expect the close with its code",
            ),
            Cause(
                "the handler does not await what it sends",
                "`await websocket.send_json(…)`",
                ("WS521",),
            ),
            _EXPECTED_OF_THE_CLIENT,
        ),
        where="at a receive",
        exceptions=("WebSocketDisconnect",),
        frames=(r"starlette/testclient\.py:receive", r"starlette/testclient\.py:_raise_on_close"),
        without=r"starlette/testclient\.py:__enter__",
    ),
    Symptom(
        "crash-in-httpx-ws",
        ("httpx_ws._exceptions.WebSocketDisconnect: (<CloseReason.INTERNAL_ERROR: 1011>, '…')",),
        (
            Cause(
                "the handler raises an exception before it accepts: its text is the reason, its "
                "traceback is lost",
                "run the test with Starlette's TestClient once, which raises the exception itself",
            ),
        ),
        where="in `aconnect_ws()`",
        exceptions=("WebSocketDisconnect",),
        message=r"\b1011\b",
        frames=(r"httpx_ws/transport\.py",),
    ),
    Symptom(
        "disconnect-in-handler",
        ("starlette.websockets.WebSocketDisconnect",),
        (
            Cause(
                "the handler does not catch the disconnect when the test leaves the socket; this "
                "may also hide an earlier failure of the test, which is shown above it",
                "`except WebSocketDisconnect` in the handler",
            ),
        ),
        where="at the end of the socket's block",
        exceptions=("WebSocketDisconnect",),
        frames=(
            r"starlette/testclient\.py:__exit__",
            r"starlette/websockets\.py:_raise_on_disconnect",
        ),
    ),
    Symptom(
        "cancelled-in-the-cleanup",
        ("concurrent.futures._base.CancelledError",),
        (
            Cause(
                "the end of the block cancels the handler while it waits in `asyncio.gather()` for "
                "tasks that it has cancelled, and `gather()` raises a CancelledError of its own",
                "`await asyncio.wait(tasks)` in the handler; or `websocket.close()` in the test, "
                "and wait inside the block until the handler has ended",
            ),
        ),
        where="at the end of the socket's block",
        exceptions=("CancelledError",),
        frames=(r"starlette/testclient\.py:__exit__",),
        without=r"starlette/testclient\.py:receive",
    ),
    Symptom(
        "no-denial-code",
        ("AttributeError: 'WebSocketDenialResponse' object has no attribute 'code'",),
        (
            Cause(
                "the application refuses with an HTTP response, which has a status instead of a "
                "code",
                "`pytest.raises(WebSocketDenialResponse)`, and assert `status_code`",
            ),
        ),
        exceptions=("AttributeError",),
        message=r"'WebSocketDenialResponse' object has no attribute '(code|reason)'",
    ),
    Symptom(
        "not-refused",
        ("Failed: DID NOT RAISE WebSocketDisconnect",),
        (
            Cause(
                "the handler accepts first and closes then; a close is seen only by a receive, and "
                "the block has none",
                "receive inside the block",
                ("WS406",),
            ),
            Cause(
                "the session was never entered, so the application did not run",
                "`with client.websocket_connect(…):` inside the block",
                ("WS401",),
            ),
        ),
        exceptions=("Failed", "AssertionError"),
        message=r"DID NOT RAISE .*WebSocketDisconnect|WebSocketDisconnect not raised",
    ),
    Symptom(
        "override-without-effect",
        ("`dependency_overrides` has no effect",),
        (
            Cause(
                "the overridden function is called directly, and no `Depends` names it",
                "replace the name that the handler uses, with `monkeypatch.setattr`",
                ("WS310",),
            ),
            Cause(
                "the override is set on the outer application, and the route belongs to a mounted "
                "one",
                "set it on the mounted application",
                ("WS310",),
            ),
        ),
        message=r"overrides?\b.*(has no|without|does not have any) effect",
        in_socket_test=True,
    ),
    Symptom(
        "old-starlette",
        ("TypeError: Client.__init__() got an unexpected keyword argument 'app'",),
        (
            Cause(
                "httpx 0.28 has removed an argument that Starlette before 0.37.2 passes",
                "a newer Starlette, or `httpx<0.28`",
            ),
        ),
        exceptions=("TypeError",),
        message=r"Client\.__init__\(\) got an unexpected keyword argument 'app'",
        frames=(r"starlette/testclient\.py:",),
    ),
)
