"""Sets up the fixtures of one test in pytest's order, and tears them down."""

from __future__ import annotations

import functools

from wslint.findings.span import Place, Span
from wslint.linking.module import Module
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.interpreter import Interpreter
from wslint.timeline.interpreter.values import (
    NONE,
    Arguments,
    Around,
    CallSite,
    Constant,
    Coroutine,
    Exit,
    Fixture,
    Func,
    Generator,
    HostFunction,
    LibraryObject,
    Object,
    OneOf,
    ResourceRef,
    Unknown,
    Value,
)
from wslint.timeline.model import Decorated, Origin, Resource, Scope
from wslint.timeline.runners.fixtures import FixtureTable, scope_rank
from wslint.timeline.runners.marks import column
from wslint.vocabulary import KEEPALIVE_FIXTURE, OWN_KEEPALIVE, Role

_TOP = Span(1, 0, 1, 0)
_ROLES: dict[str, Role] = {
    "monkeypatch": "MonkeyPatch", "mocker": "Mocker", "class_mocker": "Mocker",
    "module_mocker": "Mocker", "session_mocker": "Mocker",
}  # fmt: skip
_FREEZE = "freezegun.freeze_time"
_PLAIN = frozenset(
    (
        "db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback",
        "live_server", "django_db_setup", "django_db_blocker", "settings", "client",
        "async_client", "rf", "async_rf", "admin_client", "admin_user", "django_user_model",
        "django_username_field", "mailoutbox", "django_assert_num_queries",
        "django_assert_max_num_queries", "django_capture_on_commit_callbacks", "tmp_path",
        "tmp_path_factory", "tmpdir", "tmpdir_factory", "capsys", "capfd", "capsysbinary",
        "caplog", "cache", "record_property", "recwarn", "pytestconfig", "testdir", "pytester",
        "event_loop", "event_loop_policy", "anyio_backend", "anyio_backend_name",
        "anyio_backend_options", "unused_tcp_port", "unused_tcp_port_factory", "subtests",
        "benchmark", "faker", "httpx_mock", "respx_mock", "requests_mock", "freezer",
    )
)  # fmt: skip
TRANSACTIONAL = frozenset(("transactional_db", "live_server", "django_db_reset_sequences"))
DATABASE = frozenset(("db", "admin_user", "admin_client", "django_user_model"))


def open_keepalive(interpreter: Interpreter, name: str, span: Span) -> Scope:
    """Open a keepalive of wslint's own, which works."""
    recorder = interpreter.recorder
    origin = recorder.origin(span)
    resource = recorder.resource("Keepalive", origin, name)
    resource.works = True
    return recorder.open("Keepalive", resource.id, origin)


