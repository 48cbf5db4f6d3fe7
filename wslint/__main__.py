"""``wslint``, and ``python -m wslint``."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line, and end the process.

    Nothing is taken apart at the end, and hardly anything looked through before it: in a run that
    has nothing new to judge, that is a tenth of the time.
    """
    gc.set_threshold(1_000_000)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started the process
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    from wslint.cli import main as command

    code = 0
    try:
        command(prog_name="wslint")
    except SystemExit as end:
        if _is_observed() or isinstance(end.code, str):
            raise
        code = int(end.code or 0)
    except OSError as error:  # of click's own pages
        code = 2
        with suppress(OSError):
            sys.stderr.write(f"error: the output cannot be written: {error.strerror}\n")
    _end(code)


def _is_observed() -> bool:
    """Return whether a debugger, a profiler or coverage has something to do at the end."""
    if sys.gettrace() is not None or sys.getprofile() is not None:
        return True
    monitoring = getattr(sys, "monitoring", None)  # since 3.12
    return monitoring is not None and any(map(monitoring.get_tool, range(6)))


def _end(code: int) -> NoReturn:
    """End as Python would, but leave all that was made to the operating system."""
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        code = code or 120  # as Python has it, where what was said got lost
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
