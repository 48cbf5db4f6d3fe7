"""The server: which message of the editor is answered by what."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.workspace import PositionCodec

from wslint import __version__
from wslint.server.buffers import Buffers, path_of
from wslint.server.code_actions import FIX_ALL, ActionMaker
from wslint.server.diagnostics import diagnostics
from wslint.server.hover import hover
from wslint.server.judging import Judge
from wslint.server.protocol import Protocol
from wslint.server.publisher import Publisher
from wslint.server.texts import Texts
from wslint.server.tracing import COMMAND, TraceViewer, lenses, trace
from wslint.syntax.deep_recursion import deep_executor

if TYPE_CHECKING:
    from collections.abc import Callable

    from pygls.server import ServerErrors

    from wslint.server.judging import Judgement, Open

    Result = TypeVar("Result")

WATCHED = "**/*.{py,toml,ini,cfg}"


class Server(LanguageServer):
    """The open files, their judge, and the thread in which it works."""

    def __init__(self) -> None:
        super().__init__("wslint", __version__, protocol_cls=Protocol)
        self.buffers = Buffers()
        self.judge = Judge()
        self.publisher = Publisher(self)
        self.viewer = TraceViewer(self)
        self.was_shut_down = False
        self.is_exiting = False
        self._executor = deep_executor()
        self._told: set[str] = set()
        self._results: dict[str, tuple[int, list[types.Diagnostic]]] = {}

    def run(self) -> int:
        """Serve standard input and output until the editor ends it; return the exit code."""
        # pygls closes its output at the end, while Python still flushes its own
        with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as output:
            self.start_io(stdout=output)
        self.viewer.close()
        return 0 if self.was_shut_down else 1

    def report_server_error(self, error: Exception, source: ServerErrors) -> None:
        """Show an error, unless nobody listens any more."""
        if not self.is_exiting:
            super().report_server_error(error, source)

    @property
    def codec(self) -> PositionCodec:
        """Counts as the editor does, usually in UTF-16."""
        return PositionCodec(self.server_capabilities.position_encoding)

    @property
    def is_pulled(self) -> bool:
        """Whether the editor asks for diagnostics, so none must be sent."""
        document = self.client_capabilities.text_document
        return document is not None and document.diagnostic is not None

    def texts(self, buffers: Open) -> Texts:
        """Return the texts of a moment."""
        return Texts(buffers, self.codec)

    async def work(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Call a function in the thread of the judge."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, function, *arguments)

    async def judged(self, path: str, buffers: Open) -> Judgement:
        """Judge an open file, and report what went wrong."""
        judgement = await self.work(self.judge.judge, path, buffers, self._root_of(path))
        for problem in judgement.report.errors:
            self._tell(problem.message, problem.detail)
        return judgement

    async def up_to_date(self, path: str) -> tuple[Judgement, Open] | None:
        """Judge an open file again until it has not changed meanwhile; None if it is closed."""
        while path in (buffers := self.buffers.all()):
            judgement = await self.judged(path, buffers)
            if judgement.is_current(now := self.buffers.all()):
                return judgement, now
        return None

    def diagnose(self, path: str, buffers: Open) -> list[types.Diagnostic]:
        """Return the diagnostics of an open file, from the judgements so far."""
        return diagnostics(
            self.judge.findings_in(path, buffers),
            self.judge.unresolved_in(path, buffers),
            self.texts(buffers),
        )

    async def pull(self, path: str, known: str | None) -> types.DocumentDiagnosticReport:
        """Return the diagnostics of an open file, or that they are still the ``known`` ones."""
        items: list[types.Diagnostic] = []
        if await self.up_to_date(path) is not None:
            for other in self.buffers.all():
                await self.up_to_date(other)
            items = await self.work(self.diagnose, path, self.buffers.all())
        number, last = self._results.get(path, (0, None))
        if items != last:
            number += 1
            self._results[path] = number, items
        if known == str(number):
            return types.RelatedUnchangedDocumentDiagnosticReport(known)
        return types.RelatedFullDocumentDiagnosticReport(items, result_id=str(number))

    def closed(self, path: str, uri: str) -> None:
        """Forget a closed file."""
        self._results.pop(path, None)
        self.publisher.closed(path, uri)

    def _root_of(self, path: str) -> str:
        """Return the workspace folder of a file, or the file's own folder."""
        folders = (path_of(uri) for uri in self.workspace.folders)
        around = [f for f in folders if f and path.startswith(f"{f.rstrip('/')}/")]
        return max(around, key=len, default=os.path.dirname(path))

    def _tell(self, message: str, detail: str) -> None:
        """Show a problem, once."""
        if message not in self._told:
            self._told.add(message)
            kind = types.MessageType.Error
            self.window_show_message(types.ShowMessageParams(kind, f"wslint: {message}"))
            if detail:
                self.window_log_message(types.LogMessageParams(kind, detail))

    def configuration_changed(self) -> None:
        """Read all settings again."""
        self._told.clear()
        # in the thread of the judge, which alone uses it
        self._executor.submit(self.judge.forget)


