"""What an expression may stand for while a test is interpreted. Compared by identity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wslint.syntax import nodes as s

if TYPE_CHECKING:
    from wslint.linking.module import Module
    from wslint.timeline.model import Adapter, Lane, Origin, Resource


@dataclass(eq=False, slots=True, repr=False)
class Unknown:
    """Something that could not be followed, and why."""

    reason: str = ""


@dataclass(eq=False, slots=True, repr=False)
class Constant:
    """A literal."""

    value: str | int | float | bool | None


@dataclass(eq=False, slots=True, repr=False)
class Library:
    """An object of a library, or of anything that isn't read, by its qualified name."""

    name: str


@dataclass(eq=False, slots=True, repr=False)
class ProjectModule:
    """A module or package folder of the project."""

    path: str
    dotted: str


@dataclass(eq=False, slots=True, repr=False)
class Env:
    """The names of one scope. Their values lie in the machine's store under (id, name)."""

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


@dataclass(eq=False, slots=True, repr=False)
class Object:
    """An instance of a project class, or of an unknown one; attributes lie in the store."""

    id: int
    klass: Klass | None


@dataclass(eq=False, slots=True, repr=False)
class Handle:
    """A resource; ``klass`` where it is an instance of the user's subclass."""

    resource: Resource
    klass: Klass | None = None

    @property
    def id(self) -> int:
        """The number under which its attributes lie in the store."""
        return -1 - self.resource.id


@dataclass(eq=False, slots=True, repr=False)
class Made:
    """An instance of a library class without a role, with the arguments it was made of."""

    name: str
    args: Arguments
    origin: Origin
    id: int


@dataclass(eq=False, slots=True, repr=False)
class Items:
    """A tuple, list or set; ``exact`` unless items were added in a loop or branch."""

    kind: str
    values: list[Value]
    exact: bool = True


@dataclass(eq=False, slots=True, repr=False)
class Table:
    """A dict with literal keys; ``exact`` unless others may be in it."""

    values: dict[object, Value]
    exact: bool = True


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
    """A callable behind an adapter: role AsyncToSync, SyncToAsync or DatabaseSyncToAsync.

    "ToThread" where it is to run in any thread.
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
    """A generator function made a context manager factory by ``contextlib``."""

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
    """A function marked as a pytest fixture; ``inner`` is what pytest will call.

    ``name`` is the one that it was given by hand, "" where it goes by the name it is bound to.
    """

    inner: Value
    node: s.Function
    module: Module
    scope: str
    autouse: bool
    name: str
    params: Value | None
    owner: Klass | None = None


@dataclass(eq=False, slots=True, repr=False)
class Coroutine:
    """A coroutine that nobody has driven yet."""

    run: Callable[[], Value]
    origin: Origin


@dataclass(eq=False, slots=True, repr=False)
class Generator:
    """A generator function's call: nothing of its body has run yet."""

    func: Func
    env: Env
    receiver: Value | None


@dataclass(eq=False, slots=True, repr=False)
class Task:
    """A coroutine that runs beside the rest, with its value."""

    lane: Lane
    value: Value


@dataclass(eq=False, slots=True, repr=False)
class Partial:
    """``functools.partial``, or a library's decorator with its options given."""

    func: Value
    args: Arguments


@dataclass(eq=False, slots=True, repr=False)
class Super:
    """``super()``: attributes are looked up behind ``owner``."""

    receiver: Value
    owner: Klass


@dataclass(eq=False, slots=True, repr=False)
class Choice:
    """One of several values, nobody knows which."""

    values: tuple[Value, ...]


@dataclass(eq=False, slots=True, repr=False)
class Arguments:
    """The evaluated arguments of a call; ``exact`` unless ``*`` or ``**`` hide some."""

    values: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    exact: bool = True

    def get(self, position: int, keyword: str = "") -> Value | None:
        """Give one argument by position or keyword, None where it isn't given."""
        if keyword in self.keywords:
            return self.keywords[keyword]
        return self.values[position] if 0 <= position < len(self.values) else None

    def all(self) -> list[Value]:
        """List every argument's value."""
        return [*self.values, *self.keywords.values()]


Value = (
    Unknown | Constant | Library | ProjectModule | Func | Klass | Object | Handle | Made | Items
    | Table | Method | Bound | Adapted | Around | Manager | ManagerCall | Descriptor | Fixture
    | Coroutine | Generator | Task | Partial | Super | Choice
)  # fmt: skip

NONE = Constant(None)
MAX_CHOICES = 16


def join(values: list[Value]) -> Value:
    """Give the value that is one of ``values``."""
    flat: list[Value] = []
    for value in values:
        for option in value.values if isinstance(value, Choice) else (value,):
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
    if len(flat) == 1:
        return flat[0]
    if not flat or len(flat) > MAX_CHOICES:
        return Unknown("it has too many possible values")
    return Choice(tuple(flat))
