"""Sets up the fixtures of one test in pytest's order, and tears them down."""

from __future__ import annotations

from wslint.findings.span import Place, Span
from wslint.linking.module import Module
from wslint.timeline.interpreter.calls import Exit
from wslint.timeline.interpreter.interpreter import Machine
from wslint.timeline.interpreter.values import (
    NONE,
    Arguments,
    Around,
    Choice,
    Constant,
    Coroutine,
    Fixture,
    Generator,
    Handle,
    Made,
    Object,
    Unknown,
    Value,
)
from wslint.timeline.libraries.tables import MethodCall, made_methods
from wslint.timeline.model import Origin
from wslint.timeline.runners.fixtures import FixtureTable, scope_rank
from wslint.timeline.runners.marks import column
from wslint.vocabulary import Role

_TOP = Span(1, 0, 1, 0)
_ROLES: dict[str, Role] = {
    "monkeypatch": "MonkeyPatch", "mocker": "Mocker", "class_mocker": "Mocker",
    "module_mocker": "Mocker", "session_mocker": "Mocker",
}  # fmt: skip
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


class FixtureSetup:
    """The fixtures of one test while it runs."""

    def __init__(
        self, machine: Machine, table: FixtureTable, module: Module, instance: Object | None,
        parameters: dict[str, Value],
    ) -> None:  # fmt: skip
        self.machine = machine
        self.table = table
        self.module = module
        self.instance = instance
        self.parameters = parameters
        self.values: dict[Fixture, Value] = {}
        self.plain: dict[str, Value] = {}
        self.teardowns: list[Exit] = []
        self.async_names: list[str] = []

    def closure(self, names: list[str]) -> list[str]:
        """List all fixtures that these names need, in pytest's order: by scope, then as asked."""
        found = list(dict.fromkeys(names))
        for name in found:
            for fixture in self.table.find(name):
                found += [n for n in argument_names(fixture) if n not in found]
        return sorted(found, key=self._rank)

    def _rank(self, name: str) -> int:
        fixtures = self.table.find(name)
        return scope_rank(fixtures[0].scope if fixtures else "function")

    def get(self, name: str, asker: Fixture | None = None, asked_as: str = "") -> Value:
        """Give a fixture's value, setting it up where it isn't yet.

        ``asker`` is the fixture that needs it, if one does, known as ``asked_as``.
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
        """Tell whether a plugin's own fixture is set up, and not only one of the same name."""
        return all(name in argument_names(fixture) for fixture in self.table.find(name))

    def _made(self, name: str) -> Made:
        origin = Origin(Place(self.module.path, _TOP))
        return Made(name, Arguments(), origin, self.machine.number())

    def _builtin(self, name: str) -> Value:
        machine = self.machine
        if name in _ROLES:
            with machine.at_top_of(self.module):
                handle = Handle(machine.resource(_ROLES[name], _TOP, name))
            self.teardowns.append(lambda: self._undo(handle))
            return handle
        if name in _PLAIN:
            return self._made(f"pytest.fixture.{name}")
        return Unknown(f"the fixture {name} is in no file that wslint finds")

    def _undo(self, handle: Handle) -> None:
        for scope in reversed(handle.resource.started):
            self.machine.close(scope)

    def _request(self, asker: Fixture | None, name: str) -> Value:
        request = self._made("pytest.FixtureRequest")
        store = self.machine.store
        if asker is not None:
            given = self.parameters.get(name)
            if given is None and asker.params is not None:
                given = column(asker.params)
            store.put(request.id, "param", given or Unknown("request.param is not given"))
        if self.instance is not None:
            store.put(request.id, "instance", self.instance)
            if self.instance.klass is not None:
                store.put(request.id, "cls", self.instance.klass)
        return request

    def _set_up(self, fixture: Fixture, name: str) -> Value:
        if fixture in self.values:
            return self.values[fixture]
        self.values[fixture] = Unknown("a fixture that needs itself")
        machine = self.machine
        args = Arguments([], {n: self.get(n, fixture, name) for n in argument_names(fixture)})
        if fixture.owner is not None:
            args.values.append(self.instance or Unknown("no instance"))
        machine.kinds[fixture.module.path, fixture.node.span] = "fixture"
        with machine.at_top_of(fixture.module):
            if fixture.node.is_async:
                self.async_names.append(name)
                with machine.in_lane("loop", None, adapter="native"):
                    self.values[fixture] = self._run(fixture, args)
            else:
                self.values[fixture] = self._run(fixture, args)
        return self.values[fixture]

    def _run(self, fixture: Fixture, args: Arguments) -> Value:
        value = self.machine.call_by_runner(fixture.inner, args, fixture.node.name_span)
        if isinstance(value, Generator) and isinstance(fixture.inner, Around):
            value = Unknown("pytest takes no decorated generator for one, and never starts it")
        elif isinstance(value, Generator):
            value, finish = self.machine.start(value)
            self.teardowns.append(finish)
        elif isinstance(value, Coroutine):
            value = value.run()
        return value

    def by_value(self, m: Machine, name: Value | None) -> Value:
        """Give the fixture that a value names; of several names, one in each arm of a branch."""
        if isinstance(name, Constant) and isinstance(name.value, str):
            return self.get(name.value)
        if not isinstance(name, Choice):
            return Unknown("a fixture whose name is computed")
        before = dict(self.values)

        def one(option: Value) -> Value:
            self.values = dict(before)
            return self.by_value(m, option)

        given = m.choose([lambda option=option: one(option) for option in name.values])  # type: ignore[misc]
        self.values = before
        return given

    def tear_down(self) -> None:
        """Tear the fixtures down, last first."""
        while self.teardowns:
            self.teardowns.pop()()


def argument_names(fixture: Fixture) -> list[str]:
    """List the fixtures that a fixture asks for by its parameters."""
    names = [p.name for p in fixture.node.params if "*" not in p.kind and p.default is None]
    return names[1:] if fixture.owner is not None else names


@made_methods("pytest.FixtureRequest")
def request_method(m: Machine, request: Made, call: MethodCall) -> Value | None:  # noqa: ARG001
    """``request.getfixturevalue("name")`` and ``request.addfinalizer(f)``."""
    if call.name == "getfixturevalue" and m.fixtures is not None:
        return m.fixtures.by_value(m, call.args.get(0, "argname"))
    if call.name == "addfinalizer" and m.fixtures is not None and call.args.values:
        func, module = call.args.values[0], m.frame.env.module

        def finish() -> None:
            with m.at_top_of(module):
                m.call(func, Arguments(), call.span)

        m.fixtures.teardowns.append(finish)
    return NONE
