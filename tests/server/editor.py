"""A small editor: a real client of the language server, over standard input and output."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient
from warm import warm_wslint

SECONDS = 60
COLD = (sys.executable, "-m", "wslint", "server")
PUSHED = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(
        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(version_support=True),
        code_action=types.CodeActionClientCapabilities(
            resolve_support=types.ClientCodeActionResolveOptions(["edit"])
        ),
    ),
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(
            document_changes=True, resource_operations=[types.ResourceOperationKind.Create]
        ),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
            dynamic_registration=True
        ),
    ),
)
SHOWING = types.ClientCapabilities(
    window=types.WindowClientCapabilities(
        show_document=types.ShowDocumentClientCapabilities(support=True)
    )
)
PULLED = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(
        diagnostic=types.DiagnosticClientCapabilities()
    ),
    workspace=types.WorkspaceClientCapabilities(
        diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    ),
)


class Editor(LanguageClient):
    """Keeps the open texts and the newest diagnostics."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.sent: list[types.PublishDiagnosticsParams] = []
        self.messages: list[str] = []
        self.refreshes = 0
        self.exit_code: int | None = None
        self.watched: list[types.Registration] = []
        self.shown: list[types.ShowDocumentParams] = []
        self.shows = True
        self._news = asyncio.Event()
        self._listen()

    def _listen(self) -> None:
        def received(keep: Callable[[Any], None]) -> Callable[[Any], None]:
            def keeps(params: Any) -> None:
                keep(params)
                self._news.set()

            return keeps

        def refreshed(_: object) -> None:
            self.refreshes += 1

        for method, keep in {
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: self.sent.append,
            types.WINDOW_SHOW_MESSAGE: lambda params: self.messages.append(params.message),
            types.WORKSPACE_DIAGNOSTIC_REFRESH: refreshed,
            types.CLIENT_REGISTER_CAPABILITY: lambda p: self.watched.extend(p.registrations),
        }.items():
            self.feature(method)(received(keep))

        def show(params: types.ShowDocumentParams) -> types.ShowDocumentResult:
            self.shown.append(params)
            return types.ShowDocumentResult(self.shows)

        self.feature(types.WINDOW_SHOW_DOCUMENT)(show)

    async def server_exit(self, server: asyncio.subprocess.Process) -> None:
        self.exit_code = server.returncode

    def open(self, path: Path, text: str | None = None) -> None:
        uri = path.as_uri()
        self.texts[uri] = path.read_bytes().decode() if text is None else text
        self.versions[uri] = 1
        item = types.TextDocumentItem(uri, "python", 1, self.texts[uri])
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, path: Path, *changes: types.TextDocumentContentChangeEvent) -> int:
        """Send changes as they are; return the new version."""
        uri = path.as_uri()
        self.versions[uri] += 1
        document = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.text_document_did_change(types.DidChangeTextDocumentParams(document, list(changes)))
        return self.versions[uri]

    def type(self, path: Path, old: str, new: str) -> int:
        """Replace a piece of the text, as typing does."""
        text = self.texts[path.as_uri()]
        start = text.index(old)
        span = types.Range(position_at(text, start), position_at(text, start + len(old)))
        self.texts[path.as_uri()] = text[:start] + new + text[start + len(old) :]
        return self.change(path, types.TextDocumentContentChangePartial(span, new))

    def replace(self, path: Path, text: str) -> int:
        """Replace the whole text."""
        self.texts[path.as_uri()] = text
        return self.change(path, types.TextDocumentContentChangeWholeDocument(text))

    def close(self, path: Path) -> None:
        document = types.TextDocumentIdentifier(path.as_uri())
        self.text_document_did_close(types.DidCloseTextDocumentParams(document))

    async def wait(self, until: Callable[[], object]) -> None:
        """Wait until something is true of what was received."""
        while not until():
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), SECONDS)

    async def diagnostics(self, path: Path, version: int = 1) -> list[types.Diagnostic]:
        """Return the diagnostics of a version of an open file, once they are there."""
        await self.wait(lambda: self.newest(path, version) is not None)
        newest = self.newest(path, version)
        assert newest is not None
        return list(newest.diagnostics)

    def newest(self, path: Path, version: int) -> types.PublishDiagnosticsParams | None:
        """Return the newest diagnostics of a version of an open file."""
        own = [sent for sent in self.sent if sent.uri == path.as_uri() and sent.version == version]
        return own[-1] if own else None

    async def pull(self, path: Path, known: str | None = None) -> Any:
        document = types.TextDocumentIdentifier(path.as_uri())
        params = types.DocumentDiagnosticParams(document, previous_result_id=known)
        return await self.text_document_diagnostic_async(params)

    async def actions(
        self, path: Path, span: types.Range, only: Sequence[str] | None = None
    ) -> list[types.CodeAction]:
        context = types.CodeActionContext([], only=list(only) if only else None)
        params = types.CodeActionParams(types.TextDocumentIdentifier(path.as_uri()), span, context)
        found = await self.text_document_code_action_async(params)
        return [action for action in found or [] if isinstance(action, types.CodeAction)]

    async def resolve(self, action: types.CodeAction) -> types.CodeAction:
        return await self.code_action_resolve_async(action)

    async def hover(self, path: Path, position: types.Position) -> str:
        params = types.HoverParams(types.TextDocumentIdentifier(path.as_uri()), position)
        found = await self.text_document_hover_async(params)
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def lenses(self, path: Path) -> list[types.CodeLens]:
        params = types.CodeLensParams(types.TextDocumentIdentifier(path.as_uri()))
        return list(await self.text_document_code_lens_async(params) or ())

    async def execute(self, command: types.Command | None) -> Any:
        assert command is not None
        params = types.ExecuteCommandParams(command.command, command.arguments)
        return await self.workspace_execute_command_async(params)

    def applied(self, path: Path, action: types.CodeAction) -> str:
        """Return the text of an open file after an action."""
        assert action.edit is not None
        text = self.texts[path.as_uri()]
        edits = [
            edit
            for change in action.edit.document_changes or []
            if isinstance(change, types.TextDocumentEdit)
            and change.text_document.uri == path.as_uri()
            for edit in change.edits
        ] or list((action.edit.changes or {}).get(path.as_uri(), []))
        for edit in reversed(edits):
            start, end = offset_at(text, edit.range.start), offset_at(text, edit.range.end)
            assert isinstance(edit, types.TextEdit)
            text = text[:start] + edit.new_text + text[end:]
        return text


def position_at(text: str, offset: int) -> types.Position:
    r"""Return the UTF-16 position of an offset; lines end with ``\n``."""
    before = text[:offset]
    line = before.rpartition("\n")[2]
    return types.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)


def offset_at(text: str, position: types.Position) -> int:
    r"""Return the offset of a UTF-16 position; lines end with ``\n``."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: position.line])
    line = lines[position.line].encode("utf-16-le")[: 2 * position.character]
    return start + len(line.decode("utf-16-le"))


@asynccontextmanager
async def editor(
    *folders: Path, capabilities: types.ClientCapabilities = PUSHED, cold: bool = False
) -> AsyncIterator[Editor]:
    """Start the server for some workspace folders, and stop it properly.

    It is a fork of a process that has imported the server, or, if cold, one that imports it itself.
    """
    client = Editor()
    command = warm_wslint("server")
    await client.start_io(*(COLD if cold else command), cwd="/")
    try:
        await client.initialize_async(
            types.InitializeParams(
                capabilities,
                workspace_folders=[types.WorkspaceFolder(f.as_uri(), f.name) for f in folders],
            )
        )
        client.initialized(types.InitializedParams())
        yield client
        await client.shutdown_async(None)
    finally:
        client.exit(None)
        await client.stop()
