"""Looks at files one by one: what each process of a run does."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from wslint.config.resolver import Nearest
from wslint.discovery.prefilter import Gate
from wslint.discovery.walk import ignores
from wslint.findings.report import Problem
from wslint.syntax.source import Source, Unreadable, read_bytes, read_found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.config.settings import Settings
    from wslint.discovery.walk import Candidate
    from wslint.findings.finding import Finding, Unresolved
    from wslint.linking.program import Program
    from wslint.linking.reachability import Reach
    from wslint.project.layout import Layout


class Outcome(NamedTuple):
    """What became of one file.

    ``passed``: it holds a word of the gate. ``ignored``: it is none of ours after all.
    ``resolved`` are the lines of the tests in which everything could be followed, None where the
    file was not judged.
    """

    path: str
    passed: bool = False
    ignored: bool = False
    findings: Sequence[Finding] = ()
    unresolved: Sequence[Unresolved] = ()
    unreadable: Sequence[Unreadable] = ()
    errors: Sequence[Problem] = ()
    tests: int = 0
    resolved: Sequence[tuple[int, int]] | None = None


class Visitor:
    """Judges files, and remembers the files that they lead to.

    ``nearest`` gives the settings of each file, and with it what these leave out is left out;
    ``overlay`` holds the bytes of unsaved files. ``watches_comments``: where WS901 is on, no test
    of a file with comments that silence something is left out.
    """

    def __init__(
        self,
        settings: Settings,
        nearest: Nearest | None = None,
        overlay: dict[str, bytes] | None = None,
        *,
        watches_comments: bool = False,
    ) -> None:
        self.settings = settings
        self.nearest = nearest or Nearest(settings)
        self.leaves_out = nearest is not None
        self.overlay = {} if overlay is None else overlay
        self.watches_comments = watches_comments
        self.gate = Gate(self.nearest.roles())

    @cached_property
    def program(self) -> Program:
        """The files that names lead to, read once."""
        from wslint.linking.program import Program

        return Program(self.overlay, max_file_size=self.settings.max_file_size)

    @property
    def layout(self) -> Layout:
        """Where files lie; what it takes to parse them is imported only when one is judged."""
        if "program" in vars(self):
            return self.program
        from wslint.project.layout import Layout

        return Layout(self.overlay, max_file_size=self.settings.max_file_size)

    @cached_property
    def reach(self) -> Reach:
        """What tells which tests of a file can be skipped."""
        from wslint.linking.reachability import Reach

        return Reach(self.program, self.gate)

    def visit(self, candidate: Candidate) -> Outcome | None:
        """Judge a file, if it passes the gate and nothing leaves it out; None: nothing to say.

        A file given by name is parsed even where it fails the gate, so that naming a broken file
        never looks like an all-clear; with force-exclude, names are treated like finds.
        """
        path = candidate.path
        data, passed = self._read(candidate)
        forced = candidate.named and self.nearest.of(path).force_exclude
        if not passed and (not candidate.named or forced):
            return None
        if self.leaves_out and ignores(candidate, self.nearest):
            return Outcome(path, passed, ignored=True)
        if isinstance(data, Unreadable):
            return Outcome(path, passed, unreadable=(data,))
        source = Source.from_bytes(path, data, max_size=self.limit(path))
        return self.judge(source, path) if passed else self.look_at(source, path)

    def judge_led(self, candidate: Candidate) -> Outcome:
        """Judge a file that leads to a socket, whatever words it holds itself."""
        path = candidate.path
        data, _ = self._read(candidate)
        if isinstance(data, Unreadable):
            return Outcome(path, unreadable=(data,))
        return self.judge(Source.from_bytes(path, data, max_size=self.limit(path)), path)

    def limit(self, path: str) -> int:
        """Give the size up to which a file is read."""
        settings = self.nearest.of(path) if self.nearest.several else self.settings
        return settings.max_file_size

    def passes(self, candidate: Candidate) -> bool:
        """Tell whether a file holds a word of the gate, or can't be read."""
        return self._read(candidate)[1]

    def _read(self, candidate: Candidate) -> tuple[bytes | Unreadable, bool]:
        path, limit, stamp = candidate.path, self.limit(candidate.path), candidate.stamp
        if path in self.overlay:
            data: bytes | Unreadable = self.overlay[path]
        elif candidate.named:
            data = read_bytes(path, max_size=limit)
        elif stamp is not None and stamp[2] < self.gate.shortest:  # most __init__.py are empty
            return b"", False
        else:
            data = read_found(path, stamp, max_size=limit)
        if isinstance(data, Unreadable) or self.gate.passes(data):
            return data, True
        return data, len(data) > limit and self.gate.large_file_passes(path)

    def look_at(self, source: Source | Unreadable, path: str) -> Outcome | None:
        """Say of a file that has nothing to do with sockets only whether it can be read."""
        return Outcome(path, unreadable=(source,)) if isinstance(source, Unreadable) else None

    def judge(self, source: Source | Unreadable, path: str) -> Outcome:
        """Ask the rules about one file; what goes wrong there ends nothing but that file."""
        if isinstance(source, Unreadable):
            return Outcome(path, True, unreadable=(source,))
        from wslint.run.judge import judge_file

        settings = self.nearest.of(path)
        try:
            # a comment may stand in a test that would be left out
            reach = None if self._watches(source) else self.reach
            judged = judge_file(source, settings, self.program, reach)
        except (RecursionError, MemoryError) as error:
            reason = f"cannot be followed, as it nests too deeply ({type(error).__name__})"
            deep = Unreadable(path, source.measures[2], 0, reason)
            return Outcome(path, True, unreadable=(deep,))
        except Exception as error:
            return Outcome(path, True, errors=(internal_error(error, path),))
        unreadable = [*judged.unreadable, *self.program.new_problems()]
        if os.path.basename(path) != "conftest.py":
            self.program.release(path)
        return Outcome(
            path,
            True,
            findings=judged.findings,
            unresolved=judged.unresolved,
            unreadable=unreadable,
            tests=judged.tests,
            resolved=judged.resolved,
        )

    def _watches(self, source: Source) -> bool:
        if not self.watches_comments:
            return False
        from wslint.rules import is_on
        from wslint.suppressions.comments import UNUSED, may_suppress

        return may_suppress(source.data) and is_on(UNUSED, self.nearest.of(source.path))


def internal_error(error: Exception, path: str = "") -> Problem:
    """Describe an error of wslint's own, with what a bug report needs."""
    import traceback

    detail = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    message = (
        f"internal error: {type(error).__name__}: {error}; this is a bug in wslint, please report "
        "it with this file (WSLINT_TRACEBACK=1 shows the traceback)"
    )
    return Problem(path, message, detail)
