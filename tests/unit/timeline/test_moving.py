"""Where a definition stands never changes a verdict; a nearer one of the same name does."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from verdicts import HEADER, SERVER, expected, found, write

TEST = "tests/api/test_app.py"
CONFTESTS = ("tests/api/conftest.py", "tests/conftest.py", "conftest.py")
NEAREST_FIRST = (TEST, *CONFTESTS, "plugin.py")
GIVES = {
    "return": "    return TestClient(app)\n",
    "yield": "    yield TestClient(app)\n",
    "with": "    with TestClient(app) as made:\n        yield made\n",
    "stack": "    with ExitStack() as stack:\n        yield stack.enter_context(TestClient(app))\n",
    "by hand": "    made = TestClient(app)\n    made.__enter__()\n    yield made\n"
    "    made.__exit__(None, None, None)\n",
}
PASSES = {
    "as it is": "    return {0}\n",
    "in a tuple": "    pair = ({0}, 1)\n    return pair[0]\n",
    "entered": "    with {0}:\n        yield {0}\n",
    "given by entering": "    with {0} as made:\n        yield made\n",
}
ENTERING = {"with", "stack", "by hand", "entered", "given by entering"}

examples = settings(max_examples=60, deadline=None)


def judged(files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        write(folder, {"server.py": SERVER, **files})
        assert found(folder) == expected(files), files


def use(client: str, bare: bool) -> str:
    mark = "  # WS301" if bare else ""
    return (
        f"def test_it({client}):\n"
        f'    with {client}.websocket_connect("/ws") as socket:\n'
        f'        {client}.post("/orders"){mark}\n'
    )


def fixture(name: str, asks: str, body: str) -> str:
    return f"@pytest.fixture\ndef {name}({asks}):\n{body}"


@examples
@given(
    first=st.sampled_from(sorted(GIVES)),
    others=st.lists(st.sampled_from(sorted(PASSES)), max_size=3),
    data=st.data(),
)
def test_fixtures_may_stand_in_any_file_that_is_seen(
    first: str, others: list[str], data: st.DataObject
) -> None:
    places = (*NEAREST_FIRST, "imported.py")
    files = dict.fromkeys(places, HEADER)
    files["conftest.py"] += 'pytest_plugins = ["plugin"]\n'
    bodies = [GIVES[first], *(PASSES[kind] for kind in others)]
    for number, body in enumerate(bodies):
        asks = f"client{number - 1}" if number else ""
        place = data.draw(st.sampled_from(places), label=f"place of client{number}")
        files[place] += fixture(f"client{number}", asks, body.format(asks))
        if place == "imported.py":
            files[TEST] += f"from imported import client{number}\n"
    files[TEST] += use(f"client{len(others)}", bare=not ENTERING & {first, *others})
    judged(files)


@examples
@given(kinds=st.lists(st.sampled_from(["", *sorted(GIVES), "asks"]), min_size=5, max_size=5))
def test_the_nearest_of_one_name_wins(kinds: list[str]) -> None:
    files = dict.fromkeys(NEAREST_FIRST, HEADER)
    files["conftest.py"] += 'pytest_plugins = ["plugin"]\n'
    bare: bool | None = None
    deciding = True
    for place, kind in zip(NEAREST_FIRST, kinds, strict=True):
        if kind == "asks":
            files[place] += fixture("client", "client", "    return client\n")
        elif kind:
            files[place] += fixture("client", "", GIVES[kind])
            if deciding:
                bare, deciding = kind not in ENTERING, False
    files[TEST] += use("client", bare=bool(bare))
    judged(files)


HELPERS = {
    "order": "def order(client):\n    return client.post('/orders')\n",
    "connect": "def connect(client):\n    return client.websocket_connect('/ws')\n",
    "joined": "@contextmanager\ndef joined(client):\n    with client.websocket_connect('/ws') as s:\n"
    "        yield s\n",
    "bare": "def bare():\n    return TestClient(app)\n",
    "running": "@contextmanager\ndef running():\n    with TestClient(app) as client:\n"
    "        yield client\n",
}
BODIES = {
    "http in a helper": (
        "client = bare()\n    with joined(client):\n        order(client)  # WS301\n",
        ("bare", "joined", "order"),
    ),
    "session of a helper": (
        "client = bare()\n    with connect(client):\n        client.get('/')  # WS301\n",
        ("bare", "connect"),
    ),
    "behind the socket": (
        "client = bare()\n    with joined(client):\n        pass\n    order(client)\n",
        ("bare", "joined", "order"),
    ),
    "entered": (
        "with running() as client, joined(client):\n        order(client)\n",
        ("running", "joined", "order"),
    ),
    "entered where it is used": (
        "with bare() as client, connect(client):\n        order(client)\n",
        ("bare", "connect", "order"),
    ),
    "two sockets": (
        "client = bare()\n    with joined(client) as one, joined(client) as two:  # WS302\n"
        "        one.send_json({})\n",
        ("bare", "joined"),
    ),
}
MODULES = {"": "", "helpers": "helpers.py", "tests.support": "tests/support.py",
           "pkg.sub.tools": "pkg/sub/tools.py", "pkg": "pkg/__init__.py"}  # fmt: skip


@examples
@given(case=st.sampled_from(sorted(BODIES)), data=st.data())
def test_helpers_may_stand_in_any_module(case: str, data: st.DataObject) -> None:
    body, names = BODIES[case]
    files = {TEST: HEADER, **{path: HEADER for path in MODULES.values() if path}}
    for name in names:
        module = data.draw(st.sampled_from(sorted(MODULES)), label=f"module of {name}")
        alias = data.draw(st.booleans(), label="through another module")
        files[MODULES[module] or TEST] += HELPERS[name]
        if module and alias:
            files["exported.py"] = files.get("exported.py", "") + f"from {module} import {name}\n"
            files[TEST] += f"from exported import {name}\n"
        elif module:
            files[TEST] += f"from {module} import {name}\n"
    files[TEST] += f"def test_it():\n    {body}"
    judged(files)


@examples
@given(
    enters=st.sampled_from(["setUp", "test", "base", "never"]),
    module=st.sampled_from(sorted(MODULES)),
    mixin=st.booleans(),
)
def test_a_base_class_may_stand_in_any_module(enters: str, module: str, mixin: bool) -> None:
    files = {TEST: HEADER, **{path: HEADER for path in MODULES.values() if path}}
    made = "self.enterContext(TestClient(app))" if enters == "base" else "TestClient(app)"
    base = "object" if mixin else "unittest.TestCase"
    files[MODULES[module] or TEST] += (
        f"class Base({base}):\n    def setUp(self):\n        self.client = {made}\n"
    )
    if module:
        files[TEST] += f"from {module} import Base\n"
    bases = "Base, unittest.TestCase" if mixin else "Base"
    files[TEST] += f"class ChatTests({bases}):\n"
    if enters == "setUp":
        files[TEST] += "    def setUp(self):\n        super().setUp()\n"
        files[TEST] += "        self.enterContext(self.client)\n"
    around = "    with self.client:\n            " if enters == "test" else "    "
    mark = "  # WS301" if enters == "never" else ""
    files[TEST] += (
        f"    def test_it(self):\n    {around}self.order()\n"
        f"    def order(self):\n        with self.client.websocket_connect('/ws'):\n"
        f"            self.client.post('/orders')\n"
    )
    files[TEST] = files[TEST].replace("self.order()", f"self.order(){mark}")
    judged(files)
