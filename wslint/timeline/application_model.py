"""The application that a client is made with, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn

from wslint.findings.span import Place, Span
from wslint.syntax import nodes as s

if TYPE_CHECKING:
    from wslint.linking.module import Module
    from wslint.timeline.model import Moment, Step


DATABASE_ADAPTER = "channels.db.database_sync_to_async"


@dataclass(slots=True)
class Shared:
    """An object at the top of a module; ``key`` identifies it, as in ``Read``.

    ``kind`` is "set", "list", "dict" (``is_empty``, if it is at the beginning), "object" (of class
    ``code``), "new" (one of that class for each connection or call), "None", "constant" (with its
    ``value``, if it is a text or an integer), or the qualified name of its class. ``module`` is the
    dotted name of its module. ``held`` are the objects of libraries in the attributes that it has
    from the beginning.
    """

    name: str
    kind: str
    place: Place | None
    code: Code | None = None
    module: str = ""
    key: int = 0
    value: str | int | None = None
    is_empty: bool = False
    held: dict[str, Shared] = field(default_factory=dict)

    def is_at(self, name: str, path: str) -> bool:
        """Return whether it is what a name at the top of a file stands for."""
        return self.name == name and self.place is not None and self.place.path == path


def _too_late() -> NoReturn:
    raise RuntimeError("the timeline of the next test has been built already")


class CodeNames(NamedTuple):
    """What the names in some code refer to outside of it, and what its parameters depend on."""

    uses: dict[str, Code | Shared]
    depends: dict[str, Code | None]


@dataclass(slots=True)
class Code:
    """A function or class of the application.

    What its names refer to is found when it is first asked for, as most of an application does not
    matter to a test; that is possible until the timeline of the next test is built.
    """

    path: str
    node: s.Function | s.Class
    find: Callable[[], CodeNames]
    _names: CodeNames | None = None

    @classmethod
    def made_of(
        cls, path: str, node: s.Function | s.Class, uses: Mapping[str, Code | Shared]
    ) -> Code:
        """Return code of which it is known to what its names refer."""
        return cls(path, node, _too_late, CodeNames({**uses}, {}))

    @property
    def uses(self) -> dict[str, Code | Shared]:
        """What its names refer to outside of it."""
        return self._found().uses

    @property
    def depends(self) -> dict[str, Code | None]:
        """What FastAPI calls for its parameters, or those of its ``__init__``, by their names.

        None for what can't be followed.
        """
        return self._found().depends

    def _found(self) -> CodeNames:
        if self._names is None:
            self._names = self.find()
        return self._names

    def release(self) -> None:
        """Let go of what finds the names, which refers to this in turn."""
        self.find = _too_late

    def is_at(self, name: str, path: str) -> bool:
        """Return whether it is what a name at the top of a file stands for."""
        return (self.node.name, self.path) == (name, path)

    def reached(self) -> Iterator[Code]:
        """Yield this code and all to which its names lead, each once."""
        pending, seen = [self], {id(self)}
        while pending:
            code = pending.pop()
            yield code
            for used in (*code.uses.values(), *code.depends.values()):
                if isinstance(used, Code) and id(used) not in seen:
                    seen.add(id(used))
                    pending.append(used)


def method_of(owner: Shared, name: str) -> Code | None:
    """Return a method of an object's class, whose first parameter refers to the object."""
    body = owner.code.node.body if owner.code is not None else ()
    for method in body:
        if isinstance(method, s.Function) and method.name == name and owner.code is not None:
            me = {param.name: owner for param in method.params[:1]}
            return Code.made_of(owner.code.path, method, {**owner.code.uses, **me})
    return None


@dataclass(slots=True)
class Handler:
    """A handler of a ``route``, which is None if it isn't known.

    ``method`` is the HTTP method in lower case, "" for any. ``app`` is where the application is
    made that it belongs to: a mounted one has routes and dependency overrides of its own.
    ``before`` are the dependencies of its routers, None for one that isn't known, and for a
    middleware that may answer. ``connect`` is
    ``on_connect`` of an endpoint class, which alone can answer the handshake.
    """

    kind: Literal["websocket", "http"]
    route: str | None
    code: Code
    method: str = ""
    app: Place | None = None
    before: tuple[Code | None, ...] = ()
    connect: Code | None = None