class FixtureSetup:
    """The fixtures of one test while it runs."""

    def __init__(
        self,
        interpreter: Interpreter,
        table: FixtureTable,
        module: Module,
        instance: Object | None,
        parameters: dict[str, Value],
    ) -> None:
        self.interpreter = interpreter
        self.table = table
        self.module = module
        self.instance = instance
        self.parameters = parameters
        self.values: dict[Fixture, Value] = {}
        self.plain: dict[str, Value] = {}
        self.teardowns: list[Exit] = []
        self.async_names: list[str] = []
        self.idle: list[Decorated] = []
        self.freeze_arguments = Arguments()
        self.loop_scope = "function"
        self.by_asyncio = False
        self.is_strict = False

    def closure(self, names: list[str]) -> list[str]:
        """Return all fixtures that these names need, in pytest's order: by scope, then as asked."""
        found = list(dict.fromkeys(names))
        for name in found:
            for fixture in self.table.find(name):
                found += [n for n in argument_names(fixture) if n not in found]
        return sorted(found, key=self._rank)

    def _rank(self, name: str) -> int:
        fixtures = self.table.find(name)
        return scope_rank(fixtures[0].scope if fixtures else "function")

    def get(self, name: str, asker: Fixture | None = None, asked_as: str = "") -> Value:
        """Return a fixture's value, setting it up if it isn't yet.

        ``asker`` is the fixture that needs it, if any, which was itself asked for as ``asked_as``.
        """
        fixtures = self.table.find(name)
        if asker in fixtures:
            fixtures = fixtures[fixtures.index(asker) + 1 :]
        if fixtures:
            return self._set_up(fixtures[0], name)
        if name == "request":
            return self._request(asker, asked_as)
        if name not in self.plain:
            self.plain[name] = self._builtin(name)
        return self.plain[name]

    def is_plugins(self, name: str) -> bool:
        """Return whether a plugin's own fixture is set up, and not only one of the same name."""
        return all(name in argument_names(fixture) for fixture in self.table.find(name))

    def _made(self, name: str) -> LibraryObject:
        origin = Origin(Place(self.module.path, _TOP))
        return LibraryObject(name, Arguments(), origin, self.interpreter.number())

    def _builtin(self, name: str) -> Value:
        interpreter = self.interpreter
        if name in _ROLES:
            with interpreter.at_top_of(self.module):
                origin = interpreter.recorder.origin(_TOP)
                made = interpreter.recorder.resource(_ROLES[name], origin, name)
            self.teardowns.append(lambda: self._undo(made))
            return ResourceRef(made)
        if name == KEEPALIVE_FIXTURE:
            return self._keepalive()
        if name == "freezer":
            return self._frozen_clock()
        if name in _PLAIN:
            return self._made(f"pytest.fixture.{name}")
        return Unknown(f"the fixture {name} is in no file that wslint finds")

    def _keepalive(self) -> Value:
        """Return the fixture of wslint's own plugin, which has no effect in an async test."""
        test = self.interpreter.timeline.test
        if not test.is_async or test.django:
            with self.interpreter.at_top_of(self.module):
                scope = open_keepalive(self.interpreter, OWN_KEEPALIVE, _TOP)
            self.teardowns.append(lambda: self.interpreter.recorder.close(scope))
        return NONE

    def _frozen_clock(self) -> Value:
        """Return pytest-freezer's fixture, which freezes the clock as the mark says."""
        interpreter = self.interpreter
        with interpreter.at_top_of(self.module):
            site = interpreter.recorder.site(interpreter.timeline.test.function.name_span)
            made = interpreter.calls.call_library(_FREEZE, self.freeze_arguments, site)
            value, leave = interpreter.context_managers.enter(made, site)
        self.teardowns.append(leave)
        return value

    def _undo(self, made: Resource) -> None:
        for scope in reversed(made.started):
            self.interpreter.recorder.close(scope)

    def _request(self, asker: Fixture | None, name: str) -> Value:
        request = self._made("pytest.FixtureRequest")
        store = self.interpreter.store
        if asker is not None:
            given = self.parameters.get(name)
            if given is None and asker.params is not None:
                given = column(asker.params)
            store.put(request.id, "param", given or Unknown("request.param is not given"))
        if self.instance is not None:
            store.put(request.id, "instance", self.instance)
            if self.instance.klass is not None:
                store.put(request.id, "cls", self.instance.klass)
        store.put(request.id, "getfixturevalue", HostFunction(self._get_by_value))
        store.put(request.id, "addfinalizer", HostFunction(self._add_finalizer))
        return request

    def _get_by_value(self, args: Arguments, site: CallSite) -> Value:  # noqa: ARG002
        """``request.getfixturevalue(name)``."""
        return self._named(args.get(0, "argname"))

    def _named(self, name: Value | None) -> Value:
        """Return the fixture of a name; of several names, each in an arm of a branch."""
        if isinstance(name, Constant) and isinstance(name.value, str):
            return self.get(name.value)
        if not isinstance(name, OneOf):
            return Unknown("a fixture whose name is computed")
        before = dict(self.values)

        def one(option: Value) -> Value:
            self.values = dict(before)
            return self._named(option)

        options = [functools.partial(one, option) for option in name.values]
        given = self.interpreter.choose(options)
        self.values = before
        return given

    def _add_finalizer(self, args: Arguments, site: CallSite) -> Value:
        """``request.addfinalizer(f)``."""
        interpreter = self.interpreter
        if args.values:
            func, module = args.values[0], interpreter.frame.env.module

            def finish() -> None:
                with interpreter.at_top_of(module):
                    interpreter.calls.call(func, Arguments(), site)

            self.teardowns.append(finish)
        return NONE

    def _set_up(self, fixture: Fixture, name: str) -> Value:
        if fixture in self.values:
            return self.values[fixture]
        self.values[fixture] = Unknown("a fixture that needs itself")
        interpreter = self.interpreter
        args = Arguments([], {n: self.get(n, fixture, name) for n in argument_names(fixture)})
        if fixture.owner is not None:
            args.values.append(self.instance or Unknown("no instance"))
        interpreter.functions.mark_as("fixture", fixture.module.path, fixture.node)
        with interpreter.at_top_of(fixture.module):
            if fixture.node.is_async:
                self.async_names.append(name)
                if self.is_strict and _is_plain(fixture):
                    self.idle.append(Decorated(fixture.module.path, fixture.node))
                with interpreter.recorder.in_lane("loop", None, adapter="native") as lane:
                    lane.scope = self._loop_scope(fixture)
                    self.values[fixture] = self._run(fixture, args)
            else:
                self.values[fixture] = self._run(fixture, args)
        return self.values[fixture]

    def _loop_scope(self, fixture: Fixture) -> str:
        """Return the scope of the loop of an async fixture; anyio's plugin has one for all."""
        if not self.by_asyncio:
            return self.loop_scope
        pytest = self.interpreter.program.project(self.module.path).pytest
        return fixture.loop_scope or pytest.fixture_loop_scope or fixture.scope

    def _run(self, fixture: Fixture, args: Arguments) -> Value:
        recorder = self.interpreter.recorder
        known = len(recorder.timeline.scopes)
        value = self.interpreter.call_by_runner(fixture.inner, args, fixture.node.name_span)
        if isinstance(value, Generator) and isinstance(fixture.inner, Around):
            value = Unknown("pytest takes no decorated generator for one, and never starts it")
        elif isinstance(value, Generator):
            value, finish = self.interpreter.functions.start(value)
            # pytest does not throw the exception of a test into its fixtures
            suspended = recorder.suspend_expectations(known)
            self.teardowns.append(functools.partial(recorder.resume, suspended, finish))
        elif isinstance(value, Coroutine):
            value = value.run()
        return value

    def tear_down(self) -> None:
        """Tear the fixtures down, last first."""
        while self.teardowns:
            self.teardowns.pop()()


def argument_names(fixture: Fixture) -> list[str]:
    """Return the fixtures that a fixture asks for by its parameters."""
    names = [p.name for p in fixture.node.params if "*" not in p.kind and p.default is None]
    return names[1:] if fixture.owner is not None else names


def _is_plain(fixture: Fixture) -> bool:
    """Return whether a fixture is the coroutine function itself, under pytest's own decorator."""
    is_own = isinstance(fixture.inner, Func) and fixture.inner.node is fixture.node
    written = [d.func if isinstance(d, s.Call) else d for d in fixture.node.decorators]
    names = [ref.parts[0] for ref in written if isinstance(ref, s.Ref)]
    imported = all(
        isinstance(bound, s.Import) for name in names for bound in fixture.module.bindings(name)
    )
    return fixture.made_by == "pytest.fixture" and is_own and imported