def create_server() -> Server:
    """Return the server with all that it answers."""
    server = Server()
    _answer_start_and_end(server)
    _answer_changes(server)
    _answer_requests(server)
    return server


def _answer_start_and_end(server: Server) -> None:
    @server.feature(types.INITIALIZED)
    async def initialized(ls: Server, params: types.InitializedParams) -> None:  # noqa: ARG001
        workspace = ls.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if watching is not None and watching.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions(
                [types.FileSystemWatcher(WATCHED)]
            )
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            registration = types.Registration("watched", method, options)
            await ls.client_register_capability_async(types.RegistrationParams([registration]))

    @server.feature(types.SHUTDOWN)
    def shut_down(ls: Server, params: None) -> None:  # noqa: ARG001
        ls.was_shut_down = True

    @server.feature(types.EXIT)
    def exits(ls: Server, params: None) -> None:  # noqa: ARG001
        ls.is_exiting = True


def _answer_changes(server: Server) -> None:
    """Register the handlers of notifications. pygls keeps the result of each async one forever."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        ls.publisher.changed(ls.buffers.open(params.text_document))

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        path = ls.buffers.change(params.text_document, params.content_changes, ls.codec)
        ls.publisher.changed(path)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        path = ls.buffers.close(params.text_document.uri)
        if path is not None:
            ls.closed(path, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:  # noqa: ARG001
        ls.publisher.changed(None)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
        if any(not event.uri.endswith(".py") for event in params.changes):
            ls.configuration_changed()
        ls.publisher.changed(None)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def moved(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:  # noqa: ARG001
        ls.configuration_changed()
        ls.publisher.changed(None)


def _answer_requests(server: Server) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=False, identifier="wslint"
        ),
    )
    async def pulled(
        ls: Server, params: types.DocumentDiagnosticParams
    ) -> types.DocumentDiagnosticReport:
        path = path_of(params.text_document.uri) or ""
        return await ls.pull(path, params.previous_result_id)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions([types.CodeActionKind.QuickFix, FIX_ALL], resolve_provider=True),
    )
    async def actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
        judged = await ls.up_to_date(path_of(params.text_document.uri) or "")
        if judged is None:
            return None
        judgement, buffers = judged
        findings = await ls.work(ls.judge.findings_in, judgement.buffer.path, buffers)
        maker = ActionMaker(judgement, findings, ls.texts(buffers), ls.client_capabilities)
        return await ls.work(maker.actions, params.range, params.context.only)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolved(ls: Server, params: types.CodeAction) -> types.CodeAction:
        judged = await ls.up_to_date(str(params.data))
        if judged is None:
            return params
        maker = ActionMaker(judged[0], [], ls.texts(judged[1]), ls.client_capabilities)
        return await ls.work(maker.resolved, params)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovered(ls: Server, params: types.HoverParams) -> types.Hover | None:
        judged = await ls.up_to_date(path_of(params.text_document.uri) or "")
        if judged is None:
            return None
        judgement, buffers = judged
        findings = await ls.work(ls.judge.findings_in, judgement.buffer.path, buffers)
        return await ls.work(hover, params.position, judgement, findings, ls.texts(buffers))

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    async def lensed(ls: Server, params: types.CodeLensParams) -> list[types.CodeLens] | None:
        judged = await ls.up_to_date(path_of(params.text_document.uri) or "")
        return None if judged is None else list(lenses(judged[0], ls.texts(judged[1])))

    @server.command(COMMAND)
    async def traced(ls: Server, uri: str, test: str) -> str | None:
        judged = await ls.up_to_date(path_of(uri) or "")
        if judged is None:
            return None
        judgement, buffers = judged
        findings = await ls.work(ls.judge.findings_in, judgement.buffer.path, buffers)
        found = await ls.work(trace, judgement, test, findings)
        if found is None:
            text = f"wslint: {test} has no timeline in this version of the file"
            ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
            return None
        await ls.viewer.show(found)
        return found.text
