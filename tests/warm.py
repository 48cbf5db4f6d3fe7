"""Processes that start in no time: one imports what they need and forks for each.

``warm_command`` returns a command line that runs a module of Python like ``python -m`` does. It
starts a small process (``relay``), which hands its folder, environment and streams to the one that
forks, and ends as the fork ends. If it is killed, so is the fork, a moment later; other signals it
does not pass on. All three streams must be open.
"""

from __future__ import annotations

import os
import socket
import sys

# No other imports here: most of the time of ``relay`` is that of its imports.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

_LARGEST = 1 << 17
# what most runs of the command line import sooner or later
WSLINT = (
    *("wslint.cli.check", "wslint.cli.fix", "wslint.cli.rule", "wslint.cli.trace"),
    *("wslint.output.full", "wslint.output.json_format", "wslint.run.cache", "wslint.run.fix"),
    *("wslint.fixes.materialise", "wslint.timeline.build", "wslint.rules:all_rules"),
    *("wslint.cli.server", "wslint.server.server"),
)


def warm_wslint(*arguments: str) -> list[str]:
    """Return the command that runs wslint in a process that has imported it."""
    return warm_command(WSLINT, "wslint", *arguments)


def warm_pytest(*arguments: str) -> list[str]:
    """Return the command that runs pytest in a process that has imported it."""
    return warm_command(("pytest", "starlette.testclient"), "pytest", *arguments)


def run_warm(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest as a pytester does, with wslint's plugin and no other installed one."""
    return pytester.run(*warm_pytest("-p", "wslint.pytest_plugin", *arguments))


def warm_command(imports: Sequence[str], module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module in a process that has imported some modules.

    Of "module:function" the function is called too, which imports more.
    """
    if sys.platform != "linux":
        return [sys.executable, "-m", module, *arguments]
    return [sys.executable, "-I", "-S", __file__, _address(tuple(imports)), module, *arguments]


_started: dict[tuple[str, ...], str] = {}


def _address(imports: tuple[str, ...]) -> str:
    """Start the process that forks, once; it ends when this one does."""
    import atexit
    import subprocess

    if imports not in _started:
        # a name of its own, not a path
        address = f"wslint-{os.getpid()}-{len(_started)}-{os.urandom(8).hex()}"
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__, "--serve", address, *imports],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        started_by = os.getpid()

        def end() -> None:
            if os.getpid() == started_by:  # not a fork of it
                process.communicate(timeout=60)

        atexit.register(end)
        _started[imports] = address
    return _started[imports]


def relay(address: str, *command: str) -> None:
    """Hand over what this process was given, and end as the fork does."""
    fork = _socket()
    fork.connect(f"\0{address}")
    environment = [name + b"=" + value for name, value in os.environb.items()]
    parts = [os.getcwdb(), b"%d" % len(command), *map(os.fsencode, command), *environment]
    socket.send_fds(fork, [b"\0".join(parts)], [0, 1, 2])
    for stream in (0, 1):
        os.close(stream)
    code = int(fork.recv(16) or b"99")
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)


def serve(address: str, *imports: str) -> None:
    """Fork for each command until standard input ends; only forks return."""
    import gc
    import importlib
    import select

    del sys.path[0]  # the folder of this file
    for name in imports:
        module, _, function = name.partition(":")
        imported = importlib.import_module(module)
        if function:
            getattr(imported, function)()
    listening = _socket()
    listening.bind(f"\0{address}")
    listening.listen(64)
    gc.collect()
    gc.freeze()
    os.write(1, b"ready\n")
    running: set[int] = set()
    while listening.fileno() in select.select([0, listening.fileno()], [], [])[0]:
        asking = listening.accept()[0]
        child = os.fork()
        if child == 0:
            listening.close()
            _answer(asking)
        asking.close()
        running.add(child)
        running -= {child for child in running if os.waitpid(child, os.WNOHANG)[0]}
    for child in running:
        os.waitpid(child, 0)
    os._exit(0)


def _answer(asking: socket.socket) -> None:
    """Run a command in a fork, and say how it ended."""
    import select
    import signal

    data, streams, _, _ = socket.recv_fds(asking, _LARGEST, 3)
    child = os.fork()
    if child == 0:
        asking.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        _run(data.split(b"\0"))
    for stream in (0, *streams):
        os.close(stream)
    ended = os.pidfd_open(child)
    if ended not in select.select([ended, asking.fileno()], [], [])[0]:
        os.kill(child, signal.SIGKILL)  # what asked for it is gone
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    asking.send(b"%d" % code)
    os._exit(0)


def _run(parts: list[bytes]) -> None:
    """Run a module as the main one, and end with its exit code."""
    import runpy

    folder, count = parts[0], int(parts[1])
    module, *arguments = map(os.fsdecode, parts[2 : 2 + count])
    os.chdir(folder)
    os.environb.clear()
    for variable in parts[2 + count :]:
        name, _, value = variable.partition(b"=")
        os.environb[name] = value
    # what Python reads when it starts
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    more = os.environ.get("PYTHONPATH", "")
    sys.path[:0] = [os.getcwd(), *filter(None, more.split(os.pathsep))]
    sys.argv[1:] = arguments
    sys.modules.pop("__main__")
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


def _socket() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(*sys.argv[2:])
    else:
        relay(*sys.argv[1:])
