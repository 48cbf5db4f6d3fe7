"""Actions of one fix on one function can be combined in any order."""

from __future__ import annotations

from itertools import permutations

import pytest
from fix_tools import ADAPTER, MOCK, PATH, at, fix, name, text

from wslint.findings.actions import (
    AddDecorator,
    AddWithItem,
    AssignToWith,
    Code,
    InsertStatement,
    MakeSync,
    RemoveDecorator,
    ReplaceExpression,
    Symbol,
    WrapBody,
    YieldInsideWith,
)

FLAG = Symbol("waffle.testutils.override_flag", "waffle.testutils", "override_flag")

FIXTURE = text("""
    import pytest
    from waffle.testutils import override_flag

    from app import app


    @pytest.fixture
    # while the flag is on
    @override_flag("chat", active=True)
    def client(app) -> TestClient:
        return TestClient(app)  # bare
""")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_override_on_a_fixture(order):
    target = name(FIXTURE, "client")
    decorator = at(FIXTURE, 'override_flag("chat", active=True)')
    actions = [
        RemoveDecorator(PATH, target, decorator),
        WrapBody(PATH, target, Code('{a}("chat", active=True)', (FLAG,))),
        YieldInsideWith(PATH, at(FIXTURE, "return TestClient(app)"), "client"),
    ]
    assert fix(FIXTURE, *(actions[index] for index in order)) == text("""
        from collections.abc import Iterator

        import pytest
        from waffle.testutils import override_flag

        from app import app


        @pytest.fixture
        # while the flag is on
        def client(app) -> Iterator[TestClient]:
            with override_flag("chat", active=True), TestClient(app) as client:
                yield client  # bare
    """)


COROUTINE = text('''
    from unittest.mock import patch

    import pytest
    from asgiref.sync import sync_to_async


    class TestChat:
        @pytest.mark.asyncio
        @override_flag("chat", active=True)
        async def test_chat(self, db):
            """Chat."""
            client = TestClient(app)
            with client.websocket_connect("/") as socket:
                assert await receive(socket) == 1
''')


def test_a_coroutine_with_everything():
    target = name(COROUTINE, "test_chat")
    got = fix(
        COROUTINE,
        MakeSync(PATH, target, ADAPTER, "chat"),
        RemoveDecorator(PATH, target, at(COROUTINE, "pytest.mark.asyncio")),
        AddDecorator(PATH, target, Code('{a}("channels.db.close", lambda: None)', (MOCK,))),
        AssignToWith(PATH, at(COROUTINE, "client = TestClient(app)")),
        AddWithItem(PATH, at(COROUTINE, 'client.websocket_connect("/")'), Code("logs()")),
        ReplaceExpression(PATH, at(COROUTINE, "receive(socket)"), Code("{0}.code")),
        InsertStatement(
            PATH, at(COROUTINE, "assert await receive(socket) == 1"), Code("await end(socket)")
        ),
    )
    assert got == text('''
        from unittest.mock import patch

        from asgiref.sync import async_to_sync, sync_to_async


        class TestChat:
            @patch("channels.db.close", lambda: None)
            @override_flag("chat", active=True)
            def test_chat(self, db):
                """Chat."""

                async def chat():
                    with TestClient(app) as client, logs(), client.websocket_connect("/") as socket:
                        assert await receive(socket).code == 1
                        await end(socket)

                async_to_sync(chat)()
    ''')
