"""Diagnostics of open files, as an editor receives them."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from lsprotocol import types
from paths import ROOT
from pygls.exceptions import JsonRpcRequestCancelled
from small_project import HEAD, TOLD, TWO, run

from server.editor import COLD, PULLED, SECONDS, Editor, editor, position_at

pytestmark = pytest.mark.asyncio

FINE = TOLD.replace("        client.post", "        socket.send_text")
CONFTEST = """\
import pytest
from starlette.testclient import TestClient
from shop import app


@pytest.fixture
def client():
    return TestClient(app)
"""
SAFE_CONFTEST = CONFTEST.replace(
    "    return TestClient(app)", "    with TestClient(app) as client:\n        yield client"
)
BY_FIXTURE = """\
def test_it(client):
    with client.websocket_connect("/a") as socket:
        client.post("/a")
        socket.receive_text()
"""
OF_PLUGIN = """\
import pytest
from channels.testing import WebsocketCommunicator


@pytest.mark.asyncio
async def test_it(communicator):
    await communicator.connect()
    await communicator.receive_nothing()
"""
SOCKET_FIXTURE = """\
import pytest
from starlette.testclient import TestClient
from shop import app


@pytest.fixture
def socket():
    client = TestClient(app)
    with client.websocket_connect("/a") as socket:
        client.post("/a")
        yield socket
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "tests").mkdir(parents=True)
    (folder / "wslint.toml").write_bytes(b"")
    return folder


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def codes(diagnostics: list[types.Diagnostic]) -> list[object]:
    return [diagnostic.code for diagnostic in diagnostics]


def has_codes(client: Editor, path: Path, version: int, expected: list[str]) -> bool:
    newest = client.newest(path, version)
    if newest is None:
        return False
    return [found.code for found in newest.diagnostics if found.code] == expected


def watched(*paths: Path) -> types.DidChangeWatchedFilesParams:
    return types.DidChangeWatchedFilesParams(
        [types.FileEvent(path.as_uri(), types.FileChangeType.Changed) for path in paths]
    )


async def test_opened(project: Path) -> None:
    test = put(project / "tests/test_a.py", FINE)
    async with editor(project, cold=True) as client:
        client.open(test, TOLD)
        (found,) = await client.diagnostics(test)
    assert (found.code, found.source) == ("WS301", "wslint")
    assert found.severity == types.DiagnosticSeverity.Warning
    assert found.range == types.Range(types.Position(7, 8), types.Position(7, 25))
    assert found.code_description is not None
    page = Path(unquote(urlparse(found.code_description.href).path))
    assert page.read_text("utf-8").startswith("# WS301 http-while-websocket-open-on-bare-client")
    assert found.related_information is not None
    assert [each.location.range.start.line for each in found.related_information] == [6, 5]


async def test_a_new_file_is_judged(project: Path) -> None:
    async with editor(project) as client:
        client.open(project / "new" / "test_new.py", TOLD)
        assert codes(await client.diagnostics(project / "new" / "test_new.py")) == ["WS301"]


async def test_typed(project: Path) -> None:
    test = put(project / "tests/test_a.py", TOLD)
    async with editor(project) as client:
        client.open(test)
        assert codes(await client.diagnostics(test)) == ["WS301"]
        version = client.type(test, "client.post", "socket.send_text")
        assert await client.diagnostics(test, version) == []
        version = client.type(test, "socket.send_text", "client.get")
        assert codes(await client.diagnostics(test, version)) == ["WS301"]


@pytest.mark.parametrize("before", ["'\U0001f600\xe4'; ", "'\x0c\u2028'; ", ""])
async def test_positions_count_as_in_the_editor(project: Path, before: str) -> None:
    text = TOLD.replace("        client.post", f"        {before}client.post")
    test = put(project / "tests/test_a.py", text)
    async with editor(project) as client:
        client.open(test)
        assert codes(await client.diagnostics(test)) == ["WS301"]
        version = client.type(test, 'post("/a")', 'get("/\U0001f600")')
        version = client.type(test, 'get("/\U0001f600")', 'put("/\U0001f600a")')
        (found,) = await client.diagnostics(test, version)
        text = client.texts[test.as_uri()]
        start = position_at(text, text.index("client.put"))
        end = position_at(text, text.index("\n", text.index("client.put")))
        assert found.range == types.Range(start, end)


async def test_positions_in_bytes(project: Path) -> None:
    before = "'\U0001f600\xe4'; "
    text = TOLD.replace("        client.post", f"        {before}client.post")
    test = put(project / "tests/test_a.py", text)
    in_bytes = types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=["utf-8"])
    )
    async with editor(project, capabilities=in_bytes) as client:
        client.open(test)
        (found,) = await client.diagnostics(test)
    assert found.range.start == types.Position(7, 8 + len(before.encode()))