def written_item(owner: Shared, item: s.Item) -> str:
    """Return ``owner["key"]`` for an item with a literal key, "" for another."""
    key = item.index.value if isinstance(item.index, s.Const) else None
    return f'{owner.name}["{key}"]' if isinstance(key, str) else ""


class DependencyOverride(NamedTuple):
    """``app.dependency_overrides[name] = …`` of a test, and the ``step`` that does it.

    ``app`` is where the application is made, ``path`` the file of the function. ``asked_for``: a
    ``Depends`` in its files names the function. ``targets``: see ``Replacement``.
    """

    name: str
    path: str
    place: Place
    app: Place
    step: Step
    asked_for: bool = True
    targets: tuple[str, ...] = ()


class Replacement(NamedTuple):
    """A name at the top of a module that a test replaces: by a ``call``, or an assignment.

    ``path`` is the file of the module. For ``app.state.name`` it is that in which the application
    is made, and ``app`` where. ``at`` is the last moment before it, ``step`` the code that does it.
    ``targets`` are the full names by which the application looks up what is replaced, as
    ``mock.patch`` takes them; "" for one that is not known.
    """

    name: str
    path: str
    place: Place
    at: Moment
    step: Step
    call: s.Call | None = None
    app: Place | None = None
    targets: tuple[str, ...] = ()

    def is_of(self, used: Code | Shared) -> bool:
        """Return whether code or an object is what the name stands for in the module."""
        return used.is_at(self.name, self.path)


class StartupState(NamedTuple):
    """State that only an application's startup sets.

    ``kind`` is "app" (``app.state.name``), "request" (what a lifespan yields, which handlers see
    as ``request.state.name``), "global", "object" (an object at the top of a module that is
    connected), "attribute" (of such an object, "owner.attribute") or "item" (of an empty dict at
    the top of a module, ``owner["key"]``). ``key`` is that of ``Shared``.
    """

    kind: Literal["app", "request", "global", "object", "attribute", "item"]
    name: str
    place: Place
    key: int = 0


@dataclass(slots=True)
class Application:
    """The application that a client is made with: its startup hooks and handlers.

    ``overridden``: tests override its dependencies. ``handles_exceptions``: it may have a
    handler for exceptions that refuse. ``starts_otherwise``: more may run when it starts than its
    ``startup``. ``unknown_routes``: how the paths begin for which it isn't known what answers HTTP.
    ``tests``: the test's file, the conftest.py
    files above it, and those of its fixtures, hooks and helpers, each with the spans of the
    application's own code in it.
    """

    name: str
    place: Place
    startup: tuple[Code, ...] = ()
    handlers: tuple[Handler, ...] = ()
    find_sets: Callable[[], Iterable[StartupState]] = tuple
    find_others: Callable[[], bool] = bool
    overridden: bool = False
    handles_exceptions: bool = False
    starts_otherwise: bool = False
    unknown_routes: tuple[str, ...] = ()
    overrides: tuple[DependencyOverride, ...] = ()
    names: dict[Place, str] = field(default_factory=dict)
    """The full names of this and the mounted applications by place, if something is overridden."""
    replaced: tuple[Replacement, ...] = ()
    """Names that the test replaces where none of its code looks them up."""
    set_again: tuple[tuple[Replacement, StartupState], ...] = ()
    """What the test sets, and the startup sets anew."""
    tests: tuple[tuple[Module, tuple[Span, ...]], ...] = ()
    top: Span | None = None
    """The first function or class of the test's file."""
    _sets: tuple[StartupState, ...] | None = None

    @property
    def sets(self) -> tuple[StartupState, ...]:
        """What only its startup sets; found when it is first asked for, as by ``Code``."""
        if self._sets is None:
            self._sets = tuple(self.find_sets())
        return self._sets

    def release(self) -> None:
        """Let go of what finds this state, which refers to this application in turn."""
        self.find_sets = self.find_others = _too_late

    def may_answer(self, path: str) -> bool:
        """Return whether something that isn't among the handlers may answer an HTTP request."""
        return any(map(path.startswith, self.unknown_routes)) or self.find_others()

    def is_mentioned(self, *names: str) -> bool:
        """Return whether the files of the test and its helpers have one of these words."""
        return any(module.has_word(names, own) for module, own in self.tests)
