"""The recorder: writes the timeline while the test is interpreted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from wslint.findings.span import Place, Span
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.values import (
    CallSite,
    Constant,
    Exit,
    Func,
    Items,
    Library,
    OneOf,
    ResourceRef,
    Value,
    number_of,
)
from wslint.timeline.model import (
    Adapter,
    Asserted,
    Caught,
    Event,
    EventKind,
    Lane,
    LaneKind,
    Moment,
    Origin,
    Read,
    Repeated,
    Resource,
    Scope,
    ScopeKind,
    Step,
    Timeline,
    Unfollowed,
)
from wslint.vocabulary import COMMUNICATOR_METHODS, COMMUNICATORS, SOCKET_METHODS, Role

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter


class Recorder:
    """Records moments, lanes, resources, scopes and events, as of where the interpreter is."""

    def __init__(self, interpreter: Interpreter, timeline: Timeline) -> None:
        self.interpreter = interpreter
        self.timeline = timeline
        self.lane = Lane(0, "main", None, 0)
        timeline.lanes.append(self.lane)
        self._index = 0
        self._merged: dict[tuple[int, ...], ResourceRef] = {}
        self._own_sockets: list[tuple[Place, str]] = []

    # moments and places

    @property
    def index(self) -> int:
        """The number of the last moment."""
        return self._index

    def now(self) -> Moment:
        """Return the next moment."""
        self._index += 1
        return Moment(self.lane.id, self._index, self.interpreter.path)

    def origin(self, span: Span) -> Origin:
        """Return the origin of the code at ``span`` of the running file."""
        interpreter = self.interpreter
        return Origin(Place(interpreter.frames[-1].env.module.path, span), interpreter.via)

    def site(
        self, span: Span, callee: tuple[str, ...] = (), node: s.Call | None = None
    ) -> CallSite:
        """Return the site of a call by the running code."""
        frame = self.interpreter.frames[-1]
        origin = Origin(Place(frame.env.module.path, span), self.interpreter.via)
        return CallSite(origin, frame.function, frame.statement, callee, node)

    def steps(self) -> tuple[Step, ...]:
        """Return the bodies that are running, outermost first."""
        steps = [
            Step(f.env.module.path, f.kind, f.function, f.statement, f.owner)
            for f in self.interpreter.frames
        ]
        # the empty frame in which a runner calls is not code
        return tuple(step for step in steps if step.statement is not None) or tuple(steps)

    # resources

    def resource(self, role: Role, origin: Origin, name: str = "") -> Resource:
        """Record a new resource."""
        made = Resource(len(self.timeline.resources), role, origin, self.now(), self.steps(), name)
        self.timeline.resources.append(made)
        return made

    def merge_alternatives(self, value: OneOf) -> Value:
        """Return one resource that stands for any one of several, if all have the same role."""
        options = [option for option in value.values if not isinstance(option, Constant)]
        refs = [option for option in options if isinstance(option, ResourceRef)]
        roles = {ref.resource.role for ref in refs}
        if len(refs) < len(options) or len(roles) != 1:
            return options[0] if len(options) == 1 else value
        key = tuple(sorted({ref.resource.id for ref in refs}))
        if len(key) == 1:
            return refs[0]
        if key not in self._merged:
            first = refs[0].resource
            made = replace(
                first,
                id=len(self.timeline.resources),
                origin=self.origin(first.origin.place.span),
                born=self.now(),
                members=key,
                escaped=[],
            )
            self.timeline.resources.append(made)
            self._merged[key] = ResourceRef(made)
        return self._merged[key]

    # scopes and events

    def open(self, kind: ScopeKind, subject: int, origin: Origin) -> Scope:
        """Record that a scope opens now."""
        frame = self.interpreter.frames[-1]
        scope = Scope(
            kind, subject, self.now(), origin,
            frame=frame.kind, function=frame.function, statement=frame.statement,
        )  # fmt: skip
        self.timeline.scopes.append(scope)
        return scope

    def close(self, scope: Scope, origin: Origin | None = None) -> None:
        """Record that a scope closes now, and where it is closed if that is by hand."""
        scope.closings.append(self.now())
        if origin is not None:
            scope.closed_by.append(origin)

    def close_all(self, kind: ScopeKind, subject: int, origin: Origin) -> list[Scope]:
        """Record that every scope of a resource is closed by hand, and return these."""
        found = [
            scope
            for scope in self.timeline.scopes
            if scope.kind == kind and scope.subject == subject
        ]
        for scope in found:
            self.close(scope, origin)
        return found

    def expect(
        self, kind: Literal["Raises", "Try"], exceptions: list[Value], origin: Origin
    ) -> Scope:
        """Record the beginning of a body that is expected to raise one of some exceptions."""
        scope = self.open(kind, -1, origin)
        scope.expected = _exception_names(exceptions)
        return scope

    def close_blocks(self, first: int) -> None:
        """Record that the ways out of ``try`` blocks, from the ``first`` scope on, have joined."""
        for scope in self.timeline.scopes[first:]:
            if scope.kind == "Try" and scope.closings and scope.ended is None:
                scope.ended = self.now()

    def suspend_expectations(self, first: int) -> list[Scope]:
        """Close what expects exceptions, of the scopes from the ``first`` on, and return it."""
        suspended = [
            scope
            for scope in self.timeline.scopes[first:]
            if scope.kind in ("Raises", "Try") and not scope.closings
        ]
        for scope in suspended:
            self.close(scope)
        return suspended

    def resume(self, suspended: list[Scope], run: Exit) -> None:
        """Run something with scopes that were suspended."""
        scopes = [replace(scope, opened=self.now(), closings=[], ended=None) for scope in suspended]
        self.timeline.scopes += scopes
        run()
        for scope in scopes:
            self.close(scope)

    def limit(self, seconds: Value | None, origin: Origin) -> Scope:
        """Record the beginning of a body that is ended after some seconds."""
        scope = self.open("Limit", -1, origin)
        scope.seconds = number_of(seconds)
        return scope

    def event(self, kind: EventKind, name: str, subject: int | None, site: CallSite) -> Event:
        """Record an event that a call causes."""
        event = Event(
            kind, name, subject, self.now(), site.origin,
            site.function, site.statement, site.receiver, site.node,
        )  # fmt: skip
        self.timeline.events.append(event)
        return event

    def asserted(
        self, node: s.Assert | None, origin: Origin, reads: Iterable[Read], exists: Value | None
    ) -> None:
        """Record an assertion, and the objects that it names.

        ``exists`` is the value of which it only says that it is there.
        """
        resource = exists.resource.id if isinstance(exists, ResourceRef) else None
        owner = self.steps()[0].function
        self.timeline.asserts.append(
            Asserted(self.now(), node, origin, tuple(reads), resource, owner)
        )

    def caught(
        self,
        exceptions: Value | None,
        scope: Scope,
        events: range,
        statement: s.Stmt | None,
        *,
        may_not: bool = False,
    ) -> None:
        """Record that one of ``events``, or a task awaited in a scope, has raised an exception."""
        given = exceptions.values if isinstance(exceptions, Items) else [exceptions]
        names = tuple(value.name if isinstance(value, Library) else "" for value in given)
        self.timeline.caught.append(
            Caught(names, self._with_tasks(events, scope), self.now(), statement, may_not)
        )

    def _with_tasks(self, events: range, scope: Scope) -> Sequence[int]:
        """Return the events, and those of tasks that are awaited in the scope."""
        lanes = {lane.id for lane in self.timeline.lanes
                 if lane.joined is not None and lane.joined > scope.opened.index}  # fmt: skip
        if not lanes:
            return events
        known = enumerate(self.timeline.events)
        return [number for number, event in known if number in events or event.at.lane in lanes]

    def repeated(self, loop: s.Loop, events: range, began: Moment) -> None:
        """Record that a loop ran, with the events of its rounds."""
        if events:
            self.timeline.loops.append(Repeated(loop, events, began, self.origin(loop.span)))

    # what can't be followed

    def unresolved(self, place: Place, reason: str, *, socket: bool = False) -> None:
        """Record that something could not be followed."""
        found = Unfollowed(place, reason, socket)
        if found not in self.timeline.unresolved:
            self.timeline.unresolved.append(found)

    def unresolved_method(self, method: str, receiver: str, reason: str, place: Place) -> None:
        """Record a method call on what may be a client or communicator, once for each of them.

        ``receiver`` is its name in the source, as far as it has one. The ``method`` may also be the
        class of a communicator.
        """
        named = method == "connect" and "ommunicator" in receiver
        if method in SOCKET_METHODS:
            self.unresolved(place, f"the client can't be followed: {reason}", socket=True)
        elif method in COMMUNICATOR_METHODS | COMMUNICATORS or named:
            reason = f"the communicator can't be followed: {reason}"
            if all(known.reason != reason for known in self.timeline.unresolved):
                self.unresolved(place, reason, socket=True)

    def own_method(self, func: Func, place: Place) -> None:
        """Note the call of a method of the project that has the name of a client's."""
        if isinstance(func.node, s.Function) and func.node.name in SOCKET_METHODS:
            owner = f" of {func.owner.node.name}" if func.owner is not None else ""
            self._own_sockets.append((place, f"{func.node.name}{owner} is the project's own"))

    def list_own_sockets(self) -> None:
        """Record the project's own sockets as not followed, if no other was opened through them."""
        roles = {resource.role for resource in self.timeline.resources}
        if self._own_sockets and roles.isdisjoint(("Session", "AsyncSession")):
            place, reason = self._own_sockets[0]
            self.unresolved(place, f"the client can't be followed: {reason}", socket=True)

    # lanes

    @contextmanager
    def in_lane(
        self,
        kind: LaneKind,
        origin: Origin | None,
        adapter: Adapter = "",
        *,
        concurrent: bool = False,
    ) -> Iterator[Lane]:
        """Run what follows in a lane of its own, which is not joined at its end."""
        outer = self.lane
        lanes = self.timeline.lanes
        self._index += 1
        self.lane = Lane(
            len(lanes), kind, outer.id, self._index, concurrent, origin=origin, adapter=adapter
        )
        lanes.append(self.lane)
        try:
            yield self.lane
        finally:
            self.lane = outer

    def join_lane(self, lane: Lane) -> None:
        """Record that a concurrent lane has ended by now."""
        self._index += 1
        if lane.joined is None:
            lane.joined = self._index


def _exception_names(values: list[Value]) -> tuple[str, ...]:
    found: list[str] = []
    for value in values:
        if isinstance(value, Items):
            found += _exception_names(value.values)
        else:
            found.append(value.name if isinstance(value, Library) else "")
    return tuple(found)
