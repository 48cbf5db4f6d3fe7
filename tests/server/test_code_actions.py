"""Quick fixes, ignore comments, the fix of a file, and hovers."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from paths import ROOT
from small_project import TOLD, TWO, run

from server.editor import PUSHED, Editor, editor, position_at

pytestmark = pytest.mark.asyncio

FIXTURES = ROOT / "tests" / "fixtures"
EVERYWHERE = types.Range(types.Position(0, 0), types.Position(9999, 0))
PLAIN = types.ClientCapabilities()
# the application is known, so the fixes are safe
APP = "from starlette.applications import Starlette\n\napp = Starlette()\n"
SAFE, TWO_SAFE = (text.replace("from shop import app\n", APP) for text in (TOLD, TWO))
BARE_CONFTEST = """\
import pytest
from starlette.testclient import TestClient
from shop import app


@pytest.fixture
def client():
    return TestClient(app)
"""
BY_FIXTURE = """\
def test_it(client):
    with client.websocket_connect("/a") as socket:
        client.post("/a")
        socket.receive_text()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "wslint.toml").write_bytes(b"preview = true\n")
    return folder


def put(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def fixed(path: Path, *options: str) -> str:
    """Return the text that ``wslint fix`` makes of a file."""
    before = path.read_bytes()
    run("fix", str(path), *options)
    after = path.read_bytes().decode()
    path.write_bytes(before)
    return after


async def quick_fixes(
    client: Editor, path: Path, span: types.Range = EVERYWHERE
) -> list[types.CodeAction]:
    actions = await client.actions(path, span, ["quickfix"])
    return [action for action in actions if "ignore on this line" not in action.title]


@pytest.mark.parametrize("capabilities", [PUSHED, PLAIN])
async def test_a_quick_fix_is_that_of_the_command(
    project: Path, capabilities: types.ClientCapabilities
) -> None:
    test = put(project / "test_a.py", SAFE.replace('"/a")\n', '"/\U0001f600")\n'))
    async with editor(project, capabilities=capabilities) as client:
        client.open(test)
        (action,) = await quick_fixes(client, test)
        assert action.title.startswith("WS301: ")
        assert action.is_preferred
        assert action.diagnostics is not None
        assert [each.code for each in action.diagnostics] == ["WS301"]
        assert client.applied(test, action) == fixed(test)


async def test_only_the_findings_here_are_fixed(project: Path) -> None:
    test = put(project / "test_a.py", TWO_SAFE)
    async with editor(project) as client:
        client.open(test)
        assert len(await quick_fixes(client, test)) == 2
        here = position_at(TWO_SAFE, TWO_SAFE.rindex("post"))
        (action,) = await quick_fixes(client, test, types.Range(here, here))
        text = client.applied(test, action)
        assert text.index("client = TestClient(app)") < text.index("def test_heard")
        assert text.count("client = TestClient(app)") == 1
        start = types.Range(types.Position(0, 0), types.Position(0, 0))
        assert await client.actions(test, start, ["quickfix"]) == []


async def test_tiers(project: Path) -> None:
    test = put(project / "test_a.py", TOLD)
    case = FIXTURES / "WS403/missing_route_is_meant/before/test_door.py"
    shown = put(project / "test_b.py", case.read_text("utf-8"))
    async with editor(project) as client:
        client.open(test)
        (action,) = await quick_fixes(client, test)
        assert action.title.endswith(" (unsafe: may change behaviour)")
        assert not action.is_preferred
        assert client.applied(test, action) == fixed(test, "--unsafe-fixes")
        client.open(shown)
        (action,) = await quick_fixes(client, shown)
        assert action.title.endswith(" (display-only: may fail a test of a correct application)")
        assert not action.is_preferred
        assert client.applied(shown, action) != case.read_text("utf-8")


async def test_a_fix_of_another_file(project: Path) -> None:
    conftest = put(project / "conftest.py", BARE_CONFTEST)
    test = put(project / "test_a.py", BY_FIXTURE)
    async with editor(project) as client:
        client.open(test)
        client.open(conftest, BARE_CONFTEST + "# not saved\n")
        (action,) = await quick_fixes(client, test)
        assert client.applied(test, action) == BY_FIXTURE
        after = client.applied(conftest, action)
        assert "with TestClient(app) as" in after
        assert after.endswith("# not saved\n")
        assert action.edit is not None
        (edit,) = action.edit.document_changes or ()
        assert isinstance(edit, types.TextDocumentEdit)
        assert edit.text_document.version == 1


async def test_a_fix_that_makes_a_file(project: Path) -> None:
    put(project / "wslint.toml", 'keepalive-style = "fixture"\n')
    case = FIXTURES / "WS101/decorator_on_function/before/test_chat.py"
    test = put(project / "test_a.py", case.read_text("utf-8"))
    async with editor(project) as client:
        client.open(test)
        actions = await quick_fixes(client, test)
        edits = [edit for action in actions for edit in (action.edit.document_changes or ())]  # type: ignore[union-attr]
        created = [edit.uri for edit in edits if isinstance(edit, types.CreateFile)]
        assert (project / "conftest.py").as_uri() in created
    async with editor(project, capabilities=PLAIN) as client:
        client.open(test)
        # what this client can't do is left out, another codemod is still offered
        (other,) = await quick_fixes(client, test)
        assert other.title.startswith("WS101: flush the tables after the test")


async def test_alternatives_are_offered(project: Path) -> None:
    case = FIXTURES / "WS101/decorator_on_function/before/test_chat.py"
    test = put(project / "test_a.py", case.read_text("utf-8"))
    async with editor(project) as client:
        client.open(test)
        safe, other = await quick_fixes(client, test)
        assert (safe.is_preferred, other.is_preferred) == (True, None)
        assert "mock.patch" in client.applied(test, safe)
        assert "django_db(transaction=True)" in client.applied(test, other)


async def test_ignored_on_this_line(project: Path) -> None:
    test = put(project / "test_a.py", TOLD)
    async with editor(project) as client:
        client.open(test)
        actions = await client.actions(test, EVERYWHERE, ["quickfix"])
        (action,) = (each for each in actions if each.title == "WS301: ignore on this line")
        text = client.applied(test, action)
        assert 'client.post("/a")  # wslint: ignore[WS301]\n' in text
        assert await client.diagnostics(test, client.replace(test, text)) == []


async def test_fix_all(project: Path) -> None:
    test = put(project / "test_a.py", TWO_SAFE)
    async with editor(project, cold=True) as client:
        client.open(test)
        (action,) = await client.actions(test, EVERYWHERE, ["source.fixAll.wslint"])
        assert (action.kind, action.edit) == ("source.fixAll.wslint", None)
        text = client.applied(test, await client.resolve(action))
        assert text == fixed(test)
        assert await client.diagnostics(test, client.replace(test, text)) == []
        assert await client.actions(test, EVERYWHERE, ["source.fixAll"]) == []
        assert await client.actions(test, EVERYWHERE, ["source.organizeImports"]) == []


async def test_fix_all_for_an_editor_that_does_not_ask_later(project: Path) -> None:
    test = put(project / "test_a.py", TWO_SAFE)
    async with editor(project, capabilities=PLAIN) as client:
        client.open(test)
        (action,) = await client.actions(test, EVERYWHERE, ["source.fixAll"])
        assert client.applied(test, action) == fixed(test)
        kinds = {action.kind for action in await client.actions(test, EVERYWHERE)}
        assert kinds == {"quickfix"}


async def test_fix_all_makes_only_safe_fixes(project: Path) -> None:
    put(project / "wslint.toml", "unsafe-fixes = true\n")
    test = put(project / "test_a.py", TWO)
    async with editor(project) as client:
        client.open(test)
        assert len(await quick_fixes(client, test)) == 2
        assert await client.actions(test, EVERYWHERE, ["source.fixAll.wslint"]) == []


async def test_no_edit_of_what_the_encoding_cannot_represent(project: Path) -> None:
    test = put(project / "test_a.py", "")
    async with editor(project) as client:
        client.open(test, f"# coding: latin-1\n# \U0001f600\n{TOLD}")
        assert [each.code for each in await client.diagnostics(test)] == ["WS301"]
        assert await quick_fixes(client, test) == []


async def test_hover(project: Path) -> None:
    test = put(project / "test_a.py", TWO_SAFE)
    async with editor(project) as client:
        client.open(test)
        text = await client.hover(test, position_at(TWO_SAFE, TWO_SAFE.index("client.post") + 3))
        heading, message, fix, picture = text.split("\n\n", 3)
        assert heading.startswith("**[WS301 http-while-websocket-open-on-bare-client](file://")
        assert "To do: enter the client around both" in message
        assert fix.startswith("Fix (safe): ")
        assert picture.startswith("```text\n")
        assert "test_told" in picture
        assert "▲ WS301" in picture
        assert "test_heard" not in picture
        of_name = await client.hover(test, position_at(TWO_SAFE, TWO_SAFE.index("test_heard") + 2))
        assert of_name.startswith("```text\n")
        assert "test_heard" in of_name
        assert await client.hover(test, types.Position(0, 0)) == ""
        assert await client.hover(test, types.Position(9999, 0)) == ""
        assert await client.hover(project / "other.py", types.Position(0, 0)) == ""
