"""Channels' channel layers: what a test sends to groups and channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.timeline.interpreter.tables import LibraryTables, MethodCall
from wslint.timeline.interpreter.values import (
    NONE,
    Coroutine,
    LibraryObject,
    Table,
    Value,
    text_of,
)

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()

_LAYERS = ("channels.layers.get_channel_layer", "channels.layers.InMemoryChannelLayer")
_SENDS = {"group_send": "group", "send": "channel"}


@TABLES.object_methods(*_LAYERS)
def layer_method(interpreter: Interpreter, layer: LibraryObject, call: MethodCall) -> Value | None:
    """``group_send(group, message)`` and ``send(channel, message)`` are events."""
    if call.name not in _SENDS:
        return None
    message = call.args.get(1, "message")
    kind = message.values.get("type") if isinstance(message, Table) else None
    texts = {"to": text_of(call.args.get(0, _SENDS[call.name])), "type": text_of(kind)}

    def run() -> Value:
        interpreter.recorder.event("Layer", call.name, None, call.site).texts = texts
        return NONE

    return Coroutine(run, call.site.origin)
