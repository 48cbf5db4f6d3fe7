"""The values of expressions while a test is interpreted. They are compared by identity.

``OneOf`` is what is usually called a union; that name would be taken for ``typing.Union``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from wslint.findings.span import Span
from wslint.linking.module import Module
from wslint.syntax import nodes as s
from wslint.timeline.model import Adapter, Consumer, Event, Lane, Origin, Resource


@dataclass(eq=False, slots=True, repr=False)
class Unknown:
    """Something that could not be followed, and why."""

    reason: str = ""


@dataclass(eq=False, slots=True, repr=False)
class Constant:
    """A literal."""

    value: str | bytes | int | float | bool | None


@dataclass(eq=False, slots=True, repr=False)
class Template:
    """A text whose unknown parts are ``HOLE``."""

    text: str


@dataclass(eq=False, slots=True, repr=False)
class Library:
    """Something of a library, or of anything else that isn't read, by its qualified name."""

    name: str


@dataclass(eq=False, slots=True, repr=False)
class ProjectModule:
    """A module or package folder of the project."""

    path: str
    dotted: str


@dataclass(eq=False, slots=True, repr=False)
class Env:
    """The names of one scope. Their values are in the interpreter's store under (id, name)."""

    id: int
    module: Module
    parent: Env | None = None
    node: s.Function | s.Class | s.Lambda | None = None
    outer_names: set[str] = field(default_factory=set)
    global_names: set[str] = field(default_factory=set)


@dataclass(eq=False, slots=True, repr=False)
class Func:
    """A function of the project; ``owner`` is the class that holds it."""

    node: s.Function | s.Lambda
    module: Module
    env: Env | None
    owner: Klass | None = None


@dataclass(eq=False, slots=True, repr=False)
class Klass:
    """A class of the project; ``bases`` are evaluated when needed."""

    node: s.Class
    module: Module
    env: Env | None


class Reached(NamedTuple):
    """A consumer with its class in the project, and the project's middleware around it."""

    consumer: Consumer
    klass: Klass | None
    middleware: tuple[Klass | Func, ...]


@dataclass(eq=False, slots=True, repr=False)
class Object:
    """An instance of a project class, or of an unknown one; its attributes are in the store."""

    id: int
    klass: Klass | None


@dataclass(eq=False, slots=True, repr=False)
class ResourceRef:
    """A resource; ``klass`` is the project's subclass that it is an instance of, if any."""

    resource: Resource
    klass: Klass | None = None

    @property
    def id(self) -> int:
        """The number under which its attributes are in the store."""
        return -1 - self.resource.id


@dataclass(eq=False, slots=True, repr=False)
class LibraryObject:
    """An object that a library makes and that is no resource, with the arguments of the call.

    ``node`` is the call, if it is one of the project.
    """

    name: str
    args: Arguments
    origin: Origin
    id: int
    node: s.Call | None = None


@dataclass(eq=False, slots=True, repr=False)
class Items:
    """A tuple, list or set; ``exact`` unless items are added in a loop or branch."""

    kind: str
    values: list[Value]
    exact: bool = True


@dataclass(eq=False, slots=True, repr=False)
class Table:
    """A dict with literal keys; ``exact`` unless it may have others.

    ``functions`` are the values of keys that are functions of the project.
    """

    values: dict[object, Value]
    exact: bool = True
    functions: dict[Func, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True, repr=False)
class Method:
    """A method of something that isn't project code: ``receiver.name``."""

    receiver: Value
    name: str


@dataclass(eq=False, slots=True, repr=False)
class Bound:
    """A project function with its first argument."""

    func: Value
    receiver: Value


@dataclass(eq=False, slots=True, repr=False)
class Adapted:
    """A callable in an adapter: role AsyncToSync, SyncToAsync or DatabaseSyncToAsync.

    "ToThread" if it may run in any thread.
    """

    role: Adapter
    inner: Value
    origin: Origin


@dataclass(eq=False, slots=True, repr=False)
class Around:
    """A callable decorated with a context manager: an override, a patch."""

    manager: Value
    inner: Value
    origin: Origin


@dataclass(eq=False, slots=True, repr=False)
class Manager:
    """A generator function that ``contextlib`` has made a context manager factory."""

    inner: Value


@dataclass(eq=False, slots=True, repr=False)
class ManagerCall:
    """A call of such a factory; the generator starts when it is entered."""

    inner: Value
    args: Arguments


@dataclass(eq=False, slots=True, repr=False)
class Descriptor:
    """A function under a descriptor: kind "property", "cached", "static" or "class"."""

    kind: str
    inner: Value


@dataclass(eq=False, slots=True, repr=False)
class Fixture:
    """A function marked as a pytest fixture; ``inner`` is what pytest calls.

    ``name`` is the explicit one, "" if the fixture has the name that it is bound to.
    ``loop_scope`` is the explicit one of pytest-asyncio, "" if there is none. ``made_by`` is the
    qualified name of its decorator.
    """

    inner: Value
    made_by: str
    node: s.Function
    module: Module
    scope: str
    autouse: bool
    name: str
    params: Value | None
    owner: Klass | None = None
    loop_scope: str = ""


@dataclass(eq=False, slots=True, repr=False)
class Coroutine:
    """A coroutine that has not been driven yet; ``made`` if a resource's method made it."""

    run: Callable[[], Value]
    origin: Origin
    made: Event | None = None


