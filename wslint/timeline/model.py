"""The timeline of one test, as plain data: what is open when, and what happens meanwhile.

``Scope`` and ``Event`` lie at ``Moment``s. A moment has an index (the order of interpretation), a
lane (which thread or loop it runs in) and a path (the branches under which it is reached).
``wslint.timeline.order`` turns these into *yes*, *no* or *unknown*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wslint.findings.span import Place
from wslint.project.versions import release
from wslint.syntax import nodes as s
from wslint.timeline.application_model import Application

Path = tuple[tuple[int, frozenset[int]], ...]
"""Branches taken so far: branch number and the arms of it that are still possible."""


class Origin(NamedTuple):
    """Where something comes from: its place, and the calls that led there, outermost first."""

    place: Place
    via: tuple[Place, ...] = ()

    def seen_from(self, path: str) -> Place:
        """Give the outermost place of the chain that lies in file ``path``, else the place."""
        for place in (*self.via, self.place):
            if place.path == path:
                return place
        return self.place

    def near(self, path: str) -> Place:
        """Give the place itself where it lies in file ``path``, else where it is seen from."""
        return self.place if self.place.path == path else self.seen_from(path)


class Moment(NamedTuple):
    """A point of the test's run."""

    lane: int
    index: int  # type: ignore[assignment]  # tuple.index is not wanted here
    path: Path


@dataclass(slots=True)
class Lane:
    """A line of control.

    Kinds: "main" (the test's thread), "loop" (a coroutine on an event loop), "thread" (a worker
    thread of an async adapter), "task" and "background" (run beside the rest).
    ``adapter`` of a loop: "native" (the runner's), "django", "AsyncToSync", "asyncio.run" or
    "run_until_complete"; of a thread, the adapter's role. ``concurrent`` lanes run beside their
    parent from index ``started`` to ``joined`` (None: not known to end). ``origin`` is the adapter
    that opened the lane.
    """

    id: int
    kind: str
    parent: int | None
    started: int
    concurrent: bool = False
    joined: int | None = None
    origin: Origin | None = None
    adapter: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One running function or body on the way to a resource's birth, for fixes.

    ``frame`` is "test", "fixture", "setup" (setUp and the like), "helper", "class" or "module";
    ``statement`` is the one that was running.
    """

    path: str
    frame: str
    function: s.Function | None
    statement: s.Stmt | None
    owner: s.Class | None = None


@dataclass(slots=True)
class Resource:
    """A client, session, communicator, override or patch, from its birth on.

    ``birth`` lists the running bodies, outermost first. ``role`` is its role in the vocabulary.
    ``parent`` is a session's client. ``members`` are the alternatives of which this is one, nobody
    knows which. ``escaped``: from these moments on, code that can't be read may have done anything
    with it.
    """

    id: int
    role: str
    origin: Origin
    born: Moment
    birth: tuple[Step, ...]
    name: str = ""
    parent: int | None = None
    members: tuple[int, ...] = ()
    escaped: list[Moment] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Scope:
    """Something open from one moment to another.

    Kinds: "Override", "Keepalive", "Client", "Socket", "Communicator", "Transaction", and the
    bodies out of which an exception is expected: "Raises" (surely), "Try" (it may, and is caught).
    ``closings`` has a moment for each place that closes it; none means open to the end.
    """

    kind: str
    subject: int
    opened: Moment
    origin: Origin
    closings: list[Moment] = field(default_factory=list)
    closed_by: list[Origin] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Event:
    """Something that happens at one moment: kind "Http", "Communicator", "Socket" or "Orm"."""

    kind: str
    name: str
    subject: int | None
    at: Moment
    origin: Origin
    facts: dict[str, Any] = field(default_factory=dict)


class Unfollowed(NamedTuple):
    """Something that could not be followed; ``socket``: a websocket depends on it."""

    place: Place
    reason: str
    socket: bool = False


class Read(NamedTuple):
    """A name in an assertion that stands for an object; ``rest`` are the attributes behind it."""

    key: int
    rest: tuple[str, ...]


class Asserted(NamedTuple):
    """An assertion that runs: a statement, or (``node`` is None) a method of unittest's classes."""

    at: Moment
    node: s.Assert | None = None
    origin: Origin | None = None
    reads: tuple[Read, ...] = ()


