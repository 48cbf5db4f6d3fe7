"""Replaces files on disk atomically: each has either its old or its new content."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TEMPORARY = re.compile(r"\.wslint-(\d+)-[0-9a-f]{16}\.tmp")
_DAY = 24 * 60 * 60


class CannotWrite(Exception):
    """A file could not be written and is unchanged; ``reason`` says why, for the user."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Change:
    """New content for a file; ``before`` is the content that was read, None for a new file."""

    path: str
    before: bytes | None
    after: bytes


def write_files(changes: Sequence[Change]) -> None:
    """Replace files. Raises CannotWrite before changing any if one can't be replaced.

    All new content is written beside its file before any file is replaced. If a replacement then
    fails, the files replaced before it keep their new content.
    """
    staged: list[tuple[Change, Path, Path]] = []
    try:
        for change in changes:
            target = _target(change)
            staged.append((change, target, _stage(change, target)))
        for change, target, _ in staged:
            _check_unchanged(change, target)
        while staged:
            change, target, temporary = staged[0]
            with _as_refusal(change.path):
                temporary.replace(target)
            del staged[0]
            _sync_directory(target.parent)
    finally:
        for _, _, temporary in staged:
            temporary.unlink(missing_ok=True)


def sweep(directory: Path) -> int:
    """Remove temporary files that a killed run left in a directory; return their number."""
    count = 0
    with contextlib.suppress(OSError):
        for entry in list(directory.iterdir()):
            match = _TEMPORARY.fullmatch(entry.name)
            if match and _is_stale(entry, int(match.group(1))):
                with contextlib.suppress(OSError):
                    entry.unlink()
                    count += 1
    return count


def _is_stale(entry: Path, process: int) -> bool:
    if os.name == "posix":
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        except (OSError, OverflowError):
            pass
    with contextlib.suppress(OSError):
        return time.time() - entry.lstat().st_mtime > _DAY
    return False


def _target(change: Change) -> Path:
    """Find the real file and check that it may be replaced."""
    with _as_refusal(change.path):
        target = Path(os.path.realpath(change.path))
        if change.before is None:
            return target
        status = target.stat()
        if not stat.S_ISREG(status.st_mode):
            raise CannotWrite(change.path, "it is not a regular file")
        if status.st_nlink > 1:  # 0 if it has just been replaced, which is noticed later
            raise CannotWrite(change.path, "it has hard links, which would keep the old content")
        if not os.access(target, os.W_OK):
            raise CannotWrite(change.path, "it is not writable")
    _check_unchanged(change, target)
    return target


def _check_unchanged(change: Change, target: Path) -> None:
    with _as_refusal(change.path):
        if change.before is None:
            if target.exists():
                raise CannotWrite(change.path, "it was created meanwhile")
        elif target.read_bytes() != change.before:
            raise CannotWrite(change.path, "it has changed since it was read")


def _stage(change: Change, target: Path) -> Path:
    """Write the new content to a temporary file beside the file."""
    sweep(target.parent)
    temporary = target.with_name(f".wslint-{os.getpid()}-{secrets.token_hex(8)}.tmp")
    with _as_refusal(change.path):
        mode = 0o666 if change.before is None else 0o600
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
        try:
            with open(descriptor, "wb") as file:
                file.write(change.after)
                file.flush()
                if change.before is not None:
                    _copy_status(target, temporary)
                os.fsync(file.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return temporary


def _copy_status(source: Path, target: Path) -> None:
    status = source.stat()
    if hasattr(os, "chown"):
        created = target.stat()
        if (created.st_uid, created.st_gid) != (status.st_uid, status.st_gid):
            os.chown(target, status.st_uid, status.st_gid)
    if hasattr(os, "listxattr"):
        # best effort: the file system or missing rights may not allow it
        with contextlib.suppress(OSError):
            for name in os.listxattr(source):
                with contextlib.suppress(OSError):
                    os.setxattr(target, name, os.getxattr(source, name))
    # after chown, which clears setuid and setgid
    target.chmod(stat.S_IMODE(status.st_mode))


def _sync_directory(directory: Path) -> None:
    if os.name == "posix":
        with contextlib.suppress(OSError):
            descriptor = os.open(directory, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


@contextlib.contextmanager
def _as_refusal(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWrite(path, error.strerror or str(error)) from error


_BINARY: int = getattr(os, "O_BINARY", 0)
