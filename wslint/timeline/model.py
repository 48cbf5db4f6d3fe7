"""The timeline of one test, as plain data: what is open when, and what happens meanwhile.

A ``Scope`` opens and closes, and an ``Event`` happens, at a ``Moment``. A moment has an index (the
order of interpretation), a lane (the thread or loop that runs it) and a path (the branches that
lead to it).
``wslint.timeline.order`` turns these into *yes*, *no* or *unknown*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from wslint.findings.span import Place, Span
from wslint.project.versions import release
from wslint.syntax import nodes as s
from wslint.timeline.application_model import Application, Code
from wslint.vocabulary import Role

LaneKind = Literal["main", "loop", "thread", "task", "background"]
Adapter = Literal["", "native", "django", "AsyncToSync", "SyncToAsync", "DatabaseSyncToAsync",
                  "ToThread", "to_thread", "asyncio.run", "run_until_complete"]  # fmt: skip
Unfinished = Literal["", "as_asgi", "call"]
FrameKind = Literal["test", "fixture", "setup", "helper", "class", "module"]
ScopeKind = Literal["Override", "Keepalive", "Client", "Socket", "Communicator", "Transaction",
                    "Raises", "Try", "Limit", "Frozen", "CancelScope"]  # fmt: skip
EventKind = Literal["Http", "Communicator", "Socket", "Orm", "Layer", "Coroutine", "Missing",
                    "Blocking", "DjangoClient", "Sleep", "AsyncHttp", "OnCommit",
                    "Attribute"]  # fmt: skip

Path = tuple[tuple[int, frozenset[int]], ...]
"""Branches taken so far: branch number and the arms of it that are still possible."""


HOLE = "\0"
"""Stands for each unknown part of a text, as in the URL of an f-string; no source file has it."""


class Origin(NamedTuple):
    """Where something comes from: its place, and the calls that led there, outermost first."""

    place: Place
    via: tuple[Place, ...] = ()

    def seen_from(self, path: str) -> Place:
        """Return the outermost place of the chain in file ``path``, else the place itself."""
        for place in (*self.via, self.place):
            if place.path == path:
                return place
        return self.place

    def seen_inside(self, path: str, span: Span) -> Place | None:
        """Return the innermost place of the chain in a part of a file, None if there is none."""
        chain = (self.place, *reversed(self.via))
        inside = (place for place in chain if place.path == path and span.contains(place.span))
        return next(inside, None)

    def nearest_place(self, path: str) -> Place:
        """Return the place itself if it is in file ``path``, else where it is seen from."""
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
    thread of an async adapter), "task" and "background" (concurrent).
    ``adapter`` of a loop: "native" (the runner's), "django", "AsyncToSync", "asyncio.run" or
    "run_until_complete"; of a thread, the adapter's role. ``concurrent`` lanes run beside their
    parent from index ``started`` to ``joined`` (None: not known to end). ``origin`` is the adapter
    that opened the lane. ``scope`` is that of a native loop, as fixtures have one.
    """

    id: int
    kind: LaneKind
    parent: int | None
    started: int
    concurrent: bool = False
    joined: int | None = None
    origin: Origin | None = None
    adapter: Adapter = ""
    scope: str = "function"


@dataclass(frozen=True, slots=True)
class Step:
    """One running function or body on the way to a resource's birth, for fixes.

    ``frame`` is "test", "fixture", "setup" (setUp and the like), "helper", "class" or "module";
    ``statement`` is the one that was running.
    """

    path: str
    frame: FrameKind
    function: s.Function | None
    statement: s.Stmt | None
    owner: s.Class | None = None


class Decorated(NamedTuple):
    """A function to which a resource was applied, or of which it was made, and its file."""

    path: str
    node: s.Function


class ScopeSet(NamedTuple):
    """``communicator.scope[key] = …``; ``step`` is the code that does it.

    ``key`` is "" if it isn't known.
    """

    key: str
    at: Moment
    origin: Origin
    step: Step


