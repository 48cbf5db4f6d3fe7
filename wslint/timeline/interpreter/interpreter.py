"""The abstract interpreter: its parts, its state, and how alternatives run and come together.

A part of it is in charge of each kind of work; the parts call each other through the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from wslint.findings.span import Place, Span
from wslint.linking.module import Module
from wslint.linking.program import Program
from wslint.timeline.application_model import Replacement
from wslint.timeline.interpreter.attributes import Attributes
from wslint.timeline.interpreter.calls import Calls
from wslint.timeline.interpreter.classes import Classes
from wslint.timeline.interpreter.context_managers import ContextManagers
from wslint.timeline.interpreter.decorators import Decorators
from wslint.timeline.interpreter.escape_analysis import EscapeAnalysis
from wslint.timeline.interpreter.expressions import Expressions
from wslint.timeline.interpreter.frames import Frame, OutOfBudget, Suspended
from wslint.timeline.interpreter.functions import Functions
from wslint.timeline.interpreter.names import Names
from wslint.timeline.interpreter.recorder import Recorder
from wslint.timeline.interpreter.statements import Statements
from wslint.timeline.interpreter.store import Store
from wslint.timeline.interpreter.tables import LibraryTables
from wslint.timeline.interpreter.values import (
    Arguments,
    CallSite,
    Constant,
    Env,
    Exit,
    Func,
    LibraryObject,
    Reached,
    Registration,
    Value,
    join,
)
from wslint.timeline.model import Origin, Path, Step, Timeline
from wslint.vocabulary import Vocabulary

MAX_EVENTS = 2000
MAX_RESOURCES = 1500
MAX_STEPS = 20_000


class Interpreter:
    """Interprets a test; the runners drive it in pytest's or unittest's order.

    ``frames``, ``path`` and ``via`` are where it is: the running bodies, the arms of the branches
    taken so far, and the calls that lead here. ``drives_hooks``: coroutines that are setUp or
    tearDown are run, as if something drove them. ``follows_application``: functions of the
    application are run, too.
    """

    def __init__(
        self,
        program: Program,
        vocabulary: Vocabulary,
        libraries: LibraryTables,
        timeline: Timeline,
    ) -> None:
        self.program = program
        self.vocabulary = vocabulary
        self.libraries = libraries
        self.timeline = timeline

        self.store = Store()
        self.frames: list[Frame] = []
        self.path: Path = ()
        self.via: tuple[Place, ...] = ()
        self._steps = 0
        self._numbers = 0
        self._arms: dict[int, int] = {}

        self.recorder = Recorder(self, timeline)
        self.names = Names(self)
        self.attributes = Attributes(self)
        self.classes = Classes(self)
        self.expressions = Expressions(self)
        self.statements = Statements(self)
        self.calls = Calls(self)
        self.functions = Functions(self)
        self.decorators = Decorators(self)
        self.context_managers = ContextManagers(self)
        self.escapes = EscapeAnalysis(self)

        # what the libraries and runners keep
        self.test_modules: dict[str, Module] = {}
        self.drives_hooks = False
        self.cleanups: list[Exit] = []
        self.class_cleanups: list[Exit] = []
        self.follows_application = False
        self.applications: dict[int, Value] = {}
        # names at the top of modules, by path, that monkeypatch sets
        self.globals_set: dict[tuple[str, str], Value] = {}
        self.dependency_overrides: list[tuple[LibraryObject, Func, Value, Place, Step]] = []
        self.replacements: list[Replacement] = []
        self.consumers: list[Reached] = []
        self.registrations: dict[int, list[Registration]] = {}
        self.at_release: list[Callable[[], None]] = []

    def release(self) -> None:
        """Break the reference cycles: the parts, fixtures and coroutines refer to the interpreter.

        Everything is freed at once then, and the garbage collector has nothing to find.
        """
        for release in self.at_release:
            release()
        vars(self).clear()

    def step(self, count: int = 1) -> None:
        """Count some steps. Raises OutOfBudget."""
        self._steps += count
        timeline = self.timeline
        if (
            self._steps > MAX_STEPS
            or len(timeline.events) > MAX_EVENTS
            or len(timeline.resources) > MAX_RESOURCES
        ):
            raise OutOfBudget

    def number(self) -> int:
        """Return a number that nothing else has."""
        self._numbers += 1
        return self._numbers

    # where it is

    @property
    def frame(self) -> Frame:
        """The running frame."""
        return self.frames[-1]

    @contextmanager
    def at_top_of(self, module: Module) -> Iterator[None]:
        """Run what a runner starts: only the module's own frame is running."""
        self.test_modules[module.path] = module
        saved = self.frames
        self.frames = [Frame(self.names.module_env(module), "module", None, None)]
        try:
            yield
        finally:
            self.frames = saved

    def at_import(
        self, env: Env, run: Callable[[], Value | bool | None], frame: Frame | None = None
    ) -> Value:
        """Run code of the top level of a module or class, which is outside of the test."""
        saved = (self.path, self.recorder.lane, self.via, self.frames)
        self.path, self.recorder.lane, self.via = (), self.timeline.lanes[0], ()
        self.frames = [frame or Frame(env, "module", None, None)]
        try:
            value = run()
        finally:
            self.path, self.recorder.lane, self.via, self.frames = saved
        return value if value is not None and not isinstance(value, bool) else Constant(None)

    @contextmanager
    def called_at(self, origin: Origin) -> Iterator[None]:
        """Run code that a call at ``origin`` leads to."""
        saved = self.via
        self.via = (*origin.via, origin.place)
        try:
            yield
        finally:
            self.via = saved

    @contextmanager
    def application_followed(self) -> Iterator[None]:
        """Follow functions of the application, too."""
        before, self.follows_application = self.follows_application, True
        try:
            yield
        finally:
            self.follows_application = before

    def call_by_runner(self, func: Value, args: Arguments, span: Span) -> Value:
        """Call a test, fixture or setUp as its runner does; ``span`` is its definition."""
        saved, self.via = self.via, ()
        try:
            site = CallSite(self.recorder.origin(span), by_runner=True)
            return self.calls.call(func, args, site)
        finally:
            self.via = saved

    def is_mentioned_again(self, attribute: str) -> bool:
        """Return whether the running code's file mentions an attribute more than once."""
        return self.frame.env.module.occurrences(f".{attribute}") > 1

    # alternatives

    def run_arms(self, arms: list[Callable[[], bool]]) -> bool:
        """Run alternatives; True if at least one falls through to what follows."""
        branch = self.number()
        self._arms[branch] = len(arms)
        store, path = self.store, self.path
        ends: list[tuple[Store, Path]] = []
        stops: list[tuple[Value, Store, Path]] = []
        for number, arm in enumerate(arms):
            self.store = store.fork()
            self.path = (*path, (branch, frozenset({number})))
            try:
                if arm():
                    ends.append((self.store, self.path))
            except Suspended as stop:
                # another arm may yield instead: what this one has opened counts as "maybe"
                stops.append((stop.value, self.store, self.path))
                self.frame.suspends = True
        if stops:
            _, self.store, self.path = stops[0]
            raise Suspended(join([value for value, _, _ in stops]))
        if not ends:
            self.store, self.path = store, path
            return False
        self.store = self.merge_stores(store, [end[0] for end in ends])
        self.path = self.merge_paths([end[1] for end in ends])
        return True

    def one_of_two_ways(self, path: Path) -> Path:
        """Return the path of what follows if one of two ways was taken, which is unknown."""
        branch = self.number()
        self._arms[branch] = 2
        return (*path, (branch, frozenset({0})))

    def choose(self, options: Sequence[Callable[[], Value]]) -> Value:
        """Return the value of one of several alternatives, each run in an arm of a branch."""
        values: list[Value] = []

        def arm(option: Callable[[], Value]) -> bool:
            values.append(option())
            return True

        self.run_arms([lambda option=option: arm(option) for option in options])  # type: ignore[misc]
        return join(values)

    def merge_stores(self, before: Store, views: list[Store]) -> Store:
        """Return the values after several ways from one store have come together."""
        if len(views) == 1 and views[0] is before:
            return before
        # what has returned or jumped away still looks at the store it left from
        kept = any(frame.exits or frame.jumps for frame in self.frames)
        into = before.fork() if kept else before
        before.absorb(views, into)
        return into

    def merge_paths(self, paths: list[Path]) -> Path:
        """Return the path after several ways have come together."""
        if len(paths) == 1:
            return paths[0]
        arms = [dict(path) for path in paths]
        merged = []
        for branch, _ in paths[0]:
            if all(branch in known for known in arms):
                possible = frozenset().union(*(known[branch] for known in arms))
                if len(possible) < self._arms[branch]:
                    merged.append((branch, possible))
        return tuple(merged)
