"""Rules that were renamed, merged into another, or removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_project import TOLD, run, write

from wslint.config.redirects import REDIRECTS
from wslint.config.rule_names import rule_names


@pytest.fixture(autouse=True)
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that WS399 was merged into WS301, WS301 was renamed, and WS398 was removed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(REDIRECTS, "WS399", "WS301")
    monkeypatch.setitem(REDIRECTS, "post-while-open", "WS301")
    monkeypatch.setitem(REDIRECTS, "WS398", "")
    write({"test_a.py": TOLD})


def test_old_names_lead_to_rules_and_are_never_used_again() -> None:
    names = rule_names()
    assert not set(REDIRECTS) & {*names, *names.values()}
    assert set(REDIRECTS.values()) <= {*names, ""}


NAME = "http-while-websocket-open-on-bare-client"


@pytest.mark.parametrize("old", ["WS399", "ws399", "post-while-open", "Post-While-Open"])
def test_on_the_command_line(old: str) -> None:
    result = run("check", "--select", old, "--output-format", "concise")
    assert "test_a.py:8:9: WS301 " in result.stdout
    shown = old.upper() if old.upper() == "WS399" else old.lower()
    assert result.stderr == f"warning: rule {shown} is now WS301 ({NAME})\n"
    assert run("check", "--ignore", old).exit_code == 0


@pytest.mark.parametrize(
    "settings",
    [
        'ignore = ["WS399"]\n',
        'select = ["ALL"]\nignore = ["post-while-open"]\n',
        '[per-file-ignores]\n"test_*.py" = ["WS399"]\n',
    ],
)
def test_in_settings(settings: str) -> None:
    write({"wslint.toml": settings})
    result = run("check")
    assert result.exit_code == 0
    assert f"is now WS301 ({NAME})\n" in result.stderr
    assert result.stderr.count("warning: ") == 1


@pytest.mark.parametrize("comment", ["wslint: ignore[WS399]", "wslint: ignore[post-while-open]",
                                     "noqa: WS399", "wslint: ignore[WS399] as before"])  # fmt: skip
def test_in_comments(comment: str) -> None:
    write({"test_a.py": TOLD.replace('post("/a")', f'post("/a")  # {comment}')})
    result = run("check", "--extend-select", "WS901")
    assert (result.exit_code, result.stderr) == (0, ""), result.stdout


def test_in_a_baseline() -> None:
    run("check", "--write-baseline", "b.json")
    document = json.loads(Path("b.json").read_text())
    document["findings"][0].update(code="WS399", fingerprint="that of the old code")
    write({"b.json": json.dumps(document)})
    result = run("check", "--baseline", "b.json")
    assert (result.exit_code, result.stdout) == (0, "No new problem. 1 more in the baseline.\n")


def test_a_rule_that_was_removed() -> None:
    result = run("check", "--extend-select", "WS398")
    assert "WS301" in result.stdout
    assert result.stderr == "warning: rule WS398 is removed and matches no rule\n"
    assert run("check", "--select", "WS397").exit_code == 2
    result = run("rule", "WS398")
    assert (result.exit_code, result.stderr) == (2, "error: the rule WS398 was removed\n")
    comment = "# wslint: ignore[WS398]"
    write({"test_a.py": TOLD.replace('receive_text()', f'receive_text()  {comment}')})  # fmt: skip
    assert "WS901" in run("check", "--extend-select", "WS901").stdout


def test_its_page() -> None:
    assert run("rule", "WS399").stdout == run("rule", "WS301").stdout != ""
    assert run("rule", "post-while-open").stdout == run("rule", "WS301").stdout