async def test_lines_end_as_in_the_editor(project: Path) -> None:
    test = put(project / "tests/test_a.py", TOLD.replace("\n", "\r\n"))
    async with editor(project) as client:
        client.open(test)
        (found,) = await client.diagnostics(test)
        assert found.range == types.Range(types.Position(7, 8), types.Position(7, 25))
        # after the end of a line means its end
        span = types.Range(types.Position(7, 8), types.Position(7, 99))
        edit = types.TextDocumentContentChangePartial(span, "pass")
        assert await client.diagnostics(test, client.change(test, edit)) == []


@pytest.mark.parametrize("start", ["# -*- coding: latin-1 -*-\nname = '\xe4\xf6'; ", "\ufeff"])
async def test_a_declared_encoding_is_used(project: Path, start: str) -> None:
    text = start + TOLD
    async with editor(project) as client:
        client.open(project / "tests/test_a.py", text)
        assert codes(await client.diagnostics(project / "tests/test_a.py")) == ["WS301"]


async def test_an_edited_conftest_changes_its_tests(project: Path) -> None:
    conftest = put(project / "tests/conftest.py", CONFTEST)
    test = put(project / "tests/test_a.py", BY_FIXTURE)
    put(project / "tests/test_b.py", FINE)
    async with editor(project) as client:
        client.open(test)
        (found,) = await client.diagnostics(test)
        assert found.related_information is not None
        assert {each.location.uri for each in found.related_information} >= {conftest.as_uri()}
        client.open(conftest)
        await client.diagnostics(conftest)
        client.open(project / "tests/test_b.py")
        await client.diagnostics(project / "tests/test_b.py")
        before = len(client.sent)
        client.replace(conftest, SAFE_CONFTEST)
        await client.wait(lambda: len(client.sent) == before + 2)
        changed = {sent.uri: list(sent.diagnostics) for sent in client.sent[before:]}
        assert changed == {conftest.as_uri(): [], test.as_uri(): []}
        client.close(conftest)
        await client.wait(lambda: client.sent[-1].uri == test.as_uri())
        assert codes(list(client.sent[-1].diagnostics)) == ["WS301"]


async def test_a_hazard_in_an_open_conftest(project: Path) -> None:
    conftest = put(project / "tests/conftest.py", SOCKET_FIXTURE)
    test = put(project / "tests/test_a.py", "def test_it(socket):\n    socket.receive_text()\n")
    async with editor(project) as client:
        client.open(conftest)
        assert await client.diagnostics(conftest) == []
        before = len(client.sent)
        client.open(test)
        await client.wait(lambda: len(client.sent) == before + 2)
        assert client.sent[-1].uri == conftest.as_uri()
        assert codes(list(client.sent[-1].diagnostics)) == ["WS301"]
        version = client.type(conftest, "client.post", "socket.send_text")
        assert await client.diagnostics(conftest, version) == []


async def test_a_helper_changes_on_disk(project: Path) -> None:
    conftest = put(project / "tests/conftest.py", CONFTEST)
    test = put(project / "tests/test_a.py", BY_FIXTURE)
    async with editor(project) as client:
        client.open(test)
        assert codes(await client.diagnostics(test)) == ["WS301"]
        await client.wait(lambda: client.watched)
        put(conftest, SAFE_CONFTEST)
        client.workspace_did_change_watched_files(watched(conftest))
        await client.wait(lambda: len(client.sent) == 2)
        assert not client.sent[-1].diagnostics


async def test_what_an_unsaved_conftest_allows(project: Path) -> None:
    case = ROOT / "tests/fixtures/WS201/async_unsafe_allowed/before"
    allowing = (case / "conftest.py").read_text("utf-8")
    conftest = put(project / "conftest.py", "")
    test = put(project / "test_a.py", (case / "test_unsafe.py").read_text("utf-8"))
    async with editor(project, capabilities=PULLED) as client:
        client.open(test)
        assert "WS201" in codes((await client.pull(test)).items)
        client.open(conftest, allowing)
        assert "WS201" not in codes((await client.pull(test)).items)
        put(conftest, allowing)
        client.replace(conftest, "")
        assert "WS201" in codes((await client.pull(test)).items)