@dataclass(eq=False, slots=True, repr=False)
class Generator:
    """A call of a generator function, whose body has not started."""

    func: Func
    env: Env
    receiver: Value | None


@dataclass(eq=False, slots=True, repr=False)
class Task:
    """A coroutine that runs concurrently, with its value."""

    lane: Lane
    value: Value


@dataclass(eq=False, slots=True, repr=False)
class HostFunction:
    """A function of a runner, which the interpreter runs itself."""

    run: Callable[[Arguments, CallSite], Value]


@dataclass(eq=False, slots=True, repr=False)
class Partial:
    """``functools.partial``, or a library's decorator with its options."""

    func: Value
    args: Arguments


@dataclass(eq=False, slots=True, repr=False)
class ConnectResult:
    """Half of what a communicator's ``connect`` returns; ``negated``: whether it was refused.

    "answered" is what is true of a refusal, too: that there is a result.
    """

    connect: Event
    half: Literal["accepted", "subprotocol", "answered"]
    negated: bool = False


@dataclass(eq=False, slots=True, repr=False)
class Cached:
    """A function under ``functools.cache``: it runs once for the same arguments."""

    inner: Value
    results: dict[tuple[object, ...], tuple[Arguments, Value]] = field(default_factory=dict)


@dataclass(eq=False, slots=True, repr=False)
class Super:
    """``super()``: attributes are looked up after ``owner`` in the mro."""

    receiver: Value
    owner: Klass


@dataclass(eq=False, slots=True, repr=False)
class OneOf:
    """One of several values; it is unknown which."""

    values: tuple[Value, ...]


class CallSite(NamedTuple):
    """Where something is called: the place, and the function and statement that are running.

    ``callee`` is the dotted name of what is called, () if it has none, and ``node`` the call; a
    property, say, is called without one. ``by_runner``: pytest or unittest calls it, so no code.
    """

    origin: Origin
    function: s.Function | None = None
    statement: s.Stmt | None = None
    callee: tuple[str, ...] = ()
    node: s.Call | None = None
    by_runner: bool = False

    @property
    def span(self) -> Span:
        """The span of the call."""
        return self.origin.place.span

    @property
    def receiver(self) -> tuple[str, ...]:
        """The dotted name on which a method is called, () if it has none."""
        return self.callee[:-1]


@dataclass(slots=True)
class Registration:
    """A call that registers a handler, a hook or a part of an application.

    ``made`` is what the call returns, which may be a decorator.
    """

    method: str
    args: list[Value]
    keywords: dict[str, Value]
    made: LibraryObject


@dataclass(eq=False, slots=True, repr=False)
class Arguments:
    """The evaluated arguments of a call; ``exact`` unless a ``*`` or ``**`` hides some."""

    values: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    exact: bool = True

    def get(self, position: int, keyword: str = "") -> Value | None:
        """Return one argument by position or keyword, None if it isn't given."""
        if keyword in self.keywords:
            return self.keywords[keyword]
        return self.values[position] if 0 <= position < len(self.values) else None

    def all(self) -> list[Value]:
        """Return the values of all arguments."""
        return [*self.values, *self.keywords.values()]


Value = (
    Unknown | Constant | Template | Library | ProjectModule | Func | Klass | Object | ResourceRef
    | LibraryObject | Items | Table | Method | Bound | Adapted | Around | Manager | ManagerCall
    | Descriptor | Fixture
    | Cached | ConnectResult | Coroutine | Generator | Task | HostFunction | Partial | Super | OneOf
)  # fmt: skip

Exit = Callable[[], "bool | None"]
"""Leaves a context manager, or finishes a generator; True if it may swallow an exception."""

NONE = Constant(None)
MAX_OPTIONS = 16


def keys_of(table: Table) -> list[Value]:
    """Return the keys of a dict; one that isn't a literal is unknown."""
    return [
        Unknown("a key that is computed") if isinstance(key, tuple) else Constant(key)  # type: ignore[arg-type]
        for key in table.values
    ]


def is_asgi(node: s.Function | s.Lambda) -> bool:
    """Return whether a function has the parameters of an ASGI application."""
    return [param.name for param in node.params] == ["scope", "receive", "send"]


def number_of(value: Value | None) -> float | None:
    """Return a number, None if the value is none or isn't known."""
    number = value.value if isinstance(value, Constant) else None
    return number if isinstance(number, (int, float)) else None


def text_of(value: Value | None) -> str | None:
    """Return a text, None if the value is none or isn't known."""
    text = value.value if isinstance(value, Constant) else None
    return text if isinstance(text, str) else None


def template_of(value: Value | None) -> str | None:
    """Return a text, also one of which parts are unknown; None if nothing is known of it."""
    return value.text if isinstance(value, Template) else text_of(value)


def join(values: list[Value]) -> Value:
    """Return the value that is one of ``values``."""
    flat: list[Value] = []
    for value in values:
        for option in value.values if isinstance(value, OneOf) else (value,):
            same = any(
                option is known
                or (
                    isinstance(option, Constant)
                    and isinstance(known, Constant)
                    and option.value == known.value
                    and type(option.value) is type(known.value)
                )
                or (
                    isinstance(option, Library)
                    and isinstance(known, Library)
                    and option.name == known.name
                )
                for known in flat
            )
            if not same:
                flat.append(option)
            if len(flat) > MAX_OPTIONS:
                return Unknown("it has too many possible values")
    if len(flat) == 1:
        return flat[0]
    if not flat:
        return Unknown("it has too many possible values")
    return OneOf(tuple(flat))
