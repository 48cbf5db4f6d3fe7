"""What no runner runs: its timeline says so, and is no test's."""

from __future__ import annotations

from pathlib import Path

import pytest
from verdicts import project, write

from wslint.linking.program import Program
from wslint.timeline.build import all_timelines, timelines
from wslint.timeline.model import Environment
from wslint.vocabulary import Vocabulary

CASES = {
    "adapter": """
        @async_to_sync
        async def test_it():
            await WebsocketCommunicator(ChatConsumer.as_asgi(), "/").connect()
    """,
    "fixture": """
        @pytest.fixture
        def test_it():
            async_to_sync(WebsocketCommunicator(ChatConsumer.as_asgi(), "/").connect)()
    """,
    "coroutine": """
        class ChatTests(unittest.TestCase):
            async def test_it(self):
                await WebsocketCommunicator(ChatConsumer.as_asgi(), "/").connect()
    """,
}


def build(folder: Path, text: str, made):
    write(folder, project(text))
    path = str(folder / "test_app.py")
    return list(made(Program(), Vocabulary(), path, Environment()))


@pytest.mark.parametrize(("kind", "text"), CASES.items(), ids=CASES)
def test_a_test_that_never_runs(tmp_path: Path, kind: str, text: str) -> None:
    (timeline,) = build(tmp_path, text, all_timelines)
    assert timeline.never_runs is not None
    assert timeline.never_runs.kind == kind
    assert (timeline.never_runs.by is not None) == (kind == "adapter")
    assert [event.name for event in timeline.events_of("Communicator")] == ["connect"]
    assert build(tmp_path, text, timelines) == []


def test_a_setup_that_never_runs(tmp_path: Path) -> None:
    text = """
        class ChatTests(TestCase):
            async def asyncSetUp(self):
                await WebsocketCommunicator(ChatConsumer.as_asgi(), "/").connect()

            def test_it(self):
                pass
    """
    test, idle = build(tmp_path, text, all_timelines)
    assert test.never_runs is None
    assert test.events == []
    assert idle.never_runs is not None
    assert idle.never_runs.kind == "setup"
    assert [event.name for event in idle.events_of("Communicator")] == ["connect"]
