"""The protocol as pygls has it, without its own copies of the open files.

pygls splits lines as ``str.splitlines`` does, so a form feed in a file would move every later
change to a wrong place. ``buffers`` keeps the text instead. And pygls keeps an object for each
notification that a generator or coroutine handles, which this one does not.
"""

from __future__ import annotations

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol, lsp_method


class Protocol(LanguageServerProtocol):
    """Passes changes on unread."""

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Call the handler only."""
        self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE](params)
