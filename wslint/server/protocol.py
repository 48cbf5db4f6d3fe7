"""The protocol as pygls has it, without its own copies of the open files.

pygls splits lines as ``str.splitlines`` does, so a form feed in a file would move every later
change to a wrong place. ``buffers`` keeps the text instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol, lsp_method

if TYPE_CHECKING:
    from collections.abc import Generator


class Protocol(LanguageServerProtocol):
    """Passes changes on unread."""

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: types.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Call the handler only."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None
