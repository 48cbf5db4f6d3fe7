"""Changed files as edits of the editor."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import from_fs_path

from wslint.fixes.line_edits import line_edits
from wslint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wslint.server.positions import Text
    from wslint.server.texts import Texts

Edit = types.TextDocumentEdit | types.CreateFile


def workspace_edit(
    changed: Mapping[str, bytes], texts: Texts, capabilities: types.ClientCapabilities
) -> types.WorkspaceEdit | None:
    """Return an edit that gives files new contents; None if the editor could not apply it."""
    workspace = capabilities.workspace
    known = workspace.workspace_edit if workspace is not None else None
    versioned = bool(known and known.document_changes)
    operations = (known.resource_operations if known else None) or ()
    edits: list[Edit] = []
    for path, data in sorted(changed.items()):
        source = Source.from_bytes(path, data)
        if not isinstance(source, Source):
            return None
        before = texts.of(path)
        if before is None:
            creates = versioned and types.ResourceOperationKind.Create in operations
            if os.path.lexists(path) or not creates:
                return None
            edits += _new_file(path, source.text)
        else:
            buffer = texts.buffers.get(path)
            document = types.OptionalVersionedTextDocumentIdentifier(
                texts.uri(path), buffer.version if buffer is not None else None
            )
            edits.append(types.TextDocumentEdit(document, list(_replaced(before, source.text))))
    if versioned:
        return types.WorkspaceEdit(document_changes=list(edits))
    plain = [edit for edit in edits if isinstance(edit, types.TextDocumentEdit)]
    return types.WorkspaceEdit({e.text_document.uri: list(_text_edits(e)) for e in plain})


def _new_file(path: str, text: str) -> Iterable[Edit]:
    uri = from_fs_path(path) or path
    start = types.Range(types.Position(0, 0), types.Position(0, 0))
    yield types.CreateFile(uri)
    document = types.OptionalVersionedTextDocumentIdentifier(uri)
    yield types.TextDocumentEdit(document, [types.TextEdit(start, text)])


def _replaced(before: Text, after: str) -> Iterable[types.TextEdit]:
    for edit in line_edits("", 1, before.text, after):
        yield types.TextEdit(before.range(edit.place.span), edit.text)


def _text_edits(edit: types.TextDocumentEdit) -> Iterable[types.TextEdit]:
    return (each for each in edit.edits if isinstance(each, types.TextEdit))
