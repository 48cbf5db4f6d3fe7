from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from small_project import HEAD, TEST, TOLD, TWO, run, write

from wslint.fixes.add_suppressions import is_reason

CALL = '        client.post("/a")\n'
WHY = "  # wslint: ignore[WS301] old: see #12\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def silenced(text: str, *options: str) -> str:
    """Return the file with suppressions; check that nothing is found and no comment is unused."""
    write({"test_a.py": text})
    assert run("check", "-q").exit_code == 1
    result = run("check", *(options or ("--add-ignore=old: see #12",)))
    assert result.exit_code == 0, result.output
    assert run("check", "--extend-select", "WS901").exit_code == 0
    return Path("test_a.py").read_bytes().decode()


def test_with_a_reason() -> None:
    assert silenced(TWO) == TWO.replace(CALL, CALL.rstrip("\n") + WHY)


def test_without_a_reason_a_path_is_a_path() -> None:
    after = silenced(TOLD, "--add-ignore", "test_a.py")
    assert after == TOLD.replace(CALL, CALL.rstrip("\n") + "  # wslint: ignore[WS301]\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            '        client.post("/a")  # type: ignore\n',
            '        client.post("/a")  # type: ignore  # wslint: ignore[WS301] old: see #12\n',
            id="another comment",
        ),
        pytest.param(
            '        client.post("/a")  # wslint: ignore[WS401] why\n',
            '        client.post("/a")  # wslint: ignore[WS401, WS301] why\n',
            id="merged",
        ),
        pytest.param(
            '        client.post("/a", json={"key": "a value", "other": "another value"})\n',
            "        # wslint: ignore[WS301] old: see #12\n"
            '        client.post("/a", json={"key": "a value", "other": "another value"})\n',
            id="long line",
        ),
        pytest.param(
            '        client.post("/a", content="""a\n    b""")\n',
            '        client.post("/a", content="""a\n    b""")' + WHY,
            id="string over lines",
        ),
        pytest.param(
            '        client \\\n            .post("/a")\n',
            '        client \\\n            .post("/a")' + WHY,
            id="backslash",
        ),
        pytest.param(
            '        client.post("""\n""".strip()); x = """\n"""; y = """\n"""\n',
            '        client.post("""\n""".strip()); x = """\n"""; y = """\n"""' + WHY,
            id="several strings",
        ),
    ],
)
def test_places(before: str, after: str) -> None:
    options = ("--add-ignore=old: see #12",)
    text = TOLD.replace(CALL, before)
    if "WS401" in before:
        write({"test_a.py": text})
        run("check", *options)
        assert Path("test_a.py").read_text() == TOLD.replace(CALL, after)
        return
    assert silenced(text) == TOLD.replace(CALL, after)


def test_line_ends_bom_and_encoding_are_kept() -> None:
    assert silenced(TOLD.replace("\n", "\r\n")) == TOLD.replace(
        CALL, CALL.rstrip("\n") + WHY
    ).replace("\n", "\r\n")
    text = "# coding: latin-1\n# é\n" + TOLD
    Path("test_a.py").write_bytes(text.encode("latin-1"))
    assert run("check", "--add-ignore=é").exit_code == 0
    assert "ignore[WS301] é\n" in Path("test_a.py").read_bytes().decode("latin-1")
    Path("test_a.py").write_bytes(text.encode("latin-1"))
    result = run("check", "--add-ignore=日本")
    assert result.exit_code == 1
    assert "the reason cannot be encoded as iso-8859-1" in result.stderr
    assert Path("test_a.py").read_bytes() == text.encode("latin-1")


def test_what_no_comment_can_silence() -> None:
    write({"test_a.py": TOLD, "b.py": "websocket_connect = (\n"})
    result = run("check", "--add-ignore")
    assert result.exit_code == 1
    assert "b.py:1: WS900 not suppressed: no comment can silence it" in result.stderr
    assert "Suppressed 1 problem in 1 file:\n  test_a.py\n" in result.stdout


def test_only_what_the_baseline_does_not_know() -> None:
    write({"test_a.py": TOLD})
    run("check", "--write-baseline", "b.json")
    write({"test_a.py": TWO})
    assert run("check", "--baseline", "b.json", "--add-ignore").exit_code == 0
    text = (
        HEAD
        + TEST.format("told")
        + "\n\n"
        + TEST.format("heard").replace(CALL, CALL.rstrip("\n") + "  # wslint: ignore[WS301]\n")
    )
    assert Path("test_a.py").read_text() == text


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--add-ignore=a\nb"], "cannot be parsed back"),
        (["--add-ignore=a  # noqa: E501"], "cannot be parsed back"),
        (["--add-ignore", "--fix"], "cannot be combined"),
        (["--add-ignore", "--diff"], "cannot be combined"),
        (["--add-ignore", "--write-baseline", "b"], "cannot be combined"),
        (["--add-ignore", "-"], "cannot be used with standard input"),
    ],
)
def test_wrong_usage(args: list[str], message: str) -> None:
    write({"test_a.py": TOLD})
    result = run("check", *args, stdin=TOLD.encode())
    assert result.exit_code == 2
    assert message in result.stderr
    assert Path("test_a.py").read_text() == TOLD


def test_reasons() -> None:
    assert is_reason("")
    assert is_reason("left as it is, see #12")
    assert not is_reason("- with a dash")
    assert not is_reason("a\tb")


def test_a_file_that_may_not_be_changed_is_an_error() -> None:
    write({"test_a.py": TOLD})
    Path("other.py").hardlink_to("test_a.py")
    done = subprocess.run(
        [sys.executable, "-m", "wslint", "check", "--add-ignore", "test_a.py"],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no comment added: it has hard links" in done.stderr
