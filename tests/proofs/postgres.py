"""Starts a temporary PostgreSQL for the proofs: ``pytest -m proof --postgres tests/proofs``.

It takes the newest server that is installed (on Debian: ``apt-get install postgresql``), listens on
a socket in a temporary folder only, and is stopped and removed when the run ends. As root, it
runs as the user ``postgres``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def find_binaries() -> Path:
    """Find the folder of initdb and pg_ctl."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    on_path = shutil.which("pg_ctl")
    if not found and on_path is None:
        sys.exit("no PostgreSQL server found")
    return found[-1] if found else Path(str(on_path)).resolve().parent


@contextmanager
def server() -> Iterator[Path]:
    """Run a server; return the folder of its socket."""
    binaries = find_binaries()
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="wslint-postgres-") as name:
        folder = Path(name)
        if is_root:
            shutil.chown(folder, "postgres")
        folder.chmod(0o755)

        def call(program: str, *arguments: str) -> None:
            subprocess.run(
                [str(binaries / program), *arguments],
                check=True,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                user="postgres" if is_root else None,
            )

        data = str(folder / "data")
        call("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8")
        options = f"-c listen_addresses='' -k {folder} -c fsync=off"
        call("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            call("createdb", "-h", name, "-U", "postgres", "wslint")
            yield folder
        finally:
            call("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
