"""Whether a test uses a socket is found without running anything."""

from __future__ import annotations

import functools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from wslint.pytest_plugin.socket_tests import is_socket_file, is_socket_test


def item(function: object, **attributes: object) -> Any:
    return SimpleNamespace(obj=function, **attributes)


def made(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(compile(source, "tests/test_chat.py", "exec"), namespace)
    return namespace


YES = {
    "method": "def test(client): client.websocket_connect('/')",
    "nested": "def test():\n    def inner():\n        return client.websocket_connect('/')",
    "late import": "def test():\n    from channels.testing import WebsocketCommunicator",
    "subclass": (
        "from channels.testing import WebsocketCommunicator\n"
        "class Own(WebsocketCommunicator): pass\n"
        "def test(): Own()"
    ),
    "helper": "def helper(): client.websocket_connect\ndef test(): helper()",
    "class": (
        "class Robot:\n    def go(self): self.client.websocket_connect('/')\ndef test(): Robot()"
    ),
    "wrapped": (
        "import functools\n"
        "def decorator(function):\n"
        "    @functools.wraps(function)\n"
        "    def wrapper(): function()\n"
        "    return wrapper\n"
        "@decorator\n"
        "def test(): client.websocket_connect('/')"
    ),
}
NO = {
    "http": "def test(client): client.get('/')",
    "recursion": "def test(): test()",
    "lazy module": "import wslint\ndef test(): wslint.check_paths",
}


@pytest.mark.parametrize("source", YES.values(), ids=YES)
def test_with_a_socket(source: str) -> None:
    assert is_socket_test(item(made(source)["test"]))


@pytest.mark.parametrize("source", NO.values(), ids=NO)
def test_without_a_socket(source: str) -> None:
    assert not is_socket_test(item(made(source)["test"]))


@pytest.mark.parametrize("thing", [None, 3, functools.partial(print)])
def test_what_is_no_function(thing: object) -> None:
    assert not is_socket_test(item(thing))


def test_another_test_of_the_class() -> None:
    owner = made(
        "class Tests:\n    def other(self): c.websocket_connect('/')\n    def test(self): 0"
    )
    assert is_socket_test(item(owner["Tests"]().test, cls=owner["Tests"]))


def test_fixture_that_is_asked_for() -> None:
    source = "import pytest\n@pytest.fixture\ndef socket(c):\n    yield c.websocket_connect('/')"
    functions = made(f"{source}\ndef test(guest): pass")
    definitions = {"guest": [SimpleNamespace(func=functions["socket"])]}
    test = item(functions["test"], _fixtureinfo=SimpleNamespace(name2fixturedefs=definitions))
    assert is_socket_test(test)
    assert not is_socket_test(item(functions["test"]))


def test_files(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("override_flag")
    (tmp_path / "b.py").write_text("nothing")
    assert is_socket_file(str(tmp_path / "a.py"))
    assert not is_socket_file(str(tmp_path / "b.py"))
    assert not is_socket_file(str(tmp_path / "c.py"))


def test_lazy_objects_stay_lazy() -> None:
    class Lazy:
        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(name)

    function = made("def test(): lazy")["test"]
    function.__globals__["lazy"] = Lazy()
    assert not is_socket_test(item(function, funcargs={"lazy": Lazy()}))


def test_after_the_test_its_fixtures_are_gone() -> None:
    function = made(YES["method"])["test"]
    assert is_socket_test(item(function, funcargs=None))