@dataclass(slots=True)
class Consumer:
    """A consumer that an application leads to: role "AsyncConsumer" or "SyncConsumer".

    ``node`` is its class, None for one of a library. ``around`` names the middleware and routers on
    the way to it, outermost first; an OriginValidator with the first origin that it allows, or
    ``*``. ``classes`` are its class and the project's bases of it, in the order in which attributes
    are looked up; ``is_known``: all other bases are those of Channels. ``middleware`` is the
    project's own around it. ``unfinished_view`` is where a route names the class itself, or its
    ``as_asgi`` without the call, and ``unfinished`` says which. ``taken`` are the parts of the path
    that the routes give it by name.
    """

    role: Role
    node: s.Class | None
    around: tuple[str, ...] = ()
    classes: tuple[Code, ...] = ()
    is_known: bool = False
    middleware: tuple[Code, ...] = ()
    unfinished: Unfinished = ""
    unfinished_view: Place | None = None
    taken: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Resource:
    """A client, session, communicator, override or patch, from its birth on.

    ``birth`` lists the running bodies, outermost first. ``role`` is its role in the vocabulary.
    ``parent`` is a session's client. ``members`` are the alternatives that this one stands for,
    if it is one of several. ``escaped``: from these moments on, code that can't be read may have
    done anything with it. ``node`` is the call that makes it.

    The other fields belong to some roles only:

    - clients: ``plain_app``, if entering one surely runs no code of the application's own;
    - sessions: the dotted name of the client (``receiver``), the ``url``, None if unknown, with
      ``HOLE`` for an unknown part, and the ``timeout`` that is given;
    - communicators: the kind of ``consumer`` that the application is ("" if it is none, or
      unknown), all ``consumers`` that the application leads to, the names of the ``headers`` given
      (None if unknown), what is still to be done to get an application (``unfinished``), the
      arguments that are ``texts``, the function of the project that is given as the application
      (``wrapper``), a similar path that has a route, or "", if its own surely has none
      (``instead``), and the parts of its scope that are set (``scope_sets``) or read, "" for one
      that isn't known (``scope_gets``);
    - keepalives: ``replaces`` tells whether the replacement can be called like the original,
      ``works`` whether the connection stays open (None: unknown);
    - patches: ``injects``, if they pass a mock to the function they decorate; ``by_hand``, if they
      are made by an assignment;
    - freezes: the ``clock`` that is "frozen"; "asyncio" if asyncio's own runs, "runs" if all may;
    - ``monkeypatch`` and ``mocker``: the scopes they have ``started``;
    - what decorates: the generator function during which it is already over (``over_before``), and
      the kind of class it is applied to (``on_class``: without Django, or a SimpleTestCase).
    """

    id: int
    role: Role
    origin: Origin
    born: Moment
    birth: tuple[Step, ...]
    name: str = ""
    parent: int | None = None
    members: tuple[int, ...] = ()
    escaped: list[Moment] = field(default_factory=list)
    node: s.Call | None = None
    plain_app: bool = False
    receiver: tuple[str, ...] = ()
    url: str | None = None
    timeout: float | None = None
    consumer: Role = ""
    consumers: tuple[Consumer, ...] = ()
    headers: tuple[str, ...] | None = ()
    unfinished: Unfinished = ""
    texts: dict[str, str | None] = field(default_factory=dict)
    wrapper: Decorated | None = None
    instead: str | None = None
    scope_sets: list[ScopeSet] = field(default_factory=list)
    scope_gets: set[str] = field(default_factory=set)
    works: bool | None = None
    replaces: bool | None = None
    injects: bool = False
    by_hand: bool = False
    clock: Literal["", "frozen", "asyncio", "runs"] = ""
    started: list[Scope] = field(default_factory=list)
    over_before: Decorated | None = None
    on_class: Literal["", "plain", "simple"] = ""


@dataclass(slots=True)
class Scope:
    """Something open from one moment to another.

    Kinds: "Override", "Keepalive", "Client", "Socket", "Communicator", "Transaction", "Frozen" (by
    freezegun), the bodies that are expected to raise: "Raises" (surely), "Try" (they may, and it is
    caught), "Limit" (a body that is ended after some time) and "CancelScope" (anyio's, which must
    be left by the task that enters it).
    ``closings`` has a moment for each place that closes it; none means open to the end.
    ``frame``, ``function`` and ``statement`` are those that open it; the ``function`` of a cancel
    scope is the fixture that it is opened for.

    The other fields belong to some kinds only:

    - clients and sockets: ``by_hand``, if ``__enter__`` is called;
    - sockets: the ``client``, and the ``closings`` that are a call of ``close`` (``goodbyes``);
    - transactions: ``certain``, unless a mark that can't be read decides about it;
    - limits: their ``seconds``, None if unknown;
    - expectations: the names of the ``expected`` exceptions ("" for one that is unknown), and
      whether the exception is ``matched`` against a text or checked; ``ended``: when the function
      around a ``try`` has ended, whichever way it took.
    """

    kind: ScopeKind
    subject: int
    opened: Moment
    origin: Origin
    closings: list[Moment] = field(default_factory=list)
    closed_by: list[Origin] = field(default_factory=list)
    frame: FrameKind = "module"
    function: s.Function | None = None
    statement: s.Stmt | None = None
    by_hand: bool = False
    client: int | None = None
    goodbyes: list[Moment] = field(default_factory=list)
    certain: bool = True
    seconds: float | None = None
    expected: tuple[str, ...] = ()
    matched: bool = False
    ended: Moment | None = None


