"""Lowers in a process of its own, which may die, what could take this one down.

libcst overflows the C stack on some inputs that CPython parses, and takes gigabytes for others;
nothing can catch that. Such files are so rare that the price of a process does not matter.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from wslint.syntax.codec import decode, encode
from wslint.syntax.deep_recursion import room

if TYPE_CHECKING:
    from wslint.syntax.nodes import Block

# What real code has is far below: nothing in the standard library nests deeper than this.
DEPTH = 100
NODES = 40_000
# The main thread has 8 MB of stack on most systems, other threads as little as 128 kB.
DEPTH_IN_THREAD = 15
SECONDS = 3
# by the clock: a busy machine, or one that has no other limit
WAIT = 20
MEMORY = 900_000_000

_PROGRAM = (
    "import json, sys; job = json.load(sys.stdin); sys.path[:] = job['path']; "
    "from wslint.syntax.sandboxed_parse import work; work(job['text'], job['line'])"
)


class Died(Exception):
    """The process ended without a result; the text says how."""


def exceeds(depth: int, nodes: int) -> bool:
    """Tell whether libcst had better see code of these measures in another process."""
    deep = DEPTH if threading.current_thread() is threading.main_thread() else DEPTH_IN_THREAD
    return depth > deep or nodes > NODES


def lower_apart(text: str, first_line: int) -> Block:
    """Lower top-level statements in another process. Raises Died."""
    job = {"path": [os.path.abspath(entry) for entry in sys.path], "text": text, "line": first_line}
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", "-X", "utf8", "-c", _PROGRAM],
            input=json.dumps(job).encode("ascii"),
            capture_output=True,
            timeout=WAIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Died(f"libcst takes longer than {SECONDS} seconds for it") from None
    except (OSError, ValueError) as error:
        raise Died(f"no process could be started to read it: {error}") from None
    try:
        answer = json.loads(done.stdout)
        if "reason" in answer:
            raise Died(str(answer["reason"]))
        block = decode(answer["block"])
    except RecursionError:
        raise Died("nested too deeply") from None
    except (ValueError, KeyError, TypeError):
        raise Died(_how(done.returncode)) from None
    return block if isinstance(block, tuple) else ()


def _how(code: int) -> str:
    import signal

    if code == -getattr(signal, "SIGXCPU", 0):
        return f"libcst takes longer than {SECONDS} seconds for it"
    if code < 0:
        return f"libcst crashes on it ({signal.strsignal(-code) or f'signal {-code}'})"
    return f"libcst crashes on it (exit code {code})"


def work(text: str, first_line: int) -> None:
    """Do the work of the other process: print the statements, or why there are none, as JSON."""
    from wslint.syntax.cst_lowering import CannotLower, lower_lines

    _limit()
    try:
        with room():
            shown = json.dumps({"block": encode(lower_lines(text, first_line))})
    except CannotLower as error:
        shown = json.dumps({"reason": str(error)})
    except RecursionError:
        shown = json.dumps({"reason": "nested too deeply"})
    except MemoryError:
        shown = json.dumps({"reason": "libcst takes too much memory for it"})
    sys.stdout.write(shown)


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has the time limit only
        return
    for kind, wanted in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        # macOS refuses some of them
        try:
            resource.setrlimit(kind, (most, hard))
        except (OSError, ValueError):
            continue
