"""The state of an interpretation: where we are, what names hold, what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from wslint.findings.span import Place, Span
from wslint.linking.module import Module
from wslint.linking.program import Program
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.store import Store
from wslint.timeline.interpreter.values import Env, Items, Klass, Library, Value, join
from wslint.timeline.model import (
    Adapter,
    Asserted,
    Caught,
    Event,
    EventKind,
    FrameKind,
    Lane,
    LaneKind,
    Moment,
    Origin,
    Path,
    Read,
    Resource,
    Scope,
    ScopeKind,
    Step,
    Timeline,
    Unfollowed,
)
from wslint.vocabulary import Role, Vocabulary

MAX_DEPTH = 8
MAX_EVENTS = 2000
MAX_STEPS = 20_000


class Suspended(Exception):
    """A generator has reached its ``yield``; carries what it yields."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class OutOfBudget(Exception):
    """The test does more than is worth following."""


class Jump(NamedTuple):
    """A ``break`` or ``continue``, and the state in which it jumps."""

    kind: str
    store: Store
    path: Path


class Site(NamedTuple):
    """Where source calls something: the place, the statement and function around it, the receiver.

    ``receiver`` is the dotted name on which a method is called, () where it has none; ``node`` is
    the call.
    """

    origin: Origin
    statement: s.Stmt | None
    function: s.Function | None
    receiver: tuple[str, ...]
    node: s.Call | None


@dataclass
class Frame:
    """One running function, module or class body; ``site`` is where it was called."""

    env: Env
    kind: FrameKind
    function: s.Function | None
    owner: s.Class | None
    klass: Klass | None = None
    receiver: Value | None = None
    site: Site | None = None
    statement: s.Stmt | None = None
    exits: list[tuple[Value, Store, Path]] = field(default_factory=list)
    jumps: list[Jump] = field(default_factory=list)
    suspends: bool = False
    delegated: Callable[[], None] | None = None
    open_withs: dict[Span, list[Callable[[], None]]] = field(default_factory=dict)