ResultUse = Literal[
    "accepted", "refused", "always true", "guards", "used", "unused", "dropped"
]  # fmt: skip
"""What is done with the result of a connect, besides asserting that it was accepted or refused:

what is asserted holds for a refusal, too ("always true"), an `if` without `else` goes on only after
an accept ("guards"), it is looked at in another way ("used"), it is unpacked ("unused", if there is
nothing else) or dropped as a whole.
"""


class Lost(NamedTuple):
    """Where a coroutine is an expression of a statement that drops or asserts it."""

    origin: Origin
    function: s.Function | None
    statement: s.Stmt | None


@dataclass(slots=True)
class Event:
    """Something that happens at one moment.

    Kinds: "Http", "Communicator" and "Socket" (a call of a method), "Coroutine" (one is made by a
    method of a resource), "Orm" (a query), "Layer" (a message sent through a channel layer),
    "Missing" (a call of a method that its object does not have), "Blocking" (a call of a library
    that blocks its thread; ``name`` is the qualified one), "DjangoClient" (a request or login of
    Django's sync test client), "Sleep" (of a coroutine), "AsyncHttp" (a request of httpx's async
    client to an application in the test's own loop), "OnCommit" (a function that waits for a commit
    that never comes) and "Attribute" (one of the server's websocket is read of a session).
    ``function`` and ``statement`` are those in which it is called; ``receiver`` is the dotted name
    on which a method is called, () if it has none; ``node`` is the call.

    The other fields belong to some kinds only:

    - HTTP calls: the ``url``, as of sessions; async ones also where the ``application`` is made;
    - calls of what is missing: where the ``transport`` of their client is made;
    - coroutines: ``driven``, if something runs them; where one that a helper returns is ``lost``;
    - receives of a communicator: how many seconds they wait, None if unknown (``timeout``); of a
      session, which takes no timeout: those that it is given;
    - messages: the group or channel that they go to ("to") and their "type", None if unknown
      (``texts``);
    - functions that wait for a commit: whether they send through a channel layer (``sends``);
    - connects: what the test makes of their result (``result_uses``);
    - queries: ``awaited``, if the method is a coroutine function; the ``hook`` (setUp or the like)
      that sends it, "" for none.
    """

    kind: EventKind
    name: str
    subject: int | None
    at: Moment
    origin: Origin
    function: s.Function | None = None
    statement: s.Stmt | None = None
    receiver: tuple[str, ...] = ()
    node: s.Call | None = None
    url: str | None = None
    application: Place | None = None
    transport: Place | None = None
    driven: bool = False
    lost: Lost | None = None
    awaited: bool = False
    hook: str = ""
    sends: bool = False
    timeout: float | None = None
    texts: dict[str, str | None] = field(default_factory=dict)
    result_uses: set[ResultUse] = field(default_factory=set)


class Unfollowed(NamedTuple):
    """Something that could not be followed; ``socket``: a websocket depends on it."""

    place: Place
    reason: str
    socket: bool = False


class Read(NamedTuple):
    """A name in an assertion that refers to an object; ``rest`` are the attributes after it."""

    key: int
    rest: tuple[str, ...]


class Asserted(NamedTuple):
    """An assertion that runs: a statement, or (``node`` is None) a method of unittest's classes.

    ``exists``: all it says is that this resource exists, which it does. ``owner`` is the outermost
    function around it: the test, a fixture or a hook.
    """

    at: Moment
    node: s.Assert | None = None
    origin: Origin | None = None
    reads: tuple[Read, ...] = ()
    exists: int | None = None
    owner: s.Function | None = None


