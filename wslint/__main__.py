"""The entry point of ``wslint`` and ``python -m wslint``."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line, and end the process.

    Garbage collection and interpreter shutdown are skipped: in a run answered from the cache, they
    take a tenth of the time.
    """
    gc.set_threshold(1_000_000)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the parent process
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    from wslint.cli import main as command

    code = 0
    try:
        command(prog_name="wslint")
    except SystemExit as end:
        if _is_observed() or isinstance(end.code, str):
            raise
        code = int(end.code or 0)
    except OSError as error:  # while click printed a help page
        code = 2
        with suppress(OSError):
            sys.stderr.write(f"error: the output cannot be written: {error.strerror}\n")
    _end(code)


def _is_observed() -> bool:
    """Return whether a debugger, profiler or coverage needs a regular shutdown."""
    if sys.gettrace() is not None or sys.getprofile() is not None:
        return True
    monitoring = getattr(sys, "monitoring", None)  # since 3.12
    return monitoring is not None and any(map(monitoring.get_tool, range(6)))


def _end(code: int) -> NoReturn:
    """Exit like Python does, but without freeing memory."""
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        code = code or 120  # as in Python, if output could not be flushed
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
