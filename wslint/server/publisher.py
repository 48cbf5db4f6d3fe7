"""Sends diagnostics after changes.

The first change after a pause is judged at once, those that follow quickly when typing pauses. A
change cancels what has not been sent yet: it would be outdated.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from wslint.server.judging import Open
    from wslint.server.server import Server

# seconds
PAUSE = 0.05


class Publisher:
    """Judges the changed file first, then the other open files that the change touches."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._sent: dict[str, tuple[int, list[types.Diagnostic]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._last = 0.0

    def changed(self, path: str | None) -> None:
        """Judge again: the open file ``path`` was edited, or something else has changed."""
        now = asyncio.get_running_loop().time()
        delay = PAUSE if now - self._last < PAUSE else 0
        self._last = now
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._round(path, delay))

    def closed(self, path: str, uri: str) -> None:
        """Remove the diagnostics of a closed file."""
        self._sent.pop(path, None)
        if not self._server.is_pulled:
            self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
        self.changed(None)

    async def _round(self, first: str | None, delay: float) -> None:
        await asyncio.sleep(delay)
        server = self._server
        if server.is_pulled:
            await self._ask_to_pull(first)
            return
        buffers = server.buffers.all()
        for path in sorted(buffers, key=lambda path: path != first):
            await server.judged(path, buffers)
            if path == first and server.judge.is_settled(buffers):
                await self._send(path, buffers)
        for path in buffers:
            await self._send(path, buffers)

    async def _send(self, path: str, buffers: Open) -> None:
        """Send the diagnostics of a file if they are new."""
        items = await self._server.work(self._server.diagnose, path, buffers)
        buffer = buffers[path]
        if self._sent.get(path) != (buffer.version, items):
            self._sent[path] = buffer.version, items
            self._server.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(buffer.uri, items, buffer.version)
            )

    async def _ask_to_pull(self, first: str | None) -> None:
        """Ask the editor to pull again; where only the edited file changes, it does anyway."""
        server = self._server
        workspace = server.client_capabilities.workspace
        pulls = workspace.diagnostics if workspace is not None else None
        if pulls is None or not pulls.refresh_support:
            return
        if first is None or await server.work(server.judge.is_used_elsewhere, first):
            server.workspace_diagnostic_refresh(None)