class Caught(NamedTuple):
    """An exception that is caught at the moment ``at``.

    ``names`` are the exceptions that may be caught, "" for one that is unknown. ``events`` are the
    indices of the events that may have raised it. ``statement`` is the ``with`` that asserts it, or
    the ``try``. ``may_not``: there may be no exception at all, and the test goes on all the same.
    """

    names: tuple[str, ...]
    events: Sequence[int]
    at: Moment
    statement: s.Stmt | None
    may_not: bool = False


class Repeated(NamedTuple):
    """A loop that runs from the moment ``at`` on; ``events`` are those of its rounds, by index."""

    node: s.Loop
    events: range
    at: Moment
    origin: Origin


@dataclass(slots=True)
class TestCase:
    """The test itself. ``kind``: "function" (pytest) or "method" (of a unittest class).

    ``django`` is the role of the Django class that it belongs to, "" for none. ``database`` is how
    it uses the database: "transaction" (inside one), "transactional" (the tables are emptied after
    it), "" (not at all, as far as is known). ``class_data``: its class, or a base of it, has a
    ``setUpTestData``. ``has_timeout``: pytest-timeout or an alarm ends it if it hangs.
    ``idle_fixtures`` are async ones that no plugin runs.
    """

    __test__ = False

    path: str
    qualname: str
    function: s.Function
    kind: Literal["function", "method"]
    is_async: bool
    django: Role = ""
    database: Literal["", "transaction", "transactional"] = ""
    class_data: bool = False
    owner: s.Class | None = None
    fixtures: tuple[str, ...] = ()
    async_fixtures: tuple[str, ...] = ()
    idle_fixtures: tuple[Decorated, ...] = ()
    has_timeout: bool = False

    def holds(self, origin: Origin) -> bool:
        """Return whether something is in the source of the test itself."""
        return origin.place.path == self.path and self.function.span.contains(origin.place.span)


class NeverRuns(NamedTuple):
    """Why a test, or a part of it, is never run.

    ``kind``: "adapter" and "fixture" (what a module-level name holds is no function any more),
    "coroutine" (a method of a class that drives none), "setup" (a setUp or tearDown that is one).
    ``function`` is what never runs, if it isn't the test; ``by`` is the adapter's place.
    """

    kind: Literal["adapter", "fixture", "coroutine", "setup"]
    place: Place
    function: s.Function | None = None
    by: Place | None = None


@dataclass(slots=True)
class Environment:
    """What rules may ask about the project: settings and versions, not syntax.

    A library that is not in ``versions`` counts as the newest. ``pytest_django`` tells whether it
    is seen that the tests run with it. ``allowed_hosts`` are those of the settings, None if they
    aren't known, ``asgi_application`` names the application in the settings, "" if that isn't
    known. ``conftest`` is where a fixture for the file goes;
    ``has_keepalive_fixture``: it, or one above it, has the one that keeps the connection open.
    ``keeps_connections``: the pytest plugin does it in every test.
    """

    test_database: str = "unknown"
    allowed_hosts: tuple[str, ...] | None = None
    asgi_application: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    async_unsafe: bool = False
    pytest_django: bool = False
    asyncio_mode: str = "strict"
    keepalive_style: str = "decorator"
    conftest: str = ""
    has_keepalive_fixture: bool = False
    keeps_connections: bool = False

    def version(self, library: str) -> tuple[int, ...]:
        """Return the version of a library as numbers."""
        return release(self.versions.get(library, ""))

    def is_at_least(self, library: str, version: tuple[int, ...]) -> bool:
        """Return whether the project is known to use this version or a later one."""
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
    loops: list[Repeated] = field(default_factory=list)
    unresolved: list[Unfollowed] = field(default_factory=list)
    environment: Environment = field(default_factory=Environment)
    never_runs: NeverRuns | None = None
    applications: dict[int, Application] = field(default_factory=dict)
    """By client, in tests that open a websocket or make an HTTP request."""
    called: Moment | None = None
    """When the test itself is called, after its fixtures and setUp."""

    def scopes_of(self, kind: ScopeKind) -> list[Scope]:
        """Return the scopes of one kind, in the order in which they open."""
        return [scope for scope in self.scopes if scope.kind == kind]

    def events_of(self, kind: EventKind) -> list[Event]:
        """Return the events of one kind, in order."""
        return [event for event in self.events if event.kind == kind]

    def application_of(self, socket: Scope) -> Application | None:
        """Return the application to which a websocket is opened, None if it isn't known."""
        return None if socket.client is None else self.applications.get(socket.client)
