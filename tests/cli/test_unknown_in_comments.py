"""Mistyped rules in ignore comments."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import TOLD, TWO, run, write

WARNING = "warning: tests/test_a.py:8: ignore comment: unknown rule {}\n"
CALL = 'client.post("/a")'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def comment(text: str) -> None:
    write({"tests/test_a.py": TOLD.replace(CALL, f"{CALL}  {text}")})


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("# wslint: ignore[WS90l]", "'WS90l' (did you mean 'WS901'?)"),
        ("# wslint: ignore[WS101, WS9999] a reason", "'WS9999' (did you mean 'WS901'?)"),
        ("# wslint: file-ignore[frozen-clok]", "'frozen-clok' (did you mean 'frozen-clock'?)"),
        ("# wslint: ignore[zzzz]", "'zzzz'"),
    ],
)
@pytest.mark.parametrize("command", [["check"], ["fix"], ["fix", "--diff"], ["check", "-q"]])
def test_a_warning_names_place_and_neighbour(text: str, rule: str, command: list[str]) -> None:
    comment(text)
    result = run(*command)
    assert result.stderr.count(WARNING.format(rule)) == 1
    assert "warning" not in result.stdout
    assert result.exit_code == (0 if "--diff" in command else 1)


@pytest.mark.parametrize(
    "text",
    [
        *("# wslint: ignore[WS301]", "# wslint: ignore[WS3, ALL]", "# wslint: ignore"),
        *("# noqa: WS999", "# wslint: ignore[ws301]", "# wslint: ignore[]"),
    ],
)
def test_others_are_not_warned_of(text: str) -> None:
    comment(text)
    assert run("check").stderr == ""


def test_every_run_warns(tmp_path: Path) -> None:
    """Answered from the cache, by several processes, and without a finding there."""
    files = {f"tests/test_{n}.py": TWO for n in range(24)}
    write({**files, "tests/conftest.py": "from starlette.testclient import websocket_connect\n"
           "X = 1  # wslint: ignore[WS90l]\n"})  # fmt: skip
    expected = (
        "warning: tests/conftest.py:2: ignore comment: "
        "unknown rule 'WS90l' (did you mean 'WS901'?)\n"
    )
    for args in ([], [], ["--no-cache", "-j", "2"], ["tests/conftest.py"]):
        assert run("check", *args).stderr == expected


def test_a_named_file_without_websockets_warns() -> None:
    write({"a.py": "x = 1  # wslint: ignore[WS90l]\n"})
    assert run("check", "a.py").stderr.startswith("warning: a.py:1: ignore comment:")
    assert run("check", "a.py").exit_code == 0