async def test_a_changed_branch(project: Path) -> None:
    """Many files change on disk at once, open and closed ones; some appear, some vanish."""
    conftest, helper = project / "tests/conftest.py", project / "tests/helper.py"
    tests = [project / f"tests/test_{number}.py" for number in range(20)]
    joining = "def join(client):\n    return client.websocket_connect('/a')\n"
    joined = BY_FIXTURE.replace('client.websocket_connect("/a")', "join(client)")
    joined = "from helper import join\n\n\n" + joined
    branches = [
        ({conftest: CONFTEST, **dict.fromkeys(tests[:15], BY_FIXTURE)}, ["WS301"]),
        ({conftest: SAFE_CONFTEST, helper: joining, **dict.fromkeys(tests[5:], joined)}, []),
        ({conftest: CONFTEST, helper: joining, **dict.fromkeys(tests[5:], joined)}, ["WS301"]),
        ({}, []),  # without a fixture, nothing is known
    ]
    async with editor(project) as client:
        for branch, expected in branches:
            for path in (conftest, helper, *tests):
                path.unlink(missing_ok=True)
                if path in branch:
                    put(path, branch[path])
            for path in tests[5:10]:
                if path.as_uri() not in client.versions:
                    client.open(path)
                elif path in branch:  # the editor keeps what has vanished
                    client.replace(path, branch[path])
            client.workspace_did_change_watched_files(watched(conftest, helper, *tests))
            for path in tests[5:10]:
                version = client.versions[path.as_uri()]
                await client.wait(partial(has_codes, client, path, version, expected))
        assert client.messages == []


async def test_settings_are_read_again(project: Path) -> None:
    test = put(project / "tests/test_a.py", TOLD)
    config = project / "wslint.toml"
    async with editor(project) as client:
        client.open(test)
        assert codes(await client.diagnostics(test)) == ["WS301"]
        put(config, 'ignore = ["WS301"]\n')
        client.workspace_did_change_watched_files(watched(config))
        await client.wait(lambda: len(client.sent) == 2)
        assert not client.sent[-1].diagnostics
        put(config, 'ignore = "WS301"\n')
        client.workspace_did_change_watched_files(watched(config))
        await client.wait(lambda: client.messages)
        assert "wslint.toml:1: ignore" in client.messages[0]
        put(config, "")
        client.workspace_did_change_watched_files(watched(config))
        await client.wait(lambda: len(client.sent) == 3)
        assert codes(list(client.sent[-1].diagnostics)) == ["WS301"]
    assert len(client.messages) == 1