class Caught(NamedTuple):
    """An exception that has come out of what ran before; ``at`` is behind it.

    ``names`` are the exceptions that may be caught, "" for one that isn't known. ``events`` are
    the indices of the events, one of which has raised it. ``statement`` is the ``with`` that
    asserts it, or the ``try``.
    """

    names: tuple[str, ...]
    events: range
    at: Moment
    statement: s.Stmt | None


@dataclass(slots=True)
class TestCase:
    """The test itself. ``kind``: "function" (pytest) or "method" (of a unittest class).

    ``django`` is the vocabulary role of the Django class that it belongs to, "" for none.
    ``database`` says how it may use the database: "transaction" (inside one), "transactional"
    (the tables are emptied behind it), "" (not at all, as far as is seen).
    """

    __test__ = False

    path: str
    qualname: str
    function: s.Function
    kind: str
    is_async: bool
    django: str = ""
    database: str = ""
    owner: s.Class | None = None
    fixtures: tuple[str, ...] = ()
    async_fixtures: tuple[str, ...] = ()

    def holds(self, origin: Origin) -> bool:
        """Tell whether something stands in the source of the test itself."""
        return origin.place.path == self.path and self.function.span.contains(origin.place.span)


class Decorated(NamedTuple):
    """A function that a resource was given to, or was made of, and its file."""

    path: str
    node: s.Function


class Consumer(NamedTuple):
    """A consumer that an application leads to: role "AsyncConsumer" or "SyncConsumer".

    ``node`` is its class, None for one of a library.
    """

    role: str
    node: s.Class | None


class NeverRuns(NamedTuple):
    """Why a test, or a part of it, is never run.

    ``kind``: "adapter" and "fixture" (what a module-level name holds is no function any more),
    "coroutine" (a method of a class that drives none), "setup" (a setUp or tearDown that is one).
    ``function`` is what never runs, where it isn't the test; ``by`` is the adapter's place.
    """

    kind: str
    place: Place
    function: s.Function | None = None
    by: Place | None = None


@dataclass(slots=True)
class Environment:
    """What rules may ask about the project: settings and versions, not syntax.

    A library that is not in ``versions`` counts as the newest. ``pytest_django`` tells whether it
    is seen that the tests run with it. ``conftest`` is where a fixture for the file goes;
    ``has_keepalive_fixture``: it, or one above it, has the one that keeps the connection open.
    """

    test_database: str = "unknown"
    versions: dict[str, str] = field(default_factory=dict)
    async_unsafe: bool = False
    pytest_django: bool = False
    keepalive_style: str = "decorator"
    conftest: str = ""
    has_keepalive_fixture: bool = False

    def version(self, library: str) -> tuple[int, ...]:
        """Give the numbers of a library's version."""
        return release(self.versions.get(library, ""))

    def is_at_least(self, library: str, version: tuple[int, ...]) -> bool:
        """Tell whether the project is known to use this version or a later one."""
        return library in self.versions and self.version(library) >= version


@dataclass(slots=True)
class Timeline:
    """All that is known of one test's run."""

    test: TestCase
    lanes: list[Lane] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    asserts: list[Asserted] = field(default_factory=list)
    caught: list[Caught] = field(default_factory=list)
    unresolved: list[Unfollowed] = field(default_factory=list)
    environment: Environment = field(default_factory=Environment)
    never_runs: NeverRuns | None = None
    applications: dict[int, Application] = field(default_factory=dict)
    """By client, in tests that open a websocket."""

    def scopes_of(self, kind: str) -> list[Scope]:
        """List the scopes of one kind, in the order in which they open."""
        return [scope for scope in self.scopes if scope.kind == kind]

    def events_of(self, kind: str) -> list[Event]:
        """List the events of one kind, in order."""
        return [event for event in self.events if event.kind == kind]