class State:
    """Where the interpretation is, and the timeline that it writes."""

    def __init__(self, program: Program, vocabulary: Vocabulary, timeline: Timeline) -> None:
        self.program = program
        self.vocabulary = vocabulary
        self.timeline = timeline
        self.store = Store()
        self.path: Path = ()
        self.arms: dict[int, int] = {}
        self.index = 0
        self.steps = 0
        self.via: tuple[Place, ...] = ()
        self.frames: list[Frame] = []
        self.lane = Lane(0, "main", None, 0)
        timeline.lanes.append(self.lane)
        self.numbers = 0
        self.cells: dict[tuple[int, str], Value] = {}
        self.module_envs: dict[str, Env] = {}
        self.kinds: dict[tuple[str, Span], FrameKind] = {}
        self.decorated: dict[int, Value] = {}
        self.entry = False
        self.callee: tuple[str, ...] = ()
        self.called: s.Call | None = None

    # numbers, moments, origins

    def number(self) -> int:
        """Give a number that nothing else has."""
        self.numbers += 1
        return self.numbers

    def step(self) -> None:
        """Count one step. Raises OutOfBudget."""
        self.steps += 1
        if self.steps > MAX_STEPS or len(self.timeline.events) > MAX_EVENTS:
            raise OutOfBudget

    def now(self) -> Moment:
        """Give the next moment."""
        self.index += 1
        return Moment(self.lane.id, self.index, self.path)

    @property
    def frame(self) -> Frame:
        """The running frame."""
        return self.frames[-1]

    def origin(self, span: Span) -> Origin:
        """Give the origin of what stands at ``span`` of the file being run."""
        return Origin(Place(self.frame.env.module.path, span), self.via)

    def site(self, span: Span) -> Site:
        """Give the site of the call at ``span``."""
        return Site(self.origin(span), self.frame.statement, self.frame.function, self.callee[:-1],
                    self.called)  # fmt: skip

    def birth(self) -> tuple[Step, ...]:
        """Tell by what code something is made now, outermost first."""
        steps = [
            Step(f.env.module.path, f.kind, f.function, f.statement, f.owner) for f in self.frames
        ]
        # the empty frame in which a runner calls is not code
        return tuple(step for step in steps if step.statement is not None) or tuple(steps)

    # recording

    def resource(self, role: Role, span: Span, name: str = "") -> Resource:
        """Record a new resource."""
        made = Resource(
            len(self.timeline.resources), role, self.origin(span), self.now(), self.birth(), name
        )
        self.timeline.resources.append(made)
        return made

    def open(self, kind: ScopeKind, subject: int, span: Span) -> Scope:
        """Record that a scope opens now."""
        frame = self.frame
        scope = Scope(
            kind, subject, self.now(), self.origin(span),
            frame=frame.kind, function=frame.function, statement=frame.statement,
        )  # fmt: skip
        self.timeline.scopes.append(scope)
        return scope

    def close(self, scope: Scope, span: Span | None = None, path: Path | None = None) -> None:
        """Record that a scope closes now; ``path``: on every path that leads through it."""
        moment = self.now()
        scope.closings.append(moment if path is None else moment._replace(path=path))
        if span is not None:
            scope.closed_by.append(self.origin(span))

    def expect(self, kind: Literal["Raises", "Try"], exceptions: list[Value], span: Span) -> Scope:
        """Record the beginning of a body that is expected to raise one of some exceptions."""
        scope = self.open(kind, -1, span)
        scope.expected = _exception_names(exceptions)
        return scope

    def event(self, kind: EventKind, name: str, subject: int | None, site: Site) -> Event:
        """Record an event that a call at ``site`` causes."""
        event = Event(
            kind, name, subject, self.now(), site.origin,
            site.function, site.statement, site.receiver, site.node,
        )  # fmt: skip
        self.timeline.events.append(event)
        return event

    def asserted(self, node: s.Assert | None, span: Span, reads: Iterable[Read]) -> None:
        """Record that something is asserted here, which names objects."""
        found = Asserted(self.now(), node, self.origin(span), tuple(reads))
        self.timeline.asserts.append(found)

    def caught(self, exceptions: Value | None, events: range, statement: s.Stmt | None) -> None:
        """Record that one of some exceptions has come out of what ran between two events."""
        given = exceptions.values if isinstance(exceptions, Items) else [exceptions]
        names = tuple(value.name if isinstance(value, Library) else "" for value in given)
        self.timeline.caught.append(Caught(names, events, self.now(), statement))

    def unresolved(self, span: Span, reason: str, *, socket: bool = False) -> None:
        """Record that something could not be followed."""
        found = Unfollowed(Place(self.frame.env.module.path, span), reason, socket)
        if found not in self.timeline.unresolved:
            self.timeline.unresolved.append(found)

    # lanes and branches

    @contextmanager
    def in_lane(
        self,
        kind: LaneKind,
        origin: Origin | None,
        adapter: Adapter = "",
        *,
        concurrent: bool = False,
    ) -> Iterator[Lane]:
        """Run what follows in a lane of its own; it ends unjoined."""
        outer = self.lane
        lanes = self.timeline.lanes
        self.index += 1
        self.lane = Lane(
            len(lanes), kind, outer.id, self.index, concurrent, origin=origin, adapter=adapter
        )
        lanes.append(self.lane)
        try:
            yield self.lane
        finally:
            self.lane = outer

    def join_lane(self, lane: Lane) -> None:
        """Record that a concurrent lane has ended by now."""
        self.index += 1
        if lane.joined is None:
            lane.joined = self.index

    def run_arms(self, arms: list[Callable[[], bool]]) -> bool:
        """Run alternatives; True where at least one falls through to what follows."""
        branch = self.number()
        self.arms[branch] = len(arms)
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
                # it may as well be another arm's yield: what that has opened counts as "maybe"
                stops.append((stop.value, self.store, self.path))
                self.frame.suspends = True
        if stops:
            _, self.store, self.path = stops[0]
            raise Suspended(join([value for value, _, _ in stops]))
        if not ends:
            self.store, self.path = store, path
            return False
        self.store = self.joined(store, [end[0] for end in ends])
        self.path = self.join_paths([end[1] for end in ends])
        return True

    def joined(self, before: Store, views: list[Store]) -> Store:
        """Give the names after several ways from one store came together."""
        if len(views) == 1 and views[0] is before:
            return before
        # what returned or jumped away still looks at the store it left from
        kept = any(frame.exits or frame.jumps for frame in self.frames)
        into = before.fork() if kept else before
        before.absorb(views, into)
        return into

    def join_paths(self, paths: list[Path]) -> Path:
        """Give the path after several ways came together."""
        if len(paths) == 1:
            return paths[0]
        arms = [dict(path) for path in paths]
        joined = []
        for branch, _ in paths[0]:
            if all(branch in known for known in arms):
                possible = frozenset().union(*(known[branch] for known in arms))
                if len(possible) < self.arms[branch]:
                    joined.append((branch, possible))
        return tuple(joined)

    @contextmanager
    def at_top_of(self, module: Module) -> Iterator[None]:
        """Run code that a runner starts, with no frame but the module's."""
        saved, self.frames = self.frames, [Frame(self.module_env(module), "module", None, None)]
        try:
            yield
        finally:
            self.frames = saved

    def module_env(self, module: Module) -> Env:
        """Give the scope of a module's own names."""
        if module.path not in self.module_envs:
            self.module_envs[module.path] = Env(self.number(), module)
        return self.module_envs[module.path]


def _exception_names(values: list[Value]) -> tuple[str, ...]:
    found: list[str] = []
    for value in values:
        if isinstance(value, Items):
            found += _exception_names(value.values)
        else:
            found.append(value.name if isinstance(value, Library) else "")
    return tuple(found)