async def test_several_folders_have_their_own_settings(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    put(other / "pyproject.toml", '[tool.wslint]\nignore = ["WS301"]\n')
    first, second = project / "tests/test_a.py", other / "tests/test_a.py"
    async with editor(project, other) as client:
        client.open(put(first, TOLD))
        client.open(put(second, TOLD))
        assert codes(await client.diagnostics(first)) == ["WS301"]
        assert await client.diagnostics(second) == []


async def test_excluded_and_other_files_are_not_judged(project: Path) -> None:
    put(project / "wslint.toml", 'extend-exclude = ["old"]\n')
    broken = put(project / "broken.py", "def (:\n")
    old = put(project / "old/test_a.py", TOLD)
    async with editor(project) as client:
        client.open(old)
        assert await client.diagnostics(old) == []
        client.open(broken)
        assert await client.diagnostics(broken) == []


async def test_what_is_not_judged_is_a_hint(project: Path) -> None:
    test = put(project / "tests/test_a.py", OF_PLUGIN)
    async with editor(project) as client:
        client.open(test)
        (found,) = await client.diagnostics(test)
    assert found.severity == types.DiagnosticSeverity.Hint
    assert found.message.startswith("not judged: ")


async def test_pulled(project: Path) -> None:
    conftest = put(project / "tests/conftest.py", CONFTEST)
    test = put(project / "tests/test_a.py", BY_FIXTURE)
    async with editor(project, capabilities=PULLED) as client:
        client.open(test)
        report = await client.pull(test)
        assert codes(report.items) == ["WS301"]
        same = await client.pull(test, report.result_id)
        assert (same.kind, same.result_id) == ("unchanged", report.result_id)
        client.open(conftest)
        await client.wait(lambda: client.refreshes)
        client.replace(conftest, SAFE_CONFTEST)
        await client.wait(lambda: client.refreshes == 2)
        report = await client.pull(test, report.result_id)
        assert (report.kind, list(report.items)) == ("full", [])
        client.type(test, "client.post", "client.get")
        assert not (await client.pull(conftest)).items
        assert client.refreshes == 2
    assert client.sent == []


async def test_only_the_newest_version_is_told(project: Path) -> None:
    test = put(project / "tests/test_a.py", FINE)
    async with editor(project) as client:
        client.open(test)
        await client.diagnostics(test)
        version = 0
        for number in range(50):
            fine = number % 2
            version = client.replace(test, FINE if fine else TWO)
        assert await client.diagnostics(test, version) == []
    versions = [sent.version or 0 for sent in client.sent]
    assert versions == sorted(versions)
    assert len(versions) < 50
    for sent in client.sent:
        # the first version and every odd one are without hazards
        assert bool(sent.diagnostics) == (sent.version in range(2, 51, 2))


async def test_a_request_is_cancelled(project: Path) -> None:
    test = put(project / "tests/test_a.py", TOLD)
    async with editor(project, capabilities=PULLED) as client:
        client.open(test)
        document = types.TextDocumentIdentifier(test.as_uri())
        params = types.DocumentDiagnosticParams(document)
        method = types.TEXT_DOCUMENT_DIAGNOSTIC
        answer = client.protocol.send_request_async(method, params, msg_id="to be cancelled")
        client.cancel_request(types.CancelParams("to be cancelled"))
        with pytest.raises(JsonRpcRequestCancelled):
            await answer
        assert codes((await client.pull(test)).items) == ["WS301"]


@pytest.mark.parametrize("shut_down", [True, False])
async def test_it_ends_while_it_works(project: Path, shut_down: bool) -> None:
    test = put(project / "tests/test_a.py", TOLD)
    client = Editor()
    await client.start_io(*COLD)
    await client.initialize_async(types.InitializeParams(PULLED))
    client.open(test)
    document = types.TextDocumentIdentifier(test.as_uri())
    answer = client.text_document_diagnostic(types.DocumentDiagnosticParams(document))
    if shut_down:
        await client.shutdown_async(None)
    client.exit(None)
    await asyncio.wait_for(client.stop(), SECONDS)
    assert client.exit_code == (0 if shut_down else 1)
    assert answer.done()


async def test_closed(project: Path) -> None:
    test = put(project / "tests/test_a.py", TOLD)
    async with editor(project) as client:
        client.open(test)
        assert codes(await client.diagnostics(test)) == ["WS301"]
        client.close(test)
        await client.wait(lambda: client.sent[-1].version is None)
        assert not client.sent[-1].diagnostics
        client.open(test)
        await client.wait(lambda: client.sent[-1].version == 1)
        assert codes(list(client.sent[-1].diagnostics)) == ["WS301"]


async def test_half_typed(project: Path) -> None:
    test = put(project / "tests/test_a.py", "")
    text = HEAD + OF_PLUGIN + TOLD.removeprefix(HEAD).replace('"/a"', "'\U0001f600'")
    async with editor(project, capabilities=PULLED) as client:
        client.open(test)
        for end in range(len(text)):
            client.replace(test, text[:end])
            report = await client.pull(test)
            assert report.kind == "full" or end == 0
        client.replace(test, text)
        items = (await client.pull(test)).items
    assert [item.code for item in items if item.code] == ["WS301"]
    assert client.messages == []


async def test_a_vanished_folder(project: Path) -> None:
    test = put(project / "tests/test_a.py", TOLD)
    async with editor(project) as client:
        client.open(test)
        assert codes(await client.diagnostics(test)) == ["WS301"]
        shutil.rmtree(project)
        version = client.type(test, "client.post", "client.get")
        assert codes(await client.diagnostics(test, version)) == ["WS301"]
    assert client.messages == []


async def test_other_schemes_are_left_alone(project: Path) -> None:
    async with editor(project) as client:
        item = types.TextDocumentItem("untitled:Untitled-1", "python", 1, TOLD)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        document = types.VersionedTextDocumentIdentifier(2, "untitled:Untitled-1")
        whole = types.TextDocumentContentChangeWholeDocument(TWO)
        client.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))
        test = put(project / "tests/test_a.py", TOLD)
        client.open(test)
        assert codes(await client.diagnostics(test)) == ["WS301"]
    assert {sent.uri for sent in client.sent} == {test.as_uri()}


async def test_the_command_explains_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygls", None)
    result = run("server")
    assert result.exit_code == 2
    assert result.output == "error: the language server needs pygls: pip install 'wslint[lsp]'\n"


async def test_check_does_not_import_it(project: Path) -> None:
    put(project / "tests/test_a.py", TOLD)
    script = """\
import sys
from wslint.cli import main

try:
    main(["check"])
except SystemExit:
    print({name.partition(".")[0] for name in sys.modules} & {"pygls", "lsprotocol", "watchfiles"})
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "set()"
