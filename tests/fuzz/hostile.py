"""Synthetic files that linters choke on: the bytes of each, and the expected message.

What is to be said is the code of a finding, a part of a reason of WS900, or "" where it does not
matter, as long as nothing breaks.
"""

from __future__ import annotations

from functools import reduce

HEAD = """from starlette.testclient import TestClient
from app import app

"""
HAZARD = (
    HEAD
    + """def test_true_hazard():
    client = TestClient(app)
    with client.websocket_connect("/ws") as ws:
        client.post("/orders")
        ws.receive_json()
"""
)
WORD = b"# websocket_connect\n"


def with_expression(expression: str) -> bytes:
    """Return a test with an expression that libcst has to parse."""
    return (
        HEAD
        + f"""def test_it():
    client = TestClient(app)
    with client.websocket_connect("/ws") as ws:
        x = {expression}
        client.post(x)
"""
    ).encode()


def elif_ladder(count: int) -> bytes:
    """Return a test with a ladder of ``elif``."""
    arms = (f"    {'el' if n else ''}if app == {n}:\n        pass\n" for n in range(count))
    return with_expression("1") + "".join(arms).encode()


def nested_ifs(count: int) -> bytes:
    """Return a test with an ``if`` in an ``if``, and so on."""
    lines = [" " * (4 + level) + "if app:\n" for level in range(count)]
    return with_expression("1") + ("".join(lines) + " " * (4 + count) + "pass\n").encode()


def in_fstrings(count: int) -> str:
    """Return an f-string in an f-string, and so on."""
    return reduce(lambda inner, _: f"f'{{{inner}}}'", range(count), "1")


def in_test(lines: str) -> bytes:
    """Return a test with these lines before a hazard."""
    return (
        HEAD
        + f"""def test_it():
    client = TestClient(app)
{lines}    with client.websocket_connect("/ws"):
        client.post("/orders")
"""
    ).encode()


def repeated(text: str, count: int) -> str:
    """Return a text for each number from 0 on: N stands for it, and M for the one before."""
    return "".join(text.replace("N", f"{n}").replace("M", f"{n - 1}") for n in range(count))


def autouse_fixtures(count: int) -> bytes:
    """Return a hazard below fixtures that run for every test."""
    fixture = "@pytest.fixture(autouse=True)\ndef fixture_N():\n    yield N\n\n\n"
    return ("import pytest\n" + HEAD + repeated(fixture, count) + HAZARD).encode()


def communicators(count: int) -> bytes:
    """Return an async test with communicators that are connected."""
    head = "from channels.testing import WebsocketCommunicator\nfrom app import app\n\n\n"
    lines = '    c_N = WebsocketCommunicator(app, "/")\n    await c_N.connect()\n'
    return (head + "async def test_it():\n" + repeated(lines, count)).encode()


def base_classes(count: int) -> bytes:
    """Return a test in a class with a long line of bases."""
    classes = repeated("class A_N(A_M):\n    pass\n\n\n", count).replace("A_-1", "object")
    method = f"""class TestIt(A_{count - 1}):
    def test_it(self):
        client = TestClient(app)
        with client.websocket_connect("/ws"):
            client.post("/orders")
"""
    return (HEAD + classes + method).encode()


def test_classes(count: int) -> bytes:
    """Return classes that each inherit the tests of all before it."""
    test = """class TestN(TestM):
    def test_N(self):
        client = TestClient(app)
        with client.websocket_connect("/ws"):
            client.post("/orders")


"""
    return (HEAD + repeated(test, count).replace("Test-1", "object")).encode()


