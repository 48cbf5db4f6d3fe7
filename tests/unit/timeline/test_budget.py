"""Tests that do too much end, are named and give no finding; what only looks it is judged."""

from __future__ import annotations

from pathlib import Path

import pytest
from verdicts import HEADER, SERVER, expected, found, trace, write

USE = '    with client.websocket_connect("/ws"):\n        client.post("/orders")'
TO_FIND = f"{USE}  # WS301\n"
TO_CLEAR = f"{USE}\n"
MADE = "def test_it():\n    client = TestClient(app)\n"


def nested(head: str, depth: int, last: str) -> str:
    lines = [f"{'    ' * (level + 1)}{head.format(level)}\n" for level in range(depth)]
    return "".join(lines) + "    " * (depth + 1) + last + "\n"


FOLLOWED = {
    "branches in a row": MADE
    + "".join(
        f"    if app.x{n}:\n        client.get('/')\n    else:\n        y = {n}\n"
        for n in range(30)
    )
    + TO_FIND,
    "branches in each other": MADE + nested("if app.x{}:", 15, "client.get('/')") + TO_FIND,
    "loops in each other": MADE + nested("for x{} in app.all:", 12, "client.get('/')") + TO_FIND,
    "a chain of fixtures": "@pytest.fixture\ndef c0():\n    return TestClient(app)\n"
    + "".join(f"@pytest.fixture\ndef c{n}(c{n - 1}):\n    return c{n - 1}\n" for n in range(1, 100))
    + "def test_it(c99):\n    client = c99\n"
    + TO_FIND,
    "a name bound again and again": "client = TestClient(app)\n"
    + "client = second(client, client)\n" * 30
    + "def second(one, two):\n    return two\ndef test_it():\n"
    + TO_FIND,
    "a value of very many": MADE + f"    x = {[*range(9_000)]}[app.x]\n" + TO_FIND,
    "a list that holds itself": MADE
    + "    held = [client]\n    held.append(held)\n    print(held)\n"
    + TO_FIND,
}

TOO_MUCH = {
    "loops over long lists": MADE
    + nested("for x{} in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]:", 6, "client.get('/')")
    + TO_CLEAR,
    "helpers that call helpers": "".join(
        f"def f{n}(c):\n" + f"    f{n + 1}(c)\n" * 6 for n in range(6)
    )
    + "def f6(c):\n    c.get('/')\n"
    + MADE
    + "    f0(client)\n"
    + TO_CLEAR,
    "a tuple added to itself": MADE
    + "    held = (client, client)\n"
    + "    held += held\n" * 30
    + TO_CLEAR,
    "a list that extends itself": MADE
    + "    held = [client, client]\n"
    + "    held.extend(held)\n" * 30
    + TO_CLEAR,
    "many fixtures": "@pytest.fixture\ndef c0():\n    return TestClient(app)\n"
    + "".join(f"@pytest.fixture\ndef c{n}(c{n - 1}):\n    return 1\n" for n in range(1, 800))
    + "def test_it(c799):\n    client = TestClient(app)\n"
    + TO_CLEAR,
}


@pytest.mark.parametrize("text", [*FOLLOWED.values()], ids=[*FOLLOWED])
def test_what_is_followed(tmp_path: Path, text: str) -> None:
    files = {"test_app.py": HEADER + text, "server.py": SERVER}
    write(tmp_path, files)
    assert found(tmp_path) == expected(files)


@pytest.mark.parametrize("text", [*TOO_MUCH.values()], ids=[*TOO_MUCH])
def test_what_is_too_much_is_named(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wslint.syntax.deep_recursion.LIMIT", 1000)
    (timeline,) = trace(tmp_path, text).values()
    assert [gap.reason for gap in timeline.unresolved] == ["the test does more than wslint follows"]
    assert not timeline.scopes
    assert found(tmp_path) == set()


def test_calls_that_nest_too_deep_leave_the_client_unknown(tmp_path: Path) -> None:
    helpers = "".join(f"def f{n}(c):\n    f{n + 1}(c)\n" for n in range(12))
    text = f"{helpers}def f12(c):\n    c.__enter__()\n{MADE}    f0(client)\n{TO_CLEAR}"
    (timeline,) = trace(tmp_path, text).values()
    assert [gap.reason for gap in timeline.unresolved] == ["calls nest more than 8 deep"]
    assert found(tmp_path) == set()
