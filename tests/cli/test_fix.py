from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wslint.cli import main

SAFE = """\
import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from waffle.testutils import override_flag


@pytest.mark.django_db
@override_flag("chat", active=True)
def test_chat():
    async def talk():
        communicator = WebsocketCommunicator(application, "/ws/")
        connected, _ = await communicator.connect()
        assert connected
        await communicator.disconnect()

    async_to_sync(talk)()
"""
UNSAFE = """\
from starlette.testclient import TestClient


def test_two():
    client = TestClient(app)
    with client.websocket_connect("/a"), client.websocket_connect("/b"):
        pass
"""

REFUSED = """\
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect


def test_strangers_are_refused():
    with pytest.raises(WebSocketDisconnect):
        with TestClient(app).websocket_connect("/chat"):
            pass
"""
CONFTEST = """\
import pytest
from starlette.testclient import TestClient


@pytest.fixture
def client():
    return TestClient(app)
"""
WITH_FIXTURE = """\
def test_two(client):
    with client.websocket_connect("/a"), client.websocket_connect("/b"):
        pass
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def run(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["fix", *args], input=stdin)


def test_fixes_and_then_finds_nothing() -> None:
    Path("test_a.py").write_text(SAFE)
    first = run()
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout.startswith("Fixed 1 problem in 1 file:\n  test_a.py: WS101 ")
    assert first.stdout.endswith("All checks passed!\n")
    fixed = Path("test_a.py").read_text()
    assert fixed != SAFE
    ast.parse(fixed)
    second = run()
    assert (second.exit_code, second.stdout) == (0, "All checks passed!\n")
    assert Path("test_a.py").read_text() == fixed


def test_unsafe_fixes_are_made_only_when_asked_for() -> None:
    Path("test_a.py").write_text(UNSAFE)
    kept = run()
    assert kept.exit_code == 1
    assert "Found 1 problem (1 fixable with wslint fix --unsafe-fixes).\n" in kept.stdout
    assert Path("test_a.py").read_text() == UNSAFE
    assert run("--unsafe-fixes").exit_code == 0
    assert "TestClient(app) as client" in Path("test_a.py").read_text()


def test_diff_changes_nothing() -> None:
    Path("test_a.py").write_text(SAFE)
    Path("test_b.py").write_text(UNSAFE)
    result = run("--diff")
    assert result.exit_code == 1
    assert result.stdout.startswith("--- a/test_a.py\n+++ b/test_a.py\n@@ ")
    assert "test_b.py" not in result.stdout
    assert result.stderr == (
        "Would fix 1 problem in 1 file.\nNot fixed:\n  WS302: needs --unsafe-fixes\n"
    )
    both = run("--diff", "--unsafe-fixes")
    assert both.stderr == "Would fix 2 problems in 2 files.\n"
    assert Path("test_a.py").read_text() == SAFE
    assert Path("test_b.py").read_text() == UNSAFE


def test_check_prints_the_same_diff() -> None:
    Path("test_a.py").write_text(SAFE)
    runs = [
        CliRunner().invoke(main, [command, "--no-cache", "--diff", "-q", "."])
        for command in ("fix", "check")
    ]
    assert {one.exit_code for one in runs} == {1}
    assert runs[0].stdout == runs[1].stdout != ""
    assert [one.stderr for one in runs] == ["", ""]
    assert Path("test_a.py").read_text() == SAFE


def test_quiet_prints_only_what_is_left() -> None:
    Path("test_a.py").write_text(SAFE)
    Path("test_b.py").write_text(UNSAFE)
    result = run("-q", "--output-format", "concise")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert len(lines) == 1, result.stdout
    assert lines[0].startswith("test_b.py:6:")
    assert result.stderr == ""
    assert Path("test_a.py").read_text() != SAFE


def test_statistics_count_what_is_left() -> None:
    Path("test_b.py").write_text(UNSAFE)
    result = run("--statistics", "-q")
    assert result.exit_code == 1
    assert "WS302" in result.stdout
    assert "test_b.py" not in result.stdout


def test_nothing_to_fix() -> None:
    Path("test_a.py").write_text("x = 1\n")
    result = run("--diff")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing to fix.\n")
    Path("test_b.py").write_text(UNSAFE)
    said = "Would fix nothing.\nNot fixed:\n  WS302: needs --unsafe-fixes\n"
    assert run("--diff").stderr == said


def test_selection() -> None:
    Path("test_a.py").write_text(SAFE)
    assert run("--ignore", "WS101").exit_code == 0
    assert Path("test_a.py").read_text() == SAFE


def test_standard_input() -> None:
    Path("test_a.py").write_text("")
    result = run("-", "--stdin-filename", "test_a.py", stdin=SAFE)
    assert result.exit_code == 0
    assert "override_flag" in result.stdout
    assert result.stdout != SAFE
    assert "Fixed 1 problem in 1 file" in result.stderr
    assert Path("test_a.py").read_text() == ""
    same = run("-", stdin="x = 1\n")
    assert (same.exit_code, same.stdout) == (0, "x = 1\n")
    assert run("-", "--diff", stdin=SAFE).stdout.startswith("--- a/test_stdin.py\n")


def test_a_client_of_a_fixture_in_another_file() -> None:
    Path("conftest.py").write_text(CONFTEST)
    Path("test_a.py").write_text(WITH_FIXTURE)
    Path("test_b.py").write_text(WITH_FIXTURE)
    assert run("--unsafe-fixes").exit_code == 0
    assert "with TestClient(app) as" in Path("conftest.py").read_text()
    assert Path("test_a.py").read_text() == WITH_FIXTURE


def test_files_outside_the_paths_are_not_changed() -> None:
    """The output has the command that changes them."""
    Path("conftest.py").write_text(CONFTEST)
    Path("pytest.ini").touch()
    Path("t").mkdir()
    Path("t/test_a.py").write_text(WITH_FIXTURE)
    result = run("t", "--unsafe-fixes")
    assert result.exit_code == 1
    assert Path("conftest.py").read_text() == CONFTEST
    command = "wslint fix --unsafe-fixes t/test_a.py conftest.py"
    said = f"WS302: the fix also changes conftest.py: {command}\n"
    assert result.stdout.endswith(f"Not fixed:\n  {said}")
    assert run("t", "--unsafe-fixes", "--diff").stderr.endswith(f"Not fixed:\n  {said}")
    full = CliRunner().invoke(main, ["check", "t"]).stdout
    assert "(unsafe: needs --unsafe-fixes; it changes conftest.py)\n" in full
    check = ["check", "--fix", "--unsafe-fixes", "t"]
    assert f"WS302 not fixed: {said[7:]}" in CliRunner().invoke(main, check).stderr
    assert run(*command.split()[2:]).exit_code == 0
    assert "with TestClient(app) as" in Path("conftest.py").read_text()
    assert Path("t/test_a.py").read_text() == WITH_FIXTURE


def test_unfixed_findings_are_listed_with_reasons() -> None:
    Path("test_a.py").write_text(SAFE)
    Path("test_b.py").write_text(UNSAFE + UNSAFE.replace("test_two", "test_more"))
    Path("test_c.py").write_text(REFUSED)
    Path("test_d.py").write_text("with client.websocket_connect(:\n")
    result = run("--preview")
    assert result.stdout.startswith("Fixed 1 problem in 1 file:\n")
    shown = "the fix may fail a test of a correct application; to make it:"
    assert result.stdout.partition("Not fixed:\n")[2].splitlines() == [
        "  WS302, 2 times: needs --unsafe-fixes",
        f"  WS403: {shown} wslint fix --select WS403 --unsafe-fixes",
        "  WS900: wslint does not rewrite what it cannot read",
    ]


def test_a_fix_that_cannot_be_made_is_not_offered() -> None:
    """It is said as `check` says it."""
    Path("test_a.py").write_text(WITHOUT_A_NAME)
    said = "the statement does not bind a single name"
    assert f"no fix: {said}\n" in CliRunner().invoke(main, ["check"]).stdout
    result = run()
    assert "fix]" not in result.stdout
    assert result.stdout.endswith(f"Found 1 problem.\nNot fixed:\n  WS401: {said}\n")


def test_fix_only_reports_nothing_else() -> None:
    Path("test_a.py").write_text(SAFE)
    Path("test_b.py").write_text(UNSAFE)
    result = run("--fix-only")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "Fixed 1 problem in 1 file:")
    assert "Not fixed" not in result.stdout
    assert "test_b.py" not in result.stdout
    assert run("--fix-only").stdout == ""
    Path("test_a.py").write_text(SAFE)
    assert run("--fix-only", "--exit-non-zero-on-fix").exit_code == 1


WITHOUT_A_NAME = """\
from starlette.testclient import TestClient


