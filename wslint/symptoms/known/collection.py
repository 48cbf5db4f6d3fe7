"""Tests that pytest cannot collect or run."""

from __future__ import annotations

from wslint.symptoms.model import Cause, Symptom

SYMPTOMS = (
    Symptom(
        "not-a-function",
        (
            "PytestCollectionWarning: cannot collect 'test_…' because it is not a function",
            "no signature found for builtin <asgiref.sync.AsyncToSync …>",
        ),
        (
            Cause(
                "a module-level test is decorated with an adapter such as `@async_to_sync`",
                "a sync test that drives an inner coroutine; no order of the decorators helps",
                ("WS203",),
            ),
        ),
        message=r"because it is not a function|no signature found for builtin <asgiref",
    ),
    Symptom(
        "not-supported-natively",
        ("Failed: async def functions are not natively supported.",),
        (
            Cause(
                "`@sync_to_async` or `@database_sync_to_async` is on a test function",
                "a plain `async def` with its asyncio mark, or a sync test",
                ("WS203",),
            ),
            Cause(
                "the asyncio mark is missing, or no plugin for it is installed",
                "`@pytest.mark.asyncio`, or `asyncio_mode = auto`",
            ),
        ),
        message=r"async def functions are not natively supported",
        in_socket_test=True,
    ),
    Symptom(
        "override-on-generator",
        ("AttributeError: 'generator' object has no attribute '…'",),
        (
            Cause(
                "an override or a patch decorates a fixture or another generator, which is over "
                "before its body runs",
                "a `with` inside, around the `yield`",
                ("WS204",),
            ),
        ),
        exceptions=("AttributeError",),
        message=r"'generator' object has no attribute",
        in_socket_test=True,
    ),
    Symptom(
        "async-fixture-not-run",
        (
            "AttributeError: 'async_generator' object has no attribute '…'",
            "Failed: '…' requested an async fixture '…', with no plugin or hook that handled it.",
        ),
        (
            Cause(
                "an async fixture is made with `pytest.fixture`, which pytest-asyncio does not run "
                "in strict mode",
                "`@pytest_asyncio.fixture`, or `asyncio_mode = auto`",
                ("WS207",),
            ),
            Cause(
                "an override or a patch decorates an async fixture, which then is no generator",
                "a `with` inside, around the `yield`",
                ("WS204",),
            ),
        ),
        message=(
            r"'(async_generator|coroutine)' object has no attribute|requested an async fixture"
        ),
        in_socket_test=True,
    ),
    Symptom(
        "marked-fixture",
        ("Failed: Marks cannot be applied to fixtures.",),
        (
            Cause(
                "a mark and `@pytest.fixture` are on one function; if it is a test, it never runs",
                "remove one of them",
                ("WS205",),
            ),
        ),
        message=r"Marks cannot be applied to fixtures",
        in_socket_test=True,
    ),
    Symptom(
        "override-on-plain-class",
        ("TypeError: Can only decorate subclasses of unittest.TestCase",),
        (
            Cause(
                "a waffle override is on a class that is not a TestCase",
                "put it on each test",
                ("WS206",),
            ),
        ),
        exceptions=("TypeError",),
        message=r"Can only decorate subclasses of unittest\.TestCase",
        in_socket_test=True,
    ),
)
