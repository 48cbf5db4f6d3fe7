"""The code lens "trace" of each websocket test, and the command that opens its timeline."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types
from pygls.uris import from_fs_path

from wslint.server.timelines import drawn, page, timelines
from wslint.syntax.deep_recursion import deep_recursion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wslint.findings.finding import Finding
    from wslint.server.judging import Judgement
    from wslint.server.server import Server
    from wslint.server.texts import Texts

COMMAND = "wslint.trace"


class Trace(NamedTuple):
    """The timeline of a test, as text and as a page."""

    test: str
    text: str
    page: str


def lenses(judgement: Judgement, texts: Texts) -> Iterator[types.CodeLens]:
    """Yield a lens above each test with a timeline."""
    for test, place in judgement.tests.traceable.items():
        location = texts.location(place)
        if location is not None:
            command = types.Command("trace", COMMAND, arguments=[location.uri, test])
            yield types.CodeLens(location.range, command)


def trace(judgement: Judgement, test: str, findings: Sequence[Finding]) -> Trace | None:
    """Draw the timeline of a test; None if there is no such test any more."""
    with deep_recursion():
        for timeline in timelines(judgement):
            if timeline.test.qualname == test:
                shown = page(timeline, findings, judgement.root)
                return Trace(test, drawn(timeline, findings), shown)
    return None


class TraceViewer:
    """Shows pages in the user's browser, or text in the editor if it opens none."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def show(self, found: Trace) -> None:
        """Show a timeline."""
        server = self._server
        window = server.client_capabilities.window
        known = window.show_document if window is not None else None
        if known is not None and known.support:
            uri = await server.work(self._write, found)
            params = types.ShowDocumentParams(uri, external=True)
            if uri and (await server.window_show_document_async(params)).success:
                return
        kind = types.MessageType.Info
        server.window_show_message(types.ShowMessageParams(kind, found.text))

    def _write(self, found: Trace) -> str:
        """Write a page to a file, which is there until the server ends; return its URI."""
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="wslint-")
            path = os.path.join(self._folder.name, f"{found.test}.html")
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(found.page)
        except OSError:
            return ""
        return from_fs_path(path) or ""

    def close(self) -> None:
        """Remove the files."""
        if self._folder is not None:
            self._folder.cleanup()