def fixture_lattice(width: int, height: int, tests: int) -> bytes:
    """Return fixtures that each request all those of the row before, and tests that use the last.

    There are ``width ** height`` ways from a test to the first row.
    """

    def row(number: int) -> str:
        return ", ".join(f"fixture_{number}_{n}" for n in range(width))

    fixtures = "".join(
        f"@pytest.fixture\ndef fixture_{high}_{wide}({row(high - 1) if high else ''}):\n"
        "    return TestClient(app)\n\n\n"
        for high in range(height)
        for wide in range(width)
    )
    test = f"""def test_N({row(height - 1)}):
    with fixture_{height - 1}_0.websocket_connect("/ws"):
        fixture_{height - 1}_0.post("/orders")


"""
    return ("import pytest\n" + HEAD + fixtures + repeated(test, tests)).encode()


def routes(count: int) -> bytes:
    """Return an application with many routes, and a test for each."""
    handler = """@app.websocket("/ws/N")
async def handler_N(websocket):
    await websocket.accept()


"""
    test = """def test_N():
    with TestClient(app) as client, client.websocket_connect("/ws/N") as socket:
        socket.receive_json()


"""
    head = HEAD.replace("from app import app\n", "from fastapi import FastAPI\n\napp = FastAPI()\n")
    return (head + repeated(handler, count) + repeated(test, count)).encode()


def star_imports(count: int) -> bytes:
    """Return a hazard below star imports of the file itself."""
    return ("from test_it import *\nfrom test_000 import *\n" * count + HAZARD).encode()


def parameters(count: int) -> bytes:
    """Return a test with many sets of parameters."""
    values = "".join(f"    ({n}, TestClient(app)),\n" for n in range(count))
    test = HAZARD.partition("\n\n")[2].replace("def test_true_hazard()", "def test_it(n, client)")
    mark = f'@pytest.mark.parametrize("n, client", [\n{values}])\n'
    return ("import pytest\n" + HEAD + mark + test).encode()


def helper_chain(count: int) -> bytes:
    """Return a test that calls the last of a long chain of helpers."""
    helpers = repeated("def helper_N(client):\n    helper_M(client)\n\n\n", count)
    return helpers.encode() + in_test(f"    helper_{count - 1}(client)\n")


def many_tests(count: int, kind: str) -> bytes:
    """Return a file of tests with a hazard each; ``kind`` is where their client is from."""
    function = """def test_N():
    client = TestClient(app)
    with client.websocket_connect("/ws"):
        client.post("/orders")


"""
    lines = function.replace("()", "(self)", 1).splitlines()
    method = "\n".join(f"    {line}" if line else "" for line in lines) + "\n"
    setup = "    def setUp(self):\n        self.client = TestClient(app)\n\n"
    of_self = method.replace("        client = TestClient(app)\n", "").replace(
        " client.", " self.client."
    )
    fixture = "@pytest.fixture\ndef client_N():\n    return TestClient(app)\n\n\n"
    with_fixture = function.replace("()", "(client_N)", 1).replace(" client.", " client_N.")
    with_fixture = with_fixture.replace("    client = TestClient(app)\n", "")
    body = {
        "function": repeated(function, count),
        "method": "class TestAll:\n" + repeated(method, count),
        "setUp": "class TestAll(TestCase):\n" + setup + repeated(of_self, count),
        "fixture": repeated(fixture + with_fixture, count),
    }[kind]
    return ("import pytest\nfrom unittest import TestCase\n" + HEAD + body).encode()


def case_pattern(pattern: str) -> bytes:
    """Return a hazard beside a ``case``."""
    return in_test(f"    match app:\n        case {pattern}:\n            pass\n")


