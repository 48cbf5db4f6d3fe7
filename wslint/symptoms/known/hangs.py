"""Tests that pytest-timeout has ended; the frames tell where they waited."""

from __future__ import annotations

from wslint.symptoms.known.common import CLIENT, ENTER, HANG_QUOTE, TIMED_OUT
from wslint.symptoms.model import Cause, Symptom

SYMPTOMS = (
    Symptom(
        "hang-in-connect",
        (HANG_QUOTE,),
        (
            Cause(
                "the handler neither accepts nor closes: it returns, or waits for something",
                "`await websocket.accept()` or `await websocket.close()` on every path",
                ("WS409",),
            ),
            Cause(
                "the handler waits for a lock or event that another event loop of this client "
                "holds",
                ENTER,
                ("WS301", "WS302"),
            ),
        ),
        where="in `websocket_connect()`",
        message=TIMED_OUT,
        frames=(rf"{CLIENT}.*:__enter__", rf"{CLIENT}.*:receive"),
    ),
    Symptom(
        "hang-in-receive",
        (HANG_QUOTE,),
        (
            Cause(
                "the handler waits for a message of the test, and sends nothing before it",
                "send first what it answers",
                ("WS415",),
            ),
            Cause(
                "the message was published before the handler has registered the websocket",
                "first receive something that it sends after that",
                ("WS416",),
            ),
            Cause(
                "the handler does not await what it sends",
                "await it",
                ("WS521",),
            ),
            Cause(
                "the client was never entered, so the task or wake-up that should send was in "
                "another event loop",
                ENTER,
                ("WS301", "WS302"),
            ),
            Cause(
                "the sockets belong to two clients, each with an event loop of its own",
                "open both with one client that is entered",
                ("WS314",),
            ),
            Cause(
                "an asyncio object made at import belongs to the loop of another test",
                "make it in the lifespan of the application",
                ("WS308",),
            ),
            Cause(
                "up to Starlette 0.45.0: the session was never entered, or is used after its block",
                "`with client.websocket_connect(…) as socket:`, and use it inside",
                ("WS401", "WS402"),
            ),
            Cause(
                "a loop receives until a certain message comes, and it does not come",
                "receive a known number of messages, with pytest-timeout around the test",
                ("WS412",),
            ),
            Cause(
                "the receive blocks the event loop in which a task of the application must go on",
                "make the requests of the test with the same client",
                ("WS312",),
            ),
            Cause(
                "the test has replaced an object in its module, and the handler's module has the "
                "real one, imported by name",
                "replace the name in the module that uses it",
                ("WS315",),
            ),
            Cause(
                "the test has set `app.state`, or a global, before the client was entered, and the "
                "startup has set it anew",
                "set it after the client is entered",
                ("WS316",),
            ),
            Cause(
                "the application has nothing to send: it returned, or answers another message",
                "receive only what it sends; receives and connects have no timeout of their own",
                ("WS404",),
            ),
        ),
        where="in a receive",
        message=TIMED_OUT,
        frames=(rf"{CLIENT}.*:receive",),
        without=rf"{CLIENT}.*:__enter__",
    ),
    Symptom(
        "hang-in-http",
        (HANG_QUOTE,),
        (
            Cause(
                "the client was never entered, so the call waits in its own event loop for what a "
                "socket holds in another",
                ENTER,
                ("WS301", "WS302"),
            ),
        ),
        where="in an HTTP call",
        message=TIMED_OUT,
        frames=(rf"{CLIENT}.*:handle_request",),
        in_socket_test=True,
    ),
    Symptom(
        "hang-at-exit",
        (HANG_QUOTE,),
        (
            Cause(
                "a socket is left after its client, or never",
                "leave every socket inside the block of its client",
                ("WS402", "WS307"),
            ),
            Cause(
                "the handler ignores the disconnect (Starlette before 0.36), or a task of the "
                "lifespan never ends",
                "end them when the client leaves",
            ),
        ),
        where="at the end of a `with`",
        message=TIMED_OUT,
        frames=(rf"{CLIENT}.*:__exit__",),
        without=rf"{CLIENT}.*:(receive|handle_request)",
    ),
    Symptom(
        "hang-in-startup",
        (HANG_QUOTE,),
        (
            Cause(
                "the startup of the application does not end",
                "make sure that the lifespan reaches its `yield`",
            ),
        ),
        where="when the client is entered",
        message=TIMED_OUT,
        frames=(rf"{CLIENT}.*:__enter__",),
        without=rf"{CLIENT}.*:(receive|__exit__|handle_request)",
        in_socket_test=True,
    ),
    Symptom(
        "hang-in-event-loop",
        (HANG_QUOTE,),
        (
            Cause(
                "the clock is frozen, so no sleep and no timeout of the event loop ends",
                '`freeze_time(…, tick=True)`, or `real_asyncio=True` with `ignore=["asgiref"]`',
                ("WS515",),
                frames=r"freezegun/|pytest_freez|time_machine/",
            ),
            Cause(
                "the test awaits something that never comes, such as a queue, a task or a loop of "
                "its own around a receive",
                "`asyncio.timeout`, or `asyncio.wait_for`, around it",
            ),
        ),
        where="in the event loop of an async test",
        message=TIMED_OUT,
        frames=(r"/.*/asyncio/base_events\.py:|asgiref/sync\.py:",),
        without=rf"{CLIENT}",
        in_socket_test=True,
    ),
)
