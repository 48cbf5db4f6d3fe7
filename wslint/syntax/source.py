"""Reads one file into text and syntax tree, or returns why it cannot."""

from __future__ import annotations

import os
import re
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from wslint.filesystem.safe_read import FLAGS, read_open
from wslint.findings.span import Span

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from wslint.filesystem.snapshot import Stamp

DEFAULT_MAX_SIZE = 1_000_000
# Deeper trees take libcst seconds and gigabytes, or crash the process.
MAX_DEPTH = 500

_LINE_END = re.compile(r"\r\n|\r|\n")
_BEFORE_TEXT = re.compile(r"[^#'\"]*")
_TEMPLATE_VARIABLE = re.compile(r"\{\{\s*[\w.]")


class Unreadable(NamedTuple):
    """Why a file could not be read. The line counts from 1, the column from 0, as in a span.

    ``left_out`` says which part of the file was not judged, "" where the reason says it. ``remedy``
    is what to do.
    """

    path: str
    line: int
    column: int
    reason: str
    left_out: str = "nothing in this file was judged"
    remedy: str = "correct the file"


@dataclass(frozen=True)
class Source:
    """One Python file: its bytes, their text without a byte order mark, and its tree."""

    path: str
    data: bytes
    text: str
    encoding: str
    tree: ast.Module

    @classmethod
    def from_bytes(
        cls, path: str, data: bytes, *, max_size: int = DEFAULT_MAX_SIZE
    ) -> Source | Unreadable:
        """Decode and parse ``data``; ``path`` is only a name."""
        if len(data) > max_size:
            return Unreadable(path, 1, 0, _too_large(max_size))
        if path.endswith(".ipynb"):  # its JSON may even be valid Python
            reason, remedy = "notebooks are not judged", "move its tests to a Python file"
            return Unreadable(path, 1, 0, reason, left_out="", remedy=remedy)
        decoded = decode(path, data)
        if isinstance(decoded, Unreadable):
            return decoded
        text, encoding = decoded
        tree = _parse(path, text)
        if isinstance(tree, Unreadable):
            return tree
        return cls(path, data, text, encoding, tree)

    @cached_property
    def measures(self) -> tuple[int, int, int]:
        """The depth of the tree, its number of nodes, and the line on which it is deepest."""
        return measure([self.tree])

    @cached_property
    def lines(self) -> list[str]:
        r"""The lines without line ends, split at ``\n``, ``\r`` and ``\r\n`` only."""
        return split_lines(self.text)

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset in ``text`` at which each line starts."""
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def column(self, line: int, utf8_offset: int) -> int:
        """Convert a column of ``ast``, in UTF-8 bytes, to one in code points."""
        text = self.lines[line - 1]
        if text.isascii():
            return utf8_offset
        return len(text.encode("utf-8", "surrogatepass")[:utf8_offset].decode("utf-8", "ignore"))

    def span_of(self, node: ast.expr | ast.stmt) -> Span:
        """Return the span of a node of ``tree``."""
        end_line, end = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        start = self.column(node.lineno, node.col_offset)
        return Span(node.lineno, start, end_line, self.column(end_line, end))


def split_lines(text: str) -> list[str]:
    """Split ``text`` into lines as Python's tokenizer does, unlike ``str.splitlines``."""
    return _LINE_END.split(text)


def read_source(path: str, *, max_size: int = DEFAULT_MAX_SIZE) -> Source | Unreadable:
    """Read and parse one file; problems are returned as ``Unreadable``."""
    data = read_bytes(path, max_size=max_size)
    if isinstance(data, Unreadable):
        return data
    return Source.from_bytes(path, data, max_size=max_size)