WITH_LINE = '    with client.websocket_connect("/"): client.post("/")\n'
SOCKET = '    socket_N = client.websocket_connect("/")\n'
DOUBLED = "    a_0 = (client,)\n" + repeated("    a_N = (*a_M, *a_M)\n", 41).partition("\n")[2]
BRANCH = """    if app == N:
        with client.websocket_connect("/N"):
            pass
    else:
        client.get("/N")
"""
ADDED = "    held = (client, client)\n" + "    held += held\n" * 40
EXTENDED = "    held = [client, client]\n" + "    held.extend(held)\n" * 40
GROUP = f"""import pytest
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator


class Room(AsyncWebsocketConsumer):
    async def connect(self):
        self.long = "{"a" * 20_000}"
        self.longer = self.long.replace("a", "{"a" * 20_000}")
        self.longest = self.longer.replace("a", "{"a" * 20_000}")
        await self.channel_layer.group_add(self.longest, self.channel_name)
        await self.accept()


@pytest.mark.asyncio
async def test_room():
    communicator = WebsocketCommunicator(Room.as_asgi(), "/room")
    await communicator.connect()
    await get_channel_layer().group_send("room", {{"type": "message.told"}})
    assert await communicator.receive_nothing()
"""
IMPORT = "'''\n" + "from x import (\n" * 500 + "# aaaaaaaa\n" * 500 + "'''\n"
UNCLOSED = "x = 1  " + "# wslint: ignore["
FAST: dict[str, tuple[bytes, str]] = {
    "autouse fixtures 200": (autouse_fixtures(200), "WS301"),
    "communicators 50": (communicators(50), "WS502"),
    "lines of with 100": (in_test(WITH_LINE * 100), "WS30"),
    "lines of with 3000": (in_test(WITH_LINE * 3000), ""),
    "sockets 3000": (in_test(repeated(SOCKET, 3000)), ""),
    "base classes 200": (base_classes(200), "WS301"),
    "a tuple doubled 40 times": (in_test(DOUBLED), ""),
    "a tuple added to itself 40 times": (in_test(ADDED), ""),
    "a list that extends itself 40 times": (in_test(EXTENDED), ""),
    "options 9000": (in_test(f"    x = {[*range(9_000)]}[app.x]\n"), "WS301"),
    "test classes 20": (test_classes(20), "WS301"),
    "a lattice of fixtures": (fixture_lattice(6, 20, 2), "WS301"),
    "star imports 200": (star_imports(200), "WS301"),
    "parameters 2000": (parameters(2000), ""),
    "helpers 2000": (helper_chain(2000), ""),
    "patterns 90": (case_pattern("[" * 90 + "]" * 90), "WS301"),
    "patterns in parentheses 60": (case_pattern("(" * 60 + "a" + ")" * 60), "WS301"),
    "mapping patterns 30": (case_pattern("{1:" * 30 + "a" + "}" * 30), "WS301"),
    "a name that grows": (GROUP.encode(), "WS50"),
    "imports in a string": (WORD + IMPORT.encode(), ""),
    "lists 150": (with_expression("[" * 150 + "]" * 150), "WS301"),
    "lists 1500": (with_expression("[" * 1500 + "]" * 1500), "too many nested parentheses"),
    "dicts 150": (with_expression("{1:" * 150 + "1" + "}" * 150), "WS301"),
    "dicts 2000": (with_expression("{1:" * 2000 + "1" + "}" * 2000), "too many nested"),
    "calls 190": (with_expression("f(" * 190 + ")" * 190), ""),
    "calls 1500": (with_expression("f(" * 1500 + ")" * 1500), "too many nested parentheses"),
    "parentheses 190": (with_expression("(" * 190 + "1" + ")" * 190), "WS301"),
    "parentheses 3000": (with_expression("(" * 3000 + "1" + ")" * 3000), "too many nested"),
    "subscripts 190": (with_expression("x" + "[y" * 190 + "]" * 190), ""),
    "f-strings 140": (with_expression(in_fstrings(140)), ""),
    "f-strings 300": (with_expression(in_fstrings(300)), "WS900"),
    "walruses 190": (with_expression("(a:=" * 190 + "1" + ")" * 190), ""),
    "minus 400": (with_expression("-" * 400 + "1"), ""),
    "minus 30000": (with_expression("-" * 30_000 + "1"), "WS900"),
    "not 400": (with_expression("not " * 400 + "1"), ""),
    "methods 240": (with_expression("a" + ".b()" * 240), ""),
    "methods 1500": (with_expression("a" + ".b()" * 1500), "WS900"),
    "attributes 450": (with_expression("a" + ".b" * 450), ""),
    "attributes 10000": (with_expression("a" + ".b" * 10_000), "WS900"),
    "calls of calls 450": (with_expression("a" + "()" * 450), ""),
    "sum 400": (with_expression("+".join("a" * 400)), ""),
    "sum 3000": (with_expression("+".join("a" * 3000)), "WS900"),
    "and 3000": (with_expression(" and ".join("a" * 3000)), ""),
    "powers 400": (with_expression("**".join("a" * 400)), ""),
    "ternaries 400": (with_expression("a if b else " * 400 + "c"), ""),
    "lambdas 400": (with_expression("lambda: " * 400 + "1"), ""),
    "comprehension 400": (with_expression("[1 " + "for a in b " * 400 + "]"), ""),
    "strings 3000": (with_expression("(" + "'a' " * 3000 + ")"), ""),
    "comparison 3000": (with_expression("<".join("a" * 3000)), ""),
    "assignments 3000": (with_expression("=".join("a" * 3000)), ""),
    "import of 1000 parts": (WORD + b"import " + b".".join([b"a"] * 1000) + b"\n", ""),
    "elif 400": (elif_ladder(400), ""),
    "elif 3000": (elif_ladder(3000), "WS900"),
    "ifs 90": (nested_ifs(90), "WS301"),
    "ifs 200": (nested_ifs(200), "too many levels of indentation"),
    "NUL": (b"x = '\0' # websocket_connect\n", "contains a NUL byte"),
    "latin-1 without cookie": (WORD + b"x = '\xe9'\n", "cannot be decoded as utf-8"),
    "lying cookie": (b"# coding: ascii\n" + WORD + b"x = '\xe9'\n", "cannot be decoded as ascii"),
    "unknown cookie": (b"# coding: nonsense\n" + WORD, "unknown encoding"),
    "cookie of no text": (b"# coding: rot13\n" + WORD, "cannot be decoded as rot13"),
    "base64 cookie": (b"# coding: base64\n" + WORD, "cannot be decoded as base64"),
    "utf-7 cookie": (b"# coding: utf-7\n" + HAZARD.encode(), ""),
    "unicode_escape cookie": (b"# coding: unicode_escape\n" + HAZARD.encode(), ""),
    "utf-16": (HAZARD.encode("utf-16"), ""),
    "utf-16 that passes the prefilter": (WORD + HAZARD.encode("utf-16"), "NUL"),
    "two byte order marks": (b"\xef\xbb\xbf" * 2 + HAZARD.encode(), "WS900"),
    "byte order mark": (b"\xef\xbb\xbf" + HAZARD.encode(), "WS301"),
    "CR": (HAZARD.replace("\n", "\r").encode(), "WS301"),
    "CRLF": (HAZARD.replace("\n", "\r\n").encode(), "WS301"),
    "mixed line ends": (HAZARD.replace("\n", "\r\n", 5).encode(), "WS301"),
    "form feed": (HAZARD.replace("def ", "\f\ndef ").encode(), "WS301"),
    "tabs": (HAZARD.replace("    ", "\t").encode(), "WS301"),
    "no end of line": (HAZARD.rstrip("\n").encode(), "WS301"),
    "syntax error": (WORD + b"x = 1\ny = = 2\n", ":3:5: WS900 syntax error: invalid syntax"),
    "Python 2": (WORD + b"print 'x'\n", "syntax error"),
    "Python 2 except": (WORD + b"try:\n    pass\nexcept A, e:\n    pass\n", ""),
    "template": (WORD + b"import {{ cookiecutter.name }}\n", "a template"),
    "merge conflict": (WORD + b"<<<<<<< HEAD\nx = 1\n=======\n", "syntax error"),
    "syntax of tomorrow": (WORD + b"lazy import a\nwith x as y also z: pass\n", "syntax error"),
    "what libcst rejects": (HAZARD.encode() + b"(y): int\nclass B(C, metaclass=D, *e): ...\n", ""),
    "text and bytes": (HAZARD.encode() + b"x = 'a' b'b'\n", ""),
    "nonlocal in a module": (HAZARD.encode() + b"nonlocal x\n", ""),
    "backslash line": (HAZARD.replace("    client.post", "    \\\n    client.post").encode(), ""),
    "surrogates": (HAZARD.replace('"/ws"', r'"\ud800\udfff"').encode(), "WS301"),
    "names that are not ASCII": (HAZARD.replace("client", "ﬁclient").encode(), ""),
    "nothing": (b"", ""),
    "comments": (WORD * 20_000, ""),
    "one long string": (WORD + b"x = '" + b"a" * 900_000 + b"'\n", ""),
    "blank lines": (WORD + b"\n" * 900_000, ""),
    "too large": (WORD + b"#" * 2_000_000, "larger than 1,000,000 bytes"),
    "terminal codes": (WORD + b"x = '\x1b]0;owned\x07\x1b[2J' = (\n", "syntax error"),
    "markup": (WORD + b"x = </script><script>alert(1)</script>]]>&\n", "syntax error"),
}

