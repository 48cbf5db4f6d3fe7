"""The whole interpreter: statements, expressions, calls, and what the libraries' roles do."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from wslint.findings.span import Span
from wslint.timeline.interpreter.calls import Exit
from wslint.timeline.interpreter.statements import Executor
from wslint.timeline.interpreter.values import (
    Adapted,
    Arguments,
    Bound,
    Choice,
    Constant,
    Coroutine,
    Generator,
    Handle,
    Items,
    Klass,
    Library,
    Made,
    ManagerCall,
    Method,
    Object,
    Table,
    Unknown,
    Value,
)
from wslint.timeline.libraries.database import factory_query, library_query, method_query
from wslint.timeline.libraries.patches import assign_by_hand
from wslint.timeline.libraries.tables import (
    CALLS,
    ENTERS,
    MADE_METHODS,
    METHODS,
    LibraryCall,
    MethodCall,
    nothing,
)
from wslint.timeline.libraries.testcases import testcase_method
from wslint.vocabulary import KEEPALIVE_TARGETS, RAISES, SOCKET_METHODS

if TYPE_CHECKING:
    from wslint.timeline.application import Registration
    from wslint.timeline.model import NeverRuns
    from wslint.timeline.runners.fixture_setup import FixtureSetup

# these put themselves into the tables
for _family in (
    "adapters",
    "applications",
    "clients",
    "communicators",
    "contexts",
    "overrides",
    "patches",
):
    import_module(f"wslint.timeline.libraries.{_family}")

# a test of a consumer may well talk to one of these
_STAND_INS = ("unittest.mock.", "mock.", "pytest_mock.", "pytest.fixture.")
_TESTCASES = ("TestCase", "IsolatedTestCase", "SimpleTestCase", "DjangoTestCase",
              "TransactionTestCase")  # fmt: skip


class Machine(Executor):
    """Interprets a test. The runners (pytest's and unittest's order) drive it."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.fixtures: FixtureSetup | None = None
        self.idle: NeverRuns | None = None
        self.drives_hooks = False
        self.cleanups: list[Exit] = []
        self.class_cleanups: list[Exit] = []
        self.registrations: dict[int, list[Registration]] = {}
        self.applications: dict[int, Value] = {}
        self.run_once: set[tuple[str, Span]] = set()
        self._stacks: dict[int, list[Exit]] = {}
        self._joint: dict[tuple[int, ...], Handle] = {}

    def let_go(self) -> None:
        """Forget everything, as fixtures and coroutines hold the machine that holds them.

        What is in no circle is freed at once, and the garbage collector has nothing to look for.
        """
        vars(self).clear()

    # context managers

    def enter(self, value: Value, span: Span) -> tuple[Value, Exit]:
        """Enter a context manager; give what ``as`` binds, and how to leave it."""
        if isinstance(value, Choice):
            value = self.joint(value)
        if isinstance(value, Handle) and value.klass is None:
            return self._enter_resource(value, span)
        if isinstance(value, (Object, Handle)):
            return self._enter_object(value, span)
        if isinstance(value, ManagerCall):
            made = self.call(value.inner, value.args, span)
            if isinstance(made, Generator):
                with self.calling(self.origin(span)):
                    return self.start(made)
            return Unknown("a context manager that can't be followed"), nothing
        if isinstance(value, Made):
            if value.name == "contextlib.nullcontext":
                return value.args.get(0) or Constant(None), nothing
            if value.name in RAISES or value.name == "contextlib.suppress":
                return value, self._expecting(value, span)
            return value, lambda: self.leave_stack(value)
        self.escape([value], span)
        return value if isinstance(value, Unknown) else Unknown("what it gives"), nothing

    def _expecting(self, manager: Made, span: Span) -> Exit:
        """Run a body out of which an exception may come ("Try"), or surely comes ("Raises")."""
        happened, statement = len(self.timeline.events), self.frame.statement
        if manager.name in RAISES:
            expected = manager.args.get(0, "expected_exception")
            scope = self.expect("Raises", [] if expected is None else [expected], span)
            plain = manager.name in ("pytest.raises", "unittest.TestCase.assertRaises")
            scope.matched = not plain or bool(manager.args.keywords.keys() & {"match", "check"})
        else:
            scope = self.expect("Try", manager.args.values, span)

        def leave() -> None:
            self.close(scope)
            if manager.name in RAISES:
                kind = manager.args.get(0, "expected_exception")
                self.caught(kind, range(happened, len(self.timeline.events)), statement)
            self.end_sockets(happened)

        return leave

    def _enter_resource(self, value: Handle, span: Span) -> tuple[Value, Exit]:
        rule = ENTERS.get(value.resource.role)
        if rule is None:
            return value, nothing
        return rule(self, value, span)

    def _enter_object(self, value: Object | Handle, span: Span) -> tuple[Value, Exit]:
        for opening, closing in (("__enter__", "__exit__"), ("__aenter__", "__aexit__")):
            method = self.attribute(value, opening, span)
            if isinstance(method, Bound):
                entered = self._settle(self.call(method, Arguments(), span), span)
                args = Arguments([Constant(None)] * 3)
                return entered, self.run_later(self.attribute(value, closing, span), args, span)
        if isinstance(value, Handle):
            return self._enter_resource(value, span)
        self.escape([value], span)
        return Unknown("what it gives"), nothing

    def run_later(self, func: Value, args: Arguments, span: Span) -> Exit:
        """Give a call that is due later; a coroutine that it gives is driven to its end."""

        def run() -> None:
            self._settle(self.call(func, args, span), span)

        return run

    def _settle(self, value: Value, span: Span) -> Value:
        return self.awaited(value, span) if isinstance(value, Coroutine) else value

    def stack_of(self, stack: Made) -> list[Exit]:
        """Give the exits that wait on a stack."""
        return self._stacks.setdefault(stack.id, [])

    def leave_stack(self, stack: Made) -> None:
        """Run the exits that wait on a stack, last first."""
        exits = self.stack_of(stack)
        while exits:
            exits.pop()()

    # choices

    def joint(self, choice: Choice) -> Value:
        """Give one resource that stands for "one of these", where all are of one role."""
        options = [value for value in choice.values if not isinstance(value, Constant)]
        handles = [value for value in options if isinstance(value, Handle)]
        roles = {handle.resource.role for handle in handles}
        if len(handles) < len(options) or len(roles) != 1:
            return options[0] if len(options) == 1 else choice
        key = tuple(sorted({handle.resource.id for handle in handles}))
        if len(key) == 1:
            return handles[0]
        if key not in self._joint:
            first = handles[0].resource
            made = self.resource(first.role, first.origin.place.span, first.name)
            # it has the properties of the first, but a birth, a place and a life of its own
            made = replace(first, id=made.id, origin=made.origin, born=made.born, members=key,
                           escaped=[])  # fmt: skip
            self.timeline.resources[made.id] = made
            self._joint[key] = Handle(made)
        return self._joint[key]

    def attribute(self, value: Value, name: str, span: Span) -> Value:
        """Give ``value.name``; of a choice between resources, of one that stands for it."""
        if isinstance(value, Choice):
            value = self.joint(value)
        return super().attribute(value, name, span)

    def set_attribute(self, owner: Value, name: str, value: Value, span: Span) -> None:
        """Do ``owner.name = value``."""
        if isinstance(owner, Library) and f"{owner.name}.{name}" in KEEPALIVE_TARGETS:
            assign_by_hand(self, f"{owner.name}.{name}", value, span)
        super().set_attribute(owner, name, value, span)

    # calls

    def call_library(self, name: str, args: Arguments, span: Span) -> Value:
        """Call a library's function or class."""
        role = self.vocabulary.role(name)
        rule = CALLS.get(role)
        query = library_query(self, name, args, span)
        if rule is not None:
            return rule(self, LibraryCall(name, role, args, span))
        if query is not None:
            return query
        self.escape(args.all(), span)
        return Made(name, args, self.origin(span), self.number())

    def instantiate(self, klass: Klass, args: Arguments, span: Span) -> Value:
        """Make an instance of a project class."""
        role, name = self.class_role(klass)
        rule = CALLS.get(role)
        row = factory_query(self, klass, args, span) if rule is None else None
        if row is not None:
            return row
        made: Value = Object(self.number(), klass)
        if rule is not None:
            made = rule(self, LibraryCall(name, role, args, span, klass))
        init = self.attribute(made, "__init__", span)
        if isinstance(init, Bound):
            self.call(init, args, span)
        elif rule is None and self.may_do_anything(klass):
            self.escape(args.all(), span)
        elif isinstance(made, Object):
            for name, value in zip(self.field_names(klass), args.values, strict=False):
                self.store.put(made.id, name, value)
            for name, value in args.keywords.items():
                self.store.put(made.id, name, value)
        return made

    def call_method(self, receiver: Value, name: str, args: Arguments, span: Span) -> Value:
        """Call a method that isn't project code."""
        call = MethodCall(name, args, span)
        result: Value | None = None
        if isinstance(receiver, Method) and isinstance(receiver.receiver, Handle):
            call.name = f"{receiver.name}.{name}"
            receiver = receiver.receiver
        if isinstance(receiver, Handle) and receiver.resource.role in METHODS:
            result = METHODS[receiver.resource.role](self, receiver, call)
        elif isinstance(receiver, Made) and receiver.name in MADE_METHODS:
            result = MADE_METHODS[receiver.name](self, receiver, call)
        elif isinstance(receiver, (Items, Table)):
            result = self._container_method(receiver, call)
        elif isinstance(receiver, (Object, Klass)):
            result = self._inherited_method(receiver, call)
        if result is None:
            result = method_query(self, receiver, call)
        if result is not None:
            return result
        self.escape(args.all(), span)
        if isinstance(receiver, Method):
            reason = f"{receiver.name} is set in no place that wslint sees"
            self.not_followed(name, receiver.name, reason, span)
        if isinstance(receiver, Made):
            if name not in SOCKET_METHODS and not receiver.name.startswith(_STAND_INS):
                reason = f"{receiver.name} is in no file that wslint sees"
                self.not_followed(name, receiver.name, reason, span)
            return Made(f"{receiver.name}.{name}()", args, self.origin(span), self.number())
        return Unknown("the result of a library's method")

    def _inherited_method(self, receiver: Object | Klass, call: MethodCall) -> Value | None:
        klass = receiver if isinstance(receiver, Klass) else receiver.klass
        if klass is None:
            return None
        if isinstance(receiver, Klass) and call.name == "as_asgi":
            made_of = Arguments([receiver])
            return Made("as_asgi", made_of, self.origin(call.span), self.number())
        known = any(
            isinstance(base, Library) and self.vocabulary.role(base.name) in _TESTCASES
            for base in self.mro(klass)
        )
        result = testcase_method(self, call) if known else None
        if result is None and self.may_do_anything(klass):
            # a base that can't be read may do anything with what the instance holds
            self.escape([receiver], call.span)
        return result

    def _container_method(self, receiver: Items | Table, call: MethodCall) -> Value | None:
        if isinstance(receiver, Items):
            if call.name in ("append", "add", "insert", "appendleft") and call.args.values:
                receiver.values.append(call.args.values[-1])
                receiver.exact = receiver.exact and not self.path
                return Constant(None)
            added = call.args.get(0)
            if call.name == "extend" and isinstance(added, Items):
                receiver.values.extend(added.values)
                return Constant(None)
            if call.name == "pop":
                return self.any_item(receiver)
            return None
        if call.name in ("get", "pop", "setdefault") and call.args.values:
            return self.item(receiver, call.args.values[0])
        if call.name == "values":
            return Items("list", list(receiver.values.values()), receiver.exact)
        if call.name == "items":
            pairs: list[Value] = [
                Items("tuple", [Constant(None), value]) for value in receiver.values.values()
            ]
            return Items("list", pairs, receiver.exact)
        return None

    def call_adapted(self, func: Adapted, args: Arguments, span: Span) -> Value:
        """Call a function through an adapter."""
        if func.role == "AsyncToSync":
            with self.in_lane("loop", func.origin, adapter=func.role):
                return self.awaited(self.call(func.inner, args, span), span)

        def run() -> Value:
            with self.in_lane("thread", func.origin, adapter=func.role):
                return self.call(func.inner, args, span)

        return Coroutine(run, self.origin(span))