def read_bytes(path: str, *, max_size: int = DEFAULT_MAX_SIZE) -> bytes | Unreadable:
    """Read a regular file, without ever blocking on a FIFO or device.

    At most ``max_size + 1`` bytes are read: a result longer than ``max_size`` is too large.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return Unreadable(path, 1, 0, _not_regular(path))
        descriptor = os.open(path, FLAGS)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return Unreadable(path, 1, 0, "not a regular file")
            return read_open(descriptor, status.st_size, max_size)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError) and os.path.islink(path):
            return Unreadable(path, 1, 0, "a symbolic link to a file that does not exist")
        return Unreadable(path, 1, 0, f"cannot be opened: {os_reason(error)}")


def read_found(
    path: str, stamp: Stamp | None, *, max_size: int = DEFAULT_MAX_SIZE
) -> bytes | Unreadable:
    """Read a file that was regular when its folder was listed, like ``read_bytes``."""
    if stamp is None:
        return read_bytes(path, max_size=max_size)
    size = stamp[2]
    try:
        descriptor = os.open(path, FLAGS)
        try:
            data = os.read(descriptor, min(size, max_size) + 1)
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return read_bytes(path, max_size=max_size)
    # it may have been replaced since
    whole = len(data) == min(size, max_size + 1)
    return data if whole else read_bytes(path, max_size=max_size)


def os_reason(error: OSError | ValueError) -> str:
    """Describe an OSError in a few words."""
    text = error.strerror if isinstance(error, OSError) else str(error)
    text = text or type(error).__name__
    return text[:1].lower() + text[1:]


def _not_regular(path: str) -> str:
    return "a directory, not a file" if os.path.isdir(path) else "not a regular file"


def _too_large(max_size: int) -> str:
    return f"larger than {max_size:,} bytes (max-file-size)"


def decode(path: str, data: bytes) -> tuple[str, str] | Unreadable:
    """Return the text of a Python file and its encoding."""
    import tokenize

    nul = data.find(b"\0")
    if nul >= 0:
        lines = re.split(rb"\r\n|\r|\n", data[:nul])
        return Unreadable(path, len(lines), len(lines[-1]), "contains a NUL byte")
    try:
        # split here, as a file may end its lines with \r alone
        head: list[bytes] = re.split(rb"(?<=\n)|(?<=\r)(?!\n)", data, maxsplit=2)[::-1]
        encoding, _ = tokenize.detect_encoding(lambda: head.pop() if head else b"")
    except (SyntaxError, ValueError) as error:
        return _undecodable(path, data, str(error), error)
    try:
        with _no_warnings():
            return data.decode(encoding), encoding
    except (ValueError, LookupError) as error:
        reason = f"cannot be decoded as {encoding}"
        return _undecodable(path, data, reason, error)


def _undecodable(path: str, data: bytes, reason: str, error: Exception) -> Unreadable:
    # tokenize reports a first line that is not UTF-8 as a SyntaxError, without a position.
    if not isinstance(error, UnicodeDecodeError) and "invalid or missing encoding" in reason:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as inner:
            error, reason = inner, "cannot be decoded as utf-8"
    if not isinstance(error, UnicodeDecodeError) or len(error.object) != len(data):
        return Unreadable(path, 1, 0, reason)
    before = re.split(rb"\r\n|\r|\n", data[: error.start])
    column = len(before[-1].decode("utf-8", "replace"))
    byte = data[error.start]
    return Unreadable(path, len(before), column, f"{reason}: byte 0x{byte:02x} ({error.reason})")


@contextmanager
def _no_warnings() -> Iterator[None]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _parse(path: str, text: str) -> ast.Module | Unreadable:
    import ast

    try:
        with _no_warnings():
            return ast.parse(text)
    except SyntaxError as error:
        line, column = max(error.lineno or 1, 1), max((error.offset or 1) - 1, 0)
        if "{{" in path or any(map(_has_template_tag, text.split("\n"))):
            reason = "a template with {{ … }} or {% … %}, not Python"
            return Unreadable(path, line, column, reason)
        return _newer(path, text, error) or Unreadable(
            path, line, column, f"syntax error: {error.msg}"
        )
    except (RecursionError, MemoryError):
        return Unreadable(path, 1, 0, "nested too deeply for Python's own parser")
    except ValueError as error:
        return Unreadable(path, 1, 0, f"cannot be parsed: {error}")


def _newer(path: str, text: str, error: SyntaxError) -> Unreadable | None:
    """Return the outcome for syntax that is newer than this Python."""
    import sys

    from wslint.syntax.newer_syntax import needed_minor

    running = sys.version_info.minor
    needed = needed_minor(text, error, running)
    if not needed:
        return None
    line, column = max(error.lineno or 1, 1), max((error.offset or 1) - 1, 0)
    newer = f"Python 3.{needed} or newer"
    reason = f"needs {newer}: wslint runs on 3.{running}"
    return Unreadable(path, line, column, reason, remedy=f"install wslint with {newer}")


def _has_template_tag(line: str) -> bool:
    if "{%" not in line and "{{" not in line:
        return False
    code = _BEFORE_TEXT.match(line)
    end = code.end() if code else 0
    tag = line.find("{%", 0, end)
    if tag >= 0 and line.find("%}", tag + 2) >= 0:
        return True
    variable = _TEMPLATE_VARIABLE.search(line, 0, end)
    return variable is not None and line.find("}}", variable.end()) >= 0


def measure(level: Sequence[ast.AST]) -> tuple[int, int, int]:
    """Return the depth of some trees, their number of nodes, and the line of the deepest."""
    import ast

    depth = nodes = 0
    line = 1
    while level and depth <= MAX_DEPTH:
        line = next((node.lineno for node in level if isinstance(node, ast.stmt | ast.expr)), line)
        nodes += len(level)
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth, nodes, line