class Panel:
    def __init__(self):
        self.session = TestClient(app).websocket_connect("/")


def test_panel():
    panel = Panel()
    panel.session.send_json(1)
    assert panel.session.receive_json() == 1
"""
ONE_OF_TWO = """\
import pytest
from starlette.testclient import TestClient


def receive(socket):
    return socket.receive_json(timeout=1)


def test_one():
    with TestClient(app).websocket_connect("/") as socket:
        assert receive(socket)


def test_other():
    with TestClient(app).websocket_connect("/") as socket:
        with pytest.raises(TypeError):
            receive(socket)
"""


def test_a_fix_that_one_of_two_tests_rules_out_is_not_made() -> None:
    Path("test_a.py").write_text(ONE_OF_TWO)
    result = run("--unsafe-fixes")
    assert result.exit_code == 1
    assert Path("test_a.py").read_text() == ONE_OF_TWO
    said = "an exception is expected or caught here, and without it the call may wait forever"
    assert result.stdout.endswith(f"Not fixed:\n  WS404: {said}\n")


def test_what_cannot_be_written_is_an_error() -> None:
    Path("test_a.py").write_text(SAFE)
    os.link("test_a.py", "other_name")
    result = run()
    assert result.exit_code == 2
    assert result.stderr.startswith("error: test_a.py: not fixed: it has hard links")
    assert Path("test_a.py").read_text() == SAFE


def test_wrong_usage() -> None:
    assert run("nope").exit_code == 2
    assert run("-", "a.py").exit_code == 2
    assert run("--select", "nope").exit_code == 2


def test_suppressed_findings_are_left_alone() -> None:
    text = SAFE.replace("active=True)", "active=True)  # wslint: ignore[WS101] on purpose")
    Path("test_a.py").write_text(text)
    assert run().exit_code == 0
    assert Path("test_a.py").read_text() == text


def test_exit_code_where_something_was_fixed() -> None:
    Path("test_a.py").write_text(SAFE)
    assert run("--exit-non-zero-on-fix").exit_code == 1
    assert run("--exit-non-zero-on-fix").exit_code == 0


def test_unsafe_fixes_by_setting() -> None:
    Path("test_b.py").write_text(UNSAFE)
    Path("wslint.toml").write_text("unsafe-fixes = true\n")
    assert run("--no-unsafe-fixes").exit_code == 1
    assert Path("test_b.py").read_text() == UNSAFE
    assert run().exit_code == 0
    assert Path("test_b.py").read_text() != UNSAFE


def test_tiers_by_setting() -> None:
    Path("test_a.py").write_text(SAFE)
    Path("test_b.py").write_text(UNSAFE)
    Path("wslint.toml").write_text(
        'extend-unsafe-fixes = ["WS1"]\nextend-safe-fixes = ["WS3", "ALL"]\n'
    )
    run()
    assert Path("test_a.py").read_text() == SAFE
    assert Path("test_b.py").read_text() != UNSAFE


def test_selecting_a_rule_by_name_is_consent() -> None:
    Path("test_c.py").write_text(REFUSED)
    result = run("--preview", "--unsafe-fixes")
    assert "wslint fix --select WS403 --unsafe-fixes\n" in result.stdout
    result = run("--select", "WS403", "--unsafe-fixes")
    assert result.stdout.startswith("Fixed 1 problem in 1 file:\n")
    assert "code != 1000" in Path("test_c.py").read_text()


def test_a_link_out_of_the_tree_is_not_followed() -> None:
    Path("outside").mkdir()
    Path("tests").mkdir()
    Path("outside/test_a.py").write_text(SAFE)
    Path("tests/test_a.py").symlink_to(Path("outside/test_a.py").absolute())
    result = run("tests")
    assert Path("outside/test_a.py").read_text() == SAFE
    assert "not among the files to change" in result.stdout
    run("tests/test_a.py")  # it is named
    assert Path("outside/test_a.py").read_text() != SAFE