# These take seconds.
ENTRIES = "{" + "".join(f"{n}:{n}," for n in range(60_000)) + "}"
TEST = b"""def test_%d():
    with TestClient(app).websocket_connect("/") as ws:
        ws
"""
HEAVY: dict[str, tuple[bytes, str]] = {
    "autouse fixtures 1000": (autouse_fixtures(1000), ""),
    "communicators 300": (communicators(300), ""),
    "communicators 500": (communicators(500), ""),
    "lines of with 1000": (in_test(WITH_LINE * 1000), ""),
    "sockets 1000": (in_test(repeated(SOCKET, 1000)), ""),
    "base classes 400": (base_classes(400), ""),
    "test classes 400": (test_classes(400), "more tests than can be judged"),
    "a large lattice of fixtures": (fixture_lattice(10, 40, 300), ""),
    "branches 1000": (in_test(repeated(BRANCH, 1000)), ""),
    "routes 1000": (routes(1000), ""),
    "4000 functions": (many_tests(4000, "function"), ""),
    "a long f-string": (with_expression("f'" + "{x!r:>10} {x.y[0]} " * 20_000 + "'"), ""),
    "parameters 20000": (parameters(20_000), ""),
    "helpers 20000": (helper_chain(20_000), ""),
    "2000 functions": (many_tests(2000, "function"), ""),
    "2000 methods": (many_tests(2000, "method"), ""),
    "2000 methods with a setUp": (many_tests(2000, "setUp"), ""),
    "2000 tests with a fixture each": (many_tests(2000, "fixture"), ""),
    "unclosed ignores 5000": ((UNCLOSED * 5000 + "\n" + HAZARD).encode(), ""),
    "3000 noqa": ((HAZARD + "x = 1  # noqa: WS301\n" * 3000).encode(), ""),
    "3000 ignores": ((HAZARD + "# wslint: ignore[WS301]\n" * 3000).encode(), ""),
    "60000 arguments": (with_expression("f(" + "1," * 60_000 + ")"), ""),
    "60000 entries": (
        with_expression(ENTRIES),
        "",
    ),
    "200000 arguments": (with_expression("f(" + "1," * 200_000 + ")"), ""),
    "100000 comparisons": (with_expression("<".join("a" * 100_000)), ""),
    "100000 assignments": (with_expression("=".join("a" * 100_000)), ""),
    "100000 strings": (with_expression("(" + "'a' " * 100_000 + ")"), ""),
    "1 MB of code": (WORD + b"x = [1, f(2)]\n" * 60_000, ""),
    "1 MB of code in a test": (with_expression("1") + b"    x = f(2)\n" * 60_000, ""),
    "1 MB of tests": (HEAD.encode() + b"".join(TEST % n for n in range(11_000)), ""),
}
