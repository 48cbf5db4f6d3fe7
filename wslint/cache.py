"""Keeps lowered statements by content, so that an unchanged file needs no parse by libcst.

One file a source, named after its content, in ``.wslint_cache/VERSION/``. A file that can't be read
or isn't what this version wrote is as good as none: a cache may be lost, never trusted.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import get_args

from wslint import __version__
from wslint.lower.codec import decode, encode
from wslint.lower.script import SCHEMA, Block, Stmt
from wslint.regular import read_regular

STATEMENTS = get_args(Stmt)
FOLDER = ".wslint_cache"
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by wslint; see https://bford.info/cachedir/\n"


def _block(kept: object) -> Block:
    block = decode(kept)
    if not isinstance(block, tuple) or not all(isinstance(node, STATEMENTS) for node in block):
        raise TypeError("not a block of statements")
    return block


class ScriptCache:
    """Lowered statements of files, by the number of their island."""

    def __init__(self, root: str) -> None:
        self._top = Path(root) / FOLDER
        self._folder = self._top / f"{__version__}-{SCHEMA}"

    def get(self, data: bytes) -> dict[int, Block]:
        """Give the statements that were kept of a file with this content."""
        try:
            kept = json.loads(read_regular(self._path(data)))
            return {int(number): _block(block) for number, block in kept.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}

    def put(self, data: bytes, lowered: dict[int, Block]) -> None:
        """Keep the statements of a file; a disk that is full or read-only is no error."""
        text = json.dumps({str(number): encode(block) for number, block in lowered.items()})
        with suppress(OSError):
            self._begin()
            descriptor, temporary = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                    stream.write(text)
                os.replace(temporary, self._path(data))
            except OSError:
                Path(temporary).unlink(missing_ok=True)

    def _path(self, data: bytes) -> Path:
        return self._folder / f"{sha256(data).hexdigest()}.json"

    def _begin(self) -> None:
        if self._folder.is_dir():
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._top / "CACHEDIR.TAG").write_text(_TAG, encoding="utf-8")
        (self._top / ".gitignore").write_text("*\n", encoding="utf-8")
